package match_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/fault"
)

func company(names ...string) match.Subject { return match.Subject{Names: names} }

func person(given, family string) match.Subject {
	return match.Subject{Kind: match.Person, Given: given, Family: family}
}

func TestConditions(t *testing.T) {
	phone := func(s match.Subject, numbers ...string) match.Subject { s.Phones = numbers; return s }
	at := func(s match.Subject, a match.Address) match.Subject { s.Address = a; return s }
	holds, fails := match.Equal{Field: match.Name}, match.Equal{Field: match.Phone}
	for _, c := range []struct {
		name string
		when match.Condition
		a, b match.Subject
		want string // the reasons; empty where it does not hold
	}{
		{"equal", match.Equal{Field: match.Name}, company("Acme Inc."), company("ACME"), "name equal"},
		{"not equal", match.Equal{Field: match.Name}, company("Acme"), company("Acne"), ""},
		{"one of many", match.Equal{Field: match.Phone}, phone(company("a"), "111-2222", "333-4444"), phone(company("b"), "555-6666", "3334444"), "phone equal"},
		{"both empty", match.Equal{Field: match.Phone}, company("a"), company("a"), ""},
		{"prefix", match.Prefix{Field: match.Name, Length: 3}, company("华为技术"), company("华为技能"), "name prefix"},
		{"too short for the prefix", match.Prefix{Field: match.Name, Length: 3}, company("华为"), company("华为"), ""},
		{"other prefix", match.Prefix{Field: match.Name, Length: 3}, company("华为技术"), company("华为科技"), ""},
		{"similar", match.Similar{Field: match.Family, Min: 0.9}, person("", "Martha"), person("", "Marhta"), "family similar 0.96"},
		{"similar and equal", match.Similar{Field: match.Family, Min: 0.9}, person("", "Martha"), person("", "MARTHA"), "family equal"},
		{"not similar enough", match.Similar{Field: match.Family, Min: 0.97}, person("", "Martha"), person("", "Marhta"), ""},
		{"too short to be similar", match.Similar{Field: match.Family, Min: 0.1}, person("", "Li"), person("", "Lin"), ""},
		{"short and equal", match.Similar{Field: match.Family, Min: 0.9}, person("", "Li"), person("", "LI"), "family equal"},
		{"swapped", match.Similar{Field: match.Given, Min: 0.9}, person("Joshua", "Rudd"), person("Rudd", "Joshua"), "given equal, swapped"},
		{"swapped, one missing", match.AtLeast{N: 2, Of: []match.Condition{match.Equal{Field: match.Given}, match.Equal{Field: match.Family}}},
			person("", "Joshua"), person("Joshua", "Rudd"), ""},
		{"swapped lines", match.Similar{Field: match.Street, Min: 0.9}, at(company("a"), match.Address{Street: "noble close", Place: "st francis"}),
			at(company("b"), match.Address{Street: "st francis", Place: "nobel close"}), "street similar 0.98, swapped"},
		{"swapped city", match.Equal{Field: match.City}, at(company("a"), match.Address{City: "Bath", Postcode: "1234"}),
			at(company("b"), match.Address{City: "1234", Postcode: "bath"}), "city equal, swapped"},
		{"name in any order", match.Equal{Field: match.Name}, person("Na", "Li"), match.Subject{Kind: match.Person, Names: []string{"Li Na"}}, "name equal"},
		{"all of", match.And{holds, holds}, company("Acme"), company("Acme"), "name equal"},
		{"all but one", match.And{holds, fails}, company("Acme"), company("Acme"), ""},
		{"one of", match.Or{fails, holds}, company("Acme"), company("Acme"), "name equal"},
		{"none of", match.Or{fails, fails}, company("Acme"), company("Acme"), ""},
		{"two of three", match.AtLeast{N: 2, Of: []match.Condition{holds, fails, match.Prefix{Field: match.Name, Length: 1}}}, company("Acme"), company("Acme"), "name equal; name prefix"},
		{"three of three", match.AtLeast{N: 3, Of: []match.Condition{holds, fails, holds}}, company("Acme"), company("Acme"), ""},
		{"reasons of what failed are no reasons", match.Or{match.And{match.Prefix{Field: match.Name, Length: 1}, fails}, holds}, company("Acme"), company("Acme"), "name equal"},
		{"another kind", holds, company("Li Na"), person("Li", "Na"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := matcher(t, match.Rule{Name: "rule", Action: match.Warn, When: c.when})
			want := ""
			if c.want != "" {
				want = "warn, rule: " + c.want
			}
			require.Equal(t, want, m.Judge(c.a, c.b).String())
			require.Equal(t, want != "", m.Judge(c.b, c.a).Action == match.Warn)
		})
	}
}

