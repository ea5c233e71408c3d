package crm_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestMoreRightsTakeNothingAway gives random people in random companies more of everything,
// one thing after the other: no list of anybody's loses a record, and in the end all is as
// the rule says.
func TestMoreRightsTakeNothingAway(t *testing.T) {
	houses(t, 10, 1, func(t *testing.T, app *crm.App, clock *crmtest.Clock, h *house) {
		h.build(t, app, clock)
		g := rand.New(rand.NewPCG(uint64(*isolationSeed), uint64(len(h.people)))) //nolint:gosec // no secret
		before := h.lists(t, app)
		for range 12 {
			what := h.grow(t, app, g)
			after := h.lists(t, app)
			for list, names := range before {
				require.Subsetf(t, after[list], names, "%s after %s", list, what)
			}
			before = after
		}
		h.check(t, app, 1)
	})
}

// lists returns what each person finds for each verb, by kind.
func (h *house) lists(t *testing.T, app *crm.App) map[string][]string {
	t.Helper()
	lists := map[string][]string{}
	for p, person := range h.people {
		if person.inactive {
			continue
		}
		s := crmtest.As(t, app, who{"employee", p}.id())
		for _, v := range []org.Verb{org.Read, org.Update, org.Delete, org.Export} {
			for _, kind := range []string{"customer", "contact", "opportunity"} {
				k, name := s.Registry().Kind(kind), fmt.Sprintf("%ss that person %d may %s", kind, p, v)
				lists[name] = nil
				page, err := s.Seen(t.Context(), v, k, query.Select{Sort: query.By("-created_at"), Limit: 100})
				if codeIs(err, storage.Forbidden) {
					continue
				}
				require.NoError(t, err)
				for _, row := range page.Rows {
					lists[name] = append(lists[name], row[k.ID().Position].(schema.ID).String())
				}
			}
		}
	}
	return lists
}

// grow gives somebody more, in the company as in the model, and says what.
func (h *house) grow(t *testing.T, app *crm.App, g *rand.Rand) string {
	t.Helper()
	ctx, s := t.Context(), crmtest.System(t, app)
	i, level := g.IntN(len(h.people)), org.Level(1+g.IntN(3))
	me, r := &h.people[i], h.records[g.IntN(len(h.records))]
	edit := func(fn func(*org.Employee)) {
		must(s.Admin.Employees.Edit(ctx, who{"employee", i}.id(), func(e *org.Employee) error { fn(e); return nil }))(t)
	}
	switch g.IntN(7) {
	case 0: // a further role; the first one may take away
		if role := g.IntN(len(h.roles)); len(me.roles) > 0 && !slices.Contains(me.roles, role) {
			me.roles = append(me.roles, role)
			edit(func(e *org.Employee) { e.Roles = append(e.Roles, who{"role", role}.id()) })
			return fmt.Sprintf("role %d of person %d", role, i)
		}
	case 1:
		role := g.IntN(len(h.roles))
		h.roles[role] = append(h.roles[role], org.Grant{Kind: "customer", Verbs: org.Verbs()[g.IntN(6):], Range: []org.Range{org.OwnRange, org.DepartmentRange, org.BelowRange, org.AllRange}[g.IntN(4)]})
		must(s.Admin.Roles.Edit(ctx, who{"role", role}.id(), func(v *org.Role) error { v.Grants = h.roles[role]; return nil }))(t)
		return fmt.Sprintf("a grant of role %d", role)
	case 2:
		to := share{to: who{"role", g.IntN(len(h.roles))}, level: org.FullAccess}
		to.id = must(s.Admin.Share(ctx, r.ref(), to.to.id(), to.level, noTime))(t).ID
		r.shares = append(slices.DeleteFunc(r.shares, func(s share) bool { return s.to == to.to }), to) // where there was one it is wider now
		return fmt.Sprintf("a share of customer %d to %v", r.n, to.to)
	case 3:
		rule := sharing{kind: r.kind, from: []who{{"department", g.IntN(4)}}, to: []who{{"employee", i}}, text: texts[g.IntN(3)], level: level}
		n := len(h.rules)
		h.rules = append(h.rules, rule)
		must(s.Admin.Rules.Create(ctx, &org.SharingRule{Meta: metaOf(who{"sharing_rule", n}), Name: "r", Kind: rule.kind, From: []schema.ID{rule.from[0].id()}, To: []schema.ID{rule.to[0].id()}, Level: level,
			Where: where(t, query.Eq("industry", rule.text))}))(t)
		return fmt.Sprintf("the rule %+v", rule)
	case 4:
		if d := (standIn{g.IntN(len(h.people)), i, 0, 1}); d.employee != i {
			h.deputies = append(h.deputies, d)
			must(s.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: who{"employee", d.employee}.id(), DeputyID: who{"employee", i}.id(), From: s.Today(), Until: s.Today().AddDays(1)}))(t)
			return fmt.Sprintf("the deputy %+v", d)
		}
	case 5:
		if me.inactive || slices.ContainsFunc(r.team, func(s share) bool { return s.to.n == i }) {
			break
		}
		m := must(s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: r.id(), EmployeeID: who{"employee", i}.id(), Level: level}))(t)
		r.team = append(r.team, share{to: who{"employee", i}, level: level, id: m.ShareID})
		return fmt.Sprintf("teammate %d of customer %d", i, r.n)
	case 6:
		if me.manager < 0 && i > 0 {
			me.manager = g.IntN(i)
			edit(func(e *org.Employee) { e.ManagerID = who{"employee", me.manager}.id() })
			return fmt.Sprintf("manager %d of person %d", me.manager, i)
		}
	}
	return "nothing"
}

