package crm_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestWrongLines imports lists of one or two lines with something wrong, and says which
// problems they have; what is right beside them comes in.
func TestWrongLines(t *testing.T) {
	long := strings.Repeat("x", 1001)
	cases := map[string]struct {
		list     string
		problems []string
		created  int64
	}{
		"no name":                      {"code,name\nA,\nB,b\n", []string{"2 name required"}, 1},
		"a name too long":              {"code,name\nA," + long + "\nB,b\n", []string{"2 name max"}, 1},
		"no number":                    {"code,name,employees\nA,a,many\nB,b,12\n", []string{"2 employees int"}, 1},
		"below zero":                   {"code,name,employees\nA,a,-1\n", []string{"2 employees min"}, 0},
		"no amount":                    {"code,name,annual_revenue\nA,a,1.2.3\nB,b,\"1,234.50\"\nC,c,１２\n", []string{"2 annual_revenue decimal"}, 2},
		"too many places":              {"code,name,annual_revenue\nA,a,1.23456\n", []string{"2 annual_revenue scale"}, 0},
		"no date":                      {"code,name,birthday\nA,a,31.2.99\nB,b,2020年1月2日\nC,c,2020/1/2\nD,d,20200102\nE,e,2020-02-30\n", []string{"2 birthday date", "6 birthday date"}, 3},
		"a date ahead":                 {"code,name,birthday\nA,a,2999-01-01\nB,b,2000-01-01\n", []string{"2 birthday date"}, 1},
		"no e-mail":                    {"code,name,email\nA,a,nowhere\n", []string{"2 email email"}, 0},
		"none of the types":            {"code,name,type\nA,a,friend\nB,b,代理商\nC,c,distributor\n", []string{"2 type oneof"}, 2},
		"no such parent":               {"code,name,parent\nA,a,Z\nB,b,A\n", []string{"2 parent reference"}, 2},
		"no such owner":                {"code,name,owner\nA,a,Zoe\nB,b,Boss\n", []string{"2 owner reference"}, 1},
		"a code that is there":         {"short_name,name,code\na,a,taken\nb,b,free\n", []string{"2 code unique"}, 1},
		"a code twice":                 {"short_name,name,code\na,a,A\nb,b,A\nc,c,C\n", []string{"3 code unique"}, 2},
		"everything at once":           {"code,name,employees,email,birthday,owner\nA,,x,y,z,q\n", []string{"2 employees int", "2 birthday date", "2 owner reference", "2 name required", "2 email email"}, 0},
		"a contact without a name":     {"code,name,contact.phone\nA,a,1\nB,b,\n", []string{"2 contact.name required"}, 1},
		"a contact that can't be":      {"code,name,contact.name,contact.email\nA,a,x,y\nB,b,x,y@z.com\n", []string{"2 contact.email email"}, 1},
		"a custom field":               {"code,name,颜色,custom.size\nA,a,蓝,1\nB,b,red,1\nC,c,blue,x\n", []string{"3 custom.colour oneof", "4 custom.size int"}, 1},
		"sealed":                       {"code,name,standing\nA,a,封存\n", []string{"2 standing sealed"}, 0},
		"a hook says no":               {"code,name\nA,forbidden\nB,b\nC,forbidden\nD,d\n", []string{"2  precondition", "4  precondition"}, 2},
		"a quote that is never closed": {"code,name\n\"A,a\nB,b\n", []string{"2  quote"}, 1},
		"too many cells":               {"code,name\nA,a,b,c\nB,b\n", []string{"2  cells"}, 1},
		"too few cells":                {"code,name,phone\nA,a\n", nil, 1},
		"an empty list":                {"code,name\n", nil, 0},
	}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		tenant := 0
		for name, c := range cases {
			tenant++
			t.Run(name, func(t *testing.T) {
				app := app.Tenant(fmt.Sprint("t", tenant))
				w := newFirm(t, app)
				sys := crmtest.System(t, app)
				must(sys.Customers.Create(t.Context(), &customer.Customer{Name: "There", Code: "taken"}))(t)
				must(sys.Admin.Fields.Create(t.Context(), &settings.Field{Kind: "customer", Name: "colour", Type: "text", Label: settings.Label{EN: "Colour", ZH: "颜色"},
					Choices: []settings.Choice{{Code: "blue", Label: settings.Label{ZH: "蓝"}}}}))(t)
				must(sys.Admin.Fields.Create(t.Context(), &settings.Field{Kind: "customer", Name: "size", Type: "int"}))(t)
				s := crmtest.As(t, app, w.boss)
				key := "code"
				if strings.HasPrefix(c.list, "short_name") {
					key = ""
				}
				p := planned(t, s, "customer", c.list, key)
				dry, problems := checked(t, s, p, c.list)
				require.Equal(t, c.problems, problems)
				job, errs := imported(t, s, p, c.list)
				require.Equal(t, dry, countsOf(job), errs)
				require.Equal(t, c.created, job.Created, errs)
				require.Equal(t, int64(strings.Count(errs, "\n")-1), job.Refused+job.Unlinked, errs)
				requireSound(t, app)
			})
		}
	}, crm.WithHooks(session.Before(customer.Customers, noForbidden)))
}

