package storage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

var errMine = errors.New("mine")

func TestTxIsAllOrNothing(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.True(t, tx.InTx())
		require.False(t, tx.InHostTx())
		require.NoError(t, insert(ctx, tx, 1))
		requireSeen(ctx, t, tx, 1)
		return insert(ctx, tx, 2)
	}))
	require.False(t, tn.InTx())
	requireCount(t, tn, 2, "committed")

	require.Equal(t, errMine, tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(ctx, tx, 3))
		return errMine
	}), "the error of fn comes back as it is")
	requireCount(t, tn, 2, "rolled back")

	require.PanicsWithValue(t, "oh", func() {
		_ = tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
			require.NoError(t, insert(ctx, tx, 3))
			panic("oh")
		})
	})
	requireCount(t, tn, 2, "rolled back")

	cancelled, cancel := context.WithCancel(ctx)
	require.ErrorIs(t, tn.Tx(cancelled, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(ctx, tx, 3))
		cancel()
		return insert(ctx, tx, 4)
	}), context.Canceled)
	requireCount(t, tn, 2, "rolled back although the context is gone")
	require.NoError(t, insert(ctx, tn, 3), "and the writer's place is free")
}

func requireSeen(ctx context.Context, t testing.TB, tn *storage.Tenant, want int) {
	t.Helper()
	page, err := storage.Of(tn, accounts).Find(ctx, query.Select{})
	require.NoError(t, err)
	require.Len(t, page.Items, want)
}

func TestNestedTx(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(ctx, tx, 1))
		require.Equal(t, errMine, tx.Tx(ctx, func(ctx context.Context, inner *storage.Tenant) error {
			require.Equal(t, tx.Now(), inner.Now())
			require.NoError(t, insert(ctx, inner, 2))
			return errMine
		}))
		require.ErrorIs(t, tx.Tx(ctx, func(ctx context.Context, inner *storage.Tenant) error {
			require.NoError(t, insert(ctx, inner, 3))
			return insert(ctx, inner, 1)
		}), fault.ErrExists, "an attempt that fails")
		require.NoError(t, tx.Tx(ctx, func(ctx context.Context, inner *storage.Tenant) error { return insert(ctx, inner, 4) }))
		requireSeen(ctx, t, tx, 2)
		return insert(ctx, tx, 5)
	}))
	requireCount(t, tn, 3, "1, 4 and 5")
}

// TestSwallowedFailure: a transaction in which a write failed can't be committed
// by ignoring it, and takes no more calls.
func TestSwallowedFailure(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, insert(ctx, tn, 1))
	err := tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(ctx, tx, 2))
		require.ErrorIs(t, insert(ctx, tx, 1), fault.ErrExists)
		require.ErrorIs(t, insert(ctx, tx, 3), fault.ErrPrecondition)
		_, err := storage.Of(tx, accounts).Get(ctx, num(2))
		require.ErrorIs(t, err, fault.ErrPrecondition)
		require.ErrorIs(t, err, fault.ErrExists, "the cause is what failed first")
		require.ErrorIs(t, tx.Tx(ctx, func(context.Context, *storage.Tenant) error { return nil }), fault.ErrPrecondition)
		require.ErrorIs(t, tx.Read(ctx, func(context.Context, *storage.Tenant) error { return nil }), fault.ErrPrecondition)
		return nil
	})
	require.ErrorIs(t, err, fault.ErrExists)
	requireCount(t, tn, 1, "nothing of it is stored")
}

// TestWhatDidNotHappenIsNoFailure: a record that is not there, or was changed,
// leaves the transaction usable; so does what never reached the database.
func TestWhatDidNotHappenIsNoFailure(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, insert(ctx, tn, 1))
	require.NoError(t, tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		table := storage.Of(tx, accounts)
		require.ErrorIs(t, table.Delete(ctx, num(9), 0), fault.ErrNotFound)
		require.ErrorIs(t, table.Delete(ctx, num(1), 9), fault.ErrConflict)
		require.ErrorIs(t, table.Update(ctx, &account{ID: num(1), Version: 9}), fault.ErrConflict)
		_, err := table.Get(ctx, num(9))
		require.ErrorIs(t, err, fault.ErrNotFound)
		require.ErrorIs(t, table.Insert(ctx, &account{ID: num(2), Code: "\x00"}), fault.ErrInvalid)
		_, err = table.Find(ctx, query.Select{Where: query.Null("nope")})
		require.ErrorIs(t, err, fault.ErrInvalid)
		return insert(ctx, tx, 2)
	}))
	requireCount(t, tn, 2, "committed")
}

