package settings_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestNumberRuleCheck(t *testing.T) {
	const braces, once = "braces hold yyyy, yy, mm, dd or 1 to 12 zeros", "has the running number once, as zeros in braces"
	for _, c := range []struct {
		pattern string
		reset   settings.Reset
		want    string // empty: nothing
	}{
		{"{0}", settings.Never, ""},
		{"C{yyyy}{mm}-{0000}", settings.Monthly, ""},
		{"C{yyyy}{mm}-{0000}", settings.Never, ""},
		{"客户{yy}第{000000000000}号", settings.Yearly, ""},
		{"{dd}.{mm}.{yy}/{00}", settings.Daily, ""},
		{"100% }-{0}", settings.Never, ""},
		{"", settings.Never, once},
		{"C", settings.Never, once},
		{"{0}{00}", settings.Never, once},
		{"{yyyy}", settings.Yearly, once},
		{"{}", settings.Never, braces},
		{"{0000000000000}", settings.Never, braces},
		{"{ 0 }", settings.Never, braces},
		{"{０}", settings.Never, braces},
		{"{YYYY}{0}", settings.Never, braces},
		{"{yyyy mm}{0}", settings.Never, braces},
		{"{hh}{0}", settings.Never, braces},
		{"{0", settings.Never, braces},
		{"{0}{", settings.Never, braces},
		{"{{0}}", settings.Never, braces},
		{"{0}", settings.Yearly, "numbers begin anew yearly, so the pattern needs {yyyy} or {yy}"},
		{"{mm}{0}", settings.Monthly, "numbers begin anew monthly, so the pattern needs {yyyy} or {yy}"},
		{"{yyyy}{0}", settings.Monthly, "numbers begin anew monthly, so the pattern needs {mm}"},
		{"{yyyy}{dd}{0}", settings.Daily, "numbers begin anew daily, so the pattern needs {mm}"},
		{"{yy}{mm}{0}", settings.Daily, "numbers begin anew daily, so the pattern needs {dd}"},
	} {
		r := settings.NumberRule{Pattern: c.pattern, Reset: c.reset}
		offences := r.Check()
		if c.want == "" {
			require.Empty(t, offences, c.pattern)
			continue
		}
		require.Len(t, offences, 1, c.pattern)
		require.Equal(t, []string{"pattern", "pattern", c.want}, []string{offences[0].Name, offences[0].Code, offences[0].Message}, c.pattern)
	}
}

func TestNumberRuleFormat(t *testing.T) {
	day := schema.NewDate(2026, time.March, 7)
	for _, c := range []struct {
		pattern string
		on      schema.Date
		n       int64
		want    string
	}{
		{"C{yyyy}{mm}-{0000}", day, 1, "C202603-0001"},
		{"C{yyyy}{mm}-{0000}", day, 9999, "C202603-9999"},
		{"C{yyyy}{mm}-{0000}", day, 10000, "C202603-10000"},
		{"{0}/{dd}.{mm}.{yy}", day, 12, "12/07.03.26"},
		{"第{00}号", day, 3, "第03号"},
		{"100% %d {0}}", day, 5, "100% %d 5}"},
		{"{yyyy}{yy}-{00}", schema.NewDate(987, time.December, 31), 1, "098787-01"},
		{"{yyyy}{mm}{dd}{0}", schema.Date{}, 1, "000000001"},
		{"{0}", day, 1<<63 - 1, "9223372036854775807"},
	} {
		r := settings.NumberRule{Pattern: c.pattern}
		require.Equal(t, c.want, r.Format(c.on, c.n), c.pattern)
	}
}

func TestNumberRulePeriod(t *testing.T) {
	rule := func(reset settings.Reset) settings.NumberRule {
		r := settings.NumberRule{Reset: reset}
		r.ID = schema.NameID("rule")
		return r
	}
	day := schema.NewDate(2026, time.March, 7)
	for reset, differs := range map[settings.Reset][3]bool{ // on another day, month, year
		settings.Never: {false, false, false}, settings.Yearly: {false, false, true}, settings.Monthly: {false, true, true}, settings.Daily: {true, true, true},
	} {
		r := rule(reset)
		for i, other := range []schema.Date{day.AddDays(1), schema.NewDate(2026, time.April, 7), schema.NewDate(2027, time.March, 7)} {
			require.Equal(t, differs[i], r.Period(day) != r.Period(other), "%s, %s", reset, other)
		}
		require.NotPanics(t, func() { r.Period(schema.Date{}) })
		other := r
		other.ID = schema.NameID("other rule")
		require.NotEqual(t, r.Period(day), other.Period(day), "each rule counts for itself")
	}
}

// TestNumbersDiffer holds that a rule which passes Check gives no number twice: of two
// numbers that were counted apart, within a century.
func TestNumbersDiffer(t *testing.T) {
	date := rapid.Custom(func(t *rapid.T) schema.Date {
		return schema.NewDate(2000, time.January, 1).AddDays(rapid.IntRange(0, 36524).Draw(t, "day"))
	})
	rapid.Check(t, func(t *rapid.T) {
		r := settings.NumberRule{Reset: rapid.SampledFrom([]settings.Reset{settings.Never, settings.Yearly, settings.Monthly, settings.Daily}).Draw(t, "reset")}
		parts := append(rapid.SliceOfN(rapid.SampledFrom([]string{"{yyyy}", "{yy}", "{mm}", "{dd}", "C", "1", "-", "号"}), 0, 5).Draw(t, "parts"),
			rapid.SampledFrom([]string{"{0}", "{000}"}).Draw(t, "number"))
		for _, part := range rapid.Permutation(parts).Draw(t, "pattern") {
			r.Pattern += part
		}
		if len(r.Check()) > 0 {
			return
		}
		a, b := date.Draw(t, "a"), date.Draw(t, "b")
		m, n := rapid.Int64Range(1, 2000).Draw(t, "m"), rapid.Int64Range(1, 2000).Draw(t, "n")
		if r.Period(a) != r.Period(b) || m != n {
			require.NotEqual(t, r.Format(a, m), r.Format(b, n), r.Pattern)
		}
	})
}

func TestNumberRuleColumn(t *testing.T) {
	type sheet struct {
		ID     schema.ID
		Code   string `crm:"code,search"`
		Count  int64
		Status *string
	}
	k := schema.Define[sheet]("sheet").Kind
	for field, want := range map[string]bool{"code": true, "code_fold": false, "count": false, "status": false, "nothing": false, "": false} {
		r := settings.NumberRule{Field: field}
		if f := r.Column(k); want {
			require.NotNil(t, f, field)
			require.Equal(t, field, f.Name)
		} else {
			require.Nil(t, f, field)
		}
	}
	require.NotNil(t, k.Field("code_fold"), "there is a column that is searched")
}
