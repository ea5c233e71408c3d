package admin

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ExecuteHandover moves the records of a job that was previewed, in pages of
// query.MaxLimit records, each a transaction of its own; on a session in a transaction all
// of it is that one. When it is interrupted, it is called again and goes on where the job
// stands; a job that is done is returned as it is. Several processes may execute one job.
//
// What it finds is what is there now: records that have come since the preview are moved,
// too, and a record that can't be moved (its reasons are those of the preview; or a hook
// refuses it) is left with its owner; the line counts those, and tells of the first what
// kept them. What closed deals were
// credited for stays with whom it was credited to.
//
// It is Precondition for a draft, for a job that was undone, and before EffectiveOn.
func (m Module) ExecuteHandover(ctx context.Context, id schema.ID) (*Handover, error) {
	job, err := m.Handovers.Get(ctx, id)
	switch {
	case err != nil || job.State == HandoverDone || job.State == HandoverDoneWithErrors:
		return job, err
	case m.s.Today().Before(job.EffectiveOn):
		return nil, fault.New(fault.Precondition, "the handover takes effect on %s", job.EffectiveOn)
	}
	if _, err = turnBy(ctx, m.s, id, HandoverExecuting, HandoverPreviewed, HandoverExecuting); err != nil {
		return nil, err
	}
	return m.work(ctx, id, HandoverExecuting, outcome, handOver)
}

// DueHandovers returns a page of the jobs that wait for ExecuteHandover, as far as the actor
// may read them: those that were previewed and have an EffectiveOn that has come, and those
// that were interrupted. Of the query only Limit and Cursor count.
func (m Module) DueHandovers(ctx context.Context, q query.Select) (storage.Page[Handover], error) {
	due := query.All(query.Eq("state", HandoverPreviewed), query.Le("effective_on", m.s.Today()))
	return m.Handovers.Find(ctx, query.Select{Where: query.Any(due, query.Eq("state", HandoverExecuting)), Limit: q.Limit, Cursor: q.Cursor})
}

// outcome is what a job is whose lines are finished.
func outcome(lines []HandoverLine) HandoverState {
	if slices.ContainsFunc(lines, func(l HandoverLine) bool { return l.Left > 0 }) {
		return HandoverDoneWithErrors
	}
	return HandoverDone
}

// handOver does the next page of a line.
func handOver(ctx context.Context, s *session.Session, job *Handover, line *HandoverLine, careful bool) error {
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return err
	}
	k := s.Registry().Kind(line.Kind)
	q, err := line.page(k, job)
	if err != nil {
		return err
	}
	room, err := line.room(ctx, s, true)
	if err != nil {
		return err
	}
	page, err := line.sift(ctx, s, k, q, &room)
	if err != nil {
		return err
	}
	var refused []LeftRecord
	err = session.Most(ctx, s, page.movable, careful, func(ctx context.Context, s *session.Session, rows []driver.Row) error {
		return line.take(ctx, s, k, job, rows)
	}, func(row driver.Row, why error) {
		refused = append(refused, LeftRecord{row[k.ID().Position].(schema.ID), Refused, messageOf(why)})
	})
	if err != nil {
		return err
	}
	line.Moved += int64(len(page.movable) - len(refused))
	for _, r := range slices.Concat(page.blocked, refused) {
		line.leave(r)
	}
	line.Cursor, line.Finished = page.next, page.next == ""
	return nil
}

// messageOf returns what a rule said that has refused a record.
func messageOf(err error) string {
	message := err.Error()
	if e, ok := errors.AsType[*fault.Error](err); ok {
		message = e.Message
		if len(e.Fields) > 0 && message == "" {
			message = e.Fields[0].Name + ": " + e.Fields[0].Message
		}
	}
	return strings.ToValidUTF8(message[:min(len(message), 200)], "")
}

// grounds are what the history of owners tells of the line.
func (l *HandoverLine) grounds(job *Handover) session.Grounds {
	return session.Grounds{Reason: job.Reason, EffectiveOn: job.EffectiveOn, HandoverID: l.HandoverID, LineID: l.ID}
}