// TestMisuse: what would wait for itself, or for ever, fails at once.
func TestMisuse(t *testing.T) {
	outer, tn := t.Context(), open(t)
	nothing := func(context.Context, *storage.Tenant) error { return nil }
	var late *storage.Tenant
	var lateCtx context.Context
	require.NoError(t, tn.Tx(outer, func(ctx context.Context, tx *storage.Tenant) error {
		late, lateCtx = tx, ctx
		for name, err := range map[string]error{
			"write": insert(ctx, tn, 1), "tx": tn.Tx(ctx, nothing), "read": tn.Read(ctx, nothing),
			"get":    second(storage.Of(tn, accounts).Get(ctx, num(1))),
			"find":   second(storage.Of(tn, accounts).Find(ctx, query.Select{})),
			"figure": second(storage.Of(tn, accounts).Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})),
			"update": second(tn.UpdateWhere(ctx, storage.Of(tn, accounts).Kind(), nil, nil, nil)),
		} {
			require.ErrorIs(t, err, fault.ErrPrecondition, name)
			require.ErrorContains(t, err, "from outside")
		}
		require.NoError(t, tx.Tx(ctx, func(inner context.Context, _ *storage.Tenant) error {
			require.ErrorIs(t, insert(inner, tx, 1), fault.ErrPrecondition, "the outer one while the inner is open")
			require.ErrorIs(t, insert(ctx, tx, 1), fault.ErrPrecondition, "with its own context, too")
			return nil
		}))
		other := open(t)
		require.NoError(t, insert(ctx, other, 1), "another store is another matter")
		return insert(ctx, tx, 1)
	}))
	require.ErrorContains(t, insert(outer, late, 2), "the transaction has ended")
	require.ErrorContains(t, late.Tx(outer, nothing), "the transaction has ended")
	require.ErrorContains(t, late.Read(outer, nothing), "the transaction has ended")
	require.NoError(t, insert(lateCtx, tn, 2), "the mark of an ended transaction marks nothing")
	requireCount(t, tn, 2, "1 and 2")
}

func second[T any](_ T, err error) error { return err }

func TestRead(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, insert(ctx, tn, 1))
	require.NoError(t, tn.Read(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(t.Context(), tn, 2), "writers don't wait") //nolint:contextcheck // from outside, as another goroutine would
		requireSeen(ctx, t, tx, 1)
		require.NoError(t, tx.Read(ctx, func(ctx context.Context, again *storage.Tenant) error {
			require.Same(t, tx, again)
			return nil
		}))
		return nil
	}))
	require.ErrorIs(t, tn.Read(ctx, func(ctx context.Context, tx *storage.Tenant) error { return insert(ctx, tx, 3) }), fault.ErrPrecondition)
	requireCount(t, tn, 2, "1 and 2")
	require.NoError(t, tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.NoError(t, insert(ctx, tx, 3))
		return tx.Read(ctx, func(ctx context.Context, again *storage.Tenant) error {
			requireSeen(ctx, t, again, 3)
			return nil
		})
	}))
}

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name     string
		failures int
		runs     int
		want     error
	}{
		{"never", 0, 1, nil}, {"once", 1, 2, nil}, {"up to the last attempt", storage.Attempts - 1, storage.Attempts, nil}, {"too often", storage.Attempts, storage.Attempts, fault.ErrRetry},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &busy{Backend: memory.New(), failures: c.failures}
				tn, runs, began := over(t, b), 0, time.Now()
				err := tn.Tx(t.Context(), func(ctx context.Context, tx *storage.Tenant) error {
					runs++
					requireSeen(ctx, t, tx, 0) // what an earlier attempt did is gone
					require.NoError(t, insert(ctx, tx, 1))
					return tx.Tx(ctx, func(ctx context.Context, inner *storage.Tenant) error { return insert(ctx, inner, 2) })
				})
				require.ErrorIs(t, err, c.want)
				require.Equal(t, c.runs, runs)
				require.Equal(t, c.runs, b.begun)
				require.Less(t, time.Since(began), 2*time.Second)
				if c.want != nil {
					require.EqualError(t, err, "retry: the database was busy with other transactions")
					require.ErrorIs(t, err, errBusy, "the cause stays reachable")
				} else {
					requireCount(t, tn, 2, "done once")
				}
			})
		})
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{Backend: memory.New(), failures: 1000}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := over(t, b).Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error { return insert(ctx, tx, 1) })
		require.Equal(t, context.DeadlineExceeded, err)
		require.Less(t, b.begun, storage.Attempts)
	})
}

// TestRetryOfAnUpdate: an attempt that was rolled back leaves no trace in a record
// that was read before it, or the next attempt would meet a conflict with itself.
func TestRetryOfAnUpdate(t *testing.T) {
	b := &busy{Backend: memory.New()}
	tn := over(t, b)
	require.NoError(t, insert(t.Context(), tn, 1))
	record, err := storage.Of(tn, accounts).Get(t.Context(), num(1))
	require.NoError(t, err)
	b.failures = 1
	record.Name = "new"
	require.NoError(t, tn.Tx(t.Context(), func(ctx context.Context, tx *storage.Tenant) error {
		return storage.Of(tx, accounts).Update(ctx, &record)
	}))
}

func TestOneInstantPerTransaction(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 123456789, time.FixedZone("", 8*3600))
	db := memory.Open().Bind(registry(t), storage.Options{
		Now:   func() time.Time { now = now.Add(time.Second); return now },
		NewID: func() schema.ID { return num(42) },
	})
	tn := tenant(t, db, "acme")
	first := tn.Now()
	require.Equal(t, time.Date(2026, 3, 1, 0, 0, 1, 123456000, time.UTC), first, "UTC, whole microseconds")
	require.Equal(t, first.Add(time.Second), tn.Now())
	require.Equal(t, num(42), tn.NewID())
	require.NoError(t, tn.Tx(t.Context(), func(_ context.Context, tx *storage.Tenant) error {
		require.Equal(t, first.Add(2*time.Second), tx.Now())
		require.Equal(t, tx.Now(), tx.Now())
		return nil
	}))
}
