package storage_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// join begins a transaction as a host would and returns a handle on it.
func join(t *testing.T, db *storage.DB) (*storage.Tenant, driver.Tx) {
	t.Helper()
	tx, err := db.Store().Driver().Begin(t.Context(), driver.TxOptions{})
	require.NoError(t, err)
	bound, err := db.In(storage.JoinTx(db.Store(), hostTx{tx}))
	require.NoError(t, err)
	return tenant(t, bound, "acme"), tx
}

func TestHostTransaction(t *testing.T) {
	ctx := t.Context()
	db := memory.Open().Bind(registry(t), storage.Options{})
	in, tx := join(t, db)
	require.True(t, in.InTx())
	require.True(t, in.InHostTx())
	require.Equal(t, in.Now(), in.Now())
	require.NoError(t, insert(ctx, in, 1))
	requireCount(t, in, 1, "it sees its own")
	requireCount(t, tenant(t, db, "acme"), 0, "nobody else does")

	require.ErrorIs(t, insert(ctx, in, 2, 1), fault.ErrExists)
	requireCount(t, in, 1, "a failed write does nothing")
	require.NoError(t, insert(ctx, in, 3), "and poisons nothing")
	require.ErrorIs(t, in.Tx(ctx, func(ctx context.Context, sp *storage.Tenant) error {
		require.True(t, sp.InTx())
		require.False(t, sp.InHostTx())
		require.NoError(t, insert(ctx, sp, 4))
		return insert(ctx, sp, 1)
	}), fault.ErrExists)
	require.NoError(t, in.Tx(ctx, func(ctx context.Context, sp *storage.Tenant) error { return insert(ctx, sp, 5) }))
	changed, err := in.UpdateWhere(ctx, in.DB().Registry().Kind("account"), nil, nil, nil)
	require.NoError(t, err)
	require.Equal(t, int64(3), changed)
	require.NoError(t, in.Read(ctx, func(_ context.Context, same *storage.Tenant) error { require.Same(t, in, same); return nil }))

	require.NoError(t, tx.Commit(ctx))
	requireCount(t, tenant(t, db, "acme"), 3, "the host committed")
	require.ErrorIs(t, insert(ctx, in, 6), fault.ErrPrecondition, "it has ended")
}

func TestHostRollsBack(t *testing.T) {
	db := memory.Open().Bind(registry(t), storage.Options{})
	in, tx := join(t, db)
	require.NoError(t, insert(t.Context(), in, 1))
	require.NoError(t, tx.Rollback(t.Context()))
	requireCount(t, tenant(t, db, "acme"), 0, "what the host rolls back is gone")
}

// TestHostIsNeverRetried: it is the host's to repeat.
func TestHostIsNeverRetried(t *testing.T) {
	db := storage.New(&busy{Backend: memory.New()}).Bind(registry(t), storage.Options{})
	in, tx := join(t, db)
	runs := 0
	err := in.Tx(t.Context(), func(context.Context, *storage.Tenant) error {
		runs++
		return fault.New(fault.Retry, "again")
	})
	require.ErrorIs(t, err, fault.ErrRetry)
	require.Equal(t, 1, runs)
	require.NoError(t, tx.Rollback(t.Context()))
}

func TestHostOfAnotherStore(t *testing.T) {
	db, other := memory.Open().Bind(registry(t), storage.Options{}), memory.Open()
	for _, h := range []*storage.HostTx{nil, storage.JoinTx(other, hostTx{})} {
		_, err := db.In(h)
		require.ErrorIs(t, err, fault.ErrPrecondition)
	}
	require.Same(t, other, storage.JoinTx(other, hostTx{}).Store())
}

// spy is a decorator that notes the savepoints of a host's transaction.
type spy struct {
	driver.Backend
	name string
	log  *[]string
}

func (s spy) Beneath() driver.Backend { return s.Backend }

func (s spy) Around(tx driver.Tx) driver.Tx { return spyTx{tx, s} }

type spyTx struct {
	driver.Tx
	by spy
}

func (t spyTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	*t.by.log = append(*t.by.log, t.by.name)
	return t.Tx.Savepoint(ctx)
}

func TestHostBelowDecorators(t *testing.T) {
	var log []string
	store := storage.New(spy{spy{memory.New(), "inner", &log}, "outer", &log})
	in, tx := join(t, store.Bind(registry(t), storage.Options{}))
	require.NoError(t, insert(t.Context(), in, 1))
	require.Equal(t, []string{"outer", "inner"}, log)
	require.NoError(t, tx.Rollback(t.Context()))
}

// joinsOnly is a backend that owns no pool.
type joinsOnly struct{ driver.Backend }

func (joinsOnly) Conn() driver.Conn { return nil }

func TestStoreWithoutPool(t *testing.T) {
	ctx := t.Context()
	db := storage.New(joinsOnly{memory.New()}).Bind(registry(t), storage.Options{})
	tn := tenant(t, db, "acme")
	table := storage.Of(tn, accounts)
	nothing := func(context.Context, *storage.Tenant) error { return nil }
	for name, err := range map[string]error{
		"write": insert(ctx, tn, 1), "two writes": insert(ctx, tn, 1, 2), "tx": tn.Tx(ctx, nothing), "read": tn.Read(ctx, nothing),
		"get": second(table.Get(ctx, num(1))), "find": second(table.Find(ctx, query.Select{})),
		"figure": second(table.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})),
		"update": second(tn.UpdateWhere(ctx, table.Kind(), nil, nil, nil)),
	} {
		require.ErrorIs(t, err, fault.ErrPrecondition, name)
		require.ErrorContains(t, err, "join a transaction of the host")
	}
	require.False(t, tn.As(new(*int)))
	in, tx := join(t, db)
	require.NoError(t, insert(ctx, in, 1))
	require.NoError(t, tx.Commit(ctx))
}

func TestStore(t *testing.T) {
	ctx, store := t.Context(), memory.Open()
	require.Equal(t, "memory", store.Name())
	plan, err := store.Plan(ctx, registry(t), nil)
	require.NoError(t, err)
	require.Empty(t, plan)
	require.NoError(t, store.Migrate(ctx, registry(t), nil))
	status, err := store.Status(ctx, registry(t), nil)
	require.NoError(t, err)
	require.True(t, status.Fits())
	db := store.Bind(registry(t), storage.Options{})
	require.Same(t, store, db.Store())
	require.NoError(t, store.Close())
	require.ErrorIs(t, insert(ctx, tenant(t, db, "acme"), 1), fault.ErrPrecondition)
}
