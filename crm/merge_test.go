package crm_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// visit is a kind of a host's own, which has one row for a customer and a day.
type visit struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required"`
	On         schema.Date
}

var visits = schema.Define[visit]("visit", record.Standard(), schema.Unique("customer_id", "on"),
	schema.BelongsTo("customer", "customer", "customer_id"))

// pair are two customers that are the same, with everything that can belong to them.
type pair struct {
	*firm
	winner, loser, below *customer.Customer
}

func newPair(t *testing.T, app *crm.App) *pair {
	t.Helper()
	ctx := t.Context()
	w := &pair{firm: newFirm(t, app)}
	s := w.as(t)
	w.winner = must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme", Industry: "steel", Phone: "1"}))(t)
	w.loser = must(crmtest.As(t, app, w.boss).Customers.Create(ctx, &customer.Customer{
		Name: "ACME Ltd.", Code: "A-1", Phone: "2", Email: "a@acme.example", Source: "fair", Standing: customer.Active}))(t)
	sys := crmtest.System(t, app)
	w.below = must(sys.Customers.Create(ctx, &customer.Customer{Name: "Acme Subsidiary", ParentID: w.loser.ID}))(t)
	for _, c := range []*customer.Customer{w.winner, w.loser} {
		people := must(sys.Customers.Contacts.CreateMany(ctx, "", &customer.Contact{Name: "Zhang", CustomerID: c.ID}, &customer.Contact{Name: "Li", CustomerID: c.ID}))(t)
		must(sys.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: c.ID, Kind: customer.Billing, City: c.Name}))(t)
		must(sys.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: c.ID, ToCustomerID: w.below.ID, Kind: customer.Referred}))(t)
		must(sys.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: w.below.ID, ToCustomerID: c.ID, ToContactID: people[0].ID, Kind: customer.SuppliesTo}))(t)
		deal := w.deal()
		deal.CustomerID = c.ID
		must(sys.Opportunities.Create(ctx, deal))(t)
		for _, purpose := range []string{customer.ForMarketing, customer.ForSurvey} {
			state := customer.ConsentGiven
			if c == w.loser && purpose == customer.ForMarketing {
				state = customer.ConsentWithdrawn
			}
			must(sys.Customers.RecordConsent(ctx, &customer.ConsentEntry{CustomerID: c.ID, Channel: customer.Email, Purpose: purpose, State: state,
				At: time.Date(2026, 1, len(state), 0, 0, 0, 0, time.UTC)}))(t)
			must(sys.Customers.RecordConsent(ctx, &customer.ConsentEntry{ContactID: people[0].ID, Channel: customer.Email, Purpose: purpose, State: state}))(t)
		}
		must(session.Of(sys.Session, visits).CreateMany(ctx, "", &visit{CustomerID: c.ID, On: schema.Date{}}, &visit{CustomerID: c.ID, On: s.Today()}))(t)
		must(sys.Documents.Add(ctx, &document.Document{Title: "About " + c.Name, SubjectKind: "customer", SubjectID: c.ID},
			document.Upload{FileName: "a.txt", Content: strings.NewReader("x")}))(t)
	}
	must(sys.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: w.winner.ID, ToCustomerID: w.loser.ID, Kind: customer.Family}))(t)
	carol, dave := crmtest.Hire(t, app, "Carol", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Dave", schema.ID{}, schema.ID{})
	must(sys.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: w.winner.ID, EmployeeID: carol, Level: org.ReadAccess, Until: sys.Now().AddDate(0, 1, 0)}))(t)
	must(sys.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: w.loser.ID, EmployeeID: carol, Level: org.EditAccess}))(t)
	must(sys.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: w.loser.ID, EmployeeID: dave, Level: org.EditAccess}))(t)
	return w
}

func (w *pair) request() merge.Request {
	return merge.Request{Winner: w.winner.ID, Losers: []schema.ID{w.loser.ID}, Reason: "the same company"}
}

