package crm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/crm/sheet/vcard"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// stocked fills an application with customers of all sorts, and things that belong to them.
func stocked(t *testing.T, app *crm.App) {
	t.Helper()
	sys, ctx := crmtest.System(t, app), t.Context()
	must(sys.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "customer.industry", Code: "telecom", Label: settings.Label{EN: "Telecom", ZH: "通信"}}))(t)
	must(sys.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "rank", Type: "decimal", Scale: 2}))(t)
	must(sys.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "vip", Type: "bool", Label: settings.Label{EN: "VIP", ZH: "贵宾"}}))(t)
}

func goods(t *testing.T, app *crm.App) {
	t.Helper()
	s, ctx := crmtest.System(t, app), t.Context()
	n := int64(12)
	group := must(s.Customers.Create(ctx, &customer.Customer{Name: "华为技术有限公司", ShortName: "华为", Code: "A", Industry: "telecom", Employees: &n,
		AnnualRevenue: decimal.NewNullDecimal(decimal.RequireFromString("1234567.89")), TaxID: "91440300", Type: customer.Agent}))(t)
	evil := &customer.Customer{Name: "=cmd|' /C calc'!A0", Code: "B", ParentID: group.ID, Phone: "+86 755 1", Website: "@evil", Email: "a@b.com"}
	evil.Custom = schema.Values{"rank": decimal.RequireFromString("1.25"), "vip": true}
	must(s.Customers.Create(ctx, evil))(t)
	person := &customer.Customer{Name: "O'Neil, \"Jo\"", Code: "C", Type: customer.Individual, Status: customer.Trading, TradingSince: schema.NewDate(2025, 3, 5)}
	person.GivenName, person.FamilyName, person.Gender, person.Birthday = "Jo", "O'Neil", customer.Female, schema.NewDate(1970, 4, 14)
	must(s.Customers.Create(ctx, person))(t)
	for _, c := range []*customer.Contact{{Name: "王小明", CustomerID: group.ID, Mobile: "13800138000", Department: "市场部", Role: customer.DecisionMaker, Title: "经理"}, {Name: "-1+1", CustomerID: group.ID}} {
		must(s.Customers.Contacts.Create(ctx, c))(t)
	}
	must(s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: group.ID, Kind: customer.Office, Province: "广东省", City: "深圳市", Street: "坂田\n华为基地", Postcode: "518129"}))(t)
	must(s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: one(t, s, "C").ID, Kind: customer.Home, Street: "44 Main St", City: "Springfield", Country: "USA", Addressee: "Reception"}))(t)
}

// TestWhatGoesOutComesIn exports everything of one company and imports it into another, as
// people and as programs spell it.
func TestWhatGoesOutComesIn(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		from := app.Tenant("from")
		stocked(t, from)
		goods(t, from)
		for _, language := range []string{"", "en", "zh"} {
			to := app.Tenant("to" + language)
			stocked(t, to)
			sys, s := crmtest.System(t, from), crmtest.System(t, to)
			for _, kind := range []string{"customer", "contact", "address"} {
				x := exchange.Export{Kind: kind, Language: language}
				text := exported(t, sys, x)
				p := planned(t, s, kind, text, "")
				require.NotContains(t, p.Mapping, "", "every column is known again: %v", p.Columns)
				for i, name := range p.Mapping { // ids stay where they are
					if name == "id" {
						p.Mapping[i] = ""
					}
				}
				job, errs := imported(t, s, p, text)
				require.Zero(t, job.Refused+job.Unlinked, errs)
			}
			require.Equal(t, versionless(contents(t, from)), versionless(contents(t, to)), language)
			for _, kind := range []string{"customer", "contact", "address"} {
				fields := slices.DeleteFunc(must(sys.Exchange.Fields(t.Context(), kind))(t), func(f exchange.Field) bool {
					return f.Name == "id" || strings.HasPrefix(f.Name, "contact.") || strings.HasPrefix(f.Name, "address.")
				})
				var names []string
				for _, f := range fields {
					names = append(names, f.Name)
				}
				x := exchange.Export{Kind: kind, Fields: names, Language: language}
				require.Equal(t, exported(t, sys, x), exported(t, s, x))
			}
			requireSound(t, to)
		}
	})
}

