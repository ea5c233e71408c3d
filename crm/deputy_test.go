package crm_test

import (
	"bytes"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestADeputySeesNoMoreOfFieldsThanEither stands a clerk, who may not see what customers
// turn over nor their whole number, in for a colleague who may, and the colleague in for the
// clerk: nobody sees a field of any record that one of the two may not see.
func TestADeputySeesNoMoreOfFieldsThanEither(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		verbs := []org.Verb{org.Read, org.Update, org.Create, org.Export}
		hire := func(name string, fields ...org.FieldRule) schema.ID {
			role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: unique(), Grants: []org.Grant{{Kind: "*", Verbs: verbs}}, Fields: fields}))(t)
			return must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: name, Roles: []schema.ID{role.ID}}))(t).ID
		}
		clerk := hire("Clerk", org.FieldRule{Kind: "customer", Field: "annual_revenue", Access: org.Hidden}, org.FieldRule{Kind: "customer", Field: "phone", Access: org.Masked})
		open := hire("Open", org.FieldRule{Kind: "customer", Field: "phone", Access: org.ReadOnly})
		of := func(owner schema.ID, name string) schema.ID {
			return must(sys.Customers.Create(ctx, &customer.Customer{Name: name, Phone: "13800001234",
				AnnualRevenue: decimal.NewNullDecimal(decimal.NewFromInt(7)), Owned: record.Owned{OwnerID: owner}}))(t).ID
		}
		clerks, opens := of(clerk, "Clerk's"), of(open, "Open's")

		require.True(t, must(crmtest.As(t, app, open).Customers.Get(ctx, opens))(t).AnnualRevenue.Valid, "before anybody stands in")
		for _, pair := range [][2]schema.ID{{open, clerk}, {clerk, open}} {
			d := must(sys.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: pair[0], DeputyID: pair[1], From: sys.Today(), Until: sys.Today()}))(t)
			s := crmtest.As(t, app, pair[1])
			for _, id := range []schema.ID{clerks, opens} {
				c := must(s.Customers.Get(ctx, id))(t)
				require.Equal(t, []any{"***34", false}, []any{c.Phone, c.AnnualRevenue.Valid}, c.Name)
				_, err := s.Customers.Edit(ctx, id, func(c *customer.Customer) error { c.Phone = "1"; return nil })
				requireCode(t, err, storage.Forbidden)
				must(s.Customers.Edit(ctx, id, func(c *customer.Customer) error { c.Country = unique()[:8]; return nil }))(t)
				require.Equal(t, "13800001234", must(sys.Customers.Get(ctx, id))(t).Phone, "what they do not see stays")
			}
			for _, q := range []query.Select{{Where: query.Gt("annual_revenue", 5)}, {Sort: query.By("annual_revenue")}, {Where: query.Eq("phone", "13800001234")}} {
				_, err := s.Customers.Find(ctx, q)
				requireCode(t, err, storage.Forbidden)
			}
			_, err := s.Customers.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("annual_revenue")}}})
			requireCode(t, err, storage.Forbidden)
			var file bytes.Buffer
			sink := sheet.WriteCSV(&file, sheet.CSVFormat{})
			require.EqualValues(t, 2, must(s.Exchange.Export(ctx, exchange.Export{Kind: "customer", Language: "en"}, sink))(t))
			require.NoError(t, sink.Close())
			require.Contains(t, file.String(), "Open's")
			require.NotContains(t, file.String(), "13800001234")
			require.NoError(t, sys.Admin.Deputies.Delete(ctx, d.ID, 0))
		}
		require.True(t, must(crmtest.As(t, app, open).Customers.Get(ctx, opens))(t).AnnualRevenue.Valid, "nor after it")
	})
}

// TestRolesAreGenerousAndPeopleStrict goes through what is left of a field by the roles of
// two people.
func TestRolesAreGenerousAndPeopleStrict(t *testing.T) {
	k := crmtest.System(t, crmtest.Open(t, memory.Open())).Registry().Of(customer.Customers.Kind)
	role := func(name string, access org.FieldAccess, verbs ...org.Verb) org.Role {
		r := org.Role{Meta: record.Meta{ID: schema.NameID(name)}, Grants: []org.Grant{{Kind: "customer", Verbs: verbs}}}
		if access != "" {
			r.Fields = []org.FieldRule{{Kind: "customer", Field: "phone", Access: access}}
		}
		return r
	}
	roles := []org.Role{role("hidden", org.Hidden, org.Read), role("masked", org.Masked, org.Read), role("readonly", org.ReadOnly, org.Read), role("all", "", org.Read),
		role("blind", org.Hidden, org.Create)}
	for _, c := range []struct {
		mine, theirs []string
		left         org.FieldAccess
	}{
		{nil, nil, ""},
		{[]string{"hidden"}, nil, org.Hidden}, // nothing is kept from the default role
		{nil, []string{"masked"}, org.Masked},
		{[]string{"all"}, []string{"readonly"}, org.ReadOnly},
		{[]string{"masked"}, []string{"hidden"}, org.Hidden},
		{[]string{"hidden", "masked"}, []string{"readonly"}, org.Masked},
		{[]string{"hidden", "all"}, []string{"masked", "readonly"}, org.ReadOnly},
		{[]string{"hidden", "all"}, []string{"all"}, ""},
		{[]string{"blind"}, []string{"readonly"}, org.ReadOnly}, // who reads nothing says nothing
		{[]string{"blind"}, []string{"blind"}, ""},
	} {
		person := func(name string, has []string) org.Employee {
			e := org.Employee{Meta: record.Meta{ID: schema.NameID(name)}}
			for _, role := range has {
				e.Roles = append(e.Roles, schema.NameID(role))
			}
			return e
		}
		d := org.NewDirectory(1, org.Records{Employees: []org.Employee{person("me", c.mine), person("them", c.theirs)}, Roles: roles})
		for _, people := range [][]schema.ID{{schema.NameID("me"), schema.NameID("them")}, {schema.NameID("them"), schema.NameID("me")}} {
			require.Equal(t, c.left, d.FieldRules(k, people...)["phone"], "%v and %v", c.mine, c.theirs)
		}
	}
}
