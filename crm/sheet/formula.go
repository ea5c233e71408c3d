package sheet

import "strings"

// formulaSigns begin a formula in one spreadsheet or another. The wide forms do where
// East Asian text is at home, and what begins with a tab or a line's end may lose it.
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// Defuse returns a cell for a CSV file so that no spreadsheet takes it for a formula:
// with an apostrophe before it when it begins like one. A number stays as it is, also
// one below zero; a phone number that begins with + is no number. [Undefuse] is its
// inverse for any text.
func Defuse(cell string) string {
	if isMarked(cell, 0) && !IsNumber(cell) {
		return "'" + cell
	}
	return cell
}

// Undefuse returns a cell as it was before [Defuse].
func Undefuse(cell string) string {
	if isMarked(cell, 1) {
		return cell[1:]
	}
	return cell
}

// isMarked reports whether a cell begins with at least so many apostrophes and, after
// all of them, with a sign of a formula. Apostrophes that were there before are
// counted, so that one more of them can be told from none.
func isMarked(cell string, apostrophes int) bool {
	rest := strings.TrimLeft(cell, "'")
	return len(cell)-len(rest) >= apostrophes && rest != "" && strings.IndexAny(rest, formulaSigns) == 0
}

// IsNumber reports whether a cell is a number in the form of [Number]: an optional
// minus, digits, and a point with digits behind it.
func IsNumber(cell string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(cell, "-"), ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
