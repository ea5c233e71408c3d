package session

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// OwnerChange tells that one record changed hands (负责人变更历史): its owner, its department,
// or both. Every write that does so appends one, whatever it is called, in the same write to
// the store. Only a merge changes one: it goes with the record to what that is part of now.
// A record that was never given to anybody else has none.
type OwnerChange struct {
	ID      schema.ID
	Version int64
	At      time.Time `crm:"at,required"`
	ActorID schema.ID // zero for the system
	Kind    string    `crm:"kind,max=60"`
	// RecordID is the record, and WasID what it was then: they differ once that one was merged
	// into another.
	RecordID schema.ID `crm:"record_id,required"`
	WasID    schema.ID `crm:"was_id,required"`
	// RecordVersion is that of the record after the change.
	RecordVersion int64
	// Owner and department before and after; zero for none.
	FromID, FromDepartmentID schema.ID
	ToID, ToDepartmentID     schema.ID
	// Maker says that the maker changed in the same write, from the one owner to the other.
	Maker bool
	// Event is the business name of what happened: "customer.claimed".
	Event string
	Grounds
	UpdatedAt time.Time `crm:"updated_at,required"`
	UpdatedBy schema.ID
}

// Grounds say why records change hands.
type Grounds struct {
	Reason string
	// EffectiveOn is the day from which on the new owner is responsible; zero is that of the
	// write.
	EffectiveOn schema.Date
	// HandoverID and LineID are the job and its line, zero where it was none. Undo says that it
	// took back an earlier change of the job.
	HandoverID, LineID schema.ID
	Undo               bool
}

// OwnerChanges is the kind of OwnerChange.
var OwnerChanges = schema.Define[OwnerChange]("owner_change",
	schema.IndexOn("line_id", "id"), schema.PolymorphicRef("record", "kind", "record_id"),
	schema.BelongsTo("from", "employee", "from_id"), schema.BelongsTo("to", "employee", "to_id"))

// Maker is the name of the relation of a kind to the employee who made a record, such as a
// document (制单人).
const Maker = "maker"

// Because returns the session, in the same place, for writes that give records to others:
// the history of owners tells the grounds, also of what hooks write along with them.
func (s *Session) Because(g Grounds) *Session {
	on := *s
	on.grounds = g
	return &on
}

// told returns what writes the history of the owners of records that are being changed.
func (s *Session) told(k *schema.Kind, event string, moves []move) ([]driver.Mutation, error) {
	history := storage.Of(s.t, OwnerChanges)
	if k.Owner() == nil || history.Kind() == nil {
		return nil, nil
	}
	grounds := s.grounds
	if grounds.EffectiveOn.IsZero() {
		grounds.EffectiveOn = s.Today()
	}
	var rows []driver.Row
	for _, m := range moves {
		if m.before == nil || m.after == nil || placement(k, m.before) == placement(k, m.after) {
			continue
		}
		was, is, id := placement(k, m.before), placement(k, m.after), m.after[k.ID().Position].(schema.ID)
		row, err := history.Encode(&OwnerChange{ID: s.t.NewID(), Version: 1, At: s.Now(), ActorID: s.actor.Employee, Kind: k.Name(), RecordID: id, WasID: id,
			RecordVersion: version(k, m.after), FromID: was.Owner, FromDepartmentID: was.Department, ToID: is.Owner, ToDepartmentID: is.Department,
			Maker: makerFollows(k, m), Event: event, Grounds: grounds, UpdatedAt: s.Now(), UpdatedBy: s.actor.Employee})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return []driver.Mutation{{Kind: history.Kind(), Insert: &driver.Insert{Rows: rows}}}, nil
}

// makerFollows reports whether a record that its owner has made is made by the next one now.
func makerFollows(k *schema.Kind, m move) bool {
	maker := k.Relation(Maker)
	if maker == nil || maker.Many {
		return false
	}
	at, owner := maker.Field.Position, k.Owner().Position
	return m.before[at] != m.after[at] && m.before[at] == m.before[owner] && m.after[at] == m.after[owner]
}

// OwnedOn returns who was responsible for a record on a day, at its end, when now says who
// is: what changed hands on grounds with an EffectiveOn counts from that day on. It asks no
// permission.
func (s *Session) OwnedOn(ctx context.Context, k *schema.Kind, id schema.ID, now record.Owned, day schema.Date) (record.Owned, error) {
	if k.Owner() == nil || !day.Before(s.Today()) {
		return now, nil
	}
	history := storage.Of(s.t, OwnerChanges)
	own := query.All(query.Eq("kind", k.Name()), query.Eq("record_id", id), query.Eq("was_id", id))
	last, err := history.Find(ctx, query.Select{Where: query.All(own, query.Le("effective_on", day)), Sort: query.By("-at", "-record_version"), Limit: 1})
	if err != nil {
		return now, err
	}
	for _, c := range last.Items {
		return record.Owned{OwnerID: c.ToID, DepartmentID: c.ToDepartmentID}, nil
	}
	first, err := history.Find(ctx, query.Select{Where: own, Sort: query.By("at", "record_version"), Limit: 1})
	for _, c := range first.Items {
		now = record.Owned{OwnerID: c.FromID, DepartmentID: c.FromDepartmentID}
	}
	return now, err
}
