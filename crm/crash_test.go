package crm_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
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
)

var (
	crashRounds = flag.Int("crash.rounds", map[bool]int{true: 20, false: 5}[os.Getenv("CI") == "true"], "how often a process is killed")
	crashSeed   = flag.Uint64("crash.seed", rand.Uint64(), "decides when")
)

// writers is the number of goroutines that write at once.
const writers = 3

// TestAKilledProcessLeavesNoHalfVerb kills a program that writes, again and again on
// the same database: what it had reported as done is there, and all of it is whole.
func TestAKilledProcessLeavesNoHalfVerb(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			where := where(t)
			setUp(t, where)
			t.Logf("-crash.seed=%d", *crashSeed)
			random := rand.New(rand.NewPCG(*crashSeed, 0)) //nolint:gosec // no secret
			for range *crashRounds {
				p := spawn(t, "write", where, "")
				var done []string
				for range 1 + random.IntN(60) {
					line, ok := p.line()
					require.True(t, ok, "the child ended: %s", &p.err)
					done = append(done, line)
				}
				done = append(done, p.kill(t)...)
				store, err := openAt(t.Context(), where)
				require.NoError(t, err)
				requireDone(t, crmtest.Open(t, store), done)
				require.NoError(t, store.Close())
			}
		})
	}
}

// TestAKilledServerLeavesNoHalfVerb kills the database under programs that write. They
// are told, and go on with the same pool when it is back.
func TestAKilledServerLeavesNoHalfVerb(t *testing.T) {
	server := pgtest.Server(t)
	store, err := postgres.Open(t.Context(), server.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	app := crmtest.Open(t, store)
	newFirm(t, app)
	t.Logf("-crash.seed=%d", *crashSeed)
	random := rand.New(rand.NewPCG(*crashSeed, 0)) //nolint:gosec // no secret
	for range min(*crashRounds, 5) {
		var mu sync.Mutex
		var done []string
		left, enough := 1+random.IntN(100), make(chan struct{})
		var wg sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			wg.Go(func() {
				errs[i] = write(t.Context(), app, func(kind string, id schema.ID, version int64) {
					mu.Lock()
					defer mu.Unlock()
					done = append(done, fmt.Sprintln(kind, id, version))
					if left--; left == 0 {
						close(enough)
					}
				})
			})
		}
		<-enough
		server.Kill()
		wg.Wait()
		for _, err := range errs {
			requireCode(t, err, storage.Internal)
		}
		server.Start()
		requireDone(t, app, done)
	}
}

// addresses make an empty database that several processes can open.
func addresses(t *testing.T) map[string]func(*testing.T) string {
	t.Helper()
	return map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "crm.db") },
		"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
	}
}

// setUp makes a firm in a new database.
func setUp(t *testing.T, where string) *firm {
	t.Helper()
	store, err := openAt(t.Context(), where)
	require.NoError(t, err)
	w := newFirm(t, crmtest.Open(t, store))
	require.NoError(t, store.Close())
	return w
}

// writeUntilKilled is a child's job: it writes and prints each record and its version
// after the verb has returned.
func writeUntilKilled(ctx context.Context, app *crm.App) error {
	var mu sync.Mutex
	errs := make(chan error)
	for range writers {
		go func() {
			errs <- write(ctx, app, func(kind string, id schema.ID, version int64) {
				mu.Lock()
				defer mu.Unlock()
				fmt.Println(kind, id, version) //nolint:forbidigo // the parent reads it
			})
		}()
	}
	return <-errs
}

// write does verbs until one fails and reports what each has done.
func write(ctx context.Context, app *crm.App, report func(kind string, id schema.ID, version int64)) error {
	for {
		s, err := app.System("crash")
		if err != nil {
			return err
		}
		page, err := s.Opportunities.Pipelines.Find(ctx, query.Select{Limit: 1})
		if err != nil {
			return err
		}
		for _, verb := range []func(context.Context, *crm.Session, schema.ID, func(string, schema.ID, int64)) error{sell, batch, reorganise} {
			if err := verb(ctx, s, page.Items[0].ID, report); err != nil {
				return err
			}
		}
	}
}

func sell(ctx context.Context, s *crm.Session, pipeline schema.ID, report func(string, schema.ID, int64)) error {
	o, err := s.Opportunities.Create(ctx, (&firm{pipeline: pipeline}).deal())
	if err != nil {
		return err
	}
	report("opportunity", o.ID, 1)
	if _, err = s.Opportunities.Advance(ctx, o.ID, opportunity.Move{}); err != nil {
		return err
	}
	report("opportunity", o.ID, 2)
	if _, err = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{}); err != nil {
		return err
	}
	report("opportunity", o.ID, 3)
	return nil
}

// batch makes a customer with one contact and one opportunity, all or none.
func batch(ctx context.Context, s *crm.Session, pipeline schema.ID, report func(string, schema.ID, int64)) error {
	var c *customer.Customer
	err := s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		var err error
		if c, err = s.Customers.Create(ctx, &customer.Customer{Name: "Whole"}); err != nil {
			return err
		}
		if _, err = s.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Part", CustomerID: c.ID}); err != nil {
			return err
		}
		o := (&firm{pipeline: pipeline}).deal()
		o.CustomerID = c.ID
		_, err = s.Opportunities.Create(ctx, o)
		return err
	})
	if err == nil {
		report("customer", c.ID, 1)
	}
	return err
}

// reorganise hires two people and moves one under the other.
func reorganise(ctx context.Context, s *crm.Session, _ schema.ID, report func(string, schema.ID, int64)) error {
	var pair [2]schema.ID
	for i := range pair {
		e, err := s.Admin.Employees.Create(ctx, &org.Employee{Name: "Pair"})
		if err != nil {
			return err
		}
		pair[i] = e.ID
		report("employee", e.ID, 1)
	}
	_, err := s.Admin.Employees.Edit(ctx, pair[1], func(e *org.Employee) error { e.ManagerID = pair[0]; return nil })
	if err == nil {
		report("employee", pair[1], 2)
	}
	return err
}

// requireDone requires that the database is sound and holds what was reported as
// done, and that it takes another verb.
func requireDone(t *testing.T, app *crm.App, done []string) {
	t.Helper()
	s := crmtest.System(t, app)
	page, err := s.Opportunities.Pipelines.Find(t.Context(), query.Select{Limit: 1})
	require.NoError(t, err, "the first call afterwards")
	require.NoError(t, sell(t.Context(), s, page.Items[0].ID, func(string, schema.ID, int64) {}))
	requireSound(t, app)
	for _, line := range done {
		var kind, id string
		var version int64
		_, err := fmt.Sscan(line, &kind, &id, &version)
		require.NoError(t, err)
		key, err := schema.ParseID(id)
		require.NoError(t, err)
		k := s.Registry().Kind(kind)
		row, err := s.Tenant().Get(t.Context(), k, key, nil)
		require.NoError(t, err, "%s was reported as done", line)
		require.GreaterOrEqual(t, row[k.Version().Position], version, "%s was reported as done", line)
	}
	n := sizes(t, app)
	attached, err := s.Opportunities.Count(t.Context(), query.Has("customer", nil))
	require.NoError(t, err)
	require.Equal(t, []int64{n["customer"], n["customer"]}, []int64{n["contact"], attached}, "batches are whole")
}
