package query_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestResolvePath(t *testing.T) {
	k := dealKind(t)
	co := k.Registry().Kind("customer")
	for _, c := range []struct {
		name  string
		hops  int
		field *schema.Field
	}{
		{"state", 0, k.Field("state")}, {"customer_id", 0, k.ID().Of}, {"custom.colour", 0, k.CustomField("colour")}, {"custom", 0, k.CustomColumn()},
		{"customer.industry", 1, co.Field("industry")}, {"customer.parent.parent.parent.industry", 4, co.Field("industry")}, {"customer.custom", 1, co.CustomColumn()},
	} {
		if c.field == nil {
			c.field = k.Field(c.name)
		}
		p, err := query.ResolvePath(k, c.name)
		require.NoError(t, err)
		require.Equal(t, c.name, p.Name)
		require.Len(t, p.Hops, c.hops)
		require.Same(t, c.field, p.Field)
	}
}

func TestUnknownNames(t *testing.T) {
	k := dealKind(t)
	const fields = "amount, at, close, count, custom, customer_id, id, name, notes, ratio, state, won"
	for _, c := range []struct{ path, says string }{
		{"colour", `deal has no field "colour"; there are: ` + fields},
		{"", `deal has no field ""; there are: ` + fields},
		{"tenant_id", `deal has no field "tenant_id"; there are: ` + fields},
		{"name_fold", `deal has no field "name_fold"; there are: ` + fields},
		{"custom.size", `deal has no custom field "size"; there are: colour, worth`},
		{"customer.custom.size", `customer has no custom field "size"; there are: `},
		{"owner.name", `deal has no to-one relation "owner"; there are: customer`},
		{"customer.deals.name", `customer has no to-one relation "deals"; there are: parent`},
		{"customer.name", `customer has no field "name"; there are: custom, id, industry, parent_id`},
		{"customer.", `customer has no field ""`},
		{"state.x", `deal has no to-one relation "state"`},
		{"custom.colour.x", `deal has no to-one relation "custom"`},
		{strings.Repeat("x", 1e6), `deal has no field "xxx`},
		{"customer" + strings.Repeat(".parent", 5) + ".id", "more than 4 relations"},
	} {
		_, err := query.ResolvePath(k, c.path)
		require.ErrorIs(t, err, fault.ErrInvalid)
		require.ErrorContains(t, err, c.says)
		require.Less(t, len(err.Error()), 300)
		for _, e := range []query.Expr{query.Eq(c.path, 1), query.Null(c.path), query.In(c.path, 1), query.HasText(c.path, "x"), query.Not{Expr: query.Or{query.Eq(c.path, 1)}}} {
			_, err = query.ResolveExpr(k, e)
			require.ErrorContains(t, err, c.says)
		}
		_, err = query.ResolveSort(k, query.By(c.path))
		require.ErrorContains(t, err, c.says)
	}
	_, err := query.ResolveExpr(k, query.Has("contacts", nil))
	require.ErrorContains(t, err, `deal has no relation "contacts"; there are: customer`)
	_, err = query.ResolveExpr(k, query.Has("customer", query.Has("x", nil)))
	require.ErrorContains(t, err, `customer has no relation "x"; there are: deals, parent`)
	_, err = query.ResolveExpr(k, query.Has("customer", query.Eq("state", 1)))
	require.ErrorContains(t, err, `customer has no field "state"`)
}

