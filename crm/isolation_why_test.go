package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestWhyTellsOfTheState holds that what Why allows of a sealed customer is what can be
// done to it, by people and by the system.
func TestWhyTellsOfTheState(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, w := t.Context(), newFirm(t, app)
		c := w.customer(t)
		ref := record.Ref{Kind: "customer", ID: c.ID}
		require.Empty(t, must(w.as(t).Why(ctx, org.Update, ref))(t).State)
		must(w.as(t).Customers.Seal(ctx, c.ID, "closed down"))(t)
		for _, s := range []*crm.Session{w.as(t), crmtest.System(t, app), crmtest.As(t, app, w.boss)} {
			why := must(s.Why(ctx, org.Update, ref))(t)
			require.False(t, why.Allowed)
			require.NotEmpty(t, why.Gate)
			require.NotEmpty(t, why.Access)
			require.Empty(t, why.Missing, "no right is missing")
			_, err := s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
			require.Equal(t, requireCode(t, err, storage.Precondition).Message, why.State)
			for _, v := range []org.Verb{org.Read, org.Assign, org.ShareIt} {
				why := must(s.Why(ctx, v, ref))(t)
				require.True(t, why.Allowed, v)
				require.Empty(t, why.State, v)
			}
		}
		why := must(crmtest.As(t, app, w.boss).Why(ctx, org.Delete, ref))(t)
		require.Empty(t, why.State, "the state has nothing against it")
		require.NotEmpty(t, why.Missing, "what is missing is a right")
		must(crmtest.As(t, app, w.boss).Customers.Unseal(ctx, c.ID, "they are back"))(t)
		require.True(t, must(crmtest.As(t, app, w.boss).Why(ctx, org.Update, ref))(t).Allowed)
	})
}

// TestWhyTellsOfFields lists what is left of the fields, and no edit changes them.
func TestWhyTellsOfFields(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		rules := map[string]org.FieldAccess{"phone": org.Masked, "annual_revenue": org.Hidden, "name": org.ReadOnly}
		role := &org.Role{Name: "Clerk", Grants: []org.Grant{{Kind: "customer", Verbs: org.Verbs(), Range: org.AllRange}}}
		for field, access := range rules {
			role.Fields = append(role.Fields, org.FieldRule{Kind: "customer", Field: field, Access: access})
		}
		role = must(sys.Admin.Roles.Create(ctx, role))(t)
		clerk := must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: []schema.ID{role.ID}}))(t)
		c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n"}))(t)
		s, ref := crmtest.As(t, app, clerk.ID), record.Ref{Kind: "customer", ID: c.ID}
		for _, v := range []org.Verb{org.Read, org.Update} {
			why := must(s.Why(ctx, v, ref))(t)
			require.True(t, why.Allowed)
			require.Equal(t, rules, why.Fields)
		}
		_, err := s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Name, c.Phone = "m", "1"; return nil })
		require.Len(t, requireCode(t, err, storage.Forbidden).Fields, 2)
		require.Nil(t, must(sys.Why(ctx, org.Update, ref))(t).Fields)
	})
}

// TestWhyTellsHowLong names of a share why it exists, and of shares and rules when they end.
func TestWhyTellsHowLong(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		clock.At = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
		ctx, w, sys := t.Context(), newFirm(t, app), crmtest.System(t, app)
		c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n", Owned: record.Owned{OwnerID: w.boss}}))(t)
		ref, until := record.Ref{Kind: "customer", ID: c.ID}, clock.At.Add(time.Hour)
		share := must(sys.Admin.Share(ctx, ref, w.alice, org.EditAccess, until))(t)
		team := must(sys.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: w.alice, Level: org.ReadAccess}))(t)
		rule := must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", To: []schema.ID{w.alice}, Level: org.ReadAccess, Until: until.Add(time.Hour)}))(t)
		why := must(w.as(t).Why(ctx, org.Read, ref))(t)
		for i := range why.Access {
			why.Access[i].Until = why.Access[i].Until.UTC()
		}
		require.ElementsMatch(t, []session.Link{
			{How: "share", By: record.Ref{Kind: "share", ID: share.ID}, Level: org.EditAccess, Cause: org.ByHand, Until: until},
			{How: "share", By: record.Ref{Kind: "share", ID: team.ShareID}, Level: org.ReadAccess, Cause: org.ByTeam},
			{How: "rule", By: record.Ref{Kind: "sharing_rule", ID: rule.ID}, Level: org.ReadAccess, Until: until.Add(time.Hour)},
		}, why.Access)
		clock.At = until
		why = must(w.as(t).Why(ctx, org.Update, ref))(t)
		require.False(t, why.Allowed)
		require.Empty(t, why.Access)
	}, crm.WithClock(clock.Now))
}
