package schema

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Field is one column of a kind. It is read-only once its kind is defined.
type Field struct {
	// Name is the column's name, as queries, JSON and errors spell it.
	Name string
	Type Type
	// Nullable says whether null can be stored: for ids, dates and times whose
	// zero value is null, for pointers, decimal.NullDecimal and JSON.
	Nullable bool
	// Scale is the number of decimal places kept, for TypeDecimal. A value
	// with more is refused, never rounded; so is one that, without its point,
	// does not fit an int64.
	Scale int32
	// Max is the greatest length in bytes, for text, bytes and JSON.
	Max int
	// Of is set for a derived search column: the text field whose Fold it keeps.
	Of *Field
	// Custom says that the field lives inside the kind's custom column, under
	// its name: a bool as JSON bool, an int as JSON number, a decimal as JSON
	// number scaled to an integer, everything else as text whose bytewise
	// order is the order of the values: a date 2006-01-02, a time
	// 2006-01-02T15:04:05.000000Z, an id in its text form. A value of another
	// JSON type reads as null.
	Custom bool
	// List is the name of a list of values that the program keeps for the field, such as
	// a dictionary; empty for none. Storage does not look at it.
	List string
	// Personal says that the field says something about a human being, so that it is among
	// what is erased with one. Storage does not look at it.
	Personal bool
	// Index is the path to the struct field, for reflect; nil for derived and
	// custom fields.
	Index []int
	// Position is the place in Kind.Columns and so in every row; -1 for a
	// custom field.
	Position int

	// search says that a folded column is kept; derived that the column is one itself.
	search, derived bool
}

// Derived reports whether the column is made from others, and no field of the records: a
// query can't name it, and no journal or JSON has it.
func (f *Field) Derived() bool { return f.derived || f.Of != nil }

// Limits of what one field holds.
const (
	// DefaultMax is the length in bytes of a text whose tag says no other; it
	// keeps an indexed text inside what every database can index.
	DefaultMax = 1000
	// LargestMax is the greatest length that a tag may ask for.
	LargestMax = 16 << 20
	// DefaultScale is that of an amount of money. Prices and quantities say
	// scale=6, rates scale=8.
	DefaultScale = 4
)

// fieldsOf reads the exported fields of a struct type and of its embedded
// structs. The tag is `crm:"name,option,…"`; without one the name is the Go name
// in snake case, and "-" leaves a field out. Options: search (keep a folded
// column for text match), required (an id, date or time that is never null), scale=N,
// max=N, list=NAME (see Field.List), personal (see Field.Personal), json (store a struct, slice
// or map as JSON).
func fieldsOf(t reflect.Type, path []int) ([]*Field, error) {
	var fields []*Field
	var errs []error
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(append([]int(nil), path...), i)
		tag, tagged := sf.Tag.Lookup("crm")
		if tag == "-" || (!sf.IsExported() && !sf.Anonymous) {
			continue
		}
		if _, _, stored := typeOf(sf.Type, false); sf.Anonymous && !tagged && (stored || !sf.IsExported() && sf.Type.Kind() != reflect.Struct) {
			errs = append(errs, fmt.Errorf("%s: an embedded %s needs a field name of its own", sf.Name, sf.Type))
			continue
		}
		if sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct {
			inner, err := fieldsOf(sf.Type, index)
			fields, errs = append(fields, inner...), append(errs, err)
			continue
		}
		f, err := readField(sf, tag)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f.Index = index
		fields = append(fields, f)
	}
	return fields, errors.Join(errs...)
}

