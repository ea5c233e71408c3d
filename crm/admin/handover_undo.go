package admin

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// UndoHandover takes a job back, in pages as it was executed: records that nobody has
// changed since, and that the actor may assign, get the owner, department and maker that
// they had, unless it is an owner who is no active employee any more, and what the owners were left to
// read ends. The others stay as they are; the
// lines count what was undone. When it is interrupted, it is called again; a job that was
// undone is returned as it is.
//
// It is Precondition for a job that was not executed, while the leaver, who would be
// responsible again, is no active employee, and when the department is no more.
func (m Module) UndoHandover(ctx context.Context, id schema.ID) (*Handover, error) {
	job, err := m.Handovers.Get(ctx, id)
	if err != nil || job.State == HandoverUndone {
		return job, err
	}
	err = m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if err := back(ctx, s, job); err != nil {
			return err
		}
		now, err := session.Of(s, Handovers).Get(ctx, id)
		if err != nil {
			return err
		}
		if _, err := turnBy(ctx, s, id, HandoverUndoing, HandoverExecuting, HandoverDone, HandoverDoneWithErrors, HandoverUndoing); err != nil || now.State == HandoverUndoing {
			return err
		}
		lines, err := linesOf(ctx, s, id)
		if err != nil {
			return err
		}
		for _, line := range lines { // also takes them from who is executing
			line.Cursor, line.Finished = "", false
			if err := line.forward(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.work(ctx, id, HandoverUndoing, func([]HandoverLine) HandoverState { return HandoverUndone }, giveBack)
}

// back refuses to make the leaver responsible while they are inactive, or a department that is
// no more.
func back(ctx context.Context, s *session.Session, job *Handover) error {
	if !job.FromDepartmentID.IsZero() {
		_, err := storage.Of(s.Tenant(), org.Departments).Get(ctx, job.FromDepartmentID)
		if errors.Is(err, storage.ErrNotFound) {
			return fault.New(fault.Precondition, "the department that has handed over is no more")
		}
		return err
	}
	if job.FromID.IsZero() {
		return nil
	}
	e, err := storage.Of(s.Tenant(), org.Employees).Get(ctx, job.FromID)
	if err == nil && e.Inactive {
		return fault.New(fault.Precondition, "who has handed over is no active employee")
	}
	return err
}

// gone returns those of the former owners who are no active employees any more.
func gone(ctx context.Context, s *session.Session, moves map[schema.ID]session.OwnerChange) (map[schema.ID]bool, error) {
	former := map[schema.ID]bool{}
	for _, move := range moves {
		former[move.FromID] = true
	}
	delete(former, schema.ID{}) // nobody's stay nobody's
	inactive, err := storage.Of(s.Tenant(), org.Employees).Find(ctx, query.Select{Limit: query.MaxLimit,
		Where: query.All(query.In("id", slices.Collect(maps.Keys(former))...), query.Eq("inactive", true))})
	left := map[schema.ID]bool{}
	for _, e := range inactive.Items {
		left[e.ID] = true
	}
	return left, err
}

// giveBack undoes the next page of a line's moves.
func giveBack(ctx context.Context, s *session.Session, job *Handover, line *HandoverLine, careful bool) error {
	if err := back(ctx, s, job); err != nil {
		return err
	}
	page, err := storage.Of(s.Tenant(), session.OwnerChanges).Find(ctx, query.Select{
		Where: query.All(query.Eq("line_id", line.ID), query.Eq("undo", false)), Sort: query.By("id"), Limit: query.MaxLimit, Cursor: line.Cursor})
	if err != nil {
		return err
	}
	moves := make(map[schema.ID]session.OwnerChange, len(page.Items))
	var ids []schema.ID
	for _, move := range page.Items {
		if move.RecordID == move.WasID && move.Kind == line.Kind { // else it was merged into another
			moves[move.RecordID], ids = move, append(ids, move.RecordID)
		}
	}
	k := s.Registry().Kind(line.Kind)
	now, verdicts, err := s.Judged(ctx, org.Assign, k, query.Select{Where: query.In("id", ids...), Limit: query.MaxLimit})
	if err != nil {
		return err
	}
	var untouched []driver.Row
	left, err := gone(ctx, s, moves)
	if err != nil {
		return err
	}
	for i, row := range now.Rows {
		move := moves[row[k.ID().Position].(schema.ID)]
		if verdicts[i] == nil && row[k.Version().Position] == move.RecordVersion && (move.FromID == move.ToID || !left[move.FromID]) {
			untouched = append(untouched, row)
		}
	}
	undone := int64(len(untouched))
	err = session.Most(ctx, s, untouched, careful, func(ctx context.Context, s *session.Session, rows []driver.Row) error {
		return line.undo(ctx, s, k, job, rows, moves)
	}, func(driver.Row, error) { undone-- })
	if err != nil {
		return err
	}
	line.Undone += undone
	line.Cursor, line.Finished = page.Next, page.Next == ""
	return nil
}

// before is what undoing gives back to a record.
type before struct {
	owner, department schema.ID
	maker             bool
}

// undo gives rows back to whom their moves took them from.
func (l *HandoverLine) undo(ctx context.Context, s *session.Session, k *schema.Kind, job *Handover, rows []driver.Row, moves map[schema.ID]session.OwnerChange) error {
	at := map[before]int{}
	var list []session.Bulk
	for _, row := range rows {
		move := moves[row[k.ID().Position].(schema.ID)]
		was := before{move.FromID, move.FromDepartmentID, move.Maker}
		n, known := at[was]
		if !known {
			n, at[was] = len(list), len(list)
			list = append(list, session.Bulk{Set: was.set(k)})
		}
		list[n].Rows = append(list[n].Rows, row)
	}
	grounds := session.Grounds{Reason: job.Reason, HandoverID: job.ID, LineID: l.ID, Undo: true}
	if err := s.Because(grounds).ChangeMany(ctx, k, k.Name()+".handover_undone", list...); err != nil {
		return err
	}
	if err := l.giveBackShares(ctx, s, k, rows); err != nil || l.KeepUntil.IsZero() {
		return err
	}
	owners := map[schema.ID]schema.ID{}
	for _, id := range idsOf(k, rows) {
		if owner := moves[id].FromID; !owner.IsZero() {
			owners[id] = owner
		}
	}
	return end(ctx, s, k, owners)
}

func (b before) set(k *schema.Kind) []driver.Assign {
	set := []driver.Assign{{Field: k.Owner(), Value: nullable(b.owner)}, {Field: k.Department(), Value: nullable(b.department)}}
	if b.maker {
		set = append(set, driver.Assign{Field: k.Relation(session.Maker).Field, Value: nullable(b.owner)})
	}
	return set
}

// end ends what former owners were left to read.
func end(ctx context.Context, s *session.Session, k *schema.Kind, owners map[schema.ID]schema.ID) error {
	there, err := kept(ctx, s, k, owners)
	if err != nil {
		return err
	}
	shares := storage.Of(s.Tenant(), org.Shares).Kind()
	over := session.Bulk{Set: []driver.Assign{{Field: shares.Field("expires_at"), Value: s.Now()}}}
	for _, id := range slices.SortedFunc(maps.Keys(there), schema.ID.Compare) {
		over.Rows = append(over.Rows, there[id])
	}
	return s.ChangeMany(ctx, shares, "share.updated", over)
}
