package crm_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// find returns what a session finds, by name; a caret marks what begins with the text.
func find(t *testing.T, s *crm.Session, text string, kinds ...string) string {
	t.Helper()
	return names(must(s.Search(t.Context(), session.SearchQuery{Text: text, Kinds: kinds}))(t))
}

func names(hits []session.Hit) string {
	list := make([]string, len(hits))
	for i, h := range hits {
		if list[i] = h.Text; h.Begins {
			list[i] = "^" + h.Text
		}
	}
	return strings.Join(list, " ")
}

func TestSearch(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		s := w.as(t)
		huawei, people, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "华为技术有限公司", ShortName: "华为", Code: "HW-001", Phone: "+86 755-2878 0808", Email: "info@huawei.com"},
			[]*customer.Contact{{Name: "任正非", Mobile: "138 0013 8000", Email: "ren@huawei.com"}, {Name: "Émile Zola", Phone: "0755 1234"}})
		require.NoError(t, err)
		must(s.Customers.Create(ctx, &customer.Customer{Name: "上海华为通信"}))(t)
		vanke := must(s.Customers.Create(ctx, &customer.Customer{Name: "Vanke（万科）企业 😀"}))(t)
		must(s.Customers.Contacted(ctx, vanke.ID, schema.Date{}))(t)

		for text, want := range map[string]string{
			"华为": "^华为技术有限公司 上海华为通信", "华为 技术": "华为技术有限公司", "技": "", "hwjs": "^华为技术有限公司", "shanghaih": "^上海华为通信", "HW-": "^华为技术有限公司",
			"0808": "华为技术有限公司", "808": "", "huawei": "^华为技术有限公司 任正非", "0013 8000": "任正非", "13800138": "^任正非", "rzf": "^任正非", "emile": "^Émile Zola", "ＺＯＬＡ": "Émile Zola",
			"vanke": "^Vanke（万科）企业 😀", "万科": "Vanke（万科）企业 😀", "v": "^Vanke（万科）企业 😀", "😀": "", "": "", " ": "", "%": "", "'": "", `"`: "", "a AND b": "", "(": "", "*": "", "NEAR(": "",
		} {
			require.Equal(t, want, find(t, s, text), "%q", text)
		}
		require.Equal(t, "任正非", find(t, s, "huawei", "contact"))
		hits := must(s.Search(ctx, session.SearchQuery{Text: "rzf"}))(t)
		require.Equal(t, []session.Hit{{Ref: record.Ref{Kind: "contact", ID: people[0].ID}, Text: "任正非", Whole: record.Ref{Kind: "customer", ID: huawei.ID}, Begins: true}}, hits)
		require.Len(t, must(s.Search(ctx, session.SearchQuery{Text: "华为", Limit: 1}))(t), 1)

		// It follows what happens, also within a transaction that is rolled back.
		must(s.Customers.Edit(ctx, vanke.ID, func(c *customer.Customer) error { c.Name = "碧桂园"; return nil }))(t)
		require.Equal(t, "|^碧桂园", find(t, s, "vanke")+"|"+find(t, s, "bgy"))
		boom := fmt.Errorf("no")
		require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			must(s.Customers.Edit(ctx, vanke.ID, func(c *customer.Customer) error { c.Name = "恒大"; return nil }))(t)
			require.Equal(t, "^恒大", find(t, s, "恒大"))
			return boom
		}), boom)
		require.Equal(t, "|^碧桂园", find(t, s, "恒大")+"|"+find(t, s, "碧桂"))
		require.NoError(t, s.Customers.Contacts.Delete(ctx, people[1].ID, 0))
		require.Empty(t, find(t, s, "emile"))

		// Others see nothing of it.
		require.Empty(t, find(t, crmtest.As(t, app, crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})), "华为"))
		require.Empty(t, find(t, crmtest.System(t, app.Tenant("other")), "华为"))
		require.Equal(t, "^华为技术有限公司 上海华为通信", find(t, crmtest.As(t, app, w.boss), "华为"))

		for _, bad := range []session.SearchQuery{{Text: "a", Kinds: []string{"employee"}}, {Text: "a", Kinds: []string{"x"}}, {Text: strings.Repeat("长", 101)}, {Text: "a\x00"}, {Text: "\xff"}, {Text: "a", Limit: 101}, {Text: "a", Limit: -1}} {
			_, err := s.Search(ctx, bad)
			require.ErrorIs(t, err, storage.ErrInvalid, "%+v", bad)
		}
	})
}

