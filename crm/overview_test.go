package crm_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/overview"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// invoices is a section of a host's own.
func invoices() crm.Option {
	return crm.WithSections(overview.Provider{Of: "customer", Name: "invoices", Page: func(_ context.Context, _ *session.Session, of record.Ref, q query.Select) ([]any, string, error) {
		return []any{"invoice of " + of.ID.String(), q.Limit}, "more", nil
	}})
}

func TestOverview(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newPair(t, app)
		of := record.Ref{Kind: "customer", ID: w.winner.ID}
		sys := crmtest.System(t, app)
		view := must(sys.Overview(ctx, of, overview.Options{}))(t)
		require.Equal(t, w.winner.Name, view.Record.(*customer.Customer).Name)
		names := []string{}
		for _, section := range view.Sections {
			names = append(names, section.Name)
		}
		for _, want := range []string{"contacts", "addresses", "team", "relations", "related", "consents", "consent_entries", "subsidiaries", "opportunities", "document", "visit", "owner_change", "invoices"} {
			require.Contains(t, names, want)
		}
		require.NotContains(t, names, "match_key")
		require.Equal(t, []any{"invoice of " + w.winner.ID.String(), 10}, view.Section("invoices").Items)
		require.IsType(t, &opportunity.Opportunity{}, view.Section("opportunities").Items[0])
		require.IsType(t, &document.Document{}, view.Section("document").Items[0])

		next := crmtest.Hire(t, app, "Next", schema.ID{}, schema.ID{})
		must(sys.Customers.Edit(ctx, w.winner.ID, func(c *customer.Customer) error { c.OwnerID = next; return nil }))(t)
		owners := must(crmtest.As(t, app, next).Overview(ctx, of, overview.Options{Only: []string{"owner_change"}}))(t).Sections[0]
		require.Equal(t, next, owners.Items[0].(*session.OwnerChange).ToID)
		_, err := sys.Overview(ctx, record.Ref{Kind: "customer", ID: w.winner.ID}, overview.Options{Only: []string{"owner_change", "ghosts"}})
		requireCode(t, err, storage.Invalid)
		_, err = sys.Overview(ctx, record.Ref{Kind: "employee", ID: next}, overview.Options{Only: []string{"owner_change"}})
		requireCode(t, err, storage.Invalid) // a kind without owner has no such section

		// Page after page, the latest first.
		var people []string
		o := overview.Options{Only: []string{"contacts"}, Limit: 1, Cursors: map[string]string{}}
		for {
			section := must(sys.Overview(ctx, of, o))(t).Sections[0]
			for _, item := range section.Items {
				people = append(people, item.(*customer.Contact).Name)
			}
			if o.Cursors["contacts"] = section.Next; section.Next == "" {
				break
			}
		}
		slices.Sort(people)
		require.Equal(t, []string{"Li", "Zhang"}, people)
		_, err = sys.Overview(ctx, of, overview.Options{Only: []string{"ghosts"}})
		requireCode(t, err, storage.Invalid)
		_, err = sys.Overview(ctx, record.Ref{Kind: "ghost", ID: w.winner.ID}, overview.Options{})
		requireCode(t, err, storage.Invalid)
		_, err = crmtest.System(t, app.Tenant("other")).Overview(ctx, of, overview.Options{})
		require.ErrorIs(t, err, storage.ErrNotFound)

		must(sys.Customers.Merge(ctx, w.request()))(t)
		merged := must(sys.Overview(ctx, record.Ref{Kind: "customer", ID: w.loser.ID}, overview.Options{Only: []string{"contacts"}}))(t)
		require.Len(t, merged.Sections[0].Items, 4, "of what it is now")
	}, crm.WithKinds(visits.Kind), invoices())
}

