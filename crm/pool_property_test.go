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
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestPoolsKeepTheirPromises has random people release, claim, assign, give away, call and
// seal customers while days pass and the job runs, and says of every claim and of every run
// of the job what it must do, by a model in a few lines.
func TestPoolsKeepTheirPromises(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{}
		all := crmtest.Open(t, store, crm.WithClock(clock.Now))
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			rounds++
			if store.Name() != "memory" && rounds > 10 {
				return
			}
			m := newPoolModel(t, r, all.Tenant("t"+strconv.Itoa(rounds)), clock)
			for range rapid.IntRange(20, 80).Draw(r, "steps") {
				clock.At = clock.At.Add(time.Second)
				rapid.SampledFrom([]func(){m.release, m.release, m.claim, m.claim, m.claim, m.claim, m.claim, m.assign, m.give, m.contact, m.seal, m.pass, m.recycle}).Draw(r, "step")()
			}
			m.compare()
			requireSound(t, m.app)
		})
	})
}

// poolModel is what a customer, a pool and a person are in a few words.
type poolModel struct {
	t      *testing.T
	r      *rapid.T
	app    *crm.App
	clock  *crmtest.Clock
	people []schema.ID // the last is inactive
	pools  []*customer.Pool
	list   []*modelled
	// capacity is that of each member of the one rule.
	capacity int64
}

type modelled struct {
	id                 schema.ID
	importance         string
	owner, pool, taken schema.ID
	quiet              schema.Date
	sealed             bool
	lost               map[schema.ID]schema.Date // when it last came into a pool from somebody
	claims             []modelClaim
}

type modelClaim struct {
	by, pool schema.ID
	on       schema.Date
}

func newPoolModel(t *testing.T, r *rapid.T, app *crm.App, clock *crmtest.Clock) *poolModel {
	t.Helper()
	clock.At = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	m := &poolModel{t: t, r: r, app: app, clock: clock, capacity: rapid.Int64Range(1, 3).Draw(r, "capacity")}
	rule := &customer.AssignmentRule{Name: "All", Strategy: rapid.SampledFrom([]customer.Strategy{customer.Fixed, customer.RoundRobin, customer.LeastLoad}).Draw(r, "strategy")}
	for i := range 4 {
		id := crmtest.Hire(t, app, fmt.Sprint("P", i), schema.ID{}, schema.ID{})
		m.people = append(m.people, id)
		rule.Members = append(rule.Members, customer.Member{EmployeeID: id, Capacity: m.capacity})
	}
	sys := crmtest.System(t, app)
	must(sys.Admin.Employees.Edit(t.Context(), m.people[3], func(e *org.Employee) error { e.Inactive = true; return nil }))(t)
	must(crmtest.System(t, app).Customers.AssignmentRules.Create(t.Context(), rule))(t)
	for i := range 2 {
		p := &customer.Pool{Name: strconv.Itoa(i), Position: int64(i), DailyLimit: rapid.Int64Range(0, 2).Draw(r, "daily"), HoldLimit: rapid.Int64Range(0, 2).Draw(r, "hold"),
			CoolDownDays: rapid.Int64Range(0, 4).Draw(r, "cool"), Members: m.people[:3-i]}
		if i == 0 {
			p.Recycle = []customer.RecycleRule{{Importance: "A", Days: rapid.Int64Range(1, 3).Draw(r, "days")}, {Days: rapid.Int64Range(1, 6).Draw(r, "other days")}}
		} else {
			p.Recycle = []customer.RecycleRule{{Importance: "B", Days: rapid.Int64Range(1, 4).Draw(r, "days")}}
		}
		m.pools = append(m.pools, must(sys.Customers.Pools.Create(t.Context(), p))(t))
	}
	for i := range 7 {
		c := &customer.Customer{Name: strconv.Itoa(i), Importance: []string{"A", "B", ""}[i%3]}
		c.OwnerID = rapid.SampledFrom([]schema.ID{{}, m.people[0], m.people[1], m.people[2]}).Draw(r, "owner")
		created := must(sys.Customers.Create(t.Context(), c))(t)
		v := &modelled{id: created.ID, importance: c.Importance, lost: map[schema.ID]schema.Date{}}
		v.get(c.OwnerID, schema.ID{}, m.today())
		m.list = append(m.list, v)
	}
	return m
}

