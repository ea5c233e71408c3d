package phone

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is one telephone number (电话号码) with its extension (分机). Two Numbers are
// equal (==) exactly if their normal forms are. The zero Number is none: its texts are
// empty, and Check calls it missing.
type Number struct {
	country int    // the calling code
	digits  string // without calling code and trunk prefix
	ext     string // digits; empty for none
	kind    Kind   // follows from the rest
}

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n == Number{} }

// String returns the normal form: E.164, the extension after ";ext=", and for a short
// number its digits with their context: "+861062345678;ext=8001",
// "95588;phone-context=+86". It has at most 50 bytes. Parse reads it as n in every
// region, if Check finds no fault with n.
func (n Number) String() string {
	if n.IsZero() {
		return ""
	}
	s := n.E164()
	if n.kind == Short {
		s = n.digits
	}
	if n.ext != "" {
		s += phonenumbers.RFC3966_EXTN_PREFIX + n.ext
	}
	if n.kind == Short {
		s += fmt.Sprintf("%s+%d", phonenumbers.RFC3966_PHONE_CONTEXT, n.country)
	}
	return s
}

// E164 returns the number without its extension as the world dials it, "+" and digits
// only: "+861062345678". It is empty for a short number, which has no such form.
func (n Number) E164() string {
	if n.kind == Short || n.IsZero() {
		return ""
	}
	return fmt.Sprintf("+%d%s", n.country, n.digits)
}

// Extension returns the digits of the extension, empty for none.
func (n Number) Extension() string { return n.ext }

// CallingCode returns the country's calling code, 86 for China; zero for none.
func (n Number) CallingCode() int { return n.country }

// Region returns the ISO 3166 code of the region that the number belongs to: "CN".
// Where regions share a calling code and the number does not tell them apart it is the
// largest of them; "001" is the world (+800), and empty stands for no number.
func (n Number) Region() string {
	if n.IsZero() {
		return ""
	}
	if n.inUse() {
		return phonenumbers.GetRegionCodeForNumber(n.message())
	}
	return phonenumbers.GetRegionCodeForCountryCode(n.country)
}

// National returns the number as it is written in its own country, with the extension:
// "010 6234 5678 ext. 8001". Parse reads it there as n, if n is Valid.
func (n Number) National() string {
	if s, ok := n.argentineMobile(); ok {
		return s
	}
	return n.format(phonenumbers.NATIONAL)
}

// International returns the number as it is written for the world, with the extension:
// "+86 10 6234 5678 ext. 8001". A short number is the same everywhere: its digits.
func (n Number) International() string { return n.format(phonenumbers.INTERNATIONAL) }

// URI returns the number as a link that dials it (RFC 3966):
// "tel:+86-10-6234-5678;ext=8001".
func (n Number) URI() string {
	if n.kind == Short {
		return phonenumbers.RFC3966_PREFIX + n.String()
	}
	return n.format(phonenumbers.RFC3966)
}

// DialledFrom returns the number as it is dialled in another region, with that region's
// prefix for calls abroad: "011 86 10 6234 5678" in "US". In a region that is unknown
// or has no one such prefix it is International, and within the same plan National.
// A short number can be dialled in its own country only; it is its digits.
func (n Number) DialledFrom(region string) string {
	region = strings.ToUpper(region)
	switch {
	case n.kind == Short || n.IsZero():
		return n.International()
	case n.country != 1 && n.country == phonenumbers.GetCountryCodeForRegion(region):
		return n.National()
	}
	s := phonenumbers.FormatOutOfCountryCallingNumber(n.message(), region)
	// The Go port of libphonenumber, unlike Google's own code, puts the pattern of all
	// prefixes before the number where there is not one: "00[89] 86 …" in Indonesia.
	if prefix, _, _ := strings.Cut(s, " "); strings.ContainsAny(prefix, `[(|\`) {
		return n.International()
	}
	return s
}

// Valid reports whether the number is in a range that its plan has given out, or is a
// known short number. Whether anybody answers is another matter.
func (n Number) Valid() bool { return n.kind != Unknown }

// Check returns nil for a number that can be dialled, Valid or not: one that has the
// length its plan allows. Otherwise it is an Invalid error about the field "phone" with
// one of the codes
//
//	required   n is zero
//	area       the area code (区号) is missing
//	too_short  digits are missing
//	too_long   there are too many digits
//	length     numbers may be longer and shorter, but not of this length
func (n Number) Check() error {
	if n.IsZero() {
		return invalid("required", "is missing")
	}
	if n.Valid() {
		return nil
	}
	if n.country == china {
		return checkChinese(n.digits)
	}
	switch phonenumbers.IsPossibleNumberWithReason(n.message()) {
	case phonenumbers.IS_POSSIBLE:
		return nil
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return invalid("area", "lacks the area code")
	case phonenumbers.TOO_SHORT:
		return invalid("too_short", "has too few digits for its country")
	case phonenumbers.TOO_LONG:
		return invalid("too_long", "has too many digits for its country")
	default:
		return invalid("length", "has a number of digits that its country does not use")
	}
}

// inUse reports whether n is in a range of full numbers that its plan has given out.
func (n Number) inUse() bool { return n.kind != Unknown && n.kind != Short }

func (n Number) format(f phonenumbers.PhoneNumberFormat) string {
	switch {
	case n.IsZero():
		return ""
	case n.kind == Short && n.ext != "":
		return n.digits + phonenumbers.DEFAULT_EXTN_PREFIX + n.ext
	case n.kind == Short:
		return n.digits
	}
	return phonenumbers.Format(n.message(), f)
}

// message returns n as the library wants it, which keeps leading zeros apart.
func (n Number) message() *phonenumbers.PhoneNumber {
	m := &phonenumbers.PhoneNumber{CountryCode: new(int32(n.country)), NationalNumber: new(uint64)}
	for _, d := range n.digits {
		*m.NationalNumber = *m.NationalNumber*10 + uint64(d-'0')
	}
	zeros := len(n.digits) - len(strings.TrimLeft(n.digits, "0"))
	if zeros = min(zeros, len(n.digits)-1); zeros > 0 {
		m.ItalianLeadingZero, m.NumberOfLeadingZeros = new(true), new(int32(zeros))
	}
	if n.ext != "" {
		m.Extension = new(n.ext)
	}
	return m
}
