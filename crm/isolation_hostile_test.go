package crm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// where returns the JSON form of a condition.
func where(t *testing.T, e query.Expr) schema.JSON {
	t.Helper()
	return must(query.MarshalExpr(e))(t)
}

// TestManySharingRules holds that what many rules share is found, counted and got as with
// one, and that a rule too many is refused.
func TestManySharingRules(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		counted, calls := crmtest.Counted(store)
		app := crmtest.Open(t, counted)
		ctx, sys := t.Context(), crmtest.System(t, app)
		reader := crmtest.Hire(t, app, "Reader", schema.ID{}, schema.ID{})
		owners := make([]schema.ID, 10)
		for i := range owners {
			owners[i] = crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{})
		}
		var records []*customer.Customer
		for i := range 300 {
			records = append(records, &customer.Customer{Name: "n", Region: fmt.Sprint(i), Owned: record.Owned{OwnerID: owners[i%10]}})
		}
		records = must(sys.Customers.CreateMany(ctx, "", records...))(t)
		share := func(from, n int) {
			rules := make([]*org.SharingRule, n)
			for i := range rules {
				rules[i] = &org.SharingRule{Name: "r", Kind: "customer", From: owners, Where: where(t, query.Eq("region", fmt.Sprint(from+i))), To: []schema.ID{reader}, Level: org.EditAccess}
			}
			must(sys.Admin.Rules.CreateMany(ctx, "", rules...))(t)
		}
		looks := 0
		look := func(want int) int {
			looks++
			s := crmtest.As(t, app, reader)
			calls()
			n := 0
			for _, err := range s.Customers.All(ctx, query.Select{Sort: query.By("-created_at"), Limit: 1000}) {
				require.NoError(t, err)
				n++
			}
			require.Equal(t, want, n)
			require.EqualValues(t, want, must(s.Customers.Count(ctx, nil))(t))
			must(s.Customers.Get(ctx, records[want-1].ID))(t)
			_, err := s.Customers.Get(ctx, records[want].ID)
			require.ErrorIs(t, err, storage.ErrNotFound)
			_, err = s.Customers.Edit(ctx, records[want-1].ID, func(c *customer.Customer) error { c.Phone = fmt.Sprint(looks); return nil })
			require.NoError(t, err)
			require.ErrorIs(t, s.Customers.Delete(ctx, records[want-1].ID, 0), storage.ErrForbidden)
			return calls()
		}
		share(0, 1)
		few := look(1)
		share(1, 199)
		require.Equal(t, few, look(200), "the database is called as often as with one rule")
		share(1000, 1300)
		require.Equal(t, few, look(200), "with 1,500 rules")

		// Lists of six are the widest in the text for their values.
		var rules []*org.SharingRule
		for i := range 416 { // 2,496 values beside the 1,510 that are there
			var some []string
			for j := range 6 {
				some = append(some, fmt.Sprint("r", i, "-", j))
			}
			rules = append(rules, &org.SharingRule{Name: "r", Kind: "customer", Where: where(t, query.In("region", some...)), To: []schema.ID{reader}, Level: org.EditAccess})
		}
		_, err := sys.Admin.Rules.CreateMany(ctx, "", rules...)
		require.ErrorContains(t, requireCode(t, err, storage.Invalid), "4006 values and people")
		rules = must(sys.Admin.Rules.CreateMany(ctx, "", rules[:415]...))(t)
		require.Equal(t, few, look(200), "with as many as possible")
		more := func(r *org.SharingRule) error {
			r.Where = where(t, query.In("region", "1", "2", "3", "4", "5", "6", "7", "8", "9"))
			return nil
		}
		_, err = sys.Admin.Rules.Edit(ctx, rules[0].ID, more)
		requireCode(t, err, storage.Invalid)
		require.NoError(t, sys.Admin.Rules.Delete(ctx, rules[1].ID, 0))
		must(sys.Admin.Rules.Edit(ctx, rules[0].ID, more))(t)
	})
}

// TestARuleOutlivesWhomItNames deletes a role that a rule names: the rule shares nothing by
// it, and can still be changed.
func TestARuleOutlivesWhomItNames(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	ctx, sys := t.Context(), crmtest.System(t, app)
	reader, owner := crmtest.Hire(t, app, "Reader", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{})
	c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n", Owned: record.Owned{OwnerID: owner}}))(t)
	role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Gone"}))(t).ID
	rule := must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: 1, From: []schema.ID{role}, To: []schema.ID{reader}}))(t).ID
	require.NoError(t, sys.Admin.Roles.Delete(ctx, role, 0))
	_, err := crmtest.As(t, app, reader).Customers.Get(ctx, c.ID)
	require.ErrorIs(t, err, storage.ErrNotFound)
	_, err = sys.Admin.Rules.Edit(ctx, rule, func(r *org.SharingRule) error { r.From = append(r.From, schema.NameID("another")); return nil })
	require.ErrorIs(t, err, storage.ErrInvalid)
	must(sys.Admin.Rules.Edit(ctx, rule, func(r *org.SharingRule) error { r.Disabled = true; return nil }))(t)
}

