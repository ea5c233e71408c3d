package memory

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// pool is the Conn outside of transactions: it reads the latest committed state,
// and each of its writes is a transaction.
type pool struct{ b *backend }

func (p pool) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	_, err := p.write(ctx, func(c *eval.Conn) (int64, error) { return 0, c.Insert(ctx, k, in) })
	return err
}

func (p pool) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	return p.write(ctx, func(c *eval.Conn) (int64, error) { return c.Update(ctx, k, u) })
}

func (p pool) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	return p.write(ctx, func(c *eval.Conn) (int64, error) { return c.Delete(ctx, k, d) })
}

func (p pool) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	return p.write(ctx, func(c *eval.Conn) (int64, error) { return c.UpdateWhere(ctx, k, u) })
}

func (p pool) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	c, err := p.b.read(ctx)
	if err != nil {
		return nil, err
	}
	return c.Select(ctx, k, q)
}

func (p pool) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	c, err := p.b.read(ctx)
	if err != nil {
		return nil, err
	}
	return c.Aggregate(ctx, k, a)
}

func (p pool) write(ctx context.Context, work func(*eval.Conn) (int64, error)) (int64, error) {
	t, err := p.b.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Rollback(ctx) //nolint:errcheck // it can't fail, and does nothing after Commit
	matched, err := work(t.Conn)
	if err == nil {
		err = t.Commit(ctx)
	}
	if err != nil {
		return 0, err
	}
	return matched, nil
}
