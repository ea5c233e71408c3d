package crm_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/overview"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// revocation is a customer with what belongs to it, and a reader who has no access to it
// until somebody gives them some.
type revocation struct {
	app                             *crm.App
	clock                           *crmtest.Clock
	reader, owner, absent           schema.ID
	department, base, seesAll, view schema.ID
	customer, deal                  record.Ref
	t                               *testing.T
}

func newRevocation(t *testing.T, app *crm.App, clock *crmtest.Clock) *revocation {
	t.Helper()
	clock.At = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	ctx, sys := t.Context(), crmtest.System(t, app)
	w := &revocation{t: t, app: app, clock: clock}
	// Everybody has every verb, and no range: no first role stands in the way.
	w.base = must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "Base", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs()}}}))(t).ID
	w.seesAll = must(sys.Admin.Roles.Create(ctx, &org.Role{Name: "All", Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read, org.Export}, Range: org.DepartmentRange}}}))(t).ID
	w.department = must(sys.Admin.Departments.Create(ctx, &org.Department{Name: "Sales"}))(t).ID
	hire := func(name string, department schema.ID) schema.ID {
		return must(sys.Admin.Employees.Create(ctx, &org.Employee{Name: name, DepartmentID: department, Roles: []schema.ID{w.base}}))(t).ID
	}
	w.owner, w.absent, w.reader = hire("Owner", w.department), hire("Absent", schema.ID{}), hire("Reader", schema.ID{})
	c, _, err := sys.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "North River Press", Phone: "0755-28780808", Industry: "print", AnnualRevenue: decimal.NewNullDecimal(decimal.NewFromInt(5)),
		Owned: record.Owned{OwnerID: w.owner}}, []*customer.Contact{{Name: "Zhang"}})
	require.NoError(t, err)
	w.customer = record.Ref{Kind: "customer", ID: c.ID}
	must(sys.Documents.Add(ctx, &document.Document{Title: "Contract", SubjectKind: "customer", SubjectID: c.ID}, upload("x")))(t)
	p, _, err := sys.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "P"}, stages()...)
	require.NoError(t, err)
	w.deal = record.Ref{Kind: "opportunity", ID: must(sys.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", CustomerID: c.ID, PipelineID: p.ID, Owned: record.Owned{OwnerID: w.owner}}))(t).ID}
	w.view = must(crmtest.As(t, app, w.reader).Admin.Views.Create(ctx, &settings.View{Name: "Prints", Kind: "customer", Query: schema.JSON(`{"where":{"op":"eq","field":"industry","value":"print"}}`)}))(t).ID
	return w
}

// looks returns how much somebody sees of the customer in each place where it could show.
func (w *revocation) looks(s *crm.Session) map[string]int64 {
	t, ctx, seen := w.t, w.t.Context(), map[string]int64{}
	told := func(what string, n int64, err error) {
		if !errors.Is(err, storage.ErrNotFound) {
			require.NoError(t, err, what)
			seen[what] = n
		} else {
			seen[what] = 0
		}
	}
	page, err := s.Customers.Find(ctx, query.Select{})
	told("list", int64(len(page.Items)), err)
	n, err := s.Customers.Count(ctx, nil)
	told("count", n, err)
	figures := must(s.Customers.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("annual_revenue")}}}))(t)
	sum, _ := figures.Rows[0][0].(decimal.Decimal)
	told("sum", sum.IntPart(), nil)
	figures = must(s.Customers.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("industry")}}, Measures: []query.Measure{{Fn: query.Count}}}))(t)
	told("groups", int64(len(figures.Rows)), nil)
	hits, err := s.Search(ctx, session.SearchQuery{Text: "North"})
	told("search", int64(len(hits)), err)
	_, err = s.Customers.Get(ctx, w.customer.ID)
	told("get", 1, err)
	_, err = s.Why(ctx, org.Read, w.customer)
	told("why", 1, err)
	n, err = s.Customers.Contacts.Count(ctx, nil)
	told("contacts", n, err)
	hits, err = s.Search(ctx, session.SearchQuery{Text: "Zhang"})
	told("search of contacts", int64(len(hits)), err)
	documents, err := s.Documents.About(ctx, w.customer, query.Select{})
	told("documents", int64(len(documents.Items)), err)
	entries, err := s.Timeline(ctx, w.customer, query.Select{})
	told("timeline", int64(len(entries.Items)), err)
	entries, err = s.Customers.History(ctx, w.customer.ID, query.Select{})
	told("history", int64(len(entries.Items)), err)
	_, err = s.Overview(ctx, w.customer, overview.Options{})
	told("overview", 1, err)
	for _, kind := range []string{"customer", "contact"} {
		n, err = s.Exchange.Export(ctx, exchange.Export{Kind: kind, Fields: []string{"name"}}, sheet.WriteCSV(io.Discard, sheet.CSVFormat{}))
		told("export of "+kind+"s", n, err)
	}
	same, err := s.Customers.Duplicates(ctx, &customer.Customer{Name: "North River Press", Phone: "0755-28780808"})
	require.Equal(t, 1, len(same.Hidden)+len(same.Visible), "that there is one is told")
	told("duplicates", int64(len(same.Visible)), err)
	_, q, err := s.Admin.Query(ctx, w.view)
	require.NoError(t, err)
	page, err = s.Customers.Find(ctx, q)
	told("view", int64(len(page.Items)), err)
	deals, err := s.Analytics.Deals(ctx, analytics.DealsQuery{})
	require.NoError(t, err)
	told("deals", deals.Rows[0].Opportunities, nil)
	n, err = s.Opportunities.Count(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, n, seen["deals"], "the report and the list")
	return seen
}

