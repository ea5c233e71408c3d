package customer

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Pool is a public pool (公海): customers that nobody owns wait in it for somebody to claim
// them, and it takes back customers with which nobody keeps in contact.
type Pool struct {
	record.Meta
	Name string `crm:"name,search" validate:"required"`
	// Members are employees, roles and departments (with those below) who may look into the
	// pool and claim from it; none means everybody.
	Members []schema.ID `crm:"members,json"`
	// HiddenFields are the fields of a customer that those who look into the pool do not
	// see, as queries spell them: "phone", "custom.rank". None at Create is
	// DefaultHiddenFields; a later edit may leave none.
	HiddenFields []string `crm:"hidden_fields,json"`

	// DailyLimit is how many customers a person may claim from the pool on a day, and
	// HoldLimit how many that they have taken from it they may own at a time; 0 is no limit.
	DailyLimit int64 `validate:"min=0"`
	HoldLimit  int64 `validate:"min=0"`
	// CoolDownDays is how many days must pass before somebody may claim a customer that
	// came into a pool from them; 0 is none.
	CoolDownDays int64 `validate:"min=0,max=36500"`

	// Recycle says when the pool takes a customer back from its owner; without rules it
	// takes none.
	Recycle []RecycleRule `crm:"recycle,json"`
	// DepartmentID narrows whose customers it takes back: those of the department and of all
	// below it; zero takes back everybody's.
	DepartmentID schema.ID
	// Exempt names the exemptions of customers that it leaves with their owners; see
	// Exemption.
	Exempt []string `crm:"exempt,json"`
	// Position orders the pools: of several that would take a customer back on the same day,
	// the first does.
	Position int64
	// Inactive pools take no customers. Those that wait in one can still be claimed.
	Inactive bool
}

// Pools is the kind of Pool; names are unique.
var Pools = schema.Define[Pool]("pool", record.Standard(), schema.Unique("name"),
	schema.BelongsTo("department", "department", "department_id"))

// RecycleRule is when customers of a class go back to a pool (回收规则).
type RecycleRule struct {
	// Importance is the class, a code of the dictionary customer.importance. Empty are all
	// for which there is no other rule.
	Importance string `json:"importance"`
	// Days is the number of whole days without contact that the owner has: on the day after
	// them the customer is overdue. They count from the later of the last contact and the
	// day on which the owner got the customer.
	Days int64 `json:"days"`
}

// Exemption is a condition under which a pool that names it leaves a customer with its
// owner (不回收). Other modules have more of them; see crm.WithExemptions.
type Exemption struct {
	Name string
	// Where is on customers. It may go along relations.
	Where query.Expr
}

// Trades exempts customers that trade.
func Trades() Exemption { return Exemption{"trading", query.Eq("status", Trading)} }

// DefaultHiddenFields are the fields that a new pool hides: how to reach the customer, and an
// individual's gender, birthday, hobbies and interests.
func DefaultHiddenFields() []string {
	return []string{"phone", "email", "website", "tax_id", "gender", "birthday", "hobbies", "interests"}
}

// Pooling is what pools know of a customer. Verbs and hooks write it and nothing else does.
type Pooling struct {
	// PoolID is the pool in which the customer waits; zero where it does not. A customer in a
	// pool has neither owner nor department, and one that is given an owner, by whatever
	// way, leaves its pool.
	PoolID schema.ID
	// PooledAt is when it came into the pool, and PoolReason why.
	PooledAt   time.Time
	PoolReason string
	// QuietSince is the later of the last contact and the day on which the owner got the
	// customer, or unsealed it: from then on it counts how long nobody has been in contact.
	// Zero for a customer that nobody owns.
	QuietSince schema.Date
	// ReservedUntil is the last day on which no pool takes the customer from its owner; zero
	// is none. It ends when the owner changes.
	ReservedUntil schema.Date
	// TakenFromID is the pool from which the owner has claimed the customer; zero where they
	// have got it otherwise.
	TakenFromID schema.ID
}

