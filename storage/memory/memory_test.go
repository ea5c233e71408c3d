package memory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

const tenant = "acme"

type item struct {
	ID    schema.ID
	Code  string
	Count int64
}

func items(t testing.TB) *schema.Kind {
	t.Helper()
	r, err := schema.NewRegistry([]*schema.Kind{schema.Define[item]("item", schema.Unique("code"), schema.IndexOn("count")).Kind})
	require.NoError(t, err)
	return r.Kind("item")
}

func num(n int) schema.ID { return schema.ID{13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)} }

func insert(ctx context.Context, c driver.Conn, k *schema.Kind, ids ...int) error {
	in := driver.Insert{Tenant: tenant}
	for _, id := range ids {
		in.Rows = append(in.Rows, driver.Row{num(id), fmt.Sprint("c", id), int64(0)})
	}
	return c.Insert(ctx, k, &in)
}

func read(ctx context.Context, c driver.Conn, k *schema.Kind) ([]driver.Row, error) {
	q, err := query.ResolveSelect(k, query.Select{Limit: query.MaxLimit})
	if err != nil {
		return nil, err
	}
	q.Tenant = tenant
	return c.Select(ctx, k, &q)
}

func requireCount(t testing.TB, c driver.Conn, k *schema.Kind, want int, why string) {
	t.Helper()
	rows, err := read(t.Context(), c, k)
	require.NoError(t, err)
	require.Len(t, rows, want, why)
}

func begin(t testing.TB, b driver.Backend, o driver.TxOptions) driver.Tx {
	t.Helper()
	tx, err := b.Begin(t.Context(), o)
	require.NoError(t, err)
	return tx
}

func TestTransaction(t *testing.T) {
	k, b := items(t), memory.New()
	tx := begin(t, b, driver.TxOptions{})
	require.NoError(t, insert(t.Context(), tx, k, 1, 2))
	requireCount(t, tx, k, 2, "it sees what it wrote")
	requireCount(t, b.Conn(), k, 0, "nobody else does")
	snapshot := begin(t, b, driver.TxOptions{ReadOnly: true})
	require.NoError(t, tx.Commit(t.Context()))
	requireCount(t, b.Conn(), k, 2, "now all do")
	requireCount(t, snapshot, k, 0, "one state throughout")
	require.NoError(t, snapshot.Commit(t.Context()))

	tx = begin(t, b, driver.TxOptions{})
	require.NoError(t, insert(t.Context(), tx, k, 3))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, tx.Rollback(cancelled))
	requireCount(t, b.Conn(), k, 2, "rolled back")
	require.NoError(t, insert(t.Context(), b.Conn(), k, 3), "the place of the writer is free")
}

func TestSavepoint(t *testing.T) {
	k, b := items(t), memory.New()
	tx := begin(t, b, driver.TxOptions{})
	require.NoError(t, insert(t.Context(), tx, k, 1))
	kept, err := tx.Savepoint(t.Context())
	require.NoError(t, err)
	require.NoError(t, insert(t.Context(), kept, k, 2))
	inner, err := kept.Savepoint(t.Context())
	require.NoError(t, err)
	require.NoError(t, insert(t.Context(), inner, k, 3))
	err = insert(t.Context(), inner, k, 4, 1)
	require.Equal(t, driver.Fault{Code: fault.Exists}, b.Classify(err))
	requireCount(t, inner, k, 3, "a failed statement did nothing")
	require.NoError(t, inner.Rollback(t.Context()))
	requireCount(t, kept, k, 2, "back to the savepoint")
	require.NoError(t, kept.Commit(t.Context()))
	requireCount(t, tx, k, 2, "handed over")
	require.NoError(t, tx.Commit(t.Context()))
	requireCount(t, b.Conn(), k, 2, "committed")
}

