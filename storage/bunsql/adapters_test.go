package bunsql_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/sqlite"
	"github.com/kehucrm/kehu/storage/storagetest"
)

// adapter is one of the adapters over a new database.
type adapter struct {
	// open opens the database, as each of several processes would.
	open func() *storage.Store
	// bare is a store without a handle.
	bare *storage.Store
	join func(*storage.Store, *sql.Tx) (*storage.HostTx, error)
}

// onAdapters runs a test over each adapter.
func onAdapters(t *testing.T, test func(t *testing.T, a adapter)) {
	t.Helper()
	opened := func(t *testing.T, store *storage.Store, err error) *storage.Store {
		t.Helper()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		return store
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "new.db")
		test(t, adapter{func() *storage.Store {
			store, err := sqlite.Open(t.Context(), path)
			return opened(t, store, err)
		}, sqlite.New[*sql.DB](nil), sqlite.Join})
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := pgtest.DSN(t)
		bare, err := postgres.New[*sql.DB](nil)
		require.NoError(t, err)
		test(t, adapter{func() *storage.Store {
			store, err := postgres.Open(t.Context(), dsn)
			return opened(t, store, err)
		}, bare, postgres.Join})
	})
}

// TestCreateAtOnce lets several processes, which are pools here, create the tables of
// one new database.
func TestCreateAtOnce(t *testing.T) {
	onAdapters(t, func(t *testing.T, a adapter) {
		r := storagetest.Registry()
		var wg sync.WaitGroup
		for range 4 {
			store := a.open()
			wg.Go(func() { assert.NoError(t, store.Migrate(context.Background(), r, nil)) })
		}
		wg.Wait()
	})
}
