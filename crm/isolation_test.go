package crm_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

var isolationSeed = flag.Int("isolation.seed", rand.Int(), "seed of the random companies") //nolint:gosec // no secret

// houses runs a test on random companies over each adapter, many in memory and a few over
// the others.
func houses(t *testing.T, many, few int, test func(t *testing.T, app *crm.App, clock *crmtest.Clock, h *house)) {
	t.Helper()
	t.Logf("-isolation.seed=%d", *isolationSeed)
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{}
		all, n := crmtest.Open(t, store, crm.WithClock(clock.Now)), few
		if store.Name() == "memory" {
			n = many
		}
		for i := range n {
			test(t, all.Tenant(fmt.Sprint("company ", i)), clock, rapid.Custom(randomHouse).Example(*isolationSeed+i))
		}
	})
}

// TestRandomCompanies compares what people find, count, sum, get, export and may do in random
// companies, with every source of access at once, with the rule of house.may.
func TestRandomCompanies(t *testing.T) {
	houses(t, 30, 4, func(t *testing.T, app *crm.App, clock *crmtest.Clock, h *house) {
		h.hour = 2 // when some of what ends has ended, and some ends now
		h.build(t, app, clock)
		h.check(t, app, 2)
	})
}

func TestADeputyActsUnderTheirOwnName(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		clock.At = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
		w := newFirm(t, app)
		sys := crmtest.System(t, app)
		exporter, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: "Exporter", Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read, org.Export, org.Update}}}})
		require.NoError(t, err)
		absent, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Absent", Roles: []schema.ID{exporter.ID}})
		require.NoError(t, err)
		theirs, err := crmtest.As(t, app, absent.ID).Customers.Find(ctx, query.Select{})
		require.NoError(t, err)
		require.Empty(t, theirs.Items)
		c, err := sys.Customers.Create(ctx, &customer.Customer{Name: "One", Owned: record.Owned{OwnerID: absent.ID}})
		require.NoError(t, err)
		today := sys.Today()
		_, err = sys.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: absent.ID, DeputyID: w.alice, From: today.AddDays(1), Until: today.AddDays(2)})
		require.NoError(t, err)

		_, err = w.as(t).Customers.Get(ctx, c.ID)
		require.ErrorIs(t, err, storage.ErrNotFound, "not yet")
		clock.At = clock.At.AddDate(0, 0, 2)
		s := w.as(t)
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
		require.NoError(t, err)
		history, err := s.Customers.History(ctx, c.ID, query.Select{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, w.alice, history.Items[0].ActorID)
		why, err := s.Why(ctx, org.Export, record.Ref{Kind: "customer", ID: c.ID})
		require.NoError(t, err)
		require.True(t, why.Allowed, "by the role of whom they stand in for")
		require.Equal(t, "deputy", why.Access[0].How)
		require.Equal(t, absent.ID, why.Access[0].By.ID)
		mine, err := s.Customers.Create(ctx, &customer.Customer{Name: "Mine"})
		require.NoError(t, err)
		require.Equal(t, w.alice, mine.OwnerID)
		why, err = s.Why(ctx, org.Export, record.Ref{Kind: "customer", ID: mine.ID})
		require.NoError(t, err)
		require.False(t, why.Allowed, "the role is no wider than its owner's access")
		_, err = crmtest.As(t, app, w.boss).Customers.Get(ctx, c.ID)
		require.ErrorIs(t, err, storage.ErrNotFound, "standing in is not handed on to who stands above")

		clock.At = clock.At.AddDate(0, 0, 1)
		_, err = s.Customers.Get(ctx, c.ID)
		require.ErrorIs(t, err, storage.ErrNotFound, "over, in the same session too")
		for name, bad := range map[string]org.Deputy{"self": {EmployeeID: w.alice, DeputyID: w.alice, From: today, Until: today}, "backwards": {EmployeeID: w.alice, DeputyID: w.boss, From: today, Until: today.AddDays(-1)},
			"nobody": {EmployeeID: w.alice, DeputyID: schema.NameID("nobody"), From: today, Until: today}, "no end": {EmployeeID: w.alice, DeputyID: w.boss, From: today}} {
			_, err := sys.Admin.Deputies.Create(ctx, &bad)
			require.Error(t, err, name)
			require.NotErrorIs(t, err, storage.ErrInternal, name)
		}
	}, crm.WithClock(clock.Now))
}

func TestRulesThatShareNothingAreRefused(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		for name, bad := range map[string]org.SharingRule{
			"nobody": {Kind: "customer", Level: 1}, "unknown to": {Kind: "customer", Level: 1, To: []schema.ID{schema.NameID("x")}}, "unknown from": {Kind: "customer", Level: 1, To: []schema.ID{w.alice}, From: []schema.ID{schema.NameID("x")}},
			"level": {Kind: "customer", Level: 9, To: []schema.ID{w.alice}}, "kind": {Kind: "product", Level: 1, To: []schema.ID{w.alice}}, "no kind": {Kind: "x", Level: 1, To: []schema.ID{w.alice}},
			"field": {Kind: "customer", Level: 1, To: []schema.ID{w.alice}, Where: schema.JSON(`{"op":"eq","field":"x","value":1}`)},
			"path":  {Kind: "customer", Level: 1, To: []schema.ID{w.alice}, Where: schema.JSON(`{"op":"eq","field":"parent.name","value":"x"}`)},
			"json":  {Kind: "customer", Level: 1, To: []schema.ID{w.alice}, Where: schema.JSON(`7`)},
		} {
			bad.Name = "r"
			_, err := crmtest.System(t, app).Admin.Rules.Create(t.Context(), &bad)
			requireCode(t, err, storage.Invalid)
			_ = name
		}
		_, err := w.as(t).Admin.Rules.Create(t.Context(), &org.SharingRule{Name: "r", Kind: "customer", Level: 3, To: []schema.ID{w.alice}})
		require.ErrorIs(t, err, storage.ErrForbidden)
		page, err := storage.Of(crmtest.System(t, app).Tenant(), journal.Entries).Find(t.Context(), query.Select{Where: query.Eq("kind", "sharing_rule")})
		require.NoError(t, err)
		require.Empty(t, page.Items)
	})
}
