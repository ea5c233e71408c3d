package crm_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// keys returns the match keys that are kept, by whom they lead to and whose they were.
func keys(t *testing.T, app *crm.App) []string {
	t.Helper()
	var list []string
	for _, k := range all(t, crmtest.System(t, app).Tenant(), customer.MatchKeys) {
		list = append(list, fmt.Sprint(k.CustomerID, k.FormerID, k.Key, k.Normaliser))
	}
	slices.Sort(list)
	return list
}

// hits requires that one customer is found, and by a former name or not.
func hits(t *testing.T, app *crm.App, c *customer.Customer, want schema.ID, former bool, at ...*customer.Address) customer.Duplicates {
	t.Helper()
	found := must(crmtest.System(t, app).Customers.Duplicates(t.Context(), c, at...))(t)
	require.Len(t, found.Visible, 1)
	require.Equal(t, want, found.Visible[0].ID)
	require.Equal(t, former, found.Visible[0].Former)
	return found
}

func TestWhatWasMergedIsFoundByItsFormerName(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app).Customers
		old := &customer.Customer{Name: "Old Harbour Trading", Phone: "87654321"}
		a := must(s.Create(ctx, old))(t).ID
		must(s.Addresses.Create(ctx, &customer.Address{CustomerID: a, Kind: customer.Office, Street: "12 Quay Street", City: "Hamburg", Postcode: "20457"}))(t)
		b := must(s.Create(ctx, &customer.Customer{Name: "North River Press", Phone: "12345678"}))(t).ID
		c := must(s.Create(ctx, &customer.Customer{Name: "Greenfield Works"}))(t).ID
		before := keys(t, app)
		into := func(winner, loser schema.ID) schema.ID {
			return must(s.Merge(ctx, merge.Request{Winner: winner, Losers: []schema.ID{loser}}))(t).Merge.ID
		}
		require.False(t, hits(t, app, old, a, false).Incomplete)

		first := into(b, a)
		require.Equal(t, match.Block, hits(t, app, old, b, true).Action())
		_, err := s.Create(ctx, old)
		requireCode(t, err, storage.Exists)
		hits(t, app, &customer.Customer{Name: "Old Harbour Trade", Phone: "12345678"}, b, true) // its name, and the winner's phone
		must(s.Edit(ctx, b, func(v *customer.Customer) error { v.Name, v.Phone = "North River Books", "11112222"; return nil }))(t)
		hits(t, app, old, b, true)
		merged := keys(t, app)

		second := into(c, a) // who it is now
		hits(t, app, old, c, true)
		require.Equal(t, match.Warn, hits(t, app, &customer.Customer{Name: "North River Books"}, c, true).Action())
		hits(t, app, &customer.Customer{Name: "Greenfield Works"}, c, false)
		hidden := must(clerk(t, app, nil).Customers.Duplicates(ctx, old))(t)
		require.True(t, hidden.Hidden[0].Former)

		must(s.Unmerge(ctx, second))(t)
		require.Equal(t, merged, keys(t, app))
		hits(t, app, old, b, true)
		must(s.Edit(ctx, b, func(v *customer.Customer) error { v.Name, v.Phone = "North River Press", "12345678"; return nil }))(t)
		must(s.Unmerge(ctx, first))(t)
		require.Equal(t, before, keys(t, app))
		hits(t, app, old, a, false)

		into(b, a) // and again
		hits(t, app, old, b, true)
		require.NoError(t, s.Delete(ctx, must(s.Create(ctx, &customer.Customer{Name: "Passing"}))(t).ID, 0))
		requireSound(t, app)
	}, matching(t))
}

func TestFormerNamesOfPersonsAreFoundUntilTheyAreErased(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		person := func(given, family, phone string) *customer.Customer {
			return &customer.Customer{Type: customer.Individual, Name: given + " " + family, Person: customer.Person{GivenName: given, FamilyName: family}, Phone: phone}
		}
		was := must(s.Customers.Create(ctx, person("Zqanna", "Zqbrandt", "87654321")))(t).ID
		now := must(s.Customers.Create(ctx, person("Zqanna", "Zqlindner", "12345678")))(t).ID
		must(s.Customers.Merge(ctx, merge.Request{Winner: now, Losers: []schema.ID{was}}))(t)
		hits(t, app, person("Zqanna", "Zqbrandt", "87654321"), now, true)
		hits(t, app, person("Zqanna", "Zqbrandt", "12345678"), now, true)
		hits(t, app, person("Zqanna", "Zqlindner", "87654321"), now, true)
		hits(t, app, person("Zqanna", "Zqlindner", "12345678"), now, false)

		must(s.Privacy.Erase(ctx, record.Ref{Kind: "customer", ID: now}, asked))(t)
		require.NotContains(t, fmt.Sprint(keys(t, app)), "zq")
		require.NotContains(t, fmt.Sprint(keys(t, app)), "87654321")
		require.Empty(t, must(s.Customers.Duplicates(ctx, person("Zqanna", "Zqbrandt", "87654321")))(t).Visible)
	}, matching(t))
}

