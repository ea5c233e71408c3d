package storagetest

import (
	"github.com/kehucrm/kehu/storage/query"
)

// goldenSelect is a query and the ids that it finds, in their order, worked out
// by hand from the golden records: eval is held to it as any adapter is.
type goldenSelect struct {
	name  string
	kind  string // thing when empty
	where query.Expr
	sort  []query.Sort
	limit int
	want  string
}

func (g goldenSelect) query() (string, query.Select) {
	kind := g.kind
	if kind == "" {
		kind = "thing"
	}
	return kind, query.Select{Where: g.where, Sort: g.sort, Limit: g.limit}
}

// goldenConditions are for the group Query.
var goldenConditions = []goldenSelect{
	{name: "no condition", want: "1 2 3 4 5 6 7 8"},
	{name: "text is not folded: X", where: query.Eq("label", "X"), want: "2 8"},
	{name: "text is not folded: x", where: query.Eq("label", "x"), want: "1"},
	{name: "<> finds null", where: query.Ne("label_n", "a"), want: "1 2 4 5 6 7"},
	{name: "not = is <>", where: query.Not{Expr: query.Eq("label_n", "a")}, want: "1 2 4 5 6 7"},
	{name: "< does not find null", where: query.Lt("label_n", "a"), want: "2 5"},
	{name: ">= does not find null", where: query.Ge("label_n", "a"), want: "3 4 6 8"},
	{name: "not < finds null", where: query.Not{Expr: query.Lt("count_n", 1)}, want: "1 3 5 6 7 8"},
	{name: "in", where: query.In("label_n", "a", "B", "none"), want: "3 5 8"},
	{name: "not in finds null", where: query.Not{Expr: query.In("label_n", "a", "B", "none")}, want: "1 2 4 6 7"},
	{name: "in nothing", where: query.In[string]("label_n"), want: ""},
	{name: "not in nothing", where: query.Not{Expr: query.In[string]("label_n")}, want: "1 2 3 4 5 6 7 8"},
	{name: "null", where: query.Null("label_n"), want: "1 7"},
	{name: "= null", where: query.Eq("label_n", nil), want: "1 7"},
	{name: "<> null", where: query.Ne("label_n", nil), want: "2 3 4 5 6 8"},
	{name: "null of a field that can't be null", where: query.Null("label"), want: ""},
	{name: "bool =", where: query.Eq("flag_n", true), want: "2 4 8"},
	{name: "bool <>", where: query.Ne("flag_n", true), want: "1 3 5 6 7"},
	{name: "bool <", where: query.Lt("flag", true), want: "2 4 6 7"},
	{name: "decimal =", where: query.Eq("amount", "10.5"), want: "1 2"},
	{name: "decimal > 0", where: query.Gt("amount", "0"), want: "1 2 5 6 7 8"},
	{name: "decimal <", where: query.Lt("amount_n", "0.0001"), want: "2 8"},
	{name: "decimal greatest", where: query.Ge("amount", maxAmount), want: "5 6"},
	{name: "time =", where: query.Eq("moment", "2026-02-01T00:00:00Z"), want: "2 7"},
	{name: "time = in another zone", where: query.Eq("moment", "2026-02-01T08:00:00+08:00"), want: "2 7"},
	{name: "time <", where: query.Lt("moment", "2026-02-01T00:00:00Z"), want: "1 6"},
	{name: "time > by a microsecond", where: query.Gt("moment", "2026-03-01T00:00:00Z"), want: "5"},
	{name: "date >=", where: query.Ge("day", "2026-02-28"), want: "4 5"},
	{name: "date null", where: query.Eq("day", nil), want: "3 8"},
	{name: "custom =", where: query.Eq("custom.colour", "red"), want: "1 3"},
	{name: "custom <>", where: query.Ne("custom.colour", "red"), want: "2 4 5 6 7 8"},
	{name: "custom null", where: query.Null("custom.colour"), want: "4 8"},
	{name: "custom int is a number", where: query.Gt("custom.grade", 1), want: "2 5 7"},
	{name: "custom decimal <", where: query.Lt("custom.worth", "1.5"), want: "2"},
	{name: "custom decimal =", where: query.Eq("custom.worth", "1.5"), want: "1 5"},
	{name: "prefix without case and width", where: query.HasPrefix("name", "ACME"), want: "1 2 8"},
	{name: "text without diacritics", where: query.HasText("name", "CAFÉ"), want: "3 4"},
	{name: "prefix is no text", where: query.HasPrefix("name", "zurich"), want: ""},
	{name: "% is no pattern", where: query.HasText("name", "%"), want: "4"},
	{name: "% matches itself only", where: query.HasText("name", "e%"), want: ""},
	{name: "_ is no pattern", where: query.HasText("name", "_"), want: "5"},
	{name: "white space run together", where: query.HasText("name", "  acme\t h"), want: "8"},
	{name: "chinese", where: query.HasText("name", "為"), want: "6"},
	{name: "empty prefix", where: query.HasPrefix("name", ""), want: "1 2 3 4 5 6 7 8"},
	{name: "not prefix", where: query.Not{Expr: query.HasPrefix("name", "acme")}, want: "3 4 5 6 7"},
	{name: "empty and", where: query.And{}, want: "1 2 3 4 5 6 7 8"},
	{name: "empty or", where: query.Or{}, want: ""},
	{name: "not of nothing", where: query.Not{Expr: query.And{}}, want: ""},
	{name: "and, or", where: query.All(query.Eq("flag", true), query.Any(query.Gt("count", 50), query.Null("flag_n"))), want: "1 5"},
	{name: "by text, bytewise", sort: query.By("label"), want: "5 2 8 7 1 4 3 6"},
	{name: "by text, down", sort: query.By("-label"), want: "6 3 4 1 7 8 2 5"},
	{name: "null first", sort: query.By("label_n"), want: "1 7 2 5 3 8 4 6"},
	{name: "null last when down", sort: query.By("-label_n"), want: "6 4 8 3 5 2 7 1"},
	{name: "two keys", sort: query.By("count", "-label"), want: "2 4 7 8 3 1 5 6"},
	{name: "two keys with null", sort: query.By("-flag_n", "count_n"), want: "8 4 2 3 6 1 7 5"},
	{name: "by date", sort: query.By("day"), want: "3 8 6 1 2 7 4 5"},
	{name: "by float", sort: query.By("ratio"), want: "2 3 6 8 1 5 7 4"},
	{name: "by decimal, limit", sort: query.By("-amount"), limit: 3, want: "6 5 2"},
	{name: "by id of another record", sort: query.By("owner_id"), want: "5 1 8 2 3 4 6 7"},
	{name: "by id, down", sort: query.By("-id"), want: "8 7 6 5 4 3 2 1"},
	{name: "by custom field", sort: query.By("-custom.grade"), want: "5 7 2 8 1 6 4 3"},
}

