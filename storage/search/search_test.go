package search_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
	"github.com/kehucrm/kehu/storage/search/pinyin"
)

type firm struct {
	ID     schema.ID
	Name   string
	Short  string
	Code   string
	Phone  string
	Email  string
	UsedOn schema.Date
}

var firms = schema.Define[firm]("firm", schema.SortKeys("used_on"),
	schema.Search("used_on", schema.Words("name", "short", "code"), schema.Digits("phone"), schema.Words("email")))

// rowOf returns the row of a firm, without its search text.
func rowOf(f firm) []any {
	row := make([]any, len(firms.Columns()))
	for name, v := range map[string]string{"name": f.Name, "short": f.Short, "code": f.Code, "phone": f.Phone, "email": f.Email} {
		row[firms.Field(name).Position] = v
	}
	return row
}

func textOf(f firm) string { return search.Text(firms.Search(), rowOf(f)) }

var huawei = firm{Name: "华为技术有限公司", Short: "华为", Code: "HW-001", Phone: "+86 755-2878 0808", Email: "info@Huawei.com"}

func TestText(t *testing.T) {
	require.NoError(t, firms.Err())
	require.Equal(t, "\na\t华为技术有限公司\na\tHUAWEIJISHUYOUXIANGONGSI\na\tHWJSYXGS\nb\t华为\nb\tHUAWEI\nb\tHW\nc\thw-001\nd\tÈÆÇÅÅÂÈÇÈÀÈÀÈ\ne\tinfo@huawei.com", textOf(huawei))
	require.Empty(t, textOf(firm{Phone: "none"}))
	require.Equal(t, "\na\t"+strings.Repeat("x", search.MaxLine), textOf(firm{Name: strings.Repeat("x", 1000)}))
}

func TestHits(t *testing.T) {
	const misses, hits, begins = "misses", "hits", "begins"
	for _, c := range []struct{ text, want string }{
		// Chinese: two characters anywhere, one at the beginning.
		{"华为", begins}, {"技术", hits}, {"公司", hits}, {"华", begins}, {"技", misses}, {"術", misses}, {"为技术有", hits}, {"华为公司", misses},
		// Latin: three letters anywhere, fewer at the beginning; case, width and diacritics do not count.
		{"hua", begins}, {"wei", hits}, {"ei.c", hits}, {"ei", misses}, {"in", begins}, {"INFO@", begins}, {"ＨＷ－", begins}, {"-00", hits}, {"001", hits}, {"01", misses}, {"ínfo", begins},
		// Phone numbers: four digits anywhere, fewer at the beginning.
		{"0808", hits}, {"808", misses}, {"86", begins}, {"+86 755", begins}, {"(755) 2878", misses}, {"755-2878", hits}, {"28780808", hits}, {"0808 2878", hits}, {"ÈÆ", misses},
		// Pinyin: from the beginning only, in full or by initials.
		{"huaweij", begins}, {"hua wei ji", begins}, {"HWJS", begins}, {"h", begins}, {"jishu", misses}, {"yxgs", misses}, {"huaweijs", misses}, {"hw-0", begins}, {"hw_0", misses},
		// Several words: each of them must hit.
		{"技术 华为", hits}, {"华为 有限", hits}, {" 华为　 0808 ", hits}, {"华为 万科", misses}, {"技术 为", misses}, {"华为 808", misses},
		// Nothing.
		{"", misses}, {" \t　", misses}, {"\n", misses}, {"a", misses}, {"\ta", misses},
	} {
		q, err := search.New(firms.Search(), c.text, nil)
		require.NoError(t, err)
		got := misses
		switch text := textOf(huawei); {
		case q.Begins.Of(text):
			got = begins
		case q.Hits.Of(text):
			got = hits
		}
		require.Equal(t, c.want, got, "%q", c.text)
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		text   string
		fields []string
		want   bool
	}{
		{"0808", []string{"phone"}, true}, {"0808", []string{"name", "email"}, false}, {"华为", []string{"short"}, true}, {"技术", []string{"short"}, false},
		{"hw", []string{"short"}, true}, {"hwjs", []string{"short"}, false}, {"hwjs", []string{"name", "code"}, true}, {"hw-", []string{"name"}, false},
		{"wei", []string{"email"}, true}, {"wei", []string{"name", "phone"}, false}, {"huawei", []string{"phone"}, false}, {"华为 0808", []string{"name"}, false},
		{"华为 0808", []string{"phone"}, false}, {"华为 0808", []string{"name", "phone"}, true}, {"华为", []string{}, false}, {"86", []string{"phone"}, true}, {"86", []string{"code"}, false},
	} {
		q, err := search.New(firms.Search(), c.text, c.fields)
		require.NoError(t, err)
		require.Equal(t, c.want, q.Hits.Of(textOf(huawei)), "%q in %v", c.text, c.fields)
		require.True(t, !q.Hits.Never() || !c.want)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		fields []string
	}{
		"too long": {strings.Repeat("华", search.MaxText+1), nil}, "no text": {"a\xff", nil}, "NUL": {"a\x00", nil}, "another field": {"a", []string{"used_on"}}, "no field": {"a", []string{"x"}},
	} {
		_, err := search.New(firms.Search(), c.text, c.fields)
		require.ErrorIs(t, err, fault.ErrInvalid, name)
	}
	_, err := search.New(firms.Search(), strings.Repeat("华", search.MaxText), nil)
	require.NoError(t, err)
}

