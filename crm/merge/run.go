package merge

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// MaxLosers is the greatest number of records that go in one merge.
const MaxLosers = 10

// Request says what becomes one. The id of a record that was merged before stands for the
// record which it is now.
type Request struct {
	// Winner is the record that stays, Losers are those that go, 1 to MaxLosers.
	Winner schema.ID
	Losers []schema.ID
	// Take names, for fields whose value is not to be what the policy says, the record whose
	// it shall be: by the field's name, "custom.NAME" for a custom one. A field that a role
	// keeps from the actor, to see or to change, is left to the policy.
	Take   map[string]schema.ID
	Reason string
}

// Result is what a merge has done, or would do.
type Result struct {
	// Merge is the record of it. In a preview it is not stored.
	Merge *Merge
	// Differences are the values of losers that the winner has not got.
	Differences []Difference
	// Gains and Loses are told by a preview only: who of the active employees could read none
	// of the records and could read the winner then, and who could read one of them and could not any
	// more, such as a loser's owner. What stood at one of the records is seen by whoever sees
	// the winner.
	Gains, Loses []schema.ID
}

// merging is one merge under way.
type merging struct {
	kind   *schema.Kind
	winner schema.ID
	// ids and rows are those of the winner and of the losers in their order.
	ids    []schema.ID
	rows   []driver.Row
	counts map[string]*Count
	// prepared is what Policy.Prepare has written.
	prepared []session.Written
}

func (m *merging) count(k *schema.Kind, moved, given int64) {
	if m.counts[k.Name()] == nil {
		m.counts[k.Name()] = &Count{Kind: k.Name()}
	}
	m.counts[k.Name()].Moved += moved
	m.counts[k.Name()].GivenUp += given
}

