package storage

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Options are the sources that a program may replace, for tests above all.
type Options struct {
	// Now is the clock; nil is the system's. A transaction reads it once.
	Now func() time.Time
	// NewID makes ids; nil is schema.NewID. Ids must be new and should ascend.
	NewID func() schema.ID
}

// DB is a store together with the kinds that are kept in it. It is safe for
// concurrent use.
type DB struct {
	store *Store
	conn  driver.Conn // the pool; nil when the backend only joins
	host  *txState    // the host's transaction; nil otherwise
	kinds *Kinds
	now   func() time.Time
	newID func() schema.ID
}

// Bind joins the store with a registry. It does not ask the database; see Status
// for whether the two fit.
func (s *Store) Bind(r *schema.Registry, o Options) *DB {
	db := &DB{store: s, conn: s.backend.Conn(), kinds: NewKinds(r), now: o.Now, newID: o.NewID}
	if db.now == nil {
		db.now = time.Now //nolint:forbidigo // the default clock, which every host may replace
	}
	if db.newID == nil {
		db.newID = schema.NewID
	}
	return db
}

// In returns db bound to a transaction of the host: everything goes through it,
// reads included. It returns Precondition for a transaction that was joined to
// another store.
func (db *DB) In(h *HostTx) (*DB, error) {
	if h == nil || h.store != db.store {
		return nil, fault.New(fault.Precondition, "the transaction was joined to another store")
	}
	bound := *db
	bound.conn = h.tx
	bound.host = &txState{store: db.store, tx: h.tx, host: true, now: db.clock()}
	return &bound, nil
}

// Store returns the store below.
func (db *DB) Store() *Store { return db.store }

// Kinds returns the kinds that are kept, made ready.
func (db *DB) Kinds() *Kinds { return db.kinds }

// Registry returns the kinds that are kept.
func (db *DB) Registry() *schema.Registry { return db.kinds.registry }

// MaxTenant is the greatest length of a tenant's name in bytes.
const MaxTenant = 100

// Tenant returns the handle to one tenant's records. The name is 1 to MaxTenant
// bytes of text; two names are the same tenant only when they are equal byte for
// byte. Anything else is Invalid. A tenant needs no creation.
func (db *DB) Tenant(name string) (*Tenant, error) {
	if name == "" || len(name) > MaxTenant || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return nil, fault.InvalidField("tenant", "tenant", "a tenant has a name of 1 to %d bytes of text", MaxTenant)
	}
	return &Tenant{db: db, name: name, kinds: db.kinds, conn: db.conn, tx: db.host}, nil
}

// clock reads the clock as it is stored: UTC, whole microseconds.
func (db *DB) clock() time.Time { return db.now().UTC().Truncate(time.Microsecond) }

// Plan returns what Migrate would do, in order, without doing it. A store that
// needs no preparation has an empty plan.
func (s *Store) Plan(ctx context.Context, r *schema.Registry, steps []driver.Step) ([]driver.Change, error) {
	m, ok := driver.Find[driver.Migrator](s.backend)
	if !ok {
		return nil, nil
	}
	plan, err := m.Plan(ctx, r, steps)
	return plan, wrap(s.backend, err)
}

// Migrate brings the database to what the registry and the steps ask for; see
// driver.Migrator. It may be called at every start and from several processes.
func (s *Store) Migrate(ctx context.Context, r *schema.Registry, steps []driver.Step) error {
	m, ok := driver.Find[driver.Migrator](s.backend)
	if !ok {
		return nil
	}
	return wrap(s.backend, m.Migrate(ctx, r, steps))
}

// Status compares the database with the registry and the steps. A store that
// needs no preparation always fits.
func (s *Store) Status(ctx context.Context, r *schema.Registry, steps []driver.Step) (driver.Status, error) {
	m, ok := driver.Find[driver.Migrator](s.backend)
	if !ok {
		return driver.Status{}, nil
	}
	status, err := m.Status(ctx, r, steps)
	return status, wrap(s.backend, err)
}
