package eval_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	. "github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func aggregate(t testing.TB, src eval.Source, k *schema.Kind, a Aggregate) []string {
	t.Helper()
	resolved, err := ResolveAggregate(k, a)
	require.NoError(t, err)
	resolved.Tenant = tenant
	rows, err := eval.Aggregate(t.Context(), src, k, &resolved)
	require.NoError(t, err)
	return text(rows)
}

func TestAggregateCompanies(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	count := Measure{Fn: Count}
	of := func(fn Fn, name string) Measure { return Measure{Fn: fn, Path: P(name)} }
	key := func(name string, edges ...any) Key { return Key{Path: P(name), Edges: edges} }
	for name, c := range map[string]struct {
		ask  Aggregate
		want []string
	}{
		"one row over all": {Aggregate{Measures: []Measure{count, of(Sum, "employees"), of(Sum, "revenue"), of(Min, "revenue"), of(Max, "name")}},
			[]string{"4 #17 #24 #-1 Ａcmé  GmbH "}},
		"one row over nothing": {Aggregate{Where: Or{}, Measures: []Measure{count, of(CountDistinct, "code"), of(Sum, "employees"), of(Min, "founded"), of(Max, "code")}},
			[]string{"0 0 <nil> <nil> <nil> "}},
		"no group over nothing": {Aggregate{Where: Or{}, Keys: []Key{key("code")}, Measures: []Measure{count}}, []string{}},
		"null is a group":       {Aggregate{Keys: []Key{key("employees")}, Measures: []Measure{count}}, []string{"<nil> 1 ", "-3 1 ", "10 2 "}},
		"equal decimals are one group": {Aggregate{Keys: []Key{key("revenue")}, Measures: []Measure{count}},
			[]string{"<nil> 1 ", "#-1 1 ", "#12.5 2 "}},
		"distinct leaves null out": {Aggregate{Measures: []Measure{of(CountDistinct, "revenue"), of(CountDistinct, "region"), of(CountDistinct, "id")}},
			[]string{"2 3 4 "}},
		"measure with a filter": {Aggregate{Measures: []Measure{count, {Name: "big", Fn: Count, Where: Gt("employees", 0)}, {Fn: Sum, Path: P("employees"), Where: Or{}}}},
			[]string{"4 2 <nil> "}},
		"bands": {Aggregate{Keys: []Key{key("employees", -3, 0, 10)}, Measures: []Measure{count}},
			[]string{"<nil> 1 ", "1 1 ", "3 2 "}},
		"bands of dates": {Aggregate{Keys: []Key{key("founded", day("2000-01-01"))}, Measures: []Measure{count}},
			[]string{"<nil> 2 ", "0 1 ", "1 1 "}},
		"bands of decimals": {Aggregate{Keys: []Key{key("revenue", "12.51")}, Measures: []Measure{count}},
			[]string{"<nil> 1 ", "0 3 "}},
		"sorted by a measure, then keys": {Aggregate{Keys: []Key{key("employees")}, Measures: []Measure{count}, Sort: By("-count")},
			[]string{"10 2 ", "<nil> 1 ", "-3 1 "}},
		"sorted by a key downward": {Aggregate{Keys: []Key{key("employees")}, Measures: []Measure{count}, Sort: By("-employees")},
			[]string{"10 2 ", "-3 1 ", "<nil> 1 "}},
		"null measures first": {Aggregate{Keys: []Key{key("code")}, Measures: []Measure{of(Sum, "employees")}, Sort: By("sum_employees"), Limit: 2},
			[]string{"C <nil> ", "B #-3 "}},
		"limit": {Aggregate{Keys: []Key{key("code")}, Limit: 2}, []string{"A ", "B "}},
		"over references and custom fields": {Aggregate{Keys: []Key{{Name: "parent", Path: P("parent.custom.colour")}}, Measures: []Measure{of(Sum, "parent.custom.budget"), of(Max, "custom.visited")}},
			[]string{"<nil> <nil> 2026-01-01 00:00:00.5 +0000 UTC ", "red #12.5 <nil> "}},
		"two keys": {Aggregate{Keys: []Key{key("active"), key("employees")}, Measures: []Measure{count}},
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
	for _, a := range []Aggregate{
		{Measures: []Measure{{Fn: Count}}},
		{Limit: 1, Sort: By("nothing")},
		{Limit: 1, Keys: []Key{{Path: P("code")}}},
		{Limit: 1, Measures: []Measure{{Fn: Fn(99), Path: Path{Field: w.company.ID()}}}},
		{Limit: 1, Measures: []Measure{{Fn: Sum, Path: Path{Field: w.company.ID()}}}},
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
		Aggregate{Measures: []Measure{{Fn: Sum, Path: P("employees")}, {Fn: Sum, Path: P("revenue")}}}))
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
		a, err := ResolveAggregate(w.company, Aggregate{
			Keys:     []Key{{Path: P("employees"), Edges: []any{0, 2, 4}}, {Path: P("region")}},
			Measures: []Measure{{Fn: Count}, {Name: "odd", Fn: Count, Where: In("employees", 1, 3, 5)}},
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
