package pgtest_test

import (
	"database/sql"
	"testing"

	"github.com/kehucrm/kehu/storage/postgres/pgtest"
)

// A host's test of what it stores.
func ExampleDSN() {
	_ = func(t *testing.T) { // func TestOrders(t *testing.T) {
		db, err := sql.Open("pgx", pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		// …
	}
}