// TestExport looks at what stands in a list that goes out.
func TestExport(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		stocked(t, app)
		goods(t, app)
		s, ctx := crmtest.System(t, app), t.Context()
		x := exchange.Export{Kind: "customer", Fields: []string{"code", "name", "industry", "parent", "parent.industry", "phone", "custom.rank", "custom.vip"},
			Query: query.Select{Sort: query.By("code")}, Language: "zh"}
		require.Equal(t, `客户编码,客户名称,行业,上级客户,行业,电话,Rank,贵宾
A,华为技术有限公司,通信,,,,,
B,'=cmd|' /C calc'!A0,,华为技术有限公司,通信,'+86 755 1,1.25,是
C,"O'Neil, ""Jo""",,,,,,
`, exported(t, s, x))
		x.Language, x.Query.Where = "", query.Eq("code", "B")
		require.Equal(t, "code,name,industry,parent,parent.industry,phone,custom.rank,custom.vip\nB,'=cmd|' /C calc'!A0,,A,telecom,'+86 755 1,1.25,yes\n", exported(t, s, x))

		view := must(s.Admin.Views.Create(ctx, &settings.View{Name: "Agents", Kind: "customer", Columns: []string{"name", "owner.name"},
			Query: must(query.Select{Where: query.Eq("type", "agent")}.MarshalJSON())(t)}))(t)
		var file strings.Builder
		sink := sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true})
		n, err := s.Exchange.ExportView(ctx, view, must(s.Admin.Moment(ctx))(t), "en", sink)
		require.NoError(t, err)
		require.NoError(t, sink.Close())
		require.Equal(t, int64(1), n)
		require.Equal(t, "Name,Name\r\n华为技术有限公司,\r\n", file.String())

		for name, wrong := range map[string]exchange.Export{
			"kind": {Kind: "nothing"}, "field": {Kind: "customer", Fields: []string{"nothing"}}, "path": {Kind: "customer", Fields: []string{"contacts.name"}},
			"language": {Kind: "customer", Language: "fr"}, "condition": {Kind: "customer", Query: query.Select{Where: query.Eq("nothing", 1)}},
		} {
			_, err := s.Exchange.Export(ctx, wrong, sheet.WriteCSV(&strings.Builder{}, sheet.CSVFormat{}))
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		for _, k := range s.Registry().Kinds() { // any kind can go out
			exported(t, s, exchange.Export{Kind: k.Name()})
		}
	})
}

