package match

import "strings"

// NormaliseTaxID returns the number under which a company is registered or taxed
// (统一社会信用代码, 税号), in upper case, half width, without blanks and marks. In a
// unified social credit code, letters it can't contain are read as the digits they are
// mistaken for (I, O, Z, S as 1, 0, 2, 5) when the check character is right only then.
// Fewer than six characters, or one over and over, give "". The result is its own normal
// form.
func NormaliseTaxID(number string) string {
	s := strings.ToUpper(compact(words(fold(number))))
	if len(s) < 6 || isRepeated(s) || isPlaceholder(strings.ToLower(s)) {
		return ""
	}
	if read := strings.Map(likelyDigit, s); ValidCreditCode(read) {
		return read
	}
	return s
}

// likelyDigit returns the digit that a letter is mistaken for.
func likelyDigit(r rune) rune {
	switch r {
	case 'I':
		return '1'
	case 'O':
		return '0'
	case 'Z':
		return '2'
	case 'S':
		return '5'
	}
	return r
}

// creditAlphabet is the alphabet of GB 32100-2015; a character's place is its value.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidCreditCode reports whether s is a unified social credit code (统一社会信用代码)
// as GB 32100-2015 defines it: 18 characters of its alphabet, the last of which makes
// the sum of all, each weighted with 3 to the power of its place, divisible by 31.
func ValidCreditCode(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range len(s) {
		value := strings.IndexByte(creditAlphabet, s[i])
		if value < 0 {
			return false
		}
		if i == 17 {
			weight = 1 // the check character itself
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return sum%31 == 0
}
