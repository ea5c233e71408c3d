package eval_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func aggregate(t testing.TB, src eval.Source, k *schema.Kind, a query.Aggregate) []string {
	t.Helper()
	resolved, err := query.ResolveAggregate(k, a)
	require.NoError(t, err)
	resolved.Tenant = tenant
	rows, err := eval.Aggregate(t.Context(), src, k, &resolved)
	require.NoError(t, err)
	return text(rows)
}

func TestAggregateCompanies(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	count := query.Measure{Fn: query.Count}
	of := func(fn query.Fn, name string) query.Measure { return query.Measure{Fn: fn, Path: query.P(name)} }
	key := func(name string, edges ...any) query.Key { return query.Key{Path: query.P(name), Edges: edges} }
	for name, c := range map[string]struct {
		ask  query.Aggregate
		want []string
	}{
		"one row over all": {query.Aggregate{Measures: []query.Measure{count, of(query.Sum, "employees"), of(query.Sum, "revenue"), of(query.Min, "revenue"), of(query.Max, "name")}},
			[]string{"4 #17 #24 #-1 Ａcmé  GmbH "}},
		"one row over nothing": {query.Aggregate{Where: query.Or{}, Measures: []query.Measure{count, of(query.CountDistinct, "code"), of(query.Sum, "employees"), of(query.Min, "founded"), of(query.Max, "code")}},
			[]string{"0 0 <nil> <nil> <nil> "}},
		"no group over nothing": {query.Aggregate{Where: query.Or{}, Keys: []query.Key{key("code")}, Measures: []query.Measure{count}}, []string{}},
		"null is a group":       {query.Aggregate{Keys: []query.Key{key("employees")}, Measures: []query.Measure{count}}, []string{"<nil> 1 ", "-3 1 ", "10 2 "}},
		"equal decimals are one group": {query.Aggregate{Keys: []query.Key{key("revenue")}, Measures: []query.Measure{count}},
			[]string{"<nil> 1 ", "#-1 1 ", "#12.5 2 "}},
		"distinct leaves null out": {query.Aggregate{Measures: []query.Measure{of(query.CountDistinct, "revenue"), of(query.CountDistinct, "region"), of(query.CountDistinct, "id")}},
			[]string{"2 3 4 "}},
		"measure with a filter": {query.Aggregate{Measures: []query.Measure{count, {Name: "big", Fn: query.Count, Where: query.Gt("employees", 0)}, {Fn: query.Sum, Path: query.P("employees"), Where: query.Or{}}}},
			[]string{"4 2 <nil> "}},
		"bands": {query.Aggregate{Keys: []query.Key{key("employees", -3, 0, 10)}, Measures: []query.Measure{count}},
			[]string{"<nil> 1 ", "1 1 ", "3 2 "}},
		"bands of dates": {query.Aggregate{Keys: []query.Key{key("founded", day("2000-01-01"))}, Measures: []query.Measure{count}},
			[]string{"<nil> 2 ", "0 1 ", "1 1 "}},
		"bands of decimals": {query.Aggregate{Keys: []query.Key{key("revenue", "12.51")}, Measures: []query.Measure{count}},
			[]string{"<nil> 1 ", "0 3 "}},
		"sorted by a measure, then keys": {query.Aggregate{Keys: []query.Key{key("employees")}, Measures: []query.Measure{count}, Sort: query.By("-count")},
			[]string{"10 2 ", "<nil> 1 ", "-3 1 "}},
		"sorted by a key downward": {query.Aggregate{Keys: []query.Key{key("employees")}, Measures: []query.Measure{count}, Sort: query.By("-employees")},
			[]string{"10 2 ", "-3 1 ", "<nil> 1 "}},
		"null measures first": {query.Aggregate{Keys: []query.Key{key("code")}, Measures: []query.Measure{of(query.Sum, "employees")}, Sort: query.By("sum_employees"), Limit: 2},
			[]string{"C <nil> ", "B #-3 "}},
		"limit": {query.Aggregate{Keys: []query.Key{key("code")}, Limit: 2}, []string{"A ", "B "}},
		"over references and custom fields": {query.Aggregate{Keys: []query.Key{{Name: "parent", Path: query.P("parent.custom.colour")}}, Measures: []query.Measure{of(query.Sum, "parent.custom.budget"), of(query.Max, "custom.visited")}},
			[]string{"<nil> <nil> 2026-01-01 00:00:00.5 +0000 UTC ", "red #12.5 <nil> "}},
		"two keys": {query.Aggregate{Keys: []query.Key{key("active"), key("employees")}, Measures: []query.Measure{count}},
			[]string{"false <nil> 1 ", "false -3 1 ", "false 10 1 ", "true 10 1 "}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, aggregate(t, tables, w.company, c.ask))
			require.Equal(t, c.want, aggregate(t, eval.FromConn(t.Context(), eval.NewConn(tables)), w.company, c.ask), "from a Conn")
		})
	}
}

