package sheet

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kehucrm/kehu/storage/fault"
)

// source is a Source over lines as they come.
type source struct {
	o       Options
	next    func() (Line, error)
	release func() error
	header  []string
}

// NewSource returns the source of a list whose lines come from next, header first,
// until it returns io.EOF. All formats are read through it, so that all find the
// header, fill up lines and keep the limits alike; release is called by Close and may
// be nil. NewSource reads the header and fails when there is none or when it is too
// wide; it has closed then.
//
// A line that is shorter than the header is filled up with empty cells: spreadsheets
// leave out the empty cells at the end of a line. One that is longer is bad.
func NewSource(o Options, next func() (Line, error), release func() error) (Source, error) {
	s := &source{o: o.withDefaults(), next: next, release: release}
	if err := s.readHeader(); err != nil {
		_ = s.Close() // the list is not read; why not is what matters
		return nil, err
	}
	return s, nil
}

func (s *source) readHeader() error {
	for {
		line, err := s.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && s.o.Header > 0 && line.Number > s.o.Header:
			return At(s.o.File, s.o.Header, "", "header", "no names of columns")
		case err != nil:
			return s.o.failed(err)
		case line.Number < s.o.Header, isBlank(line):
			continue
		case line.Err != nil:
			return line.Err
		}
		if s.header = names(line.Cells); len(s.header) > s.o.Limits.Columns {
			return At(s.o.File, line.Number, "", "columns", "more than %d columns", s.o.Limits.Columns)
		}
		return s.check(line)
	}
}

func (s *source) Header() []string { return slices.Clone(s.header) }

func (s *source) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for n := 0; ; {
			line, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Line{Number: line.Number}, s.o.failed(err))
				return
			}
			if isBlank(line) {
				continue
			}
			if n++; n > s.o.Limits.Lines {
				yield(Line{Number: line.Number}, At(s.o.File, line.Number, "", "lines", "more than %d lines", s.o.Limits.Lines))
				return
			}
			if line.Err == nil {
				line.Err = s.check(line)
				line.Cells = s.fit(line)
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

func (s *source) Close() error {
	s.next = func() (Line, error) { return Line{}, io.EOF }
	if s.release == nil {
		return nil
	}
	return s.release()
}

// check returns what is wrong with the cells of a line.
func (s *source) check(line Line) error {
	for i, cell := range line.Cells {
		switch {
		case i >= len(s.header) && cell != "":
			return At(s.o.File, line.Number, "", "cells", "a cell beyond the last of %d columns", len(s.header))
		case !utf8.ValidString(cell):
			return At(s.o.File, line.Number, s.header[i], "encoding", "bytes that are no text in the encoding of the file")
		case len(cell) > s.o.Limits.Cell && Length(cell) > s.o.Limits.Cell:
			return At(s.o.File, line.Number, s.header[i], "long", "longer than %d characters", s.o.Limits.Cell)
		}
	}
	return nil
}

// fit returns a line's cells: for a good one as many as the header has names, for a
// bad one those that are there, and text in any case.
func (s *source) fit(line Line) []string {
	if line.Err != nil {
		for i, cell := range line.Cells {
			line.Cells[i] = strings.ToValidUTF8(cell, "\uFFFD")
		}
		return line.Cells
	}
	for len(line.Cells) < len(s.header) {
		line.Cells = append(line.Cells, "")
	}
	return line.Cells[:len(s.header)]
}

// failed returns an error of ours for one that ends the reading.
func (o Options) failed(err error) error {
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	return &fault.Error{Code: fault.Internal, Message: o.File + ": cannot be read any further", Err: err}
}

func isBlank(line Line) bool {
	return line.Err == nil && !slices.ContainsFunc(line.Cells, func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// names returns a header's names without the space around them, and without the
// empty ones at the end.
func names(cells []string) []string {
	header := make([]string, len(cells))
	n := 0
	for i, cell := range cells {
		if header[i] = strings.TrimSpace(cell); header[i] != "" {
			n = i + 1
		}
	}
	return header[:n]
}

// Length counts the characters of a cell as spreadsheets do, in UTF-16.
func Length(cell string) int {
	n := 0
	for _, r := range cell {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
