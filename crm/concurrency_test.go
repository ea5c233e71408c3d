package crm_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

func TestAHundredWritersLoseNoUpdate(t *testing.T) {
	crmtest.Apps(t, countTogether)
	t.Run("postgres, sixteen connections", func(t *testing.T) {
		store, err := postgres.Open(t.Context(), pgtest.DSN(t), postgres.WithMaxConns(16))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		countTogether(t, crmtest.Open(t, store))
	})
}

func countTogether(t *testing.T, app *crm.App) {
	s := newFirm(t, app).as(t)
	zero := int64(0)
	c, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Counter", Employees: &zero})
	require.NoError(t, err)
	count := func(c *customer.Customer) error {
		n := *c.Employees + 1
		c.Employees = &n
		return nil
	}
	actor := s.Actor().Employee
	errs := together(100, func(i int) error {
		s, err := app.As(t.Context(), actor)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			_, err = s.Customers.Edit(t.Context(), c.ID, count)
			return err
		}
		return s.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
			_, err := s.Customers.Edit(ctx, c.ID, count)
			return err
		})
	})
	for _, err := range errs {
		if err != nil {
			requireCode(t, err, storage.Conflict, storage.Retry)
		}
	}
	stored, err := s.Customers.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Positive(t, succeeded(errs))
	require.Equal(t, int64(succeeded(errs)), *stored.Employees, "each success is counted once")
	require.Equal(t, int64(succeeded(errs))+1, stored.Version)
	requireSound(t, app)
}

func TestEditorsOfDifferentFieldsBothStand(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s := newFirm(t, app).as(t)
		read, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Phone: "1", Country: "CN"})
		require.NoError(t, err)
		theirs, mine := *read, *read
		theirs.Phone, mine.Name = "2", "Acme Ltd"
		for _, err := range together(2, func(i int) error {
			s, err := app.As(t.Context(), s.Actor().Employee)
			if err != nil {
				return err
			}
			_, err = s.Customers.Update(t.Context(), []*customer.Customer{&theirs, &mine}[i])
			return err
		}) {
			require.NoError(t, err)
		}
		stored, err := s.Customers.Get(t.Context(), read.ID)
		require.NoError(t, err)
		require.Equal(t, []any{"Acme Ltd", "2", "CN", int64(3)}, []any{stored.Name, stored.Phone, stored.Country, stored.Version})
		found, err := s.Customers.Find(t.Context(), query.Select{Where: query.HasText("name", "acme ltd")})
		require.NoError(t, err)
		require.Len(t, found.Items, 1, "what is searched is merged, too")
	})
}

func TestEditorsOfOneFieldConflict(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s := newFirm(t, app).as(t)
		read, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Phone: "1"})
		require.NoError(t, err)
		theirs, mine := *read, *read
		theirs.Phone, mine.Phone, mine.Name = "2", "3", "Acme Ltd"
		_, err = s.Customers.Update(t.Context(), &theirs)
		require.NoError(t, err)
		before := dump(t, app)
		_, err = s.Customers.Update(t.Context(), &mine)
		e := requireCode(t, err, storage.Conflict)
		require.Len(t, e.Fields, 1, "the name was changed by one only")
		f := e.Fields[0]
		require.Equal(t, []any{"phone", "1", "2", "3"}, []any{f.Name, f.Base, f.Theirs, f.Mine})
		require.Equal(t, before, dump(t, app), "nothing is stored")
	})
}

func TestAUniqueCodeIsTakenOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		errs := together(8, func(int) error {
			s, err := app.As(t.Context(), w.alice)
			if err != nil {
				return err
			}
			_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Code: "A-1"})
			return err
		})
		require.Equal(t, 1, succeeded(errs))
		for _, err := range errs {
			if err != nil {
				e := requireCode(t, err, storage.Exists)
				require.Equal(t, "code", e.Fields[0].Name)
			}
		}
		requireSound(t, app)
	})
}

func TestTwoMovesCloseNoCircleOfCustomers(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		var pair [2]schema.ID
		for i := range pair {
			c, err := w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Acme"})
			require.NoError(t, err)
			pair[i] = c.ID
		}
		errs := together(2, func(i int) error {
			s, err := app.As(t.Context(), w.alice)
			if err != nil {
				return err
			}
			_, err = s.Customers.Edit(t.Context(), pair[i], func(c *customer.Customer) error {
				c.ParentID = pair[1-i]
				return nil
			})
			return err
		})
		requireOneRefused(t, errs, "parent_id")
		requireSound(t, app)
	})
}

func TestTwoMovesCloseNoCircleOfManagers(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		pair := [2]schema.ID{crmtest.Hire(t, app, "A", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "B", schema.ID{}, schema.ID{})}
		errs := together(2, func(i int) error {
			s, err := app.System("test")
			if err != nil {
				return err
			}
			_, err = s.Admin.Employees.Edit(t.Context(), pair[i], func(e *org.Employee) error {
				e.ManagerID = pair[1-i]
				return nil
			})
			return err
		})
		requireOneRefused(t, errs, "manager_id")
		requireSound(t, app)
	})
}

func requireOneRefused(t *testing.T, errs []error, field string) {
	t.Helper()
	require.Equal(t, 1, succeeded(errs), "%v", errs)
	for _, err := range errs {
		if err != nil {
			e := requireCode(t, err, storage.Invalid)
			require.Equal(t, field, e.Fields[0].Name)
		}
	}
}

func TestAnOpportunityIsWonOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		o, err := w.as(t).Opportunities.Create(t.Context(), w.deal())
		require.NoError(t, err)
		errs := together(8, func(int) error {
			s, err := app.As(t.Context(), w.alice)
			if err != nil {
				return err
			}
			_, err = s.Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{})
			return err
		})
		require.Equal(t, 1, succeeded(errs), "%v", errs)
		for _, err := range errs {
			if err != nil {
				requireCode(t, err, storage.Precondition, storage.Conflict, storage.Retry)
			}
		}
		requireSound(t, app)
	})
}

// host is a program with a database and a table of its own.
type host struct {
	db   *sql.DB
	app  *crm.App
	join func(*sql.Tx) (*storage.HostTx, error)
	w    *firm
}

// hosts runs a test in a host's program over SQLite and Postgres.
func hosts(t *testing.T, test func(t *testing.T, h *host)) {
	for name, open := range map[string]func(*testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)){
		"sqlite": func(t *testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)) {
			db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(t.TempDir(), "host.db"))+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
			require.NoError(t, err)
			return db, sqlite.New(db), sqlite.Join
		},
		"postgres": func(t *testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)) {
			db, err := sql.Open("pgx", pgtest.DSN(t))
			require.NoError(t, err)
			store, err := postgres.New(db)
			require.NoError(t, err)
			return db, store, postgres.Join
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, store, join := open(t)
			t.Cleanup(func() {
				require.NoError(t, store.Close())
				require.NoError(t, db.Close())
			})
			_, err := db.ExecContext(t.Context(), "CREATE TABLE orders (id integer PRIMARY KEY)")
			require.NoError(t, err)
			app := crmtest.Open(t, store)
			test(t, &host{db, app, func(tx *sql.Tx) (*storage.HostTx, error) { return join(store, tx) }, newFirm(t, app)})
		})
	}
}

// begin starts a transaction of the host with an order in it, and a session in it.
func (h *host) begin(t *testing.T, order int) (*sql.Tx, *crm.App, *crm.Session) {
	t.Helper()
	tx, err := h.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	h.order(t, tx, order)
	joined, err := h.join(tx)
	require.NoError(t, err)
	app, err := h.app.In(joined)
	require.NoError(t, err)
	return tx, app, crmtest.As(t, app, h.w.alice)
}

func (h *host) order(t *testing.T, tx *sql.Tx, id int) {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), "INSERT INTO orders (id) VALUES ("+string(rune('0'+id))+")")
	require.NoError(t, err)
}

func (h *host) requireRows(t *testing.T, orders, customers int64) {
	t.Helper()
	var n int64
	require.NoError(t, h.db.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&n))
	require.Equal(t, orders, n)
	n, err := crmtest.System(t, h.app).Customers.Count(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, customers, n)
	requireSound(t, h.app)
}

func TestAHostsTransactionHoldsBothOrNone(t *testing.T) {
	hosts(t, func(t *testing.T, h *host) {
		before := dump(t, h.app)
		tx, _, s := h.begin(t, 1)
		_, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme"})
		require.NoError(t, err)
		o, err := s.Opportunities.Create(t.Context(), h.w.deal())
		require.NoError(t, err)
		_, err = s.Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{})
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		require.Equal(t, before, dump(t, h.app))
		h.requireRows(t, 0, 0)

		tx, _, s = h.begin(t, 1)
		_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme"})
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		h.requireRows(t, 1, 1)
		_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Late"})
		requireCode(t, err, storage.Precondition)
	})
}

func TestAFailedWriteLeavesTheHostsTransactionUsable(t *testing.T) {
	hosts(t, func(t *testing.T, h *host) {
		tx, _, s := h.begin(t, 1)
		_, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Code: "A"})
		require.NoError(t, err)
		_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Twin", Code: "A"})
		requireCode(t, err, storage.Exists)
		_, err = s.Customers.Contacts.Create(t.Context(), &customer.Contact{Name: "Nobody's", CustomerID: schema.NewID()})
		requireCode(t, err, storage.Referenced)
		err = s.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
			if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "Undone"}); err != nil {
				return err
			}
			_, err := s.Customers.Create(ctx, &customer.Customer{Name: "Twin", Code: "A"})
			return err
		})
		requireCode(t, err, storage.Exists)
		h.order(t, tx, 2)
		_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "Other", Code: "B"})
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		h.requireRows(t, 2, 2)
	})
}

func TestASessionFromOutsideIsRefusedInATransaction(t *testing.T) {
	refused := func(ctx context.Context, outer *crm.Session) error {
		_, err := outer.Customers.Create(ctx, &customer.Customer{Name: "Outer"})
		return err
	}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		outer := newFirm(t, app).as(t)
		require.NoError(t, outer.Tx(t.Context(), func(ctx context.Context, inner *crm.Session) error {
			requireCode(t, refused(ctx, outer), storage.Precondition)
			_, err := outer.Customers.Find(ctx, query.Select{})
			requireCode(t, err, storage.Precondition)
			_, err = app.As(ctx, inner.Actor().Employee)
			requireCode(t, err, storage.Precondition)
			return inner.Tx(ctx, func(ctx context.Context, _ *crm.Session) error {
				requireCode(t, refused(ctx, inner), storage.Precondition)
				return nil
			})
		}))
		require.NoError(t, refused(t.Context(), outer), "afterwards it is good")
	})
	hosts(t, func(t *testing.T, h *host) {
		outer := h.w.as(t)
		_, _, joined := h.begin(t, 1)
		require.NoError(t, joined.Tx(t.Context(), func(ctx context.Context, _ *crm.Session) error {
			requireCode(t, refused(ctx, outer), storage.Precondition)
			requireCode(t, refused(ctx, joined), storage.Precondition)
			return nil
		}))
	})
}