// TestTheFirstRoleReplacesTheDefaultRole is the one exception: what the default role gave
// has to be given by the first role.
func TestTheFirstRoleReplacesTheDefaultRole(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, w, sys := t.Context(), newFirm(t, app), crmtest.System(t, app)
		c := w.customer(t)
		role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Products", Grants: []org.Grant{{Kind: "product", Verbs: org.Verbs()}}}))(t).ID
		must(sys.Admin.Employees.Edit(ctx, w.alice, func(e *org.Employee) error { e.Roles = []schema.ID{role}; return nil }))(t)
		_, err := w.as(t).Customers.Get(ctx, c.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)
		second := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Customers", Grants: []org.Grant{{Kind: "customer", Verbs: org.Verbs()}}}))(t).ID
		must(sys.Admin.Employees.Edit(ctx, w.alice, func(e *org.Employee) error { e.Roles = append(e.Roles, second); return nil }))(t)
		must(w.as(t).Customers.Get(ctx, c.ID))(t)
	})
}

// TestWhoStandsFurtherAboveOnlyReads has everybody from the second above the owner to the
// fifth try to write, past people who have left: their places are not skipped.
func TestWhoStandsFurtherAboveOnlyReads(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		var chain []schema.ID // from the top
		for i := range 6 {
			above := schema.ID{}
			if i > 0 {
				above = chain[i-1]
			}
			chain = append(chain, crmtest.Hire(t, app, fmt.Sprint("P", i), above, schema.ID{}))
		}
		every := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Every verb", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs()}}}))(t).ID
		for _, id := range chain {
			must(sys.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { e.Roles = []schema.ID{every}; return nil }))(t)
		}
		owner := chain[5]
		list := must(sys.Customers.CreateMany(ctx, "", &customer.Customer{Name: "n", Owned: record.Owned{OwnerID: owner}}, &customer.Customer{Name: "m", Owned: record.Owned{OwnerID: owner}}))(t)
		c, other := list[0].ID, list[1].ID
		contact := must(sys.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c, Name: "Zhang"}))(t)
		must(sys.Admin.Employees.Edit(ctx, chain[4], func(e *org.Employee) error { e.Inactive = true; return nil }))(t)
		for _, above := range chain[:4] {
			s, before := crmtest.As(t, app, above), dump(t, app)
			must(s.Customers.Get(ctx, c))(t)
			for what, err := range map[string]error{
				"edit":        second(s.Customers.Edit(ctx, c, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })),
				"assign":      second(s.Customers.Edit(ctx, c, func(c *customer.Customer) error { c.OwnerID = above; return nil })),
				"seal":        second(s.Customers.Seal(ctx, c, "closed")),
				"trade":       second(s.Customers.StartTrading(ctx, c, schema.Date{})),
				"delete":      s.Customers.Delete(ctx, c, 0),
				"delete many": s.Customers.DeleteMany(ctx, other),
				"share":       second(s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c}, above, org.EditAccess, noTime)),
				"team":        second(s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c, EmployeeID: above, Level: org.EditAccess})),
				"contact":     second(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c, Name: "Li"})),
				"its contact": second(s.Customers.Contacts.Edit(ctx, contact.ID, func(c *customer.Contact) error { c.Name = "Li"; return nil })),
				"no contact":  s.Customers.Contacts.Delete(ctx, contact.ID, 0),
				"merge":       second(s.Customers.Merge(ctx, merge.Request{Winner: c, Losers: []schema.ID{other}})),
			} {
				require.ErrorIs(t, err, storage.ErrForbidden, what)
			}
			require.Equal(t, before, dump(t, app))
			n := must(s.Exchange.Export(ctx, exchange.Export{Kind: "customer", Fields: []string{"name"}}, sheet.WriteCSV(io.Discard, sheet.CSVFormat{})))(t)
			require.EqualValues(t, 2, n, "what one may read page by page one may export, with a role that grants it")
		}
	})
}
