package storagetest

import (
	"time"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// goldenScope is a scope over the golden records and what lies inside, worked out
// by hand. Relations are given by name, since they belong to a registry.
type goldenScope struct {
	name  string
	kind  string // thing when empty
	scope query.Scope
	// matching becomes the scope's, resolved.
	matching []query.Expr
	held     []held
	whole    []string // relations, from the kind on
	where    query.Expr
	sort     []query.Sort
	limit    int
	want     string
}

// held is query.Held by names.
type held struct {
	kind, relation string
	scope          *query.Scope
}

// ownedBy is the scope of one person's own records.
func ownedBy(owner int) *query.Scope { return &query.Scope{Reach: reachOf(owner, 0, owner)} }

func nums(list ...int) []schema.ID {
	ids := make([]schema.ID, len(list))
	for i, n := range list {
		ids[i] = num(n)
	}
	return ids
}

// reachOf is a reach of the golden records; ids are the owners within, none when
// they are not told.
func reachOf(root, depth int, ids ...int) *query.Reach {
	r := &query.Reach{Root: num(root), MaxDepth: depth}
	if len(ids) > 0 {
		r.IDs = nums(ids...)
	}
	return r
}

func sharedTo(level int64, principals ...int) *query.Shared {
	return &query.Shared{Principals: nums(principals...), MinLevel: level, Now: goldenNow}
}

// sharedOnly is the scope of what is shared to one principal.
func sharedOnly(principal int) *query.Scope { return &query.Scope{Shared: sharedTo(1, principal)} }

var goldenScopes = []goldenScope{
	{name: "all", scope: query.Scope{All: true}, want: "1 2 3 4 5 6 7 8"},
	{name: "no branch", want: ""},
	{name: "own", scope: query.Scope{Reach: reachOf(101, 0, 101)}, want: "1 8"},
	{name: "direct reports", scope: query.Scope{Reach: reachOf(101, 1, 101, 102)}, want: "1 2 3 8"},
	{name: "everyone below", scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}, want: "1 2 3 4 6 8"},
	{name: "everyone below the second", scope: query.Scope{Reach: reachOf(102, -1, 102, 103)}, want: "2 3 4 6"},
	{name: "nobody", scope: query.Scope{Reach: reachOf(105, -1)}, want: ""},
	{name: "department", scope: query.Scope{Departments: nums(201)}, want: "1 2"},
	{name: "departments", scope: query.Scope{Departments: nums(201, 203)}, want: "1 2 6 7"},
	{name: "owners", scope: query.Scope{Owners: nums(101, 102)}, want: "1 2 3 8"},
	{name: "owners with an order", scope: query.Scope{Owners: nums(101, 102, 103)}, sort: query.By("-created_at"), limit: 3, want: "4 6 3"},
	{name: "matching", matching: []query.Expr{query.Eq("id", num(4)), query.Eq("id", num(6))}, want: "4 6"},
	{name: "matching with an order", scope: query.Scope{Reach: reachOf(101, 0, 101)}, matching: []query.Expr{query.Eq("id", num(4))}, sort: query.By("-created_at"), want: "4 1 8"},
	{name: "also those of another", scope: query.Scope{Departments: nums(201), Also: []*query.Scope{{Reach: reachOf(102, -1, 102, 103)}, {Shared: sharedTo(1, 102)}}}, want: "1 2 3 4 6 7"},
	{name: "only those of another", scope: query.Scope{Also: []*query.Scope{{Reach: reachOf(102, -1, 102, 103)}}}, sort: query.By("-created_at"), limit: 2, want: "4 6"},
	{name: "no department", scope: query.Scope{Departments: nums()}, want: ""},
	{name: "shared, not ended", scope: query.Scope{Shared: sharedTo(1, 102)}, want: "7"},
	{name: "shared to two", scope: query.Scope{Shared: sharedTo(1, 102, 301)}, want: "1 5 7"},
	{name: "shared at a level", scope: query.Scope{Shared: sharedTo(2, 102, 301)}, want: "5"},
	{name: "shared at no level", scope: query.Scope{Shared: sharedTo(4, 102, 301)}, want: ""},
	{name: "shared to nobody", scope: query.Scope{Shared: sharedTo(1)}, want: ""},
	{name: "shared, a microsecond before", scope: query.Scope{Shared: &query.Shared{Principals: nums(102), MinLevel: 2, Now: goldenNow.Add(-time.Microsecond)}}, want: "4"},
	{name: "shared, a microsecond after", scope: query.Scope{Shared: &query.Shared{Principals: nums(301), Now: goldenNow.Add(time.Microsecond)}}, want: "1"},
	{name: "shared, of another kind", kind: "part", scope: query.Scope{Shared: sharedTo(1, 102)}, want: "6"},
	{name: "held by a part", held: []held{{"part", "thing", ownedBy(101)}}, want: "2"},
	{name: "held by a part that leads nowhere", held: []held{{"part", "thing", ownedBy(102)}}, want: "1"},
	{name: "held by a child", held: []held{{"thing", "parent", ownedBy(103)}}, want: "2 4"},
	{name: "held by any part", held: []held{{"part", "thing", nil}}, want: "1 2 3 4"},
	{name: "held by no part", held: []held{{"part", "thing", &query.Scope{}}}, want: ""},
	{name: "held by a part in a department", held: []held{{"part", "thing", &query.Scope{Departments: nums(202)}}}, want: "2"},
	{name: "held by a part that is shared", held: []held{{"part", "thing", sharedOnly(102)}}, want: "4"},
	{name: "held by a part below", held: []held{{"part", "thing", &query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}}}, want: "1 2"},
	{name: "held by a part, known without ids", held: []held{{"part", "thing", &query.Scope{Reach: reachOf(102, -1)}}}, want: "1"},
	{name: "any of all", scope: query.Scope{Reach: reachOf(101, 0, 101), Departments: nums(203), Shared: sharedTo(1, 102)}, held: []held{{"part", "thing", ownedBy(104)}, {"part", "thing", ownedBy(103)}},
		want: "1 4 6 7 8"},
	{name: "with a condition", scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}, where: query.Eq("flag", true), want: "1 3 8"},
	{name: "with a condition that finds few", scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}, where: query.In("code", "A", "b", "c"), sort: query.By("-created_at"), want: "6 3 1"},
	{name: "with a condition on the owner", scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103), Departments: nums(203)}, where: query.Ne("owner_id", num(103)), want: "1 2 3 7 8"},
	{name: "with an order", scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}, sort: query.By("-created_at"), limit: 3, want: "4 6 3"},
	{name: "with another order", scope: query.Scope{Reach: reachOf(101, 0, 101), Departments: nums(201, 203), Shared: sharedTo(1, 301)}, sort: query.By("amount_n"), want: "1 8 2 7 5 6"},
	{name: "of the part itself", kind: "part", scope: query.Scope{Reach: reachOf(102, 0, 102)}, want: "1 5"},
	{name: "of the whole, own", kind: "part", scope: query.Scope{Reach: reachOf(101, 0, 101)}, whole: []string{"thing"}, want: "1 2"},
	{name: "of the whole, below", kind: "part", scope: query.Scope{Reach: reachOf(102, -1, 102, 103)}, whole: []string{"thing"}, want: "3 4 6"},
	{name: "of the whole, all", kind: "part", scope: query.Scope{All: true}, whole: []string{"thing"}, want: "1 2 3 4 5 6"},
	{name: "of the whole, none", kind: "part", whole: []string{"thing"}, want: ""},
	{name: "of the whole, department", kind: "part", scope: query.Scope{Departments: nums(202)}, whole: []string{"thing"}, want: "4 6"},
	{name: "of the whole, shared", kind: "part", scope: query.Scope{Shared: sharedTo(1, 301, 102)}, whole: []string{"thing"}, want: "1 2"},
	{name: "of the whole, held", kind: "part", held: []held{{"thing", "parent", ownedBy(103)}}, whole: []string{"thing"}, want: "3 6"},
	{name: "of the whole's parent", kind: "part", scope: query.Scope{Reach: reachOf(101, 0, 101)}, whole: []string{"thing", "parent"}, want: "3 4"},
	{name: "of the whole, with an order", kind: "part", scope: query.Scope{Reach: reachOf(101, 1, 101, 102), Departments: nums(202)}, whole: []string{"thing"}, sort: query.By("-name"),
		want: "6 3 1 2 4"},
	{name: "of a kind without departments set", kind: "note", scope: query.Scope{Reach: reachOf(101, 0, 101), Departments: nums(201)}, want: "1"},
}

