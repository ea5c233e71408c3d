package bunsql

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/kehucrm/kehu/storage/driver"
)

// Tx is a transaction or a savepoint within one.
type Tx struct {
	Conn
	// level is 0 for the transaction itself and counts savepoints.
	level int
	// host says that the transaction is the host's: it is not ended here.
	host bool
	done bool
}

var _ driver.Tx = (*Tx)(nil)

// Begin starts a transaction on the pool of the readers for one that promises
// not to write, else on that of the writers.
func (db *DB) Begin(ctx context.Context, o *sql.TxOptions) (*Tx, error) {
	t, err := db.begin(ctx, o)
	if err != nil {
		return nil, because(ctx, err)
	}
	return &Tx{Conn: Conn{db: db, read: t, write: t}}, nil
}

// begin waits for a connection as long as ctx allows. The transaction itself is
// not bound to ctx: database/sql would roll it back behind our back, and the
// drivers then can't roll back an ended context's transaction cleanly.
func (db *DB) begin(ctx context.Context, o *sql.TxOptions) (t target, err error) {
	readOnly := o != nil && o.ReadOnly
	if t.pool = db.write; readOnly {
		t.pool = db.read
	}
	if err := t.pool.prepareWanted(ctx); err != nil {
		return t, err
	}
	if t.conn, err = t.pool.db.Conn(ctx); err != nil {
		return t, err
	}
	if t.tx, err = t.conn.BeginTx(context.WithoutCancel(ctx), o); err != nil {
		return t, errors.Join(err, t.conn.Close())
	}
	if !readOnly {
		for _, text := range db.begun {
			if _, err := t.tx.ExecContext(ctx, text); err != nil {
				_ = t.tx.Rollback() // there may be none to roll back
				return t, errors.Join(err, t.conn.Close())
			}
		}
	}
	return t, nil
}

// Join returns a transaction of the host. Its statements are not prepared
// beforehand, since it may belong to another pool; its Commit and Rollback do
// nothing.
func (db *DB) Join(tx *sql.Tx) *Tx {
	t := target{pool: db.host, tx: tx}
	return &Tx{Conn: Conn{db: db, read: t, write: t}, host: true}
}

// SQL returns the transaction as database/sql knows it.
func (t *Tx) SQL() *sql.Tx { return t.write.tx }

// Savepoint implements driver.Tx.
func (t *Tx) Savepoint(ctx context.Context) (driver.Tx, error) {
	sp, err := t.savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return sp, nil
}

func (t *Tx) savepoint(ctx context.Context) (*Tx, error) {
	sp := &Tx{Conn: t.Conn, level: t.level + 1}
	if err := sp.command(ctx, "SAVEPOINT "); err != nil {
		return nil, err
	}
	return sp, nil
}

func (t *Tx) command(ctx context.Context, verb string) error {
	_, err := t.write.tx.ExecContext(ctx, verb+"kehu_"+strconv.Itoa(t.level))
	return err
}

// Commit implements driver.Tx. With an ended context it rolls back.
func (t *Tx) Commit(ctx context.Context) error {
	if t.done {
		return sql.ErrTxDone
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, t.Rollback(ctx))
	}
	t.done = true
	switch {
	case t.level > 0:
		return because(ctx, t.command(ctx, "RELEASE SAVEPOINT "))
	case t.host:
		return nil
	}
	defer t.free()
	return t.write.tx.Commit()
}

// Rollback implements driver.Tx.
func (t *Tx) Rollback(ctx context.Context) error {
	if t.done {
		return nil
	}
	t.done = true
	switch {
	case t.level > 0:
		ctx = context.WithoutCancel(ctx)
		if err := t.command(ctx, "ROLLBACK TO SAVEPOINT "); err != nil {
			return err
		}
		return t.command(ctx, "RELEASE SAVEPOINT ")
	case t.host:
		return nil
	}
	defer t.free()
	// What fails here is a transaction that the database has rolled back
	// already, or a connection that is gone, and its transaction with it.
	_ = t.write.tx.Rollback()
	return nil
}

// free gives the connection back to the pool.
func (t *Tx) free() { _ = t.write.conn.Close() }