// twins stores two customers that are the same, with a colleague in both teams, and a
// consent that differs.
func (w *firm) twins(t *testing.T) merge.Request {
	t.Helper()
	sys := crmtest.System(t, w.app).Customers
	a, b := w.customer(t).ID, must(sys.Create(t.Context(), &customer.Customer{Name: "Acme again", Email: "a@acme.example"}))(t).ID
	for i, c := range []schema.ID{a, b} {
		must(sys.Contacts.Create(t.Context(), &customer.Contact{Name: "Zhang", CustomerID: c}))(t)
		must(sys.Team.Create(t.Context(), &customer.Teammate{CustomerID: c, EmployeeID: w.boss, Level: org.Level(i + 1)}))(t)
		must(sys.RecordConsent(t.Context(), &customer.ConsentEntry{CustomerID: c, Channel: customer.Email, Purpose: customer.ForMarketing,
			State: []customer.ConsentState{customer.ConsentGiven, customer.ConsentWithdrawn}[i], At: time.Date(2026, 2, 2-i, 0, 0, 0, 0, time.UTC)}))(t)
	}
	return merge.Request{Winner: a, Losers: []schema.ID{b}}
}

// content returns what the records of a tenant say: every row without version, last change
// and what is kept beside the records.
func content(t *testing.T, app *crm.App) map[string][]string {
	t.Helper()
	tenant, out := crmtest.System(t, app).Tenant(), map[string][]string{}
	beside := []string{"journal_entry", "departure", "outbox", "turn", "merge", "merge_step", "tenant_state", "consent", "match_key"}
	for _, k := range tenant.DB().Registry().Kinds() {
		if slices.Contains(beside, k.Name()) {
			continue
		}
		q := query.Select{Limit: query.MaxLimit}
		for {
			page, err := tenant.Select(context.Background(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				for _, name := range []string{"version", "updated_at", "updated_by"} {
					if f := k.Field(name); f != nil {
						row[f.Position] = nil
					}
				}
				text, err := driver.MarshalRow(row)
				require.NoError(t, err)
				out[k.Name()] = append(out[k.Name()], string(text))
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		slices.Sort(out[k.Name()])
	}
	return out
}

// pointing counts the records that point at a customer, by kind and field: all that the
// registry knows of, but histories.
func pointing(t *testing.T, app *crm.App, id schema.ID) map[string]int64 {
	t.Helper()
	tenant, out := crmtest.System(t, app).Tenant(), map[string]int64{}
	count := func(k *schema.Kind, field string, where query.Expr) {
		groups, err := tenant.Aggregate(t.Context(), k, query.Aggregate{Where: where, Measures: []query.Measure{{Fn: query.Count}}}, nil)
		require.NoError(t, err)
		if n := groups.Rows[0][0].(int64); n > 0 {
			out[k.Name()+"."+field] = n
		}
	}
	for _, k := range tenant.DB().Registry().Kinds() {
		for _, rel := range k.Relations() {
			if !rel.Many && rel.ToName == "customer" {
				count(k, rel.Field.Name, query.Eq(rel.Field.Name, id))
			}
		}
		for _, ref := range k.Refs() {
			if k.Version() != nil {
				count(k, ref.ID.Name, query.All(query.Eq(ref.Kind.Name, "customer"), query.Eq(ref.ID.Name, id)))
			}
		}
	}
	kept, role := tenant.DB().Registry().Shares()
	count(kept, role.Record.Name, query.All(query.Eq(role.Kind.Name, "customer"), query.Eq(role.Record.Name, id)))
	return out
}

func TestMergeTakesAllThatBelongsToTheLoser(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newPair(t, app)
		sys := crmtest.System(t, app)
		before, mine, theirs := content(t, app), pointing(t, app, w.winner.ID), pointing(t, app, w.loser.ID)

		done := must(sys.Customers.Merge(ctx, w.request()))(t)
		requireSound(t, app)
		require.Empty(t, pointing(t, app, w.loser.ID), "nothing points at what is gone")
		after, given := pointing(t, app, w.winner.ID), map[string]int64{}
		for _, c := range done.Merge.Counts {
			given[c.Kind] += c.GivenUp
		}
		require.Equal(t, map[string]int64{"contact": 0, "address": 0, "teammate": 1, "relation": 2, "opportunity": 0, "consent_entry": 0,
			"visit": 1, "customer": 0, "document": 0, "share": 0}, given)
		for field, n := range theirs {
			kind, _, _ := strings.Cut(field, ".")
			switch kind {
			case "consent", "match_key", "relation", "consent_entry", "share":
				continue // told below
			}
			require.Equal(t, mine[field]+n-given[kind], after[field], field)
		}

		now := must(sys.Customers.Get(ctx, w.winner.ID))(t)
		require.Equal(t, []string{"Acme", "A-1", "steel", "fair", "1", "a@acme.example"}, []string{now.Name, now.Code, now.Industry, now.Source, now.Phone, now.Email})
		require.Equal(t, customer.Active, now.Standing)
		require.Equal(t, w.alice, now.OwnerID)
		require.Contains(t, done.Differences, merge.Difference{Field: "phone", LoserID: w.loser.ID, Value: "2", Winner: "1"})
		require.Equal(t, now, must(sys.Customers.Get(ctx, w.loser.ID))(t), "who reads the loser reads the winner")
		require.ErrorIs(t, sys.Customers.Delete(ctx, w.loser.ID, 0), storage.ErrNotFound, "and changes it by its own id only")
		for purpose, want := range map[string]customer.ConsentState{customer.ForMarketing: customer.ConsentWithdrawn, customer.ForSurvey: customer.ConsentGiven} {
			require.Equal(t, want, must(sys.Customers.Consent(ctx, w.winner.ID, schema.ID{}, customer.Email, purpose))(t), purpose)
		}
		for mate, err := range sys.Customers.Team.All(ctx, query.Select{Where: query.Eq("customer_id", w.winner.ID)}) {
			require.NoError(t, err)
			require.Equal(t, org.EditAccess, mate.Level)
			require.True(t, mate.Until.IsZero())
		}
		require.Len(t, must(sys.Documents.About(ctx, record.Ref{Kind: "customer", ID: w.winner.ID}, query.Select{}))(t).Items, 2)

		undone := must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		require.Empty(t, undone.Left)
		requireSound(t, app)
		require.Equal(t, before, content(t, app), "all is as it was")
		require.Equal(t, theirs, pointing(t, app, w.loser.ID))
		require.Equal(t, mine, pointing(t, app, w.winner.ID))
		_, err := sys.Customers.Unmerge(ctx, done.Merge.ID)
		requireCode(t, err, storage.Precondition)

		must(sys.Customers.Merge(ctx, w.request()))(t) // and again
		requireSound(t, app)
		require.Empty(t, pointing(t, app, w.loser.ID))
	}, crm.WithKinds(visits.Kind), matching(t))
}

func TestAPreviewOfAMergeChangesNothing(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newPair(t, app)
		sys := crmtest.System(t, app)
		must(sys.Customers.Edit(t.Context(), w.loser.ID, func(c *customer.Customer) error {
			c.OwnerID = crmtest.Hire(t, app, "Eve", schema.ID{}, schema.ID{})
			return nil
		}))(t)
		before := dump(t, app)
		would := must(sys.Customers.PreviewMerge(t.Context(), w.request()))(t)
		require.Equal(t, before, dump(t, app))
		require.Empty(t, would.Gains)
		eve := must(sys.Customers.Get(t.Context(), w.loser.ID))(t).OwnerID
		require.Equal(t, []schema.ID{eve}, would.Loses)
		done := must(sys.Customers.Merge(t.Context(), w.request()))(t)
		require.Equal(t, done.Merge.Counts, would.Merge.Counts)
		require.Equal(t, done.Differences, would.Differences)
		_, err := crmtest.As(t, app, eve).Customers.Get(t.Context(), w.winner.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)
	}, crm.WithKinds(visits.Kind))
}

