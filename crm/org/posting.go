package org

import (
	"context"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Posting is where an employee stood for a time (任职): under whom, and in which
// department. The postings of an employee follow each other without a gap; the last one is
// open. Package admin writes them whenever an employee is created or moved.
type Posting struct {
	record.Meta
	EmployeeID   schema.ID `crm:"employee_id,required"`
	ManagerID    schema.ID
	DepartmentID schema.ID
	Inactive     bool
	// From is the first day, and Until the first day on which it no longer holds; zero
	// while it does.
	From  schema.Date `crm:"from,required"`
	Until schema.Date
}

// Postings is the kind of Posting: one of an employee begins on a day.
var Postings = schema.Define[Posting]("posting", record.Standard(), schema.Unique("employee_id", "from"),
	schema.BelongsTo("employee", "employee", "employee_id", schema.Part(), schema.Inverse("postings")))

// LoadAt reads the organisation as it was at the end of a day: who stood under whom and in
// which department. Names, roles and the tree of departments are those of now.
func LoadAt(ctx context.Context, t *storage.Tenant, day schema.Date) (*Directory, error) {
	now, err := Load(ctx, t)
	if err != nil {
		return nil, err
	}
	var r Records
	then := query.Select{Where: query.All(query.Le("from", day), query.Any(query.Null("until"), query.Gt("until", day)))}
	for p, err := range storage.Of(t, Postings).All(ctx, then) {
		if err != nil {
			return nil, err
		}
		e := now.Employee(p.EmployeeID)
		if e == nil {
			continue
		}
		was := *e
		was.ManagerID, was.DepartmentID, was.Inactive = p.ManagerID, p.DepartmentID, p.Inactive
		r.Employees = append(r.Employees, was)
	}
	for _, d := range now.departments {
		r.Departments = append(r.Departments, *d)
	}
	for _, role := range now.roles {
		r.Roles = append(r.Roles, *role)
	}
	return NewDirectory(now.version, r), nil
}
