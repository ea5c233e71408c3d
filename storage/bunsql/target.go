package bunsql

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kehucrm/kehu/storage/driver"
)

// target is where a statement runs: on a pool or in a transaction.
type target struct {
	pool *pool
	tx   *sql.Tx
	// conn is the connection of a transaction of ours.
	conn *sql.Conn
}

// prepare finds the statement of a request and its arguments in their places.
// The caller releases it.
func (t target) prepare(ctx context.Context, r request, tenant string) (use, []any, error) {
	s := newShape(t.pool.d, tenant)
	r.collect(s)
	u, err := t.pool.statement(ctx, r, s, t.tx != nil)
	if err != nil {
		return use{}, nil, err
	}
	if u.args != len(s.args) {
		t.pool.release(u)
		return use{}, nil, fmt.Errorf("bunsql: a text with %d arguments met a shape with %d", u.args, len(s.args))
	}
	return u, u.arrange(s.args), nil
}

// exec runs a statement that returns no rows and returns how many it changed.
func (t target) exec(ctx context.Context, r request, tenant string) (int64, error) {
	u, args, err := t.prepare(ctx, r, tenant)
	if err != nil {
		return 0, because(ctx, err)
	}
	defer t.pool.release(u)
	var res sql.Result
	switch {
	case t.tx == nil && u.stmt == nil:
		res, err = t.pool.db.ExecContext(ctx, u.text, args...)
	case t.tx == nil:
		res, err = u.stmt.ExecContext(ctx, args...)
	case u.stmt == nil:
		res, err = t.tx.ExecContext(ctx, u.text, args...)
	default:
		res, err = t.tx.StmtContext(ctx, u.stmt).ExecContext(ctx, args...)
	}
	if err != nil {
		return 0, because(ctx, err)
	}
	return res.RowsAffected()
}

// query runs a statement and reads its rows of some columns, of which there are at
// most limit.
func (t target) query(ctx context.Context, r request, tenant string, columns, limit int) ([]driver.Row, error) {
	list := newRowList(columns, limit)
	if err := t.read(ctx, r, tenant, limit, list.next); err != nil {
		return nil, err
	}
	return list.rows, nil
}

// read runs a statement and sets the values of its rows, of which there are at most
// limit; next returns where those of the next row go.
func (t target) read(ctx context.Context, r request, tenant string, limit int, next func() []any) error {
	u, args, err := t.prepare(ctx, r, tenant)
	if err != nil {
		return because(ctx, err)
	}
	defer t.pool.release(u)
	var rows *sql.Rows
	switch {
	case t.tx == nil && u.stmt == nil:
		rows, err = t.pool.db.QueryContext(ctx, u.text, args...)
	case t.tx == nil:
		rows, err = u.stmt.QueryContext(ctx, args...)
	case u.stmt == nil:
		rows, err = t.tx.QueryContext(ctx, u.text, args...)
	default:
		rows, err = t.tx.StmtContext(ctx, u.stmt).QueryContext(ctx, args...)
	}
	if err != nil {
		return because(ctx, err)
	}
	return because(ctx, scan(rows, u.decoders, limit, next))
}

// because returns the context's error where the context ended a call: drivers
// speak of an interrupt instead.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
