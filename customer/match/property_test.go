package match_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/customer/match"
)

// text draws texts of all scripts, with what normalisers care about drawn often.
var text = rapid.OneOf(
	rapid.StringOf(rapid.OneOf(
		rapid.Rune(),
		rapid.RuneFrom([]rune("aA0 .,&@<>()/-'’:+|\x00\u200b\u3099か゛가(中国)集团公司有限市区号转")),
		rapid.RuneFrom(nil, unicode.Mn, unicode.Nd, unicode.Han, unicode.Hangul, unicode.Latin),
	)),
	rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
		"华为", "有限公司", "股份", "(集团)", "集团", "公司", "分", "市", "co", "ltd", ".", "S.A.", " ", "&", "and", "the", "inc", "st", "mr", "先生", "no", "12号",
		"mailto:", "www.", "@", "<", ">", "gmail.com", "a.b", "://", "test", "n/a", "\xff", "㈱", "00", "1990-1-2",
	}), 0, 12), func(parts []string) string { return strings.Join(parts, "") }),
)

func TestNormalForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requireNormal(t, text.Draw(t, "text"))
	})
}

// requireNormal holds for every text and normaliser.
func requireNormal(t require.TestingT, s string) {
	for name, n := range forms {
		normal := n.normalise(s)
		require.True(t, utf8.ValidString(normal), name)
		require.Equal(t, normal, n.normalise(normal), "%s of %+q is normalised again", name, s)
		require.Equal(t, normal, n.normalise(" "+s+"\t"), "%s of %+q with blanks around it", name, s)
		require.NotContains(t, normal, "\x00")
	}
	given, family := match.SplitName(s)
	require.Equal(t, given, match.NormaliseName(given))
	require.Equal(t, family, match.NormaliseName(family))
	if digits, err := (match.Digits{}).Normalise(s, ""); err == nil {
		again, err := match.Digits{}.Normalise(digits, "")
		require.NoError(t, err)
		require.Equal(t, digits, again)
	}
}

func TestSimilarityProperties(t *testing.T) {
	short := rapid.StringOfN(rapid.RuneFrom([]rune("abc华为")), 0, 9, -1)
	long := rapid.StringOfN(rapid.RuneFrom([]rune("abcdef")), 0, 90, -1)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.OneOf(short, long, text)
		a, b := words.Draw(t, "a"), words.Draw(t, "b")
		for name, like := range measures {
			require.InDelta(t, like(a, b), like(b, a), 0, name) //nolint:testifylint // the same to the last bit
			require.GreaterOrEqual(t, like(a, b), 0.0, name)
			require.LessOrEqual(t, like(a, b), 1.0, name)
			if a != "" {
				require.InDelta(t, 1, like(a, a), 0, name)
			}
			require.Zero(t, like(a, ""), name)
		}
	})
}
