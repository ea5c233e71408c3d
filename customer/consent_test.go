package customer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// states are from what allows most to what forbids most.
var states = []customer.ConsentState{"", customer.ConsentGiven, customer.ConsentUnknown, customer.ConsentWithdrawn}

func TestMostRestrictive(t *testing.T) {
	for i, a := range states {
		for j, b := range states {
			require.Equal(t, states[max(i, j)], customer.MostRestrictive(a, b), "%q and %q", a, b)
		}
	}
	require.Empty(t, customer.MostRestrictive())
	require.Equal(t, customer.ConsentUnknown, customer.MostRestrictive("a typing error", customer.ConsentGiven), "what is no state allows nothing")
	rapid.Check(t, func(r *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom(states)).Draw(r, "states")
		more := rapid.SliceOf(rapid.SampledFrom(states)).Draw(r, "more")
		both := customer.MostRestrictive(append(list, more...)...)
		require.Equal(r, both, customer.MostRestrictive(customer.MostRestrictive(list...), customer.MostRestrictive(more...)), "in any grouping")
		require.Equal(r, both, customer.MostRestrictive(both, customer.MostRestrictive(list...)), "who is added never allows more")
	})
}

// TestTheConsentIsThatOfTheLedger records entries in any order of their instants.
func TestTheConsentIsThatOfTheLedger(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	ctx, app := t.Context(), crmtest.Open(t, memory.Open(), crm.WithClock(clock.Now))
	s := crmtest.System(t, app)
	rapid.Check(t, func(r *rapid.T) {
		c := newCustomer(r, s, "Acme")
		zhang := newContact(r, s, c.ID, "Zhang")
		type asked struct {
			of      schema.ID
			purpose string
		}
		want, since, entries := map[asked]customer.ConsentState{}, map[asked]time.Time{}, 0
		for range rapid.IntRange(1, 12).Draw(r, "entries") {
			e := customer.ConsentEntry{CustomerID: c.ID, Channel: customer.Email, Purpose: rapid.SampledFrom([]string{customer.ForMarketing, customer.ForSurvey}).Draw(r, "purpose"),
				State: rapid.SampledFrom(states[1:]).Draw(r, "state"), At: clock.At.Add(-time.Duration(rapid.IntRange(0, 3).Draw(r, "hours ago")) * time.Hour)}
			if rapid.Bool().Draw(r, "the contact") {
				e.ContactID = zhang.ID
			}
			_, err := s.Customers.RecordConsent(ctx, &e)
			require.NoError(r, err)
			entries++
			key := asked{e.ContactID, e.Purpose}
			switch {
			case e.At.After(since[key]):
				want[key], since[key] = e.State, e.At
			case e.At.Equal(since[key]):
				want[key] = customer.MostRestrictive(want[key], e.State)
			}
			for key, state := range want {
				got, err := s.Customers.Consent(ctx, c.ID, key.of, customer.Email, key.purpose)
				require.NoError(r, err)
				require.Equal(r, state, got)
			}
		}
		n, err := s.Customers.ConsentLedger.Count(ctx, query.Eq("customer_id", c.ID))
		require.NoError(r, err)
		require.EqualValues(r, entries, n, "every row is kept")
		none, err := s.Customers.Consent(ctx, c.ID, zhang.ID, customer.Phone, customer.ForMarketing)
		require.NoError(r, err)
		require.Empty(r, none)
	})
}

func TestAConsentIsRecordedByManyAtOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s := crmtest.System(t, app)
		at := s.Now().Add(-time.Hour).Truncate(time.Second)
		for range 5 {
			c := newCustomer(t, s, "Acme")
			given := []customer.ConsentState{customer.ConsentGiven, customer.ConsentWithdrawn, customer.ConsentUnknown, customer.ConsentGiven}
			for _, err := range atOnce(given, func(state customer.ConsentState) error {
				s, err := app.System("test")
				if err != nil {
					return err
				}
				_, err = s.Customers.RecordConsent(t.Context(), &customer.ConsentEntry{CustomerID: c.ID, Channel: customer.SMS, Purpose: "marketing", State: state, At: at})
				return err
			}) {
				require.NoError(t, err)
			}
			state, err := s.Customers.Consent(t.Context(), c.ID, schema.ID{}, customer.SMS, "marketing")
			require.NoError(t, err)
			require.Equal(t, customer.ConsentWithdrawn, state)
		}
	})
}

