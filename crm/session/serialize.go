package session

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
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
func Kinds() []*schema.Kind { return []*schema.Kind{Turns.Kind} }

// Serialize makes transactions of one tenant that name the same thing run one after
// the other from here on: for rules over many records that no version and no unique
// can hold, such as the absence of circles. What was read before does not count; read
// again. It is Precondition outside a transaction.
func (s *Session) Serialize(ctx context.Context, name string) error {
	if !s.t.InTx() {
		return fault.New(fault.Precondition, "serializing needs a transaction")
	}
	turns := storage.Of(s.t, Turns)
	k, id := turns.Kind(), schema.NameID("turn", name)
	err := s.t.Write(ctx, driver.Mutation{Kind: k, Update: &driver.Update{ID: id,
		Set: []driver.Assign{{Field: k.Version(), Value: int64(1), Add: true}}}})
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	err = turns.Insert(ctx, &Turn{ID: id, Version: 1, Name: name})
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
