package bunsql

import (
	"database/sql"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// cell takes one column of a row from the database/sql driver to its place.
type cell struct {
	decoder
	place any
}

// Scan implements sql.Scanner. What most columns are goes to its place directly: a
// driver value in between would be an allocation for each.
func (c *cell) Scan(src any) (err error) {
	switch place := c.place.(type) {
	case *string:
		if v, ok := src.(string); ok {
			*place = v
			return nil
		}
	case *int64:
		if v, ok := src.(int64); ok {
			*place = v
			return nil
		}
	case *time.Time:
		switch v := src.(type) {
		case int64:
			*place = time.UnixMicro(v).UTC()
			return nil
		case time.Time:
			*place = v.UTC()
			return nil
		}
	case *schema.ID:
		if v, ok := src.(string); ok {
			*place = parseID(v)
			return nil
		}
	case *decimal.NullDecimal:
		if v, ok := src.(int64); ok {
			place.Decimal, place.Valid = decimal.New(v, -c.scale), true
			return nil
		}
	case *decimal.Decimal:
		if v, ok := src.(int64); ok {
			*place = decimal.New(v, -c.scale)
			return nil
		}
	}
	var value any
	if src != nil {
		if value, err = c.decode(src); err != nil {
			return err
		}
	}
	return driver.Set(c.place, value)
}

// scan reads the rows, at most limit, and closes them. next returns where the next one
// goes. That the last one is the last is not asked for: it would be another step.
func scan(rows *sql.Rows, decoders []decoder, limit int, next func() []any) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	cells, scanners := make([]cell, len(decoders)), make([]any, len(decoders))
	for i, decoder := range decoders {
		cells[i].decoder = decoder
		scanners[i] = &cells[i]
	}
	for n := 0; n < limit && rows.Next(); n++ {
		for i, place := range next() {
			cells[i].place = place
		}
		if err := rows.Scan(scanners...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rowList collects rows of some columns.
type rowList struct {
	rows   []driver.Row
	places []any
}

// newRowList returns a list for at most limit rows.
func newRowList(columns, limit int) *rowList {
	return &rowList{rows: make([]driver.Row, 0, min(limit, 64)), places: make([]any, columns)}
}

// next adds a row and returns the places of its values.
func (l *rowList) next() []any {
	row := make(driver.Row, len(l.places))
	for i := range row {
		l.places[i] = &row[i]
	}
	l.rows = append(l.rows, row)
	return l.places
}
