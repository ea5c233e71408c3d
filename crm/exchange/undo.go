package exchange

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Undo takes a job back, the last change first, in batches as it was applied: records that it
// has created and nobody has changed since are deleted, and those that it has updated get
// what they had. What somebody has changed since, what others refer to by now, and what the
// actor may not delete or update stays as it is and is counted as left. A job that is not
// done yet ends with it. When it is interrupted, it is called again; a job that was undone is
// returned as it is.
func (m Module) Undo(ctx context.Context, id schema.ID) (*Import, error) {
	k := m.s.Registry().Kind(Imports.Name())
	if _, err := m.s.Row(ctx, org.Update, k, id); err != nil {
		return nil, err
	}
	job, err := load(ctx, m.s, id)
	if err != nil || job.State == ImportUndone {
		return job, err
	}
	if err := m.beginUndo(ctx, id); err != nil {
		return nil, err
	}
	t, err := m.target(job.Target)
	if err != nil {
		return nil, err
	}
	return m.pages(ctx, id, ImportUndoing, ImportUndone, func(ctx context.Context, s *session.Session, job *Import, careful bool) (bool, error) {
		page, err := storage.Of(s.Tenant(), ImportLines).Find(ctx, query.Select{Limit: batchLines, Sort: query.By("-seq"),
			Where: query.All(query.Eq("import_id", id), query.In("action", Created, Updated), query.Le("seq", job.At))})
		if err != nil || len(page.Items) == 0 {
			return true, err
		}
		list := distinct(page.Items)
		job.At = list[len(list)-1].Seq - 1
		return false, undo(ctx, s, t, job, list, careful)
	})
}

// beginUndo takes a job from whoever is applying it.
func (m Module) beginUndo(ctx context.Context, id schema.ID) error {
	return m.s.Tx(ctx, func(ctx context.Context, s *session.Session) error {
		job, err := load(ctx, s, id)
		if err != nil || job.State == ImportUndoing || job.State == ImportUndone {
			return err
		}
		if _, err := job.turned(ctx, s, ImportUndoing, ImportApplying, ImportLinking, ImportDone); err != nil {
			return err
		}
		job.At = job.Told
		return forward(ctx, s, job)
	})
}

// undo takes changes of records that differ from each other back.
func undo(ctx context.Context, s *session.Session, t *Target, job *Import, list []ImportLine, careful bool) error {
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return err
	}
	for _, g := range groups(t, list, careful) {
		if err := g.takeBack(ctx, s, job, careful); err != nil {
			return err
		}
	}
	ids := make([]schema.ID, len(list))
	for i, line := range list {
		ids[i] = line.ID
	}
	k := storage.Of(s.Tenant(), ImportLines).Kind()
	_, err := s.Tenant().UpdateWhere(ctx, k, query.In("id", ids...), nil, []driver.Assign{{Field: k.Field("undone"), Value: true}})
	return err
}

// group is some changes of one sort, of records of one kind.
type group struct {
	part
	action Action
	lines  []ImportLine
}

// groups puts changes of one sort together, so that no record goes before its parts. With
// care they stay in their order, for the sake of values that went from one record to
// another.
func groups(t *Target, list []ImportLine, careful bool) []*group {
	var out []*group
	parts := t.all()
	if !careful {
		for _, p := range slices.Backward(parts) {
			out = append(out, &group{part: p, action: Updated}, &group{part: p, action: Created})
		}
	}
	for _, line := range list {
		at := slices.IndexFunc(out, func(g *group) bool { return g.kind.Name() == line.Kind && g.action == line.Action })
		if careful {
			if at = len(out) - 1; at < 0 || out[at].kind.Name() != line.Kind || out[at].action != line.Action {
				of := slices.IndexFunc(parts, func(p part) bool { return p.kind.Name() == line.Kind })
				out, at = append(out, &group{part: parts[max(of, 0)], action: line.Action}), len(out)
			}
		}
		out[at].lines = append(out[at].lines, line)
	}
	return slices.DeleteFunc(out, func(g *group) bool { return len(g.lines) == 0 })
}

// takeBack undoes the changes of a group.
func (g *group) takeBack(ctx context.Context, s *session.Session, job *Import, careful bool) error {
	p, action, own := g.part, g.action, g.lines
	ids := make([]schema.ID, len(own))
	for i, line := range own {
		ids[i] = line.RecordID
	}
	k := s.Registry().Of(p.kind)
	verb := org.Update
	if action == Created {
		verb = org.Delete
	}
	page, verdicts, err := s.Judged(ctx, verb, k, query.Select{Where: query.In("id", ids...), Limit: query.MaxLimit})
	if err != nil {
		return err
	}
	untouched := map[schema.ID]bool{}
	at := map[schema.ID]int64{}
	for i, row := range page.Rows {
		at[row[k.ID().Position].(schema.ID)] = row[k.Version().Position].(int64)
		untouched[row[k.ID().Position].(schema.ID)] = verdicts[i] == nil
	}
	var work []ImportLine
	for _, line := range own {
		if untouched[line.RecordID] && at[line.RecordID] == line.RecordVersion {
			work = append(work, line)
		}
	}
	left := len(own) - len(work)
	undone := map[schema.ID]bool{}
	err = session.Most(ctx, s, work, careful, func(ctx context.Context, s *session.Session, list []ImportLine) error {
		if err := takeBackThese(ctx, s, p, k, action, list); err != nil {
			return err
		}
		for _, line := range list {
			undone[line.RecordID] = true
		}
		return nil
	}, func(ImportLine, error) { left++ })
	if err != nil {
		return err
	}
	job.Undone += int64(len(undone))
	job.Left += int64(left)
	if action == Created {
		return nil
	}
	return earlier(ctx, s, job, k, undone)
}

// earlier lets the changes of records that the job made before one that was taken back know
// of it: the version went up by the change, and once more.
func earlier(ctx context.Context, s *session.Session, job *Import, of *schema.Kind, undone map[schema.ID]bool) error {
	if len(undone) == 0 {
		return nil
	}
	ids := make([]schema.ID, 0, len(undone))
	for id := range undone {
		ids = append(ids, id)
	}
	k := storage.Of(s.Tenant(), ImportLines).Kind()
	_, err := s.Tenant().UpdateWhere(ctx, k, query.All(query.Eq("import_id", job.ID), query.Eq("kind", of.Name()), query.In("record_id", ids...),
		query.Le("seq", job.At)), nil, []driver.Assign{{Field: k.Field("record_version"), Value: int64(2), Add: true}})
	return err
}

func takeBackThese(ctx context.Context, s *session.Session, p part, k *schema.Kind, action Action, list []ImportLine) error {
	ids, former := make([]schema.ID, len(list)), make([][]set, len(list))
	for i, line := range list {
		ids[i] = line.RecordID
		var changes []journal.Change
		if action == Created {
			continue
		}
		if err := json.Unmarshal(line.Former, &changes); err != nil {
			return &fault.Error{Code: fault.Internal, Kind: ImportLines.Name(), ID: line.ID.String(), Message: "what the record had before can't be read", Err: err}
		}
		for _, ch := range changes {
			f := k.Field(ch.Field)
			if f == nil {
				continue // the field is no longer kept
			}
			v, err := journal.Restore(f, ch)
			if err != nil {
				return err
			}
			former[i] = append(former[i], set{f, v})
		}
	}
	if action == Created {
		return p.records.delete(ctx, s, ids)
	}
	_, _, err := p.records.edit(ctx, s, ids, former)
	return err
}
