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

func TestHiddenFields(t *testing.T) {
	eachSales(t, customer.Pool{}, func(t *testing.T, c *sales) {
		ctx := t.Context()
		_, err := crmtest.System(t, c.app).Admin.Roles.Create(ctx, &org.Role{Meta: record.Meta{ID: schema.NameID("r")}, Name: "Seller", Grants: []org.Grant{
			{Kind: "*", Verbs: org.Verbs()}}, Fields: []org.FieldRule{{Kind: "customer", Field: "region", Access: org.Hidden}}})
		require.NoError(t, err)
		_, err = crmtest.System(t, c.app).Admin.Employees.Edit(ctx, c.bob, func(e *org.Employee) error { e.Roles = []schema.ID{schema.NameID("r")}; return nil })
		require.NoError(t, err)
		for i, name := range []string{"first", "second", "third"} {
			c.clock.At = c.clock.At.Add(time.Hour)
			id := c.owned(t, c.ann, customer.Customer{Name: name, Phone: "123", Email: "a@b.cn", TaxID: name, Region: "east", Industry: []string{"printing", "media", "media"}[i]})
			c.release(t, c.ann, id)
		}
		require.Equal(t, []string{"third", "second", "first"}, c.names(t, c.ann, query.Select{}))
		require.Equal(t, []string{"second", "third"}, c.names(t, c.ann, query.Select{Where: query.Eq("industry", "media"), Sort: query.By("name")}))
		page, err := c.as(t, c.ann).Customers.Waiting(ctx, c.pool.ID, query.Select{Limit: 2})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		require.Equal(t, []string{"", "", "", "east"}, []string{page.Items[0].Phone, page.Items[0].Email, page.Items[0].TaxID, page.Items[0].Region})
		page, err = c.as(t, c.ann).Customers.Waiting(ctx, c.pool.ID, query.Select{Limit: 2, Cursor: page.Next})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		page, err = c.as(t, c.bob).Customers.Waiting(ctx, c.pool.ID, query.Select{})
		require.NoError(t, err)
		require.Equal(t, []string{"", ""}, []string{page.Items[0].Phone, page.Items[0].Region}, "what the role hides is hidden as well")
		page, err = crmtest.System(t, c.app).Customers.Waiting(ctx, c.pool.ID, query.Select{})
		require.NoError(t, err)
		require.Equal(t, "123", page.Items[0].Phone)

		for name, q := range map[string]query.Select{
			"a condition":       {Where: query.Eq("phone", "123")},
			"inside another":    {Where: query.Any(query.Not{Expr: query.HasPrefix("name", "x")}, query.In("email", "a@b.cn"))},
			"a sort":            {Sort: query.By("tax_id")},
			"a related record":  {Where: query.Has("contacts", query.Eq("phone", "1"))},
			"a path":            {Where: query.Eq("parent.phone", "1")},
			"a sort by a path":  {Sort: query.By("parent.name")},
			"that it is absent": {Where: query.Eq("website", "")},
		} {
			_, err := c.as(t, c.ann).Customers.Waiting(ctx, c.pool.ID, q)
			require.ErrorIs(t, err, storage.ErrForbidden, name)
		}
		_, err = c.as(t, c.cid).Customers.Waiting(ctx, c.pool.ID, query.Select{})
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = crmtest.As(t, c.app, c.ann).Customers.Waiting(ctx, c.pool.ID, query.Select{Where: query.Eq("colour", "x")})
		require.ErrorIs(t, err, storage.ErrInvalid)
	})
}

