package schema

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// slowFold says what folding means, without the short way for plain text.
func slowFold(s string) string {
	s = cases.Fold().String(norm.NFKD.String(s))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

func TestPlainTextIsWhatFoldingLeavesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringOf(rapid.RuneFrom([]rune("aAzZ09 _-~\x7f\x00\t\n@[`{éÁ中"))),
			rapid.StringOf(rapid.RuneFrom(nil, &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0, Hi: 0x7f, Stride: 1}}})),
		).Draw(t, "text")
		require.Equal(t, slowFold(s), Fold(s))
		if isPlain(s) {
			require.Equal(t, s, slowFold(s))
		}
	})
	for c := range 128 {
		for _, s := range []string{string(rune(c)), "a" + string(rune(c)), string(rune(c)) + "a", "a" + string(rune(c)) + "b"} {
			require.Equal(t, slowFold(s), Fold(s), "%q", s)
		}
	}
}