// TestAMergeThatShowsMore has a rule that only the record of both meets.
func TestAMergeThatShowsMore(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newPair(t, app)
		sys := crmtest.System(t, app)
		frank := crmtest.Hire(t, app, "Frank", schema.ID{}, schema.ID{})
		where := must(query.MarshalExpr(query.All(query.Eq("industry", "steel"), query.Eq("source", "fair"))))(t)
		must(sys.Admin.Rules.Create(t.Context(), &org.SharingRule{Name: "steel from fairs", Kind: "customer", Where: where, To: []schema.ID{frank}, Level: org.ReadAccess}))(t)
		would := must(crmtest.System(t, app).Customers.PreviewMerge(t.Context(), w.request()))(t)
		require.Equal(t, []schema.ID{frank}, would.Gains)
	}, crm.WithKinds(visits.Kind))
}

func TestMergesThatAreRefused(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		sys := crmtest.System(t, app)
		create := func(c customer.Customer) schema.ID { return must(sys.Customers.Create(ctx, &c))(t).ID }
		plain, other := create(customer.Customer{Name: "A", Code: "1"}), create(customer.Customer{Name: "B", Code: "2", TaxID: "3"})
		person, trading := create(customer.Customer{Name: "C", Type: customer.Individual}), create(customer.Customer{Name: "D", Status: customer.Trading})
		many := make([]schema.ID, merge.MaxLosers+1)
		for i := range many {
			many[i] = create(customer.Customer{Name: fmt.Sprint(i)})
		}
		elsewhere := must(crmtest.System(t, app.Tenant("other")).Customers.Create(ctx, &customer.Customer{Name: "A"}))(t).ID
		require.NoError(t, errors.Join(w.mayMerge(t, w.alice)))
		hers := must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Hers"}))(t).ID
		his := must(crmtest.As(t, app, w.boss).Customers.Create(ctx, &customer.Customer{Name: "His"}))(t).ID
		read, edit := create(customer.Customer{Name: "E"}), create(customer.Customer{Name: "F"})
		must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: read}, w.alice, org.ReadAccess, noTime))(t)
		must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: edit}, w.alice, org.EditAccess, noTime))(t)

		for name, test := range map[string]struct {
			as    *crm.Session
			req   merge.Request
			code  storage.Code
			field string
		}{
			"into itself":           {sys, merge.Request{Winner: plain, Losers: []schema.ID{plain}}, storage.Invalid, "losers"},
			"twice":                 {sys, merge.Request{Winner: plain, Losers: []schema.ID{person, person}}, storage.Invalid, "losers"},
			"none":                  {sys, merge.Request{Winner: plain}, storage.Invalid, "losers"},
			"too many":              {sys, merge.Request{Winner: plain, Losers: many}, storage.Invalid, "losers"},
			"no winner":             {sys, merge.Request{Losers: many[:1]}, storage.NotFound, ""},
			"no such loser":         {sys, merge.Request{Winner: plain, Losers: []schema.ID{schema.NewID()}}, storage.NotFound, ""},
			"of another tenant":     {sys, merge.Request{Winner: plain, Losers: []schema.ID{elsewhere}}, storage.NotFound, ""},
			"person and company":    {sys, merge.Request{Winner: many[0], Losers: []schema.ID{person}}, storage.Precondition, ""},
			"trading to potential":  {sys, merge.Request{Winner: plain, Losers: []schema.ID{trading}}, storage.Precondition, ""},
			"two codes":             {sys, merge.Request{Winner: plain, Losers: []schema.ID{other}}, storage.Precondition, "code"},
			"a field that is none":  {sys, merge.Request{Winner: plain, Losers: many[:1], Take: map[string]schema.ID{"colour": plain}}, storage.Invalid, "take"},
			"the owner chosen":      {sys, merge.Request{Winner: plain, Losers: many[:1], Take: map[string]schema.ID{"owner_id": plain}}, storage.Invalid, "take"},
			"of a third":            {sys, merge.Request{Winner: plain, Losers: many[:1], Take: map[string]schema.ID{"name": other}}, storage.Invalid, "take"},
			"hidden":                {w.as(t), merge.Request{Winner: hers, Losers: many[:1]}, storage.NotFound, ""},
			"without the verb":      {crmtest.As(t, app, w.boss), merge.Request{Winner: his, Losers: []schema.ID{hers}}, storage.Forbidden, ""},
			"a loser only to read":  {w.as(t), merge.Request{Winner: hers, Losers: []schema.ID{read}}, storage.Forbidden, ""},
			"a winner only to read": {w.as(t), merge.Request{Winner: read, Losers: []schema.ID{hers}}, storage.Forbidden, ""},
			"a loser only to edit":  {w.as(t), merge.Request{Winner: hers, Losers: []schema.ID{edit}}, storage.Forbidden, ""},
		} {
			before := dump(t, app)
			_, err := test.as.Customers.Merge(ctx, test.req)
			e := requireCode(t, err, test.code)
			if test.field != "" {
				require.Equal(t, test.field, e.Fields[0].Name, name)
			}
			require.Equal(t, before, dump(t, app), name)
		}
		second := must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Hers, too"}))(t).ID
		must(w.as(t).Customers.Merge(ctx, merge.Request{Winner: hers, Losers: []schema.ID{second}}))(t)
		before := content(t, app)
		chosen := merge.Request{Winner: plain, Losers: []schema.ID{other}, Take: map[string]schema.ID{"code": other, "name": other}}
		done := must(sys.Customers.Merge(ctx, chosen))(t)
		now := must(sys.Customers.Get(ctx, plain))(t)
		require.Equal(t, []string{"B", "2", "3"}, []string{now.Name, now.Code, now.TaxID})
		must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		require.Equal(t, before, content(t, app), "also what the winner is found by")
		done = must(sys.Customers.Merge(ctx, chosen))(t)
		_, err := crmtest.As(t, app, w.alice).Customers.Unmerge(ctx, done.Merge.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = sys.Customers.Merge(ctx, merge.Request{Winner: other, Losers: []schema.ID{plain}})
		requireCode(t, err, storage.Exists)
	})
}

