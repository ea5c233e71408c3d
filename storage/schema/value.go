package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/fault"
)

// Value returns v as a driver value of the field: nil, bool, int64, float64,
// string, []byte, time.Time, Date, decimal.Decimal, JSON or ID. It takes the
// field's Go types, pointers to them, and the text forms that JSON carries (a
// decimal, date, time or id as string, a number as json.Number). Zero ids, dates
// and times and nil become nil; times are cut to microseconds UTC; text that the
// column folds is not folded here.
//
// It refuses, with Invalid and the field's name: another type, text that is no
// UTF-8 or holds NUL or is longer than Max, a decimal with more places than Scale
// or beyond an int64 when scaled, a year outside 1 to 9999, a float that is not
// finite, JSON that does not parse. nil is refused when the field is not nullable.
func (f *Field) Value(v any) (any, error) {
	out, err := f.value(v)
	if err != nil {
		return nil, err
	}
	if out == nil && !f.Nullable {
		return nil, f.bad("required", "must not be null")
	}
	return out, nil
}

// Comparable is Value for an operand of a comparison: nil is allowed for every
// field.
func (f *Field) Comparable(v any) (any, error) { return f.value(v) }

func (f *Field) bad(code, format string, args ...any) error {
	return fault.InvalidField(f.Name, code, format, args...)
}

func (f *Field) wrongType(v any) error {
	return f.bad("type", "a value of type %T does not fit a field of type %s", v, f.Type)
}

func (f *Field) value(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch f.Type {
	case TypeText:
		if s, ok := v.(string); ok {
			return f.text(s)
		}
	case TypeTime:
		switch t := v.(type) {
		case time.Time:
			return f.time(t)
		case string:
			return f.parseTime(t)
		}
	case TypeDate:
		switch d := v.(type) {
		case Date:
			return nilIfZero(d), nil
		case string:
			parsed, err := ParseDate(d)
			if err != nil {
				return nil, f.bad("date", "a date has the form 2006-01-02")
			}
			return nilIfZero(parsed), nil
		}
	case TypeID:
		switch id := v.(type) {
		case ID:
			return nilIfZero(id), nil
		case string:
			parsed, err := ParseID(id)
			if err != nil {
				return nil, f.bad("id", "an id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
			}
			return nilIfZero(parsed), nil
		}
	case TypeDecimal:
		switch d := v.(type) {
		case decimal.Decimal:
			return f.decimal(d)
		case decimal.NullDecimal:
			if !d.Valid {
				return nil, nil
			}
			return f.decimal(d.Decimal)
		case string:
			return f.parseDecimal(d)
		case json.Number:
			return f.parseDecimal(d.String())
		}
	case TypeJSON:
		return f.json(v)
	case TypeBytes:
		if b, ok := v.([]byte); ok {
			return f.bytes(b)
		}
	}
	return f.reflected(reflect.ValueOf(v))
}

// reflected takes named types, the sizes of ints and floats, and pointers.
func (f *Field) reflected(rv reflect.Value) (any, error) {
	switch {
	case rv.Kind() == reflect.Pointer:
		if rv.IsNil() {
			return nil, nil
		}
		return f.value(rv.Elem().Interface())
	case f.Type == TypeBool && rv.Kind() == reflect.Bool:
		return rv.Bool(), nil
	case f.Type == TypeText && rv.Kind() == reflect.String:
		return f.text(rv.String())
	case f.Type == TypeInt && rv.Type() == reflect.TypeFor[json.Number]():
		n, err := rv.Interface().(json.Number).Int64()
		if err != nil {
			return nil, f.bad("int", "is no whole number of 64 bits")
		}
		return n, nil
	case f.Type == TypeInt && rv.CanInt():
		return rv.Int(), nil
	case f.Type == TypeInt && rv.CanUint():
		if rv.Uint() > math.MaxInt64 {
			return nil, f.bad("range", "is out of range")
		}
		return int64(rv.Uint()), nil
	case f.Type == TypeDecimal && rv.CanInt():
		return f.decimal(decimal.NewFromInt(rv.Int()))
	case f.Type == TypeFloat && rv.CanFloat():
		return f.float(rv.Float())
	case f.Type == TypeFloat && rv.Type() == reflect.TypeFor[json.Number]():
		n, err := rv.Interface().(json.Number).Float64()
		if err != nil {
			return nil, f.bad("float", "is no number")
		}
		return f.float(n)
	case f.Type == TypeBytes && rv.Kind() == reflect.Slice && rv.Type().Elem().Kind() == reflect.Uint8:
		return f.bytes(rv.Bytes())
	}
	return nil, f.wrongType(rv.Interface())
}

func nilIfZero[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func (f *Field) text(s string) (any, error) {
	switch {
	case len(s) > f.Max:
		return nil, f.bad("max", "is longer than %d bytes", f.Max)
	case strings.IndexByte(s, 0) >= 0:
		return nil, f.bad("nul", "holds a NUL character")
	case !utf8.ValidString(s):
		return nil, f.bad("utf8", "is not valid UTF-8")
	}
	return s, nil
}

func (f *Field) float(n float64) (any, error) {
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return nil, f.bad("range", "is not finite")
	}
	return n + 0, nil // turns -0 into 0
}

func (f *Field) bytes(b []byte) (any, error) {
	if len(b) > f.Max {
		return nil, f.bad("max", "is longer than %d bytes", f.Max)
	}
	if b == nil {
		return nil, nil
	}
	return b, nil
}

func (f *Field) time(t time.Time) (any, error) {
	t = t.UTC().Truncate(time.Microsecond)
	if t.IsZero() {
		return nil, nil
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, f.bad("range", "lies outside the years 1 to 9999")
	}
	return t, nil
}

func (f *Field) parseTime(s string) (any, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return nil, f.bad("time", "a time has the form 2006-01-02T15:04:05.999999Z")
	}
	return f.time(t)
}

