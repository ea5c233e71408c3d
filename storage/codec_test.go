package storage_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

var (
	ids      = rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) schema.ID { return schema.ID(b) })
	texts    = rapid.StringN(0, 20, 100).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
	stages   = rapid.Map(texts, func(s string) stage { return stage(s) })
	times    = rapid.Map(rapid.Int64Range(-62135596799_999999, 253402300799_999999), func(n int64) time.Time { return time.UnixMicro(n).UTC() })
	dates    = rapid.Map(rapid.Int64Range(-719162, 2932896), schema.DateFromDays)
	decimals = func(places int32) *rapid.Generator[decimal.Decimal] {
		return rapid.Map(rapid.Int64Range(-math.MaxInt64, math.MaxInt64), func(n int64) decimal.Decimal { return decimal.New(n, -places) })
	}
	floats    = rapid.Map(rapid.Float64(), func(f float64) float64 { return f + 0 }) // -0 is stored as 0
	documents = rapid.SampledFrom([]string{`{"a":[1,{"b":"中"}]}`, `"x"`, `[]`, `{}`, `12.5`, `false`})
)

var customs = rapid.Custom(func(t *rapid.T) schema.Values {
	all := schema.Values{
		"colour": rapid.StringMatching(`[a-z<é]{0,5}`).Draw(t, "colour"), "stars": rapid.Int64().Draw(t, "stars"), "vip": rapid.Bool().Draw(t, "vip"),
		"budget": decimals(2).Draw(t, "budget"), "due": dates.Draw(t, "due"), "seen": times.Draw(t, "seen"), "rival": ids.Filter(func(id schema.ID) bool { return !id.IsZero() }).Draw(t, "rival"),
		"gone": json.RawMessage(`{"x":1}`),
	}
	for name := range all {
		if rapid.Bool().Draw(t, "without") {
			delete(all, name)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
})

var records = rapid.Custom(func(t *rapid.T) everything {
	return everything{
		ID: ids.Filter(func(id schema.ID) bool { return !id.IsZero() }).Draw(t, "id"), Ref: ids.Draw(t, "ref"),
		Bool: rapid.Bool().Draw(t, "bool"), BoolP: rapid.Ptr(rapid.Bool(), true).Draw(t, "bool_p"),
		Int: rapid.Int().Draw(t, "int"), Int8: rapid.Int8().Draw(t, "int8"), Uint16: rapid.Uint16().Draw(t, "uint16"), Uint32P: rapid.Ptr(rapid.Uint32(), true).Draw(t, "uint32_p"),
		Float: floats.Draw(t, "float"), Float32: rapid.Float32().Draw(t, "float32") + 0, FloatP: rapid.Ptr(floats, true).Draw(t, "float_p"),
		Text: texts.Draw(t, "text"), TextP: rapid.Ptr(texts, true).Draw(t, "text_p"), Stage: stages.Draw(t, "stage"), StageP: rapid.Ptr(stages, true).Draw(t, "stage_p"),
		Bytes: rapid.SliceOfN(rapid.Byte(), 0, 10).Draw(t, "bytes"), Time: times.Draw(t, "time"), Date: dates.Draw(t, "date"),
		Dec: decimals(6).Draw(t, "dec"), DecP: rapid.Ptr(decimals(4), true).Draw(t, "dec_p"), DecN: decimal.NullDecimal{Decimal: decimals(4).Draw(t, "dec_n"), Valid: true},
		JSON: schema.JSON(documents.Draw(t, "json")), Raw: json.RawMessage(documents.Draw(t, "raw")),
		List: rapid.SliceOfN(texts, 0, 3).Draw(t, "list"), Map: map[string]int{"a": 1}, Address: address{City: texts.Draw(t, "city")}, AddressP: &address{Lines: []string{"x"}},
		Custom: customs.Draw(t, "custom"),
	}
})

// shown spells a record so that decimals that are equal in value look alike.
func shown(t require.TestingT, v any) string {
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

func TestRecordsRoundTrip(t *testing.T) {
	tn := open(t)
	table := storage.Of(tn, things)
	rapid.Check(t, func(t *rapid.T) {
		given := records.Draw(t, "record")
		row, err := table.Encode(&given)
		require.NoError(t, err)
		require.Equal(t, schema.Fold(given.Text), row[table.Kind().Field("text_fold").Position])
		got, err := table.Decode(row)
		require.NoError(t, err)
		require.Equal(t, shown(t, given), shown(t, got))
		require.Equal(t, given.Time, got.Time)
		require.Equal(t, given.Bytes, got.Bytes)
		require.Len(t, got.Custom, len(given.Custom))
		for name, v := range given.Custom {
			require.IsType(t, v, got.Custom[name])
		}
		raw, err := driver.MarshalRow(row)
		require.NoError(t, err)
		back, err := driver.UnmarshalRow(raw)
		require.NoError(t, err)
		got, err = table.Decode(back)
		require.NoError(t, err)
		require.Equal(t, shown(t, given), shown(t, got))
	})
	rapid.Check(t, func(t *rapid.T) {
		given := records.Draw(t, "record")
		given.ID = schema.NewID()
		require.NoError(t, table.Insert(t.Context(), &given))
		got, err := table.Get(t.Context(), given.ID)
		require.NoError(t, err)
		require.Equal(t, shown(t, given), shown(t, got))
	})
}

func TestZeroRecordRoundTrips(t *testing.T) {
	table := storage.Of(open(t), things)
	given := everything{ID: num(1)}
	require.NoError(t, table.Insert(t.Context(), &given))
	got, err := table.Get(t.Context(), num(1))
	require.NoError(t, err)
	require.Equal(t, given, got)

	full := records.Example(1)
	row, err := table.Encode(&given)
	require.NoError(t, err)
	require.NoError(t, table.DecodeInto(row, &full))
	require.Equal(t, given, full, "nothing of what stood there is left")
}

func TestInvalidTellsAll(t *testing.T) {
	table := storage.Of(open(t), things)
	bad := everything{
		ID: num(2), Float: math.NaN(), Text: "a\x00", Stage: "\xff", Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), Dec: dec("0.0000001"), DecN: decimal.NewNullDecimal(dec("1e30")),
		JSON: schema.JSON("{"), Raw: json.RawMessage("x"),
		Custom: schema.Values{"colour": "too long for twenty bytes", "stars": "5", "nope": 1, "due": "someday", "budget": 1.5},
	}
	_, err := table.Encode(&bad)
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.Equal(t, map[string]string{
		"float": "range", "text": "nul", "stage": "utf8", "time": "range", "dec": "scale", "dec_n": "range", "json": "json", "raw": "json",
		"custom.colour": "max", "custom.stars": "type", "custom.nope": "unknown", "custom.due": "date", "custom.budget": "type",
	}, fieldCodes(t, err))
	require.ErrorContains(t, err, "everything")
	require.NotContains(t, err.Error(), "someday")
	require.ErrorIs(t, table.Insert(t.Context(), &everything{ID: num(1)}, &bad), fault.ErrInvalid)
	_, got := table.Get(t.Context(), num(1))
	require.ErrorIs(t, got, fault.ErrNotFound, "none of them is stored")
	for range 20 {
		_, again := table.Encode(&bad)
		require.Equal(t, err, again, "in the same order each time")
	}
}

// TestMissingIDIsToldWithItsName: what every database would refuse is checked
// before one is asked.
func TestMissingIDIsToldWithItsName(t *testing.T) {
	err := storage.Of(open(t), things).Insert(t.Context(), &everything{})
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.Equal(t, map[string]string{"id": "required"}, fieldCodes(t, err))
}

// TestFoldedTextThatGrows: a text that fits its field is taken, however long its
// folded form is, and no error names a column that nobody wrote.
func TestFoldedTextThatGrows(t *testing.T) {
	v := everything{ID: num(1), Text: strings.Repeat("ﷺ", 300)} // 900 bytes of a ligature of 18 letters
	require.NoError(t, storage.Of(open(t), things).Insert(t.Context(), &v))
}

func TestCustomFieldsOfOtherTimes(t *testing.T) {
	store := memory.Open()
	handle := func(fields ...schema.CustomField) storage.Table[account] {
		return storage.Of(tenant(t, store.Bind(registry(t, schema.Extension{Kind: "account", Fields: fields}), storage.Options{}), "acme"), accounts)
	}
	before := handle(schema.CustomField{Name: "colour", Type: schema.TypeText}, schema.CustomField{Name: "grade", Type: schema.TypeText})
	given := account{ID: num(1), Version: 1, Custom: schema.Values{"colour": "red", "grade": "A"}}
	require.NoError(t, before.Insert(t.Context(), &given))

	edit := func(t *testing.T, table storage.Table[account]) {
		t.Helper()
		got, err := table.Get(t.Context(), num(1))
		require.NoError(t, err)
		got.Name += "x"
		require.NoError(t, table.Update(t.Context(), &got))
	}
	t.Run("a field no longer declared is kept", func(t *testing.T) {
		edit(t, handle(schema.CustomField{Name: "grade", Type: schema.TypeText}))
		got, err := before.Get(t.Context(), num(1))
		require.NoError(t, err)
		require.Equal(t, given.Custom, got.Custom)
	})
	t.Run("a field declared with another type is kept", func(t *testing.T) {
		edit(t, handle(schema.CustomField{Name: "colour", Type: schema.TypeText}, schema.CustomField{Name: "grade", Type: schema.TypeInt}))
		got, err := before.Get(t.Context(), num(1))
		require.NoError(t, err)
		require.Equal(t, given.Custom, got.Custom)
	})
}

// TestDecodeRefusesWhatDoesNotFit: a number that outgrew the Go type (an Add can
// do that) is an error and not another number.
func TestDecodeRefusesWhatDoesNotFit(t *testing.T) {
	table := storage.Of(open(t), things)
	for field, v := range map[string]any{"int8": int64(300), "uint16": int64(-1), "uint32p": int64(1 << 40), "float32": 1e300} {
		t.Run(field, func(t *testing.T) {
			row, err := table.Encode(&everything{ID: num(1)})
			require.NoError(t, err)
			row[table.Kind().Field(field).Position] = v
			_, err = table.Decode(row)
			require.ErrorIs(t, err, fault.ErrInternal)
			require.ErrorContains(t, err, field)
		})
	}
}
