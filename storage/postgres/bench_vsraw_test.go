package postgres

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
	"github.com/kehucrm/kehu/storage/storagetest/vsraw"
)

// BenchmarkVsRaw compares storage on Postgres with hand-written database/sql on the
// same pool; see package vsraw for its flags.
func BenchmarkVsRaw(b *testing.B) {
	dsn := pgtest.DSN(b)
	vsraw.Run(b, func() (*storage.Store, vsraw.SQL) {
		own, err := open(b.Context(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		return storage.New(own), vsraw.SQL{SQL: byhand.SQL{Prefix: `"crm"."`, Numbered: true}, Write: own.own, Read: own.own,
			Bulk: copyLines(own.own), Tx: &sql.TxOptions{Isolation: sql.LevelRepeatableRead}}
	}, "VACUUM ANALYZE")
}

// copyLines is COPY by hand, over a connection of the pool.
func copyLines(db *sql.DB) func(context.Context, string, []*vsraw.Line) error {
	columns := []string{"tenant_id", "id", "customer_id", "ordered_at", "month", "quantity", "amount"}
	return func(ctx context.Context, tenant string, lines []*vsraw.Line) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }() // back to the pool
		values := make([]any, len(columns))
		source := pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
			l := lines[i]
			values[0], values[1], values[2], values[3] = tenant, pgtype.UUID{Bytes: l.ID, Valid: true}, pgtype.UUID{Bytes: l.CustomerID, Valid: true}, l.OrderedAt
			values[4], values[5], values[6] = l.Month, l.Quantity, pgtype.Numeric{Int: l.Amount.Coefficient(), Exp: l.Amount.Exponent(), Valid: true}
			return values, nil
		})
		return conn.Raw(func(driver any) error {
			_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"crm", "line"}, columns, source)
			return err
		})
	}
}
