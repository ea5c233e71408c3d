package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

// openTest opens a database with a name that needs escaping.
func openTest(t testing.TB) *backend {
	t.Helper()
	return openPath(t, filepath.Join(t.TempDir(), "a b?c#d%20.db"))
}

func openPath(t testing.TB, path string) *backend {
	t.Helper()
	b, err := open(context.Background(), path, defaults())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func pathOf(t testing.TB, b *backend) string {
	t.Helper()
	var seq int
	var name, path string
	if err := b.own[0].QueryRow("PRAGMA database_list").Scan(&seq, &name, &path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConformance(t *testing.T) {
	paths := map[driver.Backend]string{}
	storagetest.Run(t, storagetest.Harness{
		Open: func(t testing.TB, r *schema.Registry) driver.Backend {
			b := openTest(t)
			storagetest.Migrate(t, b, r)
			paths[b] = pathOf(t, b)
			return b
		},
		Host: func(t testing.TB, b driver.Backend) (driver.Tx, func() error, func() error) {
			own := b.(*backend)
			tx, err := own.own[0].Begin()
			if err != nil {
				t.Fatal(err)
			}
			return own.DB.Join(tx), tx.Commit, tx.Rollback
		},
		Reopen: func(t testing.TB, b driver.Backend, _ *schema.Registry) driver.Backend {
			return openPath(t, paths[b])
		},
	})
}

// TestConformanceOnHostHandle runs the suite over a handle that the host opened
// with settings of its own.
func TestConformanceOnHostHandle(t *testing.T) {
	storagetest.Run(t, storagetest.Harness{
		Open: func(t testing.TB, r *schema.Registry) driver.Backend {
			owner := openTest(t)
			b := newBackend(hostDB(t, pathOf(t, owner)))
			storagetest.Migrate(t, b, r)
			return b
		},
	})
}