func TestUseAfterTheEnd(t *testing.T) {
	k, b := items(t), memory.New()
	for _, o := range []driver.TxOptions{{}, {ReadOnly: true}} {
		tx := begin(t, b, o)
		inner, err := tx.Savepoint(t.Context())
		require.NoError(t, err)
		require.NoError(t, tx.Commit(t.Context()))
		require.NoError(t, tx.Rollback(t.Context()), "does nothing")
		require.ErrorIs(t, tx.Commit(t.Context()), fault.ErrPrecondition)
		_, err = tx.Savepoint(t.Context())
		require.ErrorIs(t, err, fault.ErrPrecondition)
		require.ErrorIs(t, insert(t.Context(), tx, k, 1), fault.ErrPrecondition)
		_, err = read(t.Context(), tx, k)
		require.ErrorIs(t, err, fault.ErrPrecondition)
		if !o.ReadOnly {
			require.ErrorIs(t, inner.Commit(t.Context()), fault.ErrPrecondition, "its transaction has ended")
		}
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	k, b := items(t), memory.New()
	require.NoError(t, insert(t.Context(), b.Conn(), k, 1))
	tx := begin(t, b, driver.TxOptions{ReadOnly: true})
	require.ErrorIs(t, insert(t.Context(), tx, k, 2), fault.ErrPrecondition)
	_, err := tx.Delete(t.Context(), k, &driver.Delete{Tenant: tenant, ID: num(1)})
	require.ErrorIs(t, err, fault.ErrPrecondition)
	requireCount(t, b.Conn(), k, 1, "unchanged")
}

func TestWritersWaitForTheirTurn(t *testing.T) {
	k, b := items(t), memory.New()
	tx := begin(t, b, driver.TxOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, insert(ctx, b.Conn(), k, 1), context.DeadlineExceeded)
	_, err := b.Begin(ctx, driver.TxOptions{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, tx.Commit(t.Context()))

	// Many add to one number; none of the additions is lost.
	require.NoError(t, insert(t.Context(), b.Conn(), k, 1))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				u := driver.Update{Tenant: tenant, ID: num(1), Set: []driver.Assign{{Field: k.Field("count"), Value: int64(1), Add: true}}}
				if _, err := b.Conn().Update(t.Context(), k, &u); err != nil {
					t.Error(err)
				}
				if _, err := read(t.Context(), b.Conn(), k); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rows, err := read(t.Context(), b.Conn(), k)
	require.NoError(t, err)
	require.Equal(t, int64(400), rows[0][2])
}

func TestPool(t *testing.T) {
	k, b := items(t), memory.New()
	conn := b.Conn()
	require.Error(t, insert(t.Context(), conn, k, 1, 1))
	requireCount(t, conn, k, 0, "all or none")
	require.NoError(t, insert(t.Context(), conn, k, 1, 2))
	matched, err := conn.(driver.BulkUpdater).UpdateWhere(t.Context(), k,
		&driver.UpdateWhere{Tenant: tenant, Set: []driver.Assign{{Field: k.Field("count"), Value: int64(7)}}})
	require.NoError(t, err)
	require.Equal(t, int64(2), matched)
	a, err := query.ResolveAggregate(k, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("count")}}})
	require.NoError(t, err)
	a.Tenant = tenant
	rows, err := conn.(driver.Aggregator).Aggregate(t.Context(), k, &a)
	require.NoError(t, err)
	require.Equal(t, "14", fmt.Sprint(rows[0][0]))
	matched, err = conn.Delete(t.Context(), k, &driver.Delete{Tenant: tenant, ID: num(1)})
	require.NoError(t, err)
	require.Equal(t, int64(1), matched)
	requireCount(t, conn, k, 1, "deleted")
}

func TestClose(t *testing.T) {
	k, b := items(t), memory.New()
	tx := begin(t, b, driver.TxOptions{})
	waiting := make(chan error)
	go func() { waiting <- insert(t.Context(), b.Conn(), k, 1) }()
	require.NoError(t, b.Close())
	require.NoError(t, b.Close(), "twice")
	require.ErrorIs(t, <-waiting, fault.ErrPrecondition, "who waits is told")
	require.ErrorIs(t, tx.Commit(t.Context()), fault.ErrPrecondition)
	_, err := read(t.Context(), b.Conn(), k)
	require.ErrorIs(t, err, fault.ErrPrecondition)
	for _, o := range []driver.TxOptions{{}, {ReadOnly: true}} {
		_, err = b.Begin(t.Context(), o)
		require.ErrorIs(t, err, fault.ErrPrecondition)
	}
}

func BenchmarkInsert(b *testing.B) {
	k, backend := items(b), memory.New()
	n := 0
	for b.Loop() {
		n++
		require.NoError(b, insert(b.Context(), backend.Conn(), k, n))
	}
}

func BenchmarkInsertInOneTransaction(b *testing.B) {
	k := items(b)
	tx := begin(b, memory.New(), driver.TxOptions{})
	n := 0
	for b.Loop() {
		n++
		require.NoError(b, insert(b.Context(), tx, k, n))
	}
}
