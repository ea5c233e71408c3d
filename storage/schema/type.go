package schema

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/shopspring/decimal"
)

// Type is one of the closed set of value types that a store keeps.
type Type uint8

// The types, with the Go type of their driver value and how they compare.
const (
	TypeBool    Type = iota + 1 // bool; false before true
	TypeInt                     // int64
	TypeFloat                   // float64, finite; for measurements, never for money
	TypeText                    // string, valid UTF-8 without NUL; bytewise order
	TypeBytes                   // []byte; not compared
	TypeTime                    // time.Time, UTC, whole microseconds, years 1 to 9999
	TypeDate                    // Date
	TypeDecimal                 // decimal.Decimal with the field's scale; exact
	TypeJSON                    // JSON; not compared but through declared custom fields
	TypeID                      // ID
)

var typeNames = [...]string{"", "bool", "int", "float", "text", "bytes", "time", "date", "decimal", "json", "id"}

// String returns the type's lower-case name, such as "decimal".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

// Ordered reports whether values of the type can be compared, sorted and
// grouped.
func (t Type) Ordered() bool { return t != TypeBytes && t != TypeJSON }

// JSON is the text of one JSON value, in canonical form: keys sorted, no white
// space. Nil is null.
type JSON []byte

// Values holds the custom fields of a record by name: string, bool, int64,
// decimal.Decimal, Date, time.Time or ID as each field was declared. A missing
// name and nil are both null. Nothing else may be nil in it.
type Values map[string]any

var (
	timeType        = reflect.TypeFor[time.Time]()
	dateType        = reflect.TypeFor[Date]()
	idType          = reflect.TypeFor[ID]()
	decimalType     = reflect.TypeFor[decimal.Decimal]()
	nullDecimalType = reflect.TypeFor[decimal.NullDecimal]()
	jsonType        = reflect.TypeFor[JSON]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	valuesType      = reflect.TypeFor[Values]()
)

// typeOf maps a Go type to the stored type. ok is false for a type that can't
// be stored; a struct, slice or map of another kind is stored as JSON only where
// its tag says so.
func typeOf(t reflect.Type, asJSON bool) (typ Type, nullable, ok bool) {
	switch t {
	case timeType:
		return TypeTime, true, true
	case dateType:
		return TypeDate, true, true
	case idType:
		return TypeID, true, true
	case decimalType:
		return TypeDecimal, false, true
	case nullDecimalType:
		return TypeDecimal, true, true
	case jsonType, rawType, valuesType:
		return TypeJSON, true, true
	}
	if asJSON {
		return TypeJSON, true, true
	}
	switch t.Kind() {
	case reflect.Pointer:
		typ, nullable, ok = typeOf(t.Elem(), false)
		return typ, true, ok && !nullable && typ != TypeBytes
	case reflect.Bool:
		return TypeBool, false, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return TypeInt, false, true
	case reflect.Float32, reflect.Float64:
		return TypeFloat, false, true
	case reflect.String:
		return TypeText, false, true
	case reflect.Slice:
		return TypeBytes, true, t.Elem().Kind() == reflect.Uint8
	}
	return 0, false, false
}