// plain says the same as the package in another way: from the fields, without a search
// text.
func plain(f firm, text string, fields []string) (hits, begins bool) {
	type value struct {
		name, text string
		digits     bool
	}
	var values []value
	for _, v := range []value{{"name", f.Name, false}, {"short", f.Short, false}, {"code", f.Code, false}, {"phone", f.Phone, true}, {"email", f.Email, false}} {
		if fields == nil || slices.Contains(fields, v.name) {
			values = append(values, v)
		}
	}
	onlyDigits := func(s string) string { return regexp.MustCompile(`[^0-9]`).ReplaceAllString(schema.Fold(s), "") }
	isNumber := regexp.MustCompile(`^[-+(). 0-9]*[0-9][-+(). 0-9]*$`).MatchString
	isSpelled := regexp.MustCompile(`^[a-z0-9 ]+$`).MatchString
	long := regexp.MustCompile(`[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Bopomofo}]{2}|[^ \p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Bopomofo}]{3}`).MatchString
	starts := func(v value, s string) bool {
		if v.digits {
			return isNumber(s) && strings.HasPrefix(onlyDigits(v.text), onlyDigits(s))
		}
		if strings.HasPrefix(schema.Fold(v.text), s) {
			return true
		}
		han := strings.ContainsFunc(schema.Fold(v.text), func(r rune) bool { return unicode.Is(unicode.Han, r) })
		typed := strings.ReplaceAll(s, " ", "")
		return han && isSpelled(s) && (strings.HasPrefix(pinyin.Full(v.text), typed) || strings.HasPrefix(pinyin.Initials(v.text), typed))
	}
	word := func(v value, s string) bool {
		if starts(v, s) {
			return true
		}
		if v.digits {
			return isNumber(s) && len(onlyDigits(s)) >= 4 && strings.Contains(onlyDigits(v.text), onlyDigits(s))
		}
		return long(s) && strings.Contains(schema.Fold(v.text), s)
	}
	text = schema.Fold(text)
	words := strings.Fields(text)
	if len(words) == 0 {
		return false, false
	}
	begins = slices.ContainsFunc(values, func(v value) bool { return starts(v, text) })
	hits = !slices.ContainsFunc(words, func(s string) bool {
		return !slices.ContainsFunc(values, func(v value) bool { return word(v, s) })
	})
	return hits || begins, begins
}

