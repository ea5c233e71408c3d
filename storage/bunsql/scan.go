package bunsql

import (
	"database/sql"
	"errors"

	"github.com/kehucrm/kehu/storage/driver"
)

// cell takes one column of a row from the database/sql driver to its place.
type cell struct {
	decode decoder
	place  *any
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) (err error) {
	if src == nil {
		*c.place = nil
		return nil
	}
	*c.place, err = c.decode(src)
	return err
}

// scan reads all rows and closes them. limit is how many there may be.
func scan(rows *sql.Rows, decoders []decoder, limit int) (list []driver.Row, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	cells, places := make([]cell, len(decoders)), make([]any, len(decoders))
	for i, decode := range decoders {
		cells[i].decode = decode
		places[i] = &cells[i]
	}
	list = make([]driver.Row, 0, min(limit, 64))
	for rows.Next() {
		row := make(driver.Row, len(cells))
		for i := range cells {
			cells[i].place = &row[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
