package bunsql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Insert implements driver.Conn.
func (c *Conn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	if len(in.Rows) >= copyRows && c.db.d.Copy != nil && (c.write.tx == nil || c.write.conn != nil) {
		return c.copy(ctx, k, in)
	}
	if c.db.d.TokenTable && k.Search() != nil && len(in.Rows) > 0 {
		return c.whole(ctx, func(c *Conn) error {
			if err := c.insert(ctx, k, in); err != nil {
				return err
			}
			return c.settle(ctx, k, in.Tenant)
		})
	}
	// A transaction needs no savepoint around its statements: after a failed write
	// its owner rolls back.
	if c.write.tx != nil || len(in.Rows) <= 1 || len(in.Rows) == insertSize(c.db.d, k, len(in.Rows)) {
		return c.insert(ctx, k, in)
	}
	return c.atomic(ctx, func(c *Conn) error { return c.insert(ctx, k, in) })
}

// copyRows is the number of rows from which Copy is used.
const copyRows = 100

// copy streams the rows, on the transaction's connection or on one of the pool,
// where it is its own transaction.
func (c *Conn) copy(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	conn := c.write.conn
	if conn == nil {
		var err error
		if conn, err = c.write.pool.db.Conn(ctx); err != nil {
			return because(ctx, err)
		}
		defer func() { _ = conn.Close() }() // back to the pool
	}
	return because(ctx, conn.Raw(func(raw any) error { return c.db.d.Copy(ctx, raw, k, in) }))
}

// insert runs as many statements as the rows need; for more than one it is in a
// transaction.
func (c *Conn) insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	if c.db.d.BulkRows == 1 && len(in.Rows) > 1 {
		return c.insertEach(ctx, k, in)
	}
	for rows := in.Rows; len(rows) > 0; {
		n := insertSize(c.db.d, k, len(rows))
		if _, err := c.write.exec(ctx, inserting{k, rows[:n]}, in.Tenant); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// insertEach repeats one prepared statement, which on SQLite is faster than any
// statement of many rows.
func (c *Conn) insertEach(ctx context.Context, k *schema.Kind, in *driver.Insert) (err error) {
	u, args, err := c.write.prepare(ctx, inserting{k, in.Rows[:1]}, in.Tenant)
	if err != nil {
		return because(ctx, err)
	}
	defer c.write.pool.release(u)
	stmt, err := c.write.stmt(ctx, u)
	if err != nil {
		return because(ctx, err)
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	s := newShape(c.db.d, in.Tenant)
	for i, row := range in.Rows {
		if i > 0 {
			s.args = s.args[:1]
			s.row(k, row)
			args = u.arrange(s.args)
		}
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return because(ctx, err)
		}
	}
	return nil
}

// stmt returns the statement prepared for the transaction.
func (t target) stmt(ctx context.Context, u use) (*sql.Stmt, error) {
	if u.stmt == nil {
		return t.tx.PrepareContext(ctx, u.text)
	}
	return t.tx.StmtContext(ctx, u.stmt), nil
}

// insertSize returns how many of n rows one statement takes: one of few sizes,
// so that the texts stay few, and no more arguments than the protocol allows.
func insertSize(d *Dialect, k *schema.Kind, n int) int {
	const maxArgs = 60_000
	n = min(n, d.BulkRows, maxArgs/(len(k.Columns())+2))
	for _, size := range []int{500, 200, 100, 50, 20} {
		if n >= size {
			return size
		}
	}
	return n
}
