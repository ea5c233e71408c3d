package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

// hostDB is the shared part as New makes it, over a pool of eight connections
// with deferred transactions.
func hostDB(t testing.TB, path string) *bunsql.DB {
	t.Helper()
	return New(hostHandle(t, path)).Driver().(*backend).DB
}

func hostHandle(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"}).String())
	require.NoError(t, err)
	db.SetMaxOpenConns(8)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func pair() *driver.Insert {
	return &driver.Insert{Tenant: "acme", Rows: []driver.Row{{schema.NewID(), schema.NewID(), schema.NewID(), int64(0)}}}
}

// TestJoinWithoutAHandle keeps records in the host's transaction alone, beside a
// write of the host's own.
func TestJoinWithoutAHandle(t *testing.T) {
	owner := openTest(t)
	r := storagetest.Registry()
	require.NoError(t, owner.Migrate(t.Context(), r, nil))
	host := hostHandle(t, pathOf(t, owner))
	_, err := host.Exec("CREATE TABLE orders (n INTEGER)")
	require.NoError(t, err)

	store := New[*sql.DB](nil)
	require.Nil(t, store.Driver().Conn())
	_, err = store.Driver().Begin(t.Context(), driver.TxOptions{})
	require.ErrorIs(t, err, fault.ErrPrecondition)

	tx, err := host.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("INSERT INTO orders VALUES (1)")
	require.NoError(t, err)
	_, err = Join(store, tx)
	require.NoError(t, err)
	joined := store.Driver().(*backend).DB.Join(tx)
	require.NoError(t, joined.Insert(t.Context(), r.Kind("reach"), pair()))
	require.NoError(t, joined.Commit(t.Context()))
	var same *sql.Tx
	require.True(t, joined.As(&same))
	require.Same(t, tx, same)
	require.NoError(t, tx.Rollback(), "our Commit must not have ended it")

	var orders, pairs int
	require.NoError(t, host.QueryRow("SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM crm_reach)").Scan(&orders, &pairs))
	require.Zero(t, orders+pairs)

	err = joined.Insert(t.Context(), r.Kind("reach"), pair())
	require.Error(t, err, "the transaction has ended")
	require.Equal(t, fault.Precondition, owner.Classify(err).Code)
}

func TestJoinRefuses(t *testing.T) {
	_, err := Join(memory.Open(), nil)
	require.ErrorIs(t, err, fault.ErrPrecondition)
	_, err = Join(New[*sql.DB](nil), nil)
	require.ErrorIs(t, err, fault.ErrPrecondition)
}

func TestOpenRefuses(t *testing.T) {
	for _, path := range []string{"", ":memory:", "file:x.db?mode=memory"} {
		_, err := Open(t.Context(), path)
		require.ErrorIs(t, err, fault.ErrInvalid, path)
	}
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "place.db"))
	require.Error(t, err)
}

// TestHandles looks through Unwrapper, as a port that writes does.
func TestHandles(t *testing.T) {
	b := openTest(t)
	tx, err := b.Begin(t.Context(), driver.TxOptions{})
	require.NoError(t, err)
	var inner *sql.Tx
	var conn bun.IConn
	var pool *sql.DB
	var handle *bun.DB
	require.True(t, tx.(driver.Unwrapper).As(&inner))
	require.True(t, tx.(driver.Unwrapper).As(&conn))
	require.Same(t, inner, conn)
	require.False(t, tx.(driver.Unwrapper).As(&pool))
	require.NoError(t, tx.Rollback(t.Context()))

	require.True(t, b.Conn().(driver.Unwrapper).As(&pool))
	require.True(t, b.Conn().(driver.Unwrapper).As(&handle))
	require.False(t, b.Conn().(driver.Unwrapper).As(&inner))
	require.False(t, b.Conn().(driver.Unwrapper).As(new(string)))

	onBun := New(bun.NewDB(pool, sqlitedialect.New()))
	require.True(t, onBun.Driver().Conn().(driver.Unwrapper).As(&handle))
	require.NoError(t, onBun.Close())
	require.NoError(t, pool.Ping(), "the host's handle stays open")
}

// TestBusy meets another process that holds the write lock.
func TestBusy(t *testing.T) {
	b := openTest(t)
	require.NoError(t, b.Migrate(t.Context(), storagetest.Registry(), nil))
	s := defaults()
	s.busyTimeout = 20 * time.Millisecond
	other, err := open(t.Context(), pathOf(t, b), s)
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })
	for name, waiting := range map[string]driver.Backend{"own": other, "host": New(hostPatience(t, pathOf(t, b))).Driver()} {
		tx, err := b.Begin(t.Context(), driver.TxOptions{})
		require.NoError(t, err)
		_, err = waiting.Begin(t.Context(), driver.TxOptions{})
		require.Error(t, err, name)
		require.Equal(t, fault.Retry, waiting.Classify(err).Code, name)
		require.NoError(t, tx.Rollback(t.Context()))
		again, err := waiting.Begin(t.Context(), driver.TxOptions{})
		require.NoError(t, err, name)
		require.NoError(t, again.Rollback(t.Context()))
	}
}

func hostPatience(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(20)"}).String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestSettings reads back what the connections were told.
func TestSettings(t *testing.T) {
	s := defaults()
	for _, option := range []Option{WithSynchronousFull(), WithoutMmap(), WithReaders(3), WithCacheSize(1000), WithBusyTimeout(time.Second)} {
		option(&s)
	}
	b, err := open(context.Background(), filepath.Join(t.TempDir(), "s.db"), s)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(b.Close())) })
	for i, queryOnly := range []int{0, 1} {
		for name, want := range map[string]any{"synchronous": int64(2), "mmap_size": int64(0), "cache_size": int64(-1000), "busy_timeout": int64(1000),
			"journal_mode": "wal", "query_only": int64(queryOnly)} {
			var got any
			require.NoError(t, b.own[i].QueryRow("PRAGMA "+name).Scan(&got))
			require.Equal(t, want, got, name)
		}
	}
	require.Equal(t, 3, b.own[1].Stats().MaxOpenConnections)
	require.Equal(t, "sqlite", storage.New(b).Name())
}