func (m *poolModel) today() schema.Date { return schema.DateOf(m.clock.At) }

func (m *poolModel) some() *modelled { return rapid.SampledFrom(m.list).Draw(m.r, "customer") }

func (m *poolModel) person() schema.ID { return rapid.SampledFrom(m.people[:3]).Draw(m.r, "person") }

func (m *poolModel) byID(pool schema.ID) *customer.Pool {
	return m.pools[slices.IndexFunc(m.pools, func(p *customer.Pool) bool { return p.ID == pool })]
}

// get gives the customer an owner, zero for nobody.
func (c *modelled) get(owner, taken schema.ID, on schema.Date) {
	if c.owner != owner || !c.pool.IsZero() {
		c.quiet = on
	}
	if owner.IsZero() {
		c.quiet = schema.Date{}
	}
	c.owner, c.pool, c.taken = owner, schema.ID{}, taken
}

// enter brings the customer into a pool.
func (c *modelled) enter(pool schema.ID, on schema.Date) {
	if !c.owner.IsZero() {
		c.lost[c.owner] = on
	}
	c.owner, c.pool, c.taken, c.quiet = schema.ID{}, pool, schema.ID{}, schema.Date{}
}

func (m *poolModel) release() {
	c, p := m.some(), rapid.SampledFrom(m.pools).Draw(m.r, "pool")
	err := crmtest.System(m.t, m.app).Customers.Release(m.t.Context(), c.id, p.ID, "released")
	if c.sealed || c.pool == p.ID {
		requireCode(m.t, err, storage.Precondition)
		return
	}
	require.NoError(m.r, err)
	c.enter(p.ID, m.today())
}

func (m *poolModel) claim() {
	c, who := m.some(), m.person()
	for _, waiting := range m.list { // most would be refused
		if !waiting.pool.IsZero() && rapid.Bool().Draw(m.r, "this one") {
			c = waiting
		}
	}
	_, err := crmtest.As(m.t, m.app, who).Customers.Claim(m.t.Context(), c.id)
	if c.pool.IsZero() || c.sealed {
		requireCode(m.t, err, storage.Precondition, storage.NotFound)
		return
	}
	p := m.byID(c.pool)
	if !slices.Contains(p.Members, who) {
		requireCode(m.t, err, storage.NotFound)
		return
	}
	daily, held := int64(0), int64(0)
	for _, other := range m.list {
		for _, claim := range other.claims {
			if claim == (modelClaim{who, p.ID, m.today()}) {
				daily++
			}
		}
		if other.owner == who && other.taken == p.ID {
			held++
		}
	}
	lost, was := c.lost[who]
	cooling := was && p.CoolDownDays > 0 && m.today().Before(lost.AddDays(int(p.CoolDownDays)))
	if cooling || p.DailyLimit > 0 && daily >= p.DailyLimit || p.HoldLimit > 0 && held >= p.HoldLimit {
		requireCode(m.t, err, storage.Precondition)
		return
	}
	require.NoError(m.r, err)
	c.claims = append(c.claims, modelClaim{who, p.ID, m.today()})
	c.get(who, p.ID, m.today())
}

