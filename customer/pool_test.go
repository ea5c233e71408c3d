package customer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// sales is a company with a public pool: Ann and Bob sell in the north under Meg, Cid in
// the south.
type sales struct {
	app                *crm.App
	clock              *crmtest.Clock
	north, south       schema.ID
	meg, ann, bob, cid schema.ID
	pool               *customer.Pool
}

// eachSales runs a test on every adapter with the pool of the north.
func eachSales(t *testing.T, pool customer.Pool, test func(t *testing.T, c *sales)) {
	t.Helper()
	clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		c := &sales{app: app, clock: clock}
		sys := crmtest.System(t, app)
		for name, id := range map[string]*schema.ID{"North": &c.north, "South": &c.south} {
			d, err := sys.Admin.Departments.Create(t.Context(), &org.Department{Name: name})
			require.NoError(t, err)
			*id = d.ID
		}
		c.meg = crmtest.Hire(t, app, "Meg", schema.ID{}, c.north)
		c.ann, c.bob = crmtest.Hire(t, app, "Ann", c.meg, c.north), crmtest.Hire(t, app, "Bob", c.meg, c.north)
		c.cid = crmtest.Hire(t, app, "Cid", schema.ID{}, c.south)
		p := pool
		if p.Name == "" {
			p.Name, p.Members = "North", []schema.ID{c.north}
		}
		var err error
		c.pool, err = crmtest.System(t, app).Customers.Pools.Create(t.Context(), &p)
		require.NoError(t, err)
		test(t, c)
	}, crm.WithClock(func() time.Time { return clock.Now() }))
}

// days lets some days pass.
func (c *sales) days(n int) { c.clock.At = c.clock.At.AddDate(0, 0, n) }

// as returns a session in which somebody acts, now.
func (c *sales) as(t *testing.T, who schema.ID) *crm.Session { return crmtest.As(t, c.app, who) }

// owned creates a customer of somebody's.
func (c *sales) owned(t *testing.T, who schema.ID, given customer.Customer) schema.ID {
	t.Helper()
	given.OwnerID = who
	if given.Name == "" {
		given.Name = "Acme"
	}
	created, err := crmtest.System(t, c.app).Customers.Create(t.Context(), &given)
	require.NoError(t, err)
	return created.ID
}

// get returns a customer as it is stored.
func (c *sales) get(t *testing.T, id schema.ID) *customer.Customer {
	t.Helper()
	stored, err := crmtest.System(t, c.app).Customers.Get(t.Context(), id)
	require.NoError(t, err)
	return stored
}

// release has the owner give a customer into the pool.
func (c *sales) release(t *testing.T, who, id schema.ID) {
	t.Helper()
	require.NoError(t, c.as(t, who).Customers.Release(t.Context(), id, c.pool.ID, "no need"))
}

func (c *sales) claim(t *testing.T, who, id schema.ID) error {
	t.Helper()
	_, err := c.as(t, who).Customers.Claim(t.Context(), id)
	return err
}

func (c *sales) stays(t *testing.T, id schema.ID) []customer.PoolStay {
	t.Helper()
	page, err := crmtest.System(t, c.app).Customers.PoolHistory(t.Context(), id, query.Select{})
	require.NoError(t, err)
	return page.Items
}

// names returns those of the customers that wait in the pool, as somebody sees them.
func (c *sales) names(t *testing.T, who schema.ID, q query.Select) []string {
	t.Helper()
	page, err := c.as(t, who).Customers.Waiting(t.Context(), c.pool.ID, q)
	require.NoError(t, err)
	var names []string
	for _, found := range page.Items {
		names = append(names, found.Name)
	}
	return names
}

