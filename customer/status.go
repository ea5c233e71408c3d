package customer

import (
	"cmp"
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Status says how far the relation has come.
type Status string

// The states.
const (
	Potential Status = "potential" // has not bought yet (潜在客户)
	Trading   Status = "trading"   // has bought (交易客户)
)

// Standing says how much is going on (客户状态).
type Standing string

// The standings.
const (
	Active Standing = "active" // much (活跃)
	Normal Standing = "normal" // as usual (普通)
	// Sealed is put away (封存): no warning, campaign or pool takes such a customer, and it
	// is not edited until it is unsealed. What happens all the same is noted: who is
	// responsible for it, that we were in contact, that it bought. Its contacts, addresses
	// and consents can still be kept right.
	Sealed Standing = "sealed"
)

// The business names of what the verbs do.
const (
	EventTrading   = "customer.trading"
	EventPotential = "customer.potential"
	EventSealed    = "customer.sealed"
	EventUnsealed  = "customer.unsealed"
	EventContacted = "customer.contacted"
)

// Transition is one way from a state to another.
type Transition struct {
	// Event is the business name of the only verb that goes this way; empty where an
	// edit may.
	Event    string
	From, To string
	// Reason tells that the verb needs one.
	Reason bool
}

// Machine is a field and the ways that lead from each of its values to another. What it
// does not list is refused.
type Machine struct {
	Field       string
	Transitions []Transition
}

// StatusMachine returns the ways between the values of Status.
func StatusMachine() Machine {
	return Machine{"status", []Transition{
		{Event: EventTrading, From: string(Potential), To: string(Trading)},
		{Event: EventPotential, From: string(Trading), To: string(Potential), Reason: true},
	}}
}

// StandingMachine returns the ways between the values of Standing.
func StandingMachine() Machine {
	return Machine{"standing", []Transition{
		{From: string(Normal), To: string(Active)},
		{From: string(Active), To: string(Normal)},
		{Event: EventSealed, From: string(Normal), To: string(Sealed), Reason: true},
		{Event: EventSealed, From: string(Active), To: string(Sealed), Reason: true},
		{Event: EventUnsealed, From: string(Sealed), To: string(Normal), Reason: true},
	}}
}

// DOT returns the machine as a graph for Graphviz: a box for each state, an arrow for
// each transition with the event on it.
func (m Machine) DOT() string {
	var d dot
	for _, t := range m.Transitions {
		how := t.Event
		if how == "" {
			how = "edit"
		}
		d.edge(t.From, t.To, []string{how})
	}
	return d.String(m.Field)
}

// check refuses a change that the machine does not list.
func (m Machine) check(event, from, to, reason string) error {
	if from == to {
		return nil
	}
	for _, t := range m.Transitions {
		if t.From != from || t.To != to || t.Event != "" && t.Event != event {
			continue
		}
		if t.Reason && reason == "" {
			return fault.InvalidField("reason", "required", "this needs a reason")
		}
		return nil
	}
	return &fault.Error{Code: fault.Precondition, Kind: Customers.Name(), Message: m.Field + " does not go from " + from + " to " + to + " this way"}
}

// lives keeps a write to what the machines and the verbs allow, and sealed customers as
// they are.
func lives(s *session.Session, w session.Write[Customer]) error {
	c := w.New
	if c.LastContactOn.After(s.Today()) {
		return fault.InvalidField("last_contact_on", "date", "lies ahead")
	}
	if c.TradingSince.After(s.Today()) {
		return fault.InvalidField("trading_since", "date", "lies ahead")
	}
	switch {
	case w.Old == nil:
		return begins(c)
	case byMerge(s, w.Event, EventAbsorbed, EventMoved, EventUnmerged), erased(s, Customers.Name(), w.Event):
		return nil
	}
	if err := StatusMachine().check(w.Event, string(w.Old.Status), string(c.Status), c.StateReason); err != nil {
		return err
	}
	if err := StandingMachine().check(w.Event, string(cmp.Or(w.Old.Standing, Normal)), string(c.Standing), c.StateReason); err != nil {
		return err
	}
	verbs := []string{EventTrading, EventPotential, EventSealed, EventUnsealed}
	if !slices.Contains(verbs, w.Event) && (c.TradingSince != w.Old.TradingSince || c.StateReason != w.Old.StateReason) {
		return fault.New(fault.Precondition, "trading_since and state_reason change by the verbs of the module only")
	}
	if c.LastContactOn != w.Old.LastContactOn && (w.Event != EventContacted || c.LastContactOn.Before(w.Old.LastContactOn)) {
		return fault.New(fault.Precondition, "last_contact_on changes by Contacted only, and never goes back")
	}
	if w.Old.Standing == Sealed && w.Event != EventUnsealed {
		return untouched(s, w)
	}
	return nil
}

// begins checks the state of a new customer.
func begins(c *Customer) error {
	switch {
	case c.Standing == Sealed:
		return fault.InvalidField("standing", "sealed", "a customer is sealed by Seal, which asks for the reason")
	case c.StateReason != "":
		return fault.InvalidField("state_reason", "verb", "is set by the verbs that ask for a reason")
	case c.Status == Potential && !c.TradingSince.IsZero():
		return fault.InvalidField("trading_since", "status", "is for customers that trade")
	}
	return nil
}

// tellSealed says of a sealed customer that it is not edited; untouched is what keeps it so.
func tellSealed(_ context.Context, _ *session.Session, v org.Verb, c *Customer) error {
	if v == org.Update && c.Standing == Sealed {
		return sealed(c)
	}
	return nil
}

func sealed(c *Customer) error { return state(c, "the customer is sealed: unseal it first") }

// untouched refuses an edit of a sealed customer.
func untouched(s *session.Session, w session.Write[Customer]) error {
	table := storage.Of(s.Tenant(), Customers)
	before, err := table.Encode(w.Old)
	if err != nil {
		return err
	}
	after, err := table.Encode(w.New)
	if err != nil {
		return err
	}
	noted := []string{"owner_id", "department_id", "status", "trading_since", "state_reason", "last_contact_on",
		"quiet_since", "reserved_until", "taken_from_id", "pool_id", "pooled_at", "pool_reason"}
	for _, change := range journal.Diff(table.Kind(), before, after) {
		if !slices.Contains(noted, change.Field) {
			return sealed(w.Old)
		}
	}
	return nil
}

// StartTrading makes a potential customer one that trades (转正式客户), since a business
// date that does not lie ahead; zero is today. It is Precondition for who trades already.
func (m Module) StartTrading(ctx context.Context, id schema.ID, on schema.Date) (*Customer, error) {
	return m.EditAs(ctx, org.Update, EventTrading, id, 0, func(c *Customer) error {
		if c.Status == Trading {
			return state(c, "it trades already")
		}
		trade(m.s, c, on)
		return nil
	})
}

// StartTrading makes those of some customers that are still potential ones that trade,
// as the module's verb does, for the hooks of modules that see a first order confirmed:
// no permission is asked for. Customers that trade are left as they are.
func StartTrading(ctx context.Context, s *session.Session, on schema.Date, ids ...schema.ID) error {
	all := session.Of(s, Customers).Trusted()
	for some := range slices.Chunk(ids, query.MaxLimit) {
		page, err := all.Find(ctx, query.Select{Where: query.All(query.In("id", some...), query.Eq("status", Potential)), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		for _, found := range page.Items {
			_, err := all.EditAs(ctx, org.Update, EventTrading, found.ID, 0, func(c *Customer) error {
				if c.Status == Potential {
					trade(s, c, on)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func trade(s *session.Session, c *Customer, on schema.Date) {
	if on.IsZero() {
		on = s.Today()
	}
	c.Status, c.TradingSince = Trading, on
}

// StopTrading takes back that a customer trades, which was a mistake. Nothing else makes
// a customer potential again. The reason is required.
func (m Module) StopTrading(ctx context.Context, id schema.ID, reason string) (*Customer, error) {
	return m.EditAs(ctx, org.Update, EventPotential, id, 0, func(c *Customer) error {
		if c.Status == Potential {
			return state(c, "it does not trade")
		}
		c.Status, c.TradingSince, c.StateReason = Potential, schema.Date{}, reason
		return nil
	})
}

// Seal puts a customer away (封存); see Sealed. The reason is required. It is Precondition
// for a customer that is sealed.
func (m Module) Seal(ctx context.Context, id schema.ID, reason string) (*Customer, error) {
	return m.EditAs(ctx, org.Update, EventSealed, id, 0, func(c *Customer) error {
		if c.Standing == Sealed {
			return state(c, "it is sealed already")
		}
		c.Standing, c.StateReason = Sealed, reason
		return nil
	})
}

// Unseal takes a sealed customer up again, with the standing Normal. The reason is
// required. It is Precondition for a customer that is not sealed.
func (m Module) Unseal(ctx context.Context, id schema.ID, reason string) (*Customer, error) {
	return m.EditAs(ctx, org.Update, EventUnsealed, id, 0, func(c *Customer) error {
		if c.Standing != Sealed {
			return state(c, "it is not sealed")
		}
		c.Standing, c.StateReason = Normal, reason
		return nil
	})
}

func state(c *Customer, why string) error {
	return &fault.Error{Code: fault.Precondition, Kind: Customers.Name(), ID: c.ID.String(), Message: why}
}
