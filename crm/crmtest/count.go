package crmtest

import (
	"context"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Counted returns a store over the same database, and a function that tells how often
// the database has been called through it since it told the last time. It holds the
// promise that nothing is asked once for each record: the number for many records is
// that for a few.
func Counted(store *storage.Store) (counted *storage.Store, calls func() int) {
	c := &counter{Backend: store.Driver()}
	return storage.New(c), func() int {
		n := c.calls
		c.calls = 0
		return n
	}
}

// counter is a driver.Decorator. It is for one goroutine at a time.
type counter struct {
	driver.Backend
	calls int
}

func (c *counter) Beneath() driver.Backend { return c.Backend }

func (c *counter) Around(tx driver.Tx) driver.Tx { return countedTx{countedConn{tx, c}, tx} }

func (c *counter) Conn() driver.Conn {
	if conn := c.Backend.Conn(); conn != nil {
		return countedConn{conn, c}
	}
	return nil
}

func (c *counter) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Backend.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return c.Around(tx), nil
}

type countedTx struct {
	countedConn
	tx driver.Tx
}

func (t countedTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	t.counter.calls++
	tx, err := t.tx.Savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return t.counter.Around(tx), nil
}

func (t countedTx) Commit(ctx context.Context) error   { return t.tx.Commit(ctx) }
func (t countedTx) Rollback(ctx context.Context) error { return t.tx.Rollback(ctx) }

// countedConn passes on an Aggregator and a BulkUpdater, which all our adapters' conns
// are; what else they can do, storage does through these methods.
type countedConn struct {
	conn    driver.Conn
	counter *counter
}

func (c countedConn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	c.counter.calls++
	return c.conn.Insert(ctx, k, in)
}

func (c countedConn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	c.counter.calls++
	return c.conn.Update(ctx, k, u)
}

func (c countedConn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	c.counter.calls++
	return c.conn.Delete(ctx, k, d)
}

func (c countedConn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	c.counter.calls++
	return c.conn.Select(ctx, k, q)
}

func (c countedConn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	c.counter.calls++
	return c.conn.(driver.Aggregator).Aggregate(ctx, k, a)
}

func (c countedConn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	c.counter.calls++
	return c.conn.(driver.BulkUpdater).UpdateWhere(ctx, k, u)
}
