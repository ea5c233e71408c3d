package customer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// rule stores a rule with members of a capacity each; a nil condition is for all.
func (c *sales) rule(t *testing.T, how customer.Strategy, where query.Expr, capacity int64, members ...schema.ID) *customer.AssignmentRule {
	t.Helper()
	r := &customer.AssignmentRule{Name: string(how), Strategy: how}
	for _, id := range members {
		r.Members = append(r.Members, customer.Member{EmployeeID: id, Capacity: capacity})
	}
	if where != nil {
		raw, err := query.MarshalExpr(where)
		require.NoError(t, err)
		r.Where = raw
	}
	created, err := crmtest.System(t, c.app).Customers.AssignmentRules.Create(t.Context(), r)
	require.NoError(t, err)
	return created
}

// nobodys creates customers that nobody owns.
func (c *sales) nobodys(t *testing.T, n int, given customer.Customer) []schema.ID {
	t.Helper()
	ids := make([]schema.ID, n)
	for i := range ids {
		c.clock.At = c.clock.At.Add(time.Second)
		ids[i] = c.owned(t, schema.ID{}, given)
	}
	return ids
}

// assigned assigns customers and returns to whom each went, after what the preview said.
func (c *sales) assigned(t *testing.T, ids ...schema.ID) []schema.ID {
	t.Helper()
	s := crmtest.System(t, c.app)
	preview, err := s.Customers.PreviewAssign(t.Context(), ids...)
	require.NoError(t, err)
	again, err := s.Customers.PreviewAssign(t.Context(), ids...)
	require.NoError(t, err)
	require.Equal(t, preview, again, "a preview does nothing")
	list, err := s.Customers.Assign(t.Context(), ids...)
	require.NoError(t, err)
	require.Equal(t, preview, list)
	to := make([]schema.ID, len(list))
	for i, a := range list {
		require.Equal(t, ids[i], a.CustomerID)
		if to[i] = a.ToID; !a.ToID.IsZero() {
			require.Equal(t, a.ToID, c.get(t, ids[i]).OwnerID)
		}
	}
	return to
}

func TestStrategies(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		sys := crmtest.System(t, c.app)
		c.rule(t, customer.Fixed, query.Eq("region", "fixed"), 2, c.cid, c.bob)
		round := c.rule(t, customer.RoundRobin, query.Eq("region", "round"), 0, c.cid, c.ann, c.bob)
		c.rule(t, customer.LeastLoad, query.HasPrefix("name", "least"), 0, c.bob, c.ann)
		of := func(region string, n int) []schema.ID { return c.nobodys(t, n, customer.Customer{Region: region}) }

		require.Equal(t, []schema.ID{c.cid, c.cid, c.bob, c.bob, {}}, c.assigned(t, of("fixed", 5)...), "the first who has room")
		require.Equal(t, []schema.ID{c.cid, c.ann, c.bob, c.cid}, c.assigned(t, of("round", 4)...))
		require.Equal(t, []schema.ID{c.ann, c.bob}, c.assigned(t, of("round", 2)...), "the turn is remembered")
		require.Equal(t, []schema.ID{{}}, c.assigned(t, of("elsewhere", 1)...))

		// Ann has 2, Bob 4 of which one is sealed.
		sealed, err := sys.Customers.Find(ctx, query.Select{Where: query.Eq("owner_id", c.bob), Limit: 1})
		require.NoError(t, err)
		_, err = sys.Customers.Seal(ctx, sealed.Items[0].ID, "gone")
		require.NoError(t, err)
		require.Equal(t, []schema.ID{c.ann, c.bob, c.ann, c.bob}, c.assigned(t, c.nobodys(t, 4, customer.Customer{Name: "Least"})...), "of equal ones the first")

		// Whoever is inactive gets nothing, and the turn goes on behind them.
		_, err = sys.Admin.Employees.Edit(ctx, c.cid, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		require.Equal(t, []schema.ID{c.ann, c.bob, c.ann}, c.assigned(t, of("round", 3)...))
		_, err = sys.Customers.AssignmentRules.Edit(ctx, round.ID, func(r *customer.AssignmentRule) error { r.Members = r.Members[:2]; return nil })
		require.NoError(t, err, "a rule may go on naming whom it named")
		require.Equal(t, []schema.ID{c.ann, c.ann}, c.assigned(t, of("round", 2)...))
		_, err = sys.Customers.AssignmentRules.Edit(ctx, round.ID, func(r *customer.AssignmentRule) error { r.Inactive = true; return nil })
		require.NoError(t, err)
		list, err := crmtest.System(t, c.app).Customers.Assign(ctx, append(of("round", 1), sealed.Items[0].ID)...)
		require.NoError(t, err)
		require.Equal(t, []customer.StayReason{customer.NoRule, customer.SealedAway}, []customer.StayReason{list[0].Stays, list[1].Stays})
		require.NoError(t, sys.Customers.AssignmentRules.Delete(ctx, round.ID, 0), "its turn goes with it")
	})
}