func noForbidden(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
	for _, w := range writes {
		if w.New != nil && w.New.Name == "forbidden" {
			return fault.New(fault.Precondition, "not this one")
		}
	}
	return nil
}

// TestWrongPlans starts imports that could not be done.
func TestWrongPlans(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		s, ctx := w.as(t), t.Context()
		before := dump(t, app)
		for name, p := range map[string]exchange.Plan{
			"no such target":     {Target: "share", Columns: []string{"a"}, Mapping: sheet.Mapping{"level"}},
			"no columns":         {Target: "customer"},
			"nothing is mapped":  {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{""}},
			"only a part":        {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{"contact.name"}},
			"no such field":      {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{"colour"}},
			"the session's own":  {Target: "customer", Columns: []string{"a", "b"}, Mapping: sheet.Mapping{"name", "created_at"}},
			"twice":              {Target: "customer", Columns: []string{"a", "b"}, Mapping: sheet.Mapping{"name", "name"}},
			"too short":          {Target: "customer", Columns: []string{"a", "b"}, Mapping: sheet.Mapping{"name"}},
			"the key is missing": {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{"name"}, Key: "code"},
			"a key of a part":    {Target: "customer", Columns: []string{"a", "b"}, Mapping: sheet.Mapping{"name", "contact.name"}, Key: "contact.name"},
			"a number as key":    {Target: "customer", Columns: []string{"a", "b"}, Mapping: sheet.Mapping{"name", "employees"}, Key: "employees"},
			"no such policy":     {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{"name"}, Duplicates: "merge"},
			"no matcher":         {Target: "customer", Columns: []string{"a"}, Mapping: sheet.Mapping{"name"}, Duplicates: exchange.SkipLine},
		} {
			_, err := s.Exchange.Start(ctx, p)
			requireCode(t, err, storage.Invalid, storage.Precondition)
			require.NotEmpty(t, err.Error(), name)
		}
		require.Equal(t, before, dump(t, app))

		p := planned(t, s, "customer", "code,name\n", "code")
		job := must(s.Exchange.Start(ctx, p))(t)
		_, err := s.Exchange.Apply(ctx, job.ID, list(t, "name,code\na,A\n"))
		requireCode(t, err, storage.Invalid)
		_, err = s.Exchange.Apply(ctx, schema.NewID(), list(t, "code,name\n"))
		requireCode(t, err, storage.NotFound)
		_, err = s.Exchange.Imports.Edit(ctx, job.ID, func(job *exchange.Import) error { job.Key = ""; return nil })
		requireCode(t, err, storage.Precondition)
		_, err = s.Exchange.Imports.Create(ctx, &exchange.Import{Plan: p, State: exchange.ImportDone})
		requireCode(t, err, storage.Precondition)
		requireCode(t, s.Exchange.Imports.Delete(ctx, job.ID, 0), storage.Precondition)
		_, err = app.Tenant("other").System("test")
		require.NoError(t, err)
		_, err = crmtest.System(t, app.Tenant("other")).Exchange.Apply(ctx, job.ID, list(t, "code,name\n"))
		requireCode(t, err, storage.NotFound)
		_, err = s.Exchange.Check(ctx, exchange.Plan{Target: "customer", Columns: []string{"x"}}, list(t, "code,name\n"), nil)
		requireCode(t, err, storage.Invalid)
	})
}

