package vcard

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/internal/text"
	"github.com/kehucrm/kehu/storage/fault"
)

// Options say how a file of cards is read. The zero Options do.
type Options struct {
	// File is the name by which errors call the file; "" is "cards".
	File string
	// Card is the most bytes that a card may have, with its pictures; a larger one is
	// reported and passed over. 0 or less stands for 16 MiB.
	Card int
}

// reader reads the lines of cards.
type reader struct {
	o       Options
	lines   *text.Lines
	unicode bool       // the lines are UTF-8 for sure
	again   *text.Line // read already, still to be taken
}

// Read returns the cards of a file in order, for one use. The second value is an error
// of the reader beneath, after which nothing can be read; it comes last, if it comes.
//
// What stands outside of cards is reported by a card that has only Err; blocks of
// another kind (BEGIN:VCALENDAR) are passed over, and so are cards within a card.
//
// The codes of Card.Err's fields are "end" (the card never ends), "property" (a line
// that is none), "encoding" and "charset" (bytes that are no text, a name that is no
// charset), "base64", "long" and "outside".
func Read(r io.Reader, o Options) iter.Seq2[Card, error] {
	if o.File == "" {
		o.File = "cards"
	}
	if o.Card <= 0 {
		o.Card = 16 << 20
	}
	decoded, sure := text.Unicode(r)
	x := &reader{o: o, lines: text.NewLines(decoded, o.Card), unicode: sure}
	return func(yield func(Card, error) bool) {
		for {
			card, err := x.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(card, &fault.Error{Code: fault.Internal, Message: o.File + ": cannot be read any further", Err: err})
				return
			}
			if !yield(card, nil) {
				return
			}
		}
	}
}

func (x *reader) line() (text.Line, error) {
	if x.again != nil {
		line := *x.again
		x.again = nil
		return line, nil
	}
	return x.lines.Next()
}

// next returns the next card, or what stands before it and is none.
func (x *reader) next() (Card, error) {
	for {
		line, err := x.line()
		if err != nil {
			return Card{}, err
		}
		block, begins := bracket(line.Text, "BEGIN")
		switch {
		case isEmpty(line.Text):
		case begins && block == "VCARD":
			return x.card(line.Number)
		case begins:
			err = x.skip(block)
		default:
			return x.outside(line.Number)
		}
		if err != nil {
			return Card{}, err
		}
	}
}

// bracket returns the block that a line begins or ends, in capitals.
func bracket(line, word string) (block string, ok bool) {
	name, block, found := strings.Cut(line, ":")
	return strings.ToUpper(strings.TrimSpace(block)), found && strings.EqualFold(strings.TrimSpace(name), word)
}

// isEmpty reports whether there is nothing in a line but space and the control signs
// that old systems put at the end of a file.
func isEmpty(line string) bool {
	return strings.TrimFunc(line, func(r rune) bool { return r <= ' ' }) == ""
}

// skip reads over a block that is no card, up to its end or the next card.
func (x *reader) skip(block string) error {
	for {
		line, err := x.line()
		if err != nil {
			return err
		}
		if end, ok := bracket(line.Text, "END"); ok && end == block {
			return nil
		}
		if begin, ok := bracket(line.Text, "BEGIN"); ok && begin == "VCARD" {
			x.again = &line
			return nil
		}
	}
}

// outside reads over what stands between cards.
func (x *reader) outside(number int) (Card, error) {
	card := Card{Line: number, Err: sheet.At(x.o.File, number, "", "outside", "text that is in no card")}
	for {
		line, err := x.line()
		if errors.Is(err, io.EOF) {
			return card, nil
		}
		if err != nil {
			return card, err
		}
		if _, begins := bracket(line.Text, "BEGIN"); begins {
			x.again = &line
			return card, nil
		}
	}
}

// card reads the card that begins in the line before.
func (x *reader) card(number int) (Card, error) {
	p := parser{file: x.o.File, unicode: x.unicode, card: Card{Line: number}}
	var lines []text.Line
	size, depth := 0, 1
	for depth > 0 {
		line, err := x.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return p.card, err
		}
		block, begins := bracket(line.Text, "BEGIN")
		begins = begins && block == "VCARD"
		if err != nil || begins && !isAgent(lines) {
			if begins {
				x.again = &line
			}
			p.problemf(number, "", "end", "the card has no end")
			break
		}
		if begins {
			depth++
			continue
		}
		if block, ends := bracket(line.Text, "END"); ends && block == "VCARD" {
			depth--
			continue
		}
		if depth > 1 {
			continue // the card of an agent
		}
		if size += len(line.Text) + lineCost; line.Long {
			size = x.o.Card + 1
		}
		if size <= x.o.Card {
			lines = append(lines, line)
		}
	}
	if size > x.o.Card {
		p.problemf(number, "", "long", "larger than %d bytes", x.o.Card)
		return p.card, nil
	}
	p.parse(lines)
	return p.card, nil
}

// lineCost is what a line takes in memory beside its text, and is counted with it.
const lineCost = 32

// isAgent reports whether the card that begins now is part of the one around it: the
// value of a line AGENT: of version 2.1.
func isAgent(lines []text.Line) bool {
	for _, line := range slices.Backward(lines) {
		if !isEmpty(line.Text) {
			name, _, _ := strings.Cut(line.Text, ":")
			name, _, _ = strings.Cut(name, ";")
			return strings.HasSuffix(strings.ToUpper(strings.TrimSpace(name)), "AGENT")
		}
	}
	return false
}