func (f *Field) parseDecimal(s string) (any, error) {
	if len(s) > 40 {
		return nil, f.bad("range", "is out of range")
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return nil, f.bad("decimal", "is no decimal number")
	}
	return f.decimal(d)
}

var maxScaled = big.NewInt(math.MaxInt64)

func (f *Field) decimal(d decimal.Decimal) (any, error) {
	// The exponent is looked at first: 1e1000000000 must not be multiplied out.
	if d.IsZero() {
		return decimal.Decimal{}, nil
	}
	if d.Exponent() > 18 || d.Exponent() < -60 {
		return nil, f.bad("range", "is out of range")
	}
	scaled := d.Shift(f.Scale)
	if !scaled.IsInteger() {
		return nil, f.bad("scale", "has more than %d decimal places", f.Scale)
	}
	if scaled.BigInt().CmpAbs(maxScaled) > 0 {
		return nil, f.bad("range", "is out of range")
	}
	return d, nil
}

// Scaled returns a decimal that Value has passed as the integer that stands for
// it at the field's scale: 12.5 at scale 4 is 125000.
func (f *Field) Scaled(d decimal.Decimal) int64 { return d.Shift(f.Scale).IntPart() }

// Unscaled is the inverse of Scaled.
func (f *Field) Unscaled(n int64) decimal.Decimal { return decimal.New(n, -f.Scale) }

func (f *Field) json(v any) (any, error) {
	var raw []byte
	switch t := v.(type) {
	case JSON:
		raw = t
	case json.RawMessage:
		raw = t
	default:
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return nil, f.bad("json", "can't be written as JSON")
		}
	}
	if len(raw) == 0 {
		return nil, nil
	}
	if len(raw) > f.Max {
		return nil, f.bad("max", "is longer than %d bytes", f.Max)
	}
	canonical, err := canonicalJSON(raw)
	switch {
	case err != nil:
		return nil, f.bad("json", "%s", err.Message)
	case string(canonical) == "null":
		return nil, nil
	case len(canonical) > f.Max:
		return nil, f.bad("max", "is longer than %d bytes", f.Max)
	}
	return canonical, nil
}

// CanonicalJSON returns the one text that stands for a JSON value: keys sorted,
// no white space, numbers in plain decimal notation without trailing zeros. It
// refuses, with Invalid, what does not parse, invalid UTF-8, numbers of more than
// 400 digits, and NUL characters, which not every database can hold.
func CanonicalJSON(raw []byte) (JSON, error) {
	canonical, err := canonicalJSON(raw)
	if err != nil {
		return nil, err
	}
	return canonical, nil
}

func canonicalJSON(raw []byte) (JSON, *fault.Error) {
	if !utf8.Valid(raw) {
		return nil, fault.New(fault.Invalid, "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fault.New(fault.Invalid, "is no JSON")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "is more than one JSON value")
	}
	v, bad := plain(v)
	if bad != nil {
		return nil, bad
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fault.New(fault.Invalid, "is no JSON")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// digits is the greatest length of a number in JSON.
const digits = 400

// plain replaces the numbers in a decoded JSON value by their plain form, since a
// jsonb column would do the same and all stores must return the same text, and
// refuses what not every store can hold.
func plain(v any) (any, *fault.Error) {
	var bad *fault.Error
	switch v := v.(type) {
	case json.Number:
		return plainNumber(v)
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return nil, fault.New(fault.Invalid, "holds a NUL character")
		}
	case map[string]any:
		for key := range v {
			if strings.IndexByte(key, 0) >= 0 {
				return nil, fault.New(fault.Invalid, "holds a NUL character")
			}
			if v[key], bad = plain(v[key]); bad != nil {
				return nil, bad
			}
		}
	case []any:
		for i := range v {
			if v[i], bad = plain(v[i]); bad != nil {
				return nil, bad
			}
		}
	}
	return v, nil
}

func plainNumber(n json.Number) (any, *fault.Error) {
	tooLong := fault.New(fault.Invalid, "holds a number of more than %d digits", digits)
	if len(n) > digits {
		return nil, tooLong
	}
	d, err := decimal.NewFromString(n.String())
	if err != nil || d.Exponent() > digits || d.Exponent() < -digits {
		return nil, tooLong
	}
	text := d.String()
	if len(text) > digits {
		return nil, tooLong
	}
	return json.Number(text), nil
}
