// Package crmtest opens applications for tests, ours and a host's: the same test on
// every adapter.
package crmtest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// Stores runs a test on a store of each adapter that has the tables of the library and no
// records: memory, SQLite, and Postgres where there is a server (see pgtest). The three run
// at the same time, and after what follows in the test that calls it.
func Stores(t *testing.T, test func(t *testing.T, store *storage.Store)) {
	t.Helper()
	stores(t, true, test)
}

func stores(t *testing.T, parallel bool, test func(t *testing.T, store *storage.Store)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) (*storage.Store, error){
		"memory": func(*testing.T) (*storage.Store, error) { return memory.Open(), nil },
		"sqlite": func(t *testing.T) (*storage.Store, error) {
			return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "crm.db"))
		},
		"postgres": func(t *testing.T) (*storage.Store, error) {
			return postgres.Open(t.Context(), pgtest.Prepared(t, "crm", migrate))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if parallel {
				t.Parallel()
			}
			store, err := open(t)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			require.NoError(t, crm.Migrate(t.Context(), store))
			test(t, store)
		})
	}
}

// migrate makes the tables in a database of Postgres.
func migrate(dsn string) (err error) {
	store, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return crm.Migrate(context.Background(), store)
}

// Apps runs a test on an empty application over each adapter: at the same time, as Stores
// does, unless there are options, which may share something, such as a clock.
func Apps(t *testing.T, test func(t *testing.T, app *crm.App), options ...crm.Option) {
	t.Helper()
	stores(t, len(options) == 0, func(t *testing.T, store *storage.Store) { test(t, Open(t, store, options...)) })
}

// Open migrates a store and opens the application over it.
func Open(t *testing.T, store *storage.Store, options ...crm.Option) *crm.App {
	t.Helper()
	require.NoError(t, crm.Migrate(t.Context(), store, options...))
	app, err := crm.Open(t.Context(), store, options...)
	require.NoError(t, err)
	return app
}

// System returns a system session of the application.
func System(t *testing.T, app *crm.App) *crm.Session {
	t.Helper()
	s, err := app.System("test")
	require.NoError(t, err)
	return s
}

// As returns a session in which an employee acts.
func As(t *testing.T, app *crm.App, employee schema.ID) *crm.Session {
	t.Helper()
	s, err := app.As(t.Context(), employee)
	require.NoError(t, err)
	return s
}

// Hire creates an employee of a name under a manager (zero: none) in a department
// (zero: none).
func Hire(t *testing.T, app *crm.App, name string, manager, department schema.ID) schema.ID {
	t.Helper()
	e, err := System(t, app).Admin.Employees.Create(context.Background(), &org.Employee{Name: name, ManagerID: manager, DepartmentID: department})
	require.NoError(t, err)
	return e.ID
}

// Clock is a clock that a test sets. It is not safe for concurrent use.
type Clock struct{ At time.Time }

// Now returns At; give it to crm.WithClock.
func (c *Clock) Now() time.Time { return c.At }
