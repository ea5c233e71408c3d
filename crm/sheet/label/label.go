package label

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"github.com/kehucrm/kehu/storage/fault"
)

// Label (标签) is a record on its place.
type Label struct {
	// Sheet and Position are where it stands, both from 1; positions go row by row.
	// They are 0 for a record without text, which takes no place.
	Sheet, Position int
	// X and Y are the upper left corner of the label on its sheet; Width and Height are
	// its size. All are in millimetres.
	X, Y, Width, Height float64
	// Lines are the lines of text that fit, from the top.
	Lines []string
	// Err is an Invalid error when the label does not show the whole record, nil when it
	// does. Its field is "lines", with the code "overflow" when there are too many of
	// them, "empty" when there are none, or what else a printer reports.
	Err error
}

// Address is what stands on an address label.
type Address struct {
	Postcode, Address, Name, Department, Contact string
}

// Lines returns the address from the postcode to the contact, as letters are addressed
// in China: the largest first. What is empty takes no line.
func (a Address) Lines() []string {
	var lines []string
	for _, part := range []string{a.Postcode, a.Address, a.Name, a.Department, a.Contact} {
		for line := range strings.Lines(part) {
			if line = clean(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// Measure returns the width of a text in millimetres, in the font of a layout.
type Measure func(text string) float64

// Estimate returns a measure for who has no font at hand: letters of East Asia are as
// wide as the font size, all others half as wide.
func Estimate(l Layout) Measure {
	return func(text string) float64 { return float64(uniseg.StringWidth(text)) / 2 * l.FontSize * point }
}

// Run places records on sheets, one after the other. It is for one use and for one
// goroutine.
type Run struct {
	layout  Layout
	measure Measure
	next    int // the place of the next label, counted on all sheets
}

// NewRun returns a run that begins on the first free position of the first sheet, or
// what is wrong with the layout. A nil measure is [Estimate].
func NewRun(l Layout, m Measure) (*Run, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	if m == nil {
		m = Estimate(l)
	}
	l.Skip = slices.Clone(l.Skip)
	return &Run{layout: l, measure: m}, nil
}

// Add places a record. Its lines are broken where they are too long for the label:
// between words and between Chinese letters, as Unicode has it (UAX 14), and anywhere
// where there is no such place.
func (r *Run) Add(lines []string) Label {
	var label Label
	label.Width, label.Height = r.layout.LabelSize()
	fit := r.layout.Fit()
	for _, line := range lines {
		if len(label.Lines) <= fit {
			label.Lines = append(label.Lines, r.wrap(clean(line), label.Width-2*r.layout.Padding, fit+1-len(label.Lines))...)
		}
	}
	if len(label.Lines) == 0 {
		label.Err = fault.InvalidField("lines", "empty", "the record has no text")
		return label
	}
	if len(label.Lines) > fit {
		label.Lines = label.Lines[:fit]
		label.Err = fault.InvalidField("lines", "overflow", "more than the %d lines that fit", fit)
	}
	r.place(&label)
	return label
}

// place gives a label the next free position.
func (r *Run) place(label *Label) {
	perSheet := r.layout.Rows * r.layout.Columns
	for r.next < perSheet && slices.Contains(r.layout.Skip, r.next+1) {
		r.next++
	}
	place := r.next % perSheet
	label.Sheet, label.Position = r.next/perSheet+1, place+1
	label.X = r.layout.Left + float64(place%r.layout.Columns)*(label.Width+r.layout.ColumnGap)
	label.Y = r.layout.Top + float64(place/r.layout.Columns)*(label.Height+r.layout.RowGap)
	r.next++
}

// wrap breaks a line into at most n lines that are no wider than width; what is left
// of it then is left out.
func (r *Run) wrap(text string, width float64, n int) []string {
	var lines []string
	line := ""
	for state := -1; text != "" && len(lines) < n; {
		var segment string
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		if r.measure(strings.TrimSpace(line+segment)) <= width {
			line += segment
			continue
		}
		lines = append(lines, nonEmpty(line)...)
		for len(lines) < n && r.measure(strings.TrimSpace(segment)) > width {
			part := r.part(segment, width)
			lines = append(lines, nonEmpty(part)...)
			segment = segment[len(part):]
		}
		line = segment
	}
	lines = append(lines, nonEmpty(line)...)
	return lines[:min(n, len(lines))]
}

func nonEmpty(line string) []string {
	if line = strings.TrimSpace(line); line == "" {
		return nil
	}
	return []string{line}
}

// part returns as much of a text as is no wider than width, one letter at least.
func (r *Run) part(text string, width float64) string {
	part := ""
	for rest, state := text, -1; rest != ""; {
		var letter string
		letter, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if part != "" && r.measure(part+letter) > width {
			break
		}
		part += letter
	}
	return part
}

// clean returns a text as one line: every space in it is one blank, and so is what is
// no letter and no sign.
func clean(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) && r != '\u3000' || unicode.IsControl(r)
	}), " ")
}
