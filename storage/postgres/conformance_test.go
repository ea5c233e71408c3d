package postgres

import (
	"context"
	"database/sql"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

func openDSN(t testing.TB, dsn string, options ...Option) *backend {
	t.Helper()
	b, err := open(context.Background(), dsn, options...)
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

func conform(t *testing.T, options ...Option) {
	dsns := map[driver.Backend]string{}
	storagetest.Run(t, storagetest.Harness{
		Open: func(t testing.TB, r *schema.Registry) driver.Backend {
			dsn := pgtest.DSN(t)
			b := openDSN(t, dsn, options...)
			storagetest.Migrate(t, b, r)
			dsns[b] = dsn
			return b
		},
		Host: func(t testing.TB, b driver.Backend) (driver.Tx, func() error, func() error) {
			host, err := sql.Open("pgx", dsns[b])
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = host.Close() })
			tx, err := host.Begin()
			if err != nil {
				t.Fatal(err)
			}
			return b.(*backend).DB.Join(tx), tx.Commit, tx.Rollback
		},
		Reopen: func(t testing.TB, b driver.Backend, _ *schema.Registry) driver.Backend {
			return openDSN(t, dsns[b], options...)
		},
	})
}

func TestConformance(t *testing.T) { conform(t) }

func TestConformanceBehindAPooler(t *testing.T) {
	conform(t, WithSimpleProtocol(), WithSchema("host_crm"))
}
