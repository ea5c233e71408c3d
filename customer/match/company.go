package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// NormaliseCompany returns what distinguishes the name of a company (公司名称): without
// case, width, diacritics, punctuation, and without its legal form in Chinese, English
// and what else is frequent in Europe and East Asia. "华为技术有限公司" is "华为技术",
// "Acme (China) Co., Ltd." is "acme".
//
// What tells companies apart stays: the city, the trade, and "分公司", which a branch is
// called. A name that is nothing but a legal form is left as it is; a text that stands
// for none ("N/A", "未知") gives "". The result is its own normal form.
func NormaliseCompany(name string) string {
	s := fold(name)
	for _, remark := range remarks {
		s = strings.ReplaceAll(s, remark, " ")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "&", " and "), "+", " and ")
	s = words(cut(s, maxText)) // which a sign that became a word has made longer
	for shorter := words(withoutForm(s)); shorter != s && shorter != ""; shorter = words(withoutForm(s)) {
		s = shorter
	}
	if isPlaceholder(s) {
		return ""
	}
	return s
}

// remarks in parentheses say nothing that would distinguish.
var remarks = []string{"(中国)", "(中國)", "(china)", "(prc)", "(p.r.c.)", "(集团)", "(集團)", "(group)", "(株)", "(有)", "(주)", "(有限合伙)", "(普通合伙)"}

// chineseForms may stand before the name of a branch, too; longer ones come first.
var chineseForms = []string{"股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "股份公司", "株式会社", "有限会社", "合同会社", "주식회사", "유한회사"}

// chineseEndings are legal forms only at the end of a name.
var chineseEndings = []string{"总公司", "總公司", "公司", "集团", "集團"}

// latinForms are legal forms at the end of a name, without dots.
var latinForms = []string{
	"co", "company", "corp", "corporation", "inc", "incorporated", "ltd", "limited", "coltd", "llc", "llp", "lp", "plc", "pllc", "group",
	"gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "ek", "se", "sa", "sas", "sarl", "sasu", "srl", "spa", "sl", "slu", "lda", "ltda",
	"bv", "nv", "oy", "oyj", "ab", "as", "asa", "aps", "sro", "doo", "spzoo", "kft", "zrt", "ooo", "oao", "zao", "pao",
	"pty", "pte", "pvt", "bhd", "sdn", "kk", "jsc", "and", "et", "und", "y",
}

// withoutForm takes one legal form away, or returns the name.
func withoutForm(s string) string {
	for _, form := range chineseForms {
		if strings.Contains(s, form) {
			return strings.Replace(s, form, "", 1)
		}
	}
	for _, ending := range chineseEndings {
		before, found := strings.CutSuffix(s, ending)
		if found && !strings.HasSuffix(before, "分") && !strings.HasSuffix(before, "子") { // a branch, a subsidiary
			return before
		}
	}
	if rest, found := strings.CutPrefix(s, "the "); found {
		return rest
	}
	if before, last := lastWord(s); slices.Contains(latinForms, last) {
		return before
	}
	return s
}

// maxProvince is how many characters the name of a province or city has at most
// (新疆维吾尔自治区).
const maxProvince = 5

// withoutProvince takes the names of province, city and district away that many
// Chinese names and addresses begin with (广东省深圳市…), where something follows them.
func withoutProvince(s string) string {
	for _, unit := range []string{"自治区", "省", "市", "区", "县"} {
		if before, rest, found := strings.Cut(s, unit); found && rest != "" && utf8.RuneCountInString(before) <= maxProvince {
			s = rest
		}
	}
	return s
}
