package match

import (
	"slices"
	"strings"
	"unicode"
)

// streetTypes are what the last word of a street's name is short for.
var streetTypes = map[string]string{
	"st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "cres": "crescent", "cr": "crescent",
	"ct": "court", "pl": "place", "dr": "drive", "hwy": "highway", "blvd": "boulevard", "ln": "lane", "tce": "terrace",
	"pde": "parade", "sq": "square", "cl": "close", "cct": "circuit",
}

// NormaliseAddressLine returns a street or another line of an address (地址) without
// case, width, diacritics and punctuation, the type of a street written out ("Main St."
// is "main street", "St James" is not touched). A text that stands for none gives "".
// The result is its own normal form.
func NormaliseAddressLine(line string) string {
	s := words(fold(line))
	if isPlaceholder(s) {
		return ""
	}
	before, last := lastWord(s)
	if long, short := streetTypes[last]; short && before != "" {
		return fold(before + " " + long)
	}
	return s
}

// NormaliseCity returns the name of a city, a suburb, a district or a province without
// case, width, diacritics and punctuation, and without the word that says which of them
// it is in Chinese: 深圳市 is 深圳. The result is its own normal form.
func NormaliseCity(city string) string {
	s := words(fold(city))
	for {
		letters := []rune(s)
		n := len(letters) - 1
		if n < 2 || !strings.ContainsRune("省市区區县縣", letters[n]) {
			break
		}
		s = string(letters[:n])
	}
	if isPlaceholder(s) {
		return ""
	}
	return s
}

// NormaliseHouseNumber returns the number of a house (门牌号): its letters and digits
// without blanks and without zeros before it; "No. 012 A" and "12a号" are "12a". The
// result is its own normal form.
func NormaliseHouseNumber(number string) string {
	s := compact(words(fold(number)))
	for {
		shorter := strings.TrimRight(strings.TrimLeft(s, "0"), "号號")
		for _, sign := range []string{"number", "no", "nr", "第"} {
			if rest, found := strings.CutPrefix(shorter, sign); found && rest != "" && isDigit(rune(rest[0])) {
				shorter = rest
			}
		}
		if shorter == s {
			return s
		}
		s = shorter
	}
}

// NormalisePostcode returns the letters and digits of a postcode (邮编), without blanks
// and without the zeros before it, which spreadsheets lose. The result is its own normal
// form.
func NormalisePostcode(code string) string {
	return strings.TrimLeft(compact(words(fold(code))), "0")
}

// splitNumber parts the number of a house from a normal street that holds it:
// "12 main street", "hauptstrasse 12", "中山路12号".
func splitNumber(street string) (number, rest string) {
	if before, after, found := strings.Cut(street, "号"); found {
		name := strings.TrimRightFunc(before, isDigit)
		return before[len(name):], name + after
	}
	if first, rest, found := strings.Cut(street, " "); found && isDigit(rune(first[0])) {
		return first, rest
	}
	if before, last := lastWord(street); before != "" && isDigit(rune(last[0])) {
		return last, before
	}
	return "", street
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// sorted returns the characters in their order, so that transposed ones make no
// difference.
func sorted(s string) string {
	letters := []rune(s)
	slices.Sort(letters)
	return string(letters)
}

// NormaliseBirthDate returns a date of birth (出生日期), which is written year, month,
// day, with or without marks between them, as eight digits: "1990-5-7" and "1990年5月7日"
// are "19900507". Another text gives "". A date that no calendar has is not refused:
// with a digit mistyped it still tells more than none.
func NormaliseBirthDate(date string) string {
	parts := strings.FieldsFunc(fold(date), func(r rune) bool { return !isDigit(r) })
	switch {
	case len(parts) == 3 && len(parts[0]) == 4 && len(parts[1]) <= 2 && len(parts[2]) <= 2:
		return parts[0] + pad(parts[1]) + pad(parts[2])
	case len(parts) == 1 && len(parts[0]) == 8 && !strings.ContainsFunc(date, unicode.IsLetter):
		return parts[0]
	}
	return ""
}

func pad(digits string) string {
	if len(digits) == 1 {
		return "0" + digits
	}
	return digits
}