// mayMerge gives somebody the right to merge.
func (w *firm) mayMerge(t *testing.T, who schema.ID) error {
	t.Helper()
	sys := crmtest.System(t, w.app)
	role, err := sys.Admin.Roles.Create(t.Context(), &org.Role{Name: "merging", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs()}}})
	if err != nil {
		return err
	}
	_, err = sys.Admin.Employees.Edit(t.Context(), who, func(e *org.Employee) error { e.Roles = []schema.ID{role.ID}; return nil })
	return err
}

func TestMergesOfMergedOnes(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		var ids []schema.ID
		for i := range 4 {
			ids = append(ids, must(sys.Customers.Create(ctx, &customer.Customer{Name: fmt.Sprint(i)}))(t).ID)
		}
		before := content(t, app)
		first := must(sys.Customers.Merge(ctx, merge.Request{Winner: ids[1], Losers: ids[:1]}))(t)
		second := must(sys.Customers.Merge(ctx, merge.Request{Winner: ids[2], Losers: []schema.ID{ids[0]}}))(t) // which is ids[1] by now
		require.Equal(t, []schema.ID{ids[1]}, second.Merge.LoserIDs)
		third := must(sys.Customers.Merge(ctx, merge.Request{Winner: ids[0], Losers: ids[3:]}))(t)
		require.Equal(t, ids[2], third.Merge.WinnerID)
		for _, id := range ids {
			require.Equal(t, ids[2], must(sys.Customers.Get(ctx, id))(t).ID)
			require.NotEmpty(t, must(sys.Customers.History(ctx, id, query.Select{}))(t).Items)
		}
		_, err := sys.Customers.Unmerge(ctx, first.Merge.ID)
		requireCode(t, err, storage.Precondition)
		for _, m := range []*merge.Result{second, third, first} {
			must(sys.Customers.Unmerge(ctx, m.Merge.ID))(t)
		}
		require.Equal(t, before, content(t, app))
	})
}

