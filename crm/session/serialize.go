package session

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Turn is a record that transactions change in order to wait for each other.
type Turn struct {
	ID      schema.ID
	Version int64
	Name    string
}

// Turns is the kind of Turn.
var Turns = schema.Define[Turn]("turn")

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Turns.Kind, Tombstones.Kind, OwnerChanges.Kind} }

// Serialize makes transactions of one tenant that name the same thing run one after
// the other from here on: for rules over many records that no version and no unique
// can hold, such as the absence of circles. Several names are taken in a number of
// calls that does not grow with theirs. What was read before does not count; read
// again. It is Precondition outside a transaction, and Retry when another transaction
// names a thing for the first time at the same instant.
func (s *Session) Serialize(ctx context.Context, names ...string) error {
	if !s.t.InTx() {
		return fault.New(fault.Precondition, "serializing needs a transaction")
	}
	for some := range slices.Chunk(names, query.MaxValues) {
		if err := s.takeTurns(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// TurnAt is Serialize for records: a verb that merges or moves what belongs to them takes
// the turn at each, and so does who makes something point at one by a reference that no
// database guards.
func (s *Session) TurnAt(ctx context.Context, k *schema.Kind, ids ...schema.ID) error {
	names := make([]string, len(ids))
	for i, id := range slices.SortedFunc(slices.Values(ids), schema.ID.Compare) {
		names[i] = k.Name() + " " + id.String()
	}
	return s.Serialize(ctx, names...)
}

// takeTurns raises the versions of the turns of these names, which waits for whoever
// holds one, and inserts those that are not there yet.
func (s *Session) takeTurns(ctx context.Context, names []string) error {
	turns := storage.Of(s.t, Turns)
	missing := make(map[schema.ID]*Turn, len(names))
	for _, name := range names {
		id := schema.NameID("turn", name)
		missing[id] = &Turn{ID: id, Version: 1, Name: name}
	}
	named := query.In("id", slices.SortedFunc(maps.Keys(missing), schema.ID.Compare)...)
	waited, err := s.t.UpdateWhere(ctx, turns.Kind(), named, nil, nil)
	if err != nil || waited == int64(len(missing)) {
		return err
	}
	for turn, err := range turns.All(ctx, query.Select{Where: named}) {
		if err != nil {
			return err
		}
		delete(missing, turn.ID)
	}
	err = turns.Insert(ctx, slices.Collect(maps.Values(missing))...)
	if errors.Is(err, storage.ErrExists) {
		return &fault.Error{Code: fault.Retry, Message: "another transaction took the first turn", Err: err}
	}
	return err
}

// NewMeta returns the Meta of a new record, for ledgers that a module of the library
// writes beside its records, such as a stage log.
func (s *Session) NewMeta() record.Meta {
	return record.Meta{ID: s.t.NewID(), Version: 1, CreatedAt: s.Now(), UpdatedAt: s.Now(), CreatedBy: s.actor.Employee, UpdatedBy: s.actor.Employee}
}

// Credit returns who gets the credit for what an owner does now.
func (s *Session) Credit(ctx context.Context, o record.Owned) (record.Credit, error) {
	c := record.Credit{CreditOwnerID: o.OwnerID, CreditDepartmentID: o.DepartmentID}
	if o.OwnerID.IsZero() {
		return c, nil
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return c, err
	}
	if e := dir.Employee(o.OwnerID); e != nil {
		c.CreditManagerID = e.ManagerID
	}
	return c, nil
}
