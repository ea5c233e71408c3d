package pinyin

import (
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"

	"github.com/kehucrm/kehu/storage/schema"
)

const (
	// Version grows by one whenever Full or Initials of any text changes: by our
	// tables, or by a new version of the dictionary.
	Version = 1
	// MaxLength is the greatest length of a result in bytes.
	MaxLength = 255
)

// Full returns the syllables of text one after another (全拼), with the Latin letters and
// digits among them: "重庆OK长安" is "chongqingokchangan". The package's description
// says what may be relied on.
func Full(text string) string {
	full, _ := Both(text)
	return full
}

// Initials returns the first letter of each syllable of text (助记码), with the Latin
// letters and digits among them: "重庆OK长安" is "cqokca". The package's description
// says what may be relied on.
func Initials(text string) string {
	_, initials := Both(text)
	return initials
}

// Both returns what Full and Initials return, and reads the text once.
func Both(text string) (full, initials string) {
	letters := lettersOf(text)
	var whole, first strings.Builder
	fits := true
	for i, r := range letters {
		s := string(r)
		if r >= utf8.RuneSelf {
			s = syllable(letters, i)
		}
		if first.Len() == MaxLength {
			break
		}
		if fits = fits && whole.Len()+len(s) <= MaxLength; fits {
			whole.WriteString(s)
		}
		first.WriteString(s[:1])
	}
	return whole.String(), first.String()
}

// lettersOf returns what of text can be spelled, as far as a result may need it: Latin
// letters and digits, in lower case, and Chinese characters, those of the tables
// simplified.
func lettersOf(text string) []rune {
	var letters []rune
	for _, r := range simplified.Replace(schema.Fold(text)) {
		if len(letters) == MaxLength+longestWord {
			break
		}
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= utf8.RuneSelf && usual(r) != "" {
			letters = append(letters, r)
		}
	}
	return letters
}

// syllable returns the reading of the Chinese character at i.
func syllable(letters []rune, i int) string {
	choice := readings[letters[i]]
	// The longest word decides, and of equal ones the one that begins last.
	for length := longestWord; length > 1; length-- {
		for start := min(i, len(letters)-length); start >= max(0, i-length+1); start-- {
			word := string(letters[start : start+length])
			for _, c := range choice {
				if c.has(word) {
					return c.syllable
				}
			}
		}
	}
	if s, ok := surnames[letters[i]]; ok && i == 0 && isPerson(letters) {
		return s
	}
	return usual(letters[i])
}

// isPerson reports whether a text has the form of a Chinese person's name: a surname of
// one character and a name of one or two.
func isPerson(letters []rune) bool {
	if len(letters) < 2 || len(letters) > 3 {
		return false
	}
	for _, r := range letters {
		if r < utf8.RuneSelf {
			return false
		}
	}
	return true
}

// usual returns the reading of a character that stands by itself, and "" for what is no
// Chinese character.
func usual(r rune) string {
	if choice := readings[r]; choice != nil {
		return choice[0].syllable
	}
	first, _, _ := strings.Cut(pinyin.PinyinDict[int(r)], ",")
	if first = toneless.Replace(first); strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return first
}

// toneless takes the tones off a syllable of the dictionary. The dictionary's own
// functions do it, too, by regular expressions, which take ten times as long.
var toneless = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ü", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v",
	"ń", "n", "ň", "n", "ǹ", "n", "ḿ", "m",
)
