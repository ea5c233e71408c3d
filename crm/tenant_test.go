package crm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// twin returns an id that both tenants use.
func twin(name string) schema.ID { return schema.NameID("twin", name) }

// settle fills a tenant with records whose ids and uniques are those of every other
// tenant, and whose texts hold word. A stranger is only where word is "zulu".
func settle(t *testing.T, app *crm.App, word string) {
	t.Helper()
	ctx, s := t.Context(), crmtest.System(t, app)
	zulu := word == "zulu"
	must(s.Admin.Roles.Create(ctx, &org.Role{Meta: record.Meta{ID: twin("role")}, Name: "Twin"}))(t)
	must(s.Admin.Departments.Create(ctx, &org.Department{Meta: record.Meta{ID: twin("department")}, Name: word, Code: "D"}))(t)
	for _, e := range []*org.Employee{
		{Meta: record.Meta{ID: twin("boss")}, Name: word, Code: "1", HostUser: "boss"},
		{Meta: record.Meta{ID: twin("alice")}, Name: word, Code: "2", HostUser: "alice", ManagerID: twin("boss"), DepartmentID: twin("department")},
		{Meta: record.Meta{ID: twin("outsider")}, Name: word, Code: "3"},
	} {
		if zulu && e.Code == "3" { // where the others have no outsider, zulu's sees everything
			e.Roles = []schema.ID{must(s.Admin.Roles.Create(ctx, &org.Role{Name: "All", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs(), Range: org.AllRange}}}))(t).ID}
		}
		must(s.Admin.Employees.Create(ctx, e))(t)
	}
	p := &opportunity.Pipeline{Meta: record.Meta{ID: twin("pipeline")}, Name: "Twin"}
	steps := stages()
	for _, stage := range steps {
		stage.ID = twin(stage.Name)
	}
	_, _, err := s.Opportunities.CreatePipeline(ctx, p, steps...)
	require.NoError(t, err)
	must(s.Products.Create(ctx, &catalog.Product{Meta: record.Meta{ID: twin("product")}, Name: word, Code: "P"}))(t)

	s = crmtest.As(t, app, twin("alice"))
	must(s.Customers.Create(ctx, &customer.Customer{Meta: record.Meta{ID: twin("customer")}, Name: word, Code: "C", Industry: word}))(t)
	must(s.Customers.Contacts.Create(ctx, &customer.Contact{Meta: record.Meta{ID: twin("contact")}, Name: word, CustomerID: twin("customer")}))(t)
	must(s.Opportunities.Create(ctx, &opportunity.Opportunity{Meta: record.Meta{ID: twin("opportunity")}, Name: word, PipelineID: p.ID,
		CustomerID: twin("customer"), ProductID: twin("product"), Amount: decimal.NewNullDecimal(decimal.NewFromInt(int64(len(word))))}))(t)
	if !zulu {
		return
	}
	// What the others lack: the boss's share of everything, a stranger and its belongings.
	must(s.Customers.Create(ctx, &customer.Customer{Meta: record.Meta{ID: twin("stranger")}, Name: word, Code: "S", ParentID: twin("customer")}))(t)
	must(s.Customers.Contacts.Create(ctx, &customer.Contact{Name: word, CustomerID: twin("customer")}))(t)
	must(s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: twin("customer")}, twin("outsider"), org.FullAccess, noTime))(t)
	must(s.Admin.Employees.Get(ctx, twin("boss")))(t)
	sys := crmtest.System(t, app)
	must(sys.Admin.Employees.Create(ctx, &org.Employee{Meta: record.Meta{ID: twin("foreigner")}, Name: word, HostUser: "foreigner"}))(t)
	must(sys.Admin.Employees.Edit(ctx, twin("alice"), func(e *org.Employee) error { e.ManagerID = twin("outsider"); return nil }))(t)
	must(sys.Customers.Edit(ctx, twin("customer"), func(c *customer.Customer) error { c.Phone = "+zulu"; return nil }))(t)
	_, _, err = sys.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Meta: record.Meta{ID: twin("canal")}, Name: "Canal"}, stages()...)
	require.NoError(t, err)
}