func TestValuesBecomeDriverValues(t *testing.T) {
	k := dealKind(t)
	path := func(name string) query.Path {
		p, err := query.ResolvePath(k, name)
		require.NoError(t, err)
		return p
	}
	fold := path("name")
	fold.Field = k.Field("name_fold")
	for _, c := range []struct{ given, want query.Expr }{
		{nil, nil},
		{query.Eq("count", 5), query.Cmp{Path: path("count"), Op: query.OpEq, Value: int64(5)}},
		{query.Lt("close", "2026-02-28"), query.Cmp{Path: path("close"), Op: query.OpLt, Value: schema.NewDate(2026, 2, 28)}},
		{query.Ge("at", "2026-02-28T01:00:00+01:00"), query.Cmp{Path: path("at"), Op: query.OpGe, Value: time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)}},
		{query.In("customer_id", num(1).String(), num(2).String()), query.OneOf{Path: path("customer_id"), Values: []any{num(1), num(2)}}},
		{query.In("customer_id", num(1).String()), query.Cmp{Path: path("customer_id"), Op: query.OpEq, Value: num(1)}},
		{query.In[int]("count"), query.OneOf{Path: path("count"), Values: []any{}}},
		{query.Eq("amount", nil), query.IsNull{Path: path("amount")}},
		{query.Eq("customer_id", schema.ID{}), query.IsNull{Path: path("customer_id")}},
		{query.Eq("close", ""), query.IsNull{Path: path("close")}},
		{query.Eq("count", nil), query.IsNull{Path: path("count")}},
		{query.Ne("at", time.Time{}), query.Not{Expr: query.IsNull{Path: path("at")}}},
		{query.HasText("name", "ＡCafé"), query.Match{Path: fold, How: query.Contains, Text: "acafe"}},
		{query.And{nil, query.Null("state"), nil}, query.And{query.IsNull{Path: path("state")}}},
		{query.All(nil, nil), query.And{}}, {query.Any(nil), query.Or{}}, {query.Not{}, query.Not{Expr: query.And{}}},
		{query.Has("customer", nil), query.Exists{Relation: "customer", Rel: k.Relation("customer")}},
	} {
		got, err := query.ResolveExpr(k, c.given)
		require.NoError(t, err)
		require.Equal(t, c.want, got, query.String(c.given))
	}
}

