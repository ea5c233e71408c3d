package crm_test

import (
	"slices"
	"strconv"

	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// house is one organisation and all by which its records are isolated and shared, in
// numbers.
type house struct {
	above    []int // of each department; -1 at the top
	roles    [][]org.Grant
	people   []person
	rules    []sharing
	deputies []standIn
	records  []*placed // customers
	hour     int       // since all this was written
}

type person struct {
	manager, department int   // -1 for none
	further             []int // departments
	roles               []int
	inactive            bool
}

// departments are those in which the person stands.
func (p person) departments() []int { return append([]int{p.department}, p.further...) }

// who is somebody or something of a number: the kind and the number make its id.
type who struct {
	kind string
	n    int
}

func (w who) id() schema.ID {
	if w.n < 0 {
		return schema.ID{}
	}
	return schema.NameID(w.kind, strconv.Itoa(w.n))
}

// placed is a record with an owner: a customer or an opportunity.
type placed struct {
	who
	owner, department int    // -1 for none
	text              string // by which rules may choose
	shares, team      []share
	deals             []*placed // of a customer
	contacts          int
	sealed            bool
}

// share is one by hand, or a teammate.
type share struct {
	to    who
	level org.Level
	until int // the hour at which it ends; 0 for never
	id    schema.ID
}

// sharing is a sharing rule.
type sharing struct {
	kind     string
	from, to []who
	within   []int  // departments
	text     string // the condition; empty for none
	level    org.Level
	until    int
	disabled bool
}

type standIn struct{ employee, deputy, from, until int } // days from today

// cause is one reason why somebody has access to a record.
type cause struct {
	how string
	by  schema.ID
}

// may is the rule of isolation, said as simply as it can be: the verb is granted, and the
// record given access to, to the person or to somebody whom they stand in for. kind is that
// of the record or of a part of it.
func (h *house) may(p int, v org.Verb, kind string, r *placed) bool {
	return slices.ContainsFunc(h.acting(p), func(p int) bool { return h.gate(p, v, kind) && len(h.causes(p, v, r)) > 0 })
}

// open reports whether the person may do the verb to any record of the kind.
func (h *house) open(p int, v org.Verb, kind string) bool {
	return slices.ContainsFunc(h.acting(p), func(p int) bool { return h.gate(p, v, kind) })
}

func (h *house) acting(p int) []int {
	list := []int{p}
	for _, d := range h.deputies {
		if d.deputy == p && d.from <= h.hour/24 && h.hour/24 <= d.until && !h.people[d.employee].inactive {
			list = append(list, d.employee)
		}
	}
	return list
}

func (h *house) gate(p int, v org.Verb, kind string) bool {
	if len(h.people[p].roles) == 0 {
		return v != org.Export && v != org.Merge
	}
	return slices.ContainsFunc(h.people[p].roles, func(role int) bool { return len(h.ranges(role, v, kind)) > 0 })
}

// ranges are those in which a role grants the verb.
func (h *house) ranges(role int, v org.Verb, kind string) []org.Range {
	var list []org.Range
	for _, g := range h.roles[role] {
		reads := v == org.Read && slices.ContainsFunc(g.Verbs, func(v org.Verb) bool { return v != org.Create })
		if (g.Kind == kind || g.Kind == "*") && (reads || slices.Contains(g.Verbs, v)) {
			list = append(list, g.Range)
		}
	}
	return list
}

// causes are all reasons for which a person has the access that the verb needs.
func (h *house) causes(p int, v org.Verb, r *placed) []cause {
	var list []cause
	add := func(level org.Level, how string, by schema.ID) {
		if level >= v.Needs() {
			list = append(list, cause{how, by})
		}
	}
	me := h.people[p]
	for steps, at := 0, r.owner; at >= 0; steps, at = steps+1, h.people[at].manager {
		if at == p {
			steps = min(steps, 2)
			add([]org.Level{org.FullAccess, org.EditAccess, org.ReadAccess}[steps], []string{"own", "direct report", "indirect report"}[steps], who{"employee", r.owner}.id())
		}
	}
	for _, role := range me.roles {
		for _, reach := range h.ranges(role, v, r.kind) {
			there := r.department >= 0 && slices.Contains(me.departments(), r.department)
			below := slices.ContainsFunc(me.departments(), func(d int) bool { return d >= 0 && h.inside(r.department, d) })
			if reach == org.AllRange || reach == org.DepartmentRange && there || reach == org.BelowRange && below {
				add(org.FullAccess, "range", who{"role", role}.id())
			}
		}
	}
	for _, s := range slices.Concat(r.shares, r.team) {
		if h.lasts(s.until) && h.means(s.to, p, me.departments()...) {
			add(s.level, "share", s.id)
		}
	}
	for n, rule := range h.rules {
		from := len(rule.from) == 0 || slices.ContainsFunc(rule.from, func(w who) bool { return h.means(w, r.owner, r.department) })
		to := slices.ContainsFunc(rule.to, func(w who) bool { return h.means(w, p, me.departments()...) })
		to = to && (len(rule.within) == 0 || slices.ContainsFunc(rule.within, func(n int) bool { return h.means(who{"department", n}, p, me.departments()...) }))
		if rule.kind == r.kind && from && to && !rule.disabled && h.lasts(rule.until) && (rule.text == "" || rule.text == r.text) {
			add(rule.level, "rule", who{"sharing_rule", n}.id())
		}
	}
	for _, deal := range r.deals {
		if h.gate(p, org.Read, deal.kind) && len(h.causes(p, org.Read, deal)) > 0 {
			add(org.ReadAccess, "parent", deal.id())
		}
	}
	return list
}

func (h *house) lasts(until int) bool { return until == 0 || until > h.hour }

// means reports whether a principal is the person, a role of theirs, or a department that is
// or holds one of those given.
func (h *house) means(w who, person int, departments ...int) bool {
	switch w.kind {
	case "department":
		return slices.ContainsFunc(departments, func(d int) bool { return h.inside(d, w.n) })
	case "role":
		return person >= 0 && slices.Contains(h.people[person].roles, w.n)
	}
	return person == w.n
}

func (h *house) inside(department, top int) bool {
	for ; department >= 0; department = h.above[department] {
		if department == top {
			return true
		}
	}
	return false
}

var texts = []string{"print", "media", "mail"}

// randomHouse has every source of access at once.
func randomHouse(r *rapid.T) *house {
	h := &house{}
	number := func(from, to int) int { return rapid.IntRange(from, to).Draw(r, "n") }
	rarely := func() bool { return number(0, 4) == 4 }
	level := func() org.Level { return org.Level(number(1, 3)) }
	people := number(3, 8)
	for i := range 4 {
		h.above = append(h.above, number(-1, i-1))
	}
	for range 3 {
		var grants []org.Grant
		for range number(1, 4) {
			grants = append(grants, org.Grant{Kind: rapid.SampledFrom([]string{"*", "customer", "customer", "contact", "opportunity"}).Draw(r, "kind"),
				Verbs: rapid.SliceOfNDistinct(rapid.SampledFrom(org.Verbs()), 1, 8, rapid.ID[org.Verb]).Draw(r, "verbs"),
				Range: rapid.SampledFrom([]org.Range{org.OwnRange, org.OwnRange, org.DepartmentRange, org.BelowRange, org.AllRange}).Draw(r, "range")})
		}
		h.roles = append(h.roles, grants)
	}
	for i := range people {
		department := number(-1, 3)
		further := rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 0, 2, rapid.ID[int]).Filter(func(list []int) bool { return !slices.Contains(list, department) }).Draw(r, "further")
		h.people = append(h.people, person{number(-1, i-1), department, further, rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 0, 2, rapid.ID[int]).Draw(r, "roles"), rarely()})
	}
	somebody := rapid.Custom(func(r *rapid.T) who {
		kind := rapid.SampledFrom([]string{"employee", "role", "department"}).Draw(r, "principal")
		return who{kind, rapid.IntRange(0, map[string]int{"employee": people, "role": 3, "department": 4}[kind]-1).Draw(r, "n")}
	})
	for range number(0, 4) {
		h.rules = append(h.rules, sharing{rapid.SampledFrom([]string{"customer", "customer", "opportunity"}).Draw(r, "kind"), rapid.SliceOfN(somebody, 0, 2).Draw(r, "from"), rapid.SliceOfN(somebody, 1, 2).Draw(r, "to"), rapid.SliceOfNDistinct(rapid.IntRange(0, 3), 0, 1, rapid.ID[int]).Draw(r, "within"),
			rapid.SampledFrom([]string{"", "print", "media"}).Draw(r, "where"), level(), number(0, 3), rarely()})
	}
	for range number(0, 3) {
		d := standIn{number(0, people-1), number(0, people-1), number(-2, 1), 0}
		if d.until = d.from + number(0, 3); d.employee != d.deputy {
			h.deputies = append(h.deputies, d)
		}
	}
	for i := range 12 {
		at := &placed{who: who{"customer", i}, owner: number(-1, people-1), department: number(-1, 3), text: rapid.SampledFrom(texts).Draw(r, "text"), contacts: number(0, 2), sealed: rarely()}
		for _, to := range rapid.SliceOfNDistinct(somebody, 0, 2, rapid.ID[who]).Draw(r, "shared to") {
			at.shares = append(at.shares, share{to: to, level: level(), until: number(0, 3)})
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, people-1), 0, 2, rapid.ID[int]).Draw(r, "team") {
			at.team = append(at.team, share{to: who{"employee", n}, level: level(), until: number(0, 3), id: schema.NameID("teammate", who{"teammate", i*people + n}.id().String())})
		}
		for j := range number(0, 2) {
			at.deals = append(at.deals, &placed{who: who{"opportunity", 2*i + j}, owner: number(0, people-1), department: number(-1, 3), text: rapid.SampledFrom(texts).Draw(r, "text")})
		}
		h.records = append(h.records, at)
	}
	return h
}

// deals are all opportunities.
func (h *house) deals() []*placed {
	var list []*placed
	for _, r := range h.records {
		list = append(list, r.deals...)
	}
	return list
}

// ref names the record.
func (p *placed) ref() record.Ref { return record.Ref{Kind: p.kind, ID: p.id()} }
