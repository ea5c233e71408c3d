package boltstore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/examples/boltstore"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// What an older release wrote is read by a newer one, whose columns are others and
// stand elsewhere.
func TestRecordsOutliveTheirStruct(t *testing.T) {
	type oldItem struct {
		ID    schema.ID
		Name  string
		Price int64
		Gone  string
	}
	type newItem struct {
		Stock int64
		ID    schema.ID
		Price int64
		Note  *string
		Name  string `crm:"name,search"`
	}
	store := open(t, filepath.Join(t.TempDir(), "test.bolt"))
	older := schema.Define[oldItem]("item")
	newer := schema.Define[newItem]("item", schema.Unique("name"))

	was := storage.Of(tenant(t, store, older.Kind), older)
	id := schema.NewID()
	require.NoError(t, was.Insert(t.Context(), &oldItem{ID: id, Name: "Bolt", Price: 3, Gone: "x"}))

	is := storage.Of(tenant(t, store, newer.Kind), newer)
	found, err := is.Find(t.Context(), query.Select{Where: query.HasText("name", "BOLT")})
	require.NoError(t, err)
	require.Equal(t, []newItem{{ID: id, Name: "Bolt", Price: 3}}, found.Items)
	err = is.Insert(t.Context(), &newItem{ID: schema.NewID(), Name: "Bolt"})
	require.ErrorIs(t, err, storage.ErrExists, "a new index knows old records")
}

func tenant(t *testing.T, store *storage.Store, kinds ...*schema.Kind) *storage.Tenant {
	t.Helper()
	registry, err := schema.NewRegistry(kinds)
	require.NoError(t, err)
	handle, err := store.Bind(registry, storage.Options{}).Tenant("acme")
	require.NoError(t, err)
	return handle
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.bolt")
	open(t, path)
	_, err := boltstore.Open(path)
	require.ErrorIs(t, err, storage.ErrInternal)
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	type item struct{ ID schema.ID }
	items := schema.Define[item]("item")
	store := open(t, filepath.Join(t.TempDir(), "test.bolt"))
	k := tenant(t, store, items.Kind).DB().Registry().Kind("item")
	tx, err := store.Driver().Begin(t.Context(), driver.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	err = tx.Insert(t.Context(), k, &driver.Insert{Tenant: "acme", Rows: []driver.Row{{schema.NewID()}}})
	require.ErrorIs(t, err, storage.ErrPrecondition)
	require.NoError(t, tx.Rollback(t.Context()))
}
