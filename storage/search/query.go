package search

import (
	"slices"
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// MaxText is the greatest length in characters of what is looked for.
const MaxText = 100

// Query is what somebody typed, as it is looked for in one kind.
type Query struct {
	// Hits is the condition of a hit, and Begins that of one that begins with the text.
	// What begins is a hit.
	Hits, Begins Condition
	// OnlyBegins says that nothing hits but what begins, as for a text that is too short to
	// be looked for elsewhere.
	OnlyBegins bool
}

// New reads what somebody typed. fields narrows to some of the fields that the kind is
// searched by; nil is all. A text that is too long or no text, and a field that is not
// searched, are Invalid.
func New(s *schema.SearchRole, text string, fields []string) (Query, error) {
	if _, err := s.Text.Comparable(text); err != nil {
		return Query{}, fault.InvalidField("text", "text", "is no text that can be looked for")
	}
	folded := schema.Fold(text)
	if len([]rune(folded)) > MaxText {
		return Query{}, fault.InvalidField("text", "max", "at most %d characters are looked for", MaxText)
	}
	r := reader{}
	for i, f := range s.Fields {
		if fields != nil && !slices.Contains(fields, f.Field.Name) {
			r.limited = true
			continue
		}
		if f.Digits {
			r.numbers = append(r.numbers, tagOf(i))
		} else {
			r.words = append(r.words, tagOf(i))
		}
	}
	for _, name := range fields {
		if !slices.ContainsFunc(s.Fields, func(f schema.SearchField) bool { return f.Field.Name == name }) {
			return Query{}, fault.InvalidField("fields", "search", "records are not searched by %.80q", name)
		}
	}
	words := strings.Fields(folded)
	if len(words) == 0 {
		return Query{anyOf(), anyOf(), true}, nil
	}
	begins := r.begins(folded)
	if len(words) == 1 {
		short := len(gramsOf(folded)) == 0 && len(numberGrams(number(folded))) == 0
		return Query{r.hits(folded), begins, short}, nil
	}
	var each Condition
	for _, word := range words {
		hits := r.hits(word)
		if hits.Never() {
			return Query{begins, begins, true}, nil
		}
		each.Parts = append(each.Parts, hits)
	}
	return Query{anyOf(begins, each), begins, false}, nil
}

// Condition is a condition on a search text: a piece that must be in it, all of some
// parts, or one of them. The zero Condition hits every text; one of no parts hits none.
type Condition struct {
	// Any says that one of Parts will do.
	Any   bool
	Parts []Condition
	// Piece, where not empty, must stand in the text, and where Line is not empty, in the
	// first line that begins with Line.
	Piece, Line string

	tokens []string // what a text with the piece has, without salt
}

// Never reports whether no text can meet the condition.
func (c Condition) Never() bool { return c.Any && len(c.Parts) == 0 }

// Of reports whether a search text meets the condition.
func (c Condition) Of(text string) bool {
	switch {
	case c.Line != "":
		return strings.Contains(Line(text, c.Line), c.Piece)
	case c.Piece != "":
		return strings.Contains(text, c.Piece)
	case c.Any:
		return slices.ContainsFunc(c.Parts, func(part Condition) bool { return part.Of(text) })
	}
	return !slices.ContainsFunc(c.Parts, func(part Condition) bool { return !part.Of(text) })
}

// Line returns the rest of the first line that begins with start, which begins with a
// line break itself; "" where none does.
func Line(text, start string) string {
	_, after, _ := strings.Cut(text, start)
	line, _, _ := strings.Cut(after, lineBreak)
	return line
}

func anyOf(parts ...Condition) Condition {
	parts = slices.DeleteFunc(parts, Condition.Never)
	if len(parts) == 1 {
		return parts[0]
	}
	return Condition{Any: true, Parts: parts}
}

// reader makes conditions on the lines of some fields.
type reader struct {
	words, numbers []string // the tags of fields of words, and of phone numbers
	limited        bool     // there are other fields
}

// hits returns the condition that a word hits.
func (r reader) hits(word string) Condition {
	var ways []Condition
	if grams := gramsOf(word); len(grams) > 0 {
		ways = append(ways, r.inside(r.words, word, grams)...)
	} else {
		ways = append(ways, r.start(r.words, word, wordStarts, nil)...)
	}
	ways = append(ways, r.start(r.words, spelled(word), spelledStarts, nil)...)
	number := number(word)
	if grams := numberGrams(number); len(grams) > 0 {
		ways = append(ways, r.inside(r.numbers, number, grams)...)
	} else {
		ways = append(ways, r.start(r.numbers, number, numberStarts, nil)...)
	}
	return anyOf(ways...)
}

// begins returns the condition that a line begins with a text.
func (r reader) begins(text string) Condition {
	number := number(text)
	ways := r.start(r.words, text, wordStarts, gramsOf(text))
	ways = append(ways, r.start(r.words, spelled(text), spelledStarts, nil)...)
	ways = append(ways, r.start(r.numbers, number, numberStarts, numberGrams(number))...)
	return anyOf(ways...)
}

// inside returns the ways in which a piece stands in lines of some fields.
func (r reader) inside(tags []string, piece string, grams []string) []Condition {
	if len(tags) == 0 {
		return nil
	}
	if !r.limited {
		return []Condition{{Piece: piece, tokens: grams}}
	}
	var ways []Condition
	for _, tag := range tags {
		ways = append(ways, Condition{Piece: piece, Line: lineBreak + tag + lineStart, tokens: grams})
	}
	return ways
}

// start returns the ways in which lines of some fields begin with a piece; none where it
// is empty, and where there are no such fields.
func (r reader) start(tags []string, piece string, lengths []int, grams []string) []Condition {
	if piece == "" || len(tags) == 0 {
		return nil
	}
	tokens := append(slices.Clip(grams), startOf(piece, lengths))
	if !r.limited {
		return []Condition{{Piece: lineStart + piece, tokens: tokens}}
	}
	var ways []Condition
	for _, tag := range tags {
		ways = append(ways, Condition{Piece: lineBreak + tag + lineStart + piece, tokens: tokens})
	}
	return ways
}

// number returns the digits of a word that is written as a phone number, "" for any other.
func number(word string) string {
	if strings.Trim(word, "0123456789+-(). ") != "" {
		return ""
	}
	return digits(word)
}

// spelled returns a word of letters and digits as spellings are kept, "" for any other.
func spelled(word string) string {
	word = strings.ReplaceAll(word, " ", "")
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return spelling(word)
}
