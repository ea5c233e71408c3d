package org

import (
	"slices"
	"time"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// fewOwners is the size up to which a reach names its owners to the database.
const fewOwners = 200

// grants returns what the employee's roles grant, or the default role's grants
// for the kind.
func (d *Directory) grants(person schema.ID, k *schema.Kind) []Grant {
	e := d.employees[person]
	if e == nil || e.Inactive {
		return nil
	}
	if len(e.Roles) == 0 {
		return DefaultGrants(k)
	}
	var list []Grant
	for _, id := range e.Roles {
		if r := d.roles[id]; r != nil {
			list = append(list, r.Grants...)
		}
	}
	return list
}

// DefaultGrants returns what the default role grants on a kind: all but export
// and merge on kinds with an owner and their parts, reading on the others, and
// nothing on shares, which are seen through the records they belong to, and on what is
// kept beside the records, such as the journal.
func DefaultGrants(k *schema.Kind) []Grant {
	if k.Name() == shareKind || k.Field("created_by") == nil {
		return nil
	}
	if k.Owner() == nil && k.Whole() == nil {
		return []Grant{{Kind: k.Name(), Verbs: []Verb{Read}}}
	}
	verbs := slices.DeleteFunc(Verbs(), func(v Verb) bool { return v == Export || v == Merge })
	return []Grant{{Kind: k.Name(), Verbs: verbs}}
}

// Gate reports whether the employee's roles grant the verb on the kind. Nobody who
// is inactive or unknown passes it.
func (d *Directory) Gate(person schema.ID, v Verb, k *schema.Kind) bool {
	return slices.ContainsFunc(d.grants(person, k), func(g Grant) bool { return g.covers(k.Name(), v) })
}

// Placement is what access to a record is decided by.
type Placement struct{ Owner, Department schema.ID }

// Access reports what the employee's place in the organisation allows on a record
// of a kind with an owner: whether the verb is allowed by own, report, range or a sharing
// rule. It
// asks no database; shares, rules with a condition and parents may still allow what it
// refuses.
func (d *Directory) Access(person schema.ID, v Verb, k *schema.Kind, at Placement, now time.Time) bool {
	if d.Standing(person, at.Owner) >= v.Needs() || len(d.SharedByRule(person, v, k, at, now)) > 0 {
		return true
	}
	all, departments := d.ranges(person, v, k)
	return all || !at.Department.IsZero() && slices.Contains(departments, at.Department)
}

// Standing returns the level on records of an owner that a person has by being them, or
// standing above them.
func (d *Directory) Standing(person, owner schema.ID) Level {
	switch d.Distance(person, owner) {
	case -1:
		return NoAccess
	case 0:
		return FullAccess
	case 1:
		return EditAccess
	}
	return ReadAccess
}

// maxDepth is the inverse of Standing: how far below the owner may stand.
func maxDepth(needs Level) int {
	switch needs {
	case FullAccess:
		return 0
	case EditAccess:
		return 1
	}
	return -1
}

// ranges returns the departments on whose records the roles grant the verb, or all.
func (d *Directory) ranges(person schema.ID, v Verb, k *schema.Kind) (all bool, departments []schema.ID) {
	e := d.employees[person]
	for _, g := range d.grants(person, k) {
		if !g.covers(k.Name(), v) {
			continue
		}
		switch g.Range {
		case AllRange:
			return true, nil
		case DepartmentRange:
			departments = append(departments, e.Departments()...)
		case BelowRange:
			for _, in := range e.Departments() {
				departments = append(departments, d.DepartmentsBelow(in)...)
			}
		}
	}
	slices.SortFunc(departments, schema.ID.Compare)
	return false, slices.Compact(departments)
}

// RangeCovers reports whether one role of the employee grants the verb on records
// of the kind that belong to a department.
func (d *Directory) RangeCovers(person schema.ID, r *Role, v Verb, k *schema.Kind, department schema.ID) bool {
	one := *d.employees[person]
	one.Roles = []schema.ID{r.ID}
	alone := *d
	alone.employees = map[schema.ID]*Employee{person: &one}
	all, departments := alone.ranges(person, v, k)
	return all || !department.IsZero() && slices.Contains(departments, department)
}

// Scope returns the condition under which the employee may do the verb to records
// of the kind; it is empty, and lets nothing pass, when the gate is shut. k must be
// of a registry.
func (d *Directory) Scope(person schema.ID, v Verb, k *schema.Kind, now time.Time) *query.Scope {
	if !d.Gate(person, v, k) {
		return &query.Scope{}
	}
	s := &query.Scope{}
	// The access of a part is that of its whole, ranges included; only the gate is
	// the part's own.
	for k.Owner() == nil {
		whole := k.Whole()
		if whole == nil {
			return &query.Scope{All: true}
		}
		s.Whole = append(s.Whole, whole)
		k = whole.To
	}
	all, departments := d.ranges(person, v, k)
	if all {
		return &query.Scope{All: true}
	}
	s.Departments = departments
	d.widen(s, person, v, k, now)
	if s.All {
		return &query.Scope{All: true}
	}
	s.Reach = d.reach(person, maxDepth(v.Needs()))
	s.Shared = d.shared(person, v.Needs(), now)
	if v.Needs() <= ReadAccess {
		for _, rel := range k.Registry().PointingAt(k) {
			if rel.Holds && rel.From.Owner() != nil && d.Gate(person, Read, rel.From) {
				s.Held = append(s.Held, d.held(person, rel, now)...)
			}
		}
	}
	return s
}

// held returns the ways in which the employee may read records that hold others
// through the relation, one entry for each, so that a store can follow each along an
// index. What holders hold themselves does not count: holding goes one step.
func (d *Directory) held(person schema.ID, rel *schema.Relation, now time.Time) []query.Held {
	child := rel.From
	all, departments := d.ranges(person, Read, child)
	if all {
		return []query.Held{{Child: rel}}
	}
	list := []query.Held{
		{Child: rel, Scope: &query.Scope{Reach: d.reach(person, maxDepth(ReadAccess))}},
		{Child: rel, Scope: &query.Scope{Shared: d.shared(person, ReadAccess, now)}},
	}
	ruled := &query.Scope{Departments: departments}
	d.widen(ruled, person, Read, child, now)
	switch {
	case ruled.All:
		return []query.Held{{Child: rel}}
	case len(ruled.Departments) > 0 || len(ruled.Owners) > 0 || len(ruled.Matching) > 0:
		list = append(list, query.Held{Child: rel, Scope: ruled})
	}
	return list
}

func (d *Directory) shared(person schema.ID, needs Level, now time.Time) *query.Shared {
	return &query.Shared{Principals: d.Principals(person), MinLevel: int64(needs), Now: now}
}

func (d *Directory) reach(person schema.ID, depth int) *query.Reach {
	r := &query.Reach{Root: person, MaxDepth: depth, Population: len(d.employees), Size: d.below[person]}
	if r.Size > fewOwners && depth != 0 {
		return r
	}
	r.IDs = []schema.ID{person}
	level := r.IDs
	for at := 0; len(level) > 0 && (depth < 0 || at < depth); at++ {
		var next []schema.ID
		for _, id := range level {
			for _, report := range d.reports[id] {
				if !slices.Contains(r.IDs, report) && !slices.Contains(next, report) { // a circle can't be stored, and would not end
					next = append(next, report)
				}
			}
		}
		r.IDs, level = append(r.IDs, next...), next
	}
	r.Size = len(r.IDs)
	return r
}
