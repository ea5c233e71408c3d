package label

import (
	"fmt"
	"math"

	"github.com/kehucrm/kehu/storage/fault"
)

// Layout (版式) is a sheet of labels of one size, in rows and columns. All lengths are
// in millimetres. It is the paper that a maker of labels describes; see [A4].
type Layout struct {
	// Width and Height are the sheet's.
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
	// Top, Right, Bottom and Left are the margins around all labels.
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
	Left   float64 `json:"left"`
	// Rows and Columns are how many labels stand below and beside each other, with
	// these gaps between them. What is left of the sheet is shared among the labels.
	Rows      int     `json:"rows"`
	Columns   int     `json:"columns"`
	RowGap    float64 `json:"row_gap"`
	ColumnGap float64 `json:"column_gap"`
	// Padding is the space within a label, on each side, that stays empty.
	Padding float64 `json:"padding"`
	// FontSize is in points (1/72 inch).
	FontSize float64 `json:"font_size"`
	// Leading is the height of a line as a multiple of the font size; 0 stands for 1.3.
	Leading float64 `json:"leading"`
	// Skip are the positions of the first sheet that are used up already, from 1 and
	// row by row: a sheet can go through the printer again.
	Skip []int `json:"skip"`
}

// A4 returns a layout of A4 sheets that are full of labels without margins and gaps,
// such as 8 rows of 3 columns, 70 by 37 mm each, for text of 10 points.
func A4(rows, columns int) Layout {
	return Layout{Width: 210, Height: 297, Rows: rows, Columns: columns, Padding: 4, FontSize: 10}
}

// millimetres of a point.
const point = 25.4 / 72

// LabelSize returns the width and the height of each label.
func (l Layout) LabelSize() (width, height float64) {
	return (l.Width - l.Left - l.Right - l.ColumnGap*float64(l.Columns-1)) / float64(l.Columns),
		(l.Height - l.Top - l.Bottom - l.RowGap*float64(l.Rows-1)) / float64(l.Rows)
}

// LineHeight returns the height of a line of text.
func (l Layout) LineHeight() float64 {
	leading := l.Leading
	if leading == 0 {
		leading = 1.3
	}
	return l.FontSize * point * leading
}

// Fit returns how many lines a label has.
func (l Layout) Fit() int {
	_, height := l.LabelSize()
	return int(math.Floor((height-2*l.Padding)/l.LineHeight() + 1e-9))
}

// Validate returns an Invalid error with every field that is wrong, nil for a layout
// that can be printed on: lengths are not negative and leave room for a line in each
// label, there are at least one row and one column and at most 10,000 labels, and the
// positions to skip are on the sheet, once each, and not all.
func (l Layout) Validate() error {
	var fields []fault.Field
	wrong := func(name, code, format string, args ...any) {
		fields = append(fields, fault.Field{Name: name, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	for _, length := range []struct {
		name  string
		value float64
		least float64
	}{
		{"width", l.Width, 1}, {"height", l.Height, 1}, {"top", l.Top, 0}, {"right", l.Right, 0}, {"bottom", l.Bottom, 0}, {"left", l.Left, 0},
		{"row_gap", l.RowGap, 0}, {"column_gap", l.ColumnGap, 0}, {"padding", l.Padding, 0}, {"font_size", l.FontSize, 1}, {"leading", l.Leading, 0},
	} {
		if !(length.value >= length.least && length.value <= 10_000) { // nor is it NaN
			wrong(length.name, "range", "must be from %v to 10,000", length.least)
		}
	}
	if l.Rows < 1 || l.Columns < 1 || l.Rows > 10_000 || l.Columns > 10_000/max(1, l.Rows) {
		wrong("rows", "range", "rows and columns must make from 1 to 10,000 labels")
		return invalid(fields)
	}
	free := make([]bool, l.Rows*l.Columns)
	for _, position := range l.Skip {
		if position < 1 || position > len(free) || free[position-1] {
			wrong("skip", "range", "must be positions from 1 to %d, once each", len(free))
			break
		}
		free[position-1] = true
	}
	if len(l.Skip) >= len(free) {
		wrong("skip", "all", "must leave a position")
	}
	if len(fields) == 0 {
		if width, _ := l.LabelSize(); width-2*l.Padding < l.FontSize*point {
			wrong("width", "small", "no letter fits a label")
		}
		if l.Fit() < 1 {
			wrong("height", "small", "no line fits a label")
		}
	}
	return invalid(fields)
}

func invalid(fields []fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Invalid, Kind: "label layout", Fields: fields}
}