// ways are the ways to give the reader access; each returns what takes it away again.
var ways = map[string]func(ctx context.Context, w *revocation, s *crm.Session) func() error{
	"share": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		share := must(s.Admin.Share(ctx, w.customer, w.reader, org.ReadAccess, noTime))(w.t)
		return func() error { return s.Admin.Unshare(ctx, share.ID) }
	},
	"share that ends": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Share(ctx, w.customer, w.reader, org.FullAccess, w.clock.At.Add(time.Hour)))(w.t)
		return w.later(time.Hour)
	},
	"share to a role": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		other := must(s.Admin.Roles.Create(ctx, &org.Role{Name: "Other"}))(w.t).ID
		must(s.Admin.Share(ctx, w.customer, other, org.EditAccess, noTime))(w.t)
		return w.person(ctx, s, w.reader, func(e *org.Employee) { e.Roles = append(e.Roles, other) })
	},
	"share to a department": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Share(ctx, w.customer, w.department, org.ReadAccess, noTime))(w.t)
		return w.person(ctx, s, w.reader, func(e *org.Employee) { e.DepartmentID = w.department })
	},
	"rule": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		id := w.rule(ctx, s, noTime)
		return func() error { return s.Admin.Rules.Delete(ctx, id, 0) }
	},
	"rule that is disabled": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		id := w.rule(ctx, s, noTime)
		return func() error {
			return second(s.Admin.Rules.Edit(ctx, id, func(r *org.SharingRule) error { r.Disabled = true; return nil }))
		}
	},
	"rule that ends": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		w.rule(ctx, s, w.clock.At.Add(time.Hour))
		return w.later(time.Hour)
	},
	"rule of which the record is no longer": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		w.rule(ctx, s, noTime)
		return func() error {
			return second(s.Customers.Edit(ctx, w.customer.ID, func(c *customer.Customer) error { c.Industry = "media"; return nil }))
		}
	},
	"team": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		m := must(s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: w.customer.ID, EmployeeID: w.reader, Level: org.EditAccess}))(w.t)
		return func() error { return s.Customers.RemoveTeammate(ctx, m.ID) }
	},
	"team that ends": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: w.customer.ID, EmployeeID: w.reader, Level: org.ReadAccess, Until: w.clock.At.Add(time.Hour)}))(w.t)
		return w.later(time.Hour)
	},
	"deputy": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		d := must(s.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: w.owner, DeputyID: w.reader, From: s.Today(), Until: s.Today()}))(w.t)
		return func() error { return s.Admin.Deputies.Delete(ctx, d.ID, 0) }
	},
	"deputy whose time ends": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: w.owner, DeputyID: w.reader, From: s.Today(), Until: s.Today()}))(w.t)
		return func() error { w.clock.At = s.Today().AddDays(1).Time(time.UTC); return nil }
	},
	"role": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Employees.Edit(ctx, w.reader, func(e *org.Employee) error { e.DepartmentID = w.department; return nil }))(w.t)
		return w.person(ctx, s, w.reader, func(e *org.Employee) { e.Roles = append(e.Roles, w.seesAll) })
	},
	"department": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Employees.Edit(ctx, w.reader, func(e *org.Employee) error { e.Roles = append(e.Roles, w.seesAll); return nil }))(w.t)
		return w.person(ctx, s, w.reader, func(e *org.Employee) { e.DepartmentID = w.department })
	},
	"manager": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		return w.person(ctx, s, w.owner, func(e *org.Employee) { e.ManagerID = w.reader })
	},
	"manager further above": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		must(s.Admin.Employees.Edit(ctx, w.absent, func(e *org.Employee) error { e.ManagerID = w.reader; return nil }))(w.t)
		return w.person(ctx, s, w.owner, func(e *org.Employee) { e.ManagerID = w.absent })
	},
	"owner": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		give := func(to schema.ID) error {
			return second(s.Customers.Edit(ctx, w.customer.ID, func(c *customer.Customer) error { c.OwnerID = to; return nil }))
		}
		require.NoError(w.t, give(w.reader))
		return func() error { return give(w.owner) }
	},
	"opportunity": func(ctx context.Context, w *revocation, s *crm.Session) func() error {
		give := func(to schema.ID) error {
			return second(s.Opportunities.Edit(ctx, w.deal.ID, func(o *opportunity.Opportunity) error { o.OwnerID = to; return nil }))
		}
		require.NoError(w.t, give(w.reader))
		return func() error { return give(w.owner) }
	},
}

