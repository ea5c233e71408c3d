package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// values is a kind with a field of each type, null or not.
var values = schema.Define[struct {
	ID    schema.ID
	Bool  bool
	Int   int64
	IntN  *int64
	Float float64
	Text  string `crm:",max=10"`
	TextN *string
	Bytes []byte `crm:",max=4"`
	Time  time.Time
	Date  schema.Date
	Dec   decimal.Decimal `crm:",scale=2"`
	DecN  decimal.NullDecimal
	JSON  schema.JSON `crm:",max=40"`
	Ref   schema.ID
}]("values")

type (
	flag  bool
	count int16
	blob  []byte
)

const (
	idText = "0190a0b0-0000-7000-8000-000000000001"
	secret = "s3cret"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func parsed[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestValueTakes(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	id, day := parsed(schema.ParseID(idText)), schema.NewDate(2024, time.February, 29)
	for _, c := range []struct {
		field string
		given any
		want  any
	}{
		{"bool", true, true}, {"bool", flag(true), true}, {"bool", new(false), false},
		{"int", 5, int64(5)}, {"int", int8(-5), int64(-5)}, {"int", count(7), int64(7)}, {"int", uint32(math.MaxUint32), int64(math.MaxUint32)},
		{"int", uint64(math.MaxInt64), int64(math.MaxInt64)}, {"int", int64(math.MinInt64), int64(math.MinInt64)}, {"int", json.Number("-12"), int64(-12)},
		{"int_n", new(int64(3)), int64(3)}, {"int_n", (*int64)(nil), nil}, {"int_n", nil, nil},
		{"float", 0.5, 0.5}, {"float", float32(0.5), 0.5}, {"float", math.MaxFloat64, math.MaxFloat64}, {"float", math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64},
		{"float", json.Number("0.5"), 0.5}, {"float", json.Number("2"), 2.0},
		{"text", "", ""}, {"text", "0123456789", "0123456789"}, {"text", "华为华", "华为华"}, {"text", stage("won"), "won"}, {"text", " a\n", " a\n"},
		{"text_n", new("x"), "x"}, {"text_n", new(""), ""}, {"text_n", (*string)(nil), nil}, {"text_n", new(stage("won")), "won"},
		{"bytes", []byte{0, 255}, []byte{0, 255}}, {"bytes", []byte{}, []byte{}}, {"bytes", []byte(nil), nil}, {"bytes", blob{1}, []byte{1}},
		{"time", at("2026-01-31T23:59:59.9999999Z"), at("2026-01-31T23:59:59.999999Z")},
		{"time", at("2026-02-01T07:00:00Z").In(shanghai), at("2026-02-01T07:00:00Z")}, {"time", time.Time{}, nil}, {"time", new(at("2026-02-01T07:00:00Z")), at("2026-02-01T07:00:00Z")},
		{"time", "2026-02-01T15:00:00.5+08:00", at("2026-02-01T07:00:00.5Z")}, {"time", at("0001-01-01T00:00:00.000001Z"), at("0001-01-01T00:00:00.000001Z")},
		{"time", at("9999-12-31T23:59:59.999999999Z"), at("9999-12-31T23:59:59.999999Z")}, {"time", "0001-01-01T00:00:00Z", nil},
		{"time", time.Time{}.Add(time.Nanosecond), nil},
		{"date", day, day}, {"date", "2024-02-29", day}, {"date", "", nil}, {"date", schema.Date{}, nil}, {"date", &day, day},
		{"dec", dec("12.34"), dec("12.34")}, {"dec", dec("12.3400"), dec("12.34")}, {"dec", "0.10", dec("0.1")}, {"dec", json.Number("1e3"), dec("1000")}, {"dec", -7, dec("-7")},
		{"dec", "92233720368547758.07", dec("92233720368547758.07")}, {"dec", "-92233720368547758.07", dec("-92233720368547758.07")},
		{"dec", "0e9999", dec("0")}, {"dec", "-0", dec("0")}, {"dec", decimal.NewNullDecimal(dec("1")), dec("1")}, {"dec", new(dec("1")), dec("1")},
		{"dec_n", decimal.NullDecimal{}, nil}, {"dec_n", nil, nil},
		{"json", schema.JSON(`{"b": 1.0, "a": []}`), schema.JSON(`{"a":[],"b":1}`)}, {"json", json.RawMessage(` 1 `), schema.JSON(`1`)},
		{"json", []string{"x"}, schema.JSON(`["x"]`)}, {"json", "x", schema.JSON(`"x"`)}, {"json", schema.Values(nil), nil}, {"json", schema.JSON(nil), nil},
		{"json", schema.JSON("null"), nil}, {"json", schema.JSON(" null "), nil}, {"json", new(1), schema.JSON("1")},
		{"ref", id, id}, {"ref", idText, id}, {"ref", strings.ToUpper(idText), id}, {"ref", "", nil}, {"ref", schema.ID{}, nil}, {"ref", &id, id},
	} {
		t.Run(fmt.Sprintf("%s %.40q", c.field, fmt.Sprint(c.given)), func(t *testing.T) {
			f := values.Field(c.field)
			got, err := f.Value(c.given)
			require.NoError(t, err)
			requireValue(t, c.want, got)
			again, err := f.Value(got)
			require.NoError(t, err, "a driver value is taken as it is")
			requireValue(t, c.want, again)
		})
	}
}

func requireValue(t testing.TB, want, got any) {
	t.Helper()
	if d, ok := want.(decimal.Decimal); ok {
		require.IsType(t, want, got)
		require.True(t, d.Equal(got.(decimal.Decimal)), "%v, not %v", got, want)
		return
	}
	require.Equal(t, want, got)
}

func TestValueRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		given any
		code  string
	}{
		{"bool", 1, "type"}, {"bool", "true", "type"}, {"bool", nil, "required"}, {"bool", (*bool)(nil), "required"},
		{"int", "5", "type"}, {"int", 5.0, "type"}, {"int", true, "type"}, {"int", uint64(math.MaxInt64) + 1, "range"},
		{"int", json.Number("9223372036854775808"), "int"}, {"int", json.Number("1.5"), "int"}, {"int", json.Number(secret), "int"}, {"int", nil, "required"},
		{"float", math.NaN(), "range"}, {"float", math.Inf(1), "range"}, {"float", float32(math.Inf(-1)), "range"}, {"float", "0.5", "type"}, {"float", nil, "required"},
		{"text", secret + "\x00", "nul"}, {"text", secret + "\xff", "utf8"}, {"text", "\xed\xa0\x80", "utf8"}, {"text", "0123456789a", "max"},
		{"text", "华为华为", "max"}, {"text", []byte(secret), "type"}, {"text", nil, "required"}, {"text", stage("0123456789a"), "max"},
		{"bytes", []byte("12345"), "max"}, {"bytes", secret, "type"}, {"bytes", []int{1}, "type"},
		{"time", "2026-01-31", "time"}, {"time", secret, "time"}, {"time", "", "time"}, {"time", 0, "type"}, {"time", schema.NewDate(2026, 1, 1), "type"},
		{"time", at("0001-01-01T00:00:00Z").Add(-time.Microsecond), "range"}, {"time", "0000-12-31T23:59:59Z", "range"},
		{"time", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "range"}, {"time", "9999-12-31T23:59:59-00:01", "range"},
		{"date", "2026-02-30", "date"}, {"date", secret, "date"}, {"date", "0000-01-01", "date"}, {"date", "10000-01-01", "date"}, {"date", time.Now(), "type"},
		{"dec", "1.001", "scale"}, {"dec", dec("1e-3"), "scale"}, {"dec", "92233720368547758.08", "range"}, {"dec", "-92233720368547758.09", "range"},
		{"dec", "1e9999", "range"}, {"dec", "1e1000000000", "decimal"}, {"dec", decimal.New(1, 1_000_000_000), "range"}, {"dec", decimal.New(1, math.MaxInt32), "range"}, {"dec", decimal.New(1, math.MinInt32), "range"},
		{"dec", json.Number("1e999999999999"), "decimal"}, {"dec", strings.Repeat("9", 41), "range"}, {"dec", secret, "decimal"}, {"dec", "", "decimal"},
		{"dec", "NaN", "decimal"}, {"dec", "1,5", "decimal"}, {"dec", 1.5, "type"}, {"dec", nil, "required"}, {"dec", decimal.NullDecimal{}, "required"},
		{"dec_n", "1.00001", "scale"},
		{"json", schema.JSON("{"), "json"}, {"json", schema.JSON(`{}}`), "json"}, {"json", schema.JSON("[1] [2]"), "json"}, {"json", secret + secret + secret + secret + secret + secret + secret, "max"},
		{"json", math.NaN(), "json"}, {"json", func() {}, "json"}, {"json", schema.JSON(`"\u0000"`), "json"}, {"json", schema.JSON("\"\xff\""), "json"},
		{"json", schema.JSON("[1e39]"), "max"}, // 42 bytes when written out
		{"ref", secret, "id"}, {"ref", idText[1:], "id"}, {"ref", 1, "type"}, {"ref", []byte(idText), "type"},
	} {
		t.Run(c.field+" "+c.code, func(t *testing.T) { // never write the value: some would fill the memory
			_, err := values.Field(c.field).Value(c.given)
			require.ErrorIs(t, err, fault.ErrInvalid)
			e, ok := errors.AsType[*fault.Error](err)
			require.True(t, ok)
			require.Len(t, e.Fields, 1)
			require.Equal(t, c.field, e.Fields[0].Name)
			require.Equal(t, c.code, e.Fields[0].Code)
			require.NotContains(t, err.Error(), secret, "no value stands in a message")
			require.NotEmpty(t, e.Fields[0].Message)
		})
	}
}