func (p Pooling) equal(o Pooling) bool {
	at := p.PooledAt.Equal(o.PooledAt)
	p.PooledAt, o.PooledAt = time.Time{}, time.Time{}
	return at && p == o
}

// keepPooling keeps what pools know of customers true for every way of writing.
func keepPooling(_ context.Context, s *session.Session, writes []session.Write[Customer]) error {
	for _, w := range writes {
		if w.New == nil || byMerge(s, w.Event, EventUnmerged) { // which makes it what it was
			continue
		}
		old := &Customer{}
		if w.Old != nil {
			old = w.Old
		}
		event := w.Event
		if !s.Unbound() && slices.Contains([]string{EventReleased, EventRecycled, EventClaimed}, event) {
			event = "" // only the verbs may, which ask for the rights themselves
		}
		if err := w.New.settle(s.Today(), event, old); err != nil {
			return err
		}
	}
	return nil
}

// settle completes the Pooling of a customer that is about to be stored. It may find it as
// an earlier run has left it.
func (c *Customer) settle(today schema.Date, event string, old *Customer) error {
	entered := event == EventReleased || event == EventRecycled
	if old.ID.IsZero() && !c.Pooling.equal(Pooling{QuietSince: c.QuietSince}) {
		return fault.InvalidField("pool_id", "verb", "what pools know of a customer is set by the verbs of the module")
	}
	if !entered && !c.PoolID.IsZero() && c.PoolID != old.PoolID {
		return fault.New(fault.Precondition, "customers come into pools by Release and RecyclePools only")
	}
	switch {
	case entered:
		c.Owned = record.Owned{}
		c.Pooling = Pooling{PoolID: c.PoolID, PooledAt: c.PooledAt, PoolReason: c.PoolReason}
	case c.OwnerID.IsZero():
		kept := old.Pooling
		kept.QuietSince, kept.ReservedUntil, kept.TakenFromID = schema.Date{}, schema.Date{}, schema.ID{}
		if !old.PoolID.IsZero() && (c.PoolID != old.PoolID || !c.DepartmentID.IsZero()) {
			return state(old, "it waits in a pool: it leaves it for an owner only")
		}
		c.Pooling = kept
	case c.OwnerID != old.OwnerID:
		taken := c.TakenFromID
		if event != EventClaimed {
			taken = schema.ID{}
		}
		c.Pooling = Pooling{QuietSince: today, TakenFromID: taken}
	default:
		kept := old.Pooling
		switch {
		case event == EventReserved:
			kept.ReservedUntil = c.ReservedUntil
		case event == EventUnsealed:
			kept.QuietSince = today
		case c.LastContactOn != old.LastContactOn && c.LastContactOn.After(kept.QuietSince):
			kept.QuietSince = c.LastContactOn
		}
		c.QuietSince = kept.QuietSince
		if !c.Pooling.equal(kept) {
			return fault.New(fault.Precondition, "what pools know of a customer changes by the verbs of the module only")
		}
	}
	return nil
}

// keepPools refuses pools that nobody could follow.
func keepPools(exempt []Exemption) func(context.Context, *session.Session, []session.Write[Pool]) error {
	return func(ctx context.Context, s *session.Session, writes []session.Write[Pool]) error {
		dir, err := s.Directory(ctx)
		if err != nil {
			return err
		}
		for _, w := range writes {
			p := w.New
			if p == nil {
				continue
			}
			var before []schema.ID
			if w.Old == nil && len(p.HiddenFields) == 0 {
				p.HiddenFields = DefaultHiddenFields()
			}
			if w.Old != nil {
				before = w.Old.Members
			}
			for _, id := range p.Members { // whom it named before, it may go on naming
				if dir.Employee(id) == nil && dir.Department(id) == nil && dir.Role(id) == nil && !slices.Contains(before, id) {
					return fault.InvalidField("members", "reference", "names what is no employee, department or role")
				}
			}
			if err := p.check(s, exempt); err != nil {
				return err
			}
		}
		return nil
	}
}

