package customer_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// put brings a new customer into a state.
func put(t *testing.T, s *crm.Session, status customer.Status, standing customer.Standing) *customer.Customer {
	t.Helper()
	c := &customer.Customer{Name: "Acme", Status: status, Standing: standing}
	if standing == customer.Sealed {
		c.Standing = customer.Normal
	}
	c, err := s.Customers.Create(t.Context(), c)
	require.NoError(t, err)
	if standing == customer.Sealed {
		c, err = s.Customers.Seal(t.Context(), c.ID, "archived")
		require.NoError(t, err)
	}
	return c
}

// TestEveryTransition tries every event on every state, and goes exactly where the
// machines say.
func TestEveryTransition(t *testing.T) {
	s := crmtest.System(t, crmtest.Open(t, memory.Open()))
	events := []string{"customer.updated", customer.EventTrading, customer.EventPotential, customer.EventSealed, customer.EventUnsealed, customer.EventContacted}
	listed := func(m customer.Machine, event, from, to, reason string) bool {
		for _, way := range m.Transitions {
			if way.From == from && way.To == to && (way.Event == "" || way.Event == event) {
				return !way.Reason || reason != ""
			}
		}
		return from == to
	}
	statuses := []customer.Status{customer.Potential, customer.Trading}
	standings := []customer.Standing{customer.Active, customer.Normal, customer.Sealed}
	n := 0
	for _, event := range events {
		for _, reason := range []string{"", "because"} {
			for _, from := range statuses {
				for _, to := range statuses {
					c := put(t, s, from, customer.Normal)
					_, err := s.Customers.EditAs(t.Context(), org.Update, event, c.ID, 0, func(c *customer.Customer) error {
						c.Status = to
						if event != "customer.updated" && event != customer.EventContacted {
							c.StateReason = reason
						}
						return nil
					})
					given := reason
					if event == "customer.updated" || event == customer.EventContacted {
						given = ""
					}
					require.Equal(t, listed(customer.StatusMachine(), event, string(from), string(to), given), err == nil, "%s from %s to %s: %v", event, from, to, err)
					n++
				}
			}
			for _, from := range standings {
				for _, to := range standings {
					c := put(t, s, customer.Potential, from)
					_, err := s.Customers.EditAs(t.Context(), org.Update, event, c.ID, 0, func(c *customer.Customer) error {
						c.Standing = to
						if event == customer.EventSealed || event == customer.EventUnsealed {
							c.StateReason = reason
						}
						return nil
					})
					given := reason
					if event != customer.EventSealed && event != customer.EventUnsealed {
						given = c.StateReason
					}
					require.Equal(t, listed(customer.StandingMachine(), event, string(from), string(to), given), err == nil, "%s from %s to %s with %q: %v", event, from, to, given, err)
					n++
				}
			}
		}
	}
	require.Equal(t, 6*2*(4+9), n)
}

func TestStartTrading(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		c := newCustomer(t, s, "Acme")
		require.Equal(t, []any{customer.Potential, customer.Normal, customer.Direct, customer.Acquisition}, []any{c.Status, c.Standing, c.Type, c.Lifecycle()})
		_, err := s.Customers.StartTrading(ctx, c.ID, s.Today().AddDays(1))
		require.ErrorIs(t, err, storage.ErrInvalid)
		c, err = s.Customers.StartTrading(ctx, c.ID, schema.NewDate(2026, 3, 9))
		require.NoError(t, err)
		require.Equal(t, []any{customer.Trading, schema.NewDate(2026, 3, 9), customer.Satisfaction}, []any{c.Status, c.TradingSince, c.Lifecycle()})
		_, err = s.Customers.StartTrading(ctx, c.ID, schema.Date{})
		require.ErrorIs(t, err, storage.ErrPrecondition)
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Status = customer.Potential; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition, "never back silently")
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.TradingSince = schema.NewDate(2020, 1, 1); return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition)
		_, err = s.Customers.StopTrading(ctx, c.ID, "")
		require.ErrorIs(t, err, storage.ErrInvalid)
		c, err = s.Customers.StopTrading(ctx, c.ID, "wrong customer")
		require.NoError(t, err)
		require.Equal(t, []any{customer.Potential, true, "wrong customer"}, []any{c.Status, c.TradingSince.IsZero(), c.StateReason})
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "B", TradingSince: schema.NewDate(2026, 1, 1)})
		require.ErrorIs(t, err, storage.ErrInvalid)
		plain, err := s.Customers.Update(ctx, &customer.Customer{Meta: c.Meta, Name: "Renamed", StateReason: c.StateReason})
		require.NoError(t, err)
		require.Equal(t, []any{customer.Potential, customer.Normal, customer.Direct}, []any{plain.Status, plain.Standing, plain.Type}, "who says nothing changes no state")
		old, err := s.Customers.Create(ctx, &customer.Customer{Name: "C", Type: customer.Agent, Status: customer.Trading, TradingSince: schema.NewDate(1999, 1, 1)})
		require.NoError(t, err, "a customer may be known to trade from the beginning")
		require.Equal(t, customer.Trading, old.Status)
		old, err = s.Customers.Update(ctx, &customer.Customer{Meta: old.Meta, Name: "Renamed", TradingSince: old.TradingSince})
		require.NoError(t, err)
		require.Equal(t, []any{customer.Trading, customer.Agent}, []any{old.Status, old.Type})
	})
}

