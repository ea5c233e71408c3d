package sheet

import (
	"fmt"
	"iter"
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
)

// Line is one line of a list beneath its header.
type Line struct {
	// Number is the line of the file, or the row of the sheet, in which the line
	// begins, from 1.
	Number int
	// Cells has a cell for each name of the header, "" for an empty one. With Err it
	// is what could be read, which may be more or fewer cells.
	Cells []string
	// Err says why the line cannot be used, nil when it can: an Invalid error whose
	// message names file, line and column, and whose field is the column's name.
	Err error
}

// Source is a list that is read once, from its beginning to its end.
type Source interface {
	// Header returns the names of the columns as they stand, without space around
	// them. Names may be empty, or the same twice.
	Header() []string
	// Lines returns the lines beneath the header in order, without those that are
	// empty. The second value is an error after which nothing can be read; it comes
	// last, if it comes. A bad line is no such error: it has Err. Lines is for one use.
	Lines() iter.Seq2[Line, error]
	// Close gives back what the source holds. It does not close the reader beneath.
	Close() error
}

// Sink is a list that is being written.
type Sink interface {
	// Header writes the names of the columns; it is called once, before any Write.
	Header(columns []Column) error
	// Write adds a line: a cell for each column. An error leaves the line out and
	// says why, with the column as its field; the list may be gone on with.
	Write(cells []string) error
	// Close finishes the list and gives back what the sink holds; it does not close
	// the writer beneath. A list that is given up is closed as well, and what has
	// been written is for the caller to throw away.
	Close() error
}

// Column is a column of a list that is written.
type Column struct {
	Name string
	Kind Kind
}

// Kind is how a column's cells are to be understood by a spreadsheet. A cell that
// does not have the form of its column's kind is written as text.
type Kind uint8

// The kinds of columns.
const (
	Text   Kind = iota // as it stands; postcodes and phone numbers, too
	Number             // "-12.50": digits, a point, and no exponent
	Date               // "2026-03-05"
	Time               // "2026-03-05 14:30:00", in the zone of whoever reads it
)

// DateLayout and TimeLayout are the forms of a Date and of a Time, for package time.
// A sheet's dates are read in these forms as well.
const (
	DateLayout = "2006-01-02"
	TimeLayout = "2006-01-02 15:04:05"
)

// Options say how a list is read. The zero Options are for a list with its header in
// the first line that is not empty.
type Options struct {
	// File is the name by which errors call the list; "" is "list".
	File string
	// Header is the line in which the header stands, from 1. What is above it is
	// passed over: reports often have a title there. 0 is the first line with a cell.
	Header int
	// Limits protect against lists that were made to do harm.
	Limits Limits
}

// Limits are the most that a list may have; 0 or less stands for the default.
type Limits struct {
	// Lines beneath the header; more of them end the reading with an error. By
	// default as many as a sheet of Excel holds.
	Lines int
	// Columns in the header; a list with more is refused. By default DefaultColumns.
	Columns int
	// Line is the bytes of a line of text; a longer line is bad. By default a mebibyte.
	Line int
	// Cell is the characters of a cell (see [Length]); a line with a longer one is
	// bad. By default as many as Excel holds.
	Cell int
}

// DefaultColumns is how many columns a list may have where Limits do not say.
const DefaultColumns = 1000

// MaxRows and MaxCell are what a sheet of Excel holds: rows with the header, and
// characters of a cell (see [Length]).
const (
	MaxRows = 1_048_576
	MaxCell = 32_767
)

// withDefaults returns the options with a value for everything that is left out.
func (o Options) withDefaults() Options {
	set := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	if o.File == "" {
		o.File = "list"
	}
	set(&o.Limits.Lines, MaxRows-1)
	set(&o.Limits.Columns, DefaultColumns)
	set(&o.Limits.Line, 1<<20)
	set(&o.Limits.Cell, MaxCell)
	return o
}

// At returns an Invalid error about a place in a list: its message is "customers.csv,
// line 12, phone: …". Line 0 is the file as a whole, column "" the whole line. The
// code is a stable word for what is wrong.
//
// The codes of this package and of those below are: "long" (a cell or a line), "cells"
// (more of them than the header has), "quote" (never closed, or text after it),
// "encoding" (bytes that are no text), "formula" (a cell that shows an error),
// "lines" and "columns" (more than Limits allow), "header" (there is none), "large"
// and "format" (the file is too big, or not what it should be).
func At(file string, line int, column, code, format string, args ...any) *fault.Error {
	place := []string{file}
	if line > 0 {
		place = append(place, fmt.Sprintf("line %d", line))
	}
	if column != "" {
		place = append(place, column)
	}
	m := fmt.Sprintf(format, args...)
	return &fault.Error{
		Code:    fault.Invalid,
		Message: strings.Join(place, ", ") + ": " + m,
		Fields:  []fault.Field{{Name: column, Code: code, Message: m}},
	}
}