func TestReleaseAndClaim(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		id := c.owned(t, c.ann, customer.Customer{Name: "Acme", Phone: "123"})
		require.Equal(t, schema.NewDate(2026, 3, 2), c.get(t, id).QuietSince)

		s := c.as(t, c.ann)
		for name, test := range map[string]struct {
			err  error
			code error
		}{
			"without a reason":        {s.Customers.Release(ctx, id, c.pool.ID, ""), storage.ErrInvalid},
			"into no pool":            {s.Customers.Release(ctx, id, schema.NewID(), "x"), storage.ErrNotFound},
			"into a pool of zero":     {s.Customers.Release(ctx, id, schema.ID{}, "x"), storage.ErrNotFound},
			"what is not there":       {s.Customers.Release(ctx, schema.NewID(), c.pool.ID, "x"), storage.ErrNotFound},
			"what one may not see":    {c.as(t, c.cid).Customers.Release(ctx, id, c.pool.ID, "x"), storage.ErrNotFound},
			"a claim while owned":     {c.claim(t, c.ann, id), storage.ErrPrecondition},
			"a claim of what is not":  {c.claim(t, c.ann, schema.NewID()), storage.ErrNotFound},
			"a claim of a hidden one": {c.claim(t, c.cid, id), storage.ErrNotFound},
		} {
			require.ErrorIs(t, test.err, test.code, name)
		}

		c.days(1)
		c.release(t, c.ann, id)
		stored := c.get(t, id)
		require.Equal(t, record.Owned{}, stored.Owned, "nobody answers for it, and no department")
		require.Equal(t, customer.Pooling{PoolID: c.pool.ID, PooledAt: c.clock.At, PoolReason: "no need"}, stored.Pooling)
		require.ErrorIs(t, crmtest.System(t, c.app).Customers.Release(ctx, id, c.pool.ID, "again"), storage.ErrPrecondition)
		for _, who := range []schema.ID{c.ann, c.meg} {
			s := c.as(t, who)
			_, err := s.Customers.Get(ctx, id)
			require.ErrorIs(t, err, storage.ErrNotFound, "the former owner and their manager see it in the pool only")
			_, err = s.Why(ctx, org.Read, record.Ref{Kind: "customer", ID: id})
			require.ErrorIs(t, err, storage.ErrNotFound)
			n, err := s.Customers.Count(ctx, nil)
			require.NoError(t, err)
			require.Zero(t, n)
			require.Equal(t, []string{"Acme"}, c.names(t, who, query.Select{}))
		}

		c.days(1)
		require.ErrorIs(t, c.claim(t, c.cid, id), storage.ErrNotFound, "the pool of others")
		claimed, err := c.as(t, c.bob).Customers.Claim(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "123", claimed.Phone, "what the pool hides is shown to who has claimed it")
		require.Equal(t, record.Owned{OwnerID: c.bob, DepartmentID: c.north}, claimed.Owned)
		require.Equal(t, customer.Pooling{QuietSince: schema.NewDate(2026, 3, 4), TakenFromID: c.pool.ID}, claimed.Pooling)
		err = c.claim(t, c.ann, id)
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.ErrorContains(t, err, "faster")
		require.ErrorIs(t, c.claim(t, c.cid, id), storage.ErrNotFound)

		stays := c.stays(t, id)
		require.Len(t, stays, 1)
		stays[0].Meta = record.Meta{}
		require.Equal(t, customer.PoolStay{CustomerID: id, PoolID: c.pool.ID, FromID: c.ann, ByID: c.ann, Reason: "no need", CameBy: customer.EventReleased,
			Since: c.clock.At.AddDate(0, 0, -1), Until: c.clock.At, LeftBy: customer.EventClaimed, ToID: c.bob}, stays[0])
		history, err := crmtest.System(t, c.app).Customers.History(ctx, id, query.Select{})
		require.NoError(t, err)
		require.Equal(t, []string{customer.EventClaimed, customer.EventReleased, "customer.created"},
			[]string{history.Items[0].Event, history.Items[1].Event, history.Items[2].Event})

		_, err = crmtest.System(t, c.app).Customers.Claim(ctx, id)
		require.ErrorIs(t, err, storage.ErrPrecondition, "the system claims nothing")
		_, err = crmtest.As(t, c.app, c.bob).Customers.PoolHistory(ctx, id, query.Select{})
		require.NoError(t, err)
		_, err = c.as(t, c.cid).Customers.PoolHistory(ctx, id, query.Select{})
		require.ErrorIs(t, err, storage.ErrNotFound)
		require.NoError(t, crmtest.System(t, c.app).Customers.Delete(ctx, id, 0), "its stays go with it")
	})
}

