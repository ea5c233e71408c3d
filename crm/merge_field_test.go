package crm_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestWhoMergesSeesAndChoosesTheirOwnFieldsOnly merges as somebody whose role keeps fields
// from them: they are told of them as reading tells, choose none of them, and lose none.
func TestWhoMergesSeesAndChoosesTheirOwnFieldsOnly(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		for _, name := range []string{"secret", "card", "colour", "grade"} {
			declare(t, app, settings.Field{Name: name, Type: "text"})
		}
		sys := crmtest.System(t, app)
		rules := map[string]org.FieldAccess{
			"phone": org.Hidden, "website": org.Hidden, "tax_id": org.Hidden, "email": org.Masked, "annual_revenue": org.Masked, "industry": org.ReadOnly,
			"custom.secret": org.Hidden, "custom.card": org.Masked, "custom.grade": org.ReadOnly,
		}
		role := &org.Role{Name: "clerk", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs(), Range: org.AllRange}}}
		for field, access := range rules {
			role.Fields = append(role.Fields, org.FieldRule{Kind: "customer", Field: field, Access: access})
		}
		role.Fields = append(role.Fields, org.FieldRule{Kind: "contact", Field: "inactive", Access: org.Hidden}, org.FieldRule{Kind: "contact", Field: "is_primary", Access: org.Hidden},
			org.FieldRule{Kind: "contact", Field: "mobile", Access: org.Hidden})
		clerk := must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: []schema.ID{must(sys.Admin.Roles.Create(ctx, role))(t).ID}}))(t).ID
		revenue := func(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }
		winner := must(sys.Customers.Create(ctx, &customer.Customer{Name: "A", Phone: "11111111", Email: "first@a.example", Industry: "steel", AnnualRevenue: revenue(1), Country: "Kenya",
			Meta: record.Meta{Custom: schema.Values{"secret": "s1", "card": "card 1111", "colour": "red", "grade": "1"}}}))(t).ID
		loser := must(sys.Customers.Create(ctx, &customer.Customer{Name: "B", Phone: "22222222", Email: "second@b.example", Industry: "paper", AnnualRevenue: revenue(2), Country: "Ghana",
			Website: "b.example", TaxID: "T-2", Meta: record.Meta{Custom: schema.Values{"secret": "s2", "card": "card 2222", "colour": "blue", "grade": "2"}}}))(t).ID
		before := content(t, app)
		s := crmtest.As(t, app, clerk)
		req := merge.Request{Winner: winner, Losers: []schema.ID{loser}}
		for field := range rules {
			for _, of := range []schema.ID{winner, loser} {
				chosen := req
				chosen.Take = map[string]schema.ID{field: of, "country": loser}
				for _, verb := range []func() (*merge.Result, error){
					func() (*merge.Result, error) { return s.Customers.Merge(ctx, chosen) },
					func() (*merge.Result, error) { return s.Customers.PreviewMerge(ctx, chosen) },
				} {
					_, err := verb()
					e := requireCode(t, err, storage.Forbidden)
					require.Len(t, e.Fields, 1, field)
					require.Equal(t, field, e.Fields[0].Name)
				}
			}
		}
		require.Equal(t, before, content(t, app))

		raw := func(text string) json.RawMessage { return must(json.Marshal(text))(t) }
		want := []merge.Difference{
			{Field: "name", LoserID: loser, Value: "B", Winner: "A"}, {Field: "industry", LoserID: loser, Value: "paper", Winner: "steel"},
			{Field: "country", LoserID: loser, Value: "Ghana", Winner: "Kenya"}, {Field: "custom.colour", LoserID: loser, Value: raw("blue"), Winner: raw("red")},
			{Field: "custom.card", LoserID: loser, Value: raw("***22"), Winner: raw("***11")}, {Field: "custom.grade", LoserID: loser, Value: raw("2"), Winner: raw("1")},
		}
		would, done := must(s.Customers.PreviewMerge(ctx, req))(t), must(s.Customers.Merge(ctx, req))(t)
		require.ElementsMatch(t, want, would.Differences, "both addresses read ***le")
		require.ElementsMatch(t, want, done.Differences)
		stored := must(sys.Customers.Get(ctx, winner))(t)
		require.Equal(t, []string{"11111111", "first@a.example", "b.example", "T-2"}, []string{stored.Phone, stored.Email, stored.Website, stored.TaxID}, "nothing is lost because of who merges")
		require.Equal(t, "s1", stored.Custom["secret"])

		unseen := func(entries []journal.Entry) {
			t.Helper()
			require.NotEmpty(t, entries)
			for _, e := range entries {
				for _, ch := range e.Changes {
					access, ruled := rules[ch.Field]
					require.True(t, e.Kind != "customer" || ch.Field != "custom" && (!ruled || access.Shown()), "%s tells of %s", e.Event, ch.Field)
				}
			}
		}
		unseen(must(s.Customers.History(ctx, winner, query.Select{}))(t).Items)
		unseen(must(s.Customers.History(ctx, loser, query.Select{}))(t).Items)
		unseen(must(s.Timeline(ctx, record.Ref{Kind: "customer", ID: winner}, query.Select{}))(t).Items)
		must(s.Customers.Unmerge(ctx, done.Merge.ID))(t)
		require.Equal(t, before, content(t, app), "also what they do not see goes back")

		people := must(sys.Customers.Contacts.CreateMany(ctx, "", &customer.Contact{Name: "Zhang", CustomerID: winner, Mobile: "1", Inactive: true}, &customer.Contact{Name: "Zhang", CustomerID: winner, Mobile: "2"}))(t)
		both := merge.Request{Winner: people[1].ID, Losers: []schema.ID{people[0].ID}}
		require.Empty(t, must(s.Customers.MergeContacts(ctx, both))(t).Differences)
		one := must(sys.Customers.Contacts.Get(ctx, people[0].ID))(t)
		require.Equal(t, []any{people[1].ID, "2", true, false}, []any{one.ID, one.Mobile, one.Primary, one.Inactive})
	})
}