// TestAWonDealMakesACustomerTrade is how the hook of a later module makes customers
// trade: with all of a page, whoever acts, once.
func TestAWonDealMakesACustomerTrade(t *testing.T) {
	hook := session.After(opportunity.Opportunities, func(ctx context.Context, s *session.Session, writes []session.Write[opportunity.Opportunity]) error {
		var ids []schema.ID
		for _, w := range writes {
			if w.Event == opportunity.EventWon {
				ids = append(ids, w.New.CustomerID)
			}
		}
		return customer.StartTrading(ctx, s, schema.Date{}, ids...)
	})
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		owner, seller := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Seller", schema.ID{}, schema.ID{})
		c := newCustomer(t, crmtest.As(t, app, owner), "Acme")
		sys := crmtest.System(t, app)
		p, _, err := sys.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "P"}, &opportunity.Stage{Name: "open", State: opportunity.Open},
			&opportunity.Stage{Name: "won", State: opportunity.Won}, &opportunity.Stage{Name: "lost", State: opportunity.Lost})
		require.NoError(t, err)
		for i := range 2 {
			o, err := sys.Opportunities.Create(ctx, &opportunity.Opportunity{Name: fmt.Sprint("Deal ", i), CustomerID: c.ID, PipelineID: p.ID})
			require.NoError(t, err)
			_, err = sys.Opportunities.Edit(ctx, o.ID, func(o *opportunity.Opportunity) error { o.OwnerID = seller; return nil })
			require.NoError(t, err)
			_, err = crmtest.As(t, app, seller).Opportunities.Win(ctx, o.ID, opportunity.Outcome{Amount: amount(7)})
			require.NoError(t, err, "the seller may not change the customer, the rule may")
			stored, err := sys.Customers.Get(ctx, c.ID)
			require.NoError(t, err)
			require.Equal(t, []any{customer.Trading, sys.Today(), int64(2)}, []any{stored.Status, stored.TradingSince, stored.Version}, "once")
		}
	}, crm.WithHooks(hook))
}

