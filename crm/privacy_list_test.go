package crm_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/query"
)

// TestNoListKeepsAnErasedPerson erases somebody whom one list has changed, and whom another
// one brings again: neither keeps anything that either of them said.
func TestNoListKeepsAnErasedPerson(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme", Code: "A"}))(t).ID
		her := must(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: company, Name: "Marked Person", Title: "Marked title", Email: "marked@example.com"}))(t)
		changed := "email,name,title,customer\nmarked@example.com,Marked Person,Marked later,A\n"
		job, wrong := imported(t, s, planned(t, s, "contact", changed, "email"), changed)
		require.Equal(t, int64(1), job.Updated, wrong)
		before := wholeStore(t, app)
		require.Contains(t, before["import_line"], "Marked title", "what the list has changed is kept for undoing")

		must(s.Privacy.Erase(ctx, record.Ref{Kind: "contact", ID: her.ID}, privacy.Options{Reason: "asked"}))(t)
		job, wrong = imported(t, s, planned(t, s, "contact", changed, "email"), changed)
		require.Equal(t, int64(1), job.Refused)
		require.Contains(t, wrong, "erased")
		for kind, rows := range wholeStore(t, app) {
			require.NotContains(t, strings.ToLower(rows), "marked", kind)
		}
		n := must(s.Customers.Contacts.Count(ctx, query.Eq("customer_id", company)))(t)
		require.Equal(t, int64(1), n)
	})
}

// wholeStore returns all rows of a tenant by kind, as text.
func wholeStore(t *testing.T, app *crm.App) map[string]string {
	t.Helper()
	out := map[string]string{}
	for kind, rows := range dump(t, app) {
		out[kind] = strings.Join(rows, "\n")
	}
	return out
}
