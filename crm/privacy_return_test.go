package crm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestErasedPersonsStayErased stores them again under other spellings.
func TestErasedPersonsStayErased(t *testing.T) {
	born := schema.NewDate(1970, 5, 6)
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t).ID
		for name, test := range map[string]struct {
			was   customer.Contact
			again []customer.Contact
			free  []customer.Contact
		}{
			"mobile": {customer.Contact{Name: "Li", Mobile: "+86 138-0013-8000"},
				[]customer.Contact{{Name: "X", Mobile: "13800138000"}, {Name: "X", Mobile: "１３８ ００１３ ８０００"}, {Name: "X", Mobile: "0086 13800138000"}},
				[]customer.Contact{{Name: "Li", Mobile: "13800138001"}, {Name: "Li", Phone: "13800138000"}}},
			"e-mail": {customer.Contact{Name: "Li", Email: "Li.Na@Example.com"},
				[]customer.Contact{{Name: "X", Email: "li.na@example.COM"}, {Name: "X", Email: "li.na@example.com", Mobile: "13800138002"}},
				[]customer.Contact{{Name: "Li", Email: "lina@example.com"}, {Name: "Li"}}},
			"wechat":   {customer.Contact{Name: "Li", WeChat: "LiNa_1"}, []customer.Contact{{Name: "X", WeChat: " lina_1"}}, []customer.Contact{{Name: "Li", WeChat: "lina_2"}}},
			"birthday": {customer.Contact{Name: "李娜", Person: customer.Person{Birthday: born}}, []customer.Contact{{Name: "李娜女士", Person: customer.Person{Birthday: born}}}, []customer.Contact{{Name: "李娜"}}},
			"name":     {customer.Contact{Name: "Li Na"}, []customer.Contact{{Name: "LI NA"}, {Name: "ms. li na", Mobile: "13800138003"}}, []customer.Contact{{Name: "Li Nan"}}},
		} {
			test.was.CustomerID = company
			was := must(s.Customers.Contacts.Create(ctx, &test.was))(t)
			spare := must(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: company, Name: "Spare"}))(t)
			done := must(s.Privacy.Erase(ctx, record.Ref{Kind: "contact", ID: was.ID}, asked))(t)
			for _, again := range test.again {
				again.CustomerID = company
				_, err := s.Customers.Contacts.Create(ctx, &again)
				require.Equal(t, "erased", requireCode(t, err, storage.Precondition).Fields[0].Code, name)
				_, err = s.Customers.Contacts.Edit(ctx, spare.ID, func(c *customer.Contact) error { meta := c.Meta; *c = again; c.Meta = meta; return nil })
				requireCode(t, err, storage.Precondition)
				_, err = s.Customers.Contacts.Edit(ctx, was.ID, func(c *customer.Contact) error {
					primary, meta := c.Primary, c.Meta
					*c = again
					c.Meta, c.Primary = meta, primary
					return nil
				})
				requireCode(t, err, storage.Precondition)
				_, err = crmtest.System(t, app.Tenant("other")).Customers.Create(ctx, &customer.Customer{Name: again.Name, Type: customer.Individual, Email: again.Email, Phone: again.Mobile})
				require.NoError(t, err, "another tenant has not erased anybody")
			}
			for _, free := range test.free {
				free.CustomerID = company
				created := must(s.Customers.Contacts.Create(ctx, &free))(t)
				require.NoError(t, s.Customers.Contacts.Delete(ctx, created.ID, 0))
			}
			page := []*customer.Contact{{CustomerID: company, Name: "First"}, &test.again[0]}
			page[1].CustomerID = company
			_, err := s.Customers.Contacts.CreateMany(ctx, "", page...)
			requireCode(t, err, storage.Precondition)

			must(s.Privacy.Readmit(ctx, done.Erasure.ID, "a new contract"))(t)
			for _, again := range test.again {
				again.CustomerID = company
				created := must(s.Customers.Contacts.Create(ctx, &again))(t)
				require.NoError(t, s.Customers.Contacts.Delete(ctx, created.ID, 0))
			}
		}
	})
}

// TestOneErasedIsKnownAsTheOther: a contact comes again as an individual, and the company
// with the same telephone does not.
func TestOneErasedIsKnownAsTheOther(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t).ID
		was := must(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: company, Name: "Li", Mobile: "13800138000"}))(t)
		must(s.Privacy.Erase(ctx, record.Ref{Kind: "contact", ID: was.ID}, asked))(t)
		again := &customer.Customer{Name: "Li", Phone: "+86 13800138000", Type: customer.Individual}
		_, err := s.Customers.Create(ctx, again)
		require.Equal(t, "phone", requireCode(t, err, storage.Precondition).Fields[0].Name)
		again.Type = customer.Agent
		c := must(s.Customers.Create(ctx, again))(t)
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Type = customer.Individual; return nil })
		requireCode(t, err, storage.Precondition)
	})
}

