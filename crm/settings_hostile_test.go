package crm_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// TestSettingsRefuseNonsense holds that what makes no sense is refused with a clear error
// and leaves nothing behind.
func TestSettingsRefuseNonsense(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		before := dump(t, app)
		huge := strings.Repeat("长", 200_000)
		for _, text := range []string{"", huge, "a\x00b", "a\xffb"} {
			for what, err := range map[string]error{
				"dictionary":   second(s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: text, Code: "c"})),
				"code":         second(s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "d", Code: text})),
				"field kind":   second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: text, Name: "a", Type: "text"})),
				"field name":   second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: text, Type: "text"})),
				"field type":   second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: text})),
				"choice":       second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: "text", Choices: []settings.Choice{{Code: text}, {Code: text}}})),
				"number kind":  second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: text, Field: "code", Pattern: "{0}", Reset: settings.Never})),
				"number field": second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: text, Pattern: "{0}", Reset: settings.Never})),
				"pattern":      second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: text, Reset: settings.Never})),
				"reset":        second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Reset(text)})),
				"view name":    second(s.Admin.Views.Create(ctx, &settings.View{Kind: "customer", Name: text})),
				"view kind":    second(s.Admin.Views.Create(ctx, &settings.View{Kind: text, Name: "v"})),
				"rule name":    second(s.Admin.Rules.Create(ctx, &org.SharingRule{Kind: "customer", Name: text})),
				"role name":    second(s.Admin.Roles.Create(ctx, &org.Role{Name: text})),
			} {
				require.ErrorIs(t, err, storage.ErrInvalid, "%s %.20q", what, text)
			}
		}
		for what, err := range map[string]error{
			"scale":           second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: "decimal", Scale: 99})),
			"negative scale":  second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: "decimal", Scale: -1})),
			"length":          second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: "text", Max: 1 << 40})),
			"block":           second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Never, Block: 1001})),
			"negative first":  second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Never, First: -1})),
			"great first":     second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Never, First: 1e12})),
			"negative block":  second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Never, Block: -1})),
			"field of dates":  second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "trading_since", Pattern: "{0}", Reset: settings.Never})),
			"searched column": second(s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "name_search", Pattern: "{0}", Reset: settings.Never})),
			"page":            second(s.Admin.Views.Create(ctx, &settings.View{Kind: "customer", Name: "v", Query: schema.JSON(`{"limit":-1}`)})),
			"no part":         second(s.Admin.GiveViews(ctx, "janitor", schema.NameID("role"))),
			"no role":         second(s.Admin.GiveViews(ctx, settings.Director, schema.NameID("role"))),
		} {
			require.ErrorIs(t, err, storage.ErrInvalid, what)
		}
		_, err := s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "a", Type: "decimal", Scale: 99})
		require.Equal(t, "scale", requireCode(t, err, storage.Invalid).Fields[0].Name, "the error names what is wrong")
		require.Equal(t, before, dump(t, app), "nothing is left behind")
	})
}

// second returns the error of a call.
func second[T any](_ T, err error) error { return err }

// TestAFieldIsDeclaredOnce declares one field from two processes at the same moment, as
// different things.
func TestAFieldIsDeclaredOnce(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		apps := []*crm.App{crmtest.Open(t, store), crmtest.Open(t, store)}
		types := []string{"int", "text", "bool", "date"}
		errs := together(8, func(i int) error {
			s, err := apps[i%2].System("set-up")
			if err != nil {
				return err
			}
			return second(s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "rank", Type: types[i%4]}))
		})
		require.Equal(t, 1, succeeded(errs), "%v", errs)
		for _, err := range errs {
			if err != nil {
				requireCode(t, err, storage.Exists, storage.Retry)
			}
		}
		var declared []string
		for _, app := range apps {
			set := must(crmtest.System(t, app).Settings(ctx))(t)
			require.Len(t, set.Fields("customer"), 1)
			declared = append(declared, set.Fields("customer")[0].Type)
		}
		require.Equal(t, declared[0], declared[1])
		require.Empty(t, must(crmtest.System(t, apps[0].Tenant("other")).Settings(ctx))(t).Fields("customer"))
		requireSound(t, apps[0])
	})
}