func (w *revocation) later(d time.Duration) func() error {
	return func() error { w.clock.At = w.clock.At.Add(d); return nil }
}

// person changes somebody, and returns what makes them what they were.
func (w *revocation) person(ctx context.Context, s *crm.Session, id schema.ID, change func(*org.Employee)) func() error {
	was := must(s.Admin.Employees.Get(ctx, id))(w.t)
	must(s.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { change(e); return nil }))(w.t)
	return func() error {
		return second(s.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error {
			e.Roles, e.DepartmentID, e.ManagerID = was.Roles, was.DepartmentID, was.ManagerID
			return nil
		}))
	}
}

func (w *revocation) rule(ctx context.Context, s *crm.Session, until time.Time) schema.ID {
	return must(s.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Where: where(w.t, query.Eq("industry", "print")), To: []schema.ID{w.reader}, Level: org.ReadAccess, Until: until}))(w.t).ID
}

// TestNothingIsLeftOfTheLastGrant gives access in every way there is and takes it away, by
// hand or by the clock to the instant: with it the customer shows in every place, without it
// in none.
func TestNothingIsLeftOfTheLastGrant(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		for name, give := range ways {
			w := newRevocation(t, app.Tenant(name), clock)
			sys := crmtest.System(t, w.app)
			for what, n := range w.looks(crmtest.As(t, w.app, w.reader)) {
				require.Zero(t, n, "%s before %s", what, name)
			}
			take := give(t.Context(), w, sys)
			for what, n := range w.looks(crmtest.As(t, w.app, w.reader)) {
				if what != "deals" {
					require.Positive(t, n, "%s with %s", what, name)
				}
			}
			before := crmtest.As(t, w.app, w.reader)
			at := clock.At
			require.NoError(t, take())
			sessions := []*crm.Session{crmtest.As(t, w.app, w.reader)}
			if clock.At.After(at) { // what the clock ends it ends for sessions that were there
				sessions = append(sessions, before)
			}
			for _, s := range sessions {
				for what, n := range w.looks(s) {
					require.Zero(t, n, "%s after %s", what, name)
				}
			}
		}
	}, crm.WithClock(clock.Now), matching(t))
}
