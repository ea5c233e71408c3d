package match

import (
	"slices"
	"strings"
	"unicode"
)

// NormaliseName returns a given name, a family name or a full name of a person (姓名)
// without case, width, diacritics, punctuation, and the titles that go before it in
// English (Mr, Dr) and behind it in Chinese (先生, 女士). A name that is nothing but a
// title is left as it is. The result is its own normal form.
func NormaliseName(name string) string {
	s := words(fold(name))
	for shorter := words(withoutTitle(s)); shorter != s && shorter != ""; shorter = words(withoutTitle(s)) {
		s = shorter
	}
	return s
}

func withoutTitle(s string) string {
	for _, title := range []string{"先生", "女士", "小姐", "太太"} {
		if before, found := strings.CutSuffix(s, title); found {
			return before
		}
	}
	first, rest, _ := strings.Cut(s, " ")
	switch first {
	case "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "herr", "frau", "mme", "sir":
		return rest
	}
	return s
}

// compounds are the frequent Chinese family names of two characters (复姓).
var compounds = []string{
	"欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "东方", "東方", "皇甫", "尉迟", "尉遲", "公孙", "公孫",
	"慕容", "令狐", "长孙", "長孫", "宇文", "夏侯", "端木", "南宫", "南宮", "轩辕", "軒轅", "闻人", "東郭", "东郭", "呼延", "独孤", "申屠", "澹台",
}

// SplitName parts a full name into given and family name, both as NormaliseName
// returns them. Before a comma stands the family name; a Chinese name without blanks
// begins with it (欧阳娜娜 too); otherwise it is the last word. Who writes the
// family name first gets them swapped, which a Matcher sees through. A name of one word
// is a family name.
func SplitName(full string) (given, family string) {
	if before, after, found := strings.Cut(fold(full), ","); found && NormaliseName(after) != "" {
		return NormaliseName(after), NormaliseName(before)
	}
	s := NormaliseName(full)
	letters := []rune(s)
	if len(letters) > 1 && len(letters) <= 5 && !slices.ContainsFunc(letters, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		n := 1
		if len(letters) > 2 && slices.Contains(compounds, string(letters[:2])) {
			n = 2
		}
		return string(letters[n:]), string(letters[:n])
	}
	return lastWord(s)
}

// inAnyOrder joins the parts of a name so that their order does not matter.
func inAnyOrder(given, family string) string {
	if given > family {
		given, family = family, given
	}
	return given + family
}