// TestAnOverviewShowsWhatOneMaySee gives a salesperson whom a colleague's opportunity is
// hidden from, and from whom a role keeps contacts' phones and all documents.
func TestAnOverviewShowsWhatOneMaySee(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		sys := crmtest.System(t, app)
		c := w.customer(t)
		hidden := crmtest.Hire(t, app, "Eve", schema.ID{}, schema.ID{})
		for _, owner := range []schema.ID{w.alice, hidden} {
			deal := w.deal()
			deal.CustomerID, deal.OwnerID = c.ID, owner
			must(crmtest.System(t, app).Opportunities.Create(ctx, deal))(t)
		}
		must(sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Zhang", Phone: "123", CustomerID: c.ID}))(t)
		role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "narrow",
			Grants: []org.Grant{{Kind: "customer", Verbs: org.Verbs()}, {Kind: "contact", Verbs: org.Verbs()}, {Kind: "opportunity", Verbs: org.Verbs()}},
			Fields: []org.FieldRule{{Kind: "contact", Field: "phone", Access: org.Hidden}}}))(t)
		must(sys.Admin.Employees.Edit(ctx, w.alice, func(e *org.Employee) error { e.Roles = []schema.ID{role.ID}; return nil }))(t)

		of := record.Ref{Kind: "customer", ID: c.ID}
		view := must(w.as(t).Overview(ctx, of, overview.Options{}))(t)
		require.Nil(t, view.Section("document"))
		require.Nil(t, view.Section("addresses"))
		require.Len(t, view.Section("opportunities").Items, 1)
		require.Empty(t, view.Section("contacts").Items[0].(*customer.Contact).Phone)
		_, err := crmtest.As(t, app, hidden).Overview(ctx, of, overview.Options{})
		require.NoError(t, err, "whoever holds an opportunity reads its customer")
		nobody := crmtest.Hire(t, app, "Nobody", schema.ID{}, schema.ID{})
		_, err = crmtest.As(t, app, nobody).Overview(ctx, of, overview.Options{})
		require.ErrorIs(t, err, storage.ErrNotFound)

		story := func(s *crm.Session) map[string]int {
			told := map[string]int{}
			page := must(s.Timeline(ctx, of, query.Select{}))(t)
			for _, e := range page.Items {
				told[e.Event]++
				for _, ch := range e.Changes {
					require.False(t, s.Actor().Employee == w.alice && e.Kind == "contact" && ch.Field == "phone", "a hidden field is told")
				}
			}
			return told
		}
		require.Equal(t, map[string]int{"customer.created": 1, "contact.created": 1, "opportunity.created": 1}, story(w.as(t)))
		require.Equal(t, map[string]int{"customer.created": 1, "contact.created": 1, "opportunity.created": 2}, story(crmtest.System(t, app)))
		_, err = crmtest.As(t, app, nobody).Timeline(ctx, of, query.Select{})
		require.ErrorIs(t, err, storage.ErrNotFound)
	})
}

// TestAnOverviewCostsTheSame counts what an overview and a timeline ask of the store: it
// grows with the kinds that lead to a customer, and not with the records.
func TestAnOverviewCostsTheSame(t *testing.T) {
	count := func(contacts int) int {
		store, calls := crmtest.Counted(memory.Open())
		app := crmtest.Open(t, store)
		w := newFirm(t, app)
		c := w.customer(t).ID
		for i := range contacts {
			must(w.as(t).Customers.Contacts.Create(t.Context(), &customer.Contact{Name: fmt.Sprint(i), CustomerID: c}))(t)
		}
		s, of := w.as(t), record.Ref{Kind: "customer", ID: c}
		calls()
		must(s.Overview(t.Context(), of, overview.Options{}))(t)
		must(s.Timeline(t.Context(), of, query.Select{}))(t)
		return calls()
	}
	require.LessOrEqual(t, count(100), count(3))
}

// TestATimelineGoesOn pages through what happened, and through a merge.
func TestATimelineGoesOn(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		a := must(sys.Customers.Create(ctx, &customer.Customer{Name: "A"}))(t)
		b := must(sys.Customers.Create(ctx, &customer.Customer{Name: "B"}))(t)
		for i := range 5 {
			for _, c := range []schema.ID{a.ID, b.ID} {
				must(sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: fmt.Sprint(i), CustomerID: c}))(t)
			}
		}
		read := func(id schema.ID) []string {
			var told []string
			q := query.Select{Limit: 2}
			for {
				page := must(sys.Timeline(ctx, record.Ref{Kind: "customer", ID: id}, q))(t)
				for _, e := range page.Items {
					told = append(told, e.Event)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					return told
				}
			}
		}
		require.Len(t, read(a.ID), 6)
		require.Equal(t, "customer.created", read(a.ID)[5])
		must(sys.Customers.Merge(ctx, merge.Request{Winner: a.ID, Losers: []schema.ID{b.ID}}))(t)
		told := read(b.ID) // which is A now
		require.Equal(t, read(a.ID), told)
		count := map[string]int{}
		for _, event := range told {
			count[event]++
		}
		require.Equal(t, 2, count["customer.created"])
		require.Equal(t, 10, count["contact.created"])
		require.Equal(t, 5, count["contact.moved"])
		require.Equal(t, 1, count["customer.merged"])
	})
}