func TestTheStrongestActionCounts(t *testing.T) {
	when := match.Equal{Field: match.Name}
	m := matcher(t,
		match.Rule{Name: "report", Action: match.Report, When: when},
		match.Rule{Name: "first", Action: match.Warn, When: when},
		match.Rule{Name: "second", Action: match.Warn, When: when},
		match.Rule{Name: "for persons", Kind: match.Person, Action: match.Block, When: when},
		match.Rule{Name: "never", Action: match.Block, When: match.Equal{Field: match.Phone}},
	)
	require.Equal(t, "first", m.Judge(company("Acme"), company("Acme")).Rule)
	require.Equal(t, "for persons", m.Judge(person("Li", "Na"), person("Li", "Na")).Rule)
	require.Equal(t, match.Verdict{}, m.Judge(company("Acme"), company("Other")))
	require.Equal(t, match.Verdict{}, matcher(t).Judge(company("Acme"), company("Acme")), "no rules")
}

func TestDefaultRules(t *testing.T) {
	m := defaults(t)
	with := func(s match.Subject, change func(s *match.Subject)) match.Subject { change(&s); return s }
	home := func(s *match.Subject) {
		s.Address = match.Address{Number: "12", Street: "Main Street", Place: "Rose House", City: "Bath", Postcode: "2315"}
	}
	line := func(s *match.Subject) { s.Phones = []string{"0755-28780808"} }
	taxed := func(s *match.Subject) { s.TaxID = "914403001922038216" }
	for _, c := range []struct {
		name string
		a, b match.Subject
		want match.Action
	}{
		{"tax id", with(company("明达"), taxed), with(company("远大"), taxed), match.Block},
		{"name", company("深圳市明达贸易有限公司"), company("深圳市明达贸易（集团）股份有限公司"), match.Warn},
		{"short name", company("华为技术有限公司", "华为"), company("华为"), match.Warn},
		{"name nearly", company("上海明达贸易有限公司"), company("上海明远贸易有限公司"), match.None},
		{"name nearly and phone", with(company("Shanghai Mingda Trading"), line), with(company("Shanghai Mingde Trading Ltd"), line), match.Warn},
		{"phone", with(company("明达"), line), with(company("远大"), line), match.Report},
		{"branches", company("华为技术有限公司北京分公司"), company("华为技术有限公司上海分公司"), match.None},
		{"namesakes", person("Wei", "Zhang"), person("Wei", "Zhang"), match.None},
		{"name and phone", with(person("Wei", "Zhang"), line), with(person("Zhang", "Wei"), line), match.Warn},
		{"family with one phone", with(person("Wei", "Zhang"), line), with(person("Na", "Zhang"), line), match.Report},
		{"colleagues", with(person("Wei", "Zhang"), func(s *match.Subject) { s.Company = "明达贸易有限公司" }),
			with(person("Na", "Li"), func(s *match.Subject) { s.Company = "明达贸易" }), match.None},
		{"name and employer", with(person("Wei", "Zhang"), func(s *match.Subject) { s.Company = "明达贸易有限公司" }),
			with(person("Wei", "Zhang"), func(s *match.Subject) { s.Company = "明达贸易" }), match.Warn},
		{"name and birth date", with(person("Joshua", "Rudd"), func(s *match.Subject) { s.Birth = "1990-05-17" }),
			with(person("Joshau", "Rudd"), func(s *match.Subject) { s.Birth = "19900517" }), match.Warn},
		{"address and name with slips", with(person("Joshua", "Rudd"), home), with(person("Joshau", "Rud"), func(s *match.Subject) {
			home(s)
			s.Address.Street, s.Address.Postcode, s.Address.Place = "Mainstret", "2351", ""
		}), match.Warn},
		{"relatives", with(person("Joshua", "Rudd"), home), with(person("Chloe", "Rudd"), home), match.Report},
		{"flatmates", with(person("Joshua", "Rudd"), home), with(person("Chloe", "Bright"), home), match.Report},
		{"three parts", with(person("Joshua", "Rudd"), home), with(person("Joshua", "Bright"), func(s *match.Subject) {
			s.Address.City, s.Address.Postcode = "Bath", "2315"
		}), match.None},
		{"neighbours", with(person("Joshua", "Rudd"), home), with(person("Chloe", "Bright"), func(s *match.Subject) {
			home(s)
			s.Address.Number = "14"
		}), match.None},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, m.Judge(c.a, c.b).Action, m.Judge(c.a, c.b))
			require.Equal(t, m.Judge(c.a, c.b), m.Judge(c.b, c.a))
		})
	}
}

