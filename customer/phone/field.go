package phone

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/width"
)

const (
	maxText    = 1000
	maxNumbers = 20
	maxDigits  = 20 // of one number with calling code and prefix
)

// piece is a part of a field that should be a number, in plain characters.
type piece struct {
	text string
	// sep divides it from the piece before: "/" for any slash, "、", or ";" for
	// everything else; ";" for the first, too.
	sep string
}

var (
	// A parameter of RFC 3966 and the pause of a dial string (,,8001) divide nothing.
	separator = regexp.MustCompile(`(?i);\s*(?:ext|isub|phone-context)=|,,+|[;,、/\\|\n]|或|\sor\s`)
	// A remark divides, since what stands behind it does not go on with the number.
	remark = regexp.MustCompile(`\([^()0-9]*[^()0-9\s][^()0-9]*\)`)
	// masked finds digits that are hidden, and a range of them. 0xx11 is no mask but
	// how Brazilians leave the carrier open.
	masked = regexp.MustCompile(`(?i)\*|[1-9]\s*xx|0\s*xxx|\d\s*~\s*\d{1,4}$`)
	// foreign finds parameters of RFC 3966 that say more than a number.
	foreign = regexp.MustCompile(`(?i);isub=|;phone-context=(?:[^+]|[^;]*;)`)
)

// divide returns the pieces of a field, at least one and each with a digit in it.
func divide(text string) ([]piece, error) {
	if len(text) > maxText {
		return nil, invalid("max", "is longer than %d bytes", maxText)
	}
	text, err := plain(text)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	add := func(text, sep string) error {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			return nil
		case !strings.ContainsAny(text, "0123456789"):
			return invalid("text", "has something in it that is no part of a number")
		case masked.MatchString(text):
			return invalid("text", "does not say all digits")
		case foreign.MatchString(text):
			return invalid("text", "has a parameter that is no part of a number")
		case len(pieces) == maxNumbers:
			return invalid("max", "holds more than %d numbers", maxNumbers)
		}
		pieces = append(pieces, piece{text, sep})
		return nil
	}
	start, sep := 0, ";"
	for _, at := range separator.FindAllStringIndex(text, -1) {
		found := strings.TrimSpace(text[at[0]:at[1]])
		if strings.HasSuffix(found, "=") || strings.HasPrefix(found, ",,") {
			continue
		}
		if err := add(text[start:at[0]], sep); err != nil {
			return nil, err
		}
		start, sep = at[1], ";"
		switch found {
		case "/", `\`:
			sep = "/"
		case "、":
			sep = "、"
		}
	}
	if err := add(text[start:], sep); err != nil {
		return nil, err
	}
	return pieces, nil
}

// plain returns text with ASCII digits, one kind of hyphen and of space, without
// full-width forms, invisible marks (as copied from an address book) and remarks.
func plain(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", invalid("text", "is no valid UTF-8")
	}
	digits, control := 0, false
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsDigit(r):
			digits++
			return '0' + digit(r)
		case r == '\n' || r == '\r':
			return '\n'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r) || r == '\u2212': // a dash, or the sign of minus
			return '-'
		}
		control = control || unicode.IsControl(r)
		return r
	}, width.Fold.String(text))
	switch {
	case control:
		return "", invalid("text", "has a control character in it")
	case digits == 0:
		return "", invalid("required", "has no digit in it")
	}
	return remark.ReplaceAllString(text, ";"), nil
}

// digit returns the value of a decimal digit of any script. Unicode keeps the digits
// of a script together and in order.
func digit(r rune) rune {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10
		}
	}
	return 0
}

// field collects the numbers of one field.
type field struct {
	region  string
	numbers []Number
}

// take reads a number from the first of the pieces, with as many of the following as
// belong to it, and returns how many that were.
func (f *field) take(pieces []piece) (int, error) {
	first := pieces[0]
	if f.follows(first) {
		return 1, nil
	}
	if onlyExtension.MatchString(first.text) {
		return 0, invalid("text", "is an extension without a number")
	}
	n, err := read(first.text, f.region)
	if err == nil && n.inUse() {
		f.numbers = append(f.numbers, n)
		return 1, nil
	}
	if whole, count := f.joined(pieces); count > 0 && (n.kind != Short || !f.valid(pieces[1])) {
		f.numbers = append(f.numbers, whole)
		return count, nil
	}
	if err != nil {
		return 0, err
	}
	f.numbers = append(f.numbers, n)
	return 1, nil
}

// joined returns the number within which slashes stand (030/1234567), and how many
// pieces it takes; 0 when there is none.
func (f *field) joined(pieces []piece) (Number, int) {
	var text strings.Builder
	text.WriteString(pieces[0].text)
	for i := 1; i < len(pieces) && pieces[i].sep == "/"; i++ {
		text.WriteString("/" + pieces[i].text)
		if len(phonenumbers.NormalizeDigitsOnly(text.String())) > maxDigits {
			break
		}
		if n, err := read(text.String(), f.region); err == nil && n.inUse() {
			return n, i + 1
		}
	}
	return Number{}, 0
}

// valid reports whether a piece is a number by itself.
func (f *field) valid(p piece) bool {
	n, err := read(p.text, f.region)
	return err == nil && n.Valid()
}

// follows reads a piece that leaves out what it has in common with the number before
// it, and reports whether it is one.
func (f *field) follows(p piece) bool {
	if len(f.numbers) == 0 {
		return false
	}
	last := &f.numbers[len(f.numbers)-1]
	if m := onlyExtension.FindStringSubmatch(p.text); m != nil {
		if last.ext == "" {
			last.ext = m[1]
		} else {
			other := *last
			other.ext = m[1]
			f.numbers = append(f.numbers, other)
		}
		return true
	}
	other, ok := f.abbreviated(*last, p)
	if ok {
		f.numbers = append(f.numbers, other)
	}
	return ok
}

// abbreviated returns the number that differs from n in its last digits as the piece
// says, if the piece is an abbreviation: up to four digits after a slash or 、, or a
// subscriber's number without the area code that a fixed line has before it.
func (f *field) abbreviated(n Number, p piece) (Number, bool) {
	tail := strings.NewReplacer(" ", "", "-", "", ".", "").Replace(p.text)
	switch {
	case strings.Trim(tail, "0123456789") != "":
		return Number{}, false
	case len(tail) <= 4:
		if p.sep == ";" {
			return Number{}, false
		}
	case n.kind != Fixed && n.kind != FixedOrMobile,
		n.country != phonenumbers.GetCountryCodeForRegion(f.region), f.valid(p):
		return Number{}, false
	}
	other := n
	if len(tail) <= len(n.ext) {
		other.ext = n.ext[:len(n.ext)-len(tail)] + tail
		return other, true
	}
	if len(tail) >= len(n.digits) {
		return Number{}, false
	}
	other.digits, other.ext = n.digits[:len(n.digits)-len(tail)]+tail, ""
	other = other.planned()
	return other, other.inUse()
}

// distinct returns the numbers in their order, each once.
func (f *field) distinct() []Number {
	var numbers []Number
	for _, n := range f.numbers {
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