// take makes the recipient the owner of rows, where there is one.
func (l *HandoverLine) take(ctx context.Context, s *session.Session, k *schema.Kind, job *Handover, rows []driver.Row) error {
	var set []driver.Assign
	if !l.ToID.IsZero() {
		set = append(set, driver.Assign{Field: k.Owner(), Value: l.ToID})
	}
	department := l.DepartmentID
	if l.ReplaceDepartment {
		if department.IsZero() {
			dir, err := s.Directory(ctx)
			if err != nil {
				return err
			}
			department = dir.Employee(l.ToID).DepartmentID
		}
		set = append(set, driver.Assign{Field: k.Department(), Value: nullable(department)})
	}
	plain, made := session.Bulk{Set: set}, session.Bulk{Set: slices.Clone(set)}
	if l.ReplaceMaker {
		made.Set = append(made.Set, driver.Assign{Field: k.Relation(session.Maker).Field, Value: l.ToID})
	}
	for _, row := range rows {
		owner := row[k.Owner().Position]
		if l.ReplaceMaker && owner != nil && row[k.Relation(session.Maker).Field.Position] == owner {
			made.Rows = append(made.Rows, row)
		} else {
			plain.Rows = append(plain.Rows, row)
		}
	}
	if err := s.Because(l.grounds(job)).ChangeMany(ctx, k, k.Name()+".handed_over", plain, made); err != nil {
		return err
	}
	if err := l.endShares(ctx, s, k, rows); err != nil {
		return err
	}
	if l.KeepUntil.After(s.Now()) {
		return l.keep(ctx, s, k, rows)
	}
	return nil
}

// nullable returns an id as a driver value.
func nullable(id schema.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

// keep lets those who owned rows read them until the line's date.
func (l *HandoverLine) keep(ctx context.Context, s *session.Session, k *schema.Kind, rows []driver.Row) error {
	owners := map[schema.ID]schema.ID{}
	for _, row := range rows {
		if owner, _ := row[k.Owner().Position].(schema.ID); !owner.IsZero() && owner != l.ToID {
			owners[row[k.ID().Position].(schema.ID)] = owner
		}
	}
	there, err := kept(ctx, s, k, owners)
	if err != nil {
		return err
	}
	shares := storage.Of(s.Tenant(), org.Shares).Kind()
	again := session.Bulk{Set: []driver.Assign{{Field: shares.Field("expires_at"), Value: l.KeepUntil.UTC()}, {Field: shares.Field("level"), Value: int64(org.ReadAccess)}}}
	var fresh []*org.Share
	for _, row := range rows {
		id := row[k.ID().Position].(schema.ID)
		switch {
		case owners[id].IsZero():
		case there[id] != nil:
			again.Rows = append(again.Rows, there[id])
		default:
			fresh = append(fresh, &org.Share{Meta: record.Meta{ID: s.Tenant().NewID()}, Kind: k.Name(), RecordID: id,
				RecordCreatedAt: createdAt(k, row), PrincipalID: owners[id], Level: org.ReadAccess, Cause: org.ByHandover, ExpiresAt: l.KeepUntil})
		}
	}
	if err := s.ChangeMany(ctx, shares, "share.updated", again); err != nil {
		return err
	}
	_, err = session.Of(s, org.Shares).Trusted().CreateMany(ctx, "", fresh...)
	return err
}

// kept returns the shares that former owners have of records by handovers, by record.
func kept(ctx context.Context, s *session.Session, k *schema.Kind, owners map[schema.ID]schema.ID) (map[schema.ID]driver.Row, error) {
	shares, found := storage.Of(s.Tenant(), org.Shares).Kind(), map[schema.ID]driver.Row{}
	if len(owners) == 0 {
		return found, nil
	}
	distinct := slices.Compact(slices.SortedFunc(maps.Values(owners), schema.ID.Compare))
	q := query.Select{Limit: query.MaxLimit, Sort: query.By("id"), Where: query.All(query.Eq("kind", k.Name()),
		query.In("record_id", slices.Collect(maps.Keys(owners))...), query.In("principal_id", distinct...), query.Eq("cause", org.ByHandover))}
	for {
		page, err := s.Tenant().Select(ctx, shares, q, nil)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			if id := row[shares.Field("record_id").Position].(schema.ID); row[shares.Field("principal_id").Position] == owners[id] {
				found[id] = row
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return found, nil
		}
	}
}

func idsOf(k *schema.Kind, rows []driver.Row) []schema.ID {
	ids := make([]schema.ID, len(rows))
	for i, row := range rows {
		ids[i] = row[k.ID().Position].(schema.ID)
	}
	return ids
}