// needed are the fields by which a customer in a pool is found and claimed.
func needed() []string {
	return []string{"id", "version", "created_at", "owner_id", "department_id", "standing", "pool_id", "pooled_at", "custom"}
}

func (p *Pool) check(s *session.Session, exempt []Exemption) error {
	k := s.Registry().Kind(Customers.Name())
	for _, name := range p.HiddenFields {
		path, err := query.ResolvePath(k, name)
		if err != nil || len(path.Hops) > 0 || path.Field.Derived() || slices.Contains(needed(), name) {
			return fault.InvalidField("hidden_fields", "field", "%.40q is no field of customers that a pool could hide", name)
		}
	}
	var classes []string
	for _, r := range p.Recycle {
		switch {
		case r.Days < 1 || r.Days > 36500:
			return fault.InvalidField("recycle", "days", "days without contact are a number from 1 to 36500")
		case slices.Contains(classes, r.Importance):
			return fault.InvalidField("recycle", "unique", "there are two rules for one class")
		}
		classes = append(classes, r.Importance)
	}
	for _, name := range p.Exempt {
		if !slices.ContainsFunc(exempt, func(e Exemption) bool { return e.Name == name }) {
			return fault.InvalidField("exempt", "name", "%.40q is none of %s", name, namesOf(exempt))
		}
	}
	return nil
}

func namesOf(exempt []Exemption) string {
	names := make([]string, len(exempt))
	for i, e := range exempt {
		names[i] = e.Name
	}
	return strings.Join(names, ", ")
}

// openTo returns a pool that the actor may look into. To others it is NotFound.
func openTo(ctx context.Context, s *session.Session, id schema.ID) (*Pool, error) {
	p, err := session.Of(s, Pools).Trusted().Get(ctx, id)
	if err != nil || s.Unbound() || len(p.Members) == 0 {
		return p, err
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	for _, person := range dir.Acting(s.Actor().Employee, s.Today()) {
		for _, principal := range dir.Principals(person) {
			if slices.Contains(p.Members, principal) {
				return p, nil
			}
		}
	}
	return nil, &fault.Error{Code: fault.NotFound, Kind: Pools.Name(), ID: id.String(), Message: "there is no such record"}
}

// receiving returns a pool that takes customers.
func receiving(ctx context.Context, s *session.Session, id schema.ID) (*Pool, error) {
	p, err := storage.Of(s.Tenant(), Pools).Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case p.Inactive:
		return nil, &fault.Error{Code: fault.Precondition, Kind: Pools.Name(), ID: id.String(), Message: "the pool takes no customers any more"}
	}
	return &p, nil
}

// waits returns the condition of the customers that can be claimed from a pool.
func waits(pool schema.ID) query.Expr {
	return query.All(query.Eq("pool_id", pool), query.Ne("standing", Sealed))
}

// The business names of what pools and assignment do.
const (
	EventReleased = "customer.released" // given into a pool
	EventRecycled = "customer.recycled" // taken back into a pool
	EventClaimed  = "customer.claimed"
	EventAssigned = "customer.assigned"
	EventReserved = "customer.reserved"
)

// ReserveUntil keeps the pools from taking a customer from its owner up to a day,
// inclusive (保留天数); zero ends it. Who may assign the customer may do it, but not its owner:
// it is their manager's decision. It is Precondition for a customer that nobody owns.
func (m Module) ReserveUntil(ctx context.Context, id schema.ID, until schema.Date) (*Customer, error) {
	if !until.IsZero() && until.Before(m.s.Today()) {
		return nil, fault.InvalidField("until", "date", "lies in the past")
	}
	return m.EditAs(ctx, org.Assign, EventReserved, id, 0, func(c *Customer) error {
		if c.OwnerID.IsZero() {
			return state(c, "nobody owns it")
		}
		if !m.s.Unbound() && c.OwnerID == m.s.Actor().Employee {
			return &fault.Error{Code: fault.Forbidden, Kind: Customers.Name(), ID: c.ID.String(), Message: "it is not for the owner to reserve it"}
		}
		c.ReservedUntil = until
		return nil
	})
}
