package crm_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// pooled creates a pool with n customers in it.
func pooled(t *testing.T, app *crm.App, p customer.Pool, n int) (pool schema.ID, waiting []schema.ID) {
	t.Helper()
	sys := crmtest.System(t, app)
	pool = must(sys.Customers.Pools.Create(t.Context(), &p))(t).ID
	var list []*customer.Customer
	for i := range n {
		list = append(list, &customer.Customer{Name: fmt.Sprint("Customer ", i)})
	}
	for _, c := range must(sys.Customers.CreateMany(t.Context(), "", list...))(t) {
		require.NoError(t, sys.Customers.Release(t.Context(), c.ID, pool, "imported"))
		waiting = append(waiting, c.ID)
	}
	return pool, waiting
}

// TestFiftyClaimOneCustomer has fifty people claim the same customer at once.
func TestFiftyClaimOneCustomer(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		var people []schema.ID
		for i := range 50 {
			people = append(people, crmtest.Hire(t, app, fmt.Sprint("P", i), schema.ID{}, schema.ID{}))
		}
		_, waiting := pooled(t, app, customer.Pool{Name: "All", DailyLimit: 5}, 1)
		errs := together(len(people), func(i int) error {
			s, err := app.As(t.Context(), people[i])
			if err == nil {
				_, err = s.Customers.Claim(t.Context(), waiting[0])
			}
			return err
		})
		require.Equal(t, 1, succeeded(errs))
		for i, err := range errs {
			if err == nil {
				require.Equal(t, people[i], must(crmtest.System(t, app).Customers.Get(t.Context(), waiting[0]))(t).OwnerID)
				continue
			}
			require.ErrorContains(t, requireCode(t, err, storage.Precondition), "faster")
		}
		requireSound(t, app)
	})
}

// TestOneClaimsFiftyCustomers has one person claim from many sessions at once: neither limit
// is exceeded, nor missed.
func TestOneClaimsFiftyCustomers(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		opened := crmtest.Open(t, store)
		for name, p := range map[string]customer.Pool{"daily": {Name: "All", DailyLimit: 10}, "hold": {Name: "All", HoldLimit: 10}} {
			app := opened.Tenant(name)
			me := crmtest.Hire(t, app, "Me", schema.ID{}, schema.ID{})
			_, waiting := pooled(t, app, p, 50)
			errs := together(len(waiting), func(i int) error {
				s, err := app.As(t.Context(), me)
				if err == nil {
					_, err = s.Customers.Claim(t.Context(), waiting[i])
				}
				return err
			})
			require.Equal(t, 10, succeeded(errs), name)
			for _, err := range errs {
				if err != nil {
					// Whoever has waited for all of the ten may be told to try again.
					requireCode(t, err, storage.Precondition, storage.Retry)
				}
			}
			n := must(crmtest.System(t, app).Customers.Count(t.Context(), query.Eq("owner_id", me)))(t)
			require.Equal(t, int64(10), n)
			requireSound(t, app)
		}
	})
}

// TestSeveralRecycleAtOnce runs the job from several processes while people claim.
func TestSeveralRecycleAtOnce(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		now := crm.WithClock(clock.Now)
		app := crmtest.Open(t, store, now)
		second := must(crm.Open(t.Context(), store, now))(t)
		owner, other := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		must(crmtest.System(t, app).Customers.Pools.Create(t.Context(), &customer.Pool{Name: "All", Recycle: []customer.RecycleRule{{Days: 7}}}))(t)
		var list []*customer.Customer
		const n = 2300 // three pages
		for i := range n {
			list = append(list, &customer.Customer{Owned: record.Owned{OwnerID: owner}, Name: strconv.Itoa(i)})
		}
		createMany(t, crmtest.System(t, app), list)
		clock.At = clock.At.AddDate(0, 0, 8)
		moved := make([]int, 4)
		errs := together(5, func(i int) error {
			if i == 4 {
				s, err := app.As(t.Context(), other)
				for range 5 {
					if err != nil {
						return err
					}
					var page storage.Page[customer.Customer]
					if page, err = s.Customers.Find(t.Context(), query.Select{Limit: 1}); err != nil || len(page.Items) > 0 {
						return err
					}
				}
				return nil
			}
			s, err := []*crm.App{app, second}[i%2].System("night")
			if err == nil {
				var done customer.Recycled
				done, err = s.Customers.RecyclePools(t.Context())
				moved[i] = done.Moved
			}
			return err
		})
		require.Equal(t, len(errs), succeeded(errs), "%v", errs)
		sum := 0
		for _, m := range moved {
			sum += m
		}
		require.Equal(t, n, sum, "each is taken back once")
		require.Len(t, all(t, crmtest.System(t, app).Tenant(), customer.PoolStays), n)
		requireSound(t, app)
	})
}

