package storagetest

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inMemory is the harness of package memory, decorated.
func inMemory(decorate func(driver.Backend) driver.Backend) Harness {
	return Harness{
		Open: func(t testing.TB, r *schema.Registry) driver.Backend {
			b := decorate(memory.New())
			t.Cleanup(func() { _ = b.Close() })
			return b
		},
		Host: func(t testing.TB, b driver.Backend) (driver.Tx, func() error, func() error) {
			tx, err := b.Begin(t.Context(), driver.TxOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return hosted{tx}, func() error { return tx.Commit(t.Context()) }, func() error { return tx.Rollback(t.Context()) }
		},
	}
}

func honest(b driver.Backend) driver.Backend { return b }

func TestMemory(t *testing.T) { Run(t, inMemory(honest)) }

// TestGolden holds package eval, which the random groups trust, to the results
// that were worked out by hand.
func TestGolden(t *testing.T) {
	in := &tenant{runner: onTesting{t}, ctx: t.Context(), r: Registry(), conn: eval.NewConn(eval.NewTables()), classify: eval.Classify, name: "golden"}
	decoys := in.sibling()
	insertDecoys(decoys)
	in.insertGolden()
	in.checkSelects(goldenConditions)
	in.checkSelects(goldenRelations)
	in.checkScopes(goldenScopes)
	in.checkAggregates(goldenAggregates)
	in.checkScopedAggregates()
	in.checkSearches(goldenSearches)
}
