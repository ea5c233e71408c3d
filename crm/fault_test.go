package crm_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestAFailedVerbLeavesNothing fails every write of every verb in turn, and its commit.
func TestAFailedVerbLeavesNothing(t *testing.T) {
	eachVerb(t, func(t *testing.T, w *firm, f *faults, prepare func(*testing.T, *firm) func() error) {
		do := prepare(t, w)
		before := dump(t, w.app)
		if err := f.during(do, 0, true, errDisk); f.hit {
			requireCode(t, err, storage.Internal)
			require.Equal(t, before, dump(t, w.app), "after a failed commit")
		} else {
			require.NoError(t, err, "a verb of one write needs no transaction")
			do = prepare(t, w)
			before = dump(t, w.app)
		}
		for n := 1; ; n++ {
			err := f.during(do, n, false, errDisk)
			if !f.hit {
				require.NoError(t, err, "the verb succeeds when nothing fails")
				require.Greater(t, n, 1, "nothing was written")
				break
			}
			e := requireCode(t, err, storage.Internal)
			require.ErrorIs(t, e, errDisk)
			require.Equal(t, before, dump(t, w.app), "after write %d failed", n)
		}
		requireSound(t, w.app)
	})
}

// TestARepeatedVerbHappensOnce has the database ask at every write of every verb, and
// at its commit, for the transaction to be repeated.
func TestARepeatedVerbHappensOnce(t *testing.T) {
	eachVerb(t, func(t *testing.T, w *firm, f *faults, prepare func(*testing.T, *firm) func() error) {
		grown := func(write int, commit bool) map[string]int64 {
			do := prepare(t, w)
			before := sizes(t, w.app)
			require.NoError(t, f.during(do, write, commit, fault.New(fault.Retry, "again, please")))
			after := sizes(t, w.app)
			for kind := range after {
				after[kind] -= before[kind]
			}
			return after
		}
		grown(0, false) // makes the rows by which transactions wait for each other
		want := grown(0, false)
		require.Equal(t, want, grown(0, true), "repeated at the commit")
		// What repeats is above the stores: of those of SQL, the first writes are enough.
		inMemory := crmtest.System(t, w.app).Tenant().DB().Store().Name() == "memory"
		for n := 1; inMemory || n < 3; n++ {
			got := grown(n, false)
			if !f.hit {
				break
			}
			require.Equal(t, want, got, "repeated at write %d", n)
		}
		requireSound(t, w.app)
	})
}

// TestNumbersOfAFailedCommitAreNobodys fails the transaction that takes a block of numbers:
// the next to take one gets the same, and so they are given out once.
func TestNumbersOfAFailedCommitAreNobodys(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		f := &faults{}
		app := crmtest.Open(t, storage.New(&faulty{store.Driver(), f}))
		rule := &settings.NumberRule{Kind: "customer", Field: "short_name", Pattern: "N{000}", Reset: settings.Never, Block: 10}
		must(crmtest.System(t, app).Admin.Numbers.Create(t.Context(), rule))(t)
		numbered := func(s *crm.Session) (string, error) {
			c, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme"})
			if err != nil {
				return "", err
			}
			return c.ShortName, nil
		}
		first := crmtest.System(t, app)
		requireCode(t, f.during(func() error { _, err := numbered(first); return err }, 0, true, errDisk), storage.Internal)
		require.True(t, f.hit)
		require.Zero(t, sizes(t, app)["number_counter"])

		other := crmtest.System(t, crmtest.Open(t, store)) // a second process
		require.Equal(t, "N001", must(numbered(other))(t))
		require.Equal(t, "N011", must(numbered(first))(t))
		require.Equal(t, "N002", must(numbered(other))(t))
	})
}