// TestTheLeastBusyMayHaveNothing is what others get wrong: who has no customer is the
// least busy of all.
func TestTheLeastBusyMayHaveNothing(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		for range 3 {
			c.owned(t, c.ann, customer.Customer{})
		}
		c.rule(t, customer.LeastLoad, nil, 2, c.ann, c.bob)
		require.Equal(t, []schema.ID{c.bob, c.bob, {}}, c.assigned(t, c.nobodys(t, 3, customer.Customer{})...), "nobody goes over their capacity")
		// Who loses a customer in the run has room for another one.
		moving := c.owned(t, c.bob, customer.Customer{})
		require.Equal(t, []schema.ID{{}}, c.assigned(t, moving), "two others are as many as he may have")
		require.Equal(t, c.bob, c.get(t, moving).OwnerID, "what stays, stays as it is")
	})
}

func TestAssigningWhatWaits(t *testing.T) {
	eachSales(t, customer.Pool{Name: "All"}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		c.rule(t, customer.RoundRobin, query.Ne("region", "far"), 0, c.ann, c.cid)
		ids := c.nobodys(t, 3, customer.Customer{})
		far := c.nobodys(t, 2, customer.Customer{Region: "far"})
		for _, id := range append(far, ids...) {
			c.clock.At = c.clock.At.Add(time.Second)
			require.NoError(t, crmtest.System(t, c.app).Customers.Release(ctx, id, c.pool.ID, "imported"))
		}
		rest := c.nobodys(t, 2, customer.Customer{})

		list, next, err := c.as(t, c.meg).Customers.AssignWaiting(ctx, c.pool.ID, query.Select{})
		require.NoError(t, err)
		require.Empty(t, list, "nothing that she may assign")
		require.Empty(t, next)
		list, next, err = crmtest.System(t, c.app).Customers.AssignWaiting(ctx, c.pool.ID, query.Select{Limit: 3})
		require.NoError(t, err)
		require.Equal(t, []schema.ID{far[0], far[1], ids[0]}, []schema.ID{list[0].CustomerID, list[1].CustomerID, list[2].CustomerID}, "the longest first")
		require.Equal(t, []schema.ID{{}, {}, c.ann}, []schema.ID{list[0].ToID, list[1].ToID, list[2].ToID})
		list, next, err = crmtest.System(t, c.app).Customers.AssignWaiting(ctx, c.pool.ID, query.Select{Limit: 3, Cursor: next})
		require.NoError(t, err)
		require.Empty(t, next)
		require.Equal(t, []schema.ID{c.cid, c.ann}, []schema.ID{list[0].ToID, list[1].ToID})
		stored := c.get(t, ids[1])
		require.Equal(t, record.Owned{OwnerID: c.cid, DepartmentID: c.south}, stored.Owned)
		require.Equal(t, customer.Pooling{QuietSince: schema.NewDate(2026, 3, 2)}, stored.Pooling)
		stay := c.stays(t, ids[1])[0]
		require.Equal(t, []any{customer.EventAssigned, c.cid}, []any{stay.LeftBy, stay.ToID})
		history, err := crmtest.System(t, c.app).Customers.History(ctx, ids[1], query.Select{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, customer.EventAssigned, history.Items[0].Event)

		list, _, err = crmtest.System(t, c.app).Customers.AssignWaiting(ctx, schema.ID{}, query.Select{})
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, []schema.ID{rest[0], rest[1]}, []schema.ID{list[0].CustomerID, list[1].CustomerID}, "those that wait nowhere, the oldest first")
	})
}