// goldenRelations are for the group Relations.
var goldenRelations = []goldenSelect{
	{name: "path", where: query.Eq("parent.label", "x"), want: "2 3"},
	{name: "path <> finds what leads nowhere", where: query.Ne("parent.label", "x"), want: "1 4 5 6 7 8"},
	{name: "path null", where: query.Null("parent.label_n"), want: "1 2 3 7 8"},
	{name: "path not null", where: query.Not{Expr: query.Null("parent.label")}, want: "2 3 4 5 6 8"},
	{name: "two steps", where: query.Eq("parent.parent.label", "x"), want: "4 5"},
	{name: "three steps", where: query.Eq("parent.parent.parent.code", "A"), want: "6"},
	{name: "a reference on the way is null", where: query.Null("parent.parent_id"), want: "1 2 3 7 8"},
	{name: "through another kind and back", where: query.Eq("favourite.thing.label", "X"), want: "1"},
	{name: "path to a custom field", where: query.Eq("parent.custom.colour", "red"), want: "2 3"},
	{name: "path to a searched text", where: query.HasPrefix("parent.name", "acme"), want: "2 3 4 5"},
	{name: "two paths over one relation", where: query.All(query.Eq("parent.flag", true), query.Eq("parent.count", 5)), want: "2 3"},
	{name: "by path, null first", sort: query.By("parent.label"), want: "1 7 4 5 8 2 3 6"},
	{name: "by path of another kind", sort: query.By("favourite.name"), want: "2 5 6 7 8 3 1 4"},
	{name: "by two steps", kind: "part", sort: query.By("thing.parent.label"), want: "1 2 5 6 3 4"},
	{name: "has", where: query.Has("parts", nil), want: "1 2 3 4"},
	{name: "has not", where: query.Not{Expr: query.Has("parts", nil)}, want: "5 6 7 8"},
	{name: "has with condition", where: query.Has("parts", query.HasPrefix("name", "BOLT")), want: "1 2 4"},
	{name: "has one for which both", where: query.Has("parts", query.All(query.Eq("quantity", 3), query.Gt("price", "1"))), want: ""},
	{name: "has one and has one", where: query.All(query.Has("parts", query.Eq("quantity", 3)), query.Has("parts", query.Gt("price", "1"))), want: "1"},
	{name: "has of the own kind", where: query.Has("children", query.Gt("count", 10)), want: "2 4"},
	{name: "has to one", where: query.Has("parent", query.Has("parent", nil)), want: "4 5 6"},
	{name: "has to one, null within", where: query.Has("favourite", query.Null("thing_id")), want: "4"},
	{name: "path inside has", where: query.Has("parts", query.Ne("thing.label", "x")), want: "2 3 4"},
	{name: "polymorphic", where: query.Has("notes", nil), want: "1 6"},
	{name: "polymorphic of another kind", kind: "part", where: query.Has("notes", nil), want: "1 2"},
	{name: "polymorphic with condition", where: query.Has("notes", query.HasText("body", "六")), want: "6"},
	{name: "has of has", where: query.Has("parts", query.Has("notes", nil)), want: "1"},
	{name: "has not inside has", where: query.Has("parts", query.Not{Expr: query.Has("notes", nil)}), want: "2 3 4"},
	{name: "has in reach", where: query.Exists{Relation: "parts", Scope: ownedBy(101)}, want: "2"},
	{name: "has in a department", where: query.Exists{Relation: "parts", Scope: &query.Scope{Departments: nums(201)}}, want: "1"},
	{name: "has not in a department", where: query.Not{Expr: query.Exists{Relation: "parts", Scope: &query.Scope{Departments: nums(201)}}}, want: "2 3 4 5 6 7 8"},
	{name: "has what is shared", where: query.Exists{Relation: "parts", Scope: sharedOnly(102)}, want: "4"},
	{name: "has in all", where: query.Exists{Relation: "parts", Scope: &query.Scope{All: true}}, want: "1 2 3 4"},
	{name: "has in no scope", where: query.Exists{Relation: "parts", Scope: &query.Scope{}}, want: ""},
	{name: "has in reach, with condition", where: query.Exists{Relation: "parts", Where: query.HasPrefix("name", "bolt"), Scope: &query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}}, want: "1 2"},
	{name: "has to one in reach", where: query.Exists{Relation: "parent", Scope: ownedBy(101)}, want: "2 3"},
	{name: "polymorphic in reach", where: query.Exists{Relation: "notes", Scope: ownedBy(101)}, want: "1"},
	{name: "has of has, the first in reach", where: query.Exists{Relation: "children", Where: query.Has("children", nil), Scope: &query.Scope{Reach: reachOf(102, -1, 102, 103)}}, want: "1 2"},
	{name: "has of has, the second in reach", where: query.Has("children", query.Exists{Relation: "children", Scope: ownedBy(103)}), want: "1 2"},
	{name: "polymorphic itself", kind: "note", where: query.Eq("subject_kind", "thing"), want: "1 4 5 7"},
}

