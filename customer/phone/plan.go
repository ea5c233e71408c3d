package phone

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	china     = 86
	argentina = 54
)

var (
	machine    = regexp.MustCompile(`^(?:14[014]\d|1064)\d{9}$`) // 物联网, 13 digits
	mobile     = regexp.MustCompile(`^1[3-9]`)
	subscriber = regexp.MustCompile(`^[2-8]\d{6,7}$`)
	metropolis = regexp.MustCompile(`^(?:10[2-8]|2|[48]00)`)
)

// knownShort reports whether a region of the country's calling code has given out the
// digits as a short number.
func (n Number) knownShort() bool {
	// The data lack the public hotlines (政府服务热线) 123xx, such as 12345 and 12315,
	// which China's plan keeps for authorities.
	if n.country == china && len(n.digits) == 5 && strings.HasPrefix(n.digits, "123") {
		return true
	}
	return phonenumbers.IsValidShortNumber(n.message())
}

// checkChinese is Check for a number of China in no known range. The library takes
// everything of seven to twelve digits for possible there, because some service numbers
// have so many; but ordinary numbers are of a known length (电信网编号计划): a mobile
// number has 11 digits, 400 and 800 numbers have 10; area codes 10 and 2x are followed by 8
// digits, the others, of three digits, by 7 or 8.
func checkChinese(digits string) error {
	shortest, longest := 7, 12 // of service numbers
	switch {
	case machine.MatchString(digits):
		return nil
	case mobile.MatchString(digits):
		shortest, longest = 11, 11
	case subscriber.MatchString(digits):
		return invalid("area", "lacks the area code")
	case metropolis.MatchString(digits):
		shortest, longest = 10, 10
	case digits[0] >= '3':
		shortest, longest = 10, 11
	}
	switch {
	case len(digits) < shortest:
		return invalid("too_short", "has too few digits for its country")
	case len(digits) > longest:
		return invalid("too_long", "has too many digits for its country")
	}
	return nil
}

// argentineMobile returns an Argentine mobile number as it is written at home: +54 9 11
// 2345-6789 is 011 15-2345-6789. The rule for it begins with the second group of
// digits, and the Go port of libphonenumber puts the first one there (09 15-…), which
// is another number; Google's own code does not.
func (n Number) argentineMobile() (string, bool) {
	if n.country != argentina {
		return "", false
	}
	rest, mobile := strings.CutPrefix(n.International(), "+54 9 ")
	area, local, apart := strings.Cut(rest, " ")
	return "0" + area + " 15-" + local, mobile && apart
}
