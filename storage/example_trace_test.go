package storage_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type Order struct {
	ID      schema.ID
	Version int64
	Number  string
}

// traced tells what the backend beneath is asked to do: the call and the kind, and never
// a value, which may be personal.
type traced struct{ driver.Backend }

// span is called where a call begins, and what it returns where it ends.
func span(ctx context.Context, call string, k *schema.Kind) (end func()) {
	fmt.Println("begin", call, k.Name())
	return func() { fmt.Println("end", call, k.Name()) }
}

func (b traced) Beneath() driver.Backend { return b.Backend }

func (b traced) Around(tx driver.Tx) driver.Tx { return tracedTx{tracedConn{tx}, tx} }

func (b traced) Conn() driver.Conn {
	if c := b.Backend.Conn(); c != nil {
		return tracedConn{c}
	}
	return nil // a store without a handle, which only joins
}

func (b traced) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := b.Backend.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return b.Around(tx), nil
}

// tracedConn passes on what a Conn of memory can do besides: aggregations, and updates of
// many records. Those of sqlite and postgres can do more, which is passed on in the same
// way; what is not, storage does through these methods, only slower.
type tracedConn struct{ driver.Conn }

func (c tracedConn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	defer span(ctx, "insert", k)()
	return c.Conn.Insert(ctx, k, in)
}

func (c tracedConn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	defer span(ctx, "update", k)()
	return c.Conn.Update(ctx, k, u)
}

func (c tracedConn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	defer span(ctx, "delete", k)()
	return c.Conn.Delete(ctx, k, d)
}

func (c tracedConn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	defer span(ctx, "select", k)()
	return c.Conn.Select(ctx, k, q)
}

func (c tracedConn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	defer span(ctx, "aggregate", k)()
	return c.Conn.(driver.Aggregator).Aggregate(ctx, k, a)
}

func (c tracedConn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	defer span(ctx, "update where", k)()
	return c.Conn.(driver.BulkUpdater).UpdateWhere(ctx, k, u)
}

type tracedTx struct {
	tracedConn
	tx driver.Tx
}

func (t tracedTx) Commit(ctx context.Context) error   { return t.tx.Commit(ctx) }
func (t tracedTx) Rollback(ctx context.Context) error { return t.tx.Rollback(ctx) }

func (t tracedTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	sp, err := t.tx.Savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return tracedTx{tracedConn{sp}, sp}, nil
}

// A decorator around the backend of a store sees what the store does, in transactions
// of the host, too.
func Example_trace() {
	ctx := context.Background()
	store := memory.Open()
	store = storage.New(traced{store.Driver()})

	kind := schema.Define[Order]("order")
	registry, err := schema.NewRegistry([]*schema.Kind{kind.Kind})
	if err != nil {
		fmt.Println(err)
		return
	}
	acme, err := store.Bind(registry, storage.Options{}).Tenant("acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	orders := storage.Of(acme, kind)
	err = orders.Insert(ctx, &Order{ID: acme.NewID(), Version: 1, Number: "4711"})
	fmt.Println(err)
	totals, err := orders.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})
	fmt.Println(totals.Rows, err)
	// Output:
	// begin insert order
	// end insert order
	// <nil>
	// begin aggregate order
	// end aggregate order
	// [[1]] <nil>
}
