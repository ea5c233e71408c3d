package xlsx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/internal/text"
	"github.com/kehucrm/kehu/storage/fault"
)

// Options say how a workbook is read. [sheet.Limits.Line] does not apply to it.
type Options struct {
	sheet.Options
	// Sheet is the name of the sheet; "" is the first one that is not hidden.
	Sheet string
	// Unpacked is the most bytes that the workbook may have, packed or unpacked; 0 or
	// less stands for 256 MiB, which holds about five million cells.
	Unpacked int64
	// TempDir is where sheets of more than 16 MiB are unpacked to until Close; "" is
	// the system's folder for such files.
	TempDir string
}

// reader reads the rows of one sheet.
type reader struct {
	o      Options
	file   *excelize.File
	rows   *excelize.Rows
	header []string // nil until it has been read
	number int
}

// Read returns a sheet of a workbook as a source. It fails with Invalid when r is not
// a workbook, is damaged, protected by a password or larger than it may be, with
// NotFound when it has no sheet of that name, and as [sheet.NewSource] does. A row
// with more cells than [sheet.Limits.Columns] ends the reading.
//
// The workbook is held in memory, but for its large sheets; it must be closed.
func Read(r io.Reader, o Options) (sheet.Source, error) {
	if o.Unpacked <= 0 {
		o.Unpacked = 256 << 20
	}
	if o.File == "" {
		o.File = "workbook"
	}
	if o.Limits.Columns <= 0 {
		o.Limits.Columns = sheet.DefaultColumns
	}
	packed, err := io.ReadAll(io.LimitReader(r, o.Unpacked+1))
	if err != nil {
		return nil, &fault.Error{Code: fault.Internal, Message: o.File + ": cannot be read", Err: err}
	}
	if err := o.inspect(packed); err != nil {
		return nil, err
	}
	x := &reader{o: o}
	if err := x.guard(func() error { return x.open(packed) }); err != nil {
		_ = x.close() // it could not be opened; why not is what matters
		return nil, err
	}
	src, err := sheet.NewSource(o.Options, x.next, x.close)
	if err == nil {
		x.header = src.Header()
	}
	return src, err
}

// inspect looks at the archive before anything of it is kept: it knows its sizes, and
// the parts that excelize would read to the first error in silence are whole.
func (o Options) inspect(packed []byte) error {
	if int64(len(packed)) > o.Unpacked {
		return o.tooLarge()
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return o.format("no workbook of Excel (.xlsx), or one with a password")
	}
	room := uint64(o.Unpacked)
	for _, part := range archive.File {
		if part.UncompressedSize64 > room {
			return o.tooLarge()
		}
		room -= part.UncompressedSize64
	}
	for _, part := range archive.File {
		if part.FileInfo().IsDir() {
			continue
		}
		if err := whole(part); err != nil {
			return o.format("damaged: its part %s is not whole", path.Base(part.Name))
		}
	}
	return nil
}

// whole reads a part to its end: the archive knows its size and its checksum, and what
// is made of rows or of their texts must be well-formed as well.
func whole(part *zip.File) (err error) {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, r.Close()) }()
	if name := strings.ToLower(part.Name); path.Dir(name) == "xl/worksheets" || name == "xl/sharedstrings.xml" {
		d := xml.NewDecoder(r)
		d.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
			if decoded, ok := text.UTF8(r, charset); ok {
				return decoded, nil
			}
			return nil, errors.ErrUnsupported
		}
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
	}
	_, err = io.CopyN(io.Discard, r, int64(part.UncompressedSize64)+1) // beyond its end, where it is checked
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (o Options) tooLarge() error {
	return sheet.At(o.File, 0, "", "large", "more than %d bytes", o.Unpacked)
}

func (o Options) format(reason string, args ...any) error {
	return sheet.At(o.File, 0, "", "format", reason, args...)
}

