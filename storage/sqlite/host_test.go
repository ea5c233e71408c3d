package sqlite

import (
	"database/sql"
	"net/url"
	"testing"

	"github.com/kehucrm/kehu/storage/bunsql"
)

// hostDB is the shared part as New makes it, over a pool of eight connections
// with deferred transactions.
func hostDB(t testing.TB, path string) *bunsql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(8)
	t.Cleanup(func() { _ = db.Close() })
	return New(db).Driver().(*backend).db
}
