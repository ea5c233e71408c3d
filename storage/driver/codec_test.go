package driver_test

import (
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// valuesOf draws driver values of each type.
var valuesOf = [...]*rapid.Generator[any]{
	schema.TypeBool: rapid.Bool().AsAny(),
	schema.TypeInt:  rapid.OneOf(rapid.Just[int64](0), rapid.Int64()).AsAny(),
	schema.TypeFloat: rapid.OneOf(
		rapid.SampledFrom([]float64{0, math.MaxFloat64, math.SmallestNonzeroFloat64, -0.1, 1e21}),
		rapid.Float64(),
	).AsAny(),
	schema.TypeText:  rapid.OneOf(rapid.Just(""), rapid.String()).AsAny(),
	schema.TypeBytes: rapid.SliceOf(rapid.Byte()).AsAny(),
	schema.TypeTime:  rapid.Map(rapid.Int64Range(-62135596799_999999, 253402300799_999999), func(n int64) time.Time { return time.UnixMicro(n).UTC() }).AsAny(),
	schema.TypeDate:  rapid.Map(rapid.Int64Range(-719162, 2932896), schema.DateFromDays).AsAny(),
	schema.TypeDecimal: rapid.OneOf(
		rapid.Just(decimal.Decimal{}),
		rapid.Map(rapid.Int64(), func(n int64) decimal.Decimal { return decimal.New(n, -12) }),
		rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-12, 18).Draw(t, "exponent"))
		}),
	).AsAny(),
	schema.TypeJSON: rapid.SampledFrom([]schema.JSON{schema.JSON(`{"a":[1,"x"]}`), schema.JSON(`"中"`), schema.JSON("{}")}).AsAny(),
	schema.TypeID:   rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) schema.ID { return schema.ID(b) }).AsAny(),
}

// anyValue draws driver values of every type.
var anyValue = rapid.OneOf(append(valuesOf[schema.TypeBool:], rapid.Just[any](nil))...)

// requireEqual compares rows as driver.Row says: decimals in value.
func requireEqual(t require.TestingT, want, got driver.Row) {
	require.Len(t, got, len(want))
	for i, want := range want {
		if d, ok := want.(decimal.Decimal); ok {
			require.IsType(t, want, got[i])
			require.True(t, d.Equal(got[i].(decimal.Decimal)), "%s is %s", d, got[i])
			continue
		}
		require.Equal(t, want, got[i])
	}
}

func TestRowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOf(anyValue).Draw(t, "row")
		raw, err := driver.MarshalRow(row)
		require.NoError(t, err)
		back, err := driver.UnmarshalRow(raw)
		require.NoError(t, err)
		requireEqual(t, row, back)
	})
}

func TestMarshalRowRefuses(t *testing.T) {
	for _, v := range []any{5, int32(5), uint8(5), float32(0.5), []int{1}, map[string]any{}, &struct{}{}, decimal.NullDecimal{}, schema.Values{}, time.Second} {
		_, err := driver.MarshalRow(driver.Row{"a", v})
		require.ErrorIs(t, err, fault.ErrInternal, "%T", v)
		require.ErrorContains(t, err, "is no driver value")
	}
}

func TestUnmarshalRowRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "x", "{}", "5", `"a"`, `[1]`, `["s"]`, `[{"s":"a"}]`, `[["s",1]]`, `[["s","a"]`, `[["s","a"]] x`, "\xff",
		`[["z","a"]]`, `[["S","a"]]`, `[["b","yes"]]`, `[["i",""]]`, `[["i","1.5"]]`, `[["i","9223372036854775808"]]`, `[["f","one"]]`, `[["f","1e999"]]`,
		`[["x","!"]]`, `[["t","today"]]`, `[["d","2026-02-30"]]`, `[["n",""]]`, `[["n","1,5"]]`,
		`[["n","1111111111222222222233333333334444444444555555555566666666667"]]`, `[["u","1"]]`,
	} {
		row, err := driver.UnmarshalRow([]byte(text))
		require.ErrorIs(t, err, fault.ErrInvalid, "%s", text)
		require.Nil(t, row)
	}
}

// TestUnmarshalRowIsStrict holds what the doc comment says: it reads what
// MarshalRow wrote and nothing else.
func TestUnmarshalRowIsStrict(t *testing.T) {
	for _, text := range []string{
		`null`, `[null]`, `[[]]`, `[["s"]]`, `[["s","a","b"]]`, `[["","a"]]`, `[["b","1"]]`, `[["b","T"]]`, `[["i","+5"]]`, `[["f","NaN"]]`, `[["f","Inf"]]`, `[["f","0x1p-2"]]`,
		`[["n","1e9999"]]`, `[["j","{"]]`, `[["j",""]]`, `[["t","9223372036854775807"]]`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := driver.UnmarshalRow([]byte(text))
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
	}
}

func TestStatusFits(t *testing.T) {
	require.True(t, driver.Status{}.Fits())
	require.False(t, driver.Status{Missing: []string{"table"}}.Fits())
	require.False(t, driver.Status{Unknown: []string{"step 9"}}.Fits())
	require.False(t, driver.Status{Mismatched: []string{"column"}}.Fits())
}
