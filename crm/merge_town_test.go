package crm_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// town are customers with parts, to be built alike in several tenants.
type town struct {
	ids       []schema.ID
	people    []schema.ID // employees
	customers []*customer.Customer
	contacts  []*customer.Contact
	addresses []*customer.Address
	relations []*customer.Relation
	team      []*customer.Teammate
	consents  []*customer.ConsentEntry

	departments []schema.ID // the second below the first
	role        schema.ID   // of the last of the people
	pipeline    schema.ID
	stages      []schema.ID
	pool        schema.ID
	deals       []*opportunity.Opportunity
	papers      []*document.Document
	shares      []*org.Share
	rules       []*org.SharingRule
	pooled      []schema.ID
}

func randomTown(t *testing.T, r *rapid.T) *town {
	t.Helper()
	w := &town{people: newIDs(5), departments: newIDs(2), role: schema.NewID(), pipeline: schema.NewID(), stages: newIDs(4), pool: schema.NewID()}
	owner := rapid.SampledFrom(append([]schema.ID{{}}, w.people...))
	text, half := rapid.SampledFrom([]string{"", "x", "y"}), rapid.SampledFrom([]string{"", "x"}) // of what a rule asks
	meta := func() record.Meta { return record.Meta{ID: schema.NewID()} }
	for i := range rapid.IntRange(2, 5).Draw(r, "customers") {
		c := &customer.Customer{Meta: meta(), Name: fmt.Sprint(i), Industry: half.Draw(r, "industry"), Phone: half.Draw(r, "phone"), Website: text.Draw(r, "website"),
			Owned: record.Owned{OwnerID: owner.Draw(r, "owner")}}
		if i > 0 && rapid.Bool().Draw(r, "has a parent") {
			c.ParentID = rapid.SampledFrom(w.ids).Draw(r, "parent")
		}
		w.ids, w.customers = append(w.ids, c.ID), append(w.customers, c)
	}
	some := rapid.SampledFrom(w.ids)
	for range rapid.IntRange(0, 6).Draw(r, "contacts") {
		w.contacts = append(w.contacts, &customer.Contact{Meta: meta(), CustomerID: some.Draw(r, "of"), Name: "C"})
	}
	for range rapid.IntRange(0, 5).Draw(r, "addresses") {
		w.addresses = append(w.addresses, &customer.Address{Meta: meta(), CustomerID: some.Draw(r, "of"), Kind: rapid.SampledFrom([]string{customer.Billing, customer.Office}).Draw(r, "kind")})
	}
	for range rapid.IntRange(0, 5).Draw(r, "relations") {
		rel := &customer.Relation{Meta: meta(), CustomerID: some.Draw(r, "from"), ToCustomerID: some.Draw(r, "to"), Kind: rapid.SampledFrom([]string{customer.Referred, customer.Family}).Draw(r, "kind")}
		if rel.CustomerID != rel.ToCustomerID {
			w.relations = append(w.relations, rel)
		}
	}
	for range rapid.IntRange(0, 4).Draw(r, "team") {
		w.team = append(w.team, &customer.Teammate{Meta: meta(), CustomerID: some.Draw(r, "of"), EmployeeID: rapid.SampledFrom(w.people).Draw(r, "who"),
			Level: rapid.SampledFrom([]org.Level{org.ReadAccess, org.EditAccess}).Draw(r, "level")})
	}
	for range rapid.IntRange(0, 6).Draw(r, "consents") {
		e := &customer.ConsentEntry{Meta: meta(), CustomerID: some.Draw(r, "of"), Channel: customer.Email, Purpose: customer.ForMarketing,
			State: rapid.SampledFrom([]customer.ConsentState{customer.ConsentGiven, customer.ConsentWithdrawn, customer.ConsentUnknown}).Draw(r, "state")}
		e.At = schema.NewDate(2026, 1, rapid.IntRange(1, 5).Draw(r, "day")).Time(time.UTC)
		w.consents = append(w.consents, e)
	}
	for range rapid.IntRange(0, 4).Draw(r, "deals") {
		w.deals = append(w.deals, &opportunity.Opportunity{Meta: meta(), Name: "Deal", CustomerID: some.Draw(r, "of"), PipelineID: w.pipeline, Owned: record.Owned{OwnerID: owner.Draw(r, "owner")}})
	}
	for range rapid.IntRange(0, 3).Draw(r, "papers") {
		w.papers = append(w.papers, &document.Document{Meta: meta(), Title: "Paper", SubjectKind: "customer", SubjectID: some.Draw(r, "about")})
	}
	principals := slices.Concat(w.people, w.departments, []schema.ID{w.role})
	for range rapid.IntRange(0, 6).Draw(r, "shares") {
		share := &org.Share{RecordID: some.Draw(r, "of"), PrincipalID: rapid.SampledFrom(principals).Draw(r, "whom"), Level: rapid.SampledFrom([]org.Level{org.ReadAccess, org.EditAccess, org.FullAccess}).Draw(r, "level")}
		if rapid.Bool().Draw(r, "ends") {
			share.ExpiresAt = schema.NewDate(2026, 4, rapid.IntRange(1, 3).Draw(r, "end")).Time(time.UTC)
		}
		w.shares = append(w.shares, share)
	}
	for i := range rapid.IntRange(0, 2).Draw(r, "rules") {
		rule := &org.SharingRule{Meta: meta(), Name: fmt.Sprint(i), Kind: "customer", Level: org.ReadAccess, To: []schema.ID{rapid.SampledFrom(principals).Draw(r, "to")}}
		where, err := query.MarshalExpr(query.All(query.Eq("industry", "x"), query.Eq("phone", "x")))
		require.NoError(t, err)
		rule.Where = where
		w.rules = append(w.rules, rule)
	}
	w.pooled = rapid.SliceOfNDistinct(some, 0, 2, rapid.ID).Draw(r, "pooled")
	return w
}