// TestWhatIsMergedIntoAnErasedPersonGoesWithThem erases somebody, merges another record of
// them into the pseudonym, which keeps its blanks, and erases again.
func TestWhatIsMergedIntoAnErasedPersonGoesWithThem(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		person := func(name, phone string) schema.ID {
			return must(s.Customers.Create(ctx, &customer.Customer{Type: customer.Individual, Name: name, Phone: phone}))(t).ID
		}
		erase := func(id schema.ID) { must(s.Privacy.Erase(ctx, record.Ref{Kind: "customer", ID: id}, asked))(t) }
		now, later, last := person("Zqanna", "12345678"), person("Zqbrandt", "87654321"), person("Zqcarl", "11223344")
		erase(now)
		must(s.Customers.Merge(ctx, merge.Request{Winner: later, Losers: []schema.ID{last}}))(t)
		req := merge.Request{Winner: now, Losers: []schema.ID{later}, Take: map[string]schema.ID{"phone": now}}
		merged := must(s.Customers.Merge(ctx, req))(t).Merge
		for _, phone := range []string{"87654321", "11223344"} {
			require.Contains(t, fmt.Sprint(keys(t, app)), phone, "it is found as long as the merge can be undone")
		}
		must(s.Customers.Unmerge(ctx, merged.ID))(t)
		must(s.Customers.Merge(ctx, req))(t)
		erase(now)
		for _, was := range []string{"zq", "87654321", "11223344"} {
			require.NotContains(t, fmt.Sprint(keys(t, app)), was)
		}
		requireSound(t, app)
	}, matching(t))
}

// TestKeysOfAnotherVersionAreTold stores keys as another release would have made them.
func TestKeysOfAnotherVersionAreTold(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		old := &customer.Customer{Name: "Old Harbour Trading", Phone: "87654321"}
		a, b := must(s.Customers.Create(ctx, old))(t).ID, must(s.Customers.Create(ctx, &customer.Customer{Name: "North River Press"}))(t).ID
		must(s.Customers.Merge(ctx, merge.Request{Winner: b, Losers: []schema.ID{a}}))(t)
		want := keys(t, app)
		k := storage.Of(s.Tenant(), customer.MatchKeys).Kind()
		for _, version := range []int64{match.Version - 1, match.Version + 1} {
			set := []driver.Assign{{Field: k.Field("normaliser"), Value: version}, {Field: k.Field("key"), Value: fmt.Sprint("phone:", version)}}
			must(s.Tenant().UpdateWhere(ctx, k, query.Eq("customer_id", b), nil, set))(t)
			found := must(s.Customers.Duplicates(ctx, &customer.Customer{Name: "Another"}))(t)
			require.True(t, found.Incomplete)
			require.True(t, must(clerk(t, app, nil).Customers.Duplicates(ctx, old))(t).Incomplete)

			require.True(t, must(s.Customers.RebuildMatchKeys(ctx, schema.ID{}))(t).IsZero())
			require.Equal(t, want, keys(t, app), "former ones, too")
			require.False(t, hits(t, app, old, b, true).Incomplete)
		}
	}, matching(t))
}

// TestProgramsWithoutAMatcherKeepKeysInOrder opens the store without the matcher that it had.
func TestProgramsWithoutAMatcherKeepKeysInOrder(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		with := crmtest.Open(t, store, matching(t))
		without := crmtest.System(t, crmtest.Open(t, store)).Customers
		old := &customer.Customer{Name: "Old Harbour Trading", Phone: "87654321"}
		a, b := must(without.Create(ctx, &customer.Customer{Name: "North River Press"}))(t).ID, must(crmtest.System(t, with).Customers.Create(ctx, old))(t).ID
		before := keys(t, with)
		done := must(without.Merge(ctx, merge.Request{Winner: a, Losers: []schema.ID{b}}))(t)
		hits(t, with, old, a, true)
		must(without.Unmerge(ctx, done.Merge.ID))(t)
		require.Equal(t, before, keys(t, with))
		require.NoError(t, without.Delete(ctx, b, 0))
		require.Empty(t, keys(t, with))
	})
}

