package driver

import (
	"encoding/json"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// MarshalRecord writes a record's row with the names of its columns, so that another
// release of the program can read it, whose columns are others or stand elsewhere.
// It is for adapters that keep rows themselves.
//
// What UnmarshalRecord puts back without being told is not written: null, zero where
// null is not allowed, and derived columns. The same values are the same bytes, in
// whatever order the columns stand.
//
// It returns Internal for a row that is none of the kind: of another length, with a value
// of another type than its column has, or with null in a column that has zero instead.
func MarshalRecord(k *schema.Kind, row Row) ([]byte, error) {
	if len(row) != len(k.Columns()) {
		return nil, fault.New(fault.Internal, "a row of kind %q has %d values, not %d", k.Name(), len(k.Columns()), len(row))
	}
	cells := make(map[string][2]string, len(row))
	for i, f := range k.Columns() {
		if f.Derived() || row[i] == f.Absent() {
			continue
		}
		mark, text, _ := marshalCell(row[i])
		if mark != marks[f.Type] {
			return nil, fault.New(fault.Internal, "%s.%s: a value of type %T does not fit a field of type %s", k.Name(), f.Name, row[i], f.Type)
		}
		cells[f.Name] = [2]string{mark, text}
	}
	return json.Marshal(cells)
}

// UnmarshalRecord reads what MarshalRecord wrote for the kind as it is now or as it was
// in another release. Names that the kind does not have are left out: a column that was
// renamed is a new one. A column whose name is not there holds what one that is added
// to an SQL table holds: null, or zero where null is not allowed. A derived column is made
// anew, whatever was written. The row shares no memory with raw.
//
// Two things follow for who changes a struct. Where null becomes allowed, what was zero
// is null. And a required id, date or time has no zero, so that it is null, too, in
// records that were written before it.
//
// It returns Internal for anything else, and for a value of another type than its
// column has now.
func UnmarshalRecord(k *schema.Kind, raw []byte) (Row, error) {
	var cells map[string][]string
	if err := json.Unmarshal(raw, &cells); err != nil || cells == nil {
		return nil, &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "a stored record can't be read", Err: err}
	}
	row := make(Row, len(k.Columns()))
	for i, f := range k.Columns() {
		cell, written := cells[f.Name]
		switch {
		case f.Derived():
		case !written:
			row[i] = f.Absent()
		default:
			v, err := readCell(cell)
			if err != nil || cell[0] != marks[f.Type] {
				// Not with the cause, which may say Invalid, as if a caller had sent the value.
				return nil, &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "a stored value does not fit field " + f.Name}
			}
			row[i] = v
		}
	}
	search.Derive(k, row)
	return row, nil
}
