package phone

import (
	"cmp"
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"github.com/kehucrm/kehu/storage/fault"
)

// Parser reads telephone numbers. It is a value without state, safe for use by many
// goroutines.
type Parser struct {
	// Region is where a number without a country is dialled, as an ISO 3166 code of
	// two letters in either case: "CN". It is used where a call names no region.
	// Empty, a number must say its country itself.
	Region string
}

// Normalise returns the normal form of the one number that text holds:
// Number.String of what [Parser.Parse] reads. It refuses with the error of
// [Number.Check] what nobody can dial; a number that is possible but in no known range
// it accepts, since plans grow faster than data about them.
// Normalise of a normal form is that form, in every region.
func (p Parser) Normalise(text, region string) (string, error) {
	n, err := p.Parse(text, region)
	if err != nil {
		return "", err
	}
	if err := n.Check(); err != nil {
		return "", err
	}
	return n.String(), nil
}

// Parse reads the one number that text holds, dialled in region, or in p.Region where
// region is empty. It also reads what the plan of the country does not allow, a number
// of an older plan or one with a digit too many; [Number.Check] tells.
//
// What can't be read is an Invalid error about the field "phone", with one of the codes
//
//	required      there is no digit in the text
//	max           the text is longer than 1,000 bytes or holds more than 20 numbers
//	text          something in it is no part of a number: words, *, bytes that are no UTF-8
//	region        it says no country, and the region is empty or unknown
//	calling_code  it begins with the code of no country
//	too_short     it has one digit
//	too_long      it has more digits than any number
//	extension     its extension has more than 8 digits
//	several       it holds more than one number; see ParseAll
func (p Parser) Parse(text, region string) (Number, error) {
	numbers, err := p.ParseAll(text, region)
	if err != nil {
		return Number{}, err
	}
	if len(numbers) > 1 {
		return Number{}, invalid("several", "holds %d numbers where one is wanted", len(numbers))
	}
	return numbers[0], nil
}

// ParseAll reads all numbers of a field, at most 20, in the order in which they stand
// there and each once; the package's description says what divides them. It returns at
// least one number or an error: the first piece that can't be read refuses the whole.
// The codes are those of Parse, but for several.
func (p Parser) ParseAll(text, region string) ([]Number, error) {
	pieces, err := divide(text)
	if err != nil {
		return nil, err
	}
	f := field{region: strings.ToUpper(cmp.Or(region, p.Region))}
	for len(pieces) > 0 {
		n, err := f.take(pieces)
		if err != nil {
			return nil, err
		}
		pieces = pieces[n:]
	}
	return f.distinct(), nil
}

// read reads one cleaned piece as one number in a region that may be unknown.
func read(text, region string) (Number, error) {
	text = markExtension(text)
	n, err := readWhole(text, region)
	if err == nil && n.inUse() {
		return n, nil
	}
	if m := hyphenExtension.FindStringSubmatch(text); m != nil {
		if main, err := readWhole(m[1], region); err == nil && main.ext == "" && main.inUse() {
			main.ext = m[2]
			return main, nil
		}
	}
	return n, err
}

// readWhole reads a text as a number, with an extension only where a word says so.
func readWhole(text, region string) (Number, error) {
	parsed, err := phonenumbers.Parse(text, region)
	if err != nil {
		return Number{}, unreadable(err, text, region)
	}
	n := settled(Number{
		country: int(parsed.GetCountryCode()),
		digits:  phonenumbers.GetNationalSignificantNumber(parsed),
		ext:     parsed.GetExtension(),
	}).planned()
	if len(n.ext) > maxExtension {
		return Number{}, invalid("extension", "has an extension of more than %d digits", maxExtension)
	}
	main := mainPart(text)
	if strings.ContainsFunc(strings.ReplaceAll(main, "x", ""), unicode.IsLetter) {
		if n.country == 1 && n.inUse() {
			return n, nil
		}
		return Number{}, invalid("text", "has letters within a number")
	}
	if n.inUse() {
		return n, nil
	}
	// Who means a short number writes it in one piece; otherwise a broken number of five
	// or six digits would be that of some American service.
	if strings.HasSuffix(main, n.digits) && n.knownShort() {
		n.kind = Short
	}
	return n, nil
}

// settled returns the number that the E.164 form of n is read as. They differ where
// more than one prefix stands before a number, of which one is taken off at a time.
func settled(n Number) Number {
	for range len(n.digits) { // each round takes some digits off, or is the last
		again, err := phonenumbers.Parse(n.E164(), "")
		if err != nil {
			return n
		}
		digits := phonenumbers.GetNationalSignificantNumber(again)
		if digits == n.digits {
			return n
		}
		n.digits = digits
	}
	return n
}

// mainPart returns text without words before the number, extension and context.
func mainPart(text string) string {
	if i := strings.IndexAny(text, "+0123456789"); i > 0 {
		text = text[i:]
	}
	text, _, _ = strings.Cut(text, phonenumbers.RFC3966_PHONE_CONTEXT)
	text, _ = phonenumbers.MaybeSeparateExtensionFromPhone(text)
	return strings.TrimRight(text, " ().-")
}

// unreadable says in our words why the library could not read a text.
func unreadable(err error, text, region string) error {
	switch {
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return invalid("too_long", "has more digits than any number; several numbers are divided by / 、 ; or ,")
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return invalid("too_short", "has too few digits")
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode) && !strings.Contains(text, "+") && phonenumbers.GetCountryCodeForRegion(region) == 0:
		if region == "" {
			return invalid("region", "says no country, and there is no default region")
		}
		return invalid("region", "says no country, and the region is unknown")
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return invalid("calling_code", "begins with the code of no country")
	case len(phonenumbers.NormalizeDigitsOnly(text)) < 2:
		return invalid("too_short", "has too few digits")
	default:
		return invalid("text", "has something in it that is no part of a number")
	}
}

func invalid(code, format string, args ...any) error {
	return fault.InvalidField("phone", code, format, args...)
}
