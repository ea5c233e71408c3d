package crm_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

var isolationSeed = flag.Uint64("isolation.seed", rand.Uint64(), "seed of the random companies") //nolint:gosec // no secret

// randomFirm is a random company: people, departments and roles are numbers.
type randomFirm struct {
	manager, department []int   // of each person; -1 for none
	roles               [][]int // of each person
	above               []int   // of each department; -1 for none
	rules               []rule
	deputies            []standIn
	records             []owned
}

type owned struct {
	owner, department int
	industry          string
}

type rule struct {
	from, to []who
	industry string // the condition; empty for none
	level    org.Level
	over     bool // has ended
}

// who is a principal: a person, a department or a role.
type who struct {
	kind string
	n    int
}

func (w who) id() schema.ID { return schema.NameID(w.kind, fmt.Sprint(w.n)) }

type standIn struct{ employee, deputy, from, until int } // days from today

// may is the rule of access, said as simply as it can be.
func (c randomFirm) may(person int, v org.Verb, r owned) bool {
	for _, p := range c.acting(person) {
		if c.level(p, r) >= v.Needs() {
			return true
		}
	}
	return false
}

func (c randomFirm) acting(person int) []int {
	list := []int{person}
	for _, d := range c.deputies {
		if d.deputy == person && d.from <= 0 && 0 <= d.until {
			list = append(list, d.employee)
		}
	}
	return list
}

func (c randomFirm) level(person int, r owned) org.Level {
	level := org.NoAccess
	for steps, at := 0, r.owner; at >= 0; steps, at = steps+1, c.manager[at] {
		if at == person {
			level = []org.Level{org.FullAccess, org.EditAccess, org.ReadAccess}[min(steps, 2)]
		}
	}
	for _, rule := range c.rules {
		from := len(rule.from) == 0 || slices.ContainsFunc(rule.from, func(w who) bool {
			return w.kind == "department" && c.inside(r.department, w.n) || w.kind == "person" && r.owner == w.n || w.kind == "role" && slices.Contains(c.roles[r.owner], w.n)
		})
		to := slices.ContainsFunc(rule.to, func(w who) bool {
			return w.kind == "department" && c.inside(c.department[person], w.n) || w.kind == "person" && person == w.n || w.kind == "role" && slices.Contains(c.roles[person], w.n)
		})
		if from && to && !rule.over && (rule.industry == "" || rule.industry == r.industry) {
			level = max(level, rule.level)
		}
	}
	return level
}

func (c randomFirm) inside(department, top int) bool {
	for ; department >= 0; department = c.above[department] {
		if department == top {
			return true
		}
	}
	return false
}

func randomCompany(g *rand.Rand) randomFirm {
	c := randomFirm{above: []int{-1, 0, 0}}
	people := 2 + g.IntN(4)
	for i := range people {
		c.manager = append(c.manager, g.IntN(i+1)-1)
		c.department = append(c.department, g.IntN(4)-1)
		var roles []int
		for r := range 2 {
			if g.IntN(3) == 0 {
				roles = append(roles, r)
			}
		}
		c.roles = append(c.roles, roles)
	}
	somebody := func() who {
		switch g.IntN(3) {
		case 0:
			return who{"department", g.IntN(3)}
		case 1:
			return who{"role", g.IntN(2)}
		}
		return who{"person", g.IntN(people)}
	}
	for range g.IntN(4) {
		r := rule{to: []who{somebody()}, level: org.Level(1 + g.IntN(3)), over: g.IntN(5) == 0}
		for range g.IntN(3) {
			r.from = append(r.from, somebody())
		}
		if g.IntN(2) == 0 {
			r.industry = []string{"print", "media"}[g.IntN(2)]
		}
		c.rules = append(c.rules, r)
	}
	for range g.IntN(3) {
		d := standIn{g.IntN(people), g.IntN(people), g.IntN(5) - 3, 0}
		if d.until = d.from + g.IntN(4); d.employee != d.deputy {
			c.deputies = append(c.deputies, d)
		}
	}
	for range 8 {
		c.records = append(c.records, owned{g.IntN(people), g.IntN(4) - 1, []string{"print", "media", ""}[g.IntN(3)]})
	}
	return c
}

// TestRandomCompanies compares what people find, count, get and may do in random companies
// with sharing rules and deputies with the rule above.
func TestRandomCompanies(t *testing.T) {
	t.Logf("-isolation.seed=%d", *isolationSeed)
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		g := rand.New(rand.NewPCG(*isolationSeed, 0)) //nolint:gosec // no secret
		for i := range 10 {
			c := randomCompany(g)
			tenant := app.Tenant(fmt.Sprint("company ", i))
			clock.At = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
			ids := c.build(t, tenant)
			clock.At = clock.At.Add(2 * time.Hour)
			c.check(t, tenant, ids)
			if t.Failed() {
				t.Fatalf("%+v", c)
			}
		}
	}, crm.WithClock(clock.Now))
}