func newIDs(n int) []schema.ID {
	ids := make([]schema.ID, n)
	for i := range ids {
		ids[i] = schema.NewID()
	}
	return ids
}

func (w *town) build(t *testing.T, app *crm.App) {
	t.Helper()
	ctx := t.Context()
	sys := crmtest.System(t, app)
	at := func(id schema.ID) record.Meta { return record.Meta{ID: id} }
	must(sys.Admin.Departments.Create(ctx, &org.Department{Meta: at(w.departments[0]), Name: "0"}))(t)
	must(sys.Admin.Departments.Create(ctx, &org.Department{Meta: at(w.departments[1]), Name: "1", ParentID: w.departments[0]}))(t)
	must(sys.Admin.Roles.Create(ctx, &org.Role{Meta: at(w.role), Name: "role", Grants: []org.Grant{{Kind: "*", Verbs: []org.Verb{org.Read, org.Update}}}}))(t)
	for i, id := range w.people { // the second reports to the first, the next are in departments, the last has the role
		e := &org.Employee{Meta: at(id), Name: fmt.Sprint(i)}
		switch i {
		case 1:
			e.ManagerID = w.people[0]
		case 2, 3:
			e.DepartmentID = w.departments[i-2]
		case 4:
			e.Roles = []schema.ID{w.role}
		}
		must(sys.Admin.Employees.Create(ctx, e))(t)
	}
	sys = crmtest.System(t, app)
	steps := stages()
	for i, id := range w.stages {
		steps[i].ID = id
	}
	_, _, err := sys.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Meta: at(w.pipeline), Name: "Direct"}, steps...)
	require.NoError(t, err)
	must(sys.Customers.Pools.Create(ctx, &customer.Pool{Meta: at(w.pool), Name: "Sea"}))(t)
	createAll(t, sys, customer.Customers, w.customers)
	createAll(t, sys, customer.Contacts, w.contacts)
	createAll(t, sys, customer.Addresses, w.addresses)
	for _, rel := range w.relations {
		_, err := sys.Customers.Relations.Create(ctx, rel)
		require.True(t, err == nil || codeIs(err, storage.Exists), "%v", err)
	}
	for _, mate := range w.team {
		_, err := sys.Customers.Team.Create(ctx, mate)
		require.True(t, err == nil || codeIs(err, storage.Exists), "%v", err)
	}
	for _, e := range w.consents {
		must(sys.Customers.RecordConsent(ctx, e))(t)
	}
	for _, deal := range w.deals {
		must(sys.Opportunities.Create(ctx, deal))(t)
	}
	for _, paper := range w.papers {
		must(sys.Documents.Add(ctx, paper, document.Upload{FileName: "a.txt", Content: strings.NewReader("x")}))(t)
	}
	for _, share := range w.shares {
		must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: share.RecordID}, share.PrincipalID, share.Level, share.ExpiresAt))(t)
	}
	createAll(t, sys, org.SharingRules, w.rules)
	for _, id := range w.pooled {
		require.NoError(t, sys.Customers.Release(ctx, id, w.pool, "no answer"))
	}
}

// readers returns who may read one of some customers, by trying.
func (w *town) readers(t *testing.T, app *crm.App, ids []schema.ID) []schema.ID {
	t.Helper()
	var able []schema.ID
	for _, person := range w.people {
		n := must(crmtest.As(t, app, person).Customers.Count(t.Context(), query.In("id", ids...)))(t)
		if n > 0 {
			able = append(able, person)
		}
	}
	slices.SortFunc(able, schema.ID.Compare)
	return able
}

// said returns what records say, without the ids that each tenant has of its own.
func (w *town) said(content map[string][]string) map[string][]string {
	known := map[string]bool{}
	for _, list := range [][]schema.ID{w.ids, w.people, w.departments, {w.role, w.pipeline, w.pool}, w.stages} {
		for _, id := range list {
			known[id.String()] = true
		}
	}
	out := map[string][]string{}
	for kind, rows := range content {
		for _, row := range rows {
			out[kind] = append(out[kind], idText.ReplaceAllStringFunc(row, func(id string) string {
				if known[id] {
					return id
				}
				return "id"
			}))
		}
		slices.Sort(out[kind])
	}
	return out
}

var idText = regexp.MustCompile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

func createAll[T any](t *testing.T, s *crm.Session, d schema.Definition[T], list []*T) {
	t.Helper()
	_, err := session.Of(s.Session, d).CreateMany(t.Context(), "", list...)
	require.NoError(t, err)
}

type optOut struct {
	customer schema.ID
	channel  customer.Channel
	purpose  string
}

// withdrawn returns who has withdrawn what.
func (w *town) withdrawn(t *testing.T, app *crm.App) map[optOut]bool {
	t.Helper()
	out := map[optOut]bool{}
	for c, err := range crmtest.System(t, app).Customers.Consents.All(t.Context(), query.Select{Where: query.Eq("state", customer.ConsentWithdrawn)}) {
		require.NoError(t, err)
		out[optOut{c.CustomerID, c.Channel, c.Purpose}] = true
	}
	return out
}