// TestImportsKeepPermission has people import what they may not.
func TestImportsKeepPermission(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		sys, ctx := crmtest.System(t, app), t.Context()
		bob := crmtest.Hire(t, app, "Bob", w.boss, schema.ID{})
		must(sys.Customers.Create(ctx, func() *customer.Customer {
			c := &customer.Customer{Name: "Bob's", Code: "B"}
			c.OwnerID = bob
			return c
		}()))(t)
		s := w.as(t)
		text := "code,name,owner\nB,mine,\nC,c,Bob\nD,d,Alice\n"
		p := planned(t, s, "customer", text, "code")
		dry, problems := checked(t, s, p, text)
		require.Equal(t, counts(3, 2, 0, 0, 0, 1), dry)
		require.Equal(t, []string{"2 code unique"}, problems, "there already, as Create says it")
		job, _ := imported(t, s, p, text)
		require.Equal(t, dry, countsOf(job))
		require.Equal(t, "Bob's", one(t, crmtest.As(t, app, bob), "B").Name)
		_, err := crmtest.As(t, app, bob).Exchange.Apply(ctx, job.ID, list(t, text))
		requireCode(t, err, storage.NotFound)
		_, err = crmtest.As(t, app, bob).Exchange.Lines(ctx, job.ID, query.Select{})
		requireCode(t, err, storage.NotFound)

		role := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "clerk", Grants: []org.Grant{
			{Kind: "*", Verbs: []org.Verb{org.Read}}, {Kind: "customer", Verbs: []org.Verb{org.Create, org.Update}}, {Kind: "import", Verbs: []org.Verb{org.Create, org.Update}},
		}, Fields: []org.FieldRule{{Kind: "customer", Field: "annual_revenue", Access: org.ReadOnly}, {Kind: "customer", Field: "phone", Access: org.Masked}, {Kind: "customer", Field: "email", Access: org.Hidden}}}))(t)
		must(sys.Admin.Employees.Edit(ctx, bob, func(e *org.Employee) error { e.Roles = []schema.ID{role.ID}; return nil }))(t)
		clerk := crmtest.As(t, app, bob)
		_, err = clerk.Exchange.Start(ctx, planned(t, clerk, "contact", "customer,name\n", ""))
		requireCode(t, err, storage.Forbidden)
		ruled := exchange.Plan{Target: "customer", Columns: []string{"a", "b", "c"}, Mapping: sheet.Mapping{"name", "phone", "annual_revenue"}}
		e := requireCode(t, func() error { _, err := clerk.Exchange.Start(ctx, ruled); return err }(), storage.Forbidden)
		require.Len(t, e.Fields, 2)
		mapping, _, err := clerk.Exchange.Suggest(ctx, "customer", []string{"name", "phone", "email"})
		require.NoError(t, err)
		require.Equal(t, sheet.Mapping{"name", "", ""}, mapping)
		text = "code,name,owner\nE,e,Alice\nF,f,\n"
		job, errs := imported(t, clerk, planned(t, clerk, "customer", text, "code"), text)
		require.Equal(t, counts(2, 1, 0, 0, 0, 1), countsOf(job), errs)
		require.Contains(t, errs, "no right to assign")

		must(sys.Customers.Edit(ctx, one(t, sys, "F").ID, func(c *customer.Customer) error { c.Phone, c.Email = "13800138000", "f@f.com"; return nil }))(t)
		var file strings.Builder
		_, err = clerk.Exchange.Export(ctx, exchange.Export{Kind: "customer"}, sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true}))
		requireCode(t, err, storage.Forbidden)
		must(sys.Admin.Roles.Edit(ctx, role.ID, func(r *org.Role) error {
			r.Grants = append(r.Grants, org.Grant{Kind: "customer", Verbs: []org.Verb{org.Export}})
			return nil
		}))(t)
		clerk = crmtest.As(t, app, bob)
		x := exchange.Export{Kind: "customer", Fields: []string{"code", "phone", "email", "owner", "owner.name"}, Query: query.Select{Sort: query.By("code")}, Language: "zh"}
		require.Equal(t, "客户编码,电话,负责人,姓名\nB,,Bob,Bob\nC,,Bob,Bob\nF,***00,Bob,Bob\n", exported(t, clerk, x))
		x.Query.Where = query.Eq("email", "f@f.com")
		_, err = clerk.Exchange.Export(ctx, x, sheet.WriteCSV(&file, sheet.CSVFormat{}))
		requireCode(t, err, storage.Forbidden)
	})
}

