package pinyin

import (
	"strings"
	"testing"
	"unicode/utf8"

	library "github.com/mozillazg/go-pinyin"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

// TestReadings holds the tables together: every word is found where it stands, no word
// is read in two ways, and all of it is simplified.
func TestReadings(t *testing.T) {
	longest := 0
	for r, choice := range readings {
		seen := map[string]bool{}
		syllables := map[string]bool{}
		require.Equal(t, []rune{r}, lettersOf(string(r)))
		for _, c := range choice {
			require.Regexp(t, `^[a-z]{1,6}$`, c.syllable)
			require.False(t, syllables[c.syllable], "%c is %s twice", r, c.syllable)
			syllables[c.syllable] = true
			require.Equal(t, strings.Join(strings.Fields(c.words), " "), c.words)
			for word := range strings.FieldsSeq(c.words) {
				require.Contains(t, word, string(r))
				require.False(t, seen[word], word)
				seen[word] = true
				letters := lettersOf(word)
				require.Equal(t, word, string(letters), "is simplified")
				longest = max(longest, len(letters))
				for i, l := range letters {
					if l == r {
						require.Equal(t, c.syllable, syllable(letters, i), word)
					}
				}
			}
		}
	}
	require.Equal(t, longestWord, longest)
	for r, s := range surnames {
		require.NotEqual(t, usual(r), s, "%c needs no entry", r)
		require.Equal(t, s, syllable([]rune{r, '明'}, 0))
		require.Equal(t, usual(r), syllable([]rune{r, '晓', '明', '店'}, 0))
	}
}

// TestSimplified holds that the traditional characters come through folding, and that
// replacing them twice is replacing them once.
func TestSimplified(t *testing.T) {
	for r := rune(0x3400); r < 0x30000; r++ {
		s := simplified.Replace(string(r))
		if s == string(r) {
			continue
		}
		require.Equal(t, 1, utf8.RuneCountInString(s))
		require.Equal(t, s, simplified.Replace(s))
		require.Equal(t, string(r), schema.Fold(string(r)))
		require.NotEmpty(t, lettersOf(s))
	}
}

// TestUsual holds that taking off tones ourselves is what the dictionary's own functions do.
func TestUsual(t *testing.T) {
	for r := range library.PinyinDict {
		if r := rune(r); readings[r] == nil {
			require.Equal(t, library.SinglePinyin(r, library.Args{Style: library.Normal})[0], usual(r), "%c", r)
		}
	}
}
