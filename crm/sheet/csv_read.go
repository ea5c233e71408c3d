package sheet

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kehucrm/kehu/crm/sheet/internal/text"
	"github.com/kehucrm/kehu/storage/fault"
)

// CSVOptions say how a CSV file is read. What is left out is found in the file.
type CSVOptions struct {
	Options
	// Comma separates cells; 0 is whichever of comma, semicolon and tab the header
	// has most of, or what a first line "sep=;" says.
	Comma rune
	// Charset is the file's encoding by its usual name, such as "big5" or
	// "shift_jis"; "" is UTF-8, UTF-16, GB18030 or windows-1252, by the bytes. A
	// byte order mark is stronger than it.
	Charset string
}

// csvReader finds the records of a CSV file and has encoding/csv take them apart.
type csvReader struct {
	o      Options
	comma  rune
	lines  *text.Lines
	ahead  []text.Line // read already, still to be taken
	record strings.Reader
	strict *csv.Reader
	lazy   *csv.Reader
}

// ReadCSV returns a CSV file as a source. It fails with Unsupported for a charset
// that is not known, with Invalid for a separator that cannot be one, and as
// [NewSource] does.
//
// Cells in quotes may hold quotes, separators and line ends; a quote within a cell
// that does not begin with one is text. Cells are freed of the mark of [Defuse].
func ReadCSV(r io.Reader, o CSVOptions) (Source, error) {
	o.Options = o.withDefaults()
	decoded, ok := text.UTF8(r, o.Charset)
	if !ok {
		return nil, fault.New(fault.Unsupported, "%s: charset %q", o.File, o.Charset)
	}
	if o.Comma != 0 && !validComma(o.Comma) {
		return nil, fault.InvalidField("comma", "comma", "%q cannot separate cells", o.Comma)
	}
	c := &csvReader{o: o.Options, comma: o.Comma, lines: text.NewLines(decoded, o.Limits.Line)}
	if err := c.findComma(); err != nil {
		return nil, err
	}
	c.restart()
	return NewSource(o.Options, c.next, nil)
}

func validComma(r rune) bool {
	return r != '"' && r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && (r == '\t' || unicode.IsGraphic(r)) && r != utf8.RuneError
}

// findComma reads up to the header and chooses the separator by it.
func (c *csvReader) findComma() error {
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return c.o.failed(err)
		}
		if sep, ok := strings.CutPrefix(line.Text, "sep="); ok && line.Number == 1 {
			if r, n := utf8.DecodeRuneInString(sep); n == len(sep) && validComma(r) {
				if c.comma == 0 {
					c.comma = r
				}
				continue
			}
		}
		if line.Number < c.o.Header || strings.Trim(line.Text, " \t,;") == "" {
			continue // no header, and no line beneath one
		}
		c.ahead = append(c.ahead, line)
		if c.comma == 0 {
			c.comma = mostFrequent(line.Text)
		}
		return nil
	}
}

// mostFrequent returns the separator that a header has most of outside its quotes.
func mostFrequent(header string) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range header {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[r]++
		}
	}
	return slices.MaxFunc([]rune{',', ';', '\t'}, func(a, b rune) int { return counts[a] - counts[b] })
}

// line returns the next line of the file.
func (c *csvReader) line() (text.Line, error) {
	if len(c.ahead) == 0 {
		return c.lines.Next()
	}
	line := c.ahead[0]
	c.ahead = c.ahead[1:]
	return line, nil
}

// next returns the next record.
func (c *csvReader) next() (Line, error) {
	first, err := c.line()
	if err != nil {
		return Line{}, err
	}
	line := Line{Number: first.Number}
	if first.Long {
		line.Cells = []string{first.Text}
		line.Err = At(c.o.File, first.Number, "", "long", "longer than %d bytes", c.o.Limits.Line)
		return line, nil
	}
	if isOpen(first.Text) {
		line.Cells, err = c.readOn(first)
	}
	if line.Cells == nil && err == nil {
		if line.Cells = c.split(first.Text); line.Cells == nil {
			line.Cells = []string{first.Text}
			line.Err = At(c.o.File, first.Number, "", "quote", "a quote that is not closed, or text behind one that is")
		}
	}
	for i, cell := range line.Cells {
		line.Cells[i] = Undefuse(cell)
	}
	return line, err
}

// isOpen reports whether a quote may go on in the next line.
func isOpen(line string) bool { return strings.Count(line, `"`)%2 == 1 }

// readOn returns the record that begins in a line and ends where its quote is closed.
// It is nil when there is no such record, or when it would be longer than a line may
// be: then the lines behind the first have not been taken.
func (c *csvReader) readOn(first text.Line) ([]string, error) {
	record := strings.Builder{}
	record.WriteString(first.Text)
	var taken []text.Line
	giveBack := func() { c.ahead = append(taken, c.ahead...) }
	for closed := false; !closed; {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			giveBack()
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		taken = append(taken, line)
		if line.Long || record.Len()+len(line.Text) >= c.o.Limits.Line {
			giveBack()
			return nil, nil
		}
		record.WriteString("\n" + line.Text)
		closed = isOpen(line.Text)
	}
	cells, err := c.parse(c.strict, record.String())
	if err != nil {
		giveBack() // the quotes are of lines that have nothing to do with each other
	}
	return cells, nil
}

// split returns the cells of a record of one line, nil when its quotes are wrong.
func (c *csvReader) split(record string) []string {
	cells, err := c.parse(c.strict, record)
	if errors.Is(err, csv.ErrBareQuote) { // 5" pipe: Excel reads it, too
		cells, err = c.parse(c.lazy, record+"\n")
		if n := len(cells); n > 0 && strings.HasSuffix(cells[n-1], "\n") { // a quote took in the end
			return nil
		}
	}
	if err != nil {
		return nil
	}
	return cells
}

// parse takes a record apart.
func (c *csvReader) parse(r *csv.Reader, record string) ([]string, error) {
	c.record.Reset(record)
	cells, err := r.Read()
	if errors.Is(err, io.EOF) {
		return []string{}, nil
	}
	if err != nil {
		c.restart() // what the reader has in its buffer belongs to this record
		return nil, err
	}
	return cells, nil
}

func (c *csvReader) restart() {
	for _, r := range []**csv.Reader{&c.strict, &c.lazy} {
		*r = csv.NewReader(&c.record)
		(*r).Comma = c.comma
		(*r).FieldsPerRecord = -1
		(*r).TrimLeadingSpace = !unicode.IsSpace(c.comma)
	}
	c.lazy.LazyQuotes = true
}
