package match_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/customer/match"
)

// keysOf writes keys as "kind value".
func keysOf(m *match.Matcher, s match.Subject) []string {
	var list []string
	for _, k := range m.Keys(s) {
		list = append(list, string(k.Kind)+" "+k.Value)
	}
	return list
}

func TestKeys(t *testing.T) {
	m := defaults(t)
	all := subjects()
	require.Equal(t, []string{
		"company mingdatrading", "company 明达", "company 深圳市明达贸易",
		"company_start ming", "company_start 明达", "company_start 明达贸易",
		"domain mingda.example", "domain mingda.example.com",
		"email info@mingda.example.com",
		"line_city 创新大厦|深圳", "line_city 坂田街道|深圳",
		"line_number 创新大厦|12", "line_number 坂田街道|12",
		"phone 075528780808",
		"tax_id 914403001922038216",
	}, keysOf(m, all[0]))
	require.Equal(t, []string{
		"email lina@qq.com",
		"line_city 创新大厦|深圳", "line_city 坂田街道|深圳",
		"line_number 创新大厦|12", "line_number 坂田街道|12",
		"name lina",
		"name_birth li|19900517", "name_birth na|19900517",
		"name_postcode li|112589", "name_postcode na|112589",
		"name_start li|na",
		"phone 13800138000",
	}, keysOf(m, all[1]))
}

func TestKeysOfLittle(t *testing.T) {
	m := defaults(t)
	for name, s := range map[string]match.Subject{
		"nothing":        {},
		"unknown":        {Names: []string{"N/A", "未知", "-"}, Phones: []string{"", "无", "000000"}, Emails: []string{"none"}, TaxID: "0000000000"},
		"one character":  {Names: []string{"A", "有限公司 A"}},
		"region":         {Address: match.Address{Region: "广东省", Postcode: "518129", Number: "1"}},
		"person unnamed": {Kind: match.Person, Birth: "1990-05-17"},
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, m.Keys(s)) })
	}
}

// Full names, other orders and other places of the number give the same keys.
func TestKeysAgree(t *testing.T) {
	m := defaults(t)
	for name, pair := range map[string][2]match.Subject{
		"full name":      {{Kind: match.Person, Given: "伟", Family: "张"}, {Kind: match.Person, Names: []string{"张伟"}}},
		"swapped":        {{Kind: match.Person, Given: "Na", Family: "Li", Birth: "19900517"}, {Kind: match.Person, Given: "Li", Family: "Na", Birth: "1990-5-17"}},
		"number in line": {{Address: match.Address{Street: "中山路12号", City: "上海市"}}, {Address: match.Address{Street: "中山路", Number: "12", City: "上海"}}},
		"German number":  {{Address: match.Address{Street: "Hauptstr. 12a", City: "Köln"}}, {Address: match.Address{Street: "Hauptstr", Number: "12 A", City: "koln"}}},
		"English number": {{Address: match.Address{Street: "12 Main St", City: "Bath"}}, {Address: match.Address{Street: "Main Street", Number: "12", City: "Bath"}}},
		"no kind":        {{Names: []string{"Acme"}}, {Kind: match.Organisation, Names: []string{"ACME Inc."}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, m.Keys(pair[0]))
			require.Equal(t, m.Keys(pair[0]), m.Keys(pair[1]))
		})
	}
}

func TestKeysAreFew(t *testing.T) {
	m := defaults(t)
	many := func(format string) (list []string) {
		for i := range 1000 {
			list = append(list, fmt.Sprintf(format, i+100))
		}
		return list
	}
	s := match.Subject{Names: many("company %d"), Phones: many("555-0%d"), Emails: many("li@%d.example"), Website: "own.example", TaxID: "123456789",
		Given: "a", Family: "b", Birth: "19900101", Address: match.Address{Number: "1", Street: "street", Place: "place", City: "city", Postcode: "1234"}}
	for _, kind := range []match.Kind{match.Organisation, match.Person} {
		s.Kind = kind
		keys := m.Keys(s)
		require.LessOrEqual(t, len(keys), match.MaxKeys)
		require.Contains(t, keys, match.Key{Kind: match.KeyPhone, Value: "5550104"})
		require.NotContains(t, keys, match.Key{Kind: match.KeyPhone, Value: "5550105"})
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOf(text)
		s := match.Subject{Kind: rapid.SampledFrom([]match.Kind{"", match.Person, "other"}).Draw(t, "kind"), Names: draw.Draw(t, "names"), Given: text.Draw(t, "given"),
			Family: text.Draw(t, "family"), Phones: draw.Draw(t, "phones"), Emails: draw.Draw(t, "emails"), Birth: text.Draw(t, "birth"),
			Address: match.Address{Street: text.Draw(t, "street"), City: text.Draw(t, "city"), Postcode: text.Draw(t, "postcode")}}
		keys := m.Keys(s)
		require.LessOrEqual(t, len(keys), match.MaxKeys)
		for i, k := range keys {
			require.NotEmpty(t, k.Value)
			require.LessOrEqual(t, len(k.Value), 1000)
			if i > 0 {
				require.NotEqual(t, keys[i-1], k)
			}
		}
	})
}

// dialled is a PhoneNormaliser that knows Chinese numbers.
type dialled struct{}

func (dialled) Normalise(text, region string) (string, error) {
	digits, err := match.Digits{}.Normalise(text, region)
	if err != nil || region != "CN" {
		return "", errors.New("unknown")
	}
	return "+86" + strings.TrimPrefix(strings.TrimPrefix(digits, "86"), "0"), nil
}

func TestPhoneNormaliser(t *testing.T) {
	m, err := match.New(nil, match.Options{Phones: dialled{}, Region: "CN"})
	require.NoError(t, err)
	s := match.Subject{Phones: []string{"+86 755 28780808", "0755-28780808", "无"}}
	require.Equal(t, []string{"phone +8675528780808"}, keysOf(m, s))

	// A number that the host's normaliser does not know is compared by its digits.
	m, err = match.New(nil, match.Options{Phones: dialled{}})
	require.NoError(t, err)
	require.Equal(t, []string{"phone 075528780808", "phone 8675528780808"}, keysOf(m, s))
}

func TestCandidates(t *testing.T) {
	ids := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%02d", i))
		}
		return list
	}
	start, name := match.Key{Kind: match.KeyNameStart, Value: "li|na"}, match.Key{Kind: match.KeyNameBirth, Value: "li|19900517"}
	phone := match.Key{Kind: match.KeyPhone, Value: "13800138000"}
	found, dropped := match.Candidates([]match.Hit{{start, ids(match.MaxHits + 1)}, {name, []string{"x", "b", "x"}}, {phone, nil}})
	require.Equal(t, []string{"b", "x"}, found)
	require.Equal(t, []match.Key{start}, dropped)

	found, dropped = match.Candidates([]match.Hit{{start, ids(match.MaxHits)}, {phone, append(ids(match.MaxHits), "zz")}})
	require.Equal(t, ids(match.MaxHits), found, "what has one phone is the same, but there may be too many of it")
	require.Empty(t, dropped)

	found, dropped = match.Candidates(nil)
	require.Empty(t, found)
	require.Empty(t, dropped)
}
