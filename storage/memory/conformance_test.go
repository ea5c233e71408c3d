package memory_test

import (
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

func TestConformance(t *testing.T) {
	storagetest.Run(t, storagetest.Harness{
		Open: func(t testing.TB, _ *schema.Registry) driver.Backend {
			t.Helper()
			b := memory.New()
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			})
			return b
		},
	})
}
