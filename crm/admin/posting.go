package admin

import (
	"context"

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
	var begun []*org.Posting
	for _, w := range writes {
		switch {
		case w.New == nil: // the posting went with the employee
		case w.Old == nil:
			begun = append(begun, posting(s, w.New))
		case w.Old.ManagerID != w.New.ManagerID || w.Old.DepartmentID != w.New.DepartmentID || w.Old.Inactive != w.New.Inactive:
			next, err := repost(ctx, s, w.New)
			if err != nil {
				return err
			}
			if next != nil {
				begun = append(begun, next)
			}
		}
	}
	return storage.Of(s.Tenant(), org.Postings).Insert(ctx, begun...)
}

func posting(s *session.Session, e *org.Employee) *org.Posting {
	return &org.Posting{Meta: s.NewMeta(), EmployeeID: e.ID, ManagerID: e.ManagerID, DepartmentID: e.DepartmentID, Inactive: e.Inactive, From: s.Today()}
}

// repost ends the present posting today and returns the next one; one that began today is
// changed instead.
func repost(ctx context.Context, s *session.Session, e *org.Employee) (*org.Posting, error) {
	postings := storage.Of(s.Tenant(), org.Postings)
	page, err := postings.Find(ctx, query.Select{Where: query.All(query.Eq("employee_id", e.ID), query.Null("until")), Limit: 1})
	if err != nil {
		return nil, err
	}
	next := posting(s, e)
	if len(page.Items) == 0 {
		return next, nil
	}
	last := page.Items[0]
	if last.From.Before(next.From) {
		last.Until = next.From
		return next, postings.Update(ctx, &last)
	}
	last.ManagerID, last.DepartmentID, last.Inactive = e.ManagerID, e.DepartmentID, e.Inactive
	return nil, postings.Update(ctx, &last)
}

// forgetPostings removes the postings of employees who are being deleted.
func forgetPostings(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
	postings := storage.Of(s.Tenant(), org.Postings)
	var gone []driver.Mutation
	for _, w := range writes {
		if w.New != nil {
			continue
		}
		for p, err := range postings.All(ctx, query.Select{Where: query.Eq("employee_id", w.Old.ID)}) {
			if err != nil {
				return err
			}
			gone = append(gone, driver.Mutation{Kind: postings.Kind(), Delete: &driver.Delete{ID: p.ID}})
		}
	}
	return s.Tenant().Write(ctx, gone...)
}
