package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/jszwec/csvutil"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/kehucrm/kehu/storage"
)

// place is a line of a file.
type place struct {
	file string
	line int
}

// row is one row of a file.
type row[T any] struct {
	place
	data T
}

// problem is a row that was left out, and why.
type problem struct {
	place
	reason refusal
}

func (p problem) String() string { return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.reason) }

// refusal is the error of a row that is left out. Every other error ends the import.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// readRows reads one file. The same row twice is one row; a second row with the key
// of another and other content is a problem.
func readRows[T entry](r io.Reader, file string) ([]row[T], []problem, error) {
	var rows []row[T]
	var problems []problem
	// Spreadsheets like to put a byte order mark before the first column's name.
	lines := csv.NewReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	lines.FieldsPerRecord = -1 // the decoder compares with the header
	dec, err := decoder[T](lines)
	if reason, refused := errors.AsType[refusal](err); refused {
		return nil, []problem{{place{file, 1}, reason}}, nil
	}
	first := map[string]row[T]{}
	for err == nil {
		this := row[T]{place: place{file: file}}
		this.line, err = decode(lines, dec, &this.data)
		was, again := first[this.data.key()]
		switch {
		case err != nil:
		case !again:
			first[this.data.key()] = this
			rows = append(rows, this)
		case !reflect.DeepEqual(was.data, this.data):
			err = refuse("%q stands in line %d already, with other content", this.data.key(), was.line)
		}
		if reason, refused := errors.AsType[refusal](err); refused {
			problems = append(problems, problem{this.place, reason})
			err = nil
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return rows, problems, nil
}

// decoder reads the header.
func decoder[T entry](lines *csv.Reader) (*csvutil.Decoder, error) {
	dec, err := csvutil.NewDecoder(lines)
	if errors.Is(err, io.EOF) {
		return nil, refuse("the file is empty")
	}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, refuse("header: %v", syntax.Err)
	}
	if err != nil {
		return nil, err
	}
	if err := dec.NormalizeHeader(strings.TrimSpace); err != nil {
		return nil, refuse("header: two columns have the same name")
	}
	var zero T
	wanted, err := csvutil.Header(zero, "csv")
	if err != nil {
		return nil, err
	}
	present := dec.Header()
	missing := slices.DeleteFunc(wanted, func(column string) bool { return slices.Contains(present, column) })
	if len(missing) > 0 {
		return nil, refuse("missing columns: %s", strings.Join(missing, ", "))
	}
	dec.Map = clean
	return dec, nil
}

// clean is applied to each value before it is decoded.
func clean(value, column string, _ any) string {
	value = strings.TrimSpace(value)
	if right, ok := aliases[column][value]; ok {
		return right
	}
	return value
}

// decode reads the next row and the line that it begins in.
func decode[T entry](lines *csv.Reader, dec *csvutil.Decoder, data *T) (int, error) {
	err := dec.Decode(data)
	if errors.Is(err, io.EOF) {
		return 0, err
	}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		return syntax.StartLine, refuse("%v (line %d)", syntax.Err, syntax.Line)
	}
	line, _ := lines.FieldPos(0)
	if errors.Is(err, csvutil.ErrFieldCount) {
		return line, refuse("%d fields where the header has %d", len(dec.Record()), len(dec.Header()))
	}
	if value, ok := errors.AsType[*csvutil.DecodeError](err); ok {
		text := dec.Record()[slices.Index(dec.Header(), value.Field)]
		return line, refuse("%s %q: %s", value.Field, text, why(value.Err))
	}
	if err != nil {
		return line, err
	}
	return line, (*data).check()
}

// why says what is wrong with a value: all but dates are numbers.
func why(err error) string {
	if ours, ok := errors.AsType[*storage.Error](err); ok {
		return ours.Message
	}
	return "is no number"
}
