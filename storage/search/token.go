package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths of grams, and of the beginnings of lines that are tokens. A beginning is
// asked for by the longest that is not longer; in lines of words and numbers, grams do the
// rest.
const (
	chineseGram = 2
	latinGram   = 3
	digitGram   = 4
)

var (
	wordStarts    = []int{1, 2, 3}
	numberStarts  = []int{1, 2, 3}
	spelledStarts = []int{1, 2, 3, 4, 6, 9}
)

// The marks of the two sorts of tokens.
const (
	gramMark  = "g"
	startMark = "^"
)

// gramsOf returns the grams of a text of words: pairs of Chinese characters in a row, and
// threes of whatever else stands between spaces and Chinese.
func gramsOf(text string) []string {
	var grams []string
	runs := func(run string) {
		n := latinGram
		if r, _ := utf8.DecodeRuneInString(run); isChinese(r) {
			n = chineseGram
		}
		grams = slide(grams, run, n)
	}
	start, was := 0, 0
	for i, r := range text {
		is := classOf(r)
		if is != was {
			if was != space {
				runs(text[start:i])
			}
			start, was = i, is
		}
	}
	if was != space {
		runs(text[start:])
	}
	return grams
}

const (
	space = iota
	chinese
	other
)

func classOf(r rune) int {
	switch {
	case r == ' ', r == '\n', r == '\t':
		return space
	case isChinese(r):
		return chinese
	}
	return other
}

// isChinese reports whether a character is one of a script whose characters are searched
// in pairs: Chinese, and what is written alike.
func isChinese(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo)
}

func numberGrams(number string) []string { return slide(nil, number, digitGram) }

// slide adds every n characters in a row.
func slide(grams []string, run string, n int) []string {
	ends := make([]int, 0, n) // where the last characters begin
	for i := range run {
		if ends = append(ends, i); len(ends) > n {
			grams = append(grams, gramMark+run[ends[0]:i])
			ends = append(ends[:0], ends[1:]...)
		}
	}
	if len(ends) == n {
		grams = append(grams, gramMark+run[ends[0]:])
	}
	return grams
}

// startOf returns the token by which a beginning is asked for.
func startOf(piece string, lengths []int) string {
	token := ""
	for _, n := range lengths {
		if start, ok := first(piece, n); ok {
			token = startMark + start
		}
	}
	return token
}

// first returns the first n characters of a text, if it has as many.
func first(text string, n int) (string, bool) {
	for i := range text {
		if n == 0 {
			return text[:i], true
		}
		n--
	}
	return text, n == 0
}

// Tokens returns the tokens of a search text, with a space between them, each once and in
// order: a to z and 0 to 9 only.
func Tokens(tenant, text string) string {
	var grams []string
	for line := range strings.SplitSeq(text, lineBreak) {
		_, line, _ := strings.Cut(line, lineStart)
		lengths := wordStarts
		switch r, _ := utf8.DecodeRuneInString(line); {
		case r >= 'À' && r <= 'É':
			lengths = numberStarts
			grams = append(grams, numberGrams(line)...)
		case r >= 'A' && r <= 'Z' || r >= '①' && r <= '⓪':
			lengths = spelledStarts
		default:
			grams = append(grams, gramsOf(line)...)
		}
		for _, n := range lengths {
			if start, ok := first(line, n); ok && line != "" {
				grams = append(grams, startMark+start)
			}
		}
	}
	tokens := make([]string, len(grams))
	for i, gram := range grams {
		tokens[i] = token(tenant, gram)
	}
	slices.Sort(tokens)
	return strings.Join(slices.Compact(tokens), " ")
}

// Tokens returns the condition as one on tokens: what every text that meets it has, with
// what the index puts between two of which both, or one, must be there.
func (c Condition) Tokens(tenant, and, or string) string {
	var parts []string
	for _, gram := range c.tokens {
		if t := token(tenant, gram); !slices.Contains(parts, t) {
			parts = append(parts, t)
		}
	}
	for _, part := range c.Parts {
		parts = append(parts, part.Tokens(tenant, and, or))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	sep := and
	if c.Any {
		sep = or
	}
	return "(" + strings.Join(parts, sep) + ")"
}

// token returns 30 bits of a hash as six letters and digits. Two grams that have the same
// only make a store test a text in vain.
func token(tenant, gram string) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	h := uint64(14695981039346656037) // FNV-1a
	for _, s := range [...]string{tenant, "\x00", gram} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	h ^= h >> 31
	var b [6]byte
	for i := range b {
		b[i] = alphabet[h&31]
		h >>= 5
	}
	return string(b[:])
}
