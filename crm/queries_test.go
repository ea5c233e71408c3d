package crm_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestNothingAsksOnceForEachRecord does things with three records and with sixty, and
// counts how often the database is called.
func TestNothingAsksOnceForEachRecord(t *testing.T) {
	for name, prepare := range many {
		t.Run(name, func(t *testing.T) {
			count := func(n int) int {
				store, calls := crmtest.Counted(memory.Open())
				w := newFirm(t, crmtest.Open(t, store))
				crmtest.Hire(t, w.app, "Late", w.alice, schema.ID{}) // the organisation has been changed before
				s := w.as(t)
				do := prepare(t, w, s, n)
				calls()
				do()
				return calls()
			}
			require.Equal(t, count(3), count(60))
		})
	}
}

// many are things done with n records, as Alice or as the system.
var many = map[string]func(t *testing.T, w *firm, s *crm.Session, n int) func(){
	"create customers": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		return func() { createMany(t, s, customers(n, false)) }
	},
	"create customers with ids": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		return func() { createMany(t, s, customers(n, true)) }
	},
	"create customers with ids again": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		createMany(t, s, customers(n, true))
		return func() { createMany(t, s, customers(n, true)) }
	},
	"create changed customers again": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		for _, c := range createMany(t, s, customers(n, true)) {
			_, err := s.Customers.Edit(t.Context(), c.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
			require.NoError(t, err)
		}
		return func() { createMany(t, s, customers(n, true)) }
	},
	"import customers with contacts": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		text := "code,name,owner,contact.name,address.city\n"
		for i := range n {
			text += fmt.Sprintf("A%d,a,Alice,Li,北京\n", i)
		}
		p := planned(t, s, "customer", text, "code")
		return func() { imported(t, s, p, text) }
	},
	"import customers that are there": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		text := "code,name,contact.name\n"
		for i := range n {
			text += fmt.Sprintf("A%d,a,Li\n", i)
		}
		p := planned(t, s, "customer", text, "code")
		imported(t, s, p, text)
		return func() { imported(t, s, p, text) }
	},
	"export customers": func(t *testing.T, w *firm, _ *crm.Session, n int) func() {
		sys := crmtest.System(t, w.app)
		createMany(t, sys, customers(n, false))
		return func() {
			exported(t, sys, exchange.Export{Kind: "customer", Fields: []string{"name", "owner", "parent.name"}})
		}
	},
	"create subsidiaries": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		head := createMany(t, s, customers(1, false))[0]
		list := customers(n, false)
		for _, c := range list {
			c.ParentID = head.ID
		}
		return func() { createMany(t, s, list) }
	},
	"create contacts of other people's customers": func(t *testing.T, w *firm, s *crm.Session, n int) func() {
		boss := crmtest.As(t, w.app, w.boss)
		var contacts []*customer.Contact
		for _, c := range createMany(t, boss, customers(n, false)) {
			_, err := boss.Admin.Share(t.Context(), record.Ref{Kind: "customer", ID: c.ID}, w.alice, org.EditAccess, boss.Now().AddDate(1, 0, 0))
			require.NoError(t, err)
			contacts = append(contacts, &customer.Contact{CustomerID: c.ID, Name: "Reception"})
		}
		return func() {
			_, err := s.Customers.Contacts.CreateMany(t.Context(), "", contacts...)
			require.NoError(t, err)
		}
	},
	"create a customer with contacts": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		return func() {
			_, _, err := s.Customers.CreateWithContacts(t.Context(), &customer.Customer{Name: "Acme"}, contacts(n))
			require.NoError(t, err)
		}
	},
	"create contacts of customers that have some": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		list := make([]*customer.Contact, 0, n)
		for _, c := range createMany(t, s, customers(n, false)) {
			_, err := s.Customers.Contacts.Create(t.Context(), &customer.Contact{CustomerID: c.ID, Name: "Reception"})
			require.NoError(t, err)
			list = append(list, &customer.Contact{CustomerID: c.ID, Name: "Sales"})
		}
		return func() {
			_, err := s.Customers.Contacts.CreateMany(t.Context(), "", list...)
			require.NoError(t, err)
		}
	},
	"create teammates": func(t *testing.T, w *firm, s *crm.Session, n int) func() {
		list := make([]*customer.Teammate, 0, n)
		for _, c := range createMany(t, s, customers(n, false)) {
			list = append(list, &customer.Teammate{CustomerID: c.ID, EmployeeID: w.boss, Level: org.FullAccess})
		}
		return func() {
			_, err := s.Customers.Team.CreateMany(t.Context(), "", list...)
			require.NoError(t, err)
		}
	},
	"relate contacts": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		c, people, err := s.Customers.CreateWithContacts(t.Context(), &customer.Customer{Name: "Acme"}, contacts(n))
		require.NoError(t, err)
		list := make([]*customer.Relation, n)
		for i, p := range people {
			list[i] = &customer.Relation{CustomerID: c.ID, FromContactID: p.ID, ToCustomerID: c.ID, Kind: customer.Influences}
		}
		return func() {
			_, err := s.Customers.Relations.CreateMany(t.Context(), "", list...)
			require.NoError(t, err)
		}
	},
	"draw contacts": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		c, people, err := s.Customers.CreateWithContacts(t.Context(), &customer.Customer{Name: "Acme"}, contacts(n))
		require.NoError(t, err)
		for i, other := range createMany(t, s, customers(n, false)) {
			_, err := s.Customers.Relations.Create(t.Context(), &customer.Relation{CustomerID: c.ID, FromContactID: people[i].ID, ToCustomerID: other.ID, Kind: customer.Referred})
			require.NoError(t, err)
		}
		return func() {
			g, err := s.Customers.RelationGraph(t.Context(), c.ID)
			require.NoError(t, err)
			require.Len(t, g.Edges, n)
		}
	},
	"who may be mailed": func(t *testing.T, w *firm, s *crm.Session, n int) func() {
		_, people, err := s.Customers.CreateWithContacts(t.Context(), &customer.Customer{Name: "Acme"}, contacts(n))
		require.NoError(t, err)
		for _, p := range people {
			require.NoError(t, w.consent(t, p.ID, customer.ConsentGiven))
		}
		return func() {
			page, err := s.Customers.Contacts.Find(t.Context(), query.Select{Where: customer.ContactsWhoAllow(customer.Email, customer.ForMarketing), Limit: 100})
			require.NoError(t, err)
			require.Len(t, page.Items, n)
		}
	},
	"stale customers": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		createMany(t, s, customers(n, false))
		return func() {
			page, err := s.Customers.Stale(t.Context(), s.Now().Add(time.Hour), query.Select{Limit: 100})
			require.NoError(t, err)
			require.Len(t, page.Items, n)
		}
	},
	"hire people": func(t *testing.T, w *firm, _ *crm.Session, n int) func() {
		employees := make([]*org.Employee, n)
		for i := range employees {
			employees[i] = &org.Employee{Name: fmt.Sprint("New ", i), ManagerID: w.alice}
		}
		sys := crmtest.System(t, w.app)
		return func() {
			_, err := sys.Admin.Employees.CreateMany(t.Context(), "", employees...)
			require.NoError(t, err)
		}
	},
	"a page": func(t *testing.T, _ *firm, s *crm.Session, n int) func() {
		createMany(t, s, customers(n, false))
		return func() {
			page, err := s.Customers.Find(t.Context(), query.Select{Sort: query.By("-created_at"), Limit: 100})
			require.NoError(t, err)
			require.Len(t, page.Items, n)
		}
	},
	"a report": func(t *testing.T, w *firm, s *crm.Session, n int) func() {
		for range n {
			_, err := s.Opportunities.Create(t.Context(), w.deal())
			require.NoError(t, err)
		}
		return func() {
			_, err := s.Opportunities.Aggregate(t.Context(), query.Aggregate{Keys: []query.Key{{Path: query.P("stage_id")}},
				Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}}})
			require.NoError(t, err)
		}
	},
}