func TestWhoMayAssign(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		c.rule(t, customer.Fixed, nil, 0, c.bob)
		mine, theirs := c.owned(t, c.ann, customer.Customer{}), c.owned(t, c.cid, customer.Customer{})
		_, err := c.as(t, c.meg).Customers.Assign(ctx, mine, theirs)
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = c.as(t, c.meg).Customers.PreviewAssign(ctx, theirs)
		require.ErrorIs(t, err, storage.ErrNotFound)
		require.Equal(t, c.ann, c.get(t, mine).OwnerID, "all or none")
		_, err = crmtest.System(t, c.app).Admin.Share(ctx, record.Ref{Kind: "customer", ID: theirs}, c.meg, org.ReadAccess, time.Time{})
		require.NoError(t, err)
		_, err = c.as(t, c.meg).Customers.Assign(ctx, mine, theirs)
		require.ErrorIs(t, err, storage.ErrForbidden)
		list, err := c.as(t, c.meg).Customers.Assign(ctx, mine, mine)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, c.bob, c.get(t, mine).OwnerID)
		list, err = c.as(t, c.meg).Customers.Assign(ctx)
		require.NoError(t, err)
		require.Empty(t, list)
		_, err = c.as(t, c.meg).Customers.Assign(ctx, make([]schema.ID, query.MaxLimit+1)...)
		require.ErrorIs(t, err, storage.ErrInvalid)

		for name, r := range map[string]customer.AssignmentRule{
			"without a name":     {Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann}}},
			"without members":    {Name: "x", Strategy: customer.Fixed},
			"of no strategy":     {Name: "x", Members: []customer.Member{{EmployeeID: c.ann}}},
			"of a random one":    {Name: "x", Strategy: "random", Members: []customer.Member{{EmployeeID: c.ann}}},
			"of no employee":     {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.north}}},
			"of somebody twice":  {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann}, {EmployeeID: c.ann}}},
			"of a negative room": {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann, Capacity: -1}}},
			"of no condition":    {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann}}, Where: schema.JSON(`{"colour":1}`)},
			"of an unknown one":  {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann}}, Where: condition(t, query.Eq("colour", 1))},
			"of related records": {Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.ann}}, Where: condition(t, query.Has("contacts", nil))},
		} {
			_, err := crmtest.System(t, c.app).Customers.AssignmentRules.Create(ctx, &r)
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		_, err = c.as(t, c.meg).Customers.AssignmentRules.Create(ctx, &customer.AssignmentRule{Name: "x", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: c.meg}}})
		require.ErrorIs(t, err, storage.ErrForbidden)
	})
}

func condition(t *testing.T, e query.Expr) schema.JSON {
	t.Helper()
	raw, err := query.MarshalExpr(e)
	require.NoError(t, err)
	return raw
}

// TestRulesInOrder holds that the first rule decides, also where it has nobody left.
func TestRulesInOrder(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		for i, where := range []query.Expr{nil, query.Eq("region", "east"), query.Gt("employees", 10)} {
			r := c.rule(t, customer.Fixed, where, 1, []schema.ID{c.ann, c.bob, c.cid}[i])
			_, err := crmtest.System(t, c.app).Customers.AssignmentRules.Edit(ctx, r.ID, func(r *customer.AssignmentRule) error { r.Position = int64(3 - i); return nil })
			require.NoError(t, err)
		}
		staff := int64(11)
		big, east := c.nobodys(t, 2, customer.Customer{Region: "east", Employees: &staff}), c.nobodys(t, 1, customer.Customer{Region: "east"})
		require.Equal(t, []schema.ID{c.cid, {}, c.bob}, c.assigned(t, append(big, east...)...))
		list, err := crmtest.System(t, c.app).Customers.Assign(ctx, big[1])
		require.NoError(t, err)
		require.Equal(t, customer.NoMember, list[0].Stays)
		require.False(t, list[0].RuleID.IsZero(), fmt.Sprint(list))
	})
}
