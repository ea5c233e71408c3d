package postgres

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestPlan shows a change of the tables to whoever reviews it.
func TestPlan(t *testing.T) {
	plan, err := openDSN(t, pgtest.DSN(t)).Plan(t.Context(), storagetest.Registry(), nil)
	require.NoError(t, err)
	var out strings.Builder
	for _, change := range plan {
		out.WriteString(change.SQL + ";\n")
	}
	path := filepath.Join("testdata", "ddl.sql")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String(), "run with -update to take the new DDL")
}

// TestMigrateAtOnce lets several processes, which are pools here, migrate one
// database, and count how often a step runs.
func TestMigrateAtOnce(t *testing.T) {
	dsn := pgtest.DSN(t)
	first := openDSN(t, dsn)
	r := storagetest.Registry()
	require.NoError(t, first.Migrate(t.Context(), r, nil))
	reach := driver.Row{schema.NewID(), schema.NewID(), schema.NewID(), int64(0)}
	require.NoError(t, first.Conn().Insert(t.Context(), r.Kind("reach"), &driver.Insert{Tenant: "acme", Rows: []driver.Row{reach}}))

	var mu sync.Mutex
	ran := 0
	steps := []driver.Step{{Number: 1, Name: "once", Run: func(context.Context, driver.Tx) error {
		mu.Lock()
		defer mu.Unlock()
		ran++
		return nil
	}}}
	var wg sync.WaitGroup
	for range 4 {
		b := openDSN(t, dsn)
		wg.Go(func() {
			if err := b.Migrate(context.Background(), r, steps); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, ran)
	status, err := first.Status(t.Context(), r, steps)
	require.NoError(t, err)
	require.True(t, status.Fits(), "%+v", status)
}

// TestCreateAtOnce lets several processes create the tables of one new database.
func TestCreateAtOnce(t *testing.T) {
	dsn := pgtest.DSN(t)
	r := storagetest.Registry()
	var wg sync.WaitGroup
	for range 4 {
		b := openDSN(t, dsn)
		wg.Go(func() {
			if err := b.Migrate(context.Background(), r, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
