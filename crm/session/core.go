package session

import (
	"context"
	"sync"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Core is what all sessions of a program share. It is safe for concurrent use.
type Core struct {
	db         *storage.DB
	hooks      hooks
	validation *validation
	language   Language
	location   *time.Location
	weekStart  int
	// tenants holds what is known of each tenant, as it was committed last.
	tenants *sync.Map
	blocks  *blocks
}

// known is what sessions of a tenant go by; nil where it has not been asked for yet.
type known struct {
	dir *org.Directory
	set *settings.Snapshot
}

// Options configure a Core.
type Options struct {
	// Language is that in which the library speaks to people; empty is English.
	Language Language
	// Location is where the company's days begin and end; nil is UTC.
	Location *time.Location
	// WeekStart is the number of days after Monday on which weeks begin.
	WeekStart int
	// Hooks run around writes, in this order.
	Hooks []Hook
}

// NewCore returns the core over a database. It returns Invalid for a hook on a
// kind that the database does not keep, and for an unknown language.
func NewCore(db *storage.DB, o Options) (*Core, error) {
	if o.Language == "" {
		o.Language = English
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	v, err := newValidation(o.Language)
	if err != nil {
		return nil, err
	}
	h, err := newHooks(db.Registry(), o.Hooks)
	if err != nil {
		return nil, err
	}
	return &Core{db: db, hooks: h, validation: v, language: o.Language, location: o.Location, weekStart: o.WeekStart, tenants: &sync.Map{}, blocks: &blocks{free: map[tenantCounter][]int64{}}}, nil
}

// DB returns the database below.
func (c *Core) DB() *storage.DB { return c.db }

// In returns a core whose sessions read and write in a transaction of the host.
func (c *Core) In(h *storage.HostTx) (*Core, error) {
	db, err := c.db.In(h)
	if err != nil {
		return nil, err
	}
	bound := *c
	bound.db = db
	return &bound, nil
}

// As returns a session in which an employee acts. Forbidden when there is no such
// employee, or they are inactive: as of now, in whatever process that was changed.
func (c *Core) As(ctx context.Context, tenant string, employee schema.ID) (*Session, error) {
	return c.person(ctx, tenant, func(d *org.Directory) *org.Employee { return d.Employee(employee) })
}

// AsHostUser is As for the employee who has a host's user id.
func (c *Core) AsHostUser(ctx context.Context, tenant, user string) (*Session, error) {
	return c.person(ctx, tenant, func(d *org.Directory) *org.Employee { return d.ByHostUser(user) })
}

func (c *Core) person(ctx context.Context, tenant string, find func(*org.Directory) *org.Employee) (*Session, error) {
	t, err := c.db.Tenant(tenant)
	if err != nil {
		return nil, err
	}
	now, err := c.known(ctx, t, true, true)
	if err != nil {
		return nil, err
	}
	e := find(now.dir)
	if e == nil || e.Inactive {
		return nil, fault.New(fault.Forbidden, "there is no active employee of that id")
	}
	return &Session{core: c, t: t.With(now.set.Kinds()), actor: Actor{Employee: e.ID}, state: &state{known: now}}, nil
}

// System returns a session in which the program itself acts, for first set-up,
// imports and jobs. It may do everything; the journal names the job. A job without
// a name is Invalid.
func (c *Core) System(tenant, job string) (*Session, error) {
	t, err := c.db.Tenant(tenant)
	if err != nil {
		return nil, err
	}
	if job == "" || len(job) > 200 {
		return nil, fault.InvalidField("job", "required", "a system session says what it is for, in at most 200 bytes")
	}
	return &Session{core: c, t: t, actor: Actor{Job: job}, state: &state{}}, nil
}

// known returns what is known of the tenant as it is stored now: the organisation, the
// settings, or both. It reads one row to know whether what is at hand is current.
func (c *Core) known(ctx context.Context, t *storage.Tenant, organisation, set bool) (known, error) {
	cached, _ := c.tenants.Load(t.Name())
	now, _ := cached.(known)
	state, err := settings.LoadState(ctx, t)
	if err != nil {
		return now, err
	}
	before := now
	if organisation && (now.dir == nil || now.dir.Version() != state.Organisation) {
		if now.dir, err = org.Load(ctx, t); err != nil {
			return now, err
		}
	}
	if set && (now.set == nil || now.set.Version() != state.Settings) {
		if now.set, err = settings.Load(ctx, t, c.db.Kinds()); err != nil {
			return now, err
		}
	}
	if now != before && !t.InTx() { // what a transaction sees may never be committed
		c.tenants.Store(t.Name(), now)
	}
	return now, nil
}
