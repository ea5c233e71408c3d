package pdf

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"

	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/storage/fault"
)

// Options say how labels are printed.
type Options struct {
	// Font is a TrueType font (.ttf); collections (.ttc) and fonts of PostScript
	// (.otf) are refused.
	Font []byte
	// Created is the time that the file gives as that of its making. The zero time
	// stands for the beginning of 1970: the same labels then make the same file.
	Created time.Time
	// Title is the document's title, "" for none.
	Title string
	// Frames draws a thin line around each label, to try a layout on plain paper.
	Frames bool
}

// Document is a PDF file of labels that is being made. It is for one goroutine.
type Document struct {
	layout label.Layout
	frames bool
	font   letters
	run    *label.Run
	pdf    *fpdf.Fpdf
	sheet  int
	done   bool
	base   float64 // from the top of a line to the base of its letters, in millimetres
}

// family is what the font is called within the document.
const family = "label"

// New returns a document without labels. It fails for a layout that cannot be printed
// on and for a font that cannot be printed with.
func New(l label.Layout, o Options) (*Document, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	font, err := parseFont(o.Font)
	if err != nil {
		return nil, err
	}
	d := &Document{layout: l, frames: o.Frames, font: font}
	if err := guard(func() error { return d.open(o) }); err != nil {
		return nil, err
	}
	d.run, err = label.NewRun(l, func(text string) float64 { return d.pdf.GetStringWidth(d.printable(text)) })
	return d, err
}

func (d *Document) open(o Options) error {
	if o.Created.IsZero() {
		o.Created = time.Unix(0, 0).UTC()
	}
	d.pdf = fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: d.layout.Width, Ht: d.layout.Height}})
	d.pdf.SetCreationDate(o.Created)
	d.pdf.SetModificationDate(o.Created)
	d.pdf.SetCatalogSort(true)
	d.pdf.SetTitle(o.Title, true)
	d.pdf.SetAutoPageBreak(false, 0)
	d.pdf.SetLineWidth(0.1)
	d.pdf.AddUTF8FontFromBytes(family, "", o.Font)
	d.pdf.SetFont(family, "", d.layout.FontSize)
	_, em := d.pdf.GetFontSize()
	desc := d.pdf.GetFontDesc(family, "") // in thousandths of the font size
	above, below := float64(desc.Ascent)*em/1000, float64(-desc.Descent)*em/1000
	d.base = (d.layout.LineHeight()-above-below)/2 + above
	return d.pdf.Error()
}

// guard calls f, in which fpdf looks at a font that anybody may have made: it panics
// where a table is shorter than it should be.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = fault.InvalidField("font", "format", "the font is damaged")
		}
	}()
	if err := f(); err != nil {
		return &fault.Error{
			Code: fault.Invalid, Message: "font: nothing can be printed with it", Err: err,
			Fields: []fault.Field{{Name: "font", Code: "format", Message: "nothing can be printed with it"}},
		}
	}
	return nil
}

// Add prints a record as the next label, and returns it. When the font lacks some of
// its letters, 〓 or ? stands in their place, and the label's error says so, with the
// code "font" (beside what [label.Run.Add] reports).
//
// Once the document is written, there is only a Precondition error.
func (d *Document) Add(lines []string) label.Label {
	if d.done {
		return label.Label{Err: fault.New(fault.Precondition, "the document is written")}
	}
	l := d.run.Add(lines)
	if l.Sheet == 0 {
		return l
	}
	for d.sheet < l.Sheet {
		d.pdf.AddPage()
		d.sheet++
	}
	if d.frames {
		d.pdf.Rect(l.X, l.Y, l.Width, l.Height, "D")
	}
	d.pdf.ClipRect(l.X, l.Y, l.Width, l.Height, false)
	missing := 0
	for i, line := range l.Lines {
		y := l.Y + d.layout.Padding + float64(i)*d.layout.LineHeight()
		d.pdf.Text(l.X+d.layout.Padding, y+d.base, d.printable(line))
		missing += d.missing(line)
	}
	d.pdf.ClipEnd()
	if missing > 0 {
		l.Err = withoutLetters(l.Err, missing)
	}
	return l
}

// withoutLetters adds to a label's error that the font lacks letters.
func withoutLetters(err error, n int) error {
	e := fault.InvalidField("lines", "font", "%d characters that the font does not have", n)
	if before, ok := errors.AsType[*fault.Error](err); ok {
		e.Message = before.Message + "; " + e.Fields[0].Message
		e.Fields = append(before.Fields, e.Fields...)
	}
	return e
}

// printable returns a line as it is printed: without signs that are not seen, and with
// a sign for each letter that the font does not have.
func (d *Document) printable(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isUnseen(r):
			return -1
		case d.font.has(r):
			return r
		case d.font.has('〓'):
			return '〓'
		}
		return '?'
	}, line)
}

func (d *Document) missing(line string) int {
	n := 0
	for _, r := range line {
		if !isUnseen(r) && !d.font.has(r) {
			n++
		}
	}
	return n
}

// isUnseen reports whether a character only changes others: a joiner, a direction, the
// choice of a variant.
func isUnseen(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Variation_Selector) }

// Write writes the file, whole or not at all; after it, the document is done. A
// document without labels is a Precondition error, and so is a second call; a failure
// of w is Internal.
func (d *Document) Write(w io.Writer) error {
	if d.sheet == 0 || d.done {
		return fault.New(fault.Precondition, "no labels to write")
	}
	d.done = true
	var file bytes.Buffer
	if err := guard(func() error { return d.pdf.Output(&file) }); err != nil {
		return err
	}
	if _, err := file.WriteTo(w); err != nil {
		return &fault.Error{Code: fault.Internal, Message: "the labels cannot be written", Err: err}
	}
	return nil
}
