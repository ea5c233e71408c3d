package org

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Directory is a snapshot of one tenant's people, departments and roles. It is
// immutable and safe for concurrent use.
type Directory struct {
	version     int64
	employees   map[schema.ID]*Employee
	departments map[schema.ID]*Department
	roles       map[schema.ID]*Role
	hostUsers   map[string]schema.ID
	below       map[schema.ID]int         // number of people at or below each employee
	reports     map[schema.ID][]schema.ID // direct reports by manager, in order of id
	children    map[schema.ID][]schema.ID // departments by parent
	rules       []*SharingRule            // in order of id
	deputies    map[schema.ID][]*Deputy   // by who stands in
}

// Records are what a directory is made of.
type Records struct {
	Employees   []Employee
	Departments []Department
	Roles       []Role
	Rules       []SharingRule
	Deputies    []Deputy
}

// NewDirectory returns the directory of the given records. Circles of managers or
// departments, which can't be stored, are cut where they close.
func NewDirectory(version int64, r Records) *Directory {
	d := &Directory{
		version: version, employees: make(map[schema.ID]*Employee, len(r.Employees)), departments: map[schema.ID]*Department{},
		roles: map[schema.ID]*Role{}, hostUsers: map[string]schema.ID{}, below: map[schema.ID]int{},
		reports: map[schema.ID][]schema.ID{}, children: map[schema.ID][]schema.ID{}, deputies: map[schema.ID][]*Deputy{},
	}
	for _, e := range r.Employees {
		d.employees[e.ID] = &e
		if e.HostUser != "" {
			d.hostUsers[e.HostUser] = e.ID
		}
		if !e.ManagerID.IsZero() {
			d.reports[e.ManagerID] = append(d.reports[e.ManagerID], e.ID)
		}
	}
	for _, p := range r.Departments {
		d.departments[p.ID] = &p
		d.children[p.ParentID] = append(d.children[p.ParentID], p.ID)
	}
	for _, role := range r.Roles {
		d.roles[role.ID] = &role
	}
	for _, rule := range r.Rules {
		d.rules = append(d.rules, &rule)
	}
	slices.SortFunc(d.rules, func(a, b *SharingRule) int { return a.ID.Compare(b.ID) })
	for _, deputy := range r.Deputies {
		d.deputies[deputy.DeputyID] = append(d.deputies[deputy.DeputyID], &deputy)
	}
	for id := range d.employees {
		for _, above := range d.Chain(id) {
			d.below[above]++
		}
	}
	return d
}

// Load reads a tenant's directory, all of it at one time.
func Load(ctx context.Context, t *storage.Tenant) (*Directory, error) {
	var d *Directory
	err := t.Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		state, err := settings.LoadState(ctx, t)
		if err != nil {
			return err
		}
		var r Records
		err = errors.Join(collect(ctx, t, Employees, &r.Employees), collect(ctx, t, Departments, &r.Departments), collect(ctx, t, Roles, &r.Roles),
			collect(ctx, t, SharingRules, &r.Rules), collect(ctx, t, Deputies, &r.Deputies))
		d = NewDirectory(state.Organisation, r)
		return err
	})
	return d, err
}