// tenants runs a test with two tenants, acme and zulu, of equal ids and uniques.
func tenants(t *testing.T, test func(t *testing.T, acme, zulu *crm.App)) {
	t.Helper()
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		acme, zulu := app.Tenant("acme"), app.Tenant("zulu")
		settle(t, zulu, "zulu")
		settle(t, acme, "acme")
		test(t, acme, zulu)
	})
}

// TestOneTenantShowsNothingOfAnother asks every question of one tenant, as the system
// and as each of its people, and looks for the other one's word in the answers.
func TestOneTenantShowsNothingOfAnother(t *testing.T) {
	tenants(t, func(t *testing.T, acme, _ *crm.App) {
		sessions := map[string]*crm.Session{"system": crmtest.System(t, acme)}
		for _, name := range []string{"boss", "alice", "outsider"} {
			sessions[name] = crmtest.As(t, acme, twin(name))
		}
		for who, s := range sessions {
			for what, answer := range answers(t.Context(), s) {
				text, err := json.Marshal(answer)
				require.NoError(t, err)
				require.NotContains(t, string(text), "zulu", "%s asks for %s", who, what)
				require.NotContains(t, fmt.Sprintf("%+v", answer), "zulu", "%s asks for %s", who, what)
			}
		}
	})
}

// answer is what a call returned.
type answer struct {
	Value any
	Err   error
}

// ask makes a call's results an answer.
func ask[T any](v T, err error) answer { return answer{v, err} }

func answers(ctx context.Context, s *crm.Session) map[string]answer {
	out := map[string]answer{
		"employees":       ask(s.Admin.Employees.Find(ctx, query.Select{})),
		"reports":         ask(s.Admin.Employees.Find(ctx, query.Select{Where: query.Has("reports", nil)})),
		"departments":     ask(s.Admin.Departments.Find(ctx, query.Select{})),
		"products":        ask(s.Products.Find(ctx, query.Select{})),
		"customers":       ask(s.Customers.Find(ctx, query.Select{})),
		"their word":      ask(s.Customers.Find(ctx, query.Select{Where: query.HasText("name", "zulu")})),
		"subsidiaries":    ask(s.Customers.Find(ctx, query.Select{Where: query.Has("subsidiaries", nil)})),
		"their contacts":  ask(s.Customers.Find(ctx, query.Select{Where: query.Has("contacts", query.Eq("name", "zulu"))})),
		"contacts":        ask(s.Customers.Contacts.Find(ctx, query.Select{Sort: query.By("customer.name")})),
		"contacts' whole": ask(s.Customers.Contacts.Find(ctx, query.Select{Where: query.Eq("customer.name", "zulu")})),
		"opportunities":   ask(s.Opportunities.Find(ctx, query.Select{Sort: query.By("product.name", "customer.industry")})),
		"stage log":       ask(s.Opportunities.Log.Find(ctx, query.Select{})),
		"figures": ask(s.Opportunities.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("customer.name")}, {Path: query.P("owner.name")}},
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Max, Path: query.P("product.name")}}})),
		"deals":         ask(s.Analytics.Deals(ctx, analytics.DealsQuery{By: []analytics.Dimension{analytics.ByOwner, analytics.ByProduct, analytics.ByIndustry}})),
		"history":       ask(s.Customers.History(ctx, twin("customer"), query.Select{})),
		"their history": ask(s.Customers.History(ctx, twin("stranger"), query.Select{})),
		"why":           ask(s.Why(ctx, org.Delete, record.Ref{Kind: "customer", ID: twin("customer")})),
		"shares":        ask(s.Admin.SharesOf(ctx, record.Ref{Kind: "customer", ID: twin("customer")}, query.Select{})),
		"directory":     ask(s.Directory(ctx)),
		"a taken id":    ask(s.Customers.Create(ctx, &customer.Customer{Meta: record.Meta{ID: twin("customer")}, Name: "other"})),
		"a taken code":  ask(s.Customers.Create(ctx, &customer.Customer{Name: "other", Code: "C"})),
		"a conflict":    ask(s.Customers.Update(ctx, &customer.Customer{Meta: record.Meta{ID: twin("customer"), Version: 2}, Name: "other"})),
	}
	if dir, ok := out["directory"].Value.(*org.Directory); ok {
		out["directory"] = answer{[]any{dir.Size(), dir.Chain(twin("alice")), dir.Employee(twin("alice")), dir.Employee(twin("foreigner"))}, nil}
	}
	return out
}

