package bunsql

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// customTime is the form of a time in the custom column: of one length, so that
// the bytewise order is the order of the times.
const customTime = "2006-01-02T15:04:05.000000Z"

// encode returns the argument for a driver value of any field.
func (d *Dialect) encode(f *schema.Field, v any) any {
	if v == nil {
		return nil
	}
	if !f.Custom {
		return d.Encode(f, v)
	}
	switch v := v.(type) {
	case bool:
		return d.Encode(f, v)
	case decimal.Decimal:
		return f.Scaled(v)
	case time.Time:
		return v.Format(customTime)
	case schema.Date:
		return v.String()
	case schema.ID:
		return v.String()
	}
	return v
}

// decoder turns what a database/sql driver returns for a column into a driver value.
type decoder struct {
	// decode returns src itself where the two are the same, which saves boxing it again.
	decode func(src any) (any, error)
	scale  int32 // of a decimal
}

// decoder returns the decoder of a field. It takes what both databases return
// for the type, so that one table serves them.
func (d *Dialect) decoder(f *schema.Field) decoder {
	dec := decoder{scale: f.Scale}
	switch f.Type {
	case schema.TypeBool:
		dec.decode = decodeBool
	case schema.TypeInt:
		dec.decode = decodeInt
	case schema.TypeFloat:
		dec.decode = decodeFloat
	case schema.TypeText:
		dec.decode = decodeText
	case schema.TypeBytes:
		dec.decode = decodeBytes
	case schema.TypeTime:
		dec.decode = decodeTime
	case schema.TypeDate:
		dec.decode = decodeDate
	case schema.TypeDecimal:
		dec.decode = decodeDecimal(f)
	case schema.TypeJSON:
		dec.decode = decodeJSON
		if d.CanonicalJSON {
			dec.decode = decodeAnyJSON
		}
	default:
		dec.decode = decodeID
	}
	return dec
}

func unexpected(src any, want string) error {
	return fmt.Errorf("bunsql: the database returned a %T for a %s", src, want)
}

func decodeBool(src any) (any, error) {
	switch v := src.(type) {
	case bool:
		return src, nil
	case int64:
		return v != 0, nil
	}
	return nil, unexpected(src, "bool")
}

func decodeInt(src any) (any, error) {
	switch v := src.(type) {
	case int64:
		return src, nil
	case string: // a custom field: numeric, whatever somebody wrote there
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
		return nil, nil
	case float64: // a JSON number beyond 64 bits
		return nil, nil
	}
	return nil, unexpected(src, "int")
}

func decodeFloat(src any) (any, error) {
	switch v := src.(type) {
	case float64:
		return src, nil
	case int64:
		return float64(v), nil
	}
	return nil, unexpected(src, "float")
}

func decodeText(src any) (any, error) {
	switch v := src.(type) {
	case string:
		return src, nil
	case []byte:
		return string(v), nil
	}
	return nil, unexpected(src, "text")
}

func decodeBytes(src any) (any, error) {
	switch v := src.(type) {
	case []byte:
		return append([]byte{}, v...), nil
	case string:
		return []byte(v), nil
	}
	return nil, unexpected(src, "bytes")
}

func decodeTime(src any) (any, error) {
	switch v := src.(type) {
	case int64:
		return time.UnixMicro(v).UTC(), nil
	case time.Time:
		return v.UTC(), nil
	case string:
		if t, err := time.Parse(customTime, v); err == nil {
			return t, nil
		}
		return nil, nil
	}
	return nil, unexpected(src, "time")
}

func decodeDate(src any) (any, error) {
	switch v := src.(type) {
	case int64:
		return schema.DateFromDays(v), nil
	case time.Time:
		return schema.NewDate(v.Date()), nil
	case string:
		if d, err := schema.ParseDate(v); err == nil && !d.IsZero() {
			return d, nil
		}
		return nil, nil
	}
	return nil, unexpected(src, "date")
}

// decodeDecimal reads scaled integers, and numerics, which stand for themselves
// in a column and for a scaled integer in a custom field.
func decodeDecimal(f *schema.Field) func(any) (any, error) {
	scale, custom := f.Scale, f.Custom
	return func(src any) (any, error) {
		switch v := src.(type) {
		case int64:
			return decimal.New(v, -scale), nil
		case string:
			n, err := decimal.NewFromString(v)
			if custom {
				n = n.Shift(-scale)
			}
			return n, err
		case []byte:
			return decimal.NewFromString(string(v))
		case float64:
			return nil, nil
		}
		return nil, unexpected(src, "decimal")
	}
}

func decodeJSON(src any) (any, error) {
	switch v := src.(type) {
	case string:
		return schema.JSON(v), nil
	case []byte:
		return schema.JSON(append([]byte{}, v...)), nil
	}
	return nil, unexpected(src, "json")
}

func decodeAnyJSON(src any) (any, error) {
	raw, err := decodeJSON(src)
	if err != nil || len(raw.(schema.JSON)) == len("{}") {
		return raw, err
	}
	return schema.CanonicalJSON(raw.(schema.JSON))
}

func decodeID(src any) (any, error) {
	var text string
	switch v := src.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return nil, unexpected(src, "id")
	}
	if id := parseID(text); !id.IsZero() {
		return id, nil
	}
	return nil, nil
}

// parseID reads an id; what is none is null.
func parseID(text string) schema.ID {
	id, err := schema.ParseID(text)
	if err != nil {
		return schema.ID{}
	}
	return id
}
