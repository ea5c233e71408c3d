package schema

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which search columns keep a text and in which a
// search text is compared with them: without case, width (Ａ is a) and
// diacritics (é is e), white space run together and trimmed. Every adapter
// stores what Fold made, so that all of them match alike.
func Fold(s string) string {
	if isPlain(s) {
		return s
	}
	// Lower-casing after folding makes the result stable: folding alone turns the two
	// cases of Cherokee into each other.
	s = strings.ToLower(cases.Fold().String(norm.NFKD.String(s)))
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case r >= 0x300 && r <= 0x36F: // combining diacritics; other marks make other letters
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// isPlain reports whether Fold would return s unchanged, for the frequent case
// of lower-case ASCII.
func isPlain(s string) bool {
	prev := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c > '~' || c < ' ' || (c >= 'A' && c <= 'Z') || (c == ' ' && prev == ' ') {
			return false
		}
		prev = c
	}
	return prev != ' ' || s == ""
}