func TestASealedCustomerIsNotEdited(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		heir := crmtest.Hire(t, app, "Heir", schema.ID{}, schema.ID{})
		c := newCustomer(t, s, "Acme")
		_, err := s.Customers.Seal(ctx, c.ID, "")
		require.ErrorIs(t, err, storage.ErrInvalid)
		c, err = s.Customers.Seal(ctx, c.ID, "closed down")
		require.NoError(t, err)
		require.Equal(t, []any{customer.Sealed, "closed down"}, []any{c.Standing, c.StateReason})
		_, err = s.Customers.Seal(ctx, c.ID, "again")
		require.ErrorIs(t, err, storage.ErrPrecondition)

		for name, change := range map[string]func(c *customer.Customer){
			"name": func(c *customer.Customer) { c.Name = "Other" }, "hobbies": func(c *customer.Customer) { c.Hobbies = "Go" },
			"standing": func(c *customer.Customer) { c.Standing = customer.Active }, "reason": func(c *customer.Customer) { c.StateReason = "" },
			"revenue": func(c *customer.Customer) { c.AnnualRevenue = amount(1) }, "and owner": func(c *customer.Customer) { c.OwnerID, c.Phone = heir, "1" },
		} {
			_, err := s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { change(c); return nil })
			require.ErrorIs(t, err, storage.ErrPrecondition, name)
			mine := *c
			change(&mine)
			_, err = s.Customers.Update(ctx, &mine)
			require.ErrorIs(t, err, storage.ErrPrecondition, name)
		}
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.OwnerID = heir; return nil })
		require.NoError(t, err, "who leaves hands over sealed customers, too")
		_, err = s.Customers.Contacted(ctx, c.ID, schema.Date{})
		require.NoError(t, err)
		require.NoError(t, customer.StartTrading(ctx, s.Session, schema.Date{}, c.ID))
		newContact(t, s, c.ID, "Zhang")

		_, err = s.Customers.Unseal(ctx, c.ID, "")
		require.ErrorIs(t, err, storage.ErrInvalid)
		c, err = s.Customers.Unseal(ctx, c.ID, "they are back")
		require.NoError(t, err)
		require.Equal(t, []any{customer.Normal, "they are back", customer.Trading}, []any{c.Standing, c.StateReason, c.Status})
		_, err = s.Customers.Unseal(ctx, c.ID, "again")
		require.ErrorIs(t, err, storage.ErrPrecondition)
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Name, c.Standing = "Other", customer.Active; return nil })
		require.NoError(t, err)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Archived", Standing: customer.Sealed})
		require.ErrorIs(t, err, storage.ErrInvalid)
		require.NoError(t, s.Customers.Delete(ctx, put(t, s, customer.Potential, customer.Sealed).ID, 0), "sealing protects from edits alone")
	})
}

func TestTheMachinesAsGraphs(t *testing.T) {
	require.Equal(t, `digraph "status" {
	node [shape=box]
	"potential" -> "trading" [label="customer.trading"]
	"trading" -> "potential" [label="customer.potential"]
}
`, customer.StatusMachine().DOT())
	require.Contains(t, customer.StandingMachine().DOT(), `"active" -> "normal" [label="edit"]`)
	render(t, "standing", customer.StandingMachine().DOT())
}

func TestContactedAndStale(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		clock.At = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
		ctx := t.Context()
		owner, stranger := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{})
		s := crmtest.As(t, app, owner)
		ids := map[string]schema.ID{}
		for _, name := range []string{"never", "january", "march", "edited", "contact edited", "sealed"} {
			ids[name] = newCustomer(t, s, name).ID
		}
		zhang := newContact(t, s, ids["contact edited"], "Zhang")
		c, err := s.Customers.Contacted(ctx, ids["january"], schema.Date{})
		require.NoError(t, err)
		require.Equal(t, []any{s.Today(), customer.Communication}, []any{c.LastContactOn, c.Lifecycle()})
		_, err = s.Customers.Seal(ctx, ids["sealed"], "gone")
		require.NoError(t, err)

		clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		c, err = s.Customers.Contacted(ctx, ids["march"], schema.NewDate(2026, 3, 1))
		require.NoError(t, err)
		before := c
		c, err = s.Customers.Contacted(ctx, ids["march"], schema.NewDate(2026, 2, 1))
		require.NoError(t, err)
		require.Equal(t, before, c, "an earlier contact changes nothing")
		_, err = s.Customers.Contacted(ctx, ids["march"], schema.NewDate(2026, 3, 3))
		require.ErrorIs(t, err, storage.ErrInvalid)
		_, err = s.Customers.Edit(ctx, ids["march"], func(c *customer.Customer) error { c.LastContactOn = schema.Date{}; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition)
		for _, on := range []schema.Date{{}, schema.NewDate(2024, 10, 1)} { // nor under the verb's own name, whoever acts
			for _, s := range []*crm.Session{s, crmtest.System(t, app)} {
				_, err = s.Customers.EditAs(ctx, org.Update, customer.EventContacted, ids["march"], 0, func(c *customer.Customer) error { c.LastContactOn = on; return nil })
				require.ErrorIs(t, err, storage.ErrPrecondition)
			}
		}
		_, err = s.Customers.Edit(ctx, ids["edited"], func(c *customer.Customer) error { c.Phone = "1"; return nil })
		require.NoError(t, err)
		_, err = s.Customers.Contacts.Edit(ctx, zhang.ID, func(c *customer.Contact) error { c.Phone = "1"; return nil })
		require.NoError(t, err)

		stale := func(s *crm.Session, since time.Time) []string {
			q, names := query.Select{Limit: 1}, []string(nil)
			for {
				page, err := s.Customers.Stale(ctx, since, q)
				require.NoError(t, err)
				for _, c := range page.Items {
					names = append(names, c.Name)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					return names
				}
			}
		}
		require.Equal(t, []string{"never", "january"}, stale(s, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)))
		require.Empty(t, stale(s, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		require.Empty(t, stale(crmtest.As(t, app, stranger), clock.At.AddDate(1, 0, 0)))
		all := stale(s, clock.At.Add(time.Hour))
		require.ElementsMatch(t, []string{"never", "january", "march", "edited", "contact edited"}, all)
		require.Equal(t, []string{"january", "march"}, all[3:], "who was never contacted comes first")
	}, crm.WithClock(clock.Now))
}