// TestCardsAndLetters writes address and phone lists, labels and cards, and reads cards.
func TestCardsAndLetters(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		stocked(t, app)
		goods(t, app)
		s, ctx := crmtest.System(t, app), t.Context()
		write := func(list func(sink sheet.Sink) error) string {
			var file strings.Builder
			sink := sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true})
			require.NoError(t, list(sink))
			require.NoError(t, sink.Close())
			return strings.ReplaceAll(file.String(), "\r\n", "\n")
		}
		require.Equal(t, "邮编,地址,客户名称,部门,联系人,电话\n518129,\"广东省深圳市坂田\n华为基地\",华为技术有限公司,市场部,王小明,\n", write(func(sink sheet.Sink) error {
			return s.Customers.AddressList(ctx, query.Select{}, customer.Office, "zh", sink)
		}))
		require.Equal(t, "Customer,Customer phone,Contact,Title,Phone,Mobile\n华为技术有限公司,,王小明,经理,,13800138000\n华为技术有限公司,,'-1+1,,,\n'=cmd|' /C calc'!A0,'+86 755 1,,,,\n\"O'Neil, \"\"Jo\"\"\",,,,,\n", write(func(sink sheet.Sink) error {
			return s.Customers.PhoneList(ctx, query.Select{Sort: query.By("code")}, "en", sink)
		}))
		run := must(label.NewRun(label.A4(8, 3), nil))(t)
		for l, err := range s.Customers.Labels(ctx, query.Select{}, customer.Home, run) {
			require.NoError(t, err)
			require.Equal(t, []string{"44 Main St", "Springfield, USA", "O'Neil, \"Jo\"", "Reception"}, l.Lines)
		}

		var cards strings.Builder
		require.Equal(t, int64(2), must(s.Customers.WriteCards(ctx, query.Select{}, &cards))(t))
		require.Equal(t, int64(1), must(s.Customers.WriteCustomerCards(ctx, query.Select{Where: query.Eq("type", "individual")}, &cards))(t))
		cards.WriteString("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Broken\r\nno property\r\nEND:VCARD\r\n")
		other := crmtest.System(t, app.Tenant("other"))
		read := func() sheet.Source { return customer.ReadCards(strings.NewReader(cards.String()), vcard.Options{}) }
		mapping, _, err := other.Exchange.Suggest(ctx, "customer", read().Header())
		require.NoError(t, err)
		require.NotContains(t, mapping, "")
		for _, want := range [][6]int64{counts(4, 2, 1, 0, 0, 1), counts(4, 0, 0, 3, 0, 1)} {
			job := must(other.Exchange.Start(ctx, exchange.Plan{Target: "customer", Columns: read().Header(), Mapping: mapping, Key: "name"}))(t)
			job = must(other.Exchange.Apply(ctx, job.ID, read()))(t)
			require.Equal(t, want, countsOf(job), refused(t, other, job.ID))
		}
		people := all(t, other.Tenant(), customer.Contacts)
		require.Len(t, people, 2)
		require.Equal(t, "市场部", people[0].Department)
		require.Equal(t, "13800138000", people[0].Mobile)
		jo := must(other.Customers.Find(ctx, query.Select{Where: query.Eq("type", "individual")}))(t).Items
		require.Len(t, jo, 1)
		require.Equal(t, "1970-04-14", jo[0].Birthday.String())

		w := newFirm(t, app)
		_, err = w.as(t).Customers.WriteCards(ctx, query.Select{}, &cards)
		requireCode(t, err, storage.Forbidden)
		requireCode(t, w.as(t).Customers.PhoneList(ctx, query.Select{}, "en", sheet.WriteCSV(&cards, sheet.CSVFormat{})), storage.Forbidden)
	})
}

// TestEveryBusinessKindIsInLists makes a later kind either a target of lists or one that is
// said not to be.
func TestEveryBusinessKindIsInLists(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	s := crmtest.System(t, app)
	notForLists := []string{
		// What the library keeps for itself.
		"tenant_state", "number_counter", "journal_entry", "departure", "outbox", "lease", "turn", "reach", "match_key", "document_chunk", "import", "import_progress", "import_line",
		"handover", "handover_line", "handover_share", "owner_change", "posting", "subordination", "tombstone", "merge", "merge_step", "erasure", "erased_key", "pool_stay", "assignment_turn",
		// What has verbs of its own, or rules that a line can't say.
		"custom_field", "number_rule", "view", "view_pin", "role", "share", "sharing_rule", "deputy", "document", "document_revision", "consent", "consent_entry",
		"pool", "assignment_rule", "teammate", "relation", "pipeline", "stage", "opportunity", "stage_log",
	}
	known := append(s.Exchange.Targets(), notForLists...)
	for _, k := range s.Registry().Kinds() {
		require.Contains(t, known, k.Name(), "offer it in the module's Lists, or say here why not")
	}
	for _, name := range notForLists {
		require.NotNil(t, s.Registry().Kind(name), name)
		require.NotContains(t, s.Exchange.Targets(), name)
	}
	for _, target := range s.Exchange.Targets() {
		for _, f := range must(s.Exchange.Fields(t.Context(), target))(t) {
			require.NotEmpty(t, f.Label.EN, f.Name)
			require.NotEmpty(t, f.Label.ZH, "%s of %s has no Chinese name", f.Name, target)
		}
	}
}
