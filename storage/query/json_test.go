package query_test

import (
	"encoding/json"
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

// requireSame compares resolved conditions by their JSON, in which decimals that
// are equal in value are spelled alike.
func requireSame(t tb, k *schema.Kind, want, got query.Expr) {
	t.Helper()
	first, err := query.ResolveExpr(k, want)
	require.NoError(t, err)
	second, err := query.ResolveExpr(k, got)
	require.NoError(t, err)
	require.Equal(t, query.String(first), query.String(second))
	again, err := query.ResolveExpr(k, second)
	require.NoError(t, err)
	require.Equal(t, query.String(first), query.String(again), "what is resolved can be resolved again")
}

func TestExprRoundTrip(t *testing.T) {
	k := dealKind(t)
	rapid.Check(t, func(t *rapid.T) {
		e := conditions(3).Draw(t, "condition")
		raw, err := query.MarshalExpr(e)
		require.NoError(t, err)
		back, err := query.ParseExpr(raw)
		require.NoError(t, err, "%s", raw)
		requireSame(t, k, e, back)
		twice, err := query.MarshalExpr(back)
		require.NoError(t, err)
		require.JSONEq(t, string(raw), string(twice))
	})
}

// TestExprValuesRoundTrip shows that a saved condition means for every type of
// field what it meant before.
func TestExprValuesRoundTrip(t *testing.T) {
	k := dealKind(t)
	for _, e := range []query.Expr{
		query.Gt("ratio", 0.5), query.Gt("count", 5), query.Eq("amount", dec("1.50")), query.Eq("won", false), query.Eq("name", ""),
		query.Eq("close", schema.NewDate(2026, 2, 28)), query.Ge("at", time.Date(2026, 2, 28, 1, 2, 3, 4000, time.FixedZone("", 3600))),
		query.Eq("customer_id", num(7)), query.Eq("customer_id", schema.ID{}), query.Eq("at", time.Time{}), query.Ne("state", nil), query.Eq("close", schema.Date{}),
		query.In("count", 1, 2), query.In[string]("state"), query.All(), query.Any(), query.Not{}, query.Not{Expr: query.And{nil}}, query.And{nil, query.Null("state")},
		query.Has("customer", nil), query.HasText("name", "<É&>"), query.Eq("name", "\u2028<>&\""), query.Eq("count", int64(math.MaxInt64)),
	} {
		t.Run(query.String(e), func(t *testing.T) {
			raw, err := query.MarshalExpr(e)
			require.NoError(t, err)
			back, err := query.ParseExpr(raw)
			require.NoError(t, err)
			requireSame(t, k, e, back)
		})
	}
}

func TestParseExprRefuses(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat(`{"op":"not","of":[`, n) + `{"op":"and"}` + strings.Repeat(`]}`, n)
	}
	for _, text := range []string{
		`5`, `"and"`, `[]`, `{}`, `{"op":""}`, `{"op":"nand"}`, `{"op":"AND"}`, `{"op":"eq","field":"x","limit":1}`, `{"op":"and","of":{}}`, `{"op":"not"}`,
		`{"op":"not","of":[{"op":"and"},{"op":"and"}]}`, `{"op":"contains","field":"x"}`, `{"op":"contains","field":"x","value":5}`,
		`{"op":"and","of":[{"op":"zzz"}]}`, `{"op":"has","relation":"r","where":{"op":"zzz"}}`, `{"op":"and"} {"op":"and"}`, `{"op":"and"}}`, `{"op":"and"`,
		deep(query.MaxDepth + 1), `{"op":"eq","field":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		t.Run(text[:min(len(text), 40)], func(t *testing.T) {
			_, err := query.ParseExpr([]byte(text))
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.Less(t, len(err.Error()), 200, "what was sent is not sent back")
		})
	}
	for _, text := range []string{"", "null", " null ", deep(query.MaxDepth)} {
		_, err := query.ParseExpr([]byte(text))
		require.NoError(t, err)
	}
}

// tb is what a *testing.T and a *rapid.T have in common.
type tb interface {
	require.TestingT
	Helper()
}

type stranger struct{ query.And }

func TestMarshalRefuses(t *testing.T) {
	for name, e := range map[string]query.Expr{
		"an unknown comparison": query.Cmp{Path: query.P("x"), Op: 99}, "no comparison": query.Cmp{Path: query.P("x")},
		"an unknown way of matching": query.Match{Path: query.P("x")}, "a condition of somebody else": stranger{}, "a pointer": &query.IsNull{},
		"deep inside": query.Not{Expr: query.And{query.Has("x", stranger{})}},
		"NaN":         query.Eq("ratio", math.NaN()), "a value that is none": query.Eq("count", make(chan int)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := query.MarshalExpr(e)
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.Contains(t, query.String(e), "!(")
			for _, v := range []json.Marshaler{query.Select{Where: e}, query.Aggregate{Where: e}, query.Aggregate{Measures: []query.Measure{{Fn: query.Count, Where: e}}}} {
				_, err = v.MarshalJSON()
				require.ErrorIs(t, err, fault.ErrInvalid)
			}
		})
	}
}

func TestSelectRoundTrip(t *testing.T) {
	k := dealKind(t)
	rapid.Check(t, func(t *rapid.T) {
		q := query.Select{Where: conditions(2).Draw(t, "where"), Limit: rapid.IntRange(0, query.MaxLimit).Draw(t, "limit"), Cursor: rapid.StringMatching(`[a-zA-Z0-9_-]*`).Draw(t, "cursor"),
			Sort:   query.By(rapid.SliceOfN(rapid.SampledFrom([]string{"name", "-amount", "customer.industry", "-custom.worth", "id"}), 0, 3).Draw(t, "sort")...),
			Tenant: "acme", Scope: &query.Scope{}, After: []any{1}}
		raw, err := json.Marshal(q)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "acme")
		back := query.Select{Tenant: "other", Limit: 7}
		require.NoError(t, json.Unmarshal(raw, &back))
		requireSame(t, k, q.Where, back.Where)
		q.Where, back.Where, q.Tenant, q.Scope, q.After = nil, nil, "", nil, nil
		require.Equal(t, q, back)
	})
}

func TestAggregateRoundTrip(t *testing.T) {
	k := dealKind(t)
	a := query.Aggregate{
		Where: query.Eq("won", true),
		Keys: []query.Key{{Path: query.P("customer.industry")}, {Name: "month", Path: query.P("close"), Edges: []any{schema.NewDate(2026, 1, 1), schema.NewDate(2026, 2, 1)}},
			{Name: "band", Path: query.P("amount"), Edges: []any{dec("10"), dec("99.5")}}, {Name: "hour", Path: query.P("at"), Edges: []any{time.UnixMicro(1).UTC()}}},
		Measures: []query.Measure{{Fn: query.Count}, {Name: "big", Fn: query.Sum, Path: query.P("amount"), Where: query.Gt("amount", dec("5"))},
			{Fn: query.CountDistinct, Path: query.P("customer_id")}, {Fn: query.Min, Path: query.P("close")}, {Fn: query.Max, Path: query.P("close")}},
		Sort: query.By("-big", "month"), Limit: 7, Tenant: "acme", Scope: &query.Scope{},
	}
	raw, err := json.Marshal(a)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "acme")
	var back query.Aggregate
	require.NoError(t, json.Unmarshal(raw, &back))
	want, err := query.ResolveAggregate(k, a)
	require.NoError(t, err)
	got, err := query.ResolveAggregate(k, back)
	require.NoError(t, err)
	first, err := json.Marshal(want)
	require.NoError(t, err)
	second, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(first), string(second))
	require.Equal(t, want.Keys, got.Keys)
	require.Equal(t, want.Sort, got.Sort)
	require.Equal(t, 7, got.Limit)
}

func TestQueriesRefuseOtherJSON(t *testing.T) {
	for _, text := range []string{`5`, `[]`, `{"tenant":"x"}`, `{"scope":{}}`, `{"where":{"op":"zzz"}}`, `{"limit":"1"}`, `{"sort":"name"}`, `{} x`} {
		t.Run(text, func(t *testing.T) {
			require.ErrorIs(t, (&query.Select{}).UnmarshalJSON([]byte(text)), fault.ErrInvalid)
			require.ErrorIs(t, (&query.Aggregate{}).UnmarshalJSON([]byte(text)), fault.ErrInvalid)
		})
	}
	for _, text := range []string{`{"measures":[{"fn":"avg"}]}`, `{"measures":[{}]}`, `{"measures":[{"fn":"count","where":5}]}`, `{"keys":[{"path":"x"}]}`, `{"cursor":"x"}`} {
		a := query.Aggregate{Limit: 5}
		require.ErrorIs(t, a.UnmarshalJSON([]byte(text)), fault.ErrInvalid, text)
		require.Equal(t, query.Aggregate{Limit: 5}, a, "unchanged")
	}
}