func TestTheSecretOfErasures(t *testing.T) {
	store := memory.Open()
	app := crmtest.Open(t, store, crm.WithErasureSecret([]byte("one")))
	ctx, s := t.Context(), crmtest.System(t, app)
	company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t).ID
	li := &customer.Contact{CustomerID: company, Name: "Li", Mobile: "13800138000"}
	was := must(s.Customers.Contacts.Create(ctx, li))(t)
	must(s.Privacy.Erase(ctx, record.Ref{Kind: "contact", ID: was.ID}, asked))(t)
	_, err := s.Customers.Contacts.Create(ctx, li)
	requireCode(t, err, storage.Precondition)
	must(crmtest.System(t, crmtest.Open(t, store, crm.WithErasureSecret([]byte("two")))).Customers.Contacts.Create(ctx, li))(t)
}

// TestAHostsPersonIsErased: a host's kind takes part like ours.
func TestAHostsPersonIsErased(t *testing.T) {
	keys := func(p *patient) []privacy.Key {
		return []privacy.Key{{Kind: "card", Value: schema.Fold(p.Card), Field: "card"}}
	}
	options := []crm.Option{crm.WithKinds(patients.Kind), crm.WithPersons(privacy.SubjectOf(patients, nil, keys))}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		all := session.Of(s.Session, patients)
		p := must(all.Create(ctx, &patient{Name: "Zqwho", Card: "Zqcard"}))(t)
		done := must(s.Privacy.Erase(ctx, record.Ref{Kind: "patient", ID: p.ID}, asked))(t)
		require.Equal(t, []privacy.Count{{Kind: "journal_entry", Erased: 2}, {Kind: "patient", Erased: 1}}, done.Erasure.Counts)
		require.NotContains(t, strings.ToLower(fmt.Sprint(dump(t, app))), "zq")
		_, err := all.Create(ctx, &patient{Name: "Other", Card: "ZQCARD"})
		requireCode(t, err, storage.Precondition)
	}, options...)
}

// patient is a person of a host's own.
type patient struct {
	record.Meta
	Name string `crm:"name,search,personal" validate:"required"`
	Card string `crm:"card,personal"`
}

var patients = schema.Define[patient]("patient", record.Standard())

// TestKeysThatNobodyKeepsAnyMoreAreErased opens the store without the matcher that it had.
func TestKeysThatNobodyKeepsAnyMoreAreErased(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		c := must(crmtest.System(t, crmtest.Open(t, store, matching(t))).Customers.Create(ctx, &customer.Customer{Name: "Zqwho", Email: "zqwho@mail.example", Type: customer.Individual}))(t)
		app := crmtest.Open(t, store)
		require.NotZero(t, sizes(t, app)["match_key"])
		must(crmtest.System(t, app).Privacy.Erase(ctx, record.Ref{Kind: "customer", ID: c.ID}, asked))(t)
		require.NotContains(t, fmt.Sprint(dump(t, app)), "zqwho")
	})
}

// TestAnOldListBringsNobodyBack changes how somebody is reached, and how a double was that
// is merged into them, before they are erased; a list from then is imported afterwards.
func TestAnOldListBringsNobodyBack(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme", Code: "A"}))(t).ID
		contact := func(name, email, mobile string) schema.ID {
			c := must(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: company, Name: name, Email: email, Mobile: mobile}))(t)
			must(s.Customers.Contacts.Edit(ctx, c.ID, func(c *customer.Contact) error { c.Email, c.Mobile = "now."+email, ""; return nil }))(t)
			must(s.Customers.Contacts.Edit(ctx, c.ID, func(c *customer.Contact) error { c.Email, c.Title = "", "Boss"; return nil }))(t)
			return c.ID
		}
		her, double := contact("Li", "li@first.example", "13800138000"), contact("Lee", "lee@first.example", "13800138001")
		must(s.Customers.MergeContacts(ctx, merge.Request{Winner: her, Losers: []schema.ID{double}}))(t)
		done := must(s.Privacy.Erase(ctx, record.Ref{Kind: "contact", ID: her}, asked))(t)

		old := "customer,name,email,mobile\nA,X,li@first.example,\nA,X,,13800138000\nA,X,now.li@first.example,\nA,X,lee@first.example,\nA,X,,+86 13800138001\nA,Li,,\nA,Y,y@first.example,13800138009\n"
		job, wrong := imported(t, s, planned(t, s, "contact", old, ""), old)
		require.Equal(t, counts(7, 1, 0, 0, 0, 6), countsOf(job), wrong)
		must(s.Privacy.Readmit(ctx, done.Erasure.ID, "is back"))(t)
		job, wrong = imported(t, s, planned(t, s, "contact", old, ""), old)
		require.Equal(t, counts(7, 7, 0, 0, 0, 0), countsOf(job), wrong)
	})
}
