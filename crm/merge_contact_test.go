package crm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestMergeContacts(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		zhang, li := w.contacts(t) // zhang is the primary one
		require.NoError(t, w.consent(t, zhang, customer.ConsentWithdrawn))
		require.NoError(t, w.consent(t, li, customer.ConsentGiven))
		sys := crmtest.System(t, app)
		req := merge.Request{Winner: li, Losers: []schema.ID{zhang}, Reason: "married"}
		before, rows := content(t, app), dump(t, app)
		would := must(sys.Customers.PreviewMergeContacts(ctx, req))(t)
		require.Equal(t, rows, dump(t, app), "a preview changes nothing")
		done := must(sys.Customers.MergeContacts(ctx, req))(t)
		requireSound(t, app)
		require.Equal(t, done.Differences, would.Differences)
		require.Equal(t, []merge.Difference{{Field: "name", LoserID: zhang, Value: "Zhang", Winner: "Li"}}, done.Differences)
		require.Equal(t, done.Merge.Counts, would.Merge.Counts)
		require.Equal(t, []merge.Count{{Kind: "consent_entry", Moved: 1}}, done.Merge.Counts)
		require.Equal(t, []any{done.Merge.WinnerID, done.Merge.LoserIDs, done.Merge.Reason}, []any{would.Merge.WinnerID, would.Merge.LoserIDs, would.Merge.Reason})
		require.Empty(t, append(would.Gains, would.Loses...), "a contact is seen by whoever sees its customer")
		one := must(sys.Customers.Contacts.Get(ctx, zhang))(t)
		require.Equal(t, li, one.ID)
		require.True(t, one.Primary)
		require.Equal(t, customer.ConsentWithdrawn, must(sys.Customers.Consent(ctx, one.CustomerID, li, customer.Email, customer.ForMarketing))(t))
		must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		requireSound(t, app)
		require.Equal(t, before, content(t, app), "who was the primary one is so again")
		require.Equal(t, customer.ConsentGiven, must(sys.Customers.Consent(ctx, one.CustomerID, li, customer.Email, customer.ForMarketing))(t))

		elsewhere, _ := w.contacts(t)
		rows = dump(t, app)
		for name, test := range map[string]struct {
			as   *crm.Session
			req  merge.Request
			code storage.Code
		}{
			"of another customer": {sys, merge.Request{Winner: li, Losers: []schema.ID{elsewhere}}, storage.Precondition},
			"without the verb":    {crmtest.As(t, app, w.boss), req, storage.Forbidden},
			"hidden":              {crmtest.As(t, app, crmtest.Hire(t, app, "Eve", schema.ID{}, schema.ID{})), req, storage.NotFound},
			"none":                {sys, merge.Request{Winner: li}, storage.Invalid},
		} {
			_, err := test.as.Customers.MergeContacts(ctx, test.req)
			requireCode(t, err, test.code)
			_, other := test.as.Customers.PreviewMergeContacts(ctx, test.req)
			require.Equal(t, err, other, name)
		}
		now := dump(t, app)
		for _, kind := range []string{"contact", "consent", "consent_entry", "merge", "tombstone"} {
			require.Equal(t, rows[kind], now[kind])
		}
	})
}

// TestAPrimaryContactThatWasMerged undoes merges of the primary contact when somebody else is it.
func TestAPrimaryContactThatWasMerged(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		zhang, li := w.contacts(t)
		sys := crmtest.System(t, app)
		c := must(sys.Customers.Contacts.Get(ctx, li))(t).CustomerID
		wang := must(sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Wang", CustomerID: c}))(t).ID
		leads := func(id schema.ID) {
			t.Helper()
			requireSound(t, app)
			require.True(t, must(sys.Customers.Contacts.Get(ctx, id))(t).Primary)
		}
		first := must(sys.Customers.MergeContacts(ctx, merge.Request{Winner: li, Losers: []schema.ID{zhang}}))(t)
		leads(li)
		second := must(sys.Customers.MergeContacts(ctx, merge.Request{Winner: wang, Losers: []schema.ID{zhang}}))(t) // who is li by now
		require.Equal(t, []schema.ID{li}, second.Merge.LoserIDs)
		leads(wang)
		must(sys.Customers.Unmerge(ctx, second.Merge.ID))(t)
		leads(li)
		must(sys.Customers.MakePrimary(ctx, wang))(t)
		must(sys.Customers.Unmerge(ctx, first.Merge.ID))(t)
		leads(wang)
	})
}
