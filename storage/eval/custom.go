package eval

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// customTime is the form of a time in the custom column: of fixed width, so that
// its bytewise order is the order of the times.
const customTime = "2006-01-02T15:04:05.000000Z"

// CustomJSON returns the JSON that stands for a driver value of a custom field in
// the kind's custom column: a bool as JSON bool, an int as number, a decimal as
// number scaled to an integer, text as string, a date as "2006-01-02", a time in
// UTC as "2006-01-02T15:04:05.000000Z", an id in its text form. It is nil for
// null, which is left out of the column, and for a value that is none of the
// field's.
func CustomJSON(f *schema.Field, v any) json.RawMessage {
	switch v := v.(type) {
	case bool:
		if f.Type == schema.TypeBool {
			return strconv.AppendBool(nil, v)
		}
	case int64:
		if f.Type == schema.TypeInt {
			return strconv.AppendInt(nil, v, 10)
		}
	case decimal.Decimal:
		if f.Type == schema.TypeDecimal {
			return strconv.AppendInt(nil, f.Scaled(v), 10)
		}
	case string:
		if f.Type == schema.TypeText {
			return jsonString(v)
		}
	case schema.Date:
		if f.Type == schema.TypeDate && !v.IsZero() {
			return jsonString(v.String())
		}
	case time.Time:
		if f.Type == schema.TypeTime && !v.IsZero() {
			return jsonString(v.UTC().Format(customTime))
		}
	case schema.ID:
		if f.Type == schema.TypeID && !v.IsZero() {
			return jsonString(v.String())
		}
	}
	return nil
}

func jsonString(s string) json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	// Marshal escapes for HTML; the column's text is canonical.
	text, err := schema.CanonicalJSON(raw)
	if err != nil {
		return nil
	}
	return json.RawMessage(text)
}

// CustomValue is the inverse of CustomJSON: the driver value that raw stands for,
// nil for null, for nothing, and for whatever is no value of the field, such as a
// string where the field is a bool.
func CustomValue(f *schema.Field, raw json.RawMessage) any {
	switch f.Type {
	case schema.TypeBool:
		if s := string(raw); s == "true" || s == "false" {
			return s == "true"
		}
		return nil
	case schema.TypeInt, schema.TypeDecimal:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		switch {
		case err != nil:
			return nil
		case f.Type == schema.TypeInt:
			return n
		}
		return f.Unscaled(n)
	}
	if len(raw) == 0 || raw[0] != '"' {
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil
	}
	return customText(f, s)
}

func customText(f *schema.Field, s string) any {
	switch f.Type {
	case schema.TypeText:
		return s
	case schema.TypeDate:
		if d, err := schema.ParseDate(s); err == nil && !d.IsZero() {
			return d
		}
	case schema.TypeTime:
		if t, err := time.Parse(customTime, s); err == nil && !t.IsZero() {
			return t
		}
	case schema.TypeID:
		if id, err := schema.ParseID(s); err == nil && !id.IsZero() {
			return id
		}
	}
	return nil
}

// customOf reads a custom field out of a row of the kind.
func customOf(k *schema.Kind, row driver.Row, f *schema.Field) any {
	at := k.CustomColumn()
	if at == nil {
		return nil
	}
	raw, _ := column(row, at).(schema.JSON)
	if len(raw) == 0 {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil
	}
	return CustomValue(f, object[f.Name])
}