var (
	letters = rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("华为技术公司単重庆ア한ab c　Ｃé1２-+(8)②À"+"\t")), rapid.RuneFrom([]rune("华为ab12 ")), rapid.Rune()), 0, 12, -1)
	numbers = rapid.StringMatching(`\+?[0-3 ()-]{0,12}`)
	drawn   = rapid.Custom(func(t *rapid.T) firm {
		return firm{Name: letters.Draw(t, "name"), Short: letters.Draw(t, "short"), Code: letters.Draw(t, "code"), Phone: numbers.Draw(t, "phone"), Email: letters.Draw(t, "email")}
	})
)

// typed draws what somebody may look for: often a part of what is there, or its spelling.
func typed(t *rapid.T, f firm) string {
	s := rapid.SampledFrom([]string{f.Name, f.Short, f.Phone, f.Email, pinyin.Full(f.Name), pinyin.Initials(f.Short), f.Name + " " + f.Phone, letters.Draw(t, "other")}).Draw(t, "of")
	runes := []rune(s)
	from := rapid.SampledFrom([]int{0, rapid.IntRange(0, len(runes)).Draw(t, "from")}).Draw(t, "start")
	s = string(runes[from : from+rapid.IntRange(0, len(runes)-from).Draw(t, "length")])
	if rapid.Bool().Draw(t, "two words") {
		s += " " + letters.Draw(t, "second")
	}
	return s
}

// TestMeaning holds the conditions to the plain rules, for any record and any text, and
// their tokens to the conditions: what is hit has the tokens that are asked for.
func TestMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawn.Draw(t, "firm")
		text := typed(t, f)
		var fields []string
		if rapid.Bool().Draw(t, "limited") {
			fields = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"name", "short", "code", "phone", "email"}), rapid.ID).Draw(t, "fields")
		}
		q, err := search.New(firms.Search(), text, fields)
		if err != nil {
			return // it holds NUL
		}
		kept := textOf(f)
		hits, begins := plain(f, text, fields)
		require.Equal(t, begins, q.Begins.Of(kept), "%q begins", text)
		require.Equal(t, hits, q.Hits.Of(kept), "%q hits", text)
		require.False(t, q.OnlyBegins && hits && !begins, "%q", text)
		tokens := strings.Fields(search.Tokens("acme", kept))
		require.True(t, slices.IsSorted(tokens))
		for _, c := range []search.Condition{q.Hits, q.Begins} {
			if c.Of(kept) {
				require.True(t, has(tokens, c.Tokens("acme", "&", "|")), "%q is hit without its tokens", text)
				require.Regexp(t, `^[a-z2-7&|()]+$`, c.Tokens("acme", "&", "|"))
			}
			require.Equal(t, c.Never(), c.Tokens("acme", "&", "|") == "()")
		}
	})
}

// has evaluates a condition on tokens.
func has(tokens []string, condition string) bool {
	var some func(s string) (bool, string)
	one := func(s string) (bool, string) {
		if rest, ok := strings.CutPrefix(s, "("); ok {
			v, rest := some(rest)
			return v, strings.TrimPrefix(rest, ")")
		}
		end := strings.IndexAny(s+")", "&|()")
		return slices.Contains(tokens, s[:end]), s[end:]
	}
	some = func(s string) (bool, string) {
		v, rest := one(s)
		for rest != "" && rest[0] != ')' {
			op := rest[0]
			var next bool
			if next, rest = one(rest[1:]); op == '&' {
				v = v && next
			} else {
				v = v || next
			}
		}
		return v, rest
	}
	v, _ := some(condition)
	return v
}

func TestTokensAreSalted(t *testing.T) {
	text := textOf(huawei)
	require.Equal(t, search.Tokens("acme", text), search.Tokens("acme", text))
	for token := range strings.FieldsSeq(search.Tokens("acme", text)) {
		require.NotContains(t, search.Tokens("other", text), token)
	}
	require.Empty(t, search.Tokens("acme", ""))
}

func BenchmarkText(b *testing.B) {
	row := rowOf(huawei)
	for b.Loop() {
		search.Text(firms.Search(), row)
	}
}

func BenchmarkTokens(b *testing.B) {
	text := textOf(huawei)
	for b.Loop() {
		search.Tokens("acme", text)
	}
}