func (c randomFirm) build(t *testing.T, app *crm.App) []schema.ID {
	t.Helper()
	var ids []schema.ID
	named := func(n int, kind string) schema.ID {
		if n < 0 {
			return schema.ID{}
		}
		return who{kind, n}.id()
	}
	all := func(list []who) []schema.ID {
		var ids []schema.ID
		for _, w := range list {
			ids = append(ids, w.id())
		}
		return ids
	}
	require.NoError(t, crmtest.System(t, app).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		ids = nil
		for i, above := range c.above {
			_, err := s.Admin.Departments.Create(ctx, &org.Department{Meta: record.Meta{ID: named(i, "department")}, Name: "d", ParentID: named(above, "department")})
			require.NoError(t, err)
		}
		for i := range 2 {
			_, err := s.Admin.Roles.Create(ctx, &org.Role{Meta: record.Meta{ID: named(i, "role")}, Name: fmt.Sprint(i), Grants: []org.Grant{{Kind: "customer", Verbs: org.Verbs()}}})
			require.NoError(t, err)
		}
		for i, manager := range c.manager {
			e := &org.Employee{Meta: record.Meta{ID: named(i, "person")}, Name: "p", ManagerID: named(manager, "person"), DepartmentID: named(c.department[i], "department")}
			for _, r := range c.roles[i] {
				e.Roles = append(e.Roles, named(r, "role"))
			}
			_, err := s.Admin.Employees.Create(ctx, e)
			require.NoError(t, err)
		}
		for _, r := range c.rules {
			v := &org.SharingRule{Name: "r", Kind: "customer", From: all(r.from), To: all(r.to), Level: r.level}
			if r.industry != "" {
				raw, err := query.MarshalExpr(query.Eq("industry", r.industry))
				require.NoError(t, err)
				v.Where = raw
			}
			if r.over {
				v.Until = s.Now().Add(time.Hour)
			}
			_, err := s.Admin.Rules.Create(ctx, v)
			require.NoError(t, err)
		}
		for _, d := range c.deputies {
			_, err := s.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: named(d.employee, "person"), DeputyID: named(d.deputy, "person"), From: s.Today().AddDays(d.from), Until: s.Today().AddDays(d.until)})
			require.NoError(t, err)
		}
		for _, r := range c.records {
			v, err := s.Customers.Create(ctx, &customer.Customer{Name: "c", Industry: r.industry, Owned: record.Owned{OwnerID: named(r.owner, "person"), DepartmentID: named(r.department, "department")}})
			require.NoError(t, err)
			ids = append(ids, v.ID)
			if r.department < 0 { // the owner's stands there now
				_, err := s.Tenant().UpdateWhere(ctx, s.Registry().Kind("customer"), query.Eq("id", v.ID), nil,
					[]driver.Assign{{Field: s.Registry().Kind("customer").Department(), Value: nil}})
				require.NoError(t, err)
			}
		}
		return nil
	}))
	return ids
}

func (c randomFirm) check(t *testing.T, app *crm.App, ids []schema.ID) {
	t.Helper()
	ctx := t.Context()
	for person := range c.manager {
		s := crmtest.As(t, app, who{"person", person}.id())
		var want []schema.ID
		for i, r := range c.records {
			if c.may(person, org.Read, r) {
				want = append(want, ids[i])
			} else {
				_, err := s.Customers.Get(ctx, ids[i])
				require.ErrorIs(t, err, storage.ErrNotFound, "person %d, record %d", person, i)
				continue
			}
			for _, v := range []org.Verb{org.Read, org.Update, org.Delete} {
				why, err := s.Why(ctx, v, record.Ref{Kind: "customer", ID: ids[i]})
				require.NoError(t, err, "person %d, record %d", person, i)
				require.Equal(t, c.may(person, v, r), why.Allowed, "person %d, %s, record %d: %+v", person, v, i, why)
				_, err = s.Row(ctx, v, s.Registry().Kind("customer"), ids[i])
				require.Equal(t, why.Allowed, err == nil, "person %d, %s, record %d: %v", person, v, i, err)
			}
		}
		for _, sort := range []string{"-created_at", "name"} {
			var found []schema.ID
			for v, err := range s.Customers.All(ctx, query.Select{Sort: query.By(sort), Limit: 3}) {
				require.NoError(t, err)
				found = append(found, v.ID)
			}
			slices.SortFunc(found, schema.ID.Compare)
			require.Equal(t, slices.SortedFunc(slices.Values(want), schema.ID.Compare), found, "what person %d finds by %s", person, sort)
		}
		n, err := s.Customers.Count(ctx, nil)
		require.NoError(t, err)
		require.EqualValues(t, len(want), n, "what person %d counts", person)
	}
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