// TestAdministratorsAtOnce lets several people change settings at the same moment: nobody's
// change is lost, and each of them sees all.
func TestAdministratorsAtOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		errs := together(8, func(i int) error {
			s, err := app.System("set-up")
			if err != nil {
				return err
			}
			return second(s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "d", Code: fmt.Sprint(i)}))
		})
		set := must(crmtest.System(t, app).Settings(ctx))(t)
		require.Len(t, set.Dictionary("d"), succeeded(errs), "%v", errs)
		require.EqualValues(t, succeeded(errs), set.Version(), "each change raised it")

		role := must(crmtest.System(t, app).Admin.Roles.Create(ctx, &org.Role{Name: "Clerk"}))(t)
		errs = together(8, func(i int) error {
			s, err := app.System("set-up")
			if err != nil {
				return err
			}
			return second(s.Admin.Roles.Edit(ctx, role.ID, func(r *org.Role) error {
				r.Fields = append(r.Fields, org.FieldRule{Kind: "customer", Field: "phone", Access: org.Masked})
				return nil
			}))
		})
		require.Len(t, must(crmtest.System(t, app).Admin.Roles.Get(ctx, role.ID))(t).Fields, succeeded(errs), "%v", errs)

		w := newFirm(t, app)
		c := w.customer(t)
		view := must(w.as(t).Admin.Views.Create(ctx, &settings.View{Name: "Mine", Kind: "customer"}))(t)
		errs = together(8, func(i int) error {
			s, err := app.As(ctx, w.alice)
			if err != nil {
				return err
			}
			if i%2 == 0 {
				return s.Admin.Pin(ctx, view.ID, int64(i))
			}
			return second(s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c.ID}, w.boss, org.ReadAccess, noTime))
		})
		for _, err := range errs {
			require.True(t, err == nil || codeIs(err, storage.Retry) || codeIs(err, storage.Conflict), "one that is there already is replaced: %v", err)
		}
		require.Len(t, must(w.as(t).Admin.Pinned(ctx, query.Select{}))(t).Items, 1)
		require.Len(t, must(w.as(t).Admin.SharesOf(ctx, record.Ref{Kind: "customer", ID: c.ID}, query.Select{}))(t).Items, 1)
		requireSound(t, app)
	})
}

func TestADictionaryOfFiveThousandEntries(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		entries := make([]*settings.Entry, 5000)
		for i := range entries {
			entries[i] = &settings.Entry{Dictionary: "customer.industry", Code: fmt.Sprintf("%04d", i), Position: int64(-i / 10), Label: settings.Label{EN: "Industry", ZH: "行业"}}
		}
		must(s.Admin.Dictionary.CreateMany(ctx, "", entries...))(t)
		_, err := s.Admin.Dictionary.CreateMany(ctx, "", &settings.Entry{Dictionary: "customer.industry", Code: "5000"}, &settings.Entry{Dictionary: "customer.industry", Code: "0000"})
		require.ErrorIs(t, err, storage.ErrExists)
		s = crmtest.System(t, app)
		list := must(s.Settings(ctx))(t).Dictionary("customer.industry")
		require.Len(t, list, 5000, "all or none")
		require.Equal(t, []string{"4990", "4991"}, []string{list[0].Code, list[1].Code})
		must(s.Customers.Create(ctx, &customer.Customer{Name: "n", Industry: "4999"}))(t)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "n", Industry: "5000"})
		require.ErrorIs(t, err, storage.ErrInvalid)
	})
}

// TestANumberRuleIsChangedInTheMiddle holds that sessions from before and after the change
// give no number twice.
func TestANumberRuleIsChangedInTheMiddle(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		numberCustomers(t, app, "C{yyyy}{mm}-{000}", settings.Monthly, 0)
		before := crmtest.System(t, app)
		var codes []string
		create := func(s *crm.Session) string {
			t.Helper()
			codes = append(codes, must(s.Customers.Create(ctx, &customer.Customer{Name: "n"}))(t).Code)
			return codes[len(codes)-1]
		}
		require.Equal(t, "C202601-001", create(before))
		rule := must(crmtest.System(t, app).Settings(ctx))(t).NumberRules("customer")[0]
		for _, change := range []func(*settings.NumberRule){
			func(r *settings.NumberRule) { r.Pattern = "K{yyyy}{mm}-{0}" },
			func(r *settings.NumberRule) { r.Pattern = "C{yyyy}{mm}-{000}"; r.Reset = settings.Never },
			func(r *settings.NumberRule) { r.Block = 5 },
			func(r *settings.NumberRule) { r.Reset = settings.Yearly },
			func(r *settings.NumberRule) { r.Block = 0 },
		} {
			must(crmtest.System(t, app).Admin.Numbers.Edit(ctx, rule.ID, func(r *settings.NumberRule) error { change(r); return nil }))(t)
			after := crmtest.System(t, app)
			for range 3 {
				create(before)
				create(after)
			}
			before = after
		}
		slices.Sort(codes)
		require.Len(t, slices.Compact(slices.Clone(codes)), len(codes), "%v", codes)
		require.NoError(t, crmtest.System(t, app).Admin.Numbers.Delete(ctx, rule.ID, 0))
		require.Empty(t, must(crmtest.System(t, app).Customers.Create(ctx, &customer.Customer{Name: "n"}))(t).Code)
	}, crm.WithClock(clock.Now))
}

