package bunsql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
	"github.com/kehucrm/kehu/storage/storagetest"
)

// counting is a decorator that notes under its name some of what is asked of the
// backend beneath, which is one of ours.
type counting struct {
	driver.Backend
	name string
	log  *[]string
}

var _ driver.Decorator = counting{}

// twice puts two decorators around the backend of a store.
func twice(store *storage.Store, log *[]string) *storage.Store {
	return storage.New(counting{counting{store.Driver(), "inner", log}, "outer", log})
}

func (b counting) note(what string) { *b.log = append(*b.log, b.name+" "+what) }

func (b counting) Beneath() driver.Backend { return b.Backend }

func (b counting) Around(tx driver.Tx) driver.Tx {
	return countingTx{countingConn{tx.(conn), b}, tx}
}

func (b counting) Conn() driver.Conn {
	if c := b.Backend.Conn(); c != nil {
		return countingConn{c.(conn), b}
	}
	return nil
}

func (b counting) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	b.note("begin")
	tx, err := b.Backend.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return b.Around(tx), nil
}

// conn is what a Conn of ours can do, and the decorators pass on.
type conn interface {
	driver.Conn
	driver.Aggregator
	driver.BulkUpdater
	driver.Batcher
	driver.Unwrapper
}

type countingConn struct {
	conn
	b counting
}

func (c countingConn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	c.b.note("insert")
	return c.conn.Insert(ctx, k, in)
}

func (c countingConn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	c.b.note("aggregate")
	return c.conn.Aggregate(ctx, k, a)
}

func (c countingConn) Batch(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	c.b.note("batch")
	return c.conn.Batch(ctx, list)
}

type countingTx struct {
	countingConn
	tx driver.Tx
}

func (t countingTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	t.b.note("savepoint")
	sp, err := t.tx.Savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return t.b.Around(sp), nil
}

func (t countingTx) Commit(ctx context.Context) error {
	t.b.note("commit")
	return t.tx.Commit(ctx)
}

func (t countingTx) Rollback(ctx context.Context) error {
	t.b.note("rollback")
	return t.tx.Rollback(ctx)
}

// TestDecorated joins a transaction of the host to a store below two decorators, which
// see what happens in it, the outer one first.
func TestDecorated(t *testing.T) {
	onAdapters(t, func(t *testing.T, a adapter) {
		ctx := t.Context()
		r := storagetest.Registry()
		var log []string
		sees := func(what ...string) {
			t.Helper()
			var want []string
			for _, w := range what {
				want = append(want, "outer "+w, "inner "+w)
			}
			require.Equal(t, want, log)
			log = nil
		}
		tenant := func(db *storage.DB) *storage.Tenant {
			t.Helper()
			tn, err := db.Tenant("acme")
			require.NoError(t, err)
			return tn
		}
		insert := func() driver.Mutation {
			return driver.Mutation{Kind: r.Kind("reach"), Insert: &driver.Insert{Rows: []driver.Row{{schema.NewID(), schema.NewID(), schema.NewID(), int64(0)}}}}
		}
		holds := func(tn *storage.Tenant, want int64) {
			t.Helper()
			groups, err := tn.Aggregate(ctx, r.Kind("reach"), query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}}, nil)
			require.NoError(t, err)
			require.Equal(t, want, groups.Rows[0][0])
		}

		owner := twice(a.open(), &log)
		require.NoError(t, owner.Migrate(ctx, r, nil))
		status, err := owner.Status(ctx, r, nil)
		require.NoError(t, err)
		require.True(t, status.Fits())
		sees()
		outside := tenant(owner.Bind(r, storage.Options{}))
		var host *sql.DB
		require.True(t, outside.As(&host))
		tx, err := host.BeginTx(ctx, nil)
		require.NoError(t, err)

		store := twice(a.bare, &log)
		joined, err := a.join(store, tx)
		require.NoError(t, err)
		db, err := store.Bind(r, storage.Options{}).In(joined)
		require.NoError(t, err)
		inside := tenant(db)
		var same *sql.Tx
		require.True(t, inside.As(&same))
		require.Same(t, tx, same)
		require.NoError(t, inside.Write(ctx, insert()))
		sees("savepoint", "insert", "commit")
		require.NoError(t, inside.Write(ctx, insert(), insert()))
		sees("savepoint", "batch", "commit")
		holds(inside, 3)
		sees("aggregate")
		require.NoError(t, tx.Commit())
		holds(outside, 3)
		sees("aggregate")

		require.NoError(t, outside.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error { return tx.Write(ctx, insert()) }))
		sees("begin", "insert", "commit")
		require.ErrorIs(t, tenant(store.Bind(r, storage.Options{})).Write(ctx, insert()), fault.ErrPrecondition, "it only joins")
	})
}

// TestJoinRefusesForeignStores: both adapters are built of the same parts, and still are
// two.
func TestJoinRefusesForeignStores(t *testing.T) {
	onPostgres, err := postgres.New[*sql.DB](nil)
	require.NoError(t, err)
	for foreign, join := range map[*storage.Store]func(*storage.Store, *sql.Tx) (*storage.HostTx, error){
		onPostgres: sqlite.Join, sqlite.New[*sql.DB](nil): postgres.Join, memory.Open(): sqlite.Join,
	} {
		for _, store := range []*storage.Store{foreign, twice(foreign, nil)} {
			_, err := join(store, &sql.Tx{})
			require.ErrorIs(t, err, fault.ErrPrecondition)
			require.ErrorContains(t, err, "a "+foreign.Name()+" store can't join")
		}
	}
}
