package boltstore

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// encode writes a row: the names of its columns, then their values, without what is
// absent. A row has its values by position, but positions hold only for one version of
// the program: a field that is added, or moved within its struct, shifts the others.
// Names stay, and have no spaces.
func encode(k *schema.Kind, row driver.Row) ([]byte, error) {
	names, values := make([]string, 0, len(row)), make(driver.Row, 1, len(row)+1)
	for i, f := range k.Columns() {
		if query.CompareValues(row[i], absent(f, row)) != 0 {
			names, values = append(names, f.Name), append(values, row[i])
		}
	}
	values[0] = strings.Join(names, " ")
	return driver.MarshalRow(values)
}

// decode is the inverse of encode. Names that the kind does not have are left out.
func decode(k *schema.Kind, raw []byte) (driver.Row, error) {
	values, err := driver.UnmarshalRow(raw)
	var names []string
	if len(values) > 0 {
		list, _ := values[0].(string)
		names = strings.Fields(list)
	}
	if err != nil || len(values) != 1+len(names) {
		// UnmarshalRow says Invalid, as if a caller had sent the bytes.
		return nil, &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "a stored record can't be read", Err: err}
	}
	row := make(driver.Row, len(k.Columns()))
	for i, name := range names {
		if f := k.Field(name); f != nil {
			row[f.Position] = values[1+i]
		}
	}
	for i, f := range k.Columns() {
		if row[i] == nil {
			row[i] = absent(f, row)
		}
	}
	return row, nil
}

// absent returns what a column holds when nothing was written: because it held just that,
// or because it was not there yet. A column that is added to an SQL table holds the same.
func absent(f *schema.Field, row driver.Row) any {
	if f.Of != nil { // a search column, which stands after the text it is made of
		text, _ := row[f.Of.Position].(string)
		return schema.Fold(text)
	}
	if f.Nullable {
		return nil
	}
	switch f.Type {
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
	return nil // the other types are nullable always
}