func (t *tenant) checkSelects(list []goldenSelect) {
	t.Helper()
	for _, g := range list {
		kind, q := g.query()
		if got := t.ids(kind, q); got != g.want {
			t.Errorf("%s: %s where %s found %q, want %q", g.name, kind, query.String(q.Where), got, g.want)
		}
	}
}

func queries(s *suite) {
	s.test("golden", func(t *tenant) {
		t.insertGolden()
		t.checkSelects(goldenConditions)
	})
	s.test("in a transaction", func(t *tenant) {
		t.insertGolden()
		t.on(t.begin(readOnly)).checkSelects(goldenConditions)
	})
	s.test("in a list of many", func(t *tenant) {
		t.insertGolden()
		list := make([]int64, query.MaxValues)
		for i := range list {
			list[i] = int64(i + 5)
		}
		if got := t.where("thing", query.In("count", list...)); got != "1 3 5" {
			t.Errorf("found %q", got)
		}
	})
	s.test("deep conditions", func(t *tenant) {
		t.insertGolden()
		e := query.Eq("label", "X")
		for range query.MaxDepth / 2 {
			e = query.Not{Expr: query.And{e}}
		}
		if got := t.where("thing", e); got != "2 8" { // an even number of nots
			t.Errorf("found %q", got)
		}
	})
}

func relations(s *suite) {
	s.test("golden", func(t *tenant) {
		t.insertGolden()
		t.checkSelects(goldenRelations)
	})
}
