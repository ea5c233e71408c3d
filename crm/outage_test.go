package crm_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// requireUnharmed requires that the tenant is as before, and that the application goes
// on with the same pool.
func requireUnharmed(t *testing.T, w *firm, before map[string][]string) {
	t.Helper()
	require.Equal(t, before, dump(t, w.app))
	for range 20 { // more than there are connections
		require.NoError(t, sell(t.Context(), w.as(t), w.pipeline, func(string, schema.ID, int64) {}))
	}
	requireSound(t, w.app)
}

func TestADatabaseThatWasDownIsUsedAgain(t *testing.T) {
	server := pgtest.Server(t)
	store, err := postgres.Open(t.Context(), server.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := newFirm(t, crmtest.Open(t, store))
	s := w.as(t)
	c := w.customer(t)
	before := dump(t, w.app)
	for _, how := range []pgtest.StopMode{pgtest.Fast, pgtest.Immediate} {
		server.Stop(how)
		_, err = w.app.As(t.Context(), w.alice)
		requireCode(t, err, storage.Internal)
		_, err = s.Customers.Find(t.Context(), query.Select{})
		requireCode(t, err, storage.Internal)
		_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Lost"})
		requireCode(t, err, storage.Internal)
		_, err = s.Opportunities.Create(t.Context(), w.deal())
		requireCode(t, err, storage.Internal)
		_, err = s.Customers.Edit(t.Context(), c.ID, func(c *customer.Customer) error { c.Name = "Lost"; return nil })
		requireCode(t, err, storage.Internal)
		_, err = w.app.Relay(t.Context(), subscribe())
		requireCode(t, err, storage.Internal)
		server.Start()
		requireUnharmed(t, w, before)
		before = dump(t, w.app)
	}
}

func TestAConnectionCutInsideATransactionUndoesIt(t *testing.T) {
	dsn := pgtest.DSN(t)
	store, err := postgres.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := newFirm(t, crmtest.Open(t, store))
	admin, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	cut := func() {
		_, err := admin.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		require.NoError(t, err)
	}
	before := dump(t, w.app)
	for name, after := range map[string]func(context.Context, *crm.Session) error{
		"before a write": func(ctx context.Context, s *crm.Session) error {
			_, err := s.Opportunities.Create(ctx, w.deal())
			return err
		},
		"before a read": func(ctx context.Context, s *crm.Session) error {
			_, err := s.Customers.Find(ctx, query.Select{})
			return err
		},
		"before the commit": func(context.Context, *crm.Session) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			err := w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
				if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "Lost"}); err != nil {
					return err
				}
				cut()
				return after(ctx, s)
			})
			requireCode(t, err, storage.Internal)
			requireUnharmed(t, w, before)
			before = dump(t, w.app)
		})
	}
}

func TestACancelledTransactionLeavesNothing(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		before := dump(t, app)
		for name, after := range map[string]func(context.Context, *crm.Session) error{
			"before a write": func(ctx context.Context, s *crm.Session) error {
				_, err := s.Opportunities.Create(ctx, w.deal())
				return err
			},
			"before a read": func(ctx context.Context, s *crm.Session) error {
				_, err := s.Customers.Find(ctx, query.Select{})
				return err
			},
			"before the commit": func(context.Context, *crm.Session) error { return nil },
			"in a savepoint": func(ctx context.Context, s *crm.Session) error {
				return s.Tx(ctx, func(context.Context, *crm.Session) error { return nil })
			},
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				err := w.as(t).Tx(ctx, func(ctx context.Context, s *crm.Session) error {
					if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "Lost"}); err != nil {
						return err
					}
					cancel()
					return after(ctx, s)
				})
				require.ErrorIs(t, err, context.Canceled)
				requireUnharmed(t, w, before)
				before = dump(t, app)
			})
		}
	})
}

// TestAWaitEndsWithItsContext has every writing verb wait for another's transaction
// until its time is up.
func TestAWaitEndsWithItsContext(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		c := w.customer(t)
		before := dump(t, app)
		rename := func(ctx context.Context, s *crm.Session) error {
			_, err := s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Name += "x"; return nil })
			return err
		}
		outer := w.as(t)
		undone := errors.New("undone")
		err := outer.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
			if err := rename(ctx, s); err != nil {
				return err
			}
			waiting, err := app.As(t.Context(), w.alice)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, rename(ctx, waiting), context.DeadlineExceeded)
			return undone
		})
		require.ErrorIs(t, err, undone)
		requireUnharmed(t, w, before)
	})
}

func TestAnEndedContextDoesNothing(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		s, c := w.as(t), w.customer(t)
		before := dump(t, app)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := app.As(ctx, w.alice)
		require.ErrorIs(t, err, context.Canceled)
		for what, answer := range answers(ctx, s) {
			if dir, ok := answer.Value.([]any); ok && len(dir) == 4 {
				continue // the session has its directory already
			}
			require.ErrorIs(t, answer.Err, context.Canceled, what)
		}
		require.ErrorIs(t, s.Customers.Delete(ctx, c.ID, 0), context.Canceled)
		_, err = s.Opportunities.Create(ctx, w.deal())
		require.ErrorIs(t, err, context.Canceled)
		_, err = app.Relay(ctx, subscribe())
		require.ErrorIs(t, err, context.Canceled)
		requireUnharmed(t, w, before)
	})
}

func TestAFullDiskUndoesTheVerb(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "crm.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := newFirm(t, crmtest.Open(t, store))
	var db *sql.DB
	require.True(t, store.Driver().Conn().(driver.Unwrapper).As(&db))
	pages := func(pragma string) (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&n))
		return n
	}
	limit := pages("max_page_count")
	pages(fmt.Sprintf("max_page_count = %d", pages("page_count")+4))
	before := dump(t, w.app)
	for {
		if err = sell(t.Context(), w.as(t), w.pipeline, func(string, schema.ID, int64) { before = dump(t, w.app) }); err != nil {
			break
		}
	}
	requireCode(t, err, storage.Internal)
	require.Equal(t, before, dump(t, w.app), "the verb that met the full disk")
	err = w.as(t).Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		for range 100 {
			if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "Lost"}); err != nil {
				return err
			}
		}
		return nil
	})
	requireCode(t, err, storage.Internal)
	pages(fmt.Sprintf("max_page_count = %d", limit))
	requireUnharmed(t, w, before)
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (*storage.Store, error){
		"memory": func(*testing.T) (*storage.Store, error) { return memory.Open(), nil },
		"sqlite": func(t *testing.T) (*storage.Store, error) {
			return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "crm.db"))
		},
		"postgres": func(t *testing.T) (*storage.Store, error) { return postgres.Open(t.Context(), pgtest.DSN(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				pgtest.DSN(t) // starts the server
			}
			before := goleak.IgnoreCurrent()
			store, err := open(t)
			require.NoError(t, err)
			w := newFirm(t, crmtest.Open(t, store))
			ctx, cancel := context.WithCancel(t.Context())
			for _, err := range together(8, func(i int) error {
				s, err := w.app.As(ctx, w.alice)
				if err != nil {
					return err
				}
				if i == 7 {
					cancel()
				}
				return sell(ctx, s, w.pipeline, func(string, schema.ID, int64) {})
			}) {
				if err != nil {
					require.True(t, errors.Is(err, context.Canceled) || codeIs(err, storage.Retry) || codeIs(err, storage.Conflict), "%v", err)
				}
			}
			require.NoError(t, store.Close())
			_, err = w.app.As(t.Context(), w.alice)
			requireCode(t, err, storage.Precondition, storage.Internal)
			goleak.VerifyNone(t, before)
		})
	}
}