// guard calls f, in which excelize looks at a file that anybody may have made. It
// indexes by numbers that it finds there, and panics where they are wrong.
func (x *reader) guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = x.o.format("damaged: no rows can be made of it")
		}
	}()
	return f()
}

func (x *reader) open(packed []byte) error {
	var err error
	x.file, err = excelize.OpenReader(bytes.NewReader(packed), excelize.Options{UnzipSizeLimit: x.o.Unpacked, UnzipXMLSizeLimit: min(x.o.Unpacked, excelize.StreamChunkSize), TmpDir: x.o.TempDir})
	if err != nil {
		return x.o.format("no workbook of Excel (.xlsx), or one with a password")
	}
	name, err := x.sheet()
	if err != nil {
		return err
	}
	if err := canonical(x.file); err != nil {
		return err
	}
	x.rows, err = x.file.Rows(name)
	if err != nil {
		return x.o.format("its sheet cannot be read")
	}
	return nil
}

// sheet returns the name of the sheet that is to be read.
func (x *reader) sheet() (string, error) {
	names := x.file.GetSheetList()
	if x.o.Sheet != "" {
		i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, x.o.Sheet) })
		if i < 0 {
			return "", fault.New(fault.NotFound, "%s: no sheet %q", x.o.File, x.o.Sheet)
		}
		return names[i], nil
	}
	for _, name := range names {
		if visible, err := x.file.GetSheetVisible(name); err == nil && visible {
			return name, nil
		}
	}
	return "", x.o.format("it has no sheet that is not hidden")
}

func (x *reader) next() (line sheet.Line, err error) {
	err = x.guard(func() error {
		line, err = x.row()
		return err
	})
	return line, err
}

func (x *reader) row() (sheet.Line, error) {
	if !x.rows.Next() {
		return sheet.Line{}, io.EOF
	}
	x.number++
	line := sheet.Line{Number: x.number}
	if x.number > sheet.MaxRows {
		return line, x.o.format("a row beyond the last one that a sheet has")
	}
	cells, err := x.rows.Columns()
	switch {
	case err != nil:
		return line, sheet.At(x.o.File, x.number, "", "format", "damaged: no cells can be made of the row")
	case len(cells) > x.o.Limits.Columns:
		return line, sheet.At(x.o.File, x.number, "", "columns", "more than %d columns", x.o.Limits.Columns)
	}
	for i, cell := range cells {
		if line.Err == nil && isErrorValue(cell) {
			line.Err = sheet.At(x.o.File, x.number, x.column(i), "formula", "the cell shows the error %s", cell)
		}
		cells[i] = plainNumber(cell)
	}
	line.Cells = cells
	return line, nil
}

// column returns the name of a column, the first being 0: the header's, or Excel's
// where that has none.
func (x *reader) column(i int) string {
	if i < len(x.header) && x.header[i] != "" {
		return x.header[i]
	}
	name, _ := excelize.ColumnNumberToName(i + 1)
	return name
}

// isErrorValue reports whether a cell shows that its formula fails.
func isErrorValue(cell string) bool {
	switch cell {
	case "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA":
		return true
	}
	return false
}

func (x *reader) close() error {
	if x.file == nil {
		return nil
	}
	var errs []error
	if x.rows != nil {
		errs = append(errs, x.rows.Close())
	}
	errs = append(errs, x.file.Close())
	x.file, x.rows = nil, nil
	if err := errors.Join(errs...); err != nil {
		return &fault.Error{Code: fault.Internal, Message: x.o.File + ": what was unpacked cannot be removed", Err: err}
	}
	return nil
}

// plainNumber returns the digits of a number that a sheet holds with an exponent,
// such as 1.5E+20, and anything else as it stands.
func plainNumber(cell string) string {
	mantissa, exponent, found := strings.Cut(cell, "E")
	if !found || len(exponent) < 3 || strings.IndexAny(exponent, "+-") != 0 || !sheet.IsNumber(exponent[1:]) || !sheet.IsNumber(mantissa) {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
