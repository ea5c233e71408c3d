package crm_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// staff hires n people and has a rule assign customers to them.
func staff(t *testing.T, app *crm.App, n int, how customer.Strategy, capacity int64) []schema.ID {
	t.Helper()
	people, r := make([]schema.ID, n), &customer.AssignmentRule{Name: "All", Strategy: how}
	for i := range people {
		people[i] = crmtest.Hire(t, app, fmt.Sprint("P", i), schema.ID{}, schema.ID{})
		r.Members = append(r.Members, customer.Member{EmployeeID: people[i], Capacity: capacity})
	}
	must(crmtest.System(t, app).Customers.AssignmentRules.Create(t.Context(), r))(t)
	return people
}

// holdings counts the customers of each of some people.
func holdings(t *testing.T, app *crm.App, people []schema.ID) []int64 {
	t.Helper()
	counts := make([]int64, len(people))
	for i, id := range people {
		counts[i] = must(crmtest.System(t, app).Customers.Count(t.Context(), query.Eq("owner_id", id)))(t)
	}
	return counts
}

// TestTwoProgramsGoRound has two programs over one store assign at once: no turn is given
// twice and none is left out.
func TestTwoProgramsGoRound(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		app := crmtest.Open(t, store)
		apps := []*crm.App{app, must(crm.Open(t.Context(), store))(t)}
		people := staff(t, app, 3, customer.RoundRobin, 0)
		const runs, each = 8, 4 // 32 turns
		list := createMany(t, crmtest.System(t, app), customers(runs*each, false))
		errs := together(runs, func(i int) error {
			var ids []schema.ID
			for _, c := range list[i*each : (i+1)*each] {
				ids = append(ids, c.ID)
			}
			s, err := apps[i%2].System("assign")
			for attempt := 0; err == nil; attempt++ {
				if _, err = s.Customers.Assign(t.Context(), ids...); !codeIs(err, storage.Retry) || attempt > 5 {
					return err
				}
				err = nil
			}
			return err
		})
		require.Equal(t, runs, succeeded(errs), "%v", errs)
		require.Equal(t, []int64{11, 11, 10}, holdings(t, app, people))
		turns := all(t, crmtest.System(t, app).Tenant(), customer.AssignmentTurns)
		require.Len(t, turns, 1)
		require.Equal(t, int64(runs*each), turns[0].Given)
		requireSound(t, app)
	})
}

// TestCapacityHoldsForRunsAtOnce has several assign at once what one person has room for
// a part of.
func TestCapacityHoldsForRunsAtOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		people := staff(t, app, 2, customer.LeastLoad, 5)
		list := createMany(t, crmtest.System(t, app), customers(16, false))
		errs := together(len(list), func(i int) error {
			s, err := app.System("assign")
			for attempt := 0; err == nil; attempt++ {
				if _, err = s.Customers.Assign(t.Context(), list[i].ID); !codeIs(err, storage.Retry) || attempt > 5 {
					return err
				}
				err = nil
			}
			return err
		})
		require.Equal(t, len(list), succeeded(errs), "%v", errs)
		require.Equal(t, []int64{5, 5}, holdings(t, app, people))
		requireSound(t, app)
	})
}

// TestAssigningAPageCostsFewCalls holds that nothing is asked once for each customer.
func TestAssigningAPageCostsFewCalls(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		counted, calls := crmtest.Counted(store)
		opened := crmtest.Open(t, counted)
		cost := func(n int) int {
			app := opened.Tenant("t" + strconv.Itoa(n))
			staff(t, app, 5, customer.LeastLoad, 0)
			createMany(t, crmtest.System(t, app), customers(n, false))
			s := crmtest.System(t, app)
			calls()
			list, next, err := s.Customers.AssignWaiting(t.Context(), schema.ID{}, query.Select{Limit: query.MaxLimit})
			require.NoError(t, err)
			require.Empty(t, next)
			require.Len(t, list, n)
			return calls()
		}
		require.Equal(t, cost(20), cost(700))
	})
}

// TestACustomerIsAssignedAsItIsCreated composes the two in one transaction, and interrupts
// it.
func TestACustomerIsAssignedAsItIsCreated(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		f := &faults{}
		app := crmtest.Open(t, storage.New(&faulty{store.Driver(), f}))
		people := staff(t, app, 2, customer.RoundRobin, 0)
		create := func() error {
			s, err := app.System("web form")
			if err != nil {
				return err
			}
			return s.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				c, err := s.Customers.Create(ctx, &customer.Customer{Name: "Acme"})
				if err == nil {
					_, err = s.Customers.Assign(ctx, c.ID)
				}
				return err
			})
		}
		given := int64(0)
		for n := 1; ; n++ {
			before := dump(t, app)
			if err := f.during(create, n, false, errDisk); err != nil {
				require.Equal(t, before, dump(t, app), "all or none")
				continue
			}
			given++
			if !f.hit {
				require.Greater(t, n, 5)
				break
			}
		}
		require.Equal(t, given, holdings(t, app, people)[0]+holdings(t, app, people)[1])
		require.NoError(t, create())
		require.LessOrEqual(t, max(holdings(t, app, people)[0], holdings(t, app, people)[1]), (given+2)/2)
		requireSound(t, app)
	})
}
