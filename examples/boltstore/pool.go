package boltstore

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// pool is the Conn outside of transactions: each call is one of its own. Aggregate and
// UpdateWhere are optional; without them storage does the same by itself, page after
// page, and here every page would be a scan.
type pool struct{ b *backend }

var (
	_ driver.Aggregator  = pool{}
	_ driver.BulkUpdater = pool{}

	writes, reads = driver.TxOptions{}, driver.TxOptions{ReadOnly: true}
)

func (p pool) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	_, err := within(ctx, p.b, writes, func(t *tx) (struct{}, error) { return struct{}{}, t.Insert(ctx, k, in) })
	return err
}

func (p pool) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	return within(ctx, p.b, writes, func(t *tx) (int64, error) { return t.Update(ctx, k, u) })
}

func (p pool) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	return within(ctx, p.b, writes, func(t *tx) (int64, error) { return t.Delete(ctx, k, d) })
}

func (p pool) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	return within(ctx, p.b, writes, func(t *tx) (int64, error) { return t.UpdateWhere(ctx, k, u) })
}

func (p pool) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	return within(ctx, p.b, reads, func(t *tx) ([]driver.Row, error) { return t.Select(ctx, k, q) })
}

func (p pool) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	return within(ctx, p.b, reads, func(t *tx) ([]driver.Row, error) { return t.Aggregate(ctx, k, a) })
}

// within does some work in a transaction of its own.
func within[T any](ctx context.Context, b *backend, o driver.TxOptions, work func(*tx) (T, error)) (T, error) {
	t, err := b.begin(ctx, o)
	if err != nil {
		return *new(T), err
	}
	defer t.end()
	result, err := work(t)
	if err == nil {
		err = t.Commit(ctx)
	}
	return result, err
}
