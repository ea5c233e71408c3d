package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kehucrm/kehu/storage/schema"
)

// Version is the version of everything that decides what a normaliser returns and
// which keys a subject has. It changes with them, so that whoever stores keys knows
// which ones are to be made again. A host's PhoneNormaliser is not part of it.
const Version = 1

// maxText is how many characters of a text take part; what follows is not looked at.
// It bounds the cost of a comparison and the length of a key.
const maxText = 120

// fold returns the text without case, width, diacritics, control characters and
// invisible ones, white space run together, and cut to maxText characters.
func fold(text string) string {
	text = cut(text, 8*maxText)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(cut(schema.Fold(text), maxText))
}

// words returns the words of a folded text with one blank between them. Dots and
// apostrophes stand within words (S.A., O'Neill); every other mark parts them. Chinese
// has no blanks.
func words(folded string) string {
	s := withoutMarks(folded)
	for !norm.NFC.IsNormalString(s) { // a mark that vanished stood between two halves of a letter
		s = withoutMarks(fold(s))
	}
	return s
}

func withoutMarks(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	last, gap := ' ', false
	for _, r := range s {
		switch {
		case strings.ContainsRune(".'’`·•・", r):
		case !isWord(r):
			gap = true
		default:
			if gap && b.Len() > 0 && !isIdeograph(last) && !isIdeograph(r) {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			last, gap = r, false
		}
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

func isIdeograph(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }

// compact returns the words without blanks: "long plain" and "longplain" are one.
func compact(s string) string {
	return words(strings.ReplaceAll(s, " ", ""))
}

// cut returns the first n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for at := range s {
		if n == 0 {
			return s[:at]
		}
		n--
	}
	return s
}

// lastWord parts the last word from those before it.
func lastWord(s string) (before, last string) {
	at := strings.LastIndexByte(s, ' ')
	return s[:max(at, 0)], s[at+1:]
}

// isPlaceholder reports whether words only say that there is nothing to say.
func isPlaceholder(words string) bool {
	switch words {
	case "na", "n a", "none", "null", "nil", "unknown", "not available", "tbd", "test", "xxx",
		"无", "無", "未知", "不详", "暂无", "待定", "没有", "测试":
		return true
	}
	return false
}