func TestCustomFieldsInPoolsAndRules(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		ann := crmtest.Hire(t, app, "Ann", schema.ID{}, schema.ID{})
		sys := crmtest.System(t, app)
		pool, err := sys.Customers.Pools.Create(ctx, &customer.Pool{Name: "All", HiddenFields: []string{"custom.colour"}, Recycle: []customer.RecycleRule{{Days: 1}}, Exempt: []string{"under_contract"}})
		require.NoError(t, err)
		_, err = sys.Customers.AssignmentRules.Create(ctx, &customer.AssignmentRule{Name: "Red", Strategy: customer.Fixed,
			Where: condition(t, query.Eq("custom.colour", "red")), Members: []customer.Member{{EmployeeID: ann}}})
		require.NoError(t, err)
		var ids []schema.ID
		for _, colour := range []string{"red", "blue"} {
			c, err := sys.Customers.Create(ctx, &customer.Customer{Meta: record.Meta{Custom: schema.Values{"colour": colour, "contract": colour == "red"}}, Name: colour})
			require.NoError(t, err)
			ids = append(ids, c.ID)
		}
		list, err := crmtest.System(t, app).Customers.Assign(ctx, ids...)
		require.NoError(t, err)
		require.Equal(t, []schema.ID{ann, {}}, []schema.ID{list[0].ToID, list[1].ToID})
		require.NoError(t, sys.Customers.Release(ctx, ids[1], pool.ID, "nobody wants it"))
		page, err := crmtest.As(t, app, ann).Customers.Waiting(ctx, pool.ID, query.Select{})
		require.NoError(t, err)
		require.Equal(t, schema.Values{"contract": false}, page.Items[0].Custom)
		_, err = crmtest.As(t, app, ann).Customers.Waiting(ctx, pool.ID, query.Select{Where: query.Eq("custom.colour", "blue")})
		require.ErrorIs(t, err, storage.ErrForbidden)
		clock.At = clock.At.AddDate(0, 0, 5)
		done, err := crmtest.System(t, app).Customers.RecyclePools(ctx)
		require.NoError(t, err)
		require.Zero(t, done, "it is under contract")
		_, err = sys.Customers.Edit(ctx, ids[0], func(c *customer.Customer) error { c.Custom["contract"] = false; return nil })
		require.NoError(t, err)
		done, err = crmtest.System(t, app).Customers.RecyclePools(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, done.Moved)
	}, crm.WithClock(func() time.Time { return clock.Now() }), crm.WithCustomFields("customer",
		schema.CustomField{Name: "colour", Type: schema.TypeText}, schema.CustomField{Name: "contract", Type: schema.TypeBool}),
		crm.WithExemptions(customer.Exemption{Name: "under_contract", Where: query.Eq("custom.contract", true)}))
}

func TestLimitsAndCoolDown(t *testing.T) {
	eachSales(t, customer.Pool{Name: "All", DailyLimit: 2, HoldLimit: 3, CoolDownDays: 10}, func(t *testing.T, c *sales) {
		var ids []schema.ID
		for range 6 {
			ids = append(ids, c.owned(t, c.cid, customer.Customer{}))
			c.release(t, c.cid, ids[len(ids)-1])
		}
		refused := func(who, id schema.ID, why string) {
			t.Helper()
			err := c.claim(t, who, id)
			require.ErrorIs(t, err, storage.ErrPrecondition)
			require.ErrorContains(t, err, why)
		}
		require.NoError(t, c.claim(t, c.ann, ids[0]))
		require.NoError(t, c.claim(t, c.ann, ids[1]))
		refused(c.ann, ids[2], "2 claims a day")
		require.NoError(t, c.claim(t, c.bob, ids[2]), "each has a limit of their own")
		c.release(t, c.ann, ids[0])
		refused(c.ann, ids[3], "2 claims a day")
		c.days(1)
		refused(c.ann, ids[0], "2026-03-12")
		require.NoError(t, c.claim(t, c.ann, ids[3]))
		require.NoError(t, c.claim(t, c.ann, ids[4]))
		c.days(1)
		refused(c.ann, ids[5], "3 customers")
		_, err := crmtest.System(t, c.app).Customers.Edit(t.Context(), ids[4], func(v *customer.Customer) error { v.OwnerID = c.bob; return nil })
		require.NoError(t, err)
		require.NoError(t, c.claim(t, c.ann, ids[5]), "what somebody else has got is not held any more")
		// The cool-down is that of everybody from whom it came, and ends by the calendar.
		c.days(1)
		require.NoError(t, c.claim(t, c.bob, ids[0]))
		c.release(t, c.bob, ids[0])
		c.clock.At = time.Date(2026, 3, 11, 23, 59, 0, 0, time.UTC)
		c.release(t, c.ann, ids[1])
		refused(c.ann, ids[0], "2026-03-12")
		c.clock.At = c.clock.At.Add(time.Minute)
		require.NoError(t, c.claim(t, c.ann, ids[0]))
		require.NoError(t, c.claim(t, c.bob, ids[1]), "it came from somebody else")
	})
}
