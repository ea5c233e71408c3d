package main

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

// table is text in columns: the first to the left, figures to the right.
type table [][]string

// print aligns by the width that characters have on a screen, where 汉字 take the
// place of four letters.
func (t table) print(w io.Writer) error {
	var widths []int
	for _, cells := range t {
		for i, cell := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var out strings.Builder
	for _, cells := range t {
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if i == 0 {
				out.WriteString("  " + cell + pad)
			} else {
				out.WriteString("  " + pad + cell)
			}
		}
		out.WriteByte('\n')
	}
	out.WriteByte('\n') // tables stand apart
	_, err := io.WriteString(w, out.String())
	return err
}
