package settings_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage/memory"
)

// TestDictionariesAreInOrder holds that the entries of a dictionary stand in order of
// position and code, whatever the order in which they came.
func TestDictionariesAreInOrder(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	tenants := 0
	rapid.Check(t, func(r *rapid.T) {
		tenants++
		s := crmtest.System(t, app.Tenant(fmt.Sprint("tenant ", tenants)))
		codes := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c行]{1,4}`), 1, 12, rapid.ID[string]).Draw(r, "codes")
		entries := make([]*settings.Entry, len(codes))
		for i, code := range codes {
			entries[i] = &settings.Entry{Dictionary: "d", Code: code, Position: rapid.Int64Range(-2, 2).Draw(r, "position"), Retired: rapid.Bool().Draw(r, "retired")}
		}
		_, err := s.Admin.Dictionary.CreateMany(t.Context(), "", append(slices.Clone(entries), &settings.Entry{Dictionary: "D", Code: codes[0]})...)
		require.NoError(r, err)
		set, err := s.Settings(t.Context())
		require.NoError(r, err)
		slices.SortFunc(entries, func(a, b *settings.Entry) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Code, b.Code))
		})
		require.Equal(r, codesOf(entries), codesOf(set.Dictionary("d")))
		require.Equal(r, codes[:1], codesOf(set.Dictionary("D")), "names are told apart by case")
		for _, e := range entries {
			require.Equal(r, e.Retired, set.Entry("d", e.Code).Retired)
		}
		require.Nil(r, set.Entry("d", "nothing"))
		require.Nil(r, set.Entry("nothing", codes[0]))
		require.Empty(r, set.Dictionary("nothing"))
	})
}

func codesOf(entries []*settings.Entry) []string {
	codes := make([]string, len(entries))
	for i, e := range entries {
		codes[i] = e.Code
	}
	return codes
}

func TestASnapshotOfNothing(t *testing.T) {
	set, err := crmtest.System(t, crmtest.Open(t, memory.Open())).Settings(t.Context())
	require.NoError(t, err)
	require.Zero(t, set.Version())
	require.Empty(t, set.Dictionary("customer.industry"))
	require.Empty(t, set.Fields("customer"))
	require.Empty(t, set.NumberRules("customer"))
	require.NotNil(t, set.Kinds().Registry().Kind("customer"))
}

func TestNumberRulesOfAKind(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	s := crmtest.System(t, app)
	for _, field := range []string{"tax_id", "code"} {
		_, err := s.Admin.Numbers.Create(t.Context(), &settings.NumberRule{Kind: "customer", Field: field, Pattern: field + "-{0}", Reset: settings.Never})
		require.NoError(t, err)
	}
	set, err := s.Settings(t.Context())
	require.NoError(t, err)
	rules := set.NumberRules("customer")
	require.Equal(t, []string{"code", "tax_id"}, []string{rules[0].Field, rules[1].Field})
	require.Equal(t, "code-{0}", rules[0].Pattern)
	require.Empty(t, set.NumberRules("contact"))
	require.EqualValues(t, 2, set.Version())
	_, err = crmtest.System(t, app.Tenant("other")).Settings(t.Context())
	require.NoError(t, err)
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		label    settings.Label
		language string
		want     string
	}{
		{settings.Label{EN: "Press", ZH: "报刊"}, "en", "Press"}, {settings.Label{EN: "Press", ZH: "报刊"}, "zh", "报刊"}, {settings.Label{EN: "Press", ZH: "报刊"}, "de", "Press"},
		{settings.Label{EN: "Press"}, "zh", "Press"}, {settings.Label{ZH: "报刊"}, "en", "报刊"}, {settings.Label{}, "en", ""}, {settings.Label{}, "zh", ""},
	} {
		require.Equal(t, c.want, c.label.In(c.language), "%+v in %s", c.label, c.language)
	}
}
