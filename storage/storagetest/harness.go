package storagetest

import (
	"flag"
	"slices"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

var (
	seedFlag   = flag.Uint64("storagetest.seed", 0, "seed of the random rows and queries of the storage suite; 0 takes one from the clock")
	roundsFlag = flag.Int("storagetest.rounds", 300, "number of random queries of each sort in the storage suite")
)

// Harness is what the suite needs to know of an adapter. It is a struct so that
// later versions can add to it; what is not given is skipped.
type Harness struct {
	// Open returns an empty backend that is ready for the kinds of r, and
	// closes it with t.Cleanup. An adapter with a schema of its own calls
	// Migrate. Every call must give another database. The backend must own a
	// pool: its Conn is not nil.
	Open func(t testing.TB, r *schema.Registry) driver.Backend
	// Host, optional, begins a transaction as a host program would, with the
	// database's own means, and returns the driver.Tx bound to it and the
	// host's commit and rollback.
	Host func(t testing.TB, b driver.Backend) (tx driver.Tx, commit, rollback func() error)
	// Reopen, optional, opens the database of b a second time, as another
	// process would, without migrating it, and closes it with t.Cleanup. b may
	// be closed already; then only what was committed is there.
	Reopen func(t testing.TB, b driver.Backend, r *schema.Registry) driver.Backend
}

// group is one part of the suite; each stands in a file of its own.
type group struct {
	name string
	run  func(s *suite)
}

var groups = []group{
	{"Values", values},
	{"CRUD", crud},
	{"Versions", versions},
	{"Uniques", uniques},
	{"References", references},
	{"Query", queries},
	{"Paging", paging},
	{"Aggregates", aggregates},
	{"Relations", relations},
	{"Scope", scopes},
	{"Search", searches},
	{"Random", random},
	{"Tenancy", tenancy},
	{"Tx", transactions},
	{"Host", host},
	{"Concurrency", concurrency},
	{"Cancel", cancelled},
	{"Batch", batches},
	{"UpdateWhere", updatesWhere},
	{"Migrations", migrations},
	{"Close", closing},
}

// Run holds an adapter to everything that package driver demands. It is the
// whole of what "this adapter is right" means.
//
// The groups share one database, in which each test has a tenant of its own;
// those that need a database for themselves open one. Run does not use
// t.Parallel, so that the adapter's test may.
func Run(t *testing.T, h Harness) {
	runAll(onTesting{t}, h)
}

// runAll runs the groups of the given names, all when there are none.
func runAll(t runner, h Harness, names ...string) {
	s := &suite{runner: t, h: h, r: Registry()}
	s.b = h.Open(t, s.r)
	if s.b.Conn() == nil {
		t.Fatal("Harness.Open returned a backend without a pool")
	}
	for _, g := range groups {
		if len(names) == 0 || slices.Contains(names, g.name) {
			t.run(g.name, func(t runner) {
				inner := *s
				inner.runner = t
				g.run(&inner)
			})
		}
	}
}

// Migrate prepares the database of b for the kinds of r, when b has a schema of
// its own. Harness.Open calls it.
func Migrate(t testing.TB, b driver.Backend, r *schema.Registry) {
	t.Helper()
	m, ok := driver.Find[driver.Migrator](b)
	if !ok {
		return
	}
	if err := m.Migrate(t.Context(), r, nil); err != nil {
		t.Fatalf("Migrate: %v", err)
	}
}
