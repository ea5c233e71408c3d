package crm_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestMergesKeepTheirPromises merges random customers with random parts, two ways: all
// losers at once, and one after the other. Both come to the same, nothing is lost but what
// the winner had as well, nobody is opted in, and undoing makes everything as it was.
func TestMergesKeepTheirPromises(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		all := crmtest.Open(t, store, crm.WithClock(clock.Now))
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			rounds++
			if store.Name() != "memory" && rounds > 6 {
				return
			}
			town := randomTown(t, r)
			atOnce, step := all.Tenant("a"+strconv.Itoa(rounds)), all.Tenant("b"+strconv.Itoa(rounds))
			town.build(t, atOnce)
			town.build(t, step)
			before, stepBefore, consents := content(t, atOnce), content(t, step), town.withdrawn(t, atOnce)

			losers := rapid.Permutation(town.ids[1:]).Draw(r, "losers")[:rapid.IntRange(1, len(town.ids)-1).Draw(r, "n")]
			sys := crmtest.System(t, atOnce)
			done := must(sys.Customers.Merge(t.Context(), merge.Request{Winner: town.ids[0], Losers: losers}))(t)
			var undo []schema.ID
			for _, loser := range losers {
				one := must(crmtest.System(t, step).Customers.Merge(t.Context(), merge.Request{Winner: town.ids[0], Losers: []schema.ID{loser}}))(t)
				undo = append(undo, one.Merge.ID)
			}

			given := map[string]int64{}
			for _, c := range done.Merge.Counts {
				given[c.Kind] += c.GivenUp
			}
			after := content(t, atOnce)
			for _, kind := range []string{"contact", "address", "teammate", "relation"} {
				require.Len(r, after[kind], len(before[kind])-int(given[kind]), kind)
			}
			for _, app := range []*crm.App{atOnce, step} {
				for _, loser := range losers {
					require.Empty(r, pointing(t, app, loser))
				}
				requireSound(t, app)
				for at := range consents {
					if !slices.Contains(losers, at.customer) {
						continue
					}
					state := must(crmtest.System(t, app).Customers.Consent(t.Context(), town.ids[0], schema.ID{}, at.channel, at.purpose))(t)
					require.Equal(r, customer.ConsentWithdrawn, state, "nobody is opted in")
				}
			}
			same, other := content(t, atOnce), content(t, step)
			for _, kind := range []string{"customer", "contact", "address", "relation"} {
				require.Equal(r, same[kind], other[kind], kind)
			}

			must(sys.Customers.Unmerge(t.Context(), done.Merge.ID))(t)
			slices.Reverse(undo)
			for _, id := range undo {
				must(crmtest.System(t, step).Customers.Unmerge(t.Context(), id))(t)
			}
			for _, app := range []*crm.App{atOnce, step} {
				requireSound(t, app)
				require.Equal(r, consents, town.withdrawn(t, app))
			}
			require.Equal(r, before, content(t, atOnce))
			require.Equal(r, stepBefore, content(t, step))
		})
	})
}

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
}

func randomTown(t *testing.T, r *rapid.T) *town {
	t.Helper()
	w := &town{people: []schema.ID{schema.NewID(), schema.NewID()}}
	text := rapid.SampledFrom([]string{"", "x", "y"})
	meta := func() record.Meta { return record.Meta{ID: schema.NewID()} }
	for i := range rapid.IntRange(2, 5).Draw(r, "customers") {
		c := &customer.Customer{Meta: meta(), Name: fmt.Sprint(i), Industry: text.Draw(r, "industry"), Phone: text.Draw(r, "phone"), Website: text.Draw(r, "website")}
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
	return w
}

func (w *town) build(t *testing.T, app *crm.App) {
	t.Helper()
	ctx := t.Context()
	sys := crmtest.System(t, app)
	for i, id := range w.people {
		must(sys.Admin.Employees.Create(ctx, &org.Employee{Meta: record.Meta{ID: id}, Name: fmt.Sprint(i)}))(t)
	}
	sys = crmtest.System(t, app)
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
}

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
