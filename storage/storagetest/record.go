package storagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// record is a record by field names; what is missing is null, or zero where the
// field can't be null.
type record map[string]any

// with returns a copy of r in which the fields of more stand.
func (r record) with(more record) record {
	out := record{}
	for _, from := range []record{r, more} {
		maps.Copy(out, from)
	}
	return out
}

// num returns a fixed id; greater numbers sort later.
func num(n int) schema.ID {
	return schema.ID{0: 1, 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
}

// number is the inverse of num.
func number(id schema.ID) int { return int(id[14])<<8 | int(id[15]) }

// rowOf returns the row that storage would make of a record. A value that does
// not fit its field is a defect of the suite.
func rowOf(k *schema.Kind, r record) driver.Row {
	row := make(driver.Row, len(k.Columns()))
	for name := range r {
		if k.Field(name) == nil {
			panic(fmt.Sprintf("%s has no field %q", k.Name(), name))
		}
	}
	for i, f := range k.Columns() {
		v, ok := r[f.Name]
		switch {
		case f.Derived():
			continue
		case !ok && !f.Nullable:
			v = zero(f.Type)
		}
		row[i] = valueOf(k, f, v)
	}
	search.Derive(k, row)
	return row
}

// valueOf returns the driver value of a field.
func valueOf(k *schema.Kind, f *schema.Field, v any) any {
	if custom, ok := v.(schema.Values); ok && f == k.CustomColumn() {
		v = customJSON(k, custom)
	}
	out, err := f.Value(v)
	if err != nil {
		panic(err)
	}
	return out
}

func zero(t schema.Type) any {
	switch t {
	case schema.TypeBool:
		return false
	case schema.TypeInt:
		return int64(0)
	case schema.TypeFloat:
		return 0.0
	case schema.TypeText:
		return ""
	case schema.TypeDecimal:
		return decimal.Decimal{}
	}
	return nil
}

// customJSON writes custom fields as schema.Field.Custom says.
func customJSON(k *schema.Kind, values schema.Values) any {
	out := map[string]json.RawMessage{}
	for name, v := range values {
		f := k.CustomField(name)
		v, err := f.Value(v)
		if err != nil {
			panic(err)
		}
		if raw := eval.CustomJSON(f, v); raw != nil {
			out[name] = raw
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// same reports whether two values of a row are the same: of one type, decimals
// equal in value, times in UTC.
func same(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case decimal.Decimal:
		return a.Equal(b.(decimal.Decimal))
	case time.Time:
		b := b.(time.Time)
		return a.Equal(b) && a.Location() == time.UTC && b.Location() == time.UTC
	case []byte:
		return bytes.Equal(a, b.([]byte)) && (a == nil) == (b.([]byte) == nil)
	case schema.JSON:
		return bytes.Equal(a, b.(schema.JSON))
	}
	return a == b
}

func sameRow(a, b driver.Row) bool { return slices.EqualFunc(a, b, same) }

func sameRows(a, b []driver.Row) bool { return slices.EqualFunc(a, b, sameRow) }

// show writes a value so that its type can be told.
func show(v any) string {
	var text string
	switch v := v.(type) {
	case nil:
		return "null"
	case string, []byte, schema.JSON:
		text = fmt.Sprintf("%.80q", v)
	case time.Time:
		text = v.Format(time.RFC3339Nano)
	default:
		text = fmt.Sprint(v)
	}
	return fmt.Sprintf("%T(%s)", v, text)
}

func showRow(row driver.Row) string {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = show(v)
	}
	return strings.Join(cells, " ")
}

func showRows(rows []driver.Row) string {
	if len(rows) == 0 {
		return "\n\t(none)"
	}
	var b strings.Builder
	for i, row := range rows {
		if i == 12 {
			fmt.Fprintf(&b, "\n\t… %d more", len(rows)-i)
			break
		}
		b.WriteString("\n\t" + showRow(row))
	}
	return b.String()
}
