package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

type stage string

type address struct{ City, Street string }

// Stamp is embedded, as record.Meta is.
type Stamp struct {
	ID      schema.ID
	Version int64
}

// all has a field of every Go type that can be stored.
type all struct {
	Stamp

	Bool     bool
	BoolP    *bool
	Int      int
	Int8     int8
	Int16    int16
	Int32    int32
	Int64P   *int64
	Uint8    uint8
	Uint16   uint16
	Uint32   uint32
	Float32  float32
	Float64P *float64
	Text     string `crm:",search"`
	TextP    *string
	Stage    stage
	StageP   *stage
	Bytes    []byte
	Time     time.Time
	Date     schema.Date
	Other    schema.ID
	Dec      decimal.Decimal `crm:"price,scale=6"`
	DecP     *decimal.Decimal
	DecN     decimal.NullDecimal
	JSON     schema.JSON
	Raw      json.RawMessage
	Custom   schema.Values
	List     []string          `crm:"list,json"`
	Map      map[string]int    `crm:",json"`
	Address  address           `crm:",json"`
	AddressP *address          `crm:",json,max=2000"`
	Note     string            `crm:"note,max=20000"`
	Skipped  map[string]string `crm:"-"`
	hidden   int
}

func TestFieldsOfEveryType(t *testing.T) {
	_ = all{hidden: 0}
	k := schema.Define[all]("all").Kind
	require.NoError(t, k.Err())
	want := []struct {
		name     string
		typ      schema.Type
		nullable bool
	}{
		{"id", schema.TypeID, false}, {"version", schema.TypeInt, false},
		{"bool", schema.TypeBool, false}, {"bool_p", schema.TypeBool, true},
		{"int", schema.TypeInt, false}, {"int8", schema.TypeInt, false}, {"int16", schema.TypeInt, false},
		{"int32", schema.TypeInt, false}, {"int64p", schema.TypeInt, true},
		{"uint8", schema.TypeInt, false}, {"uint16", schema.TypeInt, false}, {"uint32", schema.TypeInt, false},
		{"float32", schema.TypeFloat, false}, {"float64p", schema.TypeFloat, true},
		{"text", schema.TypeText, false}, {"text_p", schema.TypeText, true},
		{"stage", schema.TypeText, false}, {"stage_p", schema.TypeText, true},
		{"bytes", schema.TypeBytes, true}, {"time", schema.TypeTime, true}, {"date", schema.TypeDate, true}, {"other", schema.TypeID, true},
		{"price", schema.TypeDecimal, false}, {"dec_p", schema.TypeDecimal, true}, {"dec_n", schema.TypeDecimal, true},
		{"json", schema.TypeJSON, true}, {"raw", schema.TypeJSON, true}, {"custom", schema.TypeJSON, true}, {"list", schema.TypeJSON, true},
		{"map", schema.TypeJSON, true}, {"address", schema.TypeJSON, true}, {"address_p", schema.TypeJSON, true},
		{"note", schema.TypeText, false},
		{"text_fold", schema.TypeText, false},
	}
	require.Len(t, k.Columns(), len(want))
	for i, w := range want {
		f := k.Columns()[i]
		require.Equal(t, w.name, f.Name)
		require.Equal(t, w.typ, f.Type, w.name)
		require.Equal(t, w.nullable, f.Nullable, w.name)
		require.Equal(t, i, f.Position)
		require.Same(t, f, k.Field(w.name))
	}
	require.Equal(t, int32(6), k.Field("price").Scale)
	require.Equal(t, int32(schema.DefaultScale), k.Field("dec_n").Scale)
	require.Equal(t, 20000, k.Field("note").Max)
	require.Equal(t, schema.DefaultMax, k.Field("text").Max)
	require.Equal(t, schema.LargestMax, k.Field("json").Max)
	require.Equal(t, 2000, k.Field("address_p").Max)

	require.Same(t, k.Field("text_fold"), k.Folded(k.Field("text")))
	require.Same(t, k.Field("text"), k.Field("text_fold").Of)
	require.Nil(t, k.Folded(k.Field("note")))
	require.Same(t, k.Field("custom"), k.CustomColumn())
	require.Same(t, k.Field("version"), k.Version())
	require.Same(t, k.Field("id"), k.ID())
	require.Nil(t, k.Field("skipped"))
}

func TestTypeNames(t *testing.T) {
	for typ, name := range map[schema.Type]string{
		schema.TypeBool: "bool", schema.TypeInt: "int", schema.TypeFloat: "float", schema.TypeText: "text", schema.TypeBytes: "bytes", schema.TypeTime: "time",
		schema.TypeDate: "date", schema.TypeDecimal: "decimal", schema.TypeJSON: "json", schema.TypeID: "id", 99: "unknown",
	} {
		require.Equal(t, name, typ.String())
		if typ != 99 {
			require.Equal(t, typ != schema.TypeBytes && typ != schema.TypeJSON, typ.Ordered(), name)
		}
	}
}

func TestSnakeNames(t *testing.T) {
	type names struct {
		ID            schema.ID
		Name          string
		ExpectedClose schema.Date
		CustomerID    schema.ID
		ERPOrderID    schema.ID
		HTTPServer    string
		A             int
		AB            int
		ABc           int
		Line2         string
		VAT19Rate     string
		OwnName       string `crm:"short_name"`
	}
	k := schema.Define[names]("names").Kind
	require.NoError(t, k.Err())
	got := make([]string, len(k.Columns()))
	for i, f := range k.Columns() {
		got[i] = f.Name
	}
	require.Equal(t, []string{"id", "name", "expected_close", "customer_id", "erp_order_id", "http_server", "a", "ab", "a_bc", "line2", "vat19_rate",
		"short_name"}, got)
}

// TestTagOrder shows that the options of a tag may stand in any order.
func TestTagOrder(t *testing.T) {
	type tags struct {
		ID    schema.ID
		First []string    `crm:"first,max=500,json"`
		Last  []string    `crm:"last,json,max=500"`
		Same  schema.JSON `crm:"same,max=1000"` // happens to be DefaultMax
		Both  string      `crm:"both,max=50,search"`
		Empty string      `crm:",,max=7,"`
	}
	k := schema.Define[tags]("tags").Kind
	require.NoError(t, k.Err())
	for name, limit := range map[string]int{"first": 500, "last": 500, "same": 1000, "both": 50, "empty": 7} {
		t.Run(name, func(t *testing.T) { require.Equal(t, limit, k.Field(name).Max) })
	}
}