// verbs are the verbs that write. Each is given as what prepares it and returns what
// does it.
var verbs = map[string]func(t *testing.T, w *firm) func() error{
	"create department": func(t *testing.T, w *firm) func() error {
		parent := must(crmtest.System(t, w.app).Admin.Departments.Create(t.Context(), &org.Department{Name: "Head"}))(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Departments.Create(t.Context(), &org.Department{Name: "Sales", ParentID: parent.ID})
			return err
		}
	},
	"move department": func(t *testing.T, w *firm) func() error {
		departments := crmtest.System(t, w.app).Admin.Departments
		parent := must(departments.Create(t.Context(), &org.Department{Name: "Head"}))(t)
		child := must(departments.Create(t.Context(), &org.Department{Name: "Sales"}))(t)
		return func() error {
			_, err := departments.Edit(t.Context(), child.ID, func(d *org.Department) error { d.ParentID = parent.ID; return nil })
			return err
		}
	},
	"create employee": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Employees.Create(t.Context(), &org.Employee{Name: "New", ManagerID: w.alice})
			return err
		}
	},
	"move employee": func(t *testing.T, w *firm) func() error {
		head := crmtest.Hire(t, w.app, "Head", w.boss, schema.ID{})
		crmtest.Hire(t, w.app, "Below", head, schema.ID{})
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Employees.Edit(t.Context(), head, func(e *org.Employee) error { e.ManagerID = w.alice; return nil })
			return err
		}
	},
	"delete employee": func(t *testing.T, w *firm) func() error {
		id := crmtest.Hire(t, w.app, "Gone", w.alice, schema.ID{})
		return func() error { return crmtest.System(t, w.app).Admin.Employees.Delete(t.Context(), id, 0) }
	},
	"create role": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Roles.Create(t.Context(), &org.Role{Name: unique(), Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs()}}})
			return err
		}
	},
	"edit role": func(t *testing.T, w *firm) func() error {
		role := must(crmtest.System(t, w.app).Admin.Roles.Create(t.Context(), &org.Role{Name: unique()}))(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Roles.Edit(t.Context(), role.ID, func(r *org.Role) error {
				r.Grants = []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read}, Range: org.AllRange}}
				return nil
			})
			return err
		}
	},
	"merge customers": func(t *testing.T, w *firm) func() error {
		req := w.twins(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Customers.Merge(t.Context(), req)
			return err
		}
	},
	"unmerge customers": func(t *testing.T, w *firm) func() error {
		done := must(crmtest.System(t, w.app).Customers.Merge(t.Context(), w.twins(t)))(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Customers.Unmerge(t.Context(), done.Merge.ID)
			return err
		}
	},
	"share": func(t *testing.T, w *firm) func() error {
		ref := record.Ref{Kind: "customer", ID: w.customer(t).ID}
		return func() error {
			_, err := w.as(t).Admin.Share(t.Context(), ref, w.boss, org.EditAccess, noTime)
			return err
		}
	},
	"unshare": func(t *testing.T, w *firm) func() error {
		ref := record.Ref{Kind: "customer", ID: w.customer(t).ID}
		share := must(w.as(t).Admin.Share(t.Context(), ref, w.boss, org.EditAccess, noTime))(t)
		return func() error { return w.as(t).Admin.Unshare(t.Context(), share.ID) }
	},
	"create product": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, err := crmtest.System(t, w.app).Products.Create(t.Context(), &catalog.Product{Name: "Pump"})
			return err
		}
	},
	"create customer": func(t *testing.T, w *firm) func() error {
		parent := w.customer(t).ID
		return func() error {
			_, err := w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Code: unique(), ParentID: parent})
			return err
		}
	},
	"edit customer": func(t *testing.T, w *firm) func() error {
		parent, child := w.customer(t).ID, w.customer(t).ID
		return func() error {
			_, err := w.as(t).Customers.Edit(t.Context(), child, func(c *customer.Customer) error { c.ParentID = parent; return nil })
			return err
		}
	},
	"update customer": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error {
			mine := *c
			mine.Industry = "Retail"
			_, err := w.as(t).Customers.Update(t.Context(), &mine)
			return err
		}
	},
	"delete customer": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error { return w.as(t).Customers.Delete(t.Context(), c.ID, c.Version) }
	},
	"create contact": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error {
			_, err := w.as(t).Customers.Contacts.Create(t.Context(), &customer.Contact{Name: "Wang", CustomerID: c.ID})
			return err
		}
	},
	"delete contact": func(t *testing.T, w *firm) func() error {
		c := must(w.as(t).Customers.Contacts.Create(t.Context(), &customer.Contact{Name: "Wang", CustomerID: w.customer(t).ID}))(t)
		return func() error { return w.as(t).Customers.Contacts.Delete(t.Context(), c.ID, c.Version) }
	},
	"plan a handover": func(t *testing.T, w *firm) func() error {
		w.customer(t)
		return func() error {
			_, err := w.as(t).Admin.PlanHandover(t.Context(), &admin.Handover{FromID: w.alice}, &admin.HandoverLine{Kind: "customer", ToID: w.boss})
			return err
		}
	},
	"execute a handover in one transaction": func(t *testing.T, w *firm) func() error {
		job := w.handover(t)
		return func() error {
			return w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				_, err := s.Admin.ExecuteHandover(ctx, job)
				return err
			})
		}
	},
	"undo a handover in one transaction": func(t *testing.T, w *firm) func() error {
		job := w.handover(t)
		must(w.as(t).Admin.ExecuteHandover(t.Context(), job))(t)
		return func() error {
			return w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				_, err := s.Admin.UndoHandover(ctx, job)
				return err
			})
		}
	},
	"transfer": func(t *testing.T, w *firm) func() error {
		ref := record.Ref{Kind: "customer", ID: w.customer(t).ID}
		return func() error {
			_, err := w.as(t).Admin.Transfer(t.Context(), ref, "illness", admin.HandoverLine{ToID: w.boss, KeepUntil: time.Now().Add(time.Hour)})
			return err
		}
	},
	"add document": func(t *testing.T, w *firm) func() error {
		ref := record.Ref{Kind: "customer", ID: w.customer(t).ID}
		return func() error {
			_, err := w.as(t).Documents.Add(t.Context(), &document.Document{Title: "Contract", SubjectKind: ref.Kind, SubjectID: ref.ID}, upload("draft"))
			return err
		}
	},
	"revise document": func(t *testing.T, w *firm) func() error {
		d := w.document(t)
		return func() error {
			_, err := w.as(t).Documents.Revise(t.Context(), d.ID, d.Version, upload("as signed"))
			return err
		}
	},
	"move document": func(t *testing.T, w *firm) func() error {
		d, to := w.document(t), record.Ref{Kind: "customer", ID: w.customer(t).ID}
		return func() error {
			_, err := w.as(t).Documents.Move(t.Context(), d.ID, d.Version, to)
			return err
		}
	},
	"delete document": func(t *testing.T, w *firm) func() error {
		d := w.document(t)
		return func() error { return w.as(t).Documents.Delete(t.Context(), d.ID, d.Version) }
	},
	"create customer with contacts": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, _, err := w.as(t).Customers.CreateWithContacts(t.Context(), &customer.Customer{Name: "Acme"}, []*customer.Contact{{Name: "Wang"}, {Name: "Li", Primary: true}},
				func(ctx context.Context, s *session.Session, c *customer.Customer) error {
					_, err := customer.New(s, customer.Options{}).Addresses.Create(ctx, &customer.Address{CustomerID: c.ID, Kind: customer.Office})
					return err
				})
			return err
		}
	},
	"seal": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error {
			_, err := w.as(t).Customers.Seal(t.Context(), c.ID, "closed down")
			return err
		}
	},
	"start trading": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error {
			_, err := w.as(t).Customers.StartTrading(t.Context(), c.ID, schema.Date{})
			return err
		}
	},
	"make primary": func(t *testing.T, w *firm) func() error {
		_, li := w.contacts(t)
		return func() error {
			_, err := w.as(t).Customers.MakePrimary(t.Context(), li)
			return err
		}
	},
	"delete the primary contact": func(t *testing.T, w *firm) func() error {
		zhang, _ := w.contacts(t)
		return func() error { return w.as(t).Customers.Contacts.Delete(t.Context(), zhang, 0) }
	},
	"change the default address": func(t *testing.T, w *firm) func() error {
		s, c := w.as(t), w.customer(t)
		var last *customer.Address
		for range 2 {
			last = must(s.Customers.Addresses.Create(t.Context(), &customer.Address{CustomerID: c.ID, Kind: customer.Billing}))(t)
		}
		return func() error {
			_, err := w.as(t).Customers.MakeDefault(t.Context(), last.ID)
			return err
		}
	},
	"join a team": func(t *testing.T, w *firm) func() error {
		c := w.customer(t)
		return func() error {
			_, err := w.as(t).Customers.Team.Create(t.Context(), &customer.Teammate{CustomerID: c.ID, EmployeeID: w.boss, Level: org.EditAccess})
			return err
		}
	},
	"change a teammate": func(t *testing.T, w *firm) func() error {
		m := must(w.as(t).Customers.Team.Create(t.Context(), &customer.Teammate{CustomerID: w.customer(t).ID, EmployeeID: w.boss, Level: org.EditAccess}))(t)
		return func() error {
			_, err := w.as(t).Customers.Team.Edit(t.Context(), m.ID, func(m *customer.Teammate) error { m.Level, m.Role = org.ReadAccess, "presales"; return nil })
			return err
		}
	},
	"leave a team": func(t *testing.T, w *firm) func() error {
		m := must(w.as(t).Customers.Team.Create(t.Context(), &customer.Teammate{CustomerID: w.customer(t).ID, EmployeeID: w.boss, Level: org.EditAccess}))(t)
		return func() error { return w.as(t).Customers.RemoveTeammate(t.Context(), m.ID) }
	},
	"relate": func(t *testing.T, w *firm) func() error {
		zhang, li := w.contacts(t)
		of := must(w.as(t).Customers.Contacts.Get(t.Context(), li))(t).CustomerID
		return func() error {
			_, err := w.as(t).Customers.Relations.Create(t.Context(), &customer.Relation{CustomerID: of, FromContactID: li, ToCustomerID: of, ToContactID: zhang, Kind: customer.ReportsTo})
			return err
		}
	},
	"record a consent": func(t *testing.T, w *firm) func() error {
		zhang, _ := w.contacts(t)
		return func() error { return w.consent(t, zhang, customer.ConsentGiven) }
	},
	"withdraw a consent": func(t *testing.T, w *firm) func() error {
		zhang, _ := w.contacts(t)
		require.NoError(t, w.consent(t, zhang, customer.ConsentGiven))
		return func() error { return w.consent(t, zhang, customer.ConsentWithdrawn) }
	},
	"create many": func(t *testing.T, w *firm) func() error {
		return func() error {
			list := make([]*catalog.Product, 1001) // more than one batch
			for i := range list {
				list[i] = &catalog.Product{Name: "Many"}
			}
			_, err := crmtest.System(t, w.app).Products.CreateMany(t.Context(), "", list...)
			return err
		}
	},
	"create pipeline": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, _, err := crmtest.System(t, w.app).Opportunities.CreatePipeline(t.Context(), &opportunity.Pipeline{Name: unique()}, stages()...)
			return err
		}
	},
	"create numbered without gaps": func(t *testing.T, w *firm) func() error {
		sys := crmtest.System(t, w.app)
		if len(must(sys.Settings(t.Context()))(t).NumberRules("customer")) == 0 {
			must(sys.Admin.Numbers.Create(t.Context(), &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "C-{0000}", Reset: settings.Never}))(t)
			must(w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "The first, which makes the counter"}))(t)
		}
		last := all(t, sys.Tenant(), settings.Counters)[0].Last
		return func() error {
			c, err := w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Numbered"})
			if err == nil {
				require.Equal(t, fmt.Sprintf("C-%04d", last+1), c.Code, "no number is lost")
			}
			return err
		}
	},
	"create the first that is numbered": func(t *testing.T, w *firm) func() error {
		rules := crmtest.System(t, w.app).Admin.Numbers
		for _, r := range all(t, crmtest.System(t, w.app).Tenant(), settings.NumberRules) {
			require.NoError(t, rules.Delete(t.Context(), r.ID, 0))
		}
		must(rules.Create(t.Context(), &settings.NumberRule{Kind: "customer", Field: "tax_id", Pattern: unique() + "{0}", Reset: settings.Never}))(t)
		return func() error {
			_, err := w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Numbered"})
			return err
		}
	},
	"declare a field": func(t *testing.T, w *firm) func() error {
		name := "f" + strings.ReplaceAll(unique(), "-", "")
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.Fields.Create(t.Context(), &settings.Field{Kind: "customer", Name: name, Type: "text"})
			return err
		}
	},
	"give views": func(t *testing.T, w *firm) func() error {
		role := must(crmtest.System(t, w.app).Admin.Roles.Create(t.Context(), &org.Role{Name: unique()}))(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Admin.GiveViews(t.Context(), settings.OrderAssistant, role.ID)
			return err
		}
	},
	"pin a view": func(t *testing.T, w *firm) func() error {
		v := must(w.as(t).Admin.Views.Create(t.Context(), &settings.View{Name: "Mine", Kind: "customer"}))(t)
		return func() error { return w.as(t).Admin.Pin(t.Context(), v.ID, 1) }
	},
	"pin it elsewhere": func(t *testing.T, w *firm) func() error {
		v := must(w.as(t).Admin.Views.Create(t.Context(), &settings.View{Name: "Mine", Kind: "customer"}))(t)
		require.NoError(t, w.as(t).Admin.Pin(t.Context(), v.ID, 1))
		return func() error { return w.as(t).Admin.Pin(t.Context(), v.ID, 2) }
	},
	"delete a view that is pinned": func(t *testing.T, w *firm) func() error {
		v := must(w.as(t).Admin.Views.Create(t.Context(), &settings.View{Name: "Mine", Kind: "customer"}))(t)
		require.NoError(t, w.as(t).Admin.Pin(t.Context(), v.ID, 1))
		return func() error { return w.as(t).Admin.Views.Delete(t.Context(), v.ID, 0) }
	},
	"erase a person": func(t *testing.T, w *firm) func() error {
		her, _ := w.contacts(t)
		require.NoError(t, w.consent(t, her, customer.ConsentWithdrawn))
		return func() error {
			_, err := crmtest.System(t, w.app).Privacy.Erase(t.Context(), record.Ref{Kind: "contact", ID: her}, privacy.Options{Reason: "asked"})
			return err
		}
	},
	"remove a person": func(t *testing.T, w *firm) func() error {
		her, _ := w.contacts(t)
		require.NoError(t, w.consent(t, her, customer.ConsentWithdrawn))
		return func() error {
			_, err := crmtest.System(t, w.app).Privacy.Erase(t.Context(), record.Ref{Kind: "contact", ID: her}, privacy.Options{Reason: "asked", Remove: true})
			return err
		}
	},
	"readmit a person": func(t *testing.T, w *firm) func() error {
		her, _ := w.contacts(t)
		done := must(crmtest.System(t, w.app).Privacy.Erase(t.Context(), record.Ref{Kind: "contact", ID: her}, privacy.Options{Reason: "asked"}))(t)
		return func() error {
			_, err := crmtest.System(t, w.app).Privacy.Readmit(t.Context(), done.Erasure.ID, "is back")
			return err
		}
	},
	"apply an import in one transaction": func(t *testing.T, w *firm) func() error {
		text, job := w.list(t)
		return func() error {
			return w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				_, err := s.Exchange.Apply(ctx, job, list(t, text))
				return err
			})
		}
	},
	"undo an import in one transaction": func(t *testing.T, w *firm) func() error {
		text, job := w.list(t)
		must(w.as(t).Exchange.Apply(t.Context(), job, list(t, text)))(t)
		return func() error {
			return w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				_, err := s.Exchange.Undo(ctx, job)
				return err
			})
		}
	},
	"create opportunity": func(t *testing.T, w *firm) func() error {
		return func() error {
			_, err := w.as(t).Opportunities.Create(t.Context(), w.deal())
			return err
		}
	},
	"advance": func(t *testing.T, w *firm) func() error {
		o := must(w.as(t).Opportunities.Create(t.Context(), w.deal()))(t)
		return func() error {
			_, err := w.as(t).Opportunities.Advance(t.Context(), o.ID, opportunity.Move{})
			return err
		}
	},
	"win": func(t *testing.T, w *firm) func() error {
		o := must(w.as(t).Opportunities.Create(t.Context(), w.deal()))(t)
		return func() error {
			_, err := w.as(t).Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{Amount: decimal.NewNullDecimal(decimal.NewFromInt(7))})
			return err
		}
	},
	"lose": func(t *testing.T, w *firm) func() error {
		o := must(w.as(t).Opportunities.Create(t.Context(), w.deal()))(t)
		return func() error {
			_, err := w.as(t).Opportunities.Lose(t.Context(), o.ID, opportunity.Outcome{Reason: "price"})
			return err
		}
	},
	"reopen": func(t *testing.T, w *firm) func() error {
		o := must(w.as(t).Opportunities.Create(t.Context(), w.deal()))(t)
		must(w.as(t).Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{}))(t)
		return func() error {
			_, err := w.as(t).Opportunities.Reopen(t.Context(), o.ID, opportunity.Move{Reason: "mistake"})
			return err
		}
	},
}

