package sqlite

import (
	"testing"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/storagetest/vsraw"
)

// BenchmarkVsRaw compares storage on SQLite with hand-written database/sql on the
// same two pools; see package vsraw for its flags.
func BenchmarkVsRaw(b *testing.B) {
	own := openTest(b)
	vsraw.Run(b, storage.New(own), func() vsraw.SQL {
		return vsraw.SQL{Write: own.own[0], Read: own.own[1], Prefix: `"crm_`, Scaled: true}
	})
}