// TestOneTenantCountsNothingOfAnother has the figures and the reach of each person be
// those of their own tenant.
func TestOneTenantCountsNothingOfAnother(t *testing.T) {
	tenants(t, func(t *testing.T, acme, zulu *crm.App) {
		counts := func(app *crm.App, who string) []int64 {
			s, n := crmtest.As(t, app, twin(who)), make([]int64, 3)
			var err error
			n[0], err = s.Customers.Count(t.Context(), nil)
			require.NoError(t, err)
			n[1], err = s.Customers.Contacts.Count(t.Context(), nil)
			require.NoError(t, err)
			deals, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{})
			require.NoError(t, err)
			for _, row := range deals.Rows {
				n[2] += row.Opportunities
			}
			return n
		}
		require.Equal(t, []int64{1, 1, 1}, counts(acme, "alice"))
		require.Equal(t, []int64{1, 1, 1}, counts(acme, "boss"), "stands above alice here")
		require.Equal(t, []int64{0, 0, 0}, counts(acme, "outsider"), "has nothing here")
		require.Equal(t, []int64{2, 2, 1}, counts(zulu, "alice"))
		require.Equal(t, []int64{0, 0, 0}, counts(zulu, "boss"), "stands above nobody there")
		require.Equal(t, []int64{2, 2, 1}, counts(zulu, "outsider"))
		_, err := acme.As(t.Context(), twin("foreigner"))
		requireCode(t, err, storage.Forbidden)
		_, err = acme.AsExternal(t.Context(), "foreigner")
		requireCode(t, err, storage.Forbidden)
	})
}

// TestAnotherTenantsRecordIsNotThere gives ids that only the other tenant has.
func TestAnotherTenantsRecordIsNotThere(t *testing.T) {
	tenants(t, func(t *testing.T, acme, zulu *crm.App) {
		before := dump(t, zulu)
		ctx, stranger := t.Context(), twin("stranger")
		ref := record.Ref{Kind: "customer", ID: stranger}
		for who, s := range map[string]*crm.Session{"system": crmtest.System(t, acme), "alice": crmtest.As(t, acme, twin("alice"))} {
			for what, c := range map[string]struct {
				answer answer
				code   storage.Code
			}{
				"get":         {ask(s.Customers.Get(ctx, stranger)), storage.NotFound},
				"edit":        {ask(s.Customers.Edit(ctx, stranger, func(c *customer.Customer) error { c.Name = "stolen"; return nil })), storage.NotFound},
				"update":      {ask(s.Customers.Update(ctx, &customer.Customer{Meta: record.Meta{ID: stranger, Version: 1}, Name: "stolen"})), storage.NotFound},
				"delete":      {ask(0, s.Customers.Delete(ctx, stranger, 0)), storage.NotFound},
				"history":     {ask(s.Customers.History(ctx, stranger, query.Select{})), storage.NotFound},
				"why":         {ask(s.Why(ctx, org.Read, ref)), storage.NotFound},
				"share":       {ask(s.Admin.Share(ctx, ref, twin("boss"), org.ReadAccess, noTime)), storage.NotFound},
				"shares":      {ask(s.Admin.SharesOf(ctx, ref, query.Select{})), storage.NotFound},
				"share to":    {ask(s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: twin("customer")}, twin("foreigner"), org.ReadAccess, noTime)), storage.Invalid},
				"contact of":  {ask(s.Customers.Contacts.Create(ctx, &customer.Contact{Name: "c", CustomerID: stranger})), storage.Referenced},
				"child of":    {ask(s.Customers.Create(ctx, &customer.Customer{Name: "c", ParentID: stranger})), storage.Referenced},
				"owned by":    {ask(s.Customers.Create(ctx, &customer.Customer{Name: "c", Owned: record.Owned{OwnerID: twin("foreigner")}})), storage.Invalid},
				"deal with":   {ask(s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "o", PipelineID: twin("pipeline"), CustomerID: stranger})), storage.Referenced},
				"deal in":     {ask(s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "o", PipelineID: twin("canal")})), storage.Invalid},
				"report to":   {ask(crmtest.System(t, acme).Admin.Employees.Create(ctx, &org.Employee{Name: "e", ManagerID: twin("foreigner")})), storage.Referenced},
				"end a share": {ask(0, s.Admin.Unshare(ctx, all(t, crmtest.System(t, zulu).Tenant(), org.Shares)[0].ID)), storage.NotFound},
			} {
				t.Run(who+" "+what, func(t *testing.T) { requireCode(t, c.answer.Err, c.code) })
			}
		}
		require.Equal(t, before, dump(t, zulu))
	})
}

