package sheet

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
)

// CSVFormat says what a CSV file looks like. The zero CSVFormat is what Excel opens
// with a double click, in China as well: commas, and UTF-8 with a byte order mark.
type CSVFormat struct {
	Comma rune // 0 is a comma; Excel in much of Europe wants ';'
	Plain bool // without the byte order mark, for programs that would trip over it
}

// WriteCSV returns a sink (see [NewSink]) that writes CSV as RFC 4180 has it, with
// every cell defused (see [Defuse]) and every line end within a cell as CR LF. Nothing
// is sure to have reached w before Close.
func WriteCSV(w io.Writer, f CSVFormat) Sink {
	s := csvSink{w: w, csv: csv.NewWriter(w), format: f}
	s.csv.UseCRLF = true
	if f.Comma != 0 {
		s.csv.Comma = f.Comma
	}
	return NewSink(s)
}

type csvSink struct {
	w      io.Writer
	csv    *csv.Writer
	format CSVFormat
}

func (s csvSink) Header(columns []Column) error {
	if !validComma(s.csv.Comma) {
		return fault.InvalidField("comma", "comma", "%q cannot separate cells", s.csv.Comma)
	}
	if !s.format.Plain {
		if _, err := io.WriteString(s.w, "\uFEFF"); err != nil {
			return err
		}
	}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Name
	}
	return s.Write(header)
}

// lineEnds are LF within a cell: encoding/csv makes CR LF of it, and nothing of a CR.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (s csvSink) Write(cells []string) error {
	record := make([]string, len(cells))
	for i, cell := range cells {
		record[i] = Defuse(lineEnds.Replace(cell))
	}
	return s.csv.Write(record)
}

func (s csvSink) Close() error {
	s.csv.Flush()
	return s.csv.Error()
}
