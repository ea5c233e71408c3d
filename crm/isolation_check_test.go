package crm_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// build stores the company at the clock's time, which is its hour 0.
func (h *house) build(t *testing.T, app *crm.App, clock *crmtest.Clock) {
	t.Helper()
	clock.At = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	require.NoError(t, crmtest.System(t, app).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		h.buildPeople(ctx, t, s)
		h.buildSharing(ctx, t, s)
		h.buildRecords(ctx, t, s)
		for i, p := range h.people {
			if p.inactive { // they were not when they got their records
				must(s.Admin.Employees.Edit(ctx, who{"employee", i}.id(), func(e *org.Employee) error { e.Inactive = true; return nil }))(t)
			}
		}
		return nil
	}))
	clock.At = clock.At.Add(time.Duration(h.hour) * time.Hour)
}

func (h *house) buildPeople(ctx context.Context, t *testing.T, s *crm.Session) {
	t.Helper()
	var departments []*org.Department
	for i, above := range h.above {
		departments = append(departments, &org.Department{Meta: metaOf(who{"department", i}), Name: "d", ParentID: who{"department", above}.id()})
	}
	must(s.Admin.Departments.CreateMany(ctx, "", departments...))(t)
	var roles []*org.Role
	for i, grants := range h.roles {
		roles = append(roles, &org.Role{Meta: metaOf(who{"role", i}), Name: strconv.Itoa(i), Grants: grants})
	}
	must(s.Admin.Roles.CreateMany(ctx, "", roles...))(t)
	var people []*org.Employee
	for i, p := range h.people {
		e := &org.Employee{Meta: metaOf(who{"employee", i}), Name: "p", ManagerID: who{"employee", p.manager}.id(), DepartmentID: who{"department", p.department}.id()}
		for _, n := range p.further {
			e.FurtherDepartments = append(e.FurtherDepartments, who{"department", n}.id())
		}
		for _, role := range p.roles {
			e.Roles = append(e.Roles, who{"role", role}.id())
		}
		people = append(people, e)
	}
	must(s.Admin.Employees.CreateMany(ctx, "", people...))(t)
}

func metaOf(w who) record.Meta { return record.Meta{ID: w.id()} }

func (h *house) buildSharing(ctx context.Context, t *testing.T, s *crm.Session) {
	t.Helper()
	var rules []*org.SharingRule
	for i, r := range h.rules {
		v := &org.SharingRule{Meta: metaOf(who{"sharing_rule", i}), Name: "r", Kind: r.kind, Level: r.level, Until: ends(s, r.until), Disabled: r.disabled}
		for _, w := range r.from {
			v.From = append(v.From, w.id())
		}
		for _, w := range r.to {
			v.To = append(v.To, w.id())
		}
		for _, n := range r.within {
			v.Within = append(v.Within, who{"department", n}.id())
		}
		if r.text != "" {
			v.Where = where(t, query.Eq(map[string]string{"customer": "industry", "opportunity": "name"}[r.kind], r.text))
		}
		rules = append(rules, v)
	}
	must(s.Admin.Rules.CreateMany(ctx, "", rules...))(t)
	var deputies []*org.Deputy
	for _, d := range h.deputies {
		deputies = append(deputies, &org.Deputy{EmployeeID: who{"employee", d.employee}.id(), DeputyID: who{"employee", d.deputy}.id(), From: s.Today().AddDays(d.from), Until: s.Today().AddDays(d.until)})
	}
	must(s.Admin.Deputies.CreateMany(ctx, "", deputies...))(t)
}

// ends returns the end of what ends at an hour.
func ends(s *crm.Session, hour int) time.Time {
	if hour == 0 {
		return time.Time{}
	}
	return s.Now().Add(time.Duration(hour) * time.Hour)
}

