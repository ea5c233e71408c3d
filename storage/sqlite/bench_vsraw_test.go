package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
	"github.com/kehucrm/kehu/storage/storagetest/vsraw"
)

// BenchmarkVsRaw compares storage on SQLite with hand-written database/sql on the
// same two pools; see package vsraw for its flags.
func BenchmarkVsRaw(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bench.db")
	vsraw.Run(b, func() (*storage.Store, vsraw.SQL) {
		own, err := open(b.Context(), path, defaults())
		if err != nil {
			b.Fatal(err)
		}
		return storage.New(own), vsraw.SQL{SQL: byhand.SQL{Prefix: `"crm_`, Scaled: true}, Write: own.own[0], Read: own.own[1]}
	}, "PRAGMA analysis_limit = 1000", "ANALYZE")
}