// TestOneTenantChangesNothingOfAnother changes and deletes all of one tenant's records
// whose twins are in the other.
func TestOneTenantChangesNothingOfAnother(t *testing.T) {
	tenants(t, func(t *testing.T, acme, zulu *crm.App) {
		before := dump(t, zulu)
		ctx, s := t.Context(), crmtest.System(t, acme)
		must(s.Opportunities.Advance(ctx, twin("opportunity"), opportunity.Move{}))(t)
		must(s.Opportunities.Win(ctx, twin("opportunity"), opportunity.Outcome{}))(t)
		must(s.Customers.Edit(ctx, twin("customer"), func(c *customer.Customer) error { c.Name = "changed"; return nil }))(t)
		share := must(s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: twin("customer")}, twin("outsider"), org.ReadAccess, noTime))(t)
		require.NoError(t, s.Admin.Unshare(ctx, share.ID))
		require.NoError(t, s.Customers.Contacts.Delete(ctx, twin("contact"), 0))
		must(s.Admin.Employees.Edit(ctx, twin("alice"), func(e *org.Employee) error { e.ManagerID = schema.ID{}; return nil }))(t)
		require.NoError(t, s.Admin.Employees.Delete(ctx, twin("outsider"), 0))
		must(s.Products.Edit(ctx, twin("product"), func(p *catalog.Product) error { p.Code = "Q"; return nil }))(t)
		_, err := acme.Relay(ctx, subscribeTo("acme"))
		require.NoError(t, err)
		require.Equal(t, before, dump(t, zulu))
		requireSound(t, zulu)
	})
}

func TestACursorOfAnotherTenantIsRefused(t *testing.T) {
	tenants(t, func(t *testing.T, acme, zulu *crm.App) {
		q := query.Select{Limit: 1, Sort: query.By("name")}
		page, err := crmtest.System(t, zulu).Customers.Find(t.Context(), q)
		require.NoError(t, err)
		require.NotEmpty(t, page.Next)
		q.Cursor = page.Next
		_, err = crmtest.System(t, acme).Customers.Find(t.Context(), q)
		e := requireCode(t, err, storage.Invalid)
		require.Equal(t, "cursor", e.Fields[0].Name)
		history, err := crmtest.System(t, zulu).Customers.History(t.Context(), twin("customer"), query.Select{Limit: 1})
		require.NoError(t, err)
		require.NotEmpty(t, history.Next)
		_, err = crmtest.System(t, acme).Customers.History(t.Context(), twin("customer"), query.Select{Limit: 1, Cursor: history.Next})
		requireCode(t, err, storage.Invalid)
	})
}