func (h *house) buildRecords(ctx context.Context, t *testing.T, s *crm.Session) {
	t.Helper()
	pipeline, _, err := s.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "P"}, stages()...)
	require.NoError(t, err)
	var customers []*customer.Customer
	var contacts []*customer.Contact
	var team []*customer.Teammate
	for _, r := range h.records {
		customers = append(customers, &customer.Customer{Meta: metaOf(r.who), Owned: r.owned(), Name: "Customer", Industry: r.text, AnnualRevenue: decimal.NewNullDecimal(r.worth())})
		for i := range r.contacts {
			contacts = append(contacts, &customer.Contact{Meta: metaOf(who{"contact", 10*r.n + i}), CustomerID: r.id(), Name: "C"})
		}
		for _, m := range r.team {
			team = append(team, &customer.Teammate{Meta: metaOf(who{"teammate", r.n*len(h.people) + m.to.n}), CustomerID: r.id(), EmployeeID: m.to.id(), Level: m.level, Until: ends(s, m.until)})
		}
	}
	must(s.Customers.CreateMany(ctx, "", customers...))(t)
	must(s.Customers.Contacts.CreateMany(ctx, "", contacts...))(t)
	must(s.Customers.Team.CreateMany(ctx, "", team...))(t)
	for _, r := range h.records {
		for i, to := range r.shares {
			r.shares[i].id = must(s.Admin.Share(ctx, r.ref(), to.to.id(), to.level, ends(s, to.until)))(t).ID
		}
		if r.sealed {
			must(s.Customers.Seal(ctx, r.id(), "closed down"))(t)
		}
		for _, d := range r.deals {
			must(s.Opportunities.Create(ctx, &opportunity.Opportunity{Meta: metaOf(d.who), Owned: d.owned(), Name: d.text, CustomerID: r.id(), PipelineID: pipeline.ID, Amount: decimal.NewNullDecimal(d.worth())}))(t)
		}
	}
	for kind, list := range map[string][]*placed{"customer": h.records, "opportunity": h.deals()} {
		var nowhere []schema.ID
		for _, r := range list {
			if r.department < 0 { // the owner's stands there now
				nowhere = append(nowhere, r.id())
			}
		}
		k := s.Registry().Kind(kind)
		must(s.Tenant().UpdateWhere(ctx, k, query.In("id", nowhere...), nil, []driver.Assign{{Field: k.Department(), Value: nil}}))(t)
	}
}

func (p *placed) owned() record.Owned {
	return record.Owned{OwnerID: who{"employee", p.owner}.id(), DepartmentID: who{"department", p.department}.id()}
}

// worth is a power of two, so that a sum tells of which records it is.
func (p *placed) worth() decimal.Decimal { return decimal.NewFromInt(1 << p.n) }

// onRecords are the verbs that need a record.
var onRecords = []org.Verb{org.Read, org.Update, org.Delete, org.Assign, org.ShareIt, org.Export, org.Merge}

// check compares what each person finds, counts, sums, gets and exports, what they may do,
// and why, with the rule. each says how many verbs are tried on each record one by one.
func (h *house) check(t *testing.T, app *crm.App, each int) {
	t.Helper()
	for p := range h.people {
		if h.people[p].inactive {
			_, err := app.As(t.Context(), who{"employee", p}.id())
			require.ErrorIs(t, err, storage.ErrForbidden)
			continue
		}
		s := crmtest.As(t, app, who{"employee", p}.id())
		for _, v := range onRecords {
			h.checkLists(t, s, p, v)
		}
		h.checkFigures(t, s, p)
		for i, r := range h.records {
			_, err := s.Customers.Get(t.Context(), r.id())
			require.Equalf(t, h.may(p, org.Read, "customer", r), err == nil, "person %d gets %d: %v", p, i, err)
			for n := range each {
				h.checkVerb(t, s, p, onRecords[(p+i+n)%len(onRecords)], r)
			}
		}
		for i, d := range h.deals() {
			h.checkVerb(t, s, p, onRecords[(p+i)%len(onRecords)], d)
		}
	}
}

// checkLists compares what the person finds for a verb.
func (h *house) checkLists(t *testing.T, s *crm.Session, p int, v org.Verb) {
	t.Helper()
	want := map[string][]string{}
	name := map[schema.ID]string{}
	note := func(w who, in bool) {
		name[w.id()] = fmt.Sprint(w.kind, " ", w.n)
		if in {
			want[w.kind] = append(want[w.kind], name[w.id()])
		}
	}
	for _, r := range h.records {
		note(r.who, h.may(p, v, r.kind, r))
		for i := range r.contacts {
			note(who{"contact", 10*r.n + i}, h.may(p, v, "contact", r))
		}
		for _, d := range r.deals {
			note(d.who, h.may(p, v, d.kind, d))
		}
	}
	for _, kind := range []string{"customer", "contact", "opportunity"} {
		k := s.Registry().Kind(kind)
		page, err := s.Seen(t.Context(), v, k, query.Select{Sort: query.By("-created_at"), Limit: 100})
		if !h.open(p, v, kind) {
			require.ErrorIs(t, err, storage.ErrForbidden)
			continue
		}
		require.NoError(t, err)
		var found []string
		for _, row := range page.Rows {
			found = append(found, name[row[k.ID().Position].(schema.ID)])
		}
		require.ElementsMatchf(t, want[kind], found, "what person %d may %s", p, v)
	}
	if v == org.Export && h.open(p, v, "customer") {
		n := must(s.Exchange.Export(t.Context(), exchange.Export{Kind: "customer", Fields: []string{"name"}}, sheet.WriteCSV(io.Discard, sheet.CSVFormat{})))(t)
		require.EqualValuesf(t, len(want["customer"]), n, "what person %d exports", p)
	}
}

