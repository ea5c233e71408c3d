package query_test

import (
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestCompareValues(t *testing.T) {
	for _, ascending := range [][]any{
		{nil, false, true},
		{nil, int64(math.MinInt64), int64(-1), int64(0), int64(math.MaxInt64)},
		{nil, -math.MaxFloat64, -0.5, 0.0, math.SmallestNonzeroFloat64, 0.5},
		{nil, "", "A", "B", "a", "a ", "aa", "é", "中", "😀"},
		{nil, time.UnixMicro(-1), time.UnixMicro(0), time.UnixMicro(1)},
		{nil, schema.NewDate(1, 1, 1), schema.NewDate(1970, 1, 1), schema.NewDate(9999, 12, 31)},
		{nil, dec("-1"), dec("-0.0001"), dec("0"), dec("0.5"), dec("9007199254740993"), dec("9007199254740993.5")},
		{nil, num(1), num(2), schema.ID{1}},
	} {
		for i, a := range ascending {
			for j, b := range ascending {
				want := map[bool]int{true: 1}[i > j] - map[bool]int{true: 1}[i < j]
				require.Equal(t, want, query.CompareValues(a, b), "%v and %v", a, b)
			}
		}
	}
	require.Zero(t, query.CompareValues(dec("1.50"), dec("1.5")))
	require.Zero(t, query.CompareValues(0.0, math.Copysign(0, -1)))
	require.Zero(t, query.CompareValues([]byte("a"), []byte("b")), "bytes have no order")
	require.Zero(t, query.CompareValues(schema.JSON("1"), schema.JSON("2")), "JSON has no order")
	require.Zero(t, query.CompareValues("1", int64(2)), "nor have values of different types")
}

// TestCompareValuesIsATotalOrder holds it for every ordered type, null included.
func TestCompareValuesIsATotalOrder(t *testing.T) {
	types := []*rapid.Generator[any]{
		rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.StringN(0, 3, -1).AsAny(),
		rapid.Map(rapid.Int64Range(-1e15, 1e15), func(n int64) time.Time { return time.UnixMicro(n).UTC() }).AsAny(),
		rapid.Map(rapid.Int64Range(-1000, 1000), schema.DateFromDays).AsAny(),
		rapid.Custom(func(t *rapid.T) any {
			return decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-12, 3).Draw(t, "exponent"))
		}),
		rapid.Map(rapid.SliceOfN(rapid.ByteMax(2), 16, 16), func(b []byte) schema.ID { return schema.ID(b) }).AsAny(),
	}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.OneOf(rapid.Just[any](nil), rapid.SampledFrom(types).Draw(t, "type"))
		a, b, c := values.Draw(t, "a"), values.Draw(t, "b"), values.Draw(t, "c")
		ab, bc := query.CompareValues(a, b), query.CompareValues(b, c)
		require.Contains(t, []int{-1, 0, 1}, ab)
		require.Zero(t, query.CompareValues(a, a))
		require.Equal(t, -ab, query.CompareValues(b, a), "antisymmetric")
		if ab <= 0 && bc <= 0 {
			require.LessOrEqual(t, query.CompareValues(a, c), 0, "transitive")
		}
		if ab == 0 {
			require.Equal(t, bc, query.CompareValues(a, c), "what is equal compares alike")
		}
		if a != nil {
			require.Equal(t, -1, query.CompareValues(nil, a), "null is the smallest")
		}
	})
}
