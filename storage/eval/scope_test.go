package eval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// people: 101 leads 102, who leads 103. Company 1 is 101's, and so on; 4 is
// nobody's and belongs to department 201.
func staff(t testing.TB, w world) *eval.Tables {
	t.Helper()
	tables := eval.NewTables()
	put(t, tables, w.company,
		vals{"id": num(1), "owner_id": num(101)},
		vals{"id": num(2), "owner_id": num(102)},
		vals{"id": num(3), "owner_id": num(103), "dept_id": num(202)},
		vals{"id": num(4), "dept_id": num(201)})
	for i, p := range [][3]int{{101, 101, 0}, {102, 102, 0}, {103, 103, 0}, {101, 102, 1}, {102, 103, 1}, {101, 103, 2}} {
		put(t, tables, w.closure, vals{"id": num(300 + i), "ancestor": num(p[0]), "descendant": num(p[1]), "depth": int64(p[2])})
	}
	put(t, tables, w.share,
		vals{"id": num(401), "kind": "company", "record": num(1), "principal": num(101), "level": int64(2)},
		vals{"id": num(402), "kind": "company", "record": num(2), "principal": num(101), "level": int64(1), "expires": at("2026-01-02T00:00:00Z")},
		vals{"id": num(403), "kind": "contact", "record": num(3), "principal": num(101), "level": int64(2)},
		vals{"id": num(404), "kind": "company", "record": num(4), "principal": num(102), "level": int64(2)})
	put(t, tables, w.contact,
		vals{"id": num(21), "company_id": num(1)},
		vals{"id": num(22), "company_id": num(2)},
		vals{"id": num(23)})
	put(t, tables, w.deal,
		vals{"id": num(51), "company_id": num(4), "owner_id": num(103)},
		vals{"id": num(52), "company_id": num(1), "owner_id": num(102)})
	return tables
}

func TestInScope(t *testing.T) {
	w := testWorld(t)
	tables := staff(t, w)
	shared := func(level int64, now string, principals ...int) *query.Scope {
		s := &query.Shared{MinLevel: level, Now: at(now)}
		for _, p := range principals {
			s.Principals = append(s.Principals, num(p))
		}
		return &query.Scope{Shared: s}
	}
	held := func(owner int) query.Held {
		return query.Held{Child: w.deal.Relation("company"), Scope: &query.Scope{Reach: &query.Reach{Root: num(owner)}}}
	}
	reach := func(root, depth int) *query.Scope {
		// The estimates are wrong on purpose.
		return &query.Scope{Reach: &query.Reach{Root: num(root), MaxDepth: depth, Size: 1, Population: 1, IDs: []schema.ID{num(999)}}}
	}
	whole := []*schema.Relation{w.contact.Relation("company")}
	wholeReach := reach(101, 0)
	wholeReach.Whole = whole
	for name, c := range map[string]struct {
		kind  *schema.Kind
		scope *query.Scope
		want  []int
	}{
		"nil":                      {w.company, nil, []int{1, 2, 3, 4}},
		"all":                      {w.company, &query.Scope{All: true}, []int{1, 2, 3, 4}},
		"none":                     {w.company, &query.Scope{}, []int{}},
		"own":                      {w.company, reach(101, 0), []int{1}},
		"direct reports":           {w.company, reach(101, 1), []int{1, 2}},
		"everyone below":           {w.company, reach(101, -1), []int{1, 2, 3}},
		"everyone below the lower": {w.company, reach(102, -1), []int{2, 3}},
		"nobody":                   {w.company, reach(999, -1), []int{}},
		"departments":              {w.company, &query.Scope{Departments: []schema.ID{num(201), num(202)}}, []int{3, 4}},
		"shared":                   {w.company, shared(1, "2026-01-01T00:00:00Z", 101), []int{1, 2}},
		"shared until its instant": {w.company, shared(1, "2026-01-02T00:00:00Z", 101), []int{1}},
		"shared of a level":        {w.company, shared(2, "2026-01-01T00:00:00Z", 101), []int{1}},
		"shared to more":           {w.company, shared(1, "2026-01-01T00:00:00Z", 101, 102), []int{1, 2, 4}},
		"shared to nobody":         {w.company, shared(1, "2026-01-01T00:00:00Z"), []int{}},
		"held":                     {w.company, &query.Scope{Held: []query.Held{held(103)}}, []int{4}},
		"held by one of two":       {w.company, &query.Scope{Held: []query.Held{held(102), held(103)}}, []int{1, 4}},
		"any of": {w.company, &query.Scope{Reach: reach(103, 0).Reach, Departments: []schema.ID{num(201)},
			Held: []query.Held{held(102)}}, []int{1, 3, 4}},
		"part follows its whole":    {w.contact, wholeReach, []int{21}},
		"part without whole":        {w.contact, &query.Scope{Whole: whole, Departments: []schema.ID{num(201)}}, []int{}},
		"whole that is all":         {w.contact, &query.Scope{All: true, Whole: whole}, []int{21, 22, 23}},
		"share of the whole":        {w.contact, &query.Scope{Whole: whole, Shared: shared(2, "2026-01-01T00:00:00Z", 101).Shared}, []int{21}},
		"kind without an owner":     {w.contact, reach(101, -1), []int{}},
		"kind without a department": {w.contact, &query.Scope{Departments: []schema.ID{num(201)}}, []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, src := range []eval.Source{tables, plain{tables}, eval.FromConn(t.Context(), eval.NewConn(tables))} {
				got := []int{}
				for row, err := range src.Scan(c.kind, tenant) {
					require.NoError(t, err)
					ok, err := eval.InScope(src, tenant, c.kind, row, c.scope)
					require.NoError(t, err)
					if ok {
						got = append(got, numOf(row[0].(schema.ID)))
					}
				}
				require.Equal(t, c.want, got)
			}
			q, err := query.ResolveSelect(c.kind, query.Select{})
			require.NoError(t, err)
			q.Tenant, q.Scope = tenant, c.scope
			rows, err := eval.Select(t.Context(), tables, c.kind, &q)
			require.NoError(t, err)
			require.Len(t, rows, len(c.want))
		})
	}
}