// checkFigures compares counts, sums and groups with the pages of the list.
func (h *house) checkFigures(t *testing.T, s *crm.Session, p int) {
	t.Helper()
	ctx := t.Context()
	if h.open(p, org.Read, "customer") {
		sum, groups, n := decimal.Zero, map[string]int64{}, int64(0)
		for _, r := range h.records {
			if h.may(p, org.Read, "customer", r) {
				sum, n = sum.Add(r.worth()), n+1
				groups[r.text]++
			}
		}
		listed := decimal.Zero
		for v, err := range s.Customers.All(ctx, query.Select{Sort: query.By("name", "-created_at"), Limit: 3}) {
			require.NoError(t, err)
			listed = listed.Add(v.AnnualRevenue.Decimal)
		}
		require.Equalf(t, sum.String(), listed.String(), "the pages of person %d", p)
		require.Equalf(t, n, must(s.Customers.Count(ctx, nil))(t), "what person %d counts", p)
		figures := must(s.Customers.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("annual_revenue")}}}))(t)
		require.Equalf(t, sum.String(), total(figures.Rows[0][0]), "what person %d sums", p)
		figures = must(s.Customers.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("industry")}}, Measures: []query.Measure{{Fn: query.Count}}}))(t)
		got := map[string]int64{}
		for _, row := range figures.Rows {
			got[row[0].(string)] = row[1].(int64)
		}
		require.Equalf(t, groups, got, "the groups of person %d", p)
	}
	if h.open(p, org.Read, "opportunity") {
		n, sum := int64(0), decimal.Zero
		for _, d := range h.deals() {
			if h.may(p, org.Read, "opportunity", d) {
				n, sum = n+1, sum.Add(d.worth())
			}
		}
		require.Equalf(t, n, must(s.Opportunities.Count(ctx, nil))(t), "the opportunities of person %d", p)
		figures := must(s.Opportunities.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("amount")}}}))(t)
		require.Equal(t, sum.String(), total(figures.Rows[0][0]))
	}
}

// total returns a sum as text; that over nothing is 0.
func total(v any) string {
	d, _ := v.(decimal.Decimal)
	return d.String()
}

// checkVerb compares what the person may do to one record, and why.
func (h *house) checkVerb(t *testing.T, s *crm.Session, p int, v org.Verb, r *placed) {
	t.Helper()
	ctx, what := t.Context(), "person %d, %s, %s %d"
	readable, may := h.may(p, org.Read, r.kind, r), h.may(p, v, r.kind, r)
	_, err := s.Row(ctx, v, s.Registry().Kind(r.kind), r.id())
	switch {
	case may:
		require.NoErrorf(t, err, what, p, v, r.kind, r.n)
	case readable:
		require.ErrorIsf(t, err, storage.ErrForbidden, what, p, v, r.kind, r.n)
	default:
		require.ErrorIsf(t, err, storage.ErrNotFound, what, p, v, r.kind, r.n)
	}
	why, err := s.Why(ctx, v, r.ref())
	if !readable {
		require.ErrorIsf(t, err, storage.ErrNotFound, what, p, v, r.kind, r.n)
		return
	}
	require.NoErrorf(t, err, what, p, v, r.kind, r.n)
	refused := r.sealed && v == org.Update
	require.Equalf(t, refused, why.State != "", what, p, v, r.kind, r.n)
	require.Equalf(t, may && !refused, why.Allowed, what+": %+v", p, v, r.kind, r.n, why)
	require.Equalf(t, may, len(why.Missing) == 0, what+": %+v", p, v, r.kind, r.n, why)

	// Of several opportunities that give access it names one at least, of all else each.
	var want, got []cause
	parents := map[schema.ID]bool{}
	for _, q := range h.acting(p) {
		causes := h.causes(q, v, r)
		if q != p && (len(causes) == 0 || !h.gate(q, v, r.kind)) {
			continue
		}
		if q != p {
			want = append(want, cause{"deputy", who{"employee", q}.id()})
		}
		for _, why := range causes {
			if why.how == "parent" {
				parents[why.by] = true
			} else {
				want = append(want, why)
			}
		}
	}
	named := false
	for _, link := range why.Access {
		if link.How == "parent" {
			named = true
			require.Truef(t, parents[link.By.ID], what+" is no reason: %+v", p, v, r.kind, r.n, link)
		} else {
			got = append(got, cause{link.How, link.By.ID})
		}
	}
	require.Equalf(t, len(parents) > 0, named, what+": %+v", p, v, r.kind, r.n, why)
	require.Equalf(t, distinct(want), distinct(got), what, p, v, r.kind, r.n)
}

// distinct returns each cause once, in an order.
func distinct(list []cause) []cause {
	slices.SortFunc(list, func(a, b cause) int { return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.how, b.how)) })
	return slices.Compact(list)
}
