package driver_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// all has a column of every type, with null and, where a type can be so, without.
type all struct {
	ID       schema.ID
	Bool     bool
	BoolN    *bool
	Int      int64
	IntN     *int64
	Float    float64
	FloatN   *float64
	Text     string `crm:"text,search"`
	TextN    *string
	Bytes    []byte
	Time     time.Time
	Required time.Time `crm:"required,required"`
	Date     schema.Date
	Decimal  decimal.Decimal
	DecimalN decimal.NullDecimal
	JSON     schema.JSON
	Other    schema.ID
}

var alls = schema.Define[all]("all")

func TestRecordRoundTrip(t *testing.T) {
	require.NoError(t, alls.Err())
	rapid.Check(t, func(t *rapid.T) {
		row := make(driver.Row, len(alls.Columns()))
		for i, f := range alls.Columns() {
			switch {
			case f.Of != nil:
				row[i] = schema.Fold(row[f.Of.Position].(string))
			case !f.Nullable || rapid.Bool().Draw(t, "not null"):
				row[i] = valuesOf[f.Type].Draw(t, f.Name)
			}
		}
		raw, err := driver.MarshalRecord(alls.Kind, row)
		require.NoError(t, err)
		back, err := driver.UnmarshalRecord(alls.Kind, raw)
		require.NoError(t, err)
		requireEqual(t, row, back)
		for i := range raw {
			raw[i] = 'x'
		}
		requireEqual(t, row, back) // it shares no memory
	})
}

// TestRecordOutlivesItsStruct stores records of one release and reads them in the next.
func TestRecordOutlivesItsStruct(t *testing.T) {
	type oldItem struct {
		ID       schema.ID
		Gone     string
		Moved    string
		Title    string
		Wanted   string
		Found    string `crm:"found,search"`
		Refold   string `crm:"refold,search"`
		ByHand   string
		HandFold string `crm:"by_hand_fold"`
		Optional string
		Strict   *string
		Small    int8
		Day      schema.Date
	}
	type newItem struct {
		Day      schema.Date `crm:"day,required"`
		Due      schema.Date `crm:"due,required"`
		Small    int64
		Strict   string
		Optional *string
		ByHand   string `crm:"by_hand,search"`
		Refold   string `crm:"refold,search"`
		Found    string
		Wanted   string `crm:"wanted,search"`
		NewTitle string
		ID       schema.ID
		Moved    string
	}
	older, newer := schema.Define[oldItem]("item"), schema.Define[newItem]("item")
	require.NoError(t, older.Err())
	require.NoError(t, newer.Err())
	id, day := schema.ID{15: 1}, schema.NewDate(2026, time.February, 28)
	for name, c := range map[string]struct {
		column string
		was    any
		read   string // the column that is read
		is     any
	}{
		"moved":                   {"moved", "Bolt", "moved", "Bolt"},
		"moved, zero":             {"moved", "", "moved", ""},
		"removed":                 {"gone", "Bolt", "moved", ""},
		"added and required":      {"gone", "Bolt", "due", nil},
		"renamed, that is added":  {"title", "Bolt", "new_title", ""},
		"searched now":            {"wanted", "Émile", "wanted_fold", "emile"},
		"searched now, zero":      {"wanted", "", "wanted_fold", ""},
		"no longer searched":      {"found", "Émile", "found", "Émile"},
		"folded in another way":   {"refold_fold", "Émile", "refold_fold", ""},
		"a name that is derived":  {"by_hand_fold", "Émile", "by_hand_fold", ""},
		"null is allowed":         {"optional", "Bolt", "optional", "Bolt"},
		"null is allowed, zero":   {"optional", "", "optional", nil},
		"null is forbidden":       {"strict", nil, "strict", ""},
		"null is forbidden, zero": {"strict", "", "strict", ""},
		"of another size":         {"small", int64(-5), "small", int64(-5)},
		"required":                {"day", day, "day", day},
		"required, null":          {"day", nil, "day", nil},
	} {
		t.Run(name, func(t *testing.T) {
			row, err := driver.UnmarshalRecord(older.Kind, []byte("{}"))
			require.NoError(t, err)
			row[older.ID().Position] = id
			row[older.Field(c.column).Position] = c.was
			raw, err := driver.MarshalRecord(older.Kind, row)
			require.NoError(t, err)

			row, err = driver.UnmarshalRecord(newer.Kind, raw)
			require.NoError(t, err)
			require.Len(t, row, len(newer.Columns()))
			require.Equal(t, id, row[newer.ID().Position])
			require.Equal(t, c.is, row[newer.Field(c.read).Position])
			_, err = driver.MarshalRecord(newer.Kind, row)
			require.NoError(t, err, "it can be stored again")
		})
	}
}

