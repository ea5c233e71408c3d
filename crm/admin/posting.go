package admin

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// DirectoryAt returns the organisation as it was at the end of a day, for plans and
// reports; see org.LoadAt. Whoever may read employees may ask.
func (m Module) DirectoryAt(ctx context.Context, day schema.Date) (*org.Directory, error) {
	if err := m.s.Require(ctx, org.Read, m.s.Registry().Kind(org.Employees.Name())); err != nil {
		return nil, err
	}
	return org.LoadAt(ctx, m.s.Tenant(), day)
}

// followPostings writes down where people stand from today on.
func followPostings(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
	var moved []schema.ID
	var begun []*org.Posting
	for _, w := range writes {
		if w.Old != nil && w.New != nil && w.Old.ManagerID == w.New.ManagerID && w.Old.DepartmentID == w.New.DepartmentID &&
			slices.Equal(w.Old.FurtherDepartments, w.New.FurtherDepartments) && w.Old.Inactive == w.New.Inactive {
			continue
		}
		if e := w.New; e != nil {
			begun = append(begun, &org.Posting{Meta: s.NewMeta(), EmployeeID: e.ID, ManagerID: e.ManagerID, DepartmentID: e.DepartmentID,
				FurtherDepartments: e.FurtherDepartments, Inactive: e.Inactive, From: s.Today()})
			moved = append(moved, e.ID)
		} else {
			moved = append(moved, w.Old.ID)
		}
	}
	return succeed(ctx, s, org.Postings, "employee_id", moved, begun, func(p *org.Posting) (schema.ID, schema.Date) { return p.ID, p.From })
}

// succeed ends what holds of some, who are named by a field, and begins something else
// today. What had only begun today is replaced: the last of a day counts. So is, when a clock
// was set back, what begins on a later day.
func succeed[T any](ctx context.Context, s *session.Session, d schema.Definition[T], field string, ids []schema.ID, begun []*T,
	begin func(*T) (id schema.ID, from schema.Date),
) error {
	table, today := storage.Of(s.Tenant(), d), s.Today()
	k := table.Kind()
	end := []driver.Assign{{Field: k.Field("until"), Value: today}, {Field: k.Version(), Value: int64(1), Add: true}}
	var ended []driver.Mutation
	for some := range slices.Chunk(ids, query.MaxValues) {
		for last, err := range table.All(ctx, query.Select{Where: query.All(query.In(field, some...), query.Any(query.Null("until"), query.Gt("until", today)))}) {
			if err != nil {
				return err
			}
			m := driver.Mutation{Kind: k}
			if id, from := begin(&last); from.Before(today) {
				m.Update = &driver.Update{ID: id, Set: end}
			} else {
				m.Delete = &driver.Delete{ID: id}
			}
			ended = append(ended, m)
		}
	}
	if err := s.Tenant().Write(ctx, ended...); err != nil {
		return err
	}
	return table.Insert(ctx, begun...)
}
