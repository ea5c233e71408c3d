package customer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestATeammateComesAndGoes(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		clock.At = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		ctx := t.Context()
		owner, helper := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Helper", schema.ID{}, schema.ID{})
		s := crmtest.As(t, app, owner)
		c := newCustomer(t, s, "Acme")
		can := func(v org.Verb) bool {
			t.Helper()
			h := crmtest.As(t, app, helper)
			_, err := h.Row(ctx, v, h.Registry().Kind("customer"), c.ID)
			return err == nil
		}
		require.False(t, can(org.Read))

		mate := &customer.Teammate{Meta: record.Meta{ID: schema.NameID("mate")}, CustomerID: c.ID, EmployeeID: helper, Role: "presales", Level: org.ReadAccess}
		joined, err := s.Customers.Team.Create(ctx, mate)
		require.NoError(t, err)
		again, err := s.Customers.Team.Create(ctx, mate)
		require.NoError(t, err)
		require.Equal(t, joined, again)
		require.True(t, can(org.Read) && !can(org.Update))
		shares, err := s.Admin.SharesOf(ctx, record.Ref{Kind: "customer", ID: c.ID}, query.Select{})
		require.NoError(t, err)
		require.Len(t, shares.Items, 1)
		require.Equal(t, []any{joined.ShareID, org.ByTeam}, []any{shares.Items[0].ID, shares.Items[0].Cause})
		require.ErrorIs(t, s.Admin.Unshare(ctx, joined.ShareID), storage.ErrReferenced, "the share goes with the teammate")

		_, err = s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: helper, Level: org.EditAccess})
		require.ErrorIs(t, err, storage.ErrExists)
		_, err = s.Customers.Team.Edit(ctx, joined.ID, func(m *customer.Teammate) error {
			m.Role, m.Level, m.Until = "account manager", org.EditAccess, s.Now().Add(time.Hour)
			return nil
		})
		require.NoError(t, err)
		require.True(t, can(org.Update))
		_, err = s.Customers.Team.Edit(ctx, joined.ID, func(m *customer.Teammate) error { m.EmployeeID = owner; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition)

		clock.At = clock.At.Add(2 * time.Hour)
		require.False(t, can(org.Read), "the time is over")
		_, err = s.Customers.Team.Edit(ctx, joined.ID, func(m *customer.Teammate) error { m.Role = "was account manager"; return nil })
		require.NoError(t, err, "who has ended is still described")
		_, err = s.Customers.Team.Edit(ctx, joined.ID, func(m *customer.Teammate) error { m.Until = time.Time{}; return nil })
		require.NoError(t, err)
		require.True(t, can(org.Read))

		require.ErrorIs(t, s.Customers.Delete(ctx, c.ID, 0), storage.ErrReferenced)
		require.NoError(t, s.Customers.RemoveTeammate(ctx, joined.ID))
		require.ErrorIs(t, s.Customers.RemoveTeammate(ctx, joined.ID), storage.ErrNotFound)
		require.False(t, can(org.Read))
		_, err = s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: helper, Level: org.ReadAccess})
		require.NoError(t, err, "who has gone may come again")
		require.True(t, can(org.Read))
	}, crm.WithClock(clock.Now))
}

func TestWhoIsNoTeammate(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		left := crmtest.Hire(t, app, "Left", schema.ID{}, schema.ID{})
		_, err := sys.Admin.Employees.Edit(ctx, left, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		helper := crmtest.Hire(t, app, "Helper", schema.ID{}, schema.ID{})
		sys = crmtest.System(t, app)
		c := newCustomer(t, sys, "Acme")
		for name, mate := range map[string]customer.Teammate{
			"nobody":      {CustomerID: c.ID, Level: org.ReadAccess},
			"a stranger":  {CustomerID: c.ID, EmployeeID: schema.NameID("x"), Level: org.ReadAccess},
			"who left":    {CustomerID: c.ID, EmployeeID: left, Level: org.ReadAccess},
			"no level":    {CustomerID: c.ID, EmployeeID: helper},
			"too much":    {CustomerID: c.ID, EmployeeID: helper, Level: 4},
			"broken text": {CustomerID: c.ID, EmployeeID: helper, Level: org.ReadAccess, Role: "\x00"},
			"the past":    {CustomerID: c.ID, EmployeeID: helper, Level: org.ReadAccess, Until: sys.Now()},
		} {
			_, err := sys.Customers.Team.Create(ctx, &mate)
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		_, err = sys.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: schema.NameID("x"), EmployeeID: helper, Level: org.ReadAccess})
		require.ErrorIs(t, err, storage.ErrNotFound)
		require.Zero(t, counts(t, sys)["team"])
		for _, err := range atOnce(make([]int, 4), func(int) error {
			s, err := app.System("test")
			if err != nil {
				return err
			}
			_, err = s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: helper, Level: org.ReadAccess})
			return err
		}) {
			if err != nil {
				require.ErrorIs(t, err, storage.ErrExists)
			}
		}
		require.EqualValues(t, 1, counts(t, sys)["team"])
	})
}