// TestTenantsCountForThemselves numbers in two tenants that a program has set up alike,
// with the same id for the rule.
func TestTenantsCountForThemselves(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	for _, block := range []int64{0, 20} {
		tenants := []*crm.App{app.Tenant(fmt.Sprint("a", block)), app.Tenant(fmt.Sprint("b", block))}
		for _, tenant := range tenants {
			must(crmtest.System(t, tenant).Admin.Numbers.Create(t.Context(), &settings.NumberRule{
				Meta: record.Meta{ID: schema.NameID("number of customers")}, Kind: "customer", Field: "code", Pattern: "{0}", Reset: settings.Never, Block: block}))(t)
		}
		for n := range 30 {
			for _, tenant := range tenants {
				require.Equal(t, fmt.Sprint(n+1), must(crmtest.System(t, tenant).Customers.Create(t.Context(), &customer.Customer{Name: "n"}))(t).Code, "block of %d", block)
			}
		}
	}
}

// TestFieldsAreCheckedAsWhatTheyAre gives values of custom fields in other Go types than
// those that are read.
func TestFieldsAreCheckedAsWhatTheyAre(t *testing.T) {
	type size string
	none := (*string)(nil)
	app := crmtest.Open(t, memory.Open())
	ctx := t.Context()
	declare(t, app, settings.Field{Name: "size", Type: "text", Required: true, Choices: []settings.Choice{{Code: "s"}, {Code: "m"}}})
	since := declare(t, app, settings.Field{Name: "since", Type: "date"})
	s := crmtest.System(t, app)
	x := "x"
	for _, c := range []struct {
		value any
		code  string
	}{{size("x"), "oneof"}, {&x, "oneof"}, {size(""), "required"}, {none, "required"}, {7, "type"}} {
		_, err := s.Customers.Create(ctx, named("n", schema.Values{"size": c.value}))
		require.Equal(t, c.code, requireCode(t, err, storage.Invalid).Fields[0].Code, "%T", c.value)
	}
	kept := must(s.Customers.Create(ctx, named("n", schema.Values{"size": size("m"), "since": "2026-11-26"})))(t)
	must(crmtest.System(t, app).Admin.Fields.Edit(ctx, since.ID, func(f *settings.Field) error { f.Retired = true; return nil }))(t)
	s = crmtest.System(t, app)
	same := schema.Values{"size": "m", "since": "2026-11-26"} // as a screen sends it back
	must(s.Customers.Edit(ctx, kept.ID, func(c *customer.Customer) error { c.Country, c.Custom = "Kenya", same; return nil }))(t)
	_, err := s.Customers.Edit(ctx, kept.ID, func(c *customer.Customer) error {
		c.Custom = schema.Values{"size": "m", "since": "2026-11-27"}
		return nil
	})
	require.Equal(t, "retired", requireCode(t, err, storage.Invalid).Fields[0].Code)
}

// TestDeepJSON holds that a view whose JSON nests is refused as a query, and kept as a hint,
// by every adapter alike.
func TestDeepJSON(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		deep := func(n int) string {
			return strings.Repeat(`{"op":"not","of":[`, n) + `{"op":"null","field":"name"}` + strings.Repeat(`]}`, n)
		}
		_, err := s.Admin.Views.Create(ctx, &settings.View{Name: "v", Kind: "customer", Query: schema.JSON(`{"where":` + deep(1000) + `}`)})
		require.ErrorIs(t, err, storage.ErrInvalid)
		_, err = s.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: 1, To: []schema.ID{crmtest.Hire(t, app, "n", schema.ID{}, schema.ID{})}, Where: schema.JSON(deep(1000))})
		require.ErrorIs(t, err, storage.ErrInvalid)
		hint := schema.JSON(strings.Repeat("[", 400) + strings.Repeat("]", 400))
		v := must(s.Admin.Views.Create(ctx, &settings.View{Name: "v", Kind: "customer", Hint: hint}))(t)
		require.Equal(t, hint, must(s.Admin.Views.Get(ctx, v.ID))(t).Hint)
	})
}