// TestTheFirstLosersRelationStays merges two who have the same relation to somebody: that of the first stays, as if
// they were merged one after the other, whichever end they are.
func TestTheFirstLosersRelationStays(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		sys := crmtest.System(t, app)
		list := must(sys.Customers.CreateMany(t.Context(), "",
			&customer.Customer{Name: "Winner"}, &customer.Customer{Name: "First"}, &customer.Customer{Name: "Second"}, &customer.Customer{Name: "Friend"}))(t)
		winner, first, second, friend := list[0].ID, list[1].ID, list[2].ID, list[3].ID
		_, err := sys.Customers.Relations.CreateMany(t.Context(), "",
			&customer.Relation{CustomerID: second, ToCustomerID: friend, Kind: customer.Friend, Note: "of the second"},
			&customer.Relation{CustomerID: friend, ToCustomerID: first, Kind: customer.Friend, Note: "of the first"})
		require.NoError(t, err)
		must(sys.Customers.Merge(t.Context(), merge.Request{Winner: winner, Losers: []schema.ID{first, second}}))(t)
		left := must(sys.Customers.Relations.Find(t.Context(), query.Select{Limit: 3}))(t).Items
		require.Len(t, left, 1)
		require.Equal(t, []any{friend, winner, "of the first"}, []any{left[0].CustomerID, left[0].ToCustomerID, left[0].Note})
	})
}

