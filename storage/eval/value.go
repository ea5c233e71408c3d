package eval

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// idOf returns the id of a row; a row without one has the zero id.
func idOf(k *schema.Kind, row driver.Row) schema.ID {
	id, _ := column(row, k.ID()).(schema.ID)
	return id
}

// fieldValue returns the value of a column or custom field of a row.
func fieldValue(k *schema.Kind, row driver.Row, f *schema.Field) any {
	if f.Custom {
		return customOf(k, row, f)
	}
	return column(row, f)
}

func column(row driver.Row, f *schema.Field) any {
	if f.Position < 0 || f.Position >= len(row) {
		return nil
	}
	return row[f.Position]
}

// cloneValue copies the values that have bytes of their own.
func cloneValue(v any) any {
	switch v := v.(type) {
	case []byte:
		return bytes.Clone(v)
	case schema.JSON:
		return schema.JSON(bytes.Clone(v))
	}
	return v
}

func cloneRow(row driver.Row) driver.Row {
	out := make(driver.Row, len(row))
	for i, v := range row {
		out[i] = cloneValue(v)
	}
	return out
}

// appendValue appends a form of a driver value that is the same for equal values
// of one field, different for others, and no beginning of another's. Its order
// means nothing.
func appendValue(b []byte, v any) []byte {
	if v == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, 1)
		}
		return append(b, 0)
	case int64:
		return binary.BigEndian.AppendUint64(b, uint64(v))
	case float64:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v+0)) // -0 is 0
	case string:
		return appendText(b, v)
	case time.Time:
		return binary.BigEndian.AppendUint64(b, uint64(v.UnixMicro()))
	case schema.Date:
		return binary.BigEndian.AppendUint64(b, uint64(v.Days()))
	case decimal.Decimal:
		return appendText(b, v.String()) // without trailing zeros: 1.50 is 1.5
	case schema.ID:
		return append(b, v[:]...)
	case []byte:
		return appendText(b, string(v))
	case schema.JSON:
		return appendText(b, string(v))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
