package storagetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func (t *tenant) checkScopes(list []goldenScope) {
	t.Helper()
	for _, g := range list {
		kind := g.kind
		if kind == "" {
			kind = "thing"
		}
		for _, scope := range plans(g.scopeFor(t.r)) {
			got := t.ids(kind, query.Select{Where: g.where, Sort: g.sort, Limit: g.limit, Scope: &scope})
			if got != g.want {
				t.Errorf("%s: found %q, want %q, for %s", g.name, got, g.want, showScope(&scope))
			}
		}
	}
}

func scopes(s *suite) {
	s.test("golden", func(t *tenant) {
		t.insertGolden()
		t.checkScopes(goldenScopes)
	})
	s.test("in a transaction", func(t *tenant) {
		t.insertGolden()
		t.on(t.begin(readOnly)).checkScopes(goldenScopes)
	})
	s.test("aggregates", func(t *tenant) {
		t.insertGolden()
		t.checkScopedAggregates()
	})
	s.test("pages", scopedPages)
	s.test("few among many", fewAmongMany)
}

func (t *tenant) checkScopedAggregates() {
	t.Helper()
	for _, g := range goldenScopedAggregates {
		for _, scope := range plans(g.scope.scopeFor(t.r)) {
			g.a.Scope = &scope
			if got := cells(t.aggregate(g.kind, g.a)); got != g.want {
				t.Errorf("%s: aggregation is %s, want %s, for %s", g.name, got, g.want, showScope(&scope))
			}
		}
	}
}

// scopedPages walks through a scope along sort keys and other fields, by every
// plan, and wants the rows of one plain read, which the golden results hold.
func scopedPages(t *tenant) {
	const n, owners = 200, 12
	var chain, things, shares []record
	var shared []schema.ID
	for i := range owners { // a chain of command, 100 at its top
		for j := i; j < owners; j++ {
			chain = append(chain, record{"id": num(len(chain)), "ancestor_id": num(100 + i), "descendant_id": num(100 + j), "depth": j - i})
		}
	}
	for i := range n {
		r := record{"id": num(i), "owner_id": num(100 + i*7%owners), "department_id": num(200 + i%5), "created_at": at("2026-01-01T00:00:00Z").Add(time.Duration(i/20) * time.Hour), "label": fmt.Sprint(i % 4)}
		if i%4 != 0 {
			r["amount_n"] = fmt.Sprint(i % 9)
		}
		things = append(things, r)
		if i%11 == 0 {
			shared = append(shared, num(i))
			for j, principal := range []int{102, 103} { // to both, and so found twice
				shares = append(shares, record{"id": num(i + j*n), "kind": "thing", "record_id": num(i), "created_at": r["created_at"], "principal_id": num(principal), "level": 1})
			}
		}
	}
	t.insert("reach", chain...)
	t.insert("thing", things...)
	t.insert("share", shares...)
	t.analyze()
	k := t.kind("thing")
	for _, sort := range [][]string{{"-created_at"}, {"created_at"}, {"label"}} {
		scope := query.Scope{Shared: sharedTo(1, 102, 103)}
		want := t.ids("thing", query.Select{Where: query.In("id", shared...), Sort: query.By(sort...), Limit: query.MaxLimit})
		if got := numbers(k, t.walk("thing", query.Select{Sort: query.By(sort...), Scope: &scope}, 3, nil)); got != want {
			t.Errorf("by %v:\n\t%s\nwant\n\t%s\nof what is shared to two", sort, got, want)
		}
	}
	for _, reach := range []*query.Reach{reachOf(100, -1, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111), reachOf(109, 1, 109, 110), reachOf(111, 0, 111)} {
		for _, sort := range [][]string{{"-created_at"}, {"amount_n"}, {"label", "-created_at"}, nil} {
			scope := query.Scope{Reach: reach, Departments: nums(203), Shared: sharedTo(1, 102, 103)}
			inside := query.Any(query.In("owner_id", reach.IDs...), query.Eq("department_id", num(203)), query.In("id", shared...))
			want := t.ids("thing", query.Select{Where: inside, Sort: query.By(sort...), Limit: query.MaxLimit})
			for _, plan := range plans(scope) {
				got := numbers(k, t.walk("thing", query.Select{Sort: query.By(sort...), Scope: &plan}, 25, nil))
				if got != want {
					t.Errorf("by %v:\n\t%s\nwant\n\t%s\nfor %s", sort, got, want, showScope(&plan))
				}
			}
		}
	}
}

// fewAmongMany has more records than a plan may want to test one by one before it tries
// another, with those inside of the scope at either side of likely limits.
func fewAmongMany(t *tenant) {
	const n = 2_300
	inside := []int{0, 999, 1000, 1001, 1999, 2000, 2001, n - 1}
	things := make([]record, n)
	for i := range things {
		things[i] = record{"id": num(i), "owner_id": num(101), "count": i, "created_at": at("2026-01-01T00:00:00Z").Add(time.Duration(i) * time.Minute)}
	}
	for _, i := range inside {
		things[i]["owner_id"] = num(100)
	}
	t.insert("thing", things...)
	t.insert("reach", record{"id": num(0), "ancestor_id": num(100), "descendant_id": num(100), "depth": 0})
	t.analyze()
	k := t.kind("thing")
	want := fmt.Sprint(inside)
	want = want[1 : len(want)-1]
	for _, plan := range plans(query.Scope{Reach: reachOf(100, -1, 100)}) {
		if got := numbers(k, t.walk("thing", query.Select{Sort: query.By("created_at"), Scope: &plan}, 3, nil)); got != want {
			t.Errorf("found %s, want %s, for %s", got, want, showScope(&plan))
		}
		for _, i := range inside {
			where := query.All(query.Ge("count", i), query.Le("count", i+3)) // more than one, which is not inside
			first := query.Select{Where: where, Sort: query.By("created_at"), Limit: 10, Scope: &plan}
			got := strings.Fields(t.ids("thing", first))
			if len(got) == 0 || got[0] != fmt.Sprint(i) {
				t.Errorf("found %v from %d on, for %s", got, i, showScope(&plan))
			}
		}
	}
}

func showScope(s *query.Scope) string {
	if s == nil {
		return "no scope"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{all %v", s.All)
	if r := s.Reach; r != nil {
		fmt.Fprintf(&b, ", reach of %d to depth %d, size %d of %d, ids %v", number(r.Root), r.MaxDepth, r.Size, r.Population, numbersOf(r.IDs))
	}
	fmt.Fprintf(&b, ", departments %v, owners %v", numbersOf(s.Departments), numbersOf(s.Owners))
	for _, e := range s.Matching {
		fmt.Fprintf(&b, ", matching %s", query.String(e))
	}
	for _, also := range s.Also {
		fmt.Fprintf(&b, ", also %s", showScope(also))
	}
	if r := s.Shared; r != nil {
		fmt.Fprintf(&b, ", shared to %v at level %d at %s", numbersOf(r.Principals), r.MinLevel, r.Now.Format(time.RFC3339Nano))
	}
	for _, h := range s.Held {
		fmt.Fprintf(&b, ", held by %s.%s in %s", h.Child.From.Name(), h.Child.Name, showScope(h.Scope))
	}
	for _, rel := range s.Whole {
		fmt.Fprintf(&b, ", of %s", rel.Name)
	}
	return b.String() + "}"
}

func numbersOf(ids []schema.ID) []int {
	list := make([]int, len(ids))
	for i, id := range ids {
		list[i] = number(id)
	}
	return list
}

var readOnly = driver.TxOptions{ReadOnly: true}