// TestMergesInATree merges customers that stand above and below each other.
func TestMergesInATree(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		for name, test := range map[string]struct {
			parents string // of a, b, c and so on, as letters; a dot is none
			winner  string
			losers  string
			want    string // the parents then, a dash for who is gone
		}{
			"child into parent":            {".ab.", "a", "b", ".-a."},
			"parent into child":            {".ab.", "b", "a", "-.b."},
			"parent into child below more": {"d.a.", "c", "a", "-.d."},
			"grandparent into grandchild":  {".ab.", "c", "a", "-c.."},
			"siblings":                     {".aa.", "b", "c", ".a-."},
			"parents and child":            {".abc", "d", "ab", "--d."},
			"parent of the loser":          {"..a.", "b", "c", ".a-."},
			"loser below the winner":       {".aab", "b", "d", ".aa-"},
			"loser below a later one":      {".c.e.", "a", "bdc", ".---."},
			"loser below an earlier one":   {".c.e.", "a", "cbd", "e---."},
		} {
			sys := crmtest.System(t, app.Tenant(strings.ReplaceAll(name, " ", "_")))
			ids := map[byte]schema.ID{'.': {}}
			for i := range byte(len(test.parents)) { //nolint:gosec // a few
				ids['a'+i] = must(sys.Customers.Create(ctx, &customer.Customer{Name: string('a' + rune(i))}))(t).ID
			}
			for i := range test.parents {
				must(sys.Customers.Edit(ctx, ids['a'+byte(i)], func(c *customer.Customer) error { c.ParentID = ids[test.parents[i]]; return nil }))(t)
			}
			parents := func() string {
				got := ""
				for i := range byte(len(test.parents)) { //nolint:gosec // a few
					c, err := storage.Of(sys.Tenant(), customer.Customers).Get(ctx, ids['a'+i])
					if err != nil {
						got += "-"
						continue
					}
					for letter, id := range ids {
						if id == c.ParentID {
							got += string(rune(letter))
						}
					}
				}
				return got
			}
			req := merge.Request{Winner: ids[test.winner[0]]}
			for _, letter := range []byte(test.losers) {
				req.Losers = append(req.Losers, ids[letter])
			}
			done := must(sys.Customers.Merge(ctx, req))(t)
			require.Equal(t, test.want, parents(), name)
			must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
			require.Equal(t, test.parents, parents(), name)
		}
	})
}

// TestUndoingAMergeLeavesWhatWasChangedSince undoes a merge after people went on working.
func TestUndoingAMergeLeavesWhatWasChangedSince(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newPair(t, app)
		sys := crmtest.System(t, app)
		var moved, gone customer.Contact
		for c, err := range sys.Customers.Contacts.All(ctx, query.Select{Where: query.Eq("customer_id", w.loser.ID)}) {
			require.NoError(t, err)
			gone, moved = c, gone
		}
		done := must(sys.Customers.Merge(ctx, w.request()))(t)
		must(sys.Customers.Edit(ctx, w.winner.ID, func(c *customer.Customer) error { c.Email, c.Website = "new@acme.example", "acme.example"; return nil }))(t)
		must(sys.Customers.Contacts.Edit(ctx, moved.ID, func(c *customer.Contact) error { c.Mobile = "13800138000"; return nil }))(t)
		require.NoError(t, sys.Customers.Contacts.Delete(ctx, gone.ID, 0))
		fresh := must(sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: "New", CustomerID: w.winner.ID}))(t)

		undone := must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		requireSound(t, app)
		now := must(sys.Customers.Get(ctx, w.winner.ID))(t)
		require.Equal(t, []string{"new@acme.example", "acme.example", "", ""}, []string{now.Email, now.Website, now.Code, now.Source})
		require.Contains(t, undone.Left, merge.Left{Of: record.Ref{Kind: "customer", ID: w.winner.ID}, Fields: []string{"email"}})
		require.Equal(t, "A-1", must(sys.Customers.Get(ctx, w.loser.ID))(t).Code)
		require.Equal(t, w.winner.ID, must(sys.Customers.Contacts.Get(ctx, fresh.ID))(t).CustomerID)
		require.Equal(t, "13800138000", must(sys.Customers.Contacts.Get(ctx, moved.ID))(t).Mobile, "the edit stays, and goes back with its contact")
		require.Equal(t, w.loser.ID, must(sys.Customers.Contacts.Get(ctx, moved.ID))(t).CustomerID)
	}, crm.WithKinds(visits.Kind))
}

// TestMergesAtOnce merges, from many sides, while others write what belongs to the losers.
func TestMergesAtOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		a := must(sys.Customers.Create(ctx, &customer.Customer{Name: "A"}))(t).ID
		b := must(sys.Customers.Create(ctx, &customer.Customer{Name: "B"}))(t).ID
		errs := together(12, func(i int) error {
			s, err := app.System("writer")
			if err != nil {
				return err
			}
			switch i % 4 {
			case 3:
				_, err = s.Customers.Edit(ctx, b, func(c *customer.Customer) error { c.Email = fmt.Sprintf("%d@example.com", i); return nil })
			case 0:
				_, err = s.Customers.Merge(ctx, merge.Request{Winner: a, Losers: []schema.ID{b}})
			case 1:
				_, err = s.Customers.Contacts.Create(ctx, &customer.Contact{Name: "C", CustomerID: b})
			case 2:
				_, err = s.Documents.Add(ctx, &document.Document{Title: "D", SubjectKind: "customer", SubjectID: b}, document.Upload{FileName: "d", Content: strings.NewReader("d")})
			}
			return err
		})
		merged := 0
		for i, err := range errs {
			switch {
			case err == nil && i%4 == 0:
				merged++
			case err != nil && !codeIs(err, storage.Exists) && !codeIs(err, storage.Referenced) && !codeIs(err, storage.Retry) && (i%4 != 3 || !codeIs(err, storage.NotFound)):
				t.Errorf("%d: %v", i, err)
			}
		}
		require.Equal(t, 1, merged)
		require.Empty(t, pointing(t, app, b))
		edited := ""
		for i, err := range errs {
			if i%4 == 3 && err == nil {
				edited = "@example.com"
			}
		}
		require.Contains(t, must(sys.Customers.Get(ctx, a))(t).Email, edited, "what was typed into the loser in time is the winner's")
		requireSound(t, app)
	})
}