// LoadAt reads the organisation as it was at the end of a day: who stood under whom and in
// which departments, and which department stood below which. Who was not there yet, or no
// longer, is absent. Names and roles are those of now; who and what was deleted since has
// none.
func LoadAt(ctx context.Context, t *storage.Tenant, day schema.Date) (*Directory, error) {
	var d *Directory
	err := t.Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		now, err := Load(ctx, t)
		if err != nil {
			return err
		}
		then := query.Select{Where: query.All(query.Le("from", day), query.Any(query.Null("until"), query.Gt("until", day)))}
		var r Records
		for p, err := range storage.Of(t, Postings).All(ctx, then) {
			if err != nil {
				return err
			}
			was := Employee{Meta: record.Meta{ID: p.EmployeeID}}
			if e := now.employees[p.EmployeeID]; e != nil {
				was = *e
			}
			was.ManagerID, was.DepartmentID, was.FurtherDepartments, was.Inactive = p.ManagerID, p.DepartmentID, p.FurtherDepartments, p.Inactive
			r.Employees = append(r.Employees, was)
		}
		for s, err := range storage.Of(t, Subordinations).All(ctx, then) {
			if err != nil {
				return err
			}
			was := Department{Meta: record.Meta{ID: s.DepartmentID}}
			if p := now.departments[s.DepartmentID]; p != nil {
				was = *p
			}
			was.ParentID = s.ParentID
			r.Departments = append(r.Departments, was)
		}
		for _, role := range now.roles {
			r.Roles = append(r.Roles, *role)
		}
		d = NewDirectory(now.version, r)
		return nil
	})
	return d, err
}

func collect[T any](ctx context.Context, t *storage.Tenant, d schema.Definition[T], into *[]T) error {
	for v, err := range storage.Of(t, d).All(ctx, query.Select{}) {
		if err != nil {
			return err
		}
		*into = append(*into, v)
	}
	return nil
}

// Version returns the version of the organisation that the directory shows.
func (d *Directory) Version() int64 { return d.version }

// Size returns the number of employees, active or not.
func (d *Directory) Size() int { return len(d.employees) }

// Active returns the active employees in order of their ids.
func (d *Directory) Active() []schema.ID {
	var list []schema.ID
	for id, e := range d.employees {
		if !e.Inactive {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, schema.ID.Compare)
	return list
}

// Employee returns the employee of an id, nil when there is none.
func (d *Directory) Employee(id schema.ID) *Employee { return d.employees[id] }

// ByHostUser returns the employee of a host's user id, nil when there is none.
func (d *Directory) ByHostUser(user string) *Employee { return d.employees[d.hostUsers[user]] }

// Department returns the department of an id, nil when there is none.
func (d *Directory) Department(id schema.ID) *Department { return d.departments[id] }

// Role returns the role of an id, nil when there is none.
func (d *Directory) Role(id schema.ID) *Role { return d.roles[id] }

// Chain returns the employee, their manager, the manager's manager and so on.
func (d *Directory) Chain(id schema.ID) []schema.ID {
	var chain []schema.ID
	for e := d.employees[id]; e != nil && !slices.Contains(chain, e.ID); e = d.employees[e.ManagerID] {
		chain = append(chain, e.ID)
	}
	return chain
}

// Distance returns how many steps above an employee another one stands: 0 for
// the same, 1 for the direct manager; -1 when not above at all.
func (d *Directory) Distance(above, id schema.ID) int { return slices.Index(d.Chain(id), above) }

// Closure calls yield for every pair of an employee and one who stands above or is
// the same, with their distance: what the kind Reach keeps.
func (d *Directory) Closure(yield func(ancestor, descendant schema.ID, depth int64)) {
	for id := range d.employees {
		for depth, above := range d.Chain(id) {
			yield(above, id, int64(depth))
		}
	}
}

// DepartmentsBelow returns a department and all below it.
func (d *Directory) DepartmentsBelow(id schema.ID) []schema.ID {
	found := []schema.ID{id}
	for i := 0; i < len(found); i++ {
		for _, child := range d.children[found[i]] {
			if !slices.Contains(found, child) {
				found = append(found, child)
			}
		}
	}
	return found
}

// Principals returns everything that a share may name to mean the employee, each once: the
// employee, their roles, the departments in which they stand and those above.
func (d *Directory) Principals(id schema.ID) []schema.ID {
	e := d.employees[id]
	if e == nil {
		return nil
	}
	list := append([]schema.ID{id}, e.Roles...)
	for _, in := range e.Departments() {
		for p := d.departments[in]; p != nil && !slices.Contains(list, p.ID); p = d.departments[p.ParentID] {
			list = append(list, p.ID)
		}
	}
	return list
}