// TestRecyclingAPageCostsFewCalls holds that nothing is asked once for each customer.
func TestRecyclingAPageCostsFewCalls(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		now := crm.WithClock(clock.Now)
		counted, calls := crmtest.Counted(store)
		opened := crmtest.Open(t, counted, now)
		cost := func(n int) int {
			clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			app := opened.Tenant("t" + strconv.Itoa(n))
			l := newLeaving(t, app, n)
			for _, c := range all(t, crmtest.System(t, app).Tenant(), customer.Customers)[:2] {
				must(crmtest.System(t, app).Customers.Team.Create(t.Context(), &customer.Teammate{CustomerID: c.ID, EmployeeID: l.bob, Level: org.ReadAccess}))(t)
			}
			s := crmtest.System(t, app)
			must(s.Customers.Pools.Create(t.Context(), &customer.Pool{Name: "All", Recycle: []customer.RecycleRule{{Days: 7}}}))(t)
			clock.At = clock.At.AddDate(0, 0, 8)
			calls()
			require.Equal(t, n, must(s.Customers.RecyclePools(t.Context()))(t).Moved)
			return calls()
		}
		require.Equal(t, cost(20), cost(700))
	})
}

// TestAnInterruptedRecyclingGoesOn fails every write of the job in turn, then runs it
// again.
func TestAnInterruptedRecyclingGoesOn(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		f, clock := &faults{}, &crmtest.Clock{}
		opened := crmtest.Open(t, storage.New(&faulty{store.Driver(), f}), crm.WithClock(clock.Now))
		for n := 1; ; n++ {
			clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			app := opened.Tenant("t" + strconv.Itoa(n))
			l := newLeaving(t, app, 5)
			must(l.as(t).Customers.Team.Create(t.Context(), &customer.Teammate{CustomerID: l.customers[0].ID, EmployeeID: l.bob, Level: org.ReadAccess}))(t)
			must(crmtest.System(t, app).Customers.Pools.Create(t.Context(), &customer.Pool{Name: "All", Recycle: []customer.RecycleRule{{Days: 7}}}))(t)
			clock.At = clock.At.AddDate(0, 0, 8)
			s, before := crmtest.System(t, app), dump(t, app)
			run := func() error { _, err := s.Customers.RecyclePools(t.Context()); return err }
			if err := f.during(run, n, false, errDisk); err != nil {
				require.Equal(t, before, dump(t, app))
				require.NoError(t, run())
			}
			require.Len(t, all(t, s.Tenant(), customer.PoolStays), 5)
			requireSound(t, app)
			if !f.hit {
				require.Greater(t, n, 5)
				break
			}
		}
	})
}

// TestHooksMayChangeEachRecordOfAPage has a hook change the records of a handover in few
// ways, in many, and each in its own.
func TestHooksMayChangeEachRecordOfAPage(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ways := 1
		number := func(c *customer.Customer) string {
			i, _ := strconv.Atoi(c.ShortName)
			return strconv.Itoa(i % ways)
		}
		hook := session.Before(customer.Customers, func(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
			for _, w := range writes {
				if w.Event == "customer.handed_over" && w.New.ShortName != "untouched" {
					w.New.Phone, w.New.Name = number(w.New), "Given "+number(w.New)
				}
			}
			return nil
		})
		opened := crmtest.Open(t, store, crm.WithHooks(hook))
		for _, ways = range []int{1, 3, 20, 1000} {
			l := newLeaving(t, opened.Tenant("t"+strconv.Itoa(ways)), 0)
			list := customers(60, false)
			for i, c := range list {
				c.ShortName = strconv.Itoa(i)
			}
			list[7].ShortName = "untouched"
			createMany(t, l.as(t), list)
			s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
			must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
			for _, c := range all(t, s.Tenant(), customer.Customers) {
				require.Equal(t, []any{l.bob, int64(2)}, []any{c.OwnerID, c.Version})
				if c.ShortName != "untouched" {
					require.Equal(t, []string{number(&c), "Given " + number(&c)}, []string{c.Phone, c.Name})
					found := must(crmtest.System(t, l.app).Customers.Count(t.Context(), query.All(query.Eq("id", c.ID), query.HasPrefix("name", "given "+number(&c)))))(t)
					require.Equal(t, int64(1), found, "it is searched for by its new name")
				}
			}
			requireSound(t, l.app)
		}
	})
}

// TestPoolsOfOtherTenants holds that another tenant's pools and customers are not there.
func TestPoolsOfOtherTenants(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		pool, waiting := pooled(t, app.Tenant("theirs"), customer.Pool{Name: "All"}, 1)
		w := newFirm(t, app)
		mine := w.customer(t).ID
		s := w.as(t)
		_, err := s.Customers.Claim(t.Context(), waiting[0])
		requireCode(t, err, storage.NotFound)
		_, err = s.Customers.Waiting(t.Context(), pool, query.Select{})
		requireCode(t, err, storage.NotFound)
		requireCode(t, s.Customers.Release(t.Context(), mine, pool, "x"), storage.NotFound)
		_, err = s.Customers.PoolHistory(t.Context(), waiting[0], query.Select{})
		requireCode(t, err, storage.NotFound)

		// Who has left can claim nothing.
		own, more := pooled(t, app, customer.Pool{Name: "All"}, 1)
		_, err = crmtest.System(t, app).Admin.Employees.Edit(t.Context(), w.alice, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		_, err = app.As(t.Context(), w.alice)
		requireCode(t, err, storage.Forbidden)
		page := must(crmtest.System(t, app).Customers.Waiting(t.Context(), own, query.Select{}))(t)
		require.Equal(t, more, idsOf(page.Items))
	})
}