// TestAMergeCostsTheSame counts what a merge asks of the store: it grows with the kinds that
// point at a customer, and not with the records.
func TestAMergeCostsTheSame(t *testing.T) {
	count := func(contacts int) int {
		store, calls := crmtest.Counted(memory.Open())
		app := crmtest.Open(t, store)
		sys := crmtest.System(t, app)
		a := must(sys.Customers.Create(t.Context(), &customer.Customer{Name: "A"}))(t).ID
		b := must(sys.Customers.Create(t.Context(), &customer.Customer{Name: "B"}))(t).ID
		list := make([]*customer.Contact, contacts)
		for i := range list {
			list[i] = &customer.Contact{Name: fmt.Sprint(i), CustomerID: b}
		}
		must(sys.Customers.Contacts.CreateMany(t.Context(), "", list...))(t)
		calls()
		done := must(sys.Customers.Merge(t.Context(), merge.Request{Winner: a, Losers: []schema.ID{b}}))(t)
		n := calls()
		must(sys.Customers.Unmerge(t.Context(), done.Merge.ID))(t)
		return n + calls()
	}
	require.Equal(t, count(3), count(300))
}

// TestEveryReferenceIsDeclared finds an id field that leads nowhere by its declaration: a merge
// would leave it pointing at what is gone.
func TestEveryReferenceIsDeclared(t *testing.T) {
	r, err := schema.NewRegistry(crm.Kinds())
	require.NoError(t, err)
	known := map[string]string{
		"journal_entry.record_id": "tells of the past", "journal_entry.subject_id": "tells of the past", "journal_entry.actor_id": "tells of the past",
		"departure.from_id": "tells of the past", "departure.record_id": "what is gone", "outbox.record_id": "waits for the publisher, under the id of then", "lease.holder": "a process",
		"tombstone.record_id": "what is gone", "tombstone.merge_id": "goes with the merge", "merge.winner_id": "tells of the past",
		"merge_step.entry_id": "an entry", "match_key.former_id": "what was merged", "handover.from_department_id": "tells of the past, when the department may be gone", "erasure.person_id": "whoever it was, under the id of then", "handover_share.share_id": "tells of the past", "owner_change.was_id": "tells of the past", "owner_change.handover_id": "tells of the past", "owner_change.line_id": "tells of the past",
		"owner_change.actor_id": "tells of the past", "owner_change.from_department_id": "tells of the past", "owner_change.to_department_id": "tells of the past",
		"document_chunk.blob_id": "the bytes to which it belongs", "posting.employee_id": "tells of the past", "posting.manager_id": "tells of the past", "posting.department_id": "tells of the past", "subordination.department_id": "tells of the past", "subordination.parent_id": "tells of the past", "share.principal_id": "an employee, a role or a department",
	}
	kept, share := r.Shares()
	above, reach := r.Reach()
	for _, k := range r.Kinds() {
		declared := map[*schema.Field]bool{k.ID(): true}
		for _, rel := range k.Relations() {
			declared[rel.Field] = true
		}
		for _, ref := range k.Refs() {
			declared[ref.ID] = true
		}
		if k == kept {
			declared[share.Record] = true
		}
		if k == above {
			declared[reach.Ancestor], declared[reach.Descendant] = true, true
		}
		for _, f := range k.Columns() {
			if name := k.Name() + "." + f.Name; f.Type == schema.TypeID && !declared[f] && f.Name != "created_by" && f.Name != "updated_by" {
				assert.NotEmpty(t, known[name], "%s is an id and no relation: declare it with BelongsTo or PolymorphicRef", name)
			}
		}
	}
}