// TestTheStagesAreReadOnce counts what a deal costs within a transaction: its own read
// and its own write for each verb, and once the stages.
func TestTheStagesAreReadOnce(t *testing.T) {
	store, calls := crmtest.Counted(memory.Open())
	w := newFirm(t, crmtest.Open(t, store))
	deal := func(ctx context.Context, s *crm.Session) int {
		calls()
		o, err := s.Opportunities.Create(ctx, w.deal())
		require.NoError(t, err)
		_, err = s.Opportunities.Advance(ctx, o.ID, opportunity.Move{})
		require.NoError(t, err)
		_, err = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{Amount: decimal.NewNullDecimal(decimal.NewFromInt(7))})
		require.NoError(t, err)
		return calls()
	}
	alone := deal(t.Context(), w.as(t))
	require.NoError(t, w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		require.Equal(t, alone-2, deal(ctx, s), "the stages once instead of three times")
		require.Equal(t, alone-3, deal(ctx, s), "and not again")

		_, err := s.Opportunities.Stages.Trusted().Edit(ctx, w.stages[1].ID, func(v *opportunity.Stage) error { v.Name = "Offer made"; return nil })
		require.NoError(t, err)
		require.Equal(t, alone-2, deal(ctx, s), "again when one has changed")
		return nil
	}))
}

func createMany(t *testing.T, s *crm.Session, list []*customer.Customer) []*customer.Customer {
	t.Helper()
	created, err := s.Customers.CreateMany(t.Context(), "", list...)
	require.NoError(t, err)
	return created
}

func customers(n int, ids bool) []*customer.Customer {
	list := make([]*customer.Customer, n)
	for i := range list {
		list[i] = &customer.Customer{Name: "Customer " + strconv.Itoa(i)}
		if ids {
			list[i].ID = schema.NameID("customer", strconv.Itoa(i))
		}
	}
	return list
}

func contacts(n int) []*customer.Contact {
	list := make([]*customer.Contact, n)
	for i := range list {
		list[i] = &customer.Contact{Name: "Contact " + strconv.Itoa(i)}
	}
	return list
}