func TestPersonsAreFoundAtTheirAddress(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		anna := &customer.Customer{Type: customer.Individual, Name: "Anna Lindner", Person: customer.Person{GivenName: "Anna", FamilyName: "Lindner"}}
		home := customer.Address{Kind: customer.Home, Street: "12 Quay Street", City: "Hamburg", Postcode: "20457"}
		stored := must(s.Customers.Create(ctx, anna))(t).ID
		at := func(id schema.ID, a customer.Address) schema.ID {
			a.CustomerID = id
			return must(s.Customers.Addresses.Create(ctx, &a))(t).ID
		}
		again := &customer.Customer{Type: customer.Individual, Name: "Anna Linder", Person: customer.Person{GivenName: "Anna", FamilyName: "Linder"}}
		none := func(c *customer.Customer, a ...*customer.Address) {
			t.Helper()
			require.Empty(t, must(s.Customers.Duplicates(ctx, c, a...))(t).Visible)
		}
		none(again, &home)
		bill := at(stored, customer.Address{Kind: customer.Billing, Street: "1 Other Road", City: "Bremen", Postcode: "28195"})
		none(again, &home)
		first := at(stored, home)
		require.Equal(t, "same person at the same address", hits(t, app, again, stored, false, &home).Visible[0].Rule)
		none(again)

		twin := must(s.Customers.Create(ctx, again))(t)
		second := at(twin.ID, home)
		hits(t, app, twin, stored, false) // at the address that is stored
		clusters := 0
		for range must(s.Customers.ScanDuplicates(ctx, nil, match.ScanOptions{}))(t).Clusters() {
			clusters++
		}
		require.Equal(t, 1, clusters)
		must(s.Customers.Addresses.Edit(ctx, second, func(a *customer.Address) error {
			a.Street, a.City, a.Postcode = "9 Hill Road", "Kiel", "24103"
			return nil
		}))(t)
		none(twin)
		must(s.Customers.Addresses.Edit(ctx, first, func(a *customer.Address) error {
			a.Street, a.City, a.Postcode = "9 Hill Road", "Kiel", "24103"
			return nil
		}))(t)
		hits(t, app, twin, stored, false)
		require.NoError(t, s.Customers.Addresses.Delete(ctx, first, 0))
		none(twin)
		want := keys(t, app)
		must(s.Customers.RebuildMatchKeys(ctx, schema.ID{}))(t)
		require.Equal(t, want, keys(t, app), "as they were kept")
		require.NoError(t, s.Customers.Addresses.Delete(ctx, bill, 0))
	}, matching(t))
}

// TestAnAddressMayBeBlocked holds that a rule is kept when it is an address that makes two
// customers the same.
func TestAnAddressMayBeBlocked(t *testing.T) {
	m, err := match.New([]match.Rule{{Name: "one house", Action: match.Block, When: match.And{match.Equal{Field: match.Street}, match.Equal{Field: match.Number}}}}, match.Options{})
	require.NoError(t, err)
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app).Customers
		at := func(id schema.ID, street string) error {
			_, err := s.Addresses.Create(ctx, &customer.Address{CustomerID: id, Kind: customer.Office, Street: street, City: "Hamburg"})
			return err
		}
		a, b := must(s.Create(ctx, &customer.Customer{Name: "First"}))(t).ID, must(s.Create(ctx, &customer.Customer{Name: "Second"}))(t).ID
		require.NoError(t, at(a, "12 Quay Street"))
		requireCode(t, at(b, "12 Quay St."), storage.Exists)
		require.Zero(t, must(s.Addresses.Count(ctx, query.Eq("customer_id", b)))(t), "is not stored")
		require.NoError(t, at(b, "13 Quay Street"))
	}, crm.WithMatcher(m))
}

// TestQueriesAskedAtOnceFindTheSame compares Gather with Find, on more queries than one
// statement takes.
func TestQueriesAskedAtOnceFindTheSame(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		for i := range 6 {
			must(s.Customers.Create(ctx, &customer.Customer{Name: fmt.Sprintf("Company %d of the same town", i)}))(t)
		}
		table := storage.Of(s.Tenant(), customer.Customers)
		var list []query.Select
		var want, got []string
		for i := range 130 {
			q := query.Select{Where: query.HasPrefix("name", fmt.Sprint("Company ", i%7)), Sort: query.By("-created_at"), Limit: 3}
			if i%10 == 0 {
				q = query.Select{Limit: 2}
			}
			list = append(list, q)
			for _, c := range must(table.Find(ctx, q))(t).Items {
				want = append(want, c.Name)
			}
		}
		for _, c := range must(table.Gather(ctx, list...))(t) {
			got = append(got, c.Name)
		}
		require.ElementsMatch(t, want, got)
		require.Empty(t, must(table.Gather(ctx))(t))
		_, err := table.Gather(ctx, query.Select{Cursor: "x"})
		requireCode(t, err, storage.Invalid)
	})
}