func TestWhoMayRelease(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		reader, err := crmtest.System(t, c.app).Admin.Roles.Create(ctx, &org.Role{Name: "Clerk", Grants: []org.Grant{{Kind: "*", Verbs: []org.Verb{org.Read, org.Update}}}})
		require.NoError(t, err)
		_, err = crmtest.System(t, c.app).Admin.Employees.Edit(ctx, c.bob, func(e *org.Employee) error { e.Roles = []schema.ID{reader.ID}; return nil })
		require.NoError(t, err)

		of := c.owned(t, c.ann, customer.Customer{})
		require.NoError(t, c.as(t, c.meg).Customers.Release(ctx, of, c.pool.ID, "she has too many"), "the manager")
		mine := c.owned(t, c.bob, customer.Customer{})
		require.NoError(t, c.as(t, c.bob).Customers.Release(ctx, mine, c.pool.ID, "x"), "the owner needs no right to assign")
		require.ErrorIs(t, c.claim(t, c.bob, mine), storage.ErrForbidden, "but one to create customers, to claim")
		hers := c.owned(t, c.ann, customer.Customer{})
		_, err = crmtest.System(t, c.app).Admin.Share(ctx, record.Ref{Kind: "customer", ID: hers}, c.bob, org.EditAccess, time.Time{})
		require.NoError(t, err)
		require.ErrorIs(t, c.as(t, c.bob).Customers.Release(ctx, hers, c.pool.ID, "x"), storage.ErrForbidden)

		nobodys := c.owned(t, schema.ID{}, customer.Customer{})
		require.True(t, c.get(t, nobodys).QuietSince.IsZero())
		require.NoError(t, crmtest.System(t, c.app).Customers.Release(ctx, nobodys, c.pool.ID, "imported"))
		require.True(t, c.stays(t, nobodys)[0].FromID.IsZero())

		_, err = crmtest.System(t, c.app).Customers.Seal(ctx, hers, "bankrupt")
		require.NoError(t, err)
		require.ErrorIs(t, c.as(t, c.ann).Customers.Release(ctx, hers, c.pool.ID, "x"), storage.ErrPrecondition, "a sealed one")
		_, err = crmtest.System(t, c.app).Customers.Pools.Edit(ctx, c.pool.ID, func(p *customer.Pool) error { p.Inactive = true; return nil })
		require.NoError(t, err)
		last := c.owned(t, c.ann, customer.Customer{})
		require.ErrorIs(t, c.as(t, c.ann).Customers.Release(ctx, last, c.pool.ID, "x"), storage.ErrPrecondition, "an inactive pool")
		require.NoError(t, c.claim(t, c.ann, nobodys), "which can still be claimed from")
	})
}

// TestNothingElseMovesIntoOrOutOfPools tries all ways but the verbs.
func TestNothingElseMovesIntoOrOutOfPools(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		sys := crmtest.System(t, c.app)
		_, err := sys.Customers.Create(ctx, &customer.Customer{Name: "A", Pooling: customer.Pooling{PoolID: c.pool.ID}})
		require.ErrorIs(t, err, storage.ErrInvalid)
		id, waiting := c.owned(t, c.ann, customer.Customer{}), c.owned(t, c.ann, customer.Customer{})
		c.release(t, c.ann, waiting)
		for name, change := range map[string]func(*customer.Customer){
			"into a pool":     func(v *customer.Customer) { v.PoolID = c.pool.ID },
			"as if it waited": func(v *customer.Customer) { v.Owned, v.PoolID = record.Owned{}, c.pool.ID },
			"since":           func(v *customer.Customer) { v.PooledAt = c.clock.At },
			"reserved":        func(v *customer.Customer) { v.ReservedUntil = schema.NewDate(2030, 1, 1) },
			"taken":           func(v *customer.Customer) { v.TakenFromID = c.pool.ID },
		} {
			_, err := sys.Customers.Edit(ctx, id, func(v *customer.Customer) error { change(v); return nil })
			require.ErrorIs(t, err, storage.ErrPrecondition, name)
		}
		for name, change := range map[string]func(*customer.Customer){
			"out of it":       func(v *customer.Customer) { v.PoolID = schema.ID{} },
			"to a department": func(v *customer.Customer) { v.DepartmentID = c.south },
		} {
			_, err := sys.Customers.Edit(ctx, waiting, func(v *customer.Customer) error { change(v); return nil })
			require.ErrorIs(t, err, storage.ErrPrecondition, name)
		}
		_, err = sys.Customers.Edit(ctx, waiting, func(v *customer.Customer) error { v.Phone = "1"; return nil })
		require.NoError(t, err, "what else is known of it is edited")

		// Whatever gives it an owner takes it out of the pool.
		_, err = sys.Customers.Edit(ctx, waiting, func(v *customer.Customer) error { v.OwnerID = c.cid; return nil })
		require.NoError(t, err)
		require.Equal(t, customer.Pooling{QuietSince: schema.NewDate(2026, 3, 2)}, c.get(t, waiting).Pooling)
		require.Equal(t, []any{"customer.updated", c.cid, false}, []any{c.stays(t, waiting)[0].LeftBy, c.stays(t, waiting)[0].ToID, c.stays(t, waiting)[0].Until.IsZero()})

		c.release(t, c.cid, waiting)
		job, err := sys.Admin.PlanHandover(ctx, &admin.Handover{}, &admin.HandoverLine{Kind: "customer", ToID: c.bob})
		require.NoError(t, err)
		_, err = sys.Admin.PreviewHandover(ctx, job.ID)
		require.NoError(t, err)
		_, err = sys.Admin.ExecuteHandover(ctx, job.ID)
		require.NoError(t, err)
		require.Equal(t, c.bob, c.get(t, waiting).OwnerID)
		require.Equal(t, "customer.handed_over", c.stays(t, waiting)[1].LeftBy)
		require.ErrorIs(t, sys.Customers.Pools.Delete(ctx, c.pool.ID, 0), storage.ErrReferenced, "a pool with a history is made inactive")
	})
}