// TestViewsAreGivenToRoles holds that given views point to their role, whatever it is called.
func TestViewsAreGivenToRoles(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	ctx, s := t.Context(), crmtest.System(t, app)
	role := must(s.Admin.Roles.Create(ctx, &org.Role{Name: "Seller"}))(t)
	given := must(s.Admin.GiveViews(ctx, settings.Salesperson, role.ID))(t)
	require.Len(t, given, len(settings.DefaultViews(settings.Salesperson)))
	for _, v := range given {
		require.Equal(t, role.ID, v.RoleID)
	}
	must(s.Admin.Roles.Edit(ctx, role.ID, func(r *org.Role) error { r.Name = "Salesperson"; return nil }))(t)
	seller := must(s.Admin.Employees.Create(ctx, &org.Employee{Name: "n", Roles: []schema.ID{role.ID}}))(t)
	must(s.Admin.Roles.Edit(ctx, role.ID, func(r *org.Role) error {
		r.Grants = []org.Grant{{Kind: "*", Verbs: []org.Verb{org.Read}}}
		return nil
	}))(t)
	theirs := must(crmtest.As(t, app, seller.ID).Admin.Views.Find(ctx, query.Select{Where: query.Eq("role.name", "Salesperson")}))(t)
	require.Len(t, theirs.Items, len(given))
	require.NoError(t, s.Admin.Employees.Delete(ctx, seller.ID, 0))
	require.ErrorIs(t, s.Admin.Roles.Delete(ctx, role.ID, 0), storage.ErrReferenced, "views are made for it")
	_, err := s.Admin.GiveViews(ctx, settings.Director, crmtest.Hire(t, app, "n", schema.ID{}, schema.ID{}))
	require.ErrorIs(t, err, storage.ErrInvalid, "an employee is no role")
	_, err = crmtest.System(t, app.Tenant("other")).Admin.GiveViews(ctx, settings.Director, role.ID)
	require.ErrorIs(t, err, storage.ErrInvalid, "the role of another tenant")
}

// TestViewsAreGivenOnce gives views again: by another, after one was changed and another
// deleted, by two at once, to another role, and by somebody who may not.
func TestViewsAreGivenOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		seller := must(s.Admin.Roles.Create(ctx, &org.Role{Name: "Seller"}))(t)
		buyer := must(s.Admin.Roles.Create(ctx, &org.Role{Name: "Buyer"}))(t)
		s = crmtest.System(t, app)
		give := func(s *crm.Session, role schema.ID) []schema.ID {
			t.Helper()
			var ids []schema.ID
			for _, v := range must(s.Admin.GiveViews(ctx, settings.Salesperson, role))(t) {
				ids = append(ids, v.ID)
			}
			return ids
		}
		first := give(s, seller.ID)
		must(s.Admin.Views.Edit(ctx, first[0], func(v *settings.View) error { v.Name = "Ours"; return nil }))(t)
		require.NoError(t, s.Admin.Views.Delete(ctx, first[1], 0))
		boss := crmtest.As(t, app, crmtest.Hire(t, app, "Boss", schema.ID{}, schema.ID{}))
		require.Equal(t, append(first[:1:1], first[2:]...), give(boss, seller.ID), "what was deleted stays so")
		require.Equal(t, "Ours", must(s.Admin.Views.Get(ctx, first[0]))(t).Name, "what was changed stays so")
		require.EqualValues(t, len(first)-1, must(s.Admin.Views.Count(ctx, nil))(t))

		errs := together(4, func(int) error {
			s, err := app.System("gives")
			if err == nil {
				_, err = s.Admin.GiveViews(ctx, settings.Salesperson, buyer.ID)
			}
			return err
		})
		require.NoError(t, errors.Join(errs...))
		require.EqualValues(t, 2*len(first)-1, must(s.Admin.Views.Count(ctx, nil))(t), "another role has its own")
		nobody := must(s.Admin.Employees.Create(ctx, &org.Employee{Name: "Nobody", Roles: []schema.ID{seller.ID}}))(t)
		_, err := crmtest.As(t, app, nobody.ID).Admin.GiveViews(ctx, settings.Salesperson, seller.ID)
		requireCode(t, err, storage.Forbidden)
	})
}