// scopeFor builds the scope for the kinds of a registry.
func (g goldenScope) scopeFor(r *schema.Registry) query.Scope {
	s := g.scope
	for _, h := range g.held {
		s.Held = append(s.Held, query.Held{Child: r.Kind(h.kind).Relation(h.relation), Scope: h.scope})
	}
	for _, e := range g.matching {
		resolved, err := query.ResolveExpr(r.Kind("thing"), e)
		if err != nil {
			panic(err)
		}
		s.Matching = append(s.Matching, resolved)
	}
	k := r.Kind("part")
	for _, name := range g.whole {
		rel := k.Relation(name)
		s.Whole = append(s.Whole, rel)
		k = rel.To
	}
	return s
}

// plans returns a scope once for each way in which an adapter may be told of the
// size of its reach: none of them may change what lies inside.
func plans(s query.Scope) []query.Scope {
	if s.Reach == nil {
		return []query.Scope{s}
	}
	var list []query.Scope
	for _, n := range [][2]int{{0, 0}, {1, 1}, {1, 1_000_000}, {5, 200}, {300, 1000}, {50_000, 1_000_000}, {1_000_000, 1_000_000}} {
		for _, few := range []bool{true, false} {
			r := *s.Reach
			if r.Size, r.Population = n[0], n[1]; !few {
				r.IDs = nil
			}
			other := s
			other.Reach = &r
			list = append(list, other)
		}
	}
	return list
}

var goldenScopedAggregates = []struct {
	name, kind string
	scope      goldenScope
	a          query.Aggregate
	want       string
}{
	{"own and direct reports", "thing", goldenScope{scope: query.Scope{Reach: reachOf(101, 1, 101, 102)}}, query.Aggregate{Measures: measures(counted, measure(query.Sum, "amount"))}, "4 21"},
	{"none", "thing", goldenScope{}, query.Aggregate{Measures: measures(counted)}, "0"},
	{"of the whole", "part", goldenScope{scope: query.Scope{Reach: reachOf(101, 0, 101)}, whole: []string{"thing"}},
		query.Aggregate{Keys: keys(key("name")), Measures: measures(counted)}, `"Nut" 1 | "bolt" 1`},
	// A record that several branches take is counted once.
	{"once for each record", "thing", goldenScope{scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103), Departments: nums(201, 202, 203), Shared: sharedTo(1, 102, 301)},
		held: []held{{"part", "thing", ownedBy(102)}, {"thing", "parent", ownedBy(102)}}}, query.Aggregate{Measures: measures(counted, measure(query.Sum, "count_n"))}, "8 9223372036854775815"},
}
