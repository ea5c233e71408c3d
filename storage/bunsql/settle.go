package bunsql

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Where tokens are kept in a table beside that of a kind (Dialect.TokenTable), a write hands
// them over in a column, and a statement after it, once for each call, takes those of all
// rows into the index. Nothing of another call is ever there: both are one transaction.

// settles reports whether assignments have tokens to be settled.
func (d *Dialect) settles(k *schema.Kind, set []driver.Assign) bool {
	return d.TokenTable && slices.ContainsFunc(set, func(a driver.Assign) bool { return isSearchText(k, a.Field) })
}

// whole runs fn in the transaction that there is, whose owner rolls back when it fails, or
// in one of its own.
func (c *Conn) whole(ctx context.Context, fn func(*Conn) error) error {
	if c.write.tx != nil {
		return fn(c)
	}
	return c.atomic(ctx, fn)
}

// settling is the request to take tokens into the index.
type settling struct{ k *schema.Kind }

func (r settling) kind() *schema.Kind { return r.k }

func (r settling) collect(s *shape) { s.mark('K') }

func (r settling) compile(c *compiler) (fragment, []decoder) {
	return sqlf(`INSERT INTO ? ("tenant_id") VALUES (?)`, bun.Safe(c.d.Table(r.k.Name()+"_settle")), c.tenant()), nil
}

func (c *Conn) settle(ctx context.Context, k *schema.Kind, tenant string) error {
	_, err := c.write.exec(ctx, settling{k}, tenant)
	return err
}

// nextNumber returns the number under which the tokens of a new record are kept. Only one
// transaction writes at a time.
func (d *Dialect) nextNumber(k *schema.Kind) fragment {
	return sqlf(`(SELECT coalesce(max("search_no"), 0) + 1 FROM ?)`, bun.Safe(d.Table(k.Name())))
}
