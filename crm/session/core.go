package session

import (
	"context"
	"sync"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Core is what all sessions of a program share. It is safe for concurrent use.
type Core struct {
	db         *storage.DB
	hooks      hooks
	validation *validation
	location   *time.Location
	// directories holds the latest committed directory of each tenant.
	directories *sync.Map
}

// Options configure a Core.
type Options struct {
	// Language is that of messages to people; empty is English.
	Language Language
	// Location is where the company's days begin and end; nil is UTC.
	Location *time.Location
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
	return &Core{db: db, hooks: h, validation: v, location: o.Location, directories: &sync.Map{}}, nil
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
	dir, err := c.directory(ctx, t)
	if err != nil {
		return nil, err
	}
	e := find(dir)
	if e == nil || e.Inactive {
		return nil, fault.New(fault.Forbidden, "there is no active employee of that id")
	}
	return &Session{core: c, t: t, actor: Actor{Employee: e.ID}, state: &state{dir: dir}}, nil
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

// directory returns the tenant's directory as it is stored now. It reads one row to
// know whether the one at hand is current.
func (c *Core) directory(ctx context.Context, t *storage.Tenant) (*org.Directory, error) {
	if cached, ok := c.directories.Load(t.Name()); ok {
		version, err := org.LoadVersion(ctx, t)
		if err != nil {
			return nil, err
		}
		if d := cached.(*org.Directory); d.Version() == version {
			return d, nil
		}
	}
	d, err := org.Load(ctx, t)
	if err == nil && !t.InTx() { // what a transaction sees may never be committed
		c.directories.Store(t.Name(), d)
	}
	return d, err
}
