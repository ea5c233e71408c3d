package match

import (
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
)

// PhoneNormaliser turns the ways in which one telephone number is written into one.
// Region is where a number without country code is dialled, as two letters (CN), or "".
// Implementations return the same for the same input always, and are safe for
// concurrent use; an error says that the text is no number.
type PhoneNormaliser interface {
	Normalise(text, region string) (string, error)
}

// Digits is the PhoneNormaliser that knows no country: it keeps the digits, in half
// width, without the extension and the 00 of an international call. "+86 755 2878
// 0808" and "0755-28780808" differ for it.
type Digits struct{}

// Normalise implements PhoneNormaliser. Fewer than six digits, or one digit only
// repeated, are Invalid.
func (Digits) Normalise(text, _ string) (string, error) {
	s := fold(text)
	for _, sign := range []string{"转", "轉", "分机", "ext", "x", "#", ";"} {
		if number, _, found := strings.Cut(s, sign); found && strings.ContainsFunc(number, isDigit) {
			s = number // what follows is the extension; "fax" before the number is none
		}
	}
	digits := strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, s)
	for strings.HasPrefix(digits, "00") {
		digits = digits[len("00"):]
	}
	if len(digits) < 6 || isRepeated(digits) {
		return "", fault.InvalidField("phone", "phone", "a telephone number has at least six digits")
	}
	return digits, nil
}

// isRepeated reports whether a text is one character over and over, as people type
// where a form wants something.
func isRepeated(s string) bool {
	return s != "" && strings.Trim(s, s[:1]) == ""
}

// normalisePhone asks the host's normaliser. What it does not take for a number is
// compared by its digits, so that the same text twice is still found.
func (m *Matcher) normalisePhone(text string) string {
	number, err := m.options.Phones.Normalise(text, m.options.Region)
	if err != nil {
		number, _ = Digits{}.Normalise(text, m.options.Region) // an error leaves it empty
	}
	return cut(number, maxText)
}
