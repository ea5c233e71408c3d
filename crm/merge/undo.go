package merge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// UndoResult is what undoing a merge has done.
type UndoResult struct {
	Merge *Merge
	// Restored is the number of records that are there again or as they were; Left are those
	// that are not, or not in all fields, because they were changed or deleted since. At most
	// MaxLeft of them are named, LeftCount counts all.
	Restored, LeftCount int64
	Left                []Left
}

// MaxLeft is the greatest number of records that an UndoResult names.
const MaxLeft = 100

// Left is a record that undoing has left as it is.
type Left struct {
	Of record.Ref
	// Fields are those that were changed since; none where the record is gone.
	Fields []string
}

// Undo takes a merge back (撤销合并): the losers are there again under their ids, what was
// moved points at them again, and the winner has the values that it had, each field as far
// as it still holds what the merge put there. What was added to the winner since stays with
// it. The actor needs the right to merge the winner.
//
// It is Precondition for a merge that was undone or is final, and for one whose winner has been merged into another
// since, which is undone first; Exists where something else has taken a code that a loser
// had, and Referenced where what a loser pointed at is gone.
func Undo(ctx context.Context, s *session.Session, id schema.ID) (*UndoResult, error) {
	var result *UndoResult
	err := s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		result, err = undo(ctx, s, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

func undo(ctx context.Context, s *session.Session, id schema.ID) (*UndoResult, error) {
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return nil, err
	}
	merges := session.Of(s, Merges).Trusted()
	m, err := merges.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	k := s.Registry().Kind(m.Kind)
	if k == nil {
		return nil, fault.New(fault.Precondition, "records of kind %.60q are not kept any more", m.Kind)
	}
	if err := s.TurnAt(ctx, k, append([]schema.ID{m.WinnerID}, m.LoserIDs...)...); err != nil {
		return nil, err
	}
	if err := mayUndo(ctx, s, k, m); err != nil {
		return nil, err
	}
	u := &undoing{merged: k, result: &UndoResult{}}
	if err := u.pages(ctx, s, id); err != nil {
		return nil, err
	}
	if err := u.stones(ctx, s, id); err != nil {
		return nil, err
	}
	u.result.Merge, err = merges.EditAs(ctx, org.Update, "merge.undone", id, 0, func(m *Merge) error {
		if err := m.stands(); err != nil {
			return err
		}
		m.State = Undone
		return nil
	})
	return u.result, err
}

// mayUndo asks whether the winner is still there and the actor may merge it. Who may not
// read it does not learn that there was a merge.
func mayUndo(ctx context.Context, s *session.Session, k *schema.Kind, m *Merge) error {
	into, err := s.MergedInto(ctx, k, m.WinnerID)
	if err != nil {
		return err
	}
	at := m.WinnerID
	if now := into[at]; !now.IsZero() {
		at = now
	}
	if _, err := s.Row(ctx, org.Merge, k, at); err != nil {
		if errors.Is(err, storage.ErrNotFound) {
			return missing(Merges.Kind, m.ID)
		}
		return err
	}
	if err := m.stands(); err != nil {
		return err
	}
	if at != m.WinnerID {
		return fault.New(fault.Precondition, "the winner was itself merged into another: undo that first")
	}
	return nil
}

// stands refuses a merge that can't be undone.
func (m *Merge) stands() error {
	switch m.State {
	case Done:
		return nil
	case Final:
		return fault.New(fault.Precondition, "the merge is final: what undoing it needs was erased")
	}
	return fault.New(fault.Precondition, "the merge was undone already")
}

// undoing is the taking back of one merge.
type undoing struct {
	merged *schema.Kind // of winner and losers
	result *UndoResult
}

// pages takes back the steps, the last one first, in runs of one kind.
func (u *undoing) pages(ctx context.Context, s *session.Session, id schema.ID) error {
	q := query.Select{Where: query.Eq("merge_id", id), Sort: query.By("-seq"), Limit: query.MaxLimit}
	for {
		page, err := storage.Of(s.Tenant(), Steps).Find(ctx, q)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, s, page.Items)
		if err != nil {
			return err
		}
		for steps := page.Items; len(steps) > 0; {
			n := 1
			for n < len(steps) && steps[n].Kind == steps[0].Kind && (steps[n].Removed == nil) == (steps[0].Removed == nil) {
				n++
			}
			if err := u.run(ctx, s, steps[:n], entries); err != nil {
				return err
			}
			steps = steps[n:]
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

func entriesOf(ctx context.Context, s *session.Session, steps []Step) (map[schema.ID]journal.Entry, error) {
	ids := make([]schema.ID, len(steps))
	for i, step := range steps {
		ids[i] = step.EntryID
	}
	page, err := storage.Of(s.Tenant(), journal.Entries).Find(ctx, query.Select{Where: query.In("id", ids...), Sort: query.By("id"), Limit: query.MaxLimit})
	entries := make(map[schema.ID]journal.Entry, len(page.Items))
	for _, e := range page.Items {
		entries[e.ID] = e
	}
	return entries, err
}

// run takes back steps of one kind, either all removals or none.
func (u *undoing) run(ctx context.Context, s *session.Session, steps []Step, entries map[schema.ID]journal.Entry) error {
	k := s.Registry().Kind(steps[0].Kind)
	if k == nil {
		return nil // the kind is no longer kept
	}
	if steps[0].Removed != nil {
		rows := make([]driver.Row, len(steps))
		for i, step := range steps {
			var err error
			if rows[i], err = driver.UnmarshalRecord(k, step.Removed); err != nil {
				return err
			}
		}
		u.result.Restored += int64(len(rows))
		return s.RestoreMany(ctx, k, k.Name()+".unmerged", rows)
	}
	ids := make([]schema.ID, len(steps))
	for i, step := range steps {
		ids[i] = step.RecordID
	}
	page, err := s.Tenant().Select(ctx, k, query.Select{Where: query.In("id", ids...), Sort: query.By("id"), Limit: query.MaxLimit}, nil)
	if err != nil {
		return err
	}
	now := make(map[schema.ID]*rewind, len(page.Rows))
	for _, row := range page.Rows {
		now[row[k.ID().Position].(schema.ID)] = &rewind{row: row, now: slices.Clone(row)}
	}
	var order []*rewind
	for _, step := range steps {
		r := now[step.RecordID]
		if r == nil {
			u.leave(step, nil)
			continue
		}
		if !slices.Contains(order, r) {
			order = append(order, r)
		}
		if err := r.back(k, entries[step.EntryID]); err != nil {
			return err
		}
	}
	return u.write(ctx, s, k, order)
}

// rewind is a record on its way back.
type rewind struct {
	row, now driver.Row // as it is stored, and as it will be
	set      []*schema.Field
	kept     []string
	created  bool
}

// back takes back one entry in the fields that still hold what it put there.
func (r *rewind) back(k *schema.Kind, e journal.Entry) error {
	if e.RecordVersion == 1 {
		r.created = r.row[k.Version().Position] == int64(1)
		if !r.created {
			r.kept = append(r.kept, "id")
		}
		return nil
	}
	for _, ch := range e.Changes {
		f := k.Field(ch.Field)
		if f == nil {
			continue // the field is no longer kept
		}
		if !bytes.Equal(journal.Wire(r.now[f.Position]), ch.To) {
			r.kept = append(r.kept, f.Name)
			continue
		}
		was, err := journal.Restore(f, ch)
		if err != nil {
			return err
		}
		r.now[f.Position] = was
		if !slices.Contains(r.set, f) {
			r.set = append(r.set, f)
		}
	}
	return nil
}

// write stores what has been taken back: one statement for each set of values.
func (u *undoing) write(ctx context.Context, s *session.Session, k *schema.Kind, order []*rewind) error {
	var made []driver.Row
	at := map[string]int{}
	var list []session.Bulk
	for _, r := range order {
		if len(r.kept) > 0 {
			u.leave(Step{Kind: k.Name(), RecordID: r.row[k.ID().Position].(schema.ID)}, r.kept)
		} else {
			u.result.Restored++
		}
		if r.created {
			made = append(made, r.row)
			continue
		}
		var set []driver.Assign
		var key strings.Builder
		for _, f := range r.set {
			set = append(set, driver.Assign{Field: f, Value: r.now[f.Position]})
			fmt.Fprintf(&key, "%s=%s;", f.Name, journal.Wire(r.now[f.Position]))
		}
		n, known := at[key.String()]
		if !known {
			n, at[key.String()] = len(list), len(list)
			list = append(list, session.Bulk{Set: set})
		}
		list[n].Rows = append(list[n].Rows, r.row)
	}
	if err := s.RemoveMany(ctx, k, k.Name()+".unmerged", made); err != nil {
		return err
	}
	event := k.Name() + ".moved"
	if k == u.merged {
		event = k.Name() + ".unmerged"
	}
	return s.ChangeMany(ctx, k, event, list...)
}

func (u *undoing) leave(step Step, fields []string) {
	if u.result.LeftCount++; len(u.result.Left) < MaxLeft {
		u.result.Left = append(u.result.Left, Left{record.Ref{Kind: step.Kind, ID: step.RecordID}, fields})
	}
}

// stones removes the tombstones of the merge.
func (u *undoing) stones(ctx context.Context, s *session.Session, id schema.ID) error {
	stones := storage.Of(s.Tenant(), session.Tombstones)
	page, err := stones.Find(ctx, query.Select{Where: query.Eq("merge_id", id), Sort: query.By("id"), Limit: MaxLosers})
	if err != nil {
		return err
	}
	list := make([]driver.Mutation, len(page.Items))
	for i, stone := range page.Items {
		list[i] = driver.Mutation{Kind: stones.Kind(), Delete: &driver.Delete{ID: stone.ID}}
	}
	return s.Tenant().Write(ctx, list...)
}
