package customer_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestRecycle(t *testing.T) {
	rules := []customer.RecycleRule{{Importance: "A", Days: 10}, {Days: 30}}
	eachSales(t, customer.Pool{Name: "All", Recycle: rules, Exempt: []string{"trading", "open_opportunity"}}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		sys := func() *crm.Session { return crmtest.System(t, c.app) }
		p, _, err := sys().Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "Direct"},
			&opportunity.Stage{Name: "Contact", State: opportunity.Open}, &opportunity.Stage{Name: "Won", State: opportunity.Won}, &opportunity.Stage{Name: "Lost", State: opportunity.Lost})
		require.NoError(t, err)
		names := map[schema.ID]string{}
		of := func(name string, given customer.Customer) schema.ID {
			given.Name = name
			id := c.owned(t, c.ann, given)
			names[id] = name
			return id
		}
		of("important", customer.Customer{Importance: "A"})
		of("plain", customer.Customer{Importance: "B"})
		of("unknown", customer.Customer{})
		of("trading", customer.Customer{Importance: "A", Status: customer.Trading})
		sealed, called, reserved := of("sealed", customer.Customer{}), of("called", customer.Customer{Importance: "A"}), of("reserved", customer.Customer{Importance: "A"})
		given, hoping, lost := of("given", customer.Customer{Importance: "A"}), of("hoping", customer.Customer{}), of("lost", customer.Customer{})
		_, err = sys().Customers.Seal(ctx, sealed, "bankrupt")
		require.NoError(t, err)
		for _, id := range []schema.ID{hoping, lost} {
			o, err := c.as(t, c.ann).Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", PipelineID: p.ID, CustomerID: id})
			require.NoError(t, err)
			if id == lost {
				_, err = c.as(t, c.ann).Opportunities.Lose(ctx, o.ID, opportunity.Outcome{Reason: "price"})
				require.NoError(t, err)
			}
		}
		_, err = c.as(t, c.ann).Customers.ReserveUntil(ctx, reserved, schema.NewDate(2026, 3, 20))
		require.ErrorIs(t, err, storage.ErrForbidden, "not for oneself")
		_, err = c.as(t, c.meg).Customers.ReserveUntil(ctx, reserved, schema.NewDate(2026, 3, 1))
		require.ErrorIs(t, err, storage.ErrInvalid)
		_, err = c.as(t, c.meg).Customers.ReserveUntil(ctx, reserved, schema.NewDate(2026, 3, 20))
		require.NoError(t, err)

		recycled := func(want ...string) {
			t.Helper()
			before := map[schema.ID]bool{}
			for id := range names {
				before[id] = !c.get(t, id).PoolID.IsZero()
			}
			done, err := sys().Customers.RecyclePools(ctx)
			require.NoError(t, err)
			var got []string
			for id, name := range names {
				if v := c.get(t, id); !v.PoolID.IsZero() && !before[id] {
					got = append(got, name)
					require.Equal(t, record.Owned{}, v.Owned)
					require.Equal(t, customer.EventRecycled, c.stays(t, id)[len(c.stays(t, id))-1].CameBy)
				}
			}
			require.ElementsMatch(t, want, got)
			require.Equal(t, customer.Recycled{Moved: len(want)}, done)
			done, err = sys().Customers.RecyclePools(ctx)
			require.NoError(t, err)
			require.Zero(t, done, "a second run does nothing")
		}
		recycled()
		c.days(9)
		_, err = c.as(t, c.ann).Customers.Contacted(ctx, called, schema.NewDate(2026, 3, 11))
		require.NoError(t, err)
		_, err = sys().Customers.Edit(ctx, given, func(v *customer.Customer) error { v.OwnerID = c.bob; return nil })
		require.NoError(t, err)
		_, err = c.as(t, c.ann).Customers.Contacted(ctx, called, schema.NewDate(2026, 3, 5)) // remembered late
		require.NoError(t, err)
		c.days(1)
		recycled() // ten whole days
		c.days(1)
		recycled("important")
		require.Equal(t, "no contact for more than 10 days", c.get(t, c.find(t, "important")).PoolReason)
		c.days(8) // 21 March: the reservation was to the 20th, whoever got or called one has had it to the 21st
		recycled("reserved")
		c.days(1)
		recycled("called", "given")
		require.Equal(t, c.bob, c.stays(t, given)[0].FromID)
		c.clock.At = time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
		recycled("plain", "unknown", "lost")
		_, err = sys().Customers.Unseal(ctx, sealed, "taken up again")
		require.NoError(t, err)
		c.days(30)
		recycled()
		c.days(1)
		recycled("sealed")

		_, err = c.as(t, c.meg).Customers.RecyclePools(ctx)
		require.ErrorIs(t, err, storage.ErrForbidden)
	})
}

func (c *sales) find(t *testing.T, name string) schema.ID {
	t.Helper()
	page, err := crmtest.System(t, c.app).Customers.Find(t.Context(), query.Select{Where: query.Eq("name", name)})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0].ID
}

func TestPoolsOfDepartments(t *testing.T) {
	eachSales(t, customer.Pool{Name: "All", Position: 2, Recycle: []customer.RecycleRule{{Days: 5}}}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		team, err := crmtest.System(t, c.app).Admin.Departments.Create(ctx, &org.Department{Name: "Team", ParentID: c.north})
		require.NoError(t, err)
		dan := crmtest.Hire(t, c.app, "Dan", c.meg, team.ID)
		north, err := crmtest.System(t, c.app).Customers.Pools.Create(ctx, &customer.Pool{Name: "North", Position: 1, DepartmentID: c.north, Recycle: []customer.RecycleRule{{Days: 5}}})
		require.NoError(t, err)
		a, d, s := c.owned(t, c.ann, customer.Customer{}), c.owned(t, dan, customer.Customer{}), c.owned(t, c.cid, customer.Customer{})
		c.days(6)
		done, err := crmtest.System(t, c.app).Customers.RecyclePools(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, done.Moved)
		require.Equal(t, []schema.ID{north.ID, north.ID, c.pool.ID}, []schema.ID{c.get(t, a).PoolID, c.get(t, d).PoolID, c.get(t, s).PoolID})
	})
}

func TestRecyclingLeavesWhatARuleRefuses(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	keep := session.Before(customer.Customers, func(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
		for _, w := range writes {
			if w.Event == customer.EventRecycled && w.Old.Name == "kept" {
				return &crm.Error{Code: storage.Precondition, Message: "this one stays"}
			}
		}
		return nil
	})
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		owner := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{})
		sys := crmtest.System(t, app)
		_, err := sys.Customers.Pools.Create(t.Context(), &customer.Pool{Name: "All", Recycle: []customer.RecycleRule{{Days: 1}}})
		require.NoError(t, err)
		var list []*customer.Customer
		for i := range 11 {
			c := &customer.Customer{Owned: record.Owned{OwnerID: owner}, Name: "taken"}
			if i == 6 {
				c.Name = "kept"
			}
			list = append(list, c)
		}
		_, err = sys.Customers.CreateMany(t.Context(), "", list...)
		require.NoError(t, err)
		clock.At = clock.At.AddDate(0, 0, 2)
		done, err := crmtest.System(t, app).Customers.RecyclePools(t.Context())
		require.NoError(t, err)
		require.Equal(t, customer.Recycled{Moved: 10, Left: 1}, done)
	}, crm.WithClock(func() time.Time { return clock.Now() }), crm.WithHooks(keep))
}