func TestTheLedgerIsForAdding(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		c := newCustomer(t, s, "Acme")
		zhang := newContact(t, s, c.ID, "Zhang")
		given := &customer.ConsentEntry{Meta: record.Meta{ID: schema.NameID("form 7")}, ContactID: zhang.ID, Channel: customer.Email, Purpose: customer.ForMarketing,
			State: customer.ConsentGiven, Source: "form", Evidence: "form 7"}
		e, err := s.Customers.RecordConsent(ctx, given)
		require.NoError(t, err)
		require.Equal(t, c.ID, e.CustomerID, "that of the contact")
		require.False(t, e.At.IsZero())
		again, err := s.Customers.RecordConsent(ctx, given)
		require.NoError(t, err)
		require.Equal(t, e, again, "a repeated call")
		other := *given
		other.State = customer.ConsentWithdrawn
		_, err = s.Customers.RecordConsent(ctx, &other)
		require.ErrorIs(t, err, storage.ErrExists)

		_, edited := s.Customers.ConsentLedger.Edit(ctx, e.ID, func(e *customer.ConsentEntry) error { e.State = customer.ConsentWithdrawn; return nil })
		_, added := s.Customers.ConsentLedger.Create(ctx, &customer.ConsentEntry{CustomerID: c.ID, Channel: customer.SMS, Purpose: "x", State: customer.ConsentGiven})
		_, forged := s.Customers.Consents.Create(ctx, &customer.Consent{CustomerID: c.ID, Since: s.Now()})
		for what, err := range map[string]error{"edit": edited, "delete": s.Customers.ConsentLedger.Delete(ctx, e.ID, 0), "add": added, "forge": forged} {
			require.ErrorIs(t, err, storage.ErrPrecondition, what)
		}
		require.ErrorIs(t, s.Customers.Contacts.Delete(ctx, zhang.ID, 0), storage.ErrReferenced, "a contact with consents is kept")

		_, err = s.Customers.Seal(ctx, c.ID, "closed down")
		require.NoError(t, err)
		_, err = s.Customers.RecordConsent(ctx, &customer.ConsentEntry{ContactID: zhang.ID, Channel: customer.Email, Purpose: customer.ForMarketing, State: customer.ConsentWithdrawn})
		require.NoError(t, err, "who opts out is heard")
		history, err := s.Customers.ConsentLedger.History(ctx, e.ID, query.Select{})
		require.NoError(t, err)
		require.Equal(t, "consent.given", history.Items[0].Event)
	})
}

func TestWhatRecordConsentRefuses(t *testing.T) {
	s := crmtest.System(t, crmtest.Open(t, memory.Open()))
	c, stranger := newCustomer(t, s, "Acme"), newCustomer(t, s, "Other")
	zhang := newContact(t, s, c.ID, "Zhang")
	whole := func(change func(e *customer.ConsentEntry)) *customer.ConsentEntry {
		e := &customer.ConsentEntry{CustomerID: c.ID, Channel: customer.Email, Purpose: customer.ForMarketing, State: customer.ConsentGiven}
		change(e)
		return e
	}
	for name, e := range map[string]*customer.ConsentEntry{
		"nothing":              nil,
		"nobody":               whole(func(e *customer.ConsentEntry) { e.CustomerID = schema.ID{} }),
		"a contact of nowhere": whole(func(e *customer.ConsentEntry) { e.ContactID = schema.NameID("x") }),
		"another's contact":    whole(func(e *customer.ConsentEntry) { e.CustomerID, e.ContactID = stranger.ID, zhang.ID }),
		"no channel":           whole(func(e *customer.ConsentEntry) { e.Channel = "" }),
		"an unknown channel":   whole(func(e *customer.ConsentEntry) { e.Channel = "Email" }),
		"no purpose":           whole(func(e *customer.ConsentEntry) { e.Purpose = "" }),
		"no state":             whole(func(e *customer.ConsentEntry) { e.State = "" }),
		"broken text":          whole(func(e *customer.ConsentEntry) { e.Purpose = "a\x00b" }),
		"broken evidence":      whole(func(e *customer.ConsentEntry) { e.Evidence = "\xff" }),
		"the future":           whole(func(e *customer.ConsentEntry) { e.At = s.Now().Add(time.Hour) }),
		"before all time":      whole(func(e *customer.ConsentEntry) { e.At = time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC) }),
	} {
		_, err := s.Customers.RecordConsent(t.Context(), e)
		require.ErrorIs(t, err, storage.ErrInvalid, name)
	}
	_, err := s.Customers.RecordConsent(t.Context(), whole(func(e *customer.ConsentEntry) { e.CustomerID = schema.NameID("x") }))
	require.ErrorIs(t, err, storage.ErrNotFound)
	n, err := s.Customers.Consents.Count(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, n)
}