// What is judged does not depend on which subject is named first, and a subject is the
// same as itself.
func TestJudgeIsSymmetric(t *testing.T) {
	m := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		d := dice(rapid.Uint64().Draw(t, "seed"))
		a := d.person(1)
		b := a
		for range rapid.IntRange(0, 8).Draw(t, "slips") {
			d.slip(&b)
		}
		require.Equal(t, m.Judge(a, b), m.Judge(b, a))
		require.Equal(t, match.Warn, m.Judge(a, a).Action)
	})
}

// A reason tells nothing that somebody typed.
func TestReasonsHoldNoValues(t *testing.T) {
	all := subjects()
	raw, err := json.Marshal(defaults(t).Judge(all[1], all[1]))
	require.NoError(t, err)
	require.JSONEq(t, `{"action":"warn","rule":"same person, same phone or e-mail","reasons":[{"field":"name","how":"equal","score":1},`+
		`{"field":"given","how":"similar","score":1},{"field":"family","how":"similar","score":1},{"field":"phone","how":"equal","score":1},{"field":"email","how":"equal","score":1}]}`, string(raw))
}

func TestAction(t *testing.T) {
	for a := match.None; a <= match.Block; a++ {
		text, err := a.MarshalText()
		require.NoError(t, err)
		var back match.Action
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, a, back)
	}
	_, err := match.Action(9).MarshalText()
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.Equal(t, "action(9)", match.Action(9).String())
	var a match.Action
	require.ErrorContains(t, a.UnmarshalText([]byte("forbid")), "there are none, report, warn, block")
}

func TestValidate(t *testing.T) {
	name := match.Equal{Field: match.Name}
	rule := func(when match.Condition) match.Rule { return match.Rule{Name: "r", Action: match.Warn, When: when} }
	deep := func(n int) match.Condition {
		var c match.Condition = name
		for range n {
			c = match.And{c}
		}
		return c
	}
	wide := make(match.Or, 100)
	for i := range wide {
		wide[i] = name
	}
	many := make([]match.Rule, 51)
	for i := range many {
		many[i] = match.Rule{Name: strings.Repeat("r", i+1), Action: match.Warn, When: name}
	}
	for want, rules := range map[string][]match.Rule{
		"a rule has a name":                       {{Action: match.Warn, When: name}},
		`two rules are called "r"`:                {rule(name), rule(name)},
		`unknown kind "firm"`:                     {{Name: "r", Kind: "firm", Action: match.Warn, When: name}},
		"the action of a rule is report, warn":    {{Name: "r", When: name}},
		"is report, warn or block":                {{Name: "r", Action: 9, When: name}},
		"a rule has a condition":                  {rule(nil)},
		"of others has at least one":              {rule(match.And{})},
		"has at least one":                        {rule(match.AtLeast{N: 1})},
		"at least 0 of 1":                         {rule(match.AtLeast{Of: []match.Condition{name}})},
		"at least 2 of 1":                         {rule(match.AtLeast{N: 2, Of: []match.Condition{name}})},
		`unknown field "colour"; there are [name`: {rule(match.Equal{Field: "colour"})},
		`unknown field ""`:                        {rule(match.Prefix{Length: 1})},
		"from 1 to 120":                           {rule(match.Prefix{Field: match.Name})},
		"the length of a prefix":                  {rule(match.Prefix{Field: match.Name, Length: 121})},
		"above 0 and at most 1":                   {rule(match.Similar{Field: match.Name})},
		"a likeness is":                           {rule(match.Similar{Field: match.Name, Min: 1.01})},
		"a likeness":                              {rule(match.Similar{Field: match.Name, Min: math.NaN()})},
		"at most 8 levels":                        {rule(deep(8))},
		"at most 100 conditions":                  {rule(wide)},
		"at most 50 rules":                        many,
	} {
		t.Run(want, func(t *testing.T) {
			_, err := match.New(rules, match.Options{})
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.ErrorContains(t, err, want)
		})
	}
	require.NoError(t, match.Validate(nil))
	require.NoError(t, match.Validate(append(many[:49], rule(deep(7)))[48:]))
	require.NoError(t, match.Validate([]match.Rule{rule(wide[:99])}))

	var err *fault.Error
	require.ErrorAs(t, match.Validate([]match.Rule{{When: match.Or{nil, match.Equal{}}}}), &err)
	require.Len(t, err.Fields, 4, "all offences are named")
}

// The rules of a Matcher are its own.
func TestMatcherKeepsItsRules(t *testing.T) {
	rules := []match.Rule{{Name: "r", Action: match.Warn, When: match.Equal{Field: match.Name}}}
	m := matcher(t, rules...)
	rules[0].Action = match.Block
	require.Equal(t, match.Warn, m.Judge(company("Acme"), company("Acme")).Action)
}
