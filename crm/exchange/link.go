package exchange

import (
	"context"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// link leads the records of a job to others of the same kind, when all lines are done: the
// employee to a manager who stood further down in the list. It works from what the job has
// told and needs the list no more.
func (m Module) link(ctx context.Context, f *form, id schema.ID) (*Import, error) {
	return m.pages(ctx, id, ImportLinking, ImportDone, func(ctx context.Context, s *session.Session, job *Import, careful bool) (bool, error) {
		page, err := storage.Of(s.Tenant(), ImportLines).Find(ctx, query.Select{Limit: batchLines, Sort: query.By("seq"),
			Where: query.All(query.Eq("import_id", id), query.Eq("action", Linking), query.Gt("seq", job.At))})
		if err != nil || len(page.Items) == 0 {
			return true, err
		}
		list := distinct(page.Items)
		job.At = list[len(list)-1].Seq
		return false, f.linkLines(ctx, s, job, list, careful)
	})
}

// pages does page after page of a job, each in a transaction, until nothing is left, and
// then turns the job into done. Several may be at it at once.
func (m Module) pages(ctx context.Context, id schema.ID, doing, done ImportState,
	do func(ctx context.Context, s *session.Session, job *Import, careful bool) (end bool, err error),
) (*Import, error) {
	for {
		job, err := careful(func(careful bool) (job *Import, err error) {
			err = m.s.Tx(ctx, func(ctx context.Context, s *session.Session) (err error) {
				if job, err = load(ctx, s, id); err != nil || job.State != doing {
					return err
				}
				end, err := do(ctx, s, job, careful)
				if err != nil {
					return err
				}
				if end {
					job, err = job.turned(ctx, s, done, doing)
					return err
				}
				return forward(ctx, s, job)
			})
			return job, err
		})
		if err != nil || job.State != doing {
			return job, err
		}
	}
}

// linked is a line whose record is to be led to others.
type linked struct {
	*ImportLine
	sets []set
	told *ImportLine // what an update tells
}

func (f *form) linkLines(ctx context.Context, s *session.Session, job *Import, list []ImportLine, careful bool) error {
	work, err := f.targets(ctx, s, list)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(slices.Clone(work), func(w *linked) bool { return len(w.Problems) > 0 })
	err = session.Most(ctx, s, open, careful, f.lead, func(w *linked, err error) {
		e := &entry{}
		e.Number = int(w.Line)
		f.refuse(e, 0, err)
		w.Problems = e.problems
	})
	if err != nil {
		return err
	}
	k := storage.Of(s.Tenant(), ImportLines).Kind()
	var told []*ImportLine
	var changes []driver.Mutation
	var ids []schema.ID
	for _, w := range work {
		if len(w.Problems) > 0 {
			job.Unlinked++
			why, err := k.Field("problems").Value(w.Problems)
			if err != nil {
				return err
			}
			changes = append(changes, driver.Mutation{Kind: k, Update: &driver.Update{ID: w.ID,
				Set: []driver.Assign{{Field: k.Field("action"), Value: string(Unlinked)}, {Field: k.Field("problems"), Value: why}}}})
			continue
		}
		ids = append(ids, w.ID)
		if w.told != nil {
			job.Told++
			w.told.ID, w.told.ImportID, w.told.Seq = s.Tenant().NewID(), job.ID, job.Told
			told = append(told, w.told)
		}
	}
	if len(ids) > 0 {
		if _, err := s.Tenant().UpdateWhere(ctx, k, query.In("id", ids...), nil, []driver.Assign{{Field: k.Field("action"), Value: string(Linked)}}); err != nil {
			return err
		}
	}
	if err := s.Tenant().Write(ctx, changes...); err != nil {
		return err
	}
	return storage.Of(s.Tenant(), ImportLines).Insert(ctx, told...)
}

// targets finds the records that lines are to lead to.
func (f *form) targets(ctx context.Context, s *session.Session, list []ImportLine) ([]*linked, error) {
	names := map[string]bool{}
	for _, line := range list {
		for _, name := range line.Links {
			if name != "" {
				names[name] = true
			}
		}
	}
	there, err := named(ctx, s, f.kinds[0], slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	work := make([]*linked, len(list))
	for i := range list {
		w := &linked{ImportLine: &list[i]}
		work[i] = w
		for _, x := range f.all {
			name, ok := w.Links[x.Name]
			switch {
			case !ok:
				continue
			case name == "":
				w.sets = append(w.sets, set{x.column, nil})
				continue
			}
			id, problem := idOf(s, ref{x, name}, there)
			if problem != "" {
				w.Problems = append(w.Problems, Problem{int(w.Line), f.column(x.Name), x.Name, "reference", problem})
				continue
			}
			w.sets = append(w.sets, set{x.column, id})
		}
	}
	return work, nil
}

// lead leads records where they are to lead.
func (f *form) lead(ctx context.Context, s *session.Session, list []*linked) error {
	ids, sets := make([]schema.ID, len(list)), make([][]set, len(list))
	for i, w := range list {
		ids[i], sets[i] = w.RecordID, w.sets
	}
	before, after, err := f.target.records.edit(ctx, s, ids, sets)
	if err != nil {
		return err
	}
	for i, w := range list {
		w.told = nil
		if version := after[i][f.kinds[0].Version().Position]; version != before[i][f.kinds[0].Version().Position] {
			e := &entry{}
			e.Number = int(w.Line)
			if w.told, err = f.update(e, 0, before[i], after[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