// TestRulesAtTheLimit holds that a rule which was accepted shares: with a condition as deep
// and as long as conditions may be, from people, and from more departments than one
// condition may name.
func TestRulesAtTheLimit(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		reader := crmtest.Hire(t, app, "Reader", schema.ID{}, schema.ID{})
		head := must(sys.Admin.Departments.Create(ctx, &org.Department{Name: "Head"}))(t).ID
		offices := make([]*org.Department, query.MaxValues+5)
		for i := range offices {
			offices[i] = &org.Department{Name: "Office", ParentID: head}
		}
		offices = must(sys.Admin.Departments.CreateMany(ctx, "", offices...))(t)
		owner := crmtest.Hire(t, app, "Owner", schema.ID{}, offices[len(offices)-1].ID)
		deep := query.Eq("country", "deep")
		for range query.MaxDepth {
			deep = query.Not{Expr: deep}
		}
		long := make([]query.Expr, query.MaxNodes-1)
		for i := range long {
			long[i] = query.Eq("country", fmt.Sprint("long ", i))
		}
		for country, rule := range map[string]org.SharingRule{
			"deep":      {From: []schema.ID{owner}, Where: where(t, deep)},
			"long 7":    {From: []schema.ID{owner}, Where: where(t, query.Or(long))},
			"far below": {From: []schema.ID{head}, Where: where(t, query.Eq("country", "far below"))},
		} {
			rule.Name, rule.Kind, rule.Level, rule.To = "r", "customer", org.ReadAccess, []schema.ID{reader}
			must(sys.Admin.Rules.Create(ctx, &rule))(t)
			c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n", Country: country, Owned: record.Owned{OwnerID: owner}}))(t)
			s := crmtest.As(t, app, reader)
			_, err := s.Customers.Get(ctx, c.ID)
			require.NoError(t, err, country)
			require.Len(t, found(t, s, query.Select{Where: query.Eq("country", country)}), 1)
			require.Equal(t, "rule", must(s.Why(ctx, org.Read, record.Ref{Kind: "customer", ID: c.ID}))(t).Access[0].How)
		}
	})
}

// TestARoleWithManyFieldRules gives a role five hundred rules, several for each field.
func TestARoleWithManyFieldRules(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	ctx, sys := t.Context(), crmtest.System(t, app)
	fields := make([]*settings.Field, 100)
	rules := []org.FieldRule{{Kind: "customer", Field: "phone", Access: org.ReadOnly}, {Kind: "customer", Field: "phone", Access: org.Masked}}
	custom := schema.Values{}
	for i := range fields {
		name := fmt.Sprint("f", i)
		fields[i] = &settings.Field{Kind: "customer", Name: name, Type: "text"}
		custom[name] = "a secret"
		for range 4 {
			rules = append(rules, org.FieldRule{Kind: "customer", Field: "custom." + name, Access: org.Hidden})
		}
	}
	for len(rules) < 500 {
		rules = append(rules, org.FieldRule{Kind: "customer", Field: "phone", Access: org.ReadOnly})
	}
	must(sys.Admin.Fields.CreateMany(ctx, "", fields...))(t)
	role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Clerk", Fields: rules, Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs(), Range: org.AllRange}}}))(t)
	clerk := must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: []schema.ID{role.ID}}))(t)
	stored := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n", Phone: "13800001234", Meta: record.Meta{Custom: custom}}))(t)
	s := crmtest.As(t, app, clerk.ID)
	seen := must(s.Customers.Edit(ctx, stored.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil }))(t)
	require.Empty(t, seen.Custom)
	require.Equal(t, "***34", seen.Phone, "the stricter of two rules")
	require.Len(t, must(sys.Customers.Get(ctx, stored.ID))(t).Custom, 100, "what they do not see stays")
}

// TestFieldRulesOnWhatHoldsTheRecord refuses rules under which no list could be read, or
// under which what is hidden would be lost.
func TestFieldRulesOnWhatHoldsTheRecord(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	for _, field := range []string{"id", "version", "owner_id", "department_id", "created_at", "custom", "custom.nothing", "name_search", "", "*", strings.Repeat("x", 1_000)} {
		for _, access := range []org.FieldAccess{org.Hidden, org.Masked, org.ReadOnly} {
			_, err := crmtest.System(t, app).Admin.Roles.Create(t.Context(), &org.Role{Name: unique(), Fields: []org.FieldRule{{Kind: "customer", Field: field, Access: access}}})
			require.ErrorIs(t, err, storage.ErrInvalid, "%s %s", access, field)
		}
	}
}

