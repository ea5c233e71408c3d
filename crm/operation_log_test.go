package crm_test

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestTheOperationLog has somebody watch over what others do, and others who may not.
func TestTheOperationLog(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		app := crmtest.Open(t, store, crm.WithClock(clock.Now))
		ctx, sys := t.Context(), crmtest.System(t, app)
		hire := func(name string, grants []org.Grant, fields ...org.FieldRule) schema.ID {
			id := crmtest.Hire(t, app, name, schema.ID{}, schema.ID{})
			r := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: name, Grants: grants, Fields: fields}))(t)
			must(sys.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { e.Roles = []schema.ID{r.ID}; return nil }))(t)
			return id
		}
		everything := org.Grant{Kind: "*", Verbs: org.Verbs(), Range: org.AllRange}
		log := org.Grant{Kind: "journal_entry", Verbs: []org.Verb{org.Read}}
		alice := hire("alice", []org.Grant{{Kind: "customer", Verbs: org.Verbs()}, {Kind: "contact", Verbs: org.Verbs()}})
		director := hire("director", []org.Grant{everything})
		auditor := hire("auditor", []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read}}, log}, org.FieldRule{Kind: "customer", Field: "phone", Access: org.Masked})

		s := crmtest.As(t, app, alice)
		c := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme", Phone: "021 5555 0001"}))(t)
		kept := must(s.Customers.Create(ctx, &customer.Customer{Name: "Kept"}))(t)
		must(s.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Zhang", CustomerID: kept.ID}))(t)
		clock.At = clock.At.Add(time.Hour)
		must(s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil }))(t)
		clock.At = clock.At.Add(time.Hour)
		require.NoError(t, s.Customers.Delete(ctx, c.ID, 0))
		must(sys.Customers.Create(ctx, &customer.Customer{Name: "Other"}))(t)

		events := func(s *crm.Session, where query.Expr) []string {
			var list []string
			q := query.Select{Where: where, Limit: 2}
			for {
				page := must(s.OperationLog(ctx, q))(t)
				for _, e := range page.Items {
					list = append(list, e.Event)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					return list
				}
			}
		}
		by := query.Eq("actor_id", alice)
		watching := crmtest.As(t, app, auditor)
		_, err := watching.Customers.Get(ctx, c.ID)
		requireCode(t, err, storage.NotFound)
		require.Equal(t, []string{"customer.deleted", "customer.updated", "customer.created", "customer.created"}, events(watching, by), "of a record that is gone and was never hers")
		require.Equal(t, []string{"customer.updated"}, events(watching, query.All(by, query.Eq("event", "customer.updated"))))
		require.Equal(t, []string{"customer.updated"}, events(watching, query.All(by, query.Ge("at", clock.At.Add(-time.Hour)), query.Lt("at", clock.At))))
		require.Len(t, events(watching, query.Eq("kind", "customer")), 5, "the system's, too")
		require.Empty(t, events(watching, query.Eq("kind", "contact")), "a kind that she may not read")
		require.Contains(t, events(sys, by), "contact.created")

		fields := func(s *crm.Session) []string {
			var list []string
			for _, e := range must(s.OperationLog(ctx, query.Select{Where: query.All(by, query.Eq("event", "customer.created"))}))(t).Items {
				for _, ch := range e.Changes {
					list = append(list, ch.Field)
				}
			}
			return list
		}
		require.Contains(t, fields(sys), "phone")
		require.Contains(t, fields(watching), "name")
		require.NotContains(t, fields(watching), "phone")

		for _, id := range []schema.ID{director, alice} { // not by every right on every kind, nor for one's own doings
			_, err := crmtest.As(t, app, id).OperationLog(ctx, query.Select{})
			requireCode(t, err, storage.Forbidden)
		}
		_, err = watching.OperationLog(ctx, query.Select{Where: query.Eq("changes", "Acme")})
		requireCode(t, err, storage.Invalid)
		require.Empty(t, must(crmtest.System(t, app.Tenant("other")).OperationLog(ctx, query.Select{}))(t).Items)
	})
}

// TestTheOperationLogTellsWhoTookRecordsOut exports lists in each way, and what is refused.
func TestTheOperationLogTellsWhoTookRecordsOut(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, w := t.Context(), newFirm(t, app)
		require.NoError(t, w.mayMerge(t, w.alice))
		s := w.as(t)
		createMany(t, s, customers(query.MaxLimit, false))
		createMany(t, s, customers(3, false))
		out := func() sheet.Sink { return sheet.WriteCSV(io.Discard, sheet.CSVFormat{}) }
		told := func() []string {
			var list []string
			for _, e := range must(crmtest.System(t, app).OperationLog(ctx, query.Select{Where: query.Eq("event", "customer.exported"), Limit: query.MaxLimit}))(t).Items {
				require.Equal(t, []any{w.alice, "customer", schema.ID{}, "records"}, []any{e.ActorID, e.Kind, e.RecordID, e.Changes[0].Field})
				list = append(list, string(e.Changes[0].To))
			}
			slices.Sort(list)
			return list
		}
		first := query.Select{Where: query.Eq("name", must(s.Customers.Find(ctx, query.Select{Limit: 1}))(t).Items[0].Name)}
		n := must(s.Exchange.Export(ctx, exchange.Export{Kind: "customer"}, out()))(t)
		require.Equal(t, []string{fmt.Sprint(query.MaxLimit), "3"}, told())
		require.Equal(t, int64(query.MaxLimit+3), n)
		require.NoError(t, s.Customers.PhoneList(ctx, first, "en", out()))
		require.NoError(t, s.Customers.AddressList(ctx, first, "", "en", out()))
		require.Len(t, told(), 4)

		_, err := crmtest.As(t, app, w.boss).Exchange.Export(ctx, exchange.Export{Kind: "customer"}, out())
		requireCode(t, err, storage.Forbidden)
		must(s.Exchange.Export(ctx, exchange.Export{Kind: "customer", Query: query.Select{Where: query.Eq("name", "nobody")}}, out()))(t)
		require.Len(t, told(), 4, "nothing went out")
		requireSound(t, app)
	})
}