// TestSearchKeepsFromFields holds that a field which a role does not show finds and shows
// nothing, and that an edit by somebody who does not see it loses nothing.
func TestSearchKeepsFromFields(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		as := func(fields ...org.FieldRule) *crm.Session {
			r := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: unique(), Fields: fields,
				Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read, org.Update}, Range: org.AllRange}, {Kind: "contact", Verbs: []org.Verb{org.Read}}}}))(t)
			return crmtest.As(t, app, must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: unique(), Roles: []schema.ID{r.ID}}))(t).ID)
		}
		c := must(sys.Customers.Create(ctx, &customer.Customer{Name: "华为技术", ShortName: "大厂", Code: "K-13800", Phone: "13800138000", Email: "k@huawei.com"}))(t)
		rule := func(field string, access org.FieldAccess) org.FieldRule {
			return org.FieldRule{Kind: "customer", Field: field, Access: access}
		}
		everyone, clerk, masked, blind := as(), as(rule("phone", org.Hidden)), as(rule("phone", org.Masked), rule("email", org.ReadOnly)), as(rule("name", org.Hidden))
		for text, want := range map[string][4]string{
			"0013":  {"华为技术", "", "", "大厂"},
			"1380":  {"^华为技术", "华为技术", "华为技术", "^大厂"}, // the code has it, too
			"华为":    {"^华为技术", "^华为技术", "^华为技术", ""},
			"hwj":   {"^华为技术", "^华为技术", "^华为技术", ""},
			"huawe": {"^华为技术", "^华为技术", "^华为技术", "大厂"}, // the spelling of the name is hidden with it
			"大厂":    {"^华为技术", "^华为技术", "^华为技术", "^大厂"},
		} {
			for i, s := range []*crm.Session{everyone, clerk, masked, blind} {
				require.Equal(t, want[i], find(t, s, text), "%q as %d", text, i)
			}
		}
		must(clerk.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Name = "华为终端"; return nil }))(t)
		require.Equal(t, "华为终端|^华为终端||", find(t, everyone, "0013")+"|"+find(t, everyone, "华为终")+"|"+find(t, clerk, "0013")+"|")

		nothing := crmtest.As(t, app, must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "N", Roles: []schema.ID{must(sys.Admin.Roles.Create(ctx, &org.Role{Name: unique()}))(t).ID}}))(t).ID)
		require.Empty(t, find(t, nothing, "华为"))
	})
}

