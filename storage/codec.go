package storage

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// codec turns structs of one kind into rows and back. It is built once per kind
// and holds no state.
type codec struct {
	kind *schema.Kind
	// direct tells for each column whether an adapter sets the field itself.
	direct []direct
	// get is the query of one record by id, resolved but for the condition.
	get query.Select
}

func newCodec(k *schema.Kind) *codec {
	get := query.Select{Limit: 1, Sort: []query.Sort{{Path: query.Path{Name: "id", Field: k.ID()}}}}
	for _, f := range k.Columns() {
		get.Columns = append(get.Columns, query.Path{Name: f.Name, Field: f})
	}
	return &codec{kind: k, get: get, direct: directFields(k)}
}

// encode returns the row of a struct. It reports every offending field at once.
func (c *codec) encode(v reflect.Value) (driver.Row, error) {
	columns := c.kind.Columns()
	row := make(driver.Row, len(columns))
	var offences []fault.Field
	for i, f := range columns {
		var err error
		switch {
		case f.Derived():
		case f.Type == schema.TypeJSON && f == c.kind.CustomColumn():
			row[i], err = c.encodeCustom(v.FieldByIndex(f.Index))
		default:
			row[i], err = f.Value(v.FieldByIndex(f.Index).Interface())
		}
		if err != nil {
			offences = append(offences, fieldsOf(err)...)
		}
	}
	if len(offences) > 0 {
		return nil, &fault.Error{Code: fault.Invalid, Kind: c.kind.Name(), Fields: offences}
	}
	search.Derive(c.kind, row)
	return row, nil
}

func fieldsOf(err error) []fault.Field {
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // straight from Field.Value, never wrapped
		return e.Fields
	}
	return nil
}

// encodeCustom writes the declared custom fields. A value that was read under a
// name that is no longer declared, or declared with another type now, is a
// json.RawMessage and is kept as it is.
func (c *codec) encodeCustom(v reflect.Value) (any, error) {
	values, ok := reflect.TypeAssert[schema.Values](v)
	if !ok || len(values) == 0 {
		return nil, nil
	}
	out := make(map[string]json.RawMessage, len(values))
	var offences []fault.Field
	for _, name := range slices.Sorted(maps.Keys(values)) {
		f, value := c.kind.CustomField(name), values[name]
		if raw, kept := value.(json.RawMessage); kept {
			out[name] = raw
			continue
		}
		if f == nil {
			offences = append(offences, fault.Field{Name: "custom." + name, Code: "unknown", Message: "no such custom field is declared"})
			continue
		}
		checked, err := f.Comparable(value)
		for _, offence := range fieldsOf(err) {
			offence.Name = "custom." + offence.Name
			offences = append(offences, offence)
		}
		if err == nil && checked != nil {
			out[name] = eval.CustomJSON(f, checked)
		}
	}
	if len(offences) > 0 {
		return nil, &fault.Error{Code: fault.Invalid, Fields: offences}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return c.kind.CustomColumn().Value(out)
}

// decode sets a struct from a row of its kind.
func (c *codec) decode(row driver.Row, v reflect.Value) error {
	for i, f := range c.kind.Columns() {
		if f.Derived() {
			continue
		}
		if err := c.setField(f, row[i], v); err != nil {
			return err
		}
	}
	return nil
}

// setField puts one driver value into its field of a struct.
func (c *codec) setField(f *schema.Field, value any, v reflect.Value) error {
	if err := c.set(f, value, v.FieldByIndex(f.Index)); err != nil {
		return &fault.Error{Code: fault.Internal, Kind: c.kind.Name(), Message: "a stored value does not fit field " + f.Name, Err: err}
	}
	return nil
}

// set puts one driver value into a struct field.
func (c *codec) set(f *schema.Field, value any, dst reflect.Value) error {
	if value == nil {
		dst.SetZero()
		return nil
	}
	if dst.Kind() == reflect.Pointer {
		p := reflect.New(dst.Type().Elem())
		dst.Set(p)
		dst = p.Elem()
	}
	switch value := value.(type) {
	case string:
		dst.SetString(value)
	case int64:
		switch {
		case dst.CanUint() && value >= 0 && !dst.OverflowUint(uint64(value)):
			dst.SetUint(uint64(value))
		case dst.CanInt() && !dst.OverflowInt(value):
			dst.SetInt(value)
		default:
			return fault.New(fault.Internal, "%d does not fit %s", value, dst.Type())
		}
	case bool:
		dst.SetBool(value)
	case float64:
		if dst.OverflowFloat(value) {
			return fault.New(fault.Internal, "%g does not fit %s", value, dst.Type())
		}
		dst.SetFloat(value)
	case schema.ID:
		*(dst.Addr().Interface().(*schema.ID)) = value
	case time.Time:
		*(dst.Addr().Interface().(*time.Time)) = value
	case schema.Date:
		*(dst.Addr().Interface().(*schema.Date)) = value
	case decimal.Decimal:
		switch p := dst.Addr().Interface().(type) {
		case *decimal.Decimal:
			*p = value
		case *decimal.NullDecimal:
			*p = decimal.NewNullDecimal(value)
		}
	case []byte:
		dst.SetBytes(value)
	case schema.JSON:
		return c.setJSON(f, value, dst)
	}
	return nil
}

func (c *codec) setJSON(f *schema.Field, value schema.JSON, dst reflect.Value) error {
	switch p := dst.Addr().Interface().(type) {
	case *schema.JSON:
		*p = value
		return nil
	case *json.RawMessage:
		*p = json.RawMessage(value)
		return nil
	case *schema.Values:
		if f == c.kind.CustomColumn() {
			return c.decodeCustom(value, p)
		}
	}
	return json.Unmarshal(value, dst.Addr().Interface())
}

func (c *codec) decodeCustom(value schema.JSON, into *schema.Values) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(value, &raw); err != nil {
		return err
	}
	*into = make(schema.Values, len(raw))
	for name, text := range raw {
		var v any
		if f := c.kind.CustomField(name); f != nil {
			v = eval.CustomValue(f, text)
		}
		if v == nil {
			v = text
		}
		(*into)[name] = v
	}
	return nil
}
