package postgres

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// Open connects to the database of a DSN, in either form that pgx reads: a
// postgres:// URL or key=value pairs.
func Open(ctx context.Context, dsn string, options ...Option) (*storage.Store, error) {
	b, err := open(ctx, dsn, options...)
	if err != nil {
		return nil, err
	}
	return storage.New(b), nil
}

func open(ctx context.Context, dsn string, options ...Option) (*backend, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// pgx's own text leaves the password out, ours leaves out all of it.
		return nil, &fault.Error{Code: fault.Invalid, Message: "the DSN can't be read", Err: err}
	}
	s.apply(config)
	db := stdlib.OpenDB(*config, stdlib.OptionShouldPing(shouldPing))
	db.SetMaxOpenConns(s.maxConns)
	db.SetMaxIdleConns(s.maxConns)
	if err := db.PingContext(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, errors.Join(ctx.Err(), db.Close())
		}
		return nil, errors.Join(&fault.Error{Code: fault.Internal, Message: "the database can't be reached", Err: err}, db.Close())
	}
	return newBackend(bunsql.NewDB(newDialect(s), db, db), s, db), nil
}

// apply sets what the DSN does not.
func (s settings) apply(config *pgx.ConnConfig) {
	if s.simple {
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		return
	}
	for name, value := range map[string]string{"plan_cache_mode": "force_custom_plan", "random_page_cost": "1.1"} {
		if _, ok := config.RuntimeParams[name]; !ok {
			config.RuntimeParams[name] = value
		}
	}
}

// New returns a store over the host's pool, which must be one of the driver pgx
// and stays the host's to close. A nil handle makes a store that can only Join
// transactions. Of the options WithSchema alone has a meaning here.
func New[H *sql.DB | *bun.DB](handle H, options ...Option) (*storage.Store, error) {
	s, err := newSettings(options)
	if err != nil {
		return nil, err
	}
	db := bunsql.Handle(handle)
	return storage.New(newBackend(bunsql.NewDB(newDialect(s), db, db), s, nil)), nil
}

// Join binds a store of this package to a transaction that the host began on the
// same database, and will commit or roll back itself. It fails with Precondition
// for a store of another adapter and without a transaction. A transaction that
// has ended is found out by its first statement, which fails with Precondition.
func Join(s *storage.Store, tx *sql.Tx) (*storage.HostTx, error) {
	b, ok := driver.Find[*backend](s.Driver())
	if !ok {
		return nil, fault.New(fault.Precondition, "a %s store can't join a transaction of postgres", s.Name())
	}
	return b.Join(s, tx)
}

// backend implements driver.Backend.
type backend struct {
	bunsql.Backend
	own *sql.DB // what Open opened
}

var (
	_ driver.Backend  = (*backend)(nil)
	_ driver.Migrator = (*backend)(nil)
)

func newBackend(db *bunsql.DB, s settings, own *sql.DB) *backend {
	return &backend{bunsql.Backend{DB: db, DDL: newDDL(s)}, own}
}

// Info implements driver.Backend.
func (b *backend) Info() driver.Info { return driver.Info{Name: "postgres"} }

// Close implements driver.Backend.
func (b *backend) Close() error {
	b.DB.Close()
	if b.own == nil {
		return nil
	}
	return b.own.Close()
}