// TestAHandoverOfOneThatWasMerged has planned to hand over what is gone when it is executed.
func TestAHandoverOfOneThatWasMerged(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		a, b := w.customer(t).ID, must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Other"}))(t).ID
		sys := crmtest.System(t, app)
		job := must(sys.Admin.PlanHandover(ctx, &admin.Handover{FromID: w.alice}, &admin.HandoverLine{Kind: "customer", IDs: []schema.ID{b}, ToID: w.boss}))(t)
		must(sys.Customers.Merge(ctx, merge.Request{Winner: a, Losers: []schema.ID{b}}))(t)
		preview := must(sys.Admin.PreviewHandover(ctx, job.ID))(t)
		require.Equal(t, admin.NotTheirs, preview.Lines[0].Blocked[0].Reason)
		must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)
		require.Equal(t, w.alice, must(sys.Customers.Get(ctx, a))(t).OwnerID, "the winner was not chosen")
	})
}

// TestAMergeOfOneThatWaitsInAPool leaves its stays with the winner, completed.
func TestAMergeOfOneThatWaitsInAPool(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		sys := crmtest.System(t, app)
		a, b := w.customer(t).ID, w.customer(t).ID
		must(sys.Customers.Edit(ctx, b, func(c *customer.Customer) error { c.Code = ""; return nil }))(t)
		sea := must(sys.Customers.Pools.Create(ctx, &customer.Pool{Name: "Sea"}))(t)
		require.NoError(t, sys.Customers.Release(ctx, b, sea.ID, "no answer"))
		before := content(t, app)
		done := must(sys.Customers.Merge(ctx, merge.Request{Winner: a, Losers: []schema.ID{b}}))(t)
		requireSound(t, app)
		one := must(sys.Customers.Get(ctx, b))(t)
		require.Equal(t, w.alice, one.OwnerID)
		require.True(t, one.PoolID.IsZero())
		stays := must(sys.Customers.PoolHistory(ctx, a, query.Select{}))(t).Items
		require.Len(t, stays, 1)
		require.Equal(t, customer.EventMerged, stays[0].LeftBy)
		must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		requireSound(t, app)
		require.Equal(t, before, content(t, app))

		// The other way round the winner waits, and goes on waiting.
		must(sys.Customers.Merge(ctx, merge.Request{Winner: b, Losers: []schema.ID{a}}))(t)
		requireSound(t, app)
		require.Equal(t, sea.ID, must(sys.Customers.Get(ctx, a))(t).PoolID)
	})
}

// TestATakenNameGoesBack undoes a merge that gave the winner another name, which is found by
// it again.
func TestATakenNameGoesBack(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		winner := must(s.Customers.Create(ctx, &customer.Customer{Name: "First Works"}))(t).ID
		loser := must(s.Customers.Create(ctx, &customer.Customer{Name: "Second Works"}))(t).ID
		done := must(s.Customers.Merge(ctx, merge.Request{Winner: winner, Losers: []schema.ID{loser}, Take: map[string]schema.ID{"name": loser}}))(t)
		found := func(name string) []customer.Customer {
			return must(s.Customers.Find(ctx, query.Select{Where: query.HasText("name", name)}))(t).Items
		}
		require.Len(t, found("second"), 1)
		must(s.Customers.Unmerge(ctx, done.Merge.ID))(t)
		require.Equal(t, winner, found("first")[0].ID)
		require.Equal(t, loser, found("second")[0].ID)
	})
}

// TestNobodyMergesByAName edits records under the names of what merging does, which lets no
// rule be passed by.
func TestNobodyMergesByAName(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		zhang, _ := w.contacts(t)
		s, other := w.as(t), w.customer(t).ID
		for _, event := range []string{customer.EventAbsorbed, customer.EventMoved, customer.EventUnmerged} {
			_, err := s.Customers.EditAs(ctx, org.Update, event, other, 0, func(c *customer.Customer) error { c.Status = customer.Trading; return nil })
			requireCode(t, err, storage.Precondition)
		}
		sea := must(crmtest.System(t, app).Customers.Pools.Create(ctx, &customer.Pool{Name: "Sea"}))(t).ID
		for _, event := range []string{customer.EventReleased, customer.EventRecycled} {
			_, err := s.Customers.EditAs(ctx, org.Update, event, other, 0, func(c *customer.Customer) error { c.PoolID = sea; return nil })
			requireCode(t, err, storage.Precondition)
		}
		_, err := s.Customers.Contacts.EditAs(ctx, org.Update, customer.EventContactMoved, zhang, 0, func(c *customer.Contact) error { c.CustomerID = other; return nil })
		requireCode(t, err, storage.Precondition)
	})
}