// TestHiddenFields holds that they are neither shown nor matched, and nothing beyond the
// customer either.
// TestCustomFieldsInPoolsAndRules uses a host's own field in both, and its own exemption.
func TestPoolsThatAreRefused(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		require.Equal(t, customer.DefaultHiddenFields(), c.pool.HiddenFields)
		for name, p := range map[string]customer.Pool{
			"without a name":     {},
			"of no member":       {Name: "x", Members: []schema.ID{schema.NewID()}},
			"of an unknown rule": {Name: "x", Exempt: []string{"rainy"}},
			"hiding no field":    {Name: "x", HiddenFields: []string{"colour"}},
			"hiding a path":      {Name: "x", HiddenFields: []string{"parent.name"}},
			"hiding the owner":   {Name: "x", HiddenFields: []string{"owner_id"}},
			"hiding a search":    {Name: "x", HiddenFields: []string{"name_folded"}},
			"of no days":         {Name: "x", Recycle: []customer.RecycleRule{{}}},
			"of two rules":       {Name: "x", Recycle: []customer.RecycleRule{{Days: 1}, {Days: 2}}},
			"of less than none":  {Name: "x", DailyLimit: -1},
		} {
			_, err := crmtest.System(t, c.app).Customers.Pools.Create(t.Context(), &p)
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		_, err := crmtest.System(t, c.app).Customers.Pools.Create(t.Context(), &customer.Pool{Name: "North"})
		require.ErrorIs(t, err, storage.ErrExists)
		_, err = c.as(t, c.ann).Customers.Pools.Create(t.Context(), &customer.Pool{Name: "Mine"})
		require.ErrorIs(t, err, storage.ErrForbidden)
		open, err := crmtest.System(t, c.app).Customers.Pools.Edit(t.Context(), c.pool.ID, func(p *customer.Pool) error { p.HiddenFields = nil; return nil })
		require.NoError(t, err)
		require.Empty(t, open.HiddenFields)
	})
}

// TestThePoolEndsTeamsAndShares holds that nobody keeps access to a customer in a pool but
// by their own records that point to it.
func TestThePoolEndsTeamsAndShares(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		id := c.owned(t, c.ann, customer.Customer{})
		ann := c.as(t, c.ann)
		mate, err := ann.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: id, EmployeeID: c.bob, Level: org.EditAccess})
		require.NoError(t, err)
		_, err = ann.Admin.Share(ctx, record.Ref{Kind: "customer", ID: id}, c.south, org.ReadAccess, time.Time{})
		require.NoError(t, err)
		for _, who := range []schema.ID{c.bob, c.cid} {
			_, err = c.as(t, who).Customers.Get(ctx, id)
			require.NoError(t, err)
		}
		c.release(t, c.ann, id)
		for _, who := range []schema.ID{c.ann, c.bob, c.cid, c.meg} {
			_, err = c.as(t, who).Customers.Get(ctx, id)
			require.ErrorIs(t, err, storage.ErrNotFound)
		}
		require.NoError(t, c.claim(t, c.meg, id))
		_, err = c.as(t, c.bob).Customers.Get(ctx, id)
		require.ErrorIs(t, err, storage.ErrNotFound, "the team does not come back by itself")
		c.days(1)
		_, err = c.as(t, c.meg).Customers.Team.Edit(ctx, mate.ID, func(m *customer.Teammate) error { m.Until = time.Time{}; return nil })
		require.NoError(t, err)
		_, err = c.as(t, c.bob).Customers.Get(ctx, id)
		require.NoError(t, err, "the new owner may take a teammate on again")
	})
}

// find returns the customer of a name.
// TestPoolsOfDepartments holds that a pool takes back what it is there for, and of two the
// first in order.
// TestRecyclingLeavesWhatARuleRefuses has a host's hook keep one customer of many.
