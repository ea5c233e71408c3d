package boltstore_test

import (
	"path/filepath"
	"testing"

	"github.com/kehucrm/kehu/examples/boltstore"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

func open(t testing.TB, path string) *storage.Store {
	t.Helper()
	store, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestConformance(t *testing.T) {
	paths := map[driver.Backend]string{}
	storagetest.Run(t, storagetest.Harness{
		Open: func(t testing.TB, _ *schema.Registry) driver.Backend {
			t.Helper()
			path := filepath.Join(t.TempDir(), "test.bolt")
			b := open(t, path).Driver()
			paths[b] = path
			return b
		},
		Reopen: func(t testing.TB, b driver.Backend, _ *schema.Registry) driver.Backend {
			t.Helper()
			return open(t, paths[b]).Driver()
		},
	})
}
