package search

import (
	"strings"
	"unicode"

	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search/pinyin"
)

// Version grows by one whenever Text or Tokens of any record change. A store that keeps
// them makes them anew; see also pinyin.Version.
const Version = 1

// MaxLine is the number of characters of a field that are searched.
const MaxLine = 200

// A line begins with a break, a tag for its field and a tab, none of which stands in a
// folded text: "\na\t华为".
const (
	lineBreak = "\n"
	lineStart = "\t"
)

func tagOf(field int) string { return string(rune('a' + field)) }

// Text returns what a record is found by; row holds its kind's columns.
func Text(s *schema.SearchRole, row []any) string {
	var b strings.Builder
	line := func(field int, text string) {
		if text != "" {
			b.WriteString(lineBreak + tagOf(field) + lineStart + text)
		}
	}
	for i, f := range s.Fields {
		value, _ := row[f.Field.Position].(string)
		text := cut(schema.Fold(value))
		if f.Digits {
			line(i, cut(digits(text)))
			continue
		}
		line(i, text)
		if strings.ContainsFunc(text, isHan) {
			full, initials := pinyin.Both(text)
			line(i, spelling(full))
			line(i, spelling(initials))
		}
	}
	return b.String()
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// cut returns the beginning of a text that is searched.
func cut(text string) string {
	n := 0
	for i := range text {
		if n == MaxLine {
			return strings.TrimRight(text[:i], " ")
		}
		n++
	}
	return text
}

// digits returns the digits of a text, in their own alphabet.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return 'À' + r - '0'
	}, text)
}

// spelling returns letters and digits in the alphabet of spellings: capitals, and digits
// in circles.
func spelling(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == '0':
			return '⓪'
		case r >= '1' && r <= '9':
			return '①' + r - '1'
		}
		return r
	}, text)
}

// Derive sets the columns of a row that are made from others (see schema.Field.Derived):
// folded texts and the search text.
func Derive(k *schema.Kind, row []any) {
	for i, f := range k.Columns() {
		if f.Of != nil {
			text, _ := row[f.Of.Position].(string)
			row[i] = schema.Fold(text)
		}
	}
	if s := k.Search(); s != nil {
		row[s.Text.Position] = Text(s, row)
	}
}