func TestRefusedConditions(t *testing.T) {
	k := dealKind(t)
	for _, c := range []struct {
		name string
		e    query.Expr
		says string
	}{
		{"a value of another type", query.Eq("count", "five"), "count: "}, {"a value out of range", query.Eq("amount", "1e300"), "amount: is out of range"},
		{"a value that is no date", query.Eq("close", "tomorrow"), "close: "}, {"a value far away", query.Eq("customer.parent_id", "x"), "customer.parent_id: "},
		{"a custom value", query.Gt("custom.worth", "1.001"), "custom.worth: has more than 2 decimal places"}, {"NaN", query.Eq("ratio", math.NaN()), "ratio: is not finite"},
		{"less than null", query.Lt("amount", nil), "amount: nothing is less or greater than null"}, {"more than no date", query.Ge("close", ""), "close: nothing"},
		{"null among values", query.In[any]("amount", 1, nil), "amount: null can't be one"}, {"no id among values", query.In("customer_id", schema.ID{}), "customer_id: null"},
		{"JSON", query.Eq("notes", "x"), "notes: values of type json can't be compared"}, {"JSON among values", query.In("custom", "x"), "custom: values of type json"},
		{"text match of a field that is not searched", query.HasText("state", "x"), "state: is not declared for search"}, {"text match of a number", query.HasPrefix("count", "x"), "count: is not"},
		{"text match of a custom field", query.HasText("custom.colour", "x"), "custom.colour: is not"}, {"text match with NUL", query.HasText("name", "\x00"), "name: holds a NUL"},
		{"an unknown comparison", query.Cmp{Path: query.P("count"), Op: 9, Value: 1}, "count: unknown comparison"}, {"an unknown match", query.Match{Path: query.P("name"), How: 9}, "name: unknown way"},
		{"a stranger", stranger{}, "is none of this package"}, {"a pointer", &query.Not{}, "is none of this package"},
		{"too many values", query.In("count", make([]int, query.MaxValues+1)...), "count: at most 1000 values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, e := range []query.Expr{c.e, query.Not{Expr: query.And{c.e}}} {
				_, err := query.ResolveExpr(k, e)
				require.ErrorIs(t, err, fault.ErrInvalid)
				require.ErrorContains(t, err, c.says)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	k := dealKind(t)
	nodes := func(n int) query.Expr { // n leaves and the And above them
		list := make(query.And, n)
		for i := range list {
			list[i] = query.Null("state")
		}
		return list
	}
	depth := func(n int) query.Expr {
		e := query.Null("state")
		for range n {
			e = query.Not{Expr: e}
		}
		return e
	}
	where := func(e query.Expr) error { _, err := query.ResolveExpr(k, e); return err }
	sorted := func(n int) error { _, err := query.ResolveSort(k, make([]query.Sort, n)); return err }
	limit := func(n int) error { _, err := query.ResolveSelect(k, query.Select{Limit: n}); return err }
	aggregate := func(a query.Aggregate) error { _, err := query.ResolveAggregate(k, a); return err }
	edges := func(n int) error {
		list := make([]any, n)
		for i := range list {
			list[i] = i
		}
		return aggregate(query.Aggregate{Keys: []query.Key{{Path: query.P("count"), Edges: list}}})
	}
	columns := func(n int) error {
		a := query.Aggregate{}
		for i := range n {
			a.Measures = append(a.Measures, query.Measure{Name: string(rune('a' + i)), Fn: query.Count})
		}
		return aggregate(a)
	}
	groups := func(n int) error {
		return aggregate(query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}, Limit: n})
	}
	for _, c := range []struct {
		name string
		err  func(n int) error
		most int
	}{
		{"nodes", func(n int) error { return where(nodes(n)) }, query.MaxNodes - 1},
		{"depth", func(n int) error { return where(depth(n)) }, query.MaxDepth},
		{"values", func(n int) error { return where(query.In("count", make([]int, n)...)) }, query.MaxValues},
		{"hops", func(n int) error {
			return where(query.Null(strings.Repeat("customer.", 1) + strings.Repeat("parent.", n-1) + "id"))
		}, query.MaxHops},
		{"page", limit, query.MaxLimit}, {"edges", edges, query.MaxEdges}, {"columns", columns, query.MaxColumns}, {"groups", groups, query.MaxGroups},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, c.err(c.most))
			require.ErrorIs(t, c.err(c.most+1), fault.ErrInvalid)
		})
	}
	require.NoError(t, where(query.In("count", make([]int, query.MaxValues)...)))
	require.ErrorContains(t, sorted(query.MaxSort+1), "at most 8 sort keys")
	for _, refused := range []error{limit(-1), groups(-1), columns(0), edges(0)} {
		require.ErrorIs(t, refused, fault.ErrInvalid)
	}
}

func TestSortIsTotal(t *testing.T) {
	k := dealKind(t)
	for given, want := range map[string]string{
		"": "id", "name": "name id", "-name": "-name -id", "id name": "id", "-id": "-id", "-name amount": "-name amount id",
		"customer.id": "customer.id id", "customer.industry -custom.worth": "customer.industry -custom.worth -id",
	} {
		keys, err := query.ResolveSort(k, query.By(strings.Fields(given)...))
		require.NoError(t, err)
		var got []string
		for _, key := range keys {
			require.NotNil(t, key.Path.Field)
			got = append(got, map[bool]string{true: "-"}[key.Desc]+key.Path.Name)
		}
		require.Equal(t, want, strings.Join(got, " "))
	}
	q, err := query.ResolveSelect(k, query.Select{Sort: query.By("customer.industry", "name", "-custom.worth")})
	require.NoError(t, err)
	require.Equal(t, query.DefaultLimit, q.Limit)
	require.Len(t, q.Columns, len(k.Columns())+2, "sort keys that are no columns stand behind them")
	require.Equal(t, "customer.industry", q.Columns[len(k.Columns())].Name)
	require.Equal(t, "custom.worth", q.Columns[len(k.Columns())+1].Name)
}

func TestResolveLeavesWhatItWasGiven(t *testing.T) {
	k := dealKind(t)
	rapid.Check(t, func(t *rapid.T) {
		e := conditions(3).Draw(t, "condition")
		before := query.String(e)
		_, err := query.ResolveExpr(k, e)
		require.NoError(t, err)
		require.Equal(t, before, query.String(e))
	})
}
