package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestRefusedAggregations(t *testing.T) {
	k := dealKind(t)
	count := query.Measure{Fn: query.Count}
	key := func(field string, edges ...any) query.Aggregate {
		return query.Aggregate{Keys: []query.Key{{Path: query.P(field), Edges: edges}}}
	}
	measure := func(fn query.Fn, field string) query.Aggregate {
		return query.Aggregate{Measures: []query.Measure{{Fn: fn, Path: query.P(field)}}}
	}
	for _, c := range []struct {
		name string
		a    query.Aggregate
		says string
	}{
		{"nothing", query.Aggregate{}, "1 to 40"}, {"an unknown key", key("x"), `no field "x"`}, {"a key of JSON", key("notes"), "notes: values of type json"},
		{"an unknown measure", measure(query.Sum, "x"), `no field "x"`}, {"no function", measure(0, "count"), "can't be computed"}, {"a function of later", measure(99, "count"), "can't be computed"},
		{"a sum over many", measure(query.Sum, "customer.deals.amount"), `no to-one relation "deals"`}, {"count of a field", measure(query.Count, "amount"), "count counts records"},
		{"sum of a float", measure(query.Sum, "ratio"), "sum of a field of type float"}, {"sum of a text", measure(query.Sum, "name"), "of type text"}, {"sum of a date", measure(query.Sum, "close"), "of type date"},
		{"least of a bool", measure(query.Min, "won"), "min of a field of type bool"}, {"greatest of an id", measure(query.Max, "id"), "max of a field of type id"},
		{"distinct JSON", measure(query.CountDistinct, "notes"), "of type json"},
		{"edges that do not ascend", key("count", 1, 1), "edges ascend"}, {"edges down", key("amount", "2", "1.5"), "edges ascend"}, {"an edge of null", key("close", nil), "not null"},
		{"an edge of another type", key("count", "x"), "count: "}, {"edges of a text", key("name", "a"), "of type text have no bands"}, {"edges of a float", key("ratio", 0.5), "of type float have no bands"},
		{"a column twice", query.Aggregate{Measures: []query.Measure{count, count}}, "the same name"},
		{"a key named like a measure", query.Aggregate{Keys: []query.Key{{Name: "count", Path: query.P("state")}}, Measures: []query.Measure{count}}, "the same name"},
		{"a sort by no column", query.Aggregate{Measures: []query.Measure{count}, Sort: query.By("state")}, `no key or measure "state"`},
		{"a condition", query.Aggregate{Measures: []query.Measure{count}, Where: query.Eq("x", 1)}, `no field "x"`},
		{"a condition of a measure", query.Aggregate{Measures: []query.Measure{{Fn: query.Count, Where: query.Eq("x", 1)}}}, `no field "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := query.ResolveAggregate(k, c.a)
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestColumnsOfAggregations(t *testing.T) {
	k := dealKind(t)
	a, err := query.ResolveAggregate(k, query.Aggregate{
		Keys: []query.Key{{Path: query.P("customer.industry")}, {Name: "band", Path: query.P("amount"), Edges: []any{1}}},
		Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("count")}, {Fn: query.Min, Path: query.P("close")}, {Fn: query.CountDistinct, Path: query.P("name")},
			{Name: "last", Fn: query.Max, Path: query.P("at")}},
	})
	require.NoError(t, err)
	var got []string
	for _, key := range a.Keys {
		got = append(got, fmt.Sprint(key.Column(), " ", key.ResultType()))
	}
	for _, m := range a.Measures {
		got = append(got, fmt.Sprint(m.Column(), " ", m.ResultType()))
	}
	require.Equal(t, "customer.industry text, band int, count int, sum_count decimal, min_close date, distinct_name int, last time", strings.Join(got, ", "))
	require.Equal(t, query.DefaultGroups, a.Limit)
}

func TestBehindRefuses(t *testing.T) {
	a := query.Aggregate{Keys: []query.Key{{Path: query.P("state")}, {Path: query.P("count"), Edges: []any{int64(1), int64(2)}}}, Measures: []query.Measure{{Fn: query.Count}}}
	for _, row := range [][]any{nil, {"won"}, {"won", int64(-1)}, {"won", int64(3)}, {"won", "low"}} {
		_, err := a.Behind(row, "")
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
	_, err := a.Behind([]any{"won", int64(0)}, "sum")
	require.ErrorContains(t, err, `no measure "sum"`)
	_, err = a.Behind([]any{"won", int64(2)}, "count")
	require.NoError(t, err)
}

// TestBehindOpensWhateverCanBeAsked: a figure whose condition is as deep, or has as
// many nodes, as one may, can be opened too.
func TestBehindOpensWhateverCanBeAsked(t *testing.T) {
	k := dealKind(t)
	deep := query.Null("state")
	for range query.MaxDepth {
		deep = query.Not{Expr: deep}
	}
	wide := make(query.And, query.MaxNodes-1)
	for i := range wide {
		wide[i] = query.Null("state")
	}
	for name, where := range map[string]query.Expr{"deep": deep, "wide": wide} {
		t.Run(name, func(t *testing.T) {
			a, err := query.ResolveAggregate(k, query.Aggregate{Where: where, Keys: []query.Key{{Path: query.P("won")}}})
			require.NoError(t, err)
			q, err := a.Behind([]any{true}, "")
			require.NoError(t, err)
			_, err = query.ResolveSelect(k, q)
			require.NoError(t, err)
		})
	}
}

var keys = []query.Key{
	{Path: query.P("state")}, {Path: query.P("won")}, {Path: query.P("ratio")}, {Path: query.P("customer.industry")}, {Path: query.P("custom.colour")}, {Path: query.P("customer_id")},
	{Name: "band", Path: query.P("amount"), Edges: []any{"0", "1.5", "10"}}, {Name: "size", Path: query.P("count"), Edges: []any{1, 3}},
	{Name: "month", Path: query.P("close"), Edges: []any{"2026-01-01", "2026-02-01"}}, {Name: "worth", Path: query.P("custom.worth"), Edges: []any{"1"}},
}

// TestRecordsBehindFigures: over random records, the records behind the cells of
// any aggregation are a partition of all that it looked at, and each cell is what
// its records come to.
func TestRecordsBehindFigures(t *testing.T) {
	r := registry(t)
	rapid.Check(t, func(t *rapid.T) {
		tenant, err := memory.Open().Bind(r, storage.Options{}).Tenant("acme")
		require.NoError(t, err)
		fill(t, tenant)
		table := storage.Of(tenant, deals)
		a := query.Aggregate{
			Where:    conditions(1).Draw(t, "where"),
			Keys:     rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 3, query.Key.Column).Draw(t, "keys"),
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}, {Name: "won_amount", Fn: query.Sum, Path: query.P("amount"), Where: query.Eq("won", true)}},
		}
		groups, err := table.Aggregate(t.Context(), a)
		require.NoError(t, err)
		require.False(t, groups.More)
		seen := map[schema.ID]bool{}
		for _, row := range groups.Rows {
			for i, measure := range []string{"count", "sum_amount", "won_amount"} {
				q, err := groups.Query.Behind(row, measure)
				require.NoError(t, err)
				q.Limit = query.MaxLimit
				page, err := table.Find(t.Context(), q)
				require.NoError(t, err)
				sum := decimal.NullDecimal{}
				for _, d := range page.Items {
					if measure == "count" {
						require.False(t, seen[d.ID], "no record stands behind two groups")
						seen[d.ID] = true
					}
					if d.Amount.Valid {
						sum = decimal.NewNullDecimal(sum.Decimal.Add(d.Amount.Decimal))
					}
				}
				got := row[len(a.Keys)+i]
				switch {
				case measure == "count":
					require.Equal(t, int64(len(page.Items)), got)
				case sum.Valid:
					require.True(t, sum.Decimal.Equal(got.(decimal.Decimal)), "%v is %v", measure, got)
				default:
					require.Nil(t, got)
				}
			}
		}
		all, err := table.Find(t.Context(), query.Select{Where: a.Where, Limit: query.MaxLimit})
		require.NoError(t, err)
		require.Len(t, seen, len(all.Items), "every record stands behind a group")
	})
}

// fill stores some customers and deals with few different values.
func fill(t *rapid.T, tenant *storage.Tenant) {
	var list []*customer
	for i := range byte(3) {
		list = append(list, &customer{ID: num(i + 1), Industry: rapid.SampledFrom([]string{"", "retail", "Retail"}).Draw(t, "industry")})
	}
	require.NoError(t, storage.Of(tenant, customers).Insert(t.Context(), list...))
	small := rapid.Map(rapid.Int64Range(-2, 25), func(n int64) decimal.Decimal { return decimal.New(n*5, -1) })
	for i := range byte(rapid.IntRange(0, 12).Draw(t, "records")) {
		d := deal{ID: num(i + 1), Won: rapid.Bool().Draw(t, "won"), Count: rapid.Int64Range(0, 4).Draw(t, "count"), Ratio: rapid.SampledFrom([]float64{0, 0.1, -2.5}).Draw(t, "ratio"),
			CustomerID: num(rapid.ByteMax(3).Draw(t, "customer")), Close: schema.DateFromDays(20450 + rapid.Int64Range(0, 60).Draw(t, "close")), Custom: schema.Values{}}
		d.State = rapid.Ptr(rapid.SampledFrom([]string{"", "open", "won"}), true).Draw(t, "state")
		if rapid.Bool().Draw(t, "known") {
			d.Amount = decimal.NewNullDecimal(small.Draw(t, "amount"))
			d.Custom["worth"] = small.Draw(t, "worth")
		} else {
			d.Close = schema.Date{}
			d.Custom["colour"] = rapid.SampledFrom([]string{"", "red"}).Draw(t, "colour")
		}
		require.NoError(t, storage.Of(tenant, deals).Insert(t.Context(), &d))
	}
}
