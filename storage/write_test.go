package storage_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// rowsOf returns an insert of accounts.
func rowsOf(t testing.TB, tn *storage.Tenant, list ...account) driver.Mutation {
	t.Helper()
	table := storage.Of(tn, accounts)
	in := driver.Insert{}
	for _, a := range list {
		row, err := table.Encode(&a)
		require.NoError(t, err)
		in.Rows = append(in.Rows, row)
	}
	return driver.Mutation{Kind: table.Kind(), Insert: &in}
}

// TestWriteIsAllOrNothing: of several changes all are made or none, whichever of
// them can't be, on the pool as in a transaction of the host.
func TestWriteIsAllOrNothing(t *testing.T) {
	ctx := t.Context()
	kind := func(tn *storage.Tenant) *schema.Kind { return storage.Of(tn, accounts).Kind() }
	update := func(tn *storage.Tenant, id int, version int64) driver.Mutation {
		return driver.Mutation{Kind: kind(tn), Update: &driver.Update{ID: num(id), IfVersion: version, Set: []driver.Assign{{Field: kind(tn).Field("name"), Value: "changed"}}}}
	}
	remove := func(tn *storage.Tenant, id int, version int64) driver.Mutation {
		return driver.Mutation{Kind: kind(tn), Delete: &driver.Delete{ID: num(id), IfVersion: version}}
	}
	for _, c := range []struct {
		name string
		last func(tn *storage.Tenant) driver.Mutation
		want error
	}{
		{"all", func(tn *storage.Tenant) driver.Mutation { return update(tn, 1, 1) }, nil},
		{"an insert of what is there", func(tn *storage.Tenant) driver.Mutation { return rowsOf(t, tn, account{ID: num(1)}) }, fault.ErrExists},
		{"an insert that refers to nothing", func(tn *storage.Tenant) driver.Mutation {
			return rowsOf(t, tn, account{ID: num(7), ParentID: num(9)})
		}, fault.ErrReferenced},
		{"an update of nothing", func(tn *storage.Tenant) driver.Mutation { return update(tn, 9, 0) }, fault.ErrNotFound},
		{"an update of another version", func(tn *storage.Tenant) driver.Mutation { return update(tn, 1, 7) }, fault.ErrConflict},
		{"a deletion of nothing", func(tn *storage.Tenant) driver.Mutation { return remove(tn, 9, 0) }, fault.ErrNotFound},
		{"a deletion of another version", func(tn *storage.Tenant) driver.Mutation { return remove(tn, 1, 7) }, fault.ErrConflict},
		{"an empty change", func(tn *storage.Tenant) driver.Mutation { return driver.Mutation{Kind: kind(tn)} }, fault.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, tn := range []*storage.Tenant{open(t), over(t, modest{memory.New(), 1})} {
				require.NoError(t, insert(ctx, tn, 1, 2))
				err := tn.Write(ctx, rowsOf(t, tn, account{ID: num(3)}, account{ID: num(4)}), remove(tn, 2, 1), c.last(tn))
				require.ErrorIs(t, err, c.want)
				_, err = storage.Of(tn, accounts).Get(ctx, num(2))
				require.Equal(t, c.want == nil, err != nil, "2 is deleted with the others")
				_, err = storage.Of(tn, accounts).Get(ctx, num(3))
				require.Equal(t, c.want == nil, err == nil, "3 is stored with the others")
			}
		})
	}
	require.NoError(t, open(t).Write(ctx))
}

// TestWriteOfSeveralFailsTheTransaction: some of the changes may have been made,
// so the transaction can't go on.
func TestWriteOfSeveralFailsTheTransaction(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	err := tn.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		require.ErrorIs(t, tx.Write(ctx, rowsOf(t, tx, account{ID: num(1)}),
			driver.Mutation{Kind: storage.Of(tx, accounts).Kind(), Delete: &driver.Delete{ID: num(9)}}), fault.ErrNotFound)
		return nil
	})
	require.ErrorIs(t, err, fault.ErrNotFound)
	requireCount(t, tn, 0, "rolled back")
}

// TestLargeInsertIsAllOrNothing: more rows than the adapter takes at once.
func TestLargeInsertIsAllOrNothing(t *testing.T) {
	ctx, tn := t.Context(), over(t, modest{memory.New(), 10})
	numbers := make([]int, 95)
	for i := range numbers {
		numbers[i] = i + 1
	}
	require.ErrorIs(t, insert(ctx, tn, slices.Concat(numbers, []int{1})...), fault.ErrExists)
	requireCount(t, tn, 0, "none")
	require.NoError(t, insert(ctx, tn, numbers...))
	requireCount(t, tn, 95, "all")
}

// TestOuterHandleWhileInnerIsOpen: what is written through the outer handle while
// a nested transaction is open is refused or kept, and never lost in silence.
func TestOuterHandleWhileInnerIsOpen(t *testing.T) {
	tn := open(t)
	var outside error
	require.NoError(t, tn.Tx(t.Context(), func(ctx context.Context, tx *storage.Tenant) error {
		return tx.Tx(ctx, func(inner context.Context, sp *storage.Tenant) error {
			outside = insert(ctx, tx, 1) // with the outer one's own context
			return insert(inner, sp, 2)
		})
	}))
	_, err := storage.Of(tn, accounts).Get(t.Context(), num(1))
	require.Equal(t, outside == nil, err == nil, "the insert said %v, and then: %v", outside, err)
}

// TestParentsFirst: records that refer to each other are stored in whatever order
// they are given.
func TestParentsFirst(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	const n = 10_000
	list := make([]*account, n)
	for i := range list {
		list[i] = &account{ID: num(i + 1), Version: 1}
		if i > 0 {
			list[i].ParentID = num(i)
		}
	}
	shuffle := rand.New(rand.NewPCG(1, 2))
	shuffle.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
	require.NoError(t, storage.Of(tn, accounts).Insert(ctx, list...))
	requireCount(t, tn, n, "the whole chain")

	require.NoError(t, storage.Of(tn, accounts).Insert(ctx, &account{ID: num(20000), ParentID: num(20000)}), "one that refers to itself")
	err := storage.Of(tn, accounts).Insert(ctx, &account{ID: num(20003), ParentID: num(20001)}, &account{ID: num(20001), ParentID: num(20002)}, &account{ID: num(20002), ParentID: num(20001)})
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.ErrorContains(t, err, "in a circle")
	requireCount(t, tn, n+1, "nothing of the circle")
}
