package schema_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/schema"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"plain", "acme ltd 42", "acme ltd 42"},
		{"case", "ACME Ltd", "acme ltd"},
		{"German s", "Straße STRASSE", "strasse strasse"},
		{"Greek final sigma", "ΟΔΟΣ οδος", "οδοσ οδοσ"},
		{"Turkish dotted I", "İstanbul", "istanbul"},
		{"diacritics", "Café Zürich Łódź", "cafe zurich łodz"},
		{"diacritics apart", "Cafe\u0301", "cafe"},
		{"Vietnamese", "Nguyễn", "nguyen"},
		{"full width", "Ａｃｍｅ　Ｈｏｌｄｉｎｇ　１２", "acme holding 12"},
		{"half-width katakana", "ｶﾀｶﾅ", "カタカナ"},
		{"ligature", "ﬁnance", "finance"},
		{"Chinese", "华为技术有限公司", "华为技术有限公司"},
		{"traditional is not simplified", "華為", "華為"},
		{"Chinese beyond the first plane", "𠮷野家", "𠮷野家"},
		{"Chinese with Latin", "北京ABC公司", "北京abc公司"},
		{"Korean", "삼성전자", "삼성전자"},
		{"white space", " \t a \n\u00a0\u3000 b\u2003 ", "a b"},
		{"only white space", " \t ", ""},
		{"punctuation", "A&B_100%", "a&b_100%"},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, schema.Fold(c.text)) })
	}
}

// texts draws texts of all scripts, with what folding cares about drawn often.
var texts = rapid.StringOf(rapid.OneOf(
	rapid.Rune(),
	rapid.RuneFrom([]rune("aAbZ éÉİıßẞſςΣＡａ　\t\u00a0\u0301\u0345\u0130ﬁ가각が华中")),
	rapid.RuneFrom(nil, unicode.Mn, unicode.Zs, unicode.Lt, unicode.Han, unicode.Hangul, unicode.Cherokee),
))

func TestFoldProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		folded := schema.Fold(s)
		require.Equal(t, folded, schema.Fold(folded), "idempotent")
		require.True(t, utf8.ValidString(folded))
		require.Equal(t, strings.TrimSpace(folded), folded)
		require.NotContains(t, folded, "  ")
		require.Equal(t, folded, schema.Fold("  "+s+"\n"))
	})
}

// TestFoldEveryRune holds for each character alone what the property draws.
func TestFoldEveryRune(t *testing.T) {
	for r := range rune(0x32400) { // beyond it there are no letters
		if !utf8.ValidRune(r) {
			continue
		}
		folded := schema.Fold(string(r))
		if again := schema.Fold(folded); again != folded {
			require.Equal(t, again, folded, "%U is folded again", r)
		}
		if r >= 0x4e00 && r <= 0x9fff && folded != string(r) {
			require.Equal(t, string(r), folded, "Chinese is left as it is")
		}
	}
}
