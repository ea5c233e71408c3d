package crm_test

import (
	"fmt"
	"slices"
	"testing"

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

// organisations returns every company of n people: every way of giving each a manager or
// none without a circle, with a record in every place. Of those in which only 1 and 2 have
// changed places, who are alike among four, it returns one.
func organisations(n int) []*house {
	var found []*house
	for code := range pow(n+1, n) {
		manager := make([]int, n)
		for i := range manager {
			manager[i] = code%(n+1) - 1
			code /= n + 1
		}
		if hasCircle(manager) || n == 4 && slices.Compare(manager, withTwoForOne(manager)) < 0 {
			continue
		}
		h := &house{hour: 2}
		for _, above := range manager {
			h.people = append(h.people, person{manager: above, department: -1})
		}
		add := func(owner int, shares ...share) *placed {
			r := &placed{who: who{"customer", len(h.records)}, owner: owner, department: -1, contacts: 1, shares: shares}
			h.records = append(h.records, r)
			return r
		}
		for i := range n {
			add(i)
		}
		for level := org.ReadAccess; level <= org.FullAccess; level++ {
			for until := range 2 {
				add(0, share{to: who{"employee", n - 1}, level: level, until: until})
			}
		}
		held := add(0)
		held.deals = []*placed{{who: who{"opportunity", 0}, owner: n - 1, department: -1, text: "deal"}}
		found = append(found, h)
	}
	return found
}

// withTwoForOne returns the managers with 1 and 2 in each other's place.
func withTwoForOne(managers []int) []int {
	place := []int{0, 2, 1, 3}
	changed := make([]int, len(managers))
	for i, manager := range managers {
		if manager >= 0 {
			manager = place[manager]
		}
		changed[place[i]] = manager
	}
	return changed
}

func hasCircle(managers []int) bool {
	for i := range managers {
		at := i
		for range managers {
			if at >= 0 {
				at = managers[at]
			}
		}
		if at >= 0 {
			return true
		}
	}
	return false
}

func pow(base, exponent int) int {
	n := 1
	for range exponent {
		n *= base
	}
	return n
}

// TestEveryOrganisation enumerates all organisations of up to four people (three with
// -short, and over Postgres), puts a record in every place, and compares what each person
// finds, counts, gets and may do with the rule of house.may.
func TestEveryOrganisation(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{}
		app, people := crmtest.Open(t, store, crm.WithClock(clock.Now)), 4
		if testing.Short() || store.Name() == "postgres" {
			people = 3
		}
		for n := 1; n <= people; n++ {
			for i, h := range organisations(n) {
				tenant := app.Tenant(fmt.Sprintf("%d people, organisation %d", n, i))
				h.build(t, tenant, clock)
				h.check(t, tenant, 2)
			}
		}
	})
}

// TestEveryRange gives one person a role with each range in each department, and
// compares what they may do to a stranger's record in each department.
func TestEveryRange(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		for _, reach := range []org.Range{org.OwnRange, org.DepartmentRange, org.BelowRange, org.AllRange} {
			for _, in := range []string{"", "top", "sub"} {
				checkRange(t, app.Tenant(fmt.Sprintf("range %q in %q", reach, in)), reach, in)
			}
		}
	})
}

// covered says whose records a range covers: by range, then by the person's department.
var covered = map[org.Range]map[string][]string{
	org.OwnRange:        {},
	org.DepartmentRange: {"top": {"top"}, "sub": {"sub"}},
	org.BelowRange:      {"top": {"top", "sub"}, "sub": {"sub"}},
	org.AllRange:        {"": {"", "top", "sub"}, "top": {"", "top", "sub"}, "sub": {"", "top", "sub"}},
}

func checkRange(t *testing.T, app *crm.App, reach org.Range, in string) {
	t.Helper()
	ctx := t.Context()
	sys := crmtest.System(t, app)
	department := map[string]schema.ID{}
	for _, name := range []string{"top", "sub"} {
		d, err := sys.Admin.Departments.Create(ctx, &org.Department{Name: name, ParentID: department["top"]})
		require.NoError(t, err)
		department[name] = d.ID
	}
	role, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: "clerk", Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read, org.Update}, Range: reach}}})
	require.NoError(t, err)
	stranger := crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{})
	clerk, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", DepartmentID: department[in], Roles: []schema.ID{role.ID}})
	require.NoError(t, err)
	s := crmtest.As(t, app, clerk.ID)
	var want []string
	for _, at := range []string{"", "top", "sub"} {
		c, err := sys.Customers.Create(ctx, &customer.Customer{Name: "in " + at, Owned: record.Owned{OwnerID: stranger, DepartmentID: department[at]}})
		require.NoError(t, err)
		allowed := slices.Contains(covered[reach][in], at)
		if allowed {
			want = append(want, c.Name)
		}
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Industry = "x"; return nil })
		require.Equalf(t, allowed, err == nil, "a record in %q: %v", at, err)
		err = s.Customers.Delete(ctx, c.ID, 0)
		require.Errorf(t, err, "the role does not grant delete")
	}
	var found []string
	for c, err := range s.Customers.All(ctx, query.Select{Sort: query.By("id")}) {
		require.NoError(t, err)
		found = append(found, c.Name)
	}
	require.Equal(t, want, found)
}
