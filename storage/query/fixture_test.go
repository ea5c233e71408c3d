package query_test

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type customer struct {
	ID       schema.ID
	ParentID schema.ID
	Industry string `crm:",search"`
	Custom   schema.Values
}

type deal struct {
	ID         schema.ID
	CustomerID schema.ID
	Name       string `crm:",search"`
	State      *string
	Won        bool
	Count      int64
	Ratio      float64
	Amount     decimal.NullDecimal
	Close      schema.Date
	At         time.Time
	Notes      schema.JSON
	Custom     schema.Values
}

var (
	customers = schema.Define[customer]("customer", schema.BelongsTo("parent", "customer", "parent_id"), schema.HasMany("deals", "deal", "customer"))
	deals     = schema.Define[deal]("deal", schema.BelongsTo("customer", "customer", "customer_id"))
)

func registry(t testing.TB) *schema.Registry {
	t.Helper()
	r, err := schema.NewRegistry([]*schema.Kind{customers.Kind, deals.Kind},
		schema.Extension{Kind: "deal", Fields: []schema.CustomField{{Name: "colour", Type: schema.TypeText}, {Name: "worth", Type: schema.TypeDecimal, Scale: 2}}})
	require.NoError(t, err)
	return r
}

func dealKind(t testing.TB) *schema.Kind {
	t.Helper()
	return registry(t).Kind("deal")
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func num(n byte) schema.ID { return schema.ID{15: n} }

// scaled draws all integers that stand for a decimal.
var scaled = rapid.Int64Range(-math.MaxInt64, math.MaxInt64)

// comparisons draws a comparison of a field of deals with a value that fits it,
// as a Go program would write it.
var comparisons = rapid.Custom(func(t *rapid.T) query.Expr {
	fields := map[string]*rapid.Generator[any]{
		"id":                rapid.Map(rapid.Byte(), num).AsAny(),
		"customer_id":       rapid.Map(rapid.ByteMin(1), num).AsAny(),
		"name":              rapid.StringMatching(`[a-zé中"\\]{0,5}`).AsAny(),
		"state":             rapid.StringMatching(`[a-z]{0,5}`).AsAny(),
		"customer.industry": rapid.StringMatching(`[a-z]{0,5}`).AsAny(),
		"won":               rapid.Bool().AsAny(),
		"count":             rapid.Int64().AsAny(),
		"ratio":             rapid.Float64Range(-1e6, 1e6).AsAny(),
		"amount":            rapid.Map(scaled, func(n int64) decimal.Decimal { return decimal.New(n, -4) }).AsAny(),
		"custom.worth":      rapid.Map(scaled, func(n int64) decimal.Decimal { return decimal.New(n, -2) }).AsAny(),
		"close":             rapid.Map(rapid.Int64Range(0, 30000), schema.DateFromDays).AsAny(),
		"at":                rapid.Map(rapid.Int64Range(1, 1e15), func(n int64) time.Time { return time.UnixMicro(n).UTC() }).AsAny(),
		"custom.colour":     rapid.StringMatching(`[a-z]{0,5}`).AsAny(),
	}
	names := slices.Sorted(maps.Keys(fields)) // for runs to be alike
	name := rapid.SampledFrom(names).Draw(t, "field")
	if rapid.IntRange(0, 5).Draw(t, "many") == 0 {
		return query.OneOf{Path: query.P(name), Values: rapid.SliceOfN(fields[name].Filter(func(v any) bool { return v != num(0) }), 0, 3).Draw(t, "values")}
	}
	op := query.Op(rapid.IntRange(int(query.OpEq), int(query.OpGe)).Draw(t, "op"))
	value := fields[name].Draw(t, "value")
	if value == num(0) {
		value = num(1)
	}
	return query.Cmp{Path: query.P(name), Op: op, Value: value}
})

// conditions draws whole conditions on deals.
func conditions(depth int) *rapid.Generator[query.Expr] {
	leaf := rapid.OneOf(comparisons, comparisons, comparisons,
		rapid.Map(rapid.SampledFrom([]string{"state", "amount", "customer.parent.industry", "custom.colour"}), query.Null),
		rapid.Map(rapid.StringMatching(`[A-Zé ]{0,4}`), func(s string) query.Expr { return query.HasText("name", s) }),
		rapid.Map(rapid.StringMatching(`[A-Zé ]{0,4}`), func(s string) query.Expr { return query.HasPrefix("customer.industry", s) }),
		rapid.Just(query.Has("customer", nil)),
		rapid.Just(query.Has("customer", query.Has("deals", query.Eq("won", true)))))
	if depth == 0 {
		return leaf
	}
	inner := conditions(depth - 1)
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(inner, 0, 3), func(list []query.Expr) query.Expr { return query.And(list) }),
		rapid.Map(rapid.SliceOfN(inner, 0, 3), func(list []query.Expr) query.Expr { return query.Or(list) }),
		rapid.Map(inner, func(e query.Expr) query.Expr { return query.Not{Expr: e} }))
}