// TestNullRules holds the one rule: what can be null, and that an operand of a
// comparison always can.
func TestNullRules(t *testing.T) {
	for _, f := range values.Columns() {
		got, err := f.Value(nil)
		require.Nil(t, got)
		require.Equal(t, f.Nullable, err == nil, f.Name)
		got, err = f.Comparable(nil)
		require.NoError(t, err)
		require.Nil(t, got)
	}
}

func TestTimesAreCutNotRounded(t *testing.T) {
	f := values.Field("time")
	rapid.Check(t, func(t *rapid.T) {
		given := time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).
			In(time.FixedZone("", rapid.IntRange(-43200, 43200).Draw(t, "zone")))
		v, err := f.Value(given)
		require.NoError(t, err)
		got := v.(time.Time)
		require.Equal(t, time.UTC, got.Location())
		require.Zero(t, got.Nanosecond()%1000)
		require.GreaterOrEqual(t, given.Sub(got), time.Duration(0))
		require.Less(t, given.Sub(got), time.Microsecond)
		fromText, err := f.Value(got.Format(time.RFC3339Nano))
		require.NoError(t, err)
		require.Equal(t, got, fromText)
	})
}

func TestScaled(t *testing.T) {
	f := values.Field("dec")
	require.Equal(t, int64(1250), f.Scaled(dec("12.5")))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "n")
		v, err := f.Value(f.Unscaled(n))
		require.NoError(t, err)
		require.Equal(t, n, f.Scaled(v.(decimal.Decimal)))
		fromText, err := f.Value(f.Unscaled(n).String())
		require.NoError(t, err)
		require.True(t, v.(decimal.Decimal).Equal(fromText.(decimal.Decimal)))
	})
}

// TestNoValuePanics gives every field whatever there is.
func TestNoValuePanics(t *testing.T) {
	var nilMap map[string]int
	for _, f := range values.Columns() {
		for _, v := range []any{
			struct{}{}, &struct{ A chan int }{}, nilMap, []any{nil}, make(chan int), func() {}, complex(1, 1), [3]int{}, new(new(new("x"))), new(any(nil)),
			new(any(5)), json.Number(""), errors.New("x"), uintptr(1), decimal.Decimal{}, (*decimal.Decimal)(nil), (*time.Time)(nil), (*schema.ID)(nil), schema.Values{"a": func() {}},
		} {
			require.NotPanics(t, func() {
				if _, err := f.Value(v); err != nil {
					require.ErrorIs(t, err, fault.ErrInvalid)
				}
			}, "%s %T", f.Name, v)
		}
	}
}