func (m *poolModel) assign() {
	var ids []schema.ID
	for _, c := range m.list {
		if rapid.Bool().Draw(m.r, "assigned") {
			ids = append(ids, c.id)
		}
	}
	load := func(who schema.ID) (n int64) {
		for _, c := range m.list {
			if c.owner == who && !c.sealed {
				n++
			}
		}
		return n
	}
	for _, a := range must(crmtest.System(m.t, m.app).Customers.Assign(m.t.Context(), ids...))(m.t) {
		c := m.list[slices.IndexFunc(m.list, func(c *modelled) bool { return c.id == a.CustomerID })]
		require.Equal(m.r, c.sealed, a.Stays == customer.SealedAway)
		if a.ToID.IsZero() {
			if !c.sealed {
				for _, who := range m.people[:3] {
					require.GreaterOrEqual(m.r, load(who), m.capacity, "there was room left")
				}
			}
			continue
		}
		require.NotEqual(m.r, m.people[3], a.ToID, "an inactive member")
		if a.ToID != c.owner {
			require.Less(m.r, load(a.ToID), m.capacity)
			c.get(a.ToID, schema.ID{}, m.today())
		}
	}
}

func (m *poolModel) give() {
	c, to := m.some(), rapid.SampledFrom([]schema.ID{{}, m.people[0], m.people[1], m.people[2]}).Draw(m.r, "to")
	_, err := crmtest.System(m.t, m.app).Customers.Edit(m.t.Context(), c.id, func(v *customer.Customer) error { v.OwnerID = to; return nil })
	require.NoError(m.r, err)
	if to != c.owner {
		c.get(to, schema.ID{}, m.today())
	}
}

func (m *poolModel) contact() {
	c := m.some()
	must(crmtest.System(m.t, m.app).Customers.Contacted(m.t.Context(), c.id, m.today()))(m.t)
	if !c.owner.IsZero() {
		c.quiet = m.today()
	}
}

func (m *poolModel) seal() {
	c := m.some()
	all := crmtest.System(m.t, m.app).Customers
	if c.sealed {
		must(all.Unseal(m.t.Context(), c.id, "again"))(m.t)
		if !c.owner.IsZero() {
			c.quiet = m.today()
		}
	} else {
		must(all.Seal(m.t.Context(), c.id, "away"))(m.t)
	}
	c.sealed = !c.sealed
}

func (m *poolModel) pass() {
	m.clock.At = m.clock.At.AddDate(0, 0, rapid.IntRange(1, 3).Draw(m.r, "days"))
}

func (m *poolModel) recycle() {
	moved := 0
	for _, p := range m.pools {
		for _, c := range m.list {
			at := slices.IndexFunc(p.Recycle, func(r customer.RecycleRule) bool { return r.Importance == c.importance })
			if at < 0 {
				at = slices.IndexFunc(p.Recycle, func(r customer.RecycleRule) bool { return r.Importance == "" })
			}
			if at >= 0 && !c.owner.IsZero() && !c.sealed && m.today().Sub(c.quiet) > int(p.Recycle[at].Days) {
				moved++
				c.enter(p.ID, m.today())
			}
		}
	}
	require.Equal(m.r, customer.Recycled{Moved: moved}, must(crmtest.System(m.t, m.app).Customers.RecyclePools(m.t.Context()))(m.t))
}

// compare requires that the customers are as the model says, and that what people see adds
// up.
func (m *poolModel) compare() {
	seen := int64(0)
	for _, c := range m.list {
		v := must(crmtest.System(m.t, m.app).Customers.Get(m.t.Context(), c.id))(m.t)
		require.Equal(m.r, []any{c.owner, c.pool, c.taken, c.quiet}, []any{v.OwnerID, v.PoolID, v.TakenFromID, v.QuietSince})
		if c.owner.IsZero() {
			seen++
		}
	}
	for _, who := range m.people[:3] {
		seen += must(crmtest.As(m.t, m.app, who).Customers.Count(m.t.Context(), nil))(m.t)
	}
	require.Equal(m.r, int64(len(m.list)), seen, "each is its owner's, or nobody's")
	for _, p := range m.pools {
		page := must(crmtest.As(m.t, m.app, m.people[0]).Customers.Waiting(m.t.Context(), p.ID, query.Select{}))(m.t)
		waiting := 0
		for _, c := range m.list {
			if c.pool == p.ID && !c.sealed {
				waiting++
			}
		}
		require.Len(m.r, page.Items, waiting)
	}
}