// TestTheTreeHasNoCircle moves customers under each other at random.
func TestTheTreeHasNoCircle(t *testing.T) {
	ctx, s := t.Context(), crmtest.System(t, crmtest.Open(t, memory.Open()))
	rapid.Check(t, func(r *rapid.T) {
		ids := make([]schema.ID, rapid.IntRange(2, 6).Draw(r, "customers"))
		for i := range ids {
			ids[i] = newCustomer(r, s, "C").ID
		}
		parent := map[schema.ID]schema.ID{}
		for range rapid.IntRange(1, 20).Draw(r, "moves") {
			id, to := rapid.SampledFrom(ids).Draw(r, "who"), rapid.SampledFrom(slices.Concat(ids, []schema.ID{{}})).Draw(r, "under")
			circle := false
			for at := to; !at.IsZero(); at = parent[at] {
				circle = circle || at == id
			}
			_, err := s.Customers.Edit(ctx, id, func(c *customer.Customer) error { c.ParentID = to; return nil })
			require.Equal(r, circle, err != nil, "%v", err)
			if err == nil {
				parent[id] = to
			}
		}
	})
}

func TestWhatIsKnownOfACustomer(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		given := customer.Customer{Name: "王小明", Type: customer.Individual, TaxID: "91110108MA01ABCD2X", Email: "wang@example.com", Importance: "A",
			Person:     customer.Person{FamilyName: "王", GivenName: "小明", Gender: customer.Male, Birthday: schema.NewDate(1980, 2, 29), Hobbies: "围棋"},
			Preference: customer.Preference{PreferredChannel: customer.WeChat, Language: "zh-CN", ContactFrom: new(int64(540)), Interests: "wine"}}
		c, err := s.Customers.Create(ctx, &given)
		require.NoError(t, err)
		require.Equal(t, []any{given.Person, given.Preference}, []any{c.Person, c.Preference})
		stored, err := s.Customers.Get(ctx, c.ID)
		require.NoError(t, err)
		require.Equal(t, c, stored)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Twin", TaxID: given.TaxID})
		require.ErrorIs(t, err, storage.ErrExists)
		for name, broken := range map[string]customer.Customer{
			"type": {Type: "vip"}, "gender": {Person: customer.Person{Gender: "m"}}, "birthday": {Person: customer.Person{Birthday: s.Today().AddDays(1)}},
			"preferred_channel": {Preference: customer.Preference{PreferredChannel: "pigeon"}}, "language": {Preference: customer.Preference{Language: "klingon language"}},
			"email": {Email: "no address"}, "contact_from": {Preference: customer.Preference{ContactFrom: new(int64(1441))}}, "contact_until": {Preference: customer.Preference{ContactUntil: new(int64(-1))}},
			"last_contact_on": {LastContactOn: s.Today().AddDays(1)}, "standing": {Standing: customer.Sealed}, "state_reason": {StateReason: "x"},
		} {
			broken.Name = "Broken"
			_, err := s.Customers.Create(ctx, &broken)
			var e *crm.Error
			require.ErrorAs(t, err, &e, name)
			require.Equal(t, storage.Invalid, e.Code, name)
			require.Equal(t, name, e.Fields[0].Name)
		}
		_, err = s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "Child", Person: customer.Person{Birthday: s.Today().AddDays(1)}})
		require.ErrorIs(t, err, storage.ErrInvalid)
	})
}