// TestMaskedCustomFields holds that a masked text shows its last characters, wherever it
// is kept.
func TestMaskedCustomFields(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	declare(t, app, settings.Field{Name: "card", Type: "text"})
	declare(t, app, settings.Field{Name: "since", Type: "date"})
	ctx, sys := t.Context(), crmtest.System(t, app)
	role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Clerk", Grants: []org.Grant{{Kind: "customer", Verbs: org.Verbs(), Range: org.AllRange}},
		Fields: []org.FieldRule{{Kind: "customer", Field: "custom.card", Access: org.Masked}, {Kind: "customer", Field: "custom.since", Access: org.Masked}}}))(t)
	clerk := must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: []schema.ID{role.ID}}))(t)
	custom := schema.Values{"card": "6222 0001 张三", "since": schema.NewDate(2026, 11, 26)}
	stored := must(sys.Customers.Create(ctx, named("n", custom)))(t)
	s := crmtest.As(t, app, clerk.ID)
	require.Equal(t, schema.Values{"card": "***张三"}, must(s.Customers.Get(ctx, stored.ID))(t).Custom)
	must(s.Customers.Edit(ctx, stored.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil }))(t)
	_, err := s.Customers.Edit(ctx, stored.ID, func(c *customer.Customer) error { c.Custom["card"] = "mine"; return nil })
	require.ErrorIs(t, err, storage.ErrForbidden)
	require.Equal(t, custom, must(sys.Customers.Get(ctx, stored.ID))(t).Custom)
}

// TestPeopleWhoLeaveInTheMiddle makes people inactive while they stand in for others, are
// stood in for, and are shared to.
func TestPeopleWhoLeaveInTheMiddle(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		hire := func(name string) schema.ID { return crmtest.Hire(t, app, name, schema.ID{}, schema.ID{}) }
		absent, deputy, reader := hire("Absent"), hire("Deputy"), hire("Reader")
		c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "n", Owned: record.Owned{OwnerID: absent}}))(t)
		ref := record.Ref{Kind: "customer", ID: c.ID}
		for range 2 { // twice, by mistake
			must(sys.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: absent, DeputyID: deputy, From: sys.Today(), Until: sys.Today()}))(t)
		}
		must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", From: []schema.ID{absent}, To: []schema.ID{reader}, Level: org.ReadAccess}))(t)
		s := crmtest.As(t, app, deputy)
		why := must(s.Why(ctx, org.Delete, ref))(t)
		require.True(t, why.Allowed)
		require.Len(t, why.Access, 2, "deputy and own, each once: %+v", why.Access)
		leave := func(id schema.ID) {
			must(sys.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { e.Inactive = true; return nil }))(t)
		}
		leave(absent)
		must(s.Customers.Get(ctx, c.ID))(t) // a session goes by what was when it was made
		_, err := crmtest.As(t, app, deputy).Customers.Get(ctx, c.ID)
		require.ErrorIs(t, err, storage.ErrNotFound, "nobody stands in for who has left")
		must(crmtest.As(t, app, reader).Customers.Get(ctx, c.ID))(t) // their records stay shared
		_, err = sys.Customers.Create(ctx, &customer.Customer{Name: "n", Owned: record.Owned{OwnerID: absent}})
		require.ErrorIs(t, err, storage.ErrInvalid)
		leave(deputy)
		_, err = app.As(ctx, deputy)
		require.ErrorIs(t, err, storage.ErrForbidden)
		leave(reader)
		_, err = app.As(ctx, reader)
		require.ErrorIs(t, err, storage.ErrForbidden)
		must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", To: []schema.ID{reader}, Level: org.ReadAccess}))(t)
		requireSound(t, app)
	})
}

// TestAnotherTenantsPeopleAreNobody names what belongs to another tenant wherever people,
// roles and views are named.
func TestAnotherTenantsPeopleAreNobody(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys, theirs := t.Context(), crmtest.System(t, app), crmtest.System(t, app.Tenant("other"))
		w := newFirm(t, app)
		stranger := crmtest.Hire(t, app.Tenant("other"), "Stranger", schema.ID{}, schema.ID{})
		role := must(theirs.Admin.Roles.Create(ctx, &org.Role{Name: "Role"}))(t).ID
		office := must(theirs.Admin.Departments.Create(ctx, &org.Department{Name: "Office"}))(t).ID
		view := must(theirs.Admin.Views.Create(ctx, &settings.View{Name: "v", Kind: "customer"}))(t).ID
		c := w.customer(t)
		before := dump(t, app)
		for _, id := range []schema.ID{stranger, role, office, view} {
			for what, err := range map[string]error{
				"rule from": second(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: 1, From: []schema.ID{id}, To: []schema.ID{w.boss}})),
				"rule to":   second(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: 1, To: []schema.ID{id}})),
				"share":     second(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c.ID}, id, org.ReadAccess, noTime)),
				"deputy":    second(sys.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: w.alice, DeputyID: id, From: sys.Today(), Until: sys.Today()})),
				"views":     second(sys.Admin.GiveViews(ctx, settings.Director, id)),
				"roles":     second(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "n", Roles: []schema.ID{id}})),
				"pin":       w.as(t).Admin.Pin(ctx, id, 1),
			} {
				requireCode(t, err, storage.Invalid, storage.NotFound, storage.Referenced)
				_ = what
			}
		}
		require.Equal(t, before, dump(t, app))
	})
}