// TestSearchWithinScopes compares what people of all ranks find with a rule that is as
// simple as it can be, over random customers and contacts.
func TestSearchWithinScopes(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		everything := must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Admin", Grants: []org.Grant{{Kind: "*", Verbs: []org.Verb{org.Read}, Range: org.AllRange}}}))(t)
		admin := must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Admin", Roles: []schema.ID{everything.ID}}))(t).ID
		director := crmtest.Hire(t, app, "Director", schema.ID{}, schema.ID{})
		above := map[schema.ID][]schema.ID{director: {director}}
		people := []schema.ID{director}
		for range 2 {
			manager := crmtest.Hire(t, app, "Manager", director, schema.ID{})
			above[manager] = []schema.ID{manager, director}
			people = append(people, manager)
			for range 3 {
				agent := crmtest.Hire(t, app, "Agent", manager, schema.ID{})
				above[agent] = []schema.ID{agent, manager, director}
				people = append(people, agent)
			}
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		type card struct {
			kind    string
			id      schema.ID
			name    string
			used    time.Time
			visible []schema.ID
		}
		var cards []card
		for i := range 120 {
			owner := people[rnd.IntN(len(people))]
			name := []string{"上海", "北京", "Acme ", ""}[rnd.IntN(4)] + []string{"华为", "科技", "上海"}[rnd.IntN(3)] + fmt.Sprint(i)
			clock.At = clock.At.Add(time.Minute)
			c, contacts, err := sys.Customers.CreateWithContacts(ctx, &customer.Customer{Name: name, Owned: record.Owned{OwnerID: owner}}, []*customer.Contact{{Name: "王" + name}})
			require.NoError(t, err)
			visible := append([]schema.ID{admin}, above[owner]...)
			if rnd.IntN(5) == 0 {
				to := people[rnd.IntN(len(people))]
				must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c.ID}, to, org.ReadAccess, time.Time{}))(t)
				visible = append(visible, to)
			}
			var used time.Time
			if rnd.IntN(3) > 0 {
				on := schema.NewDate(2026, 1, 1+rnd.IntN(60))
				must(sys.Customers.Contacted(ctx, c.ID, on))(t)
				used = on.Time(time.UTC)
			}
			cards = append(cards, card{"customer", c.ID, name, used, visible}, card{"contact", contacts[0].ID, "王" + name, contacts[0].CreatedAt, visible})
		}
		spelled := strings.NewReplacer("王", "w", "上海", "sh", "北京", "bj", "华为", "hw", "科技", "kj", "Acme ", "acme")
		for _, text := range []string{"上海", "华为", "科技1", "王", "w", "shkj", "wsh", "acme", "cme", "上", "京"} {
			for _, person := range append(people, admin) {
				for _, kinds := range [][]string{nil, {"customer"}} {
					var want []card
					begins := func(c card) bool {
						return strings.HasPrefix(strings.ToLower(c.name), text) || strings.HasPrefix(spelled.Replace(c.name), text)
					}
					for _, c := range cards {
						long := len([]rune(text)) > 1 && text != "sh"
						if slices.Contains(c.visible, person) && (kinds == nil || c.kind == "customer") && (begins(c) || long && strings.Contains(strings.ToLower(c.name), text)) {
							want = append(want, c)
						}
					}
					slices.SortFunc(want, func(a, b card) int {
						switch {
						case begins(a) != begins(b):
							return map[bool]int{true: -1, false: 1}[begins(a)]
						case !a.used.Equal(b.used):
							return b.used.Compare(a.used)
						}
						return b.id.Compare(a.id)
					})
					got := must(crmtest.As(t, app, person).Search(ctx, session.SearchQuery{Text: text, Kinds: kinds, Limit: 25}))(t)
					require.Len(t, got, min(len(want), 25), "%q", text)
					for i, hit := range got {
						require.Equal(t, []any{want[i].id, want[i].name, begins(want[i])}, []any{hit.ID, hit.Text, hit.Begins}, "%q at %d", text, i)
					}
				}
			}
		}
	}, crm.WithClock(clock.Now))
}

// TestSearchAfterManyChanges holds that a change of many records at once is found, too.
func TestSearchAfterManyChanges(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		for i := range 3 {
			must(sys.Customers.Create(ctx, &customer.Customer{Name: "旧名" + fmt.Sprint(i), Phone: fmt.Sprint(1_000_000 + i)}))(t)
		}
		require.NoError(t, sys.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			k := s.Registry().Kind("customer")
			page, _, err := s.Judged(ctx, org.Update, k, query.Select{Sort: query.By("id")})
			if err != nil {
				return err
			}
			return s.ChangeMany(ctx, k, "customer.renamed", session.Bulk{Rows: page.Rows, Set: []driver.Assign{{Field: k.Field("short_name"), Value: "新名"}}})
		}))
		require.Equal(t, "^旧名2 ^旧名1 ^旧名0", find(t, sys, "新名"))
		require.Equal(t, "^旧名1", find(t, sys, "1000001"))
	})
}