func readField(sf reflect.StructField, tag string) (*Field, error) {
	_, rest, _ := strings.Cut(tag, ",")
	f := &Field{Name: FieldName(sf), Scale: DefaultScale}
	asJSON, required := false, false
	for option := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(option, "=")
		n, err := strconv.Atoi(value)
		switch key {
		case "":
		case "search":
			f.search = true
		case "required":
			required = true
		case "personal":
			f.Personal = true
		case "json":
			asJSON = true
		case "list":
			f.List = value
		case "scale":
			if err != nil || n < 0 || n > 12 {
				return nil, fmt.Errorf("%s: scale is a number from 0 to 12", sf.Name)
			}
			f.Scale = int32(n) //nolint:gosec // 0 to 12
		case "max":
			if err != nil || n < 1 || n > LargestMax {
				return nil, fmt.Errorf("%s: max is a number from 1 to %d", sf.Name, LargestMax)
			}
			f.Max = n
		default:
			return nil, fmt.Errorf("%s: tag option %q is none of search, required, personal, list, json, scale, max", sf.Name, key)
		}
	}
	var ok bool
	if f.Type, f.Nullable, ok = typeOf(sf.Type, asJSON); !ok {
		return nil, fmt.Errorf("%s: Go type %s can't be stored", sf.Name, sf.Type)
	}
	if required {
		if f.Type != TypeID && f.Type != TypeDate && f.Type != TypeTime || sf.Type.Kind() == reflect.Pointer {
			return nil, fmt.Errorf("%s: only an id, date or time can be required", sf.Name)
		}
		if f.Personal {
			return nil, fmt.Errorf("%s: what is personal is erased, and what is required can't be", sf.Name)
		}
		f.Nullable = false
	}
	if f.search && (f.Type != TypeText || f.Nullable) {
		return nil, fmt.Errorf("%s: only a text field that is no pointer can be searched", sf.Name)
	}
	if f.Max == 0 && f.Type == TypeJSON {
		f.Max = LargestMax
	} else if f.Max == 0 {
		f.Max = DefaultMax
	}
	return f, checkName(f.Name)
}

// FieldName returns the column name of a struct field: the one in its crm tag, or
// its Go name in snake case.
func FieldName(sf reflect.StructField) string {
	if name, _, _ := strings.Cut(sf.Tag.Get("crm"), ","); name != "" {
		return name
	}
	return snake(sf.Name)
}

// checkName refuses names that could not stand in SQL and JSON paths as they
// are: what it lets pass needs no escaping anywhere.
func checkName(name string) error {
	if name == "" || len(name) > 40 || name[0] < 'a' || name[0] > 'z' {
		return fmt.Errorf("name %q: 1 to 40 of a-z, 0-9 and _, beginning with a letter", name)
	}
	for _, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return fmt.Errorf("name %q: 1 to 40 of a-z, 0-9 and _, beginning with a letter", name)
		}
	}
	return nil
}

// snake turns a Go name into a column name: ExpectedClose is expected_close,
// CustomerID is customer_id.
func snake(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			startsWord := i > 0 && (s[i-1] >= 'a' || i+1 < len(s) && s[i+1] >= 'a')
			if startsWord {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// CustomField declares a field that a host adds to a kind. It is stored in the
// kind's JSON column named custom and used in queries as "custom.<name>".
type CustomField struct {
	Name string
	Type Type // all but TypeFloat, TypeBytes and TypeJSON
	// Scale is for TypeDecimal; 0 keeps no decimal places.
	Scale int32
	// Max is the greatest length of a text in bytes; 0 is DefaultMax.
	Max int
	// Indexed asks for an index, made at the next Migrate, so that a filter or
	// sort by the field does not read the whole tenant.
	Indexed bool
}

func (c CustomField) field() (*Field, error) {
	switch c.Type {
	case TypeBool, TypeInt, TypeText, TypeTime, TypeDate, TypeDecimal, TypeID:
	default:
		return nil, fmt.Errorf("custom field %q: type %s is none of bool, int, text, time, date, decimal, id", c.Name, c.Type)
	}
	if c.Max < 0 || c.Max > LargestMax {
		return nil, fmt.Errorf("custom field %q: max is a number from 0 to %d", c.Name, LargestMax)
	}
	if c.Scale < 0 || c.Scale > 12 {
		return nil, fmt.Errorf("custom field %q: scale is a number from 0 to 12", c.Name)
	}
	f := &Field{Name: c.Name, Type: c.Type, Nullable: true, Scale: c.Scale, Max: c.Max, Custom: true, Position: -1}
	if f.Max == 0 {
		f.Max = DefaultMax
	}
	return f, checkName(c.Name)
}

// Absent returns what a column holds when nothing was written: nil where it may be null,
// and otherwise the zero of its type as [Field.Value] gives it. It is also nil for an id, a
// date or a time that is required, which have none.
func (f *Field) Absent() any {
	if f.Nullable {
		return nil
	}
	switch f.Type {
	case TypeBool:
		return false
	case TypeInt:
		return int64(0)
	case TypeFloat:
		return 0.0
	case TypeText:
		return ""
	case TypeDecimal:
		return decimal.Decimal{}
	}
	return nil // the other types always allow null
}