func TestRecordHoldsWhatIsAbsent(t *testing.T) {
	row := driver.Row{schema.ID{15: 1}, false, nil, int64(0), nil, 0.0, nil, "", nil, nil, nil, nil, nil, decimal.Decimal{}, nil, nil, nil, ""}
	const text = `{"id":["u","00000000-0000-0000-0000-000000000001"]}`
	raw, err := driver.MarshalRecord(alls.Kind, row)
	require.NoError(t, err)
	require.JSONEq(t, text, string(raw))
	back, err := driver.UnmarshalRecord(alls.Kind, []byte(text))
	require.NoError(t, err)
	require.Equal(t, row, back)
}

func TestRecordIsTheSameInAnyOrder(t *testing.T) {
	type item struct {
		ID    schema.ID
		Name  string
		Count int64
	}
	type moved struct {
		Count int64
		Name  string
		ID    schema.ID
	}
	id := schema.ID{15: 1}
	one, err := driver.MarshalRecord(schema.Define[item]("item").Kind, driver.Row{id, "Bolt", int64(5)})
	require.NoError(t, err)
	other, err := driver.MarshalRecord(schema.Define[moved]("item").Kind, driver.Row{int64(5), "Bolt", id})
	require.NoError(t, err)
	require.Equal(t, string(one), string(other))
}

type part struct {
	ID    schema.ID
	Name  string `crm:"name,search"`
	Count int64
	Note  *string
}

func TestMarshalRecordRefuses(t *testing.T) {
	id, k := schema.ID{15: 1}, schema.Define[part]("part").Kind
	for name, row := range map[string]driver.Row{
		"no row":                 nil,
		"too few values":         {id, "Bolt", int64(5), nil},
		"too many values":        {id, "Bolt", int64(5), nil, "bolt", nil},
		"no driver value":        {id, "Bolt", 5, nil, "bolt"},
		"no driver value, zero":  {id, "Bolt", 0, nil, "bolt"},
		"another type":           {id, "Bolt", "5", nil, "bolt"},
		"another type's zero":    {id, int64(0), int64(5), nil, "bolt"},
		"another type than null": {id, "Bolt", int64(5), []byte{}, "bolt"},
		"null where none may be": {id, "Bolt", nil, nil, "bolt"},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := driver.MarshalRecord(k, row)
			require.ErrorIs(t, err, fault.ErrInternal)
			require.Nil(t, raw)
		})
	}
}

func TestUnmarshalRecordRefuses(t *testing.T) {
	k := schema.Define[part]("part").Kind
	for _, text := range []string{
		"", " ", "null", "5", `"a"`, "[]", `[["s","name"],["s","Bolt"]]`, "{", `{"name":["s","Bolt"]`, `{"name":["s","Bolt"]} x`,
		`{"name":"Bolt"}`, `{"name":["s",5]}`, `{"gone":"Bolt"}`,
		`{"name":null}`, `{"name":[]}`, `{"name":["s"]}`, `{"name":["s","Bolt","x"]}`,
		`{"name":["",""]}`, `{"note":["",""]}`, `{"name":["?","Bolt"]}`, `{"name":["i","5"]}`, `{"count":["s","5"]}`, `{"count":["n","5"]}`,
		`{"count":["i","05"]}`, `{"count":["i","1.5"]}`, `{"count":["i",""]}`, `{"id":["u","1"]}`,
	} {
		t.Run(text, func(t *testing.T) {
			row, err := driver.UnmarshalRecord(k, []byte(text))
			require.ErrorIs(t, err, fault.ErrInternal)
			require.NotErrorIs(t, err, fault.ErrInvalid, "no caller sent it")
			require.ErrorContains(t, err, "part")
			require.Nil(t, row)
		})
	}
}
