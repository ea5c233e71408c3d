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

func TestRulesAsJSON(t *testing.T) {
	raw := `[{"name":"similar","kind":"organisation","action":"warn","when":{"op":"and","of":[` +
		`{"op":"similar","field":"name","min":0.75},{"op":"or","of":[{"op":"eq","field":"phone"},{"op":"prefix","field":"street","length":4}]},` +
		`{"op":"at_least","of":[{"op":"eq","field":"city"},{"op":"eq","field":"postcode"}],"n":1}]}}]`
	rules := []match.Rule{{Name: "similar", Kind: match.Organisation, Action: match.Warn, When: match.And{
		match.Similar{Field: match.Name, Min: 0.75},
		match.Or{match.Equal{Field: match.Phone}, match.Prefix{Field: match.Street, Length: 4}},
		match.AtLeast{N: 1, Of: []match.Condition{match.Equal{Field: match.City}, match.Equal{Field: match.Postcode}}},
	}}}
	read, err := match.ParseRules([]byte(raw))
	require.NoError(t, err)
	require.Equal(t, rules, read)
	written, err := json.Marshal(rules)
	require.NoError(t, err)
	require.Equal(t, raw, string(written))
}

// conditions draws valid conditions of a depth.
func conditions(depth int) *rapid.Generator[match.Condition] {
	field := rapid.SampledFrom([]match.Field{match.Name, match.Company, match.Given, match.Family, match.Street, match.Place, match.City, match.Region,
		match.Number, match.Postcode, match.Birth, match.TaxID, match.Phone, match.Email, match.Domain})
	return rapid.Custom(func(t *rapid.T) match.Condition {
		f := field.Draw(t, "field")
		most := 5
		if depth == 1 {
			most = 2
		}
		op := rapid.IntRange(0, most).Draw(t, "op")
		switch op {
		case 0:
			return match.Equal{Field: f}
		case 1:
			return match.Prefix{Field: f, Length: rapid.IntRange(1, 120).Draw(t, "length")}
		case 2:
			return match.Similar{Field: f, Min: rapid.Float64Range(math.SmallestNonzeroFloat64, 1).Draw(t, "min")}
		}
		of := rapid.SliceOfN(conditions(depth-1), 1, 3).Draw(t, "of")
		switch op {
		case 3:
			return match.And(of)
		case 4:
			return match.Or(of)
		}
		return match.AtLeast{N: rapid.IntRange(1, len(of)).Draw(t, "n"), Of: of}
	})
}

func TestRulesAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := []match.Rule{{Name: rapid.StringN(1, 9, 30).Draw(t, "name"), Kind: rapid.SampledFrom([]match.Kind{"", match.Person}).Draw(t, "kind"),
			Action: match.Action(rapid.IntRange(int(match.Report), int(match.Block)).Draw(t, "action")), When: conditions(4).Draw(t, "when")}}
		require.NoError(t, match.Validate(rules))
		raw, err := json.Marshal(rules)
		require.NoError(t, err)
		read, err := match.ParseRules(raw)
		require.NoError(t, err)
		require.Equal(t, rules, read)
	})
}

func TestJSONThatHoldsNoRules(t *testing.T) {
	rule := func(when string) string { return `[{"name":"r","action":"warn","when":` + when + `}]` }
	for raw, want := range map[string]string{
		"":                                    "another form",
		"{}":                                  "another form",
		"[] []":                               "another form",
		`[{"name":"r","action":"shout"}]`:     "unknown action",
		`[{"name":"r","action":1}]`:           "another form",
		`[{"name":"r","color":"red"}]`:        "another form",
		`[{"name":"r","action":"warn"}]`:      "another form",
		rule(`null`):                          "unknown op",
		rule(`{"op":"like"}`):                 "there are and, or, at_least, eq, prefix, similar",
		rule(`{"op":"eq","fields":"name"}`):   "another form",
		rule(`{"op":"eq","field":"name"} {}`): "another form",
		rule(`{"op":"eq","field":"nom"}`):     "unknown field",
		rule(`{"op":"or","of":[null]}`):       "unknown op",
		rule(`{"op":"at_least","n":1.5}`):     "another form",
		rule(`{"op":"similar","field":"name","min":1e999}`):                         "another form",
		rule(strings.Repeat(`{"op":"and","of":[`, 100) + strings.Repeat(`]}`, 100)): "8 levels",
		`[` + strings.Repeat(" ", 1<<20) + `]`:                                      "1 MiB",
	} {
		_, err := match.ParseRules([]byte(raw))
		require.ErrorIs(t, err, fault.ErrInvalid, raw)
		require.ErrorContains(t, err, want, raw)
	}
}

func TestRulesThatCannotBeWritten(t *testing.T) {
	deep := match.Condition(match.Equal{Field: match.Name})
	for range 9 {
		deep = match.And{deep}
	}
	for _, r := range []match.Rule{{}, {Action: match.Warn}, {Action: 9, When: match.Equal{}}, {Action: match.Warn, When: match.Similar{Min: math.NaN()}},
		{Action: match.Warn, When: match.Or{nil}}, {Action: match.Warn, When: deep}} {
		_, err := r.MarshalJSON()
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}