// exported is a CSV file of an export.
func exported(t *testing.T, s *crm.Session, x exchange.Export) string {
	t.Helper()
	var file strings.Builder
	sink := sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true})
	n, err := s.Exchange.Export(t.Context(), x, sink)
	require.NoError(t, err)
	require.NoError(t, sink.Close())
	text := strings.ReplaceAll(file.String(), "\r\n", "\n")
	src := list(t, text)
	lines := int64(0)
	for _, err := range src.Lines() {
		require.NoError(t, err)
		lines++
	}
	require.Equal(t, lines, n)
	return text
}

// TestImportsTellDuplicates goes by each policy.
func TestImportsTellDuplicates(t *testing.T) {
	matcher := must(match.New(match.DefaultRules(), match.Options{}))(t)
	text := "name,tax_id\n华为技术有限公司,\n华为技术,\nNew GmbH,\nNew GmbH,\n"
	for policy, want := range map[exchange.Policy][6]int64{
		exchange.SkipLine:   counts(4, 1, 0, 0, 3, 0),
		exchange.RefuseLine: counts(4, 1, 0, 0, 0, 3),
	} {
		crmtest.Apps(t, func(t *testing.T, app *crm.App) {
			s := crmtest.System(t, app)
			must(s.Customers.Create(t.Context(), &customer.Customer{Name: "华为技术有限公司"}))(t)
			p := planned(t, s, "customer", text, "")
			p.Duplicates = policy
			dry, _ := checked(t, s, p, text)
			job, errs := imported(t, s, p, text)
			require.Equal(t, want, countsOf(job), fmt.Sprint(policy, errs))
			require.Equal(t, want, dry)
		}, crm.WithMatcher(matcher))
	}
}

// TestADryRunSeesTheWholeList has lines that stand in each other's way from far apart, as
// far as batches go, and from near.
func TestADryRunSeesTheWholeList(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	var file strings.Builder
	file.WriteString("code,name,tax_id,email\nA,a,T1,\nB,b,T1,\n") // lines 2 and 3
	for i := range 1200 {
		fmt.Fprintf(&file, "F%d,filler,,\n", i)
	}
	file.WriteString("C,c, T1,\nA,a,T1,\nA,again,T2,\nD,d,T2,\nA,,,nowhere\nA,,,a@b.com\nE,e,T3,\n") // lines 1204 to 1210
	p := planned(t, crmtest.System(t, app), "customer", file.String(), "code")
	var told []string
	r := must(crmtest.System(t, app).Exchange.Check(t.Context(), p, list(t, file.String()), func(p exchange.Problem) error {
		told = append(told, fmt.Sprintf("%d %s: %s", p.Line, p.Field, p.Message))
		return nil
	}))(t)
	require.Equal(t, []string{"3 tax_id: stands in line 2 already", "1204 tax_id: stands in line 2 already",
		"1207 tax_id: stands in line 1206 already", "1208 email: email must be a valid email address"}, told)
	job, errs := imported(t, crmtest.System(t, app), p, file.String())
	require.Equal(t, countsOf(job), counts(r.Lines, r.Created, r.Updated, r.Unchanged, r.Skipped, r.Refused))
	require.Equal(t, 5, strings.Count(errs, "\n"), errs)
}
