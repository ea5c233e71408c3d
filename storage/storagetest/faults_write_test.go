package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// wrongWrites store something else, or keep what they should not.
var wrongWrites = []wrong{
	{"searches by what was inserted", "Search", func() *bend {
		return bentUpdate(func(u *driver.Update) {
			u.Set = slices.DeleteFunc(u.Set, func(a driver.Assign) bool { return a.Field.Name == schema.SearchText })
		})
	}},
	{"finds what was rolled back", "Search", func() *bend { return &bend{rollback: commits} }},
	{"finds what a savepoint took back", "Search", func() *bend { return &bend{savepoint: ending{rollback: commits}} }},
	{"finds what is gone", "Search", func() *bend {
		return &bend{remove: func(context.Context, driver.Conn, *schema.Kind, *driver.Delete) (int64, error) { return 1, nil }}
	}},
	{"updates every tenant's record of an id", "Tenancy", everyTenant},

	{"ignores the version of an update", "Versions", func() *bend {
		return &bend{update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
			return c.Update(ctx, k, &driver.Update{Tenant: u.Tenant, ID: u.ID, Set: u.Set})
		}}
	}},
	{"ignores the version of a delete", "Versions", func() *bend {
		return &bend{remove: func(ctx context.Context, c driver.Conn, k *schema.Kind, d *driver.Delete) (int64, error) {
			return c.Delete(ctx, k, &driver.Delete{Tenant: d.Tenant, ID: d.ID})
		}}
	}},
	{"looks at the version first and writes then", "Versions", func() *bend { return &bend{update: looksThenWrites} }},
	{"fails for no reason under load", "Versions", func() *bend {
		var n atomic.Int64
		return &bend{update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
			if n.Add(1)%50 == 0 {
				return 0, errors.New("no connection left")
			}
			return c.Update(ctx, k, u)
		}}
	}},

	{"cuts times to milliseconds", "Values", func() *bend {
		return stored(func(_ *schema.Field, t time.Time) any { return t.Truncate(time.Millisecond) })
	}},
	{"returns times in another zone", "Values", func() *bend {
		return &bend{read: func(_ *schema.Field, v any) any {
			if t, ok := v.(time.Time); ok {
				return t.In(time.FixedZone("CST", 8*3600))
			}
			return v
		}}
	}},
	{"loses decimal places", "Values", func() *bend { return stored(func(_ *schema.Field, d decimal.Decimal) any { return d.Truncate(2) }) }},
	{"keeps decimals as floats", "Values", func() *bend {
		return stored(func(f *schema.Field, d decimal.Decimal) any {
			return decimal.NewFromFloat(d.InexactFloat64()).Round(f.Scale)
		})
	}},
	{"keeps ints as floats", "Values", func() *bend {
		return stored(func(_ *schema.Field, n int64) any { return int64(float64(n) * 0.9999999999999999) })
	}},
	{"shifts dates", "Values", func() *bend {
		return &bend{read: func(_ *schema.Field, v any) any {
			if d, ok := v.(schema.Date); ok && d.Days() < 0 {
				return d.AddDays(1)
			}
			return v
		}}
	}},
	{"takes empty text for null", "Values", func() *bend {
		return &bend{store: func(f *schema.Field, v any) any {
			if v == "" && f.Nullable {
				return nil
			}
			return v
		}}
	}},
	{"takes empty bytes for null", "Values", func() *bend {
		return &bend{read: func(_ *schema.Field, v any) any {
			if b, ok := v.([]byte); ok && len(b) == 0 {
				return nil
			}
			return v
		}}
	}},
	{"trims text", "Values", func() *bend { return stored(func(_ *schema.Field, s string) any { return strings.TrimRight(s, " ") }) }},
	{"normalises text", "Values", func() *bend {
		return stored(func(_ *schema.Field, s string) any { return strings.ReplaceAll(s, "e\u0301", "é") })
	}},
	{"spaces JSON out", "Values", func() *bend {
		return &bend{read: func(_ *schema.Field, v any) any {
			if j, ok := v.(schema.JSON); ok {
				return schema.JSON(strings.ReplaceAll(string(j), ",", ", "))
			}
			return v
		}}
	}},

	{"keeps the caller's rows", "CRUD", aliases},
	{"keeps the rows before the one that fails", "CRUD", func() *bend { return &bend{insert: oneByOne} }},
	{"loses the second of two rows", "CRUD", func() *bend {
		return &bend{insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			if len(in.Rows) == 2 {
				in = &driver.Insert{Tenant: in.Tenant, Rows: in.Rows[:1]}
			}
			return c.Insert(ctx, k, in)
		}}
	}},
	{"sets instead of adding", "CRUD", func() *bend {
		return bentUpdate(func(u *driver.Update) {
			for i := range u.Set {
				u.Set[i].Add = false
			}
		})
	}},
	{"forgets the last assignment", "CRUD", func() *bend {
		return bentUpdate(func(u *driver.Update) { u.Set = u.Set[:len(u.Set)-1] })
	}},

	{"ignores uniques", "Uniques", func() *bend {
		return &bend{insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			err := c.Insert(ctx, k, in)
			if err != nil && eval.Classify(err).Index != "" {
				return nil
			}
			return err
		}}
	}},
	{"does not say which unique", "Uniques", func() *bend {
		return &bend{classify: func(f driver.Fault) driver.Fault { return driver.Fault{Code: f.Code} }}
	}},
	{"takes empty text for a unique value", "Uniques", func() *bend { return &bend{insert: uniqueEmpty} }},
	{"keeps the rows before a unique that fails", "Uniques", func() *bend { return &bend{insert: oneByOne} }},

	{"ignores references of an insert", "References", func() *bend {
		return &bend{insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			err := c.Insert(ctx, k, in)
			if err != nil && eval.Classify(err).Code == fault.Referenced {
				return nil
			}
			return err
		}}
	}},
	{"deletes what is referred to", "References", func() *bend {
		return &bend{remove: func(ctx context.Context, c driver.Conn, k *schema.Kind, d *driver.Delete) (int64, error) {
			n, err := c.Delete(ctx, k, d)
			if err != nil && eval.Classify(err).Code == fault.Referenced {
				return 1, nil
			}
			return n, err
		}}
	}},
	{"sorts rows before it inserts", "References", func() *bend {
		return &bend{insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			rows := slices.Clone(in.Rows)
			slices.SortFunc(rows, func(a, b driver.Row) int { return query.CompareValues(a[k.ID().Position], b[k.ID().Position]) })
			return c.Insert(ctx, k, &driver.Insert{Tenant: in.Tenant, Rows: rows})
		}}
	}},

	{"keeps what was rolled back", "Tx", func() *bend { return &bend{rollback: commits} }},
	{"keeps what a savepoint rolled back", "Tx", func() *bend { return &bend{savepoint: ending{rollback: commits}} }},
	{"loses what was committed", "Tx", func() *bend { return &bend{commit: rollsBack} }},
	{"loses what a savepoint committed", "Tx", func() *bend { return &bend{savepoint: ending{commit: rollsBack}} }},
	{"sees many states in a reading transaction", "Tx", func() *bend { return &bend{begin: manyStates} }},

	{"loses updates", "Concurrency", func() *bend { return &bend{begin: blindly} }},
	{"sees many states in a reading transaction", "Concurrency", func() *bend { return &bend{begin: manyStates} }},
	{"checks uniques first and writes then", "Concurrency", func() *bend { return &bend{insert: looksThenInserts} }},

	{"leaks on cancel", "Cancel", func() *bend {
		return &bend{
			begin: func(ctx context.Context, b driver.Backend, o driver.TxOptions) (driver.Tx, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				return b.Begin(ctx, o)
			},
			rollback: func(ctx context.Context, tx driver.Tx) error {
				if ctx.Err() != nil {
					return nil // and the writer's place stays taken
				}
				return tx.Rollback(ctx)
			},
		}
	}},
	{"hides that it was cancelled", "Cancel", func() *bend {
		return &bend{find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
			rows, err := c.Select(ctx, k, q)
			if err != nil && ctx.Err() != nil {
				err = errors.New("interrupted")
			}
			return rows, err
		}}
	}},
	{"does not notice that it was cancelled", "Cancel", func() *bend {
		return &bend{update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
			return c.Update(context.WithoutCancel(ctx), k, u)
		}}
	}},
	{"keeps half of what was cancelled", "Cancel", func() *bend { return &bend{insert: oneByOne} }},
	{"does not say that nothing was committed", "Cancel", func() *bend {
		return &bend{commit: func(ctx context.Context, tx driver.Tx) error {
			if ctx.Err() != nil {
				return tx.Rollback(ctx)
			}
			return tx.Commit(ctx)
		}}
	}},

	{"loses the second change", "Batch", func() *bend {
		return &bend{batch: func(ctx context.Context, c driver.Batcher, list []driver.Mutation) ([]int64, error) {
			if len(list) < 2 {
				return c.Batch(ctx, list)
			}
			n, err := c.Batch(ctx, append(slices.Clone(list[:1]), list[2:]...))
			return slices.Insert(n, min(1, len(n)), 1), err
		}}
	}},
	{"stops where nothing matches", "Batch", func() *bend {
		return &bend{batch: func(ctx context.Context, c driver.Batcher, list []driver.Mutation) ([]int64, error) {
			all := make([]int64, len(list))
			for i := range list {
				n, err := c.Batch(ctx, list[i:i+1])
				if err != nil {
					return nil, err
				}
				if all[i] = n[0]; n[0] == 0 {
					break
				}
			}
			return all, nil
		}}
	}},
	{"keeps the changes before the one that fails", "Batch", func() *bend {
		return &bend{batch: func(ctx context.Context, c driver.Batcher, list []driver.Mutation) ([]int64, error) {
			var all []int64
			for i := range list {
				n, err := c.Batch(ctx, list[i:i+1])
				if err != nil {
					return nil, err
				}
				all = append(all, n...)
			}
			return all, nil
		}}
	}},

	{"ignores the scope", "UpdateWhere", func() *bend { return bentBulk(func(u *driver.UpdateWhere) { u.Scope = nil }) }},
	{"ignores the condition", "UpdateWhere", func() *bend { return bentBulk(func(u *driver.UpdateWhere) { u.Where = nil }) }},
	{"forgets the last assignment", "UpdateWhere", func() *bend {
		return bentBulk(func(u *driver.UpdateWhere) { u.Set = u.Set[:len(u.Set)-1] })
	}},

	{"does not close", "Close", func() *bend { return &bend{close: func(driver.Backend) error { return nil }} }},
}
