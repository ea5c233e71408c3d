package sheet

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/kehucrm/kehu/storage/fault"
)

// sink keeps the order of the calls and the shape of the lines for a format.
type sink struct {
	format  Sink
	columns []Column
	closed  bool
}

// NewSink returns a sink over the one of a format, which then need not look at the
// order of its calls nor at the number of cells. All formats are written through it.
//
// A header without columns, a second one, a line with another number of cells or
// with one that is no valid UTF-8 is an Invalid error; calls out of their order are
// Precondition; what fails in the writer beneath is Internal with that as its cause.
// Closing twice does nothing, and closing without a header makes an empty list.
func NewSink(format Sink) Sink { return &sink{format: format} }

func (s *sink) Header(columns []Column) error {
	switch {
	case s.columns != nil || s.closed:
		return fault.New(fault.Precondition, "the header comes first, and once")
	case len(columns) == 0:
		return fault.New(fault.Invalid, "a list has at least one column")
	}
	for _, c := range columns {
		if !utf8.ValidString(c.Name) {
			return fault.New(fault.Invalid, "a column's name is no valid UTF-8")
		}
	}
	s.columns = slices.Clone(columns)
	return written(s.format.Header(s.columns))
}

func (s *sink) Write(cells []string) error {
	switch {
	case s.columns == nil || s.closed:
		return fault.New(fault.Precondition, "lines stand beneath a header, and before the end")
	case len(cells) != len(s.columns):
		return fault.New(fault.Invalid, "%d cells for %d columns", len(cells), len(s.columns))
	}
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			return fault.InvalidField(s.columns[i].Name, "encoding", "no valid UTF-8")
		}
	}
	return written(s.format.Write(cells))
}

func (s *sink) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return written(s.format.Close())
}

// written returns an error of ours for one of a writer.
func written(err error) error {
	if err == nil {
		return nil
	}
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	return &fault.Error{Code: fault.Internal, Message: "the list cannot be written", Err: err}
}
