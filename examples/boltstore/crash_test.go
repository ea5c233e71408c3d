package boltstore_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// together is the number of records that one transaction writes.
const together = 20

type entry struct {
	ID    schema.ID
	Round int64
}

var entries = schema.Define[entry]("entry")

// TestKill kills a process while it writes. What it was told is committed is there;
// of what it was not told, all of a transaction or nothing.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.bolt")
	told := 0
	for run := range 3 {
		told = killAfter(t, path, told+10+run)
		store := open(t, path)
		groups, err := storage.Of(tenant(t, store, entries.Kind), entries).Aggregate(t.Context(), query.Aggregate{
			Keys:     []query.Key{{Path: query.Path{Name: "round"}}},
			Measures: []query.Measure{{Fn: query.Count}},
		})
		require.NoError(t, err)
		require.NoError(t, store.Close())
		require.GreaterOrEqual(t, len(groups.Rows), told, "committed transactions")
		for i, row := range groups.Rows {
			require.Equal(t, []any{int64(i), int64(together)}, row)
		}
		told = len(groups.Rows)
	}
}

// killAfter starts this test again as a writer, kills it when it has committed some
// more, and returns what it said last.
func killAfter(t *testing.T, path string, rounds int) (told int) {
	t.Helper()
	writer := exec.Command(os.Args[0], "-test.run=^TestWriter$")
	writer.Env = append(os.Environ(), "BOLTSTORE_WRITER="+path)
	out, err := writer.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, writer.Start())
	lines := bufio.NewScanner(out)
	for told < rounds && lines.Scan() {
		told, err = strconv.Atoi(lines.Text())
		require.NoError(t, err)
	}
	require.NoError(t, writer.Process.Kill())
	for lines.Scan() { // said before it died
		told, err = strconv.Atoi(lines.Text())
		require.NoError(t, err)
	}
	require.ErrorContains(t, writer.Wait(), "killed")
	return told
}

// TestWriter is the process that is killed. Each round writes in a transaction and in
// a savepoint within it, and says how many rounds are committed.
func TestWriter(t *testing.T) {
	path := os.Getenv("BOLTSTORE_WRITER")
	if path == "" {
		t.Skip("runs only within TestKill")
	}
	acme := tenant(t, open(t, path), entries.Kind)
	all, err := storage.Of(acme, entries).Aggregate(t.Context(), query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})
	require.NoError(t, err)
	for round := all.Rows[0][0].(int64) / together; ; round++ {
		write := func(ctx context.Context, tx *storage.Tenant) error {
			for range together / 2 {
				if err := storage.Of(tx, entries).Insert(ctx, &entry{ID: tx.NewID(), Round: round}); err != nil {
					return err
				}
			}
			return nil
		}
		require.NoError(t, acme.Tx(t.Context(), func(ctx context.Context, tx *storage.Tenant) error {
			if err := write(ctx, tx); err != nil {
				return err
			}
			return tx.Tx(ctx, write)
		}))
		fmt.Println(round + 1)
	}
}
