package crm_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestWhereTheDayBegins: at five in the afternoon of the 31st in London it is the 1st in
// China.
func TestWhereTheDayBegins(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC)}
	for place, today := range map[*time.Location]schema.Date{
		nil: schema.NewDate(2025, 12, 31), time.FixedZone("China", 8*60*60): schema.NewDate(2026, 1, 1), time.FixedZone("Hawaii", -10*60*60): schema.NewDate(2025, 12, 31),
	} {
		options := []crm.Option{crm.WithClock(clock.Now)}
		if place != nil {
			options = append(options, crm.WithLocation(place))
		}
		crmtest.Apps(t, func(t *testing.T, app *crm.App) {
			s, ctx := crmtest.System(t, app), t.Context()
			c := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t)
			c = must(s.Customers.Contacted(ctx, c.ID, schema.Date{}))(t)
			require.Equal(t, today, c.LastContactOn)
			c = must(s.Customers.StartTrading(ctx, c.ID, schema.Date{}))(t)
			require.Equal(t, today, c.TradingSince)
			_, err := s.Customers.Contacted(ctx, c.ID, today.AddDays(1))
			requireCode(t, err, storage.Invalid)
			text := "name,last_contact_on\nBeta," + today.String() + "\n" // a date in a list is one of the company's
			job, wrong := imported(t, s, planned(t, s, "customer", text, ""), text)
			require.Equal(t, int64(1), job.Created, wrong)
		}, options...)
	}
}

// TestIDsComeFromTheHost: every row that is written has one of the ids that it has given.
func TestIDsComeFromTheHost(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		given := map[schema.ID]bool{}
		app := crmtest.Open(t, store, crm.WithIDs(func() schema.ID {
			id := schema.NewID()
			given[id] = true
			return id
		}))
		s, ctx := crmtest.System(t, app), t.Context()
		c := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t)
		require.True(t, given[c.ID])
		err := s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			contact, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "Li"})
			require.True(t, given[contact.ID])
			return err
		})
		require.NoError(t, err)
		entries := must(s.Customers.History(ctx, c.ID, query.Select{}))(t)
		require.Len(t, entries.Items, 1)
		require.True(t, given[entries.Items[0].ID])
		mine := schema.NewID()
		require.Equal(t, mine, must(s.Customers.Create(ctx, &customer.Customer{Meta: record.Meta{ID: mine}, Name: "Own"}))(t).ID)
	})
}