// document stores a document of alice's.
func (w *firm) document(t *testing.T) *document.Document {
	t.Helper()
	return must(w.as(t).Documents.Add(t.Context(), &document.Document{Title: "Contract"}, upload("draft")))(t)
}

// list starts an import of a customer of alice's that is there, and of one with a contact that
// is new and leads to the other, behind a line that is wrong.
func (w *firm) list(t *testing.T) (text string, job schema.ID) {
	t.Helper()
	code := unique()
	must(w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "There", Code: code}))(t)
	text = fmt.Sprintf("code,name,contact.name,parent\n%s,Renamed,,\n%s,,,\n%s,New,Wang,%s\n", code, unique(), unique(), code)
	return text, must(w.as(t).Exchange.Start(t.Context(), planned(t, w.as(t), "customer", text, "code")))(t).ID
}

func upload(content string) document.Upload {
	return document.Upload{Content: strings.NewReader(content), FileName: "contract.txt"}
}

// handover previews the handover of a customer of alice's to the boss.
func (w *firm) handover(t *testing.T) schema.ID {
	t.Helper()
	line := &admin.HandoverLine{Kind: "customer", IDs: []schema.ID{w.customer(t).ID}, ToID: w.boss, KeepUntil: time.Now().Add(time.Hour)}
	job := must(w.as(t).Admin.PlanHandover(t.Context(), &admin.Handover{FromID: w.alice}, line))(t)
	return must(w.as(t).Admin.PreviewHandover(t.Context(), job.ID))(t).Handover.ID
}

// eachVerb runs a test for each verb over each adapter, with a tenant of its own on a
// store that fails on demand.
func eachVerb(t *testing.T, test func(t *testing.T, w *firm, f *faults, prepare func(*testing.T, *firm) func() error)) {
	t.Helper()
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		f := &faults{}
		app := crmtest.Open(t, storage.New(&faulty{store.Driver(), f}))
		for name, prepare := range verbs {
			t.Run(name, func(t *testing.T) { test(t, newFirm(t, app.Tenant(name)), f, prepare) })
		}
	})
}
