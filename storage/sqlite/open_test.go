package sqlite

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOpenAtOnce lets several programs, which are pools here, open one new file.
func TestOpenAtOnce(t *testing.T) {
	for range 50 {
		path := filepath.Join(t.TempDir(), "new.db")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				store, err := Open(t.Context(), path)
				if assert.NoError(t, err) {
					assert.NoError(t, store.Close())
				}
			})
		}
		wg.Wait()
	}
}