// Merge makes the losers part of the winner, all or nothing. The actor needs the right to
// change the winner, and those to merge and delete the losers.
//
// It is Invalid for a request that names no loser, too many, a record twice, or a choice
// that is none; Precondition where the policy refuses it, and where several of the records
// have a field of their own that must differ, such as a code, and none is chosen; Forbidden
// for a choice in a field that is not the actor's to change; NotFound for a record that the
// actor may not read; Exists where all of the losers are the winner already.
func (p Policy[T]) Merge(ctx context.Context, s *session.Session, req Request) (*Result, error) {
	var result *Result
	err := s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		result, err = p.merge(ctx, s, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// errPreview takes back what a preview has done.
var errPreview = errors.New("a preview")

// Preview returns what Merge would do, and who would see more or less, without doing it. It does it
// and takes it back: what Merge would return, it returns as well.
func (p Policy[T]) Preview(ctx context.Context, s *session.Session, req Request) (*Result, error) {
	var result *Result
	err := s.Tx(ctx, func(ctx context.Context, s *session.Session) error {
		m, err := p.start(ctx, s, req)
		if err != nil {
			return err
		}
		before, err := s.Readers(ctx, m.kind, m.ids...)
		if err != nil {
			return err
		}
		if result, err = p.perform(ctx, s, m, req); err != nil {
			return err
		}
		after, err := s.Readers(ctx, m.kind, m.winner)
		if err != nil {
			return err
		}
		result.Gains, result.Loses = without(after, before), without(before, after)
		return errPreview
	})
	if errors.Is(err, errPreview) {
		return result, nil
	}
	return nil, err
}

func without(a, b []schema.ID) []schema.ID {
	return slices.DeleteFunc(slices.Clone(a), func(id schema.ID) bool { return slices.Contains(b, id) })
}

// start finds out what is to be merged, waits for the turn at it and asks for the rights.
func (p Policy[T]) start(ctx context.Context, s *session.Session, req Request) (*merging, error) {
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return nil, err
	}
	m := &merging{kind: storage.Of(s.Tenant(), p.Of).Kind(), counts: map[string]*Count{}}
	if m.kind == nil {
		return nil, fault.New(fault.Invalid, "records of the kind are not kept")
	}
	given := append([]schema.ID{req.Winner}, req.Losers...)
	if n := len(req.Losers); n == 0 || n > MaxLosers {
		return nil, fault.InvalidField("losers", "count", "1 to %d records are merged into the winner", MaxLosers)
	}
	sorted := slices.SortedFunc(slices.Values(given), schema.ID.Compare)
	switch {
	case len(slices.Compact(sorted)) < len(given):
		return nil, fault.InvalidField("losers", "twice", "a record stands twice")
	case sorted[0].IsZero():
		return nil, missing(m.kind, schema.ID{})
	}
	into, err := s.MergedInto(ctx, m.kind, given...)
	if err != nil {
		return nil, err
	}
	for _, id := range given {
		if now := into[id]; !now.IsZero() {
			id = now
		}
		if !slices.Contains(m.ids, id) {
			m.ids = append(m.ids, id)
		}
	}
	m.winner = m.ids[0]
	if len(m.ids) == 1 {
		return nil, &fault.Error{Code: fault.Exists, Kind: m.kind.Name(), ID: m.winner.String(), Message: "they are merged already"}
	}
	if err := s.TurnAt(ctx, m.kind, m.ids...); err != nil {
		return nil, err
	}
	if p.Prepare != nil {
		m.prepared, err = s.Traced(func(s *session.Session) error { return p.Prepare(ctx, s, m.winner, m.ids[1:]) })
		if err != nil {
			return nil, err
		}
	}
	return m, p.read(ctx, s, m)
}

// read reads the records and asks for the rights.
func (p Policy[T]) read(ctx context.Context, s *session.Session, m *merging) error {
	rows := make(map[schema.ID]driver.Row, len(m.ids))
	for _, ask := range []struct {
		verb org.Verb
		ids  []schema.ID
	}{{org.Update, m.ids[:1]}, {org.Merge, m.ids[1:]}, {org.Delete, m.ids[1:]}} {
		page, verdicts, err := s.Judged(ctx, ask.verb, m.kind, query.Select{Where: query.In("id", ask.ids...), Sort: query.By("id"), Limit: len(m.ids)})
		if err != nil {
			return err
		}
		for i, row := range page.Rows {
			if verdicts[i] != nil {
				return verdicts[i]
			}
			rows[row[m.kind.ID().Position].(schema.ID)] = row
		}
	}
	for _, id := range m.ids {
		if rows[id] == nil {
			return missing(m.kind, id)
		}
		m.rows = append(m.rows, rows[id])
	}
	return nil
}

func missing(k *schema.Kind, id schema.ID) error {
	return &fault.Error{Code: fault.NotFound, Kind: k.Name(), ID: id.String(), Message: "there is no such record"}
}

func (p Policy[T]) merge(ctx context.Context, s *session.Session, req Request) (*Result, error) {
	m, err := p.start(ctx, s, req)
	if err != nil {
		return nil, err
	}
	return p.perform(ctx, s, m, req)
}

func (p Policy[T]) perform(ctx context.Context, s *session.Session, m *merging, req Request) (*Result, error) {
	records := make([]*T, len(m.rows))
	table := storage.Of(s.Tenant(), p.Of)
	for i, row := range m.rows {
		records[i] = new(T)
		if err := table.DecodeInto(row, records[i]); err != nil {
			return nil, err
		}
	}
	if p.Check != nil {
		if err := p.Check(records[0], records[1:]); err != nil {
			return nil, err
		}
	}
	if err := mayTake(ctx, s, m.kind, req.Take); err != nil {
		return nil, err
	}
	row, err := p.combine(m.kind, m.rows, req.Take)
	if err != nil {
		return nil, err
	}
	differences, err := p.differences(ctx, s, m, row)
	if err != nil {
		return nil, err
	}
	written, err := s.Traced(func(s *session.Session) error { return p.unite(ctx, s, m, row) })
	if err != nil {
		return nil, err
	}
	done := &Merge{Kind: m.kind.Name(), WinnerID: m.winner, LoserIDs: m.ids[1:], Reason: req.Reason, State: Done}
	for _, k := range s.Registry().Kinds() {
		if c := m.counts[k.Name()]; c != nil {
			done.Counts = append(done.Counts, *c)
		}
	}
	if done, err = session.Of(s, Merges).Trusted().Create(ctx, done); err != nil {
		return nil, err
	}
	return &Result{Merge: done, Differences: differences}, m.note(ctx, s, done.ID, append(m.prepared, written...))
}

// unite moves what points at the losers, removes them and writes the winner.
func (p Policy[T]) unite(ctx context.Context, s *session.Session, m *merging, row driver.Row) error {
	if err := m.plant(ctx, s, row); err != nil {
		return err
	}
	list, err := references(s.Registry(), m.kind)
	if err != nil {
		return err
	}
	for _, loser := range m.ids[1:] { // one after the other, so that of two alike it is the same that stays
		for _, ref := range list {
			if err := m.move(ctx, s, ref, loser); err != nil {
				return err
			}
		}
	}
	err = s.RemoveMany(ctx, m.kind, m.kind.Name()+".merged", m.childrenFirst())
	if errors.Is(err, storage.ErrReferenced) {
		return &fault.Error{Code: fault.Retry, Kind: m.kind.Name(), Message: "something new points at one of the records", Err: err}
	}
	if err != nil {
		return err
	}
	merged := new(T)
	if err := storage.Of(s.Tenant(), p.Of).DecodeInto(row, merged); err != nil {
		return err
	}
	_, err = session.Of(s, p.Of).Trusted().EditAs(ctx, org.Update, m.kind.Name()+".absorbed", m.winner, 0, func(v *T) error {
		*v = *merged
		return nil
	})
	return err
}

// plant puts the winner where it stands in trees of its kind when the losers are gone.
func (m *merging) plant(ctx context.Context, s *session.Session, row driver.Row) error {
	for _, rel := range m.kind.Relations() {
		if treeOf(m.kind, rel.Field) != rel {
			continue
		}
		above, err := m.climb(ctx, s, rel)
		if err != nil {
			return err
		}
		row[rel.Field.Position] = above
		moved := session.Bulk{Rows: m.rows[:1], Set: []driver.Assign{{Field: rel.Field, Value: above}}}
		if err := s.ChangeMany(ctx, m.kind, m.kind.Name()+".moved", moved); err != nil {
			return err
		}
	}
	return nil
}

// childrenFirst returns the losers in an order in which none is removed before what stands
// below it.
func (m *merging) childrenFirst() []driver.Row {
	left := slices.Clone(m.rows[1:])
	var order []driver.Row
	for len(left) > 0 {
		at := slices.IndexFunc(left, func(row driver.Row) bool {
			return !slices.ContainsFunc(left, func(other driver.Row) bool { return m.below(other, row) })
		})
		at = max(at, 0) // a circle can't be stored
		order, left = append(order, left[at]), slices.Delete(left, at, at+1)
	}
	return order
}

func (m *merging) below(row, above driver.Row) bool {
	return slices.ContainsFunc(m.kind.Relations(), func(rel *schema.Relation) bool {
		return treeOf(m.kind, rel.Field) == rel && row[rel.Field.Position] == above[m.kind.ID().Position]
	})
}

// note stores what undoing needs, and the tombstones.
func (m *merging) note(ctx context.Context, s *session.Session, id schema.ID, written []session.Written) error {
	steps := make([]*Step, len(written))
	for i, w := range written {
		step := &Step{ID: s.Tenant().NewID(), MergeID: id, Seq: int64(i + 1), Kind: w.Kind, RecordID: w.RecordID, EntryID: w.Entry.ID}
		if w.Removed != nil {
			var err error
			if step.Removed, err = driver.MarshalRecord(s.Registry().Kind(w.Kind), w.Removed); err != nil {
				return err
			}
		}
		steps[i] = step
	}
	if err := storage.Of(s.Tenant(), Steps).Insert(ctx, steps...); err != nil {
		return err
	}
	stones := make([]*session.Tombstone, len(m.ids)-1)
	for i, loser := range m.ids[1:] {
		stones[i] = &session.Tombstone{ID: s.Tenant().NewID(), Version: 1, Kind: m.kind.Name(), RecordID: loser, IntoID: m.winner, MergeID: id,
			UpdatedAt: s.Now(), UpdatedBy: s.Actor().Employee}
	}
	return storage.Of(s.Tenant(), session.Tombstones).Insert(ctx, stones...)
}
