package org

import (
	"fmt"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// SharingRule shares records without anybody's doing (自动共享规则): those of some people,
// or that meet a condition, to others. It holds for what is there and for what comes, from
// the session after it was stored until it ends.
type SharingRule struct {
	record.Meta
	Name string `crm:"name,max=200" validate:"required"`
	// Kind is that of the records; they have an owner. Parts follow their whole.
	Kind string `crm:"kind,max=60" validate:"required"`
	// From are employees, roles and departments (with those below) whose records are
	// shared; none means everybody's.
	From []schema.ID `crm:"from,json"`
	// Where is the JSON form of a condition that the records meet, on fields of their
	// own; nil means all. A field without an index makes pages slower.
	Where schema.JSON
	// To are employees, roles and departments (with those below).
	To []schema.ID `crm:"to,json" validate:"required,min=1"`
	// Within are departments: of To, only who stands in one of them or below counts, so that
	// a rule may name a role within a department. None is no limit.
	Within []schema.ID `crm:"within,json"`
	Level  Level       `validate:"min=1,max=3"`
	// Until ends the rule at that instant; zero is never.
	Until    time.Time
	Disabled bool
}

// SharingRules is the kind of SharingRule.
var SharingRules = schema.Define[SharingRule]("sharing_rule", record.Standard())

// Condition returns Where as a condition, nil for none. It is Invalid when Where holds
// none.
func (r *SharingRule) Condition() (query.Expr, error) {
	if len(r.Where) == 0 {
		return nil, nil
	}
	return query.ParseExpr(r.Where)
}

// holding returns the rules that share records of a kind to somebody now, on a level that
// the verb needs.
func (d *Directory) holding(person schema.ID, v Verb, k *schema.Kind, now time.Time) []*SharingRule {
	var list []*SharingRule
	var principals []schema.ID
	for _, r := range d.rules {
		if r.Kind != k.Name() || r.Disabled || r.Level < v.Needs() || !r.Until.IsZero() && !r.Until.After(now) {
			continue
		}
		if principals == nil {
			principals = d.Principals(person)
		}
		means := func(id schema.ID) bool { return slices.Contains(principals, id) }
		if slices.ContainsFunc(r.To, means) && (len(r.Within) == 0 || slices.ContainsFunc(r.Within, means)) {
			list = append(list, r)
		}
	}
	return list
}

// source is whose records a rule shares.
type source struct {
	all         bool
	owners      []schema.ID
	departments []schema.ID
}

func (d *Directory) source(r *SharingRule) source {
	from := source{all: len(r.From) == 0}
	for _, id := range r.From {
		switch {
		case d.departments[id] != nil:
			from.departments = append(from.departments, d.DepartmentsBelow(id)...)
		case d.roles[id] != nil:
			for _, e := range d.employees {
				if slices.Contains(e.Roles, id) {
					from.owners = append(from.owners, e.ID)
				}
			}
		default:
			from.owners = append(from.owners, id)
		}
	}
	slices.SortFunc(from.owners, schema.ID.Compare)
	return from
}

func (f source) covers(at Placement) bool {
	return f.all || slices.Contains(f.owners, at.Owner) || !at.Department.IsZero() && slices.Contains(f.departments, at.Department)
}

// SharedByRule returns the rules without a condition by which the employee may do the verb
// to a record of the kind.
func (d *Directory) SharedByRule(person schema.ID, v Verb, k *schema.Kind, at Placement, now time.Time) []*SharingRule {
	return slices.DeleteFunc(d.holding(person, v, k, now), func(r *SharingRule) bool { return len(r.Where) > 0 || !d.source(r).covers(at) })
}

// Ruled is a rule with a condition, and what the records that it shares meet.
type Ruled struct {
	Rule  *SharingRule
	Where query.Expr // resolved

	whose, meets query.Expr // the two parts of Where; whose is nil for everybody's
}

// RulesOn returns the rules with a condition by which the employee may do the verb to
// records of the kind, in order of their ids. A rule that the program can no longer read
// shares nothing.
func (d *Directory) RulesOn(person schema.ID, v Verb, k *schema.Kind, now time.Time) []Ruled {
	var found []Ruled
	for _, r := range d.holding(person, v, k, now) {
		if len(r.Where) == 0 {
			continue
		}
		if ruled, err := d.ruled(r, k); err == nil {
			found = append(found, ruled)
		}
	}
	return found
}

func (d *Directory) ruled(r *SharingRule, k *schema.Kind) (Ruled, error) {
	where, err := r.Condition()
	if err == nil {
		where, err = query.ResolveExpr(k, where)
	}
	from := d.source(r)
	if err != nil || from.all {
		return Ruled{Rule: r, Where: where, meets: where}, err
	}
	whose, err := query.ResolveExpr(k, from.condition(k))
	// Each was within the bounds of a condition; together they need not be.
	return Ruled{r, query.And{whose, where}, whose, where}, err
}

// together returns one condition for what several rules share. Whose records they are is
// said once for all that share those of the same people.
func together(rules []Ruled) query.Expr {
	var all query.Or
	bySource := map[string]int{} // where its rules stand in all
	for _, r := range rules {
		if r.whose == nil {
			all = append(all, r.meets)
			continue
		}
		from := fmt.Sprint(r.Rule.From)
		i, ok := bySource[from]
		if !ok {
			i = len(all)
			bySource[from] = i
			all = append(all, query.And{r.whose, query.Or{}})
		}
		both := all[i].(query.And)
		both[1] = append(both[1].(query.Or), r.meets)
	}
	return all
}

// MostValues is the number of values with which the rules on one kind that have a condition
// may compare a record, those whose records they share among them: more than that no
// database takes in one statement.
const MostValues = 4000

// Values returns the number of values that MostValues bounds, once a rule of each id is
// stored instead of what there was, or gone where it is nil.
func (d *Directory) Values(k *schema.Kind, changed map[schema.ID]*SharingRule) int {
	var rules []Ruled
	count := func(r *SharingRule) {
		if r != nil && r.Kind == k.Name() && !r.Disabled && len(r.Where) > 0 {
			if ruled, err := d.ruled(r, k); err == nil {
				rules = append(rules, ruled)
			}
		}
	}
	for _, r := range d.rules {
		if _, ok := changed[r.ID]; !ok {
			count(r)
		}
	}
	for _, r := range changed {
		count(r)
	}
	return query.Values(together(rules))
}

func (f source) condition(k *schema.Kind) query.Expr {
	var whose query.Or
	for some := range slices.Chunk(f.departments, query.MaxValues) {
		whose = append(whose, query.In(k.Department().Name, some...))
	}
	for some := range slices.Chunk(f.owners, query.MaxValues) {
		whose = append(whose, query.In(k.Owner().Name, some...))
	}
	return whose
}

// fewRules is the number of rules with a condition up to which a scope names each, so that
// a store may follow its own index. More are one condition: what a store says about a branch
// it may say again for every other.
const fewRules = 8

// widen adds to a scope what rules share.
func (d *Directory) widen(s *query.Scope, person schema.ID, v Verb, k *schema.Kind, now time.Time) {
	for _, r := range d.holding(person, v, k, now) {
		if len(r.Where) > 0 {
			continue
		}
		from := d.source(r)
		s.All = s.All || from.all
		s.Owners = append(s.Owners, from.owners...)
		s.Departments = append(s.Departments, from.departments...)
	}
	rules := d.RulesOn(person, v, k, now)
	if len(rules) > fewRules {
		s.Matching = append(s.Matching, together(rules))
	} else {
		for _, ruled := range rules {
			s.Matching = append(s.Matching, ruled.Where)
		}
	}
	s.Departments, s.Owners = sorted(s.Departments), sorted(s.Owners)
}

func sorted(ids []schema.ID) []schema.ID {
	slices.SortFunc(ids, schema.ID.Compare)
	return slices.Compact(ids)
}
