package bunsql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// DB holds the pools of a database and the statements prepared for them.
type DB struct {
	d     *Dialect
	bun   *bun.DB
	write *pool
	read  *pool
	// host keeps the texts for transactions of the host, which may belong to
	// any pool, so that nothing is prepared for them.
	host *pool
	// begun is run at the start of a transaction that writes.
	begun []string
}

// NewDB returns a DB over one pool, or over two where readers have
// their own. Both may be nil: then only transactions can be joined. The pools
// stay the caller's. The statements of begun are run at the start of each
// transaction that may write.
func NewDB(d *Dialect, write, read *sql.DB, begun ...string) *DB {
	handle := bun.NewDB(write, d.Bun)
	db := &DB{d: d, bun: handle, write: newPool(d, handle, write), host: newPool(d, handle, nil), begun: begun}
	db.read = db.write
	if read != write {
		db.read = newPool(d, handle, read)
	}
	return db
}

// Conn returns the place where each call is its own transaction; nil when there
// is no pool.
func (db *DB) Conn() driver.Conn {
	if db.write.db == nil {
		return nil
	}
	return &Conn{db: db, read: target{pool: db.read}, write: target{pool: db.write}}
}

// Close closes the prepared statements and refuses further calls; it comes before
// the pools are closed.
func (db *DB) Close() {
	db.write.close()
	db.read.close()
	db.host.close()
}

// Conn is a driver.Conn over a pool or a transaction.
type Conn struct {
	db          *DB
	read, write target
}

var (
	_ driver.Conn        = (*Conn)(nil)
	_ driver.Reader      = (*Conn)(nil)
	_ driver.Aggregator  = (*Conn)(nil)
	_ driver.BulkUpdater = (*Conn)(nil)
	_ driver.Batcher     = (*Conn)(nil)
	_ driver.Unwrapper   = (*Conn)(nil)
)

// Aggregate implements driver.Aggregator.
func (c *Conn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	columns := len(a.Keys) + len(a.Measures)
	rows, err := c.read.query(ctx, aggregating{k: k, a: a}, a.Tenant, columns, a.Limit)
	if err != nil && c.db.d.SumOverflow != nil && c.db.d.SumOverflow(err) {
		return c.read.query(ctx, aggregating{k: k, a: a, split: true}, a.Tenant, columns, a.Limit)
	}
	return rows, err
}

// Update implements driver.Conn.
func (c *Conn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (matched int64, err error) {
	if !c.db.d.settles(k, u.Set) {
		return c.write.exec(ctx, updating{k, u}, u.Tenant)
	}
	err = c.whole(ctx, func(c *Conn) error {
		if matched, err = c.write.exec(ctx, updating{k, u}, u.Tenant); err != nil || matched == 0 {
			return err
		}
		return c.settle(ctx, k, u.Tenant)
	})
	return matched, err
}

// Delete implements driver.Conn.
func (c *Conn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	return c.write.exec(ctx, deleting{k, d}, d.Tenant)
}

// UpdateWhere implements driver.BulkUpdater.
func (c *Conn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	return c.write.exec(ctx, updatingMany{k, u}, u.Tenant)
}

// atomic runs fn in a transaction of its own on a pool, and under a savepoint in
// a transaction, so that several statements are done all or none.
func (c *Conn) atomic(ctx context.Context, fn func(*Conn) error) (err error) {
	var tx *Tx
	if c.write.tx != nil {
		tx, err = (&Tx{Conn: *c}).savepoint(ctx)
	} else {
		tx, err = c.db.Begin(ctx, nil)
	}
	if err != nil {
		return err
	}
	if err := fn(&tx.Conn); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// As implements driver.Unwrapper with **sql.Tx inside a transaction, **sql.DB
// and **bun.DB outside, and *bun.IConn everywhere.
func (c *Conn) As(target any) bool {
	tx, db := c.write.tx, c.write.pool.db
	switch t := target.(type) {
	case **sql.Tx:
		*t = tx
		return tx != nil
	case **sql.DB:
		*t = db
		return db != nil && tx == nil
	case **bun.DB:
		*t = c.db.bun
		return db != nil && tx == nil
	case *bun.IConn:
		if tx != nil {
			*t = tx
		} else if db != nil {
			*t = db
		}
		return tx != nil || db != nil
	}
	return false
}