// TestWhoMayBeMailed compares the condition of a query with the same question asked of
// each contact and customer.
func TestWhoMayBeMailed(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		owner, stranger := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{})
		s := crmtest.As(t, app, owner)
		for i, company := range states {
			c := newCustomer(t, s, fmt.Sprint("Company ", i))
			say := func(e customer.ConsentEntry, state customer.ConsentState) {
				if state == "" {
					return
				}
				e.CustomerID, e.Channel, e.Purpose, e.State = c.ID, customer.Email, customer.ForMarketing, state
				_, err := s.Customers.RecordConsent(ctx, &e)
				require.NoError(t, err)
			}
			say(customer.ConsentEntry{}, company)
			for _, person := range states {
				say(customer.ConsentEntry{ContactID: newContact(t, s, c.ID, fmt.Sprintf("%s at %s", person, company)).ID}, person)
			}
		}
		contacts := func(s *crm.Session, ch customer.Channel) []string {
			var names []string
			for c, err := range s.Customers.Contacts.All(ctx, query.Select{Where: customer.ContactsWhoAllow(ch, customer.ForMarketing), Sort: query.By("name")}) {
				require.NoError(t, err)
				names = append(names, c.Name)
			}
			return names
		}
		require.Equal(t, []string{"given at ", "given at given", "given at unknown"}, contacts(s, customer.Email))
		require.Empty(t, contacts(s, customer.Phone))
		require.Empty(t, contacts(crmtest.As(t, app, stranger), customer.Email))
		customers, err := s.Customers.Find(ctx, query.Select{Where: customer.CustomersWhoAllow(customer.Email, customer.ForMarketing)})
		require.NoError(t, err)
		require.Len(t, customers.Items, 1)
		require.Equal(t, "Company 1", customers.Items[0].Name)
	})
}

// TestAMergeOptsNobodyIn merges contacts, and customers, who allow different things, whoever
// has spoken last: what holds is what forbids most.
func TestAMergeOptsNobodyIn(t *testing.T) {
	ctx, s := t.Context(), crmtest.System(t, crmtest.Open(t, memory.Open()))
	of := newCustomer(t, s, "Acme").ID
	for _, a := range states {
		for _, b := range states {
			for _, days := range [][2]int{{1, 2}, {2, 1}, {1, 1}} {
				says := func(customerID, contactID schema.ID, state customer.ConsentState, day int) {
					if state != "" {
						_, err := s.Customers.RecordConsent(ctx, &customer.ConsentEntry{CustomerID: customerID, ContactID: contactID, Channel: customer.Fax, Purpose: "x", State: state,
							At: schema.NewDate(2026, 1, day).Time(time.UTC)})
						require.NoError(t, err)
					}
				}
				allows := func(customerID, contactID schema.ID) customer.ConsentState {
					state, err := s.Customers.Consent(ctx, customerID, contactID, customer.Fax, "x")
					require.NoError(t, err)
					return state
				}
				zhang, again := newContact(t, s, of, "Zhang").ID, newContact(t, s, of, "Zhang").ID
				says(of, zhang, a, days[0])
				says(of, again, b, days[1])
				done, err := s.Customers.MergeContacts(ctx, merge.Request{Winner: zhang, Losers: []schema.ID{again}})
				require.NoError(t, err)
				require.Equal(t, customer.MostRestrictive(a, b), allows(of, zhang), "%q on day %d, %q on day %d", a, days[0], b, days[1])
				_, err = s.Customers.Unmerge(ctx, done.Merge.ID)
				require.NoError(t, err)
				require.Equal(t, []customer.ConsentState{a, b}, []customer.ConsentState{allows(of, zhang), allows(of, again)})

				one, other := newCustomer(t, s, "One").ID, newCustomer(t, s, "Other").ID
				says(one, schema.ID{}, a, days[0])
				says(other, schema.ID{}, b, days[1])
				done, err = s.Customers.Merge(ctx, merge.Request{Winner: one, Losers: []schema.ID{other}})
				require.NoError(t, err)
				require.Equal(t, customer.MostRestrictive(a, b), allows(one, schema.ID{}), "%q on day %d, %q on day %d", a, days[0], b, days[1])
				_, err = s.Customers.Unmerge(ctx, done.Merge.ID)
				require.NoError(t, err)
				require.Equal(t, []customer.ConsentState{a, b}, []customer.ConsentState{allows(one, schema.ID{}), allows(other, schema.ID{})})
			}
		}
	}
}
