package xlsx

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/fault"
)

// Format says what a workbook looks like. The zero Format has one sheet, "Sheet1".
type Format struct {
	// Sheet is the sheet's name: at most 31 characters, none of them : \ / ? * [ ],
	// without an apostrophe at either end.
	Sheet string
	// TempDir is where a sheet of more than 16 MiB is kept until Close; "" is the
	// system's folder for such files.
	TempDir string
}

// sink writes the rows of one sheet.
type sink struct {
	w       io.Writer
	format  Format
	file    *excelize.File
	stream  *excelize.StreamWriter
	columns []sheet.Column
	styles  [4]int // by the kind of a column
	row     int
}

// Write returns a sink (see [sheet.NewSink]) that writes a workbook with one sheet, its
// header in bold and always in sight. Nothing reaches w before Close, which must be
// called.
//
// Numbers of up to fifteen digits and dates from March 1900 on are what they are for a
// spreadsheet; all others are text, so that no digit is lost. Characters that XML does
// not have, such as NUL, become U+FFFD. A name that no sheet can have, more rows than
// [sheet.MaxRows] and a cell longer than [sheet.MaxCell] are Invalid.
func Write(w io.Writer, f Format) sheet.Sink { return sheet.NewSink(newSink(w, f)) }

func newSink(w io.Writer, f Format) *sink {
	if f.Sheet == "" {
		f.Sheet = "Sheet1"
	}
	return &sink{w: w, format: f, file: excelize.NewFile(excelize.Options{TmpDir: f.TempDir})}
}

func (s *sink) Header(columns []sheet.Column) error {
	if err := s.file.SetSheetName("Sheet1", s.format.Sheet); err != nil {
		return &fault.Error{
			Code: fault.Invalid, Message: "sheet: no name of a sheet", Err: err,
			Fields: []fault.Field{{Name: "sheet", Code: "name", Message: "no name of a sheet"}},
		}
	}
	dateForm, timeForm := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	bold := 0
	for _, style := range []struct {
		id *int
		excelize.Style
	}{
		{&bold, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}}},
		{&s.styles[sheet.Text], excelize.Style{NumFmt: 49}},
		{&s.styles[sheet.Date], excelize.Style{CustomNumFmt: &dateForm}},
		{&s.styles[sheet.Time], excelize.Style{CustomNumFmt: &timeForm}},
	} {
		id, err := s.file.NewStyle(&style.Style)
		if err != nil {
			return err
		}
		*style.id = id
	}
	var err error
	if s.stream, err = s.file.NewStreamWriter(s.format.Sheet); err != nil {
		return err
	}
	if err := s.stream.SetColWidth(1, len(columns), 20); err != nil {
		return fault.New(fault.Invalid, "more columns than a sheet has")
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	s.columns = columns
	names := make([]any, len(columns))
	for i, c := range columns {
		if sheet.Length(c.Name) > sheet.MaxCell {
			return fault.New(fault.Invalid, "a column's name is longer than a cell may be")
		}
		names[i] = excelize.Cell{StyleID: bold, Value: c.Name}
	}
	return s.add(names)
}

func (s *sink) Write(cells []string) error {
	if s.row == sheet.MaxRows {
		return fault.New(fault.Invalid, "more rows than the %d that a sheet has", sheet.MaxRows)
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		if len(cell) > sheet.MaxCell && sheet.Length(cell) > sheet.MaxCell {
			return fault.InvalidField(s.columns[i].Name, "long", "longer than %d characters", sheet.MaxCell)
		}
		if cell != "" {
			row[i] = s.cell(s.columns[i].Kind, cell)
		}
	}
	return s.add(row)
}

// cell returns a cell as what its column says, if it has that form, and as text if not.
func (s *sink) cell(kind sheet.Kind, cell string) any {
	switch kind {
	case sheet.Number:
		if n, err := strconv.ParseFloat(cell, 64); err == nil && sheet.IsNumber(cell) && digits(cell) <= 15 {
			return n
		}
	case sheet.Date:
		if t, err := time.Parse(sheet.DateLayout, cell); err == nil && hasDay(t) {
			return excelize.Cell{StyleID: s.styles[kind], Value: t}
		}
	case sheet.Time:
		if t, err := time.Parse(sheet.TimeLayout, cell); err == nil && hasDay(t) {
			return excelize.Cell{StyleID: s.styles[kind], Value: t}
		}
	}
	return excelize.Cell{StyleID: s.styles[sheet.Text], Value: cell}
}

// digits counts the digits that a number is known by; a spreadsheet keeps fifteen.
func digits(number string) int {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	return len(strings.TrimLeft(whole+fraction, "0"))
}

// hasDay reports whether spreadsheets agree on the day: before March 1900 they don't,
// because some of them know a 29 February in that year.
func hasDay(t time.Time) bool {
	return !t.Before(time.Date(1900, time.March, 1, 0, 0, 0, 0, time.UTC))
}

func (s *sink) add(row []any) error {
	s.row++
	return s.stream.SetRow("A"+strconv.Itoa(s.row), row)
}

func (s *sink) Close() error {
	err := s.finish()
	if closeErr := s.file.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (s *sink) finish() error {
	if s.stream != nil {
		if err := s.stream.Flush(); err != nil {
			return err
		}
	}
	return s.file.Write(s.w)
}