func TestAggregateRefusesWhatIsNotResolved(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	for _, a := range []query.Aggregate{
		{Measures: []query.Measure{{Fn: query.Count}}},
		{Limit: 1, Sort: query.By("nothing")},
		{Limit: 1, Keys: []query.Key{{Path: query.P("code")}}},
		{Limit: 1, Measures: []query.Measure{{Fn: query.Fn(99), Path: query.Path{Field: w.company.ID()}}}},
		{Limit: 1, Measures: []query.Measure{{Fn: query.Sum, Path: query.Path{Field: w.company.ID()}}}},
	} {
		a.Tenant = tenant
		_, err := eval.Aggregate(t.Context(), tables, w.company, &a)
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}

func TestSumsAreExactBeyondInt64(t *testing.T) {
	w := testWorld(t)
	tables := eval.NewTables()
	for i := range 3 {
		put(t, tables, w.company, vals{"id": num(i + 1), "employees": int64(9223372036854775807), "revenue": dec("922337203685477.5807")})
	}
	require.Equal(t, []string{"#27670116110564327421 #2767011611056432.7421 "}, aggregate(t, tables, w.company,
		query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("employees")}, {Fn: query.Sum, Path: query.P("revenue")}}}))
}

// TestCellsAddUp: the groups of an aggregation are the records, each in one, and
// Behind leads from a cell to the records counted in it.
func TestCellsAddUp(t *testing.T) {
	w := testWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		tables := eval.NewTables()
		n := rapid.IntRange(0, 30).Draw(rt, "rows")
		for i := range n {
			v := vals{"id": num(i + 1)}
			if e := rapid.IntRange(-2, 5).Draw(rt, "employees"); e > -2 {
				v["employees"] = int64(e)
			}
			v["region"] = rapid.SampledFrom([]any{nil, "", "a"}).Draw(rt, "region")
			put(t, tables, w.company, v)
		}
		a, err := query.ResolveAggregate(w.company, query.Aggregate{
			Keys:     []query.Key{{Path: query.P("employees"), Edges: []any{0, 2, 4}}, {Path: query.P("region")}},
			Measures: []query.Measure{{Fn: query.Count}, {Name: "odd", Fn: query.Count, Where: query.In("employees", 1, 3, 5)}},
		})
		require.NoError(t, err)
		a.Tenant = tenant
		rows, err := eval.Aggregate(t.Context(), tables, w.company, &a)
		require.NoError(t, err)
		total := int64(0)
		for _, row := range rows {
			total += row[2].(int64)
			for at, name := range map[int]string{2: "count", 3: "odd"} {
				q, err := a.Behind(row, name)
				require.NoError(t, err)
				require.Len(t, ask(t, tables, w.company, q), int(row[at].(int64)))
			}
		}
		require.Equal(t, int64(n), total)
	})
}
