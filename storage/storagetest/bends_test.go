package storagetest

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// stored changes values of one Go type where they are stored.
func stored[T any](f func(*schema.Field, T) any) *bend {
	return &bend{store: func(field *schema.Field, v any) any {
		if v, ok := v.(T); ok {
			return f(field, v)
		}
		return v
	}}
}

func bentSelect(f func(*query.Select)) *bend {
	return &bend{find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
		other := *q
		f(&other)
		return c.Select(ctx, k, &other)
	}}
}

func bentUpdate(f func(*driver.Update)) *bend {
	return &bend{update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
		other := *u
		other.Set = slices.Clone(u.Set)
		f(&other)
		return c.Update(ctx, k, &other)
	}}
}

func bentBulk(f func(*driver.UpdateWhere)) *bend {
	return &bend{updateWhere: func(ctx context.Context, c driver.BulkUpdater, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
		other := *u
		f(&other)
		return c.UpdateWhere(ctx, k, &other)
	}}
}

func bentGroups(f func(*query.Aggregate, []driver.Row) []driver.Row) *bend {
	return &bend{aggregate: func(ctx context.Context, c driver.Aggregator, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
		rows, err := c.Aggregate(ctx, k, a)
		return f(a, rows), err
	}}
}

// oneTenant does everything in the same tenant.
func oneTenant() *bend {
	const all = "one for all"
	return &bend{
		insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			return c.Insert(ctx, k, &driver.Insert{Tenant: all, Rows: in.Rows})
		},
		update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
			other := *u
			other.Tenant = all
			return c.Update(ctx, k, &other)
		},
		remove: func(ctx context.Context, c driver.Conn, k *schema.Kind, d *driver.Delete) (int64, error) {
			return c.Delete(ctx, k, &driver.Delete{Tenant: all, ID: d.ID, IfVersion: d.IfVersion})
		},
		find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
			other := *q
			other.Tenant = all
			return c.Select(ctx, k, &other)
		},
	}
}

// everyTenant updates by id alone.
func everyTenant() *bend {
	var mu sync.Mutex
	tenants := map[string]bool{}
	return &bend{
		insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			mu.Lock()
			tenants[in.Tenant] = true
			mu.Unlock()
			return c.Insert(ctx, k, in)
		},
		update: func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
			mu.Lock()
			defer mu.Unlock()
			for tenant := range tenants {
				other := *u
				if other.Tenant = tenant; tenant != u.Tenant {
					_, _ = c.Update(ctx, k, &other)
				}
			}
			return c.Update(ctx, k, u)
		},
	}
}

func bentScope(f func(*query.Scope)) *bend {
	return bentSelect(func(q *query.Select) {
		if q.Scope != nil {
			other := *q.Scope
			f(&other)
			q.Scope = &other
		}
	})
}

// rewrites changes each leaf of a condition.
func rewrites(f func(query.Expr) query.Expr) *bend {
	var walk func(query.Expr) query.Expr
	list := func(parts []query.Expr) []query.Expr {
		out := make([]query.Expr, len(parts))
		for i, part := range parts {
			out[i] = walk(part)
		}
		return out
	}
	walk = func(e query.Expr) query.Expr {
		switch e := e.(type) {
		case query.And:
			return query.And(list(e))
		case query.Or:
			return query.Or(list(e))
		case query.Not:
			return query.Not{Expr: walk(e.Expr)}
		}
		return f(e)
	}
	return bentSelect(func(q *query.Select) {
		if q.Where != nil {
			q.Where = walk(q.Where)
		}
	})
}

// lens is a source that sees records otherwise than they are.
type lens struct {
	eval.Source
	across  string // kind whose records of all tenants are found
	anyKind bool   // polymorphic references are found by id alone
	see     func(*schema.Kind, driver.Row)

	tenants []string
}

// seen lets package eval answer queries through a lens.
func seen(l *lens) *bend {
	var mu sync.Mutex
	return &bend{
		insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			mu.Lock()
			defer mu.Unlock()
			if !slices.Contains(l.tenants, in.Tenant) {
				l.tenants = append(l.tenants, in.Tenant)
			}
			return c.Insert(ctx, k, in)
		},
		find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
			mine := *l
			mine.Source = eval.FromConn(ctx, c)
			return eval.Select(ctx, mine, k, q)
		},
	}
}

func (l lens) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	row, ok, err := l.Source.Get(k, tenant, id)
	for _, other := range l.tenants {
		if !ok && err == nil && k.Name() == l.across {
			row, ok, err = l.Source.Get(k, other, id)
		}
	}
	return row, ok, err
}

func (l lens) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	tenants := []string{tenant}
	if k.Name() == l.across {
		tenants = l.tenants
	}
	find := l.Source.Find
	if l.anyKind && k.Name() == "note" && len(key) == 2 {
		find = func(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
			return eval.FindByScan(l.Source, k, tenant, &schema.Index{Fields: x.Fields[1:]}, key[1:])
		}
	}
	return func(yield func(driver.Row, error) bool) {
		for _, tenant := range tenants {
			for row, err := range find(k, tenant, x, key) {
				if err == nil && l.see != nil {
					row = slices.Clone(row)
					l.see(k, row)
				}
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

// blank replaces one field of the rows of a kind.
func blank(k *schema.Kind, row driver.Row, kind, field string, v any) {
	if k.Name() == kind {
		row[k.Field(field).Position] = v
	}
}

func looksThenWrites(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error) {
	if u.IfVersion != 0 {
		q, err := query.ResolveSelect(k, query.Select{Where: query.Eq("id", u.ID)})
		if err != nil {
			return 0, err
		}
		q.Tenant = u.Tenant
		rows, err := c.Select(ctx, k, &q)
		if err != nil || len(rows) == 0 || rows[0][k.Version().Position] != u.IfVersion {
			return 0, err
		}
		time.Sleep(time.Millisecond)
	}
	return c.Update(ctx, k, &driver.Update{Tenant: u.Tenant, ID: u.ID, Set: u.Set})
}

func oneByOne(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
	for i := range in.Rows {
		if err := c.Insert(ctx, k, &driver.Insert{Tenant: in.Tenant, Rows: in.Rows[i : i+1]}); err != nil {
			return err
		}
	}
	return nil
}

// codeTaken reports whether a thing of the tenant has the code.
func codeTaken(ctx context.Context, c driver.Conn, k *schema.Kind, tenant string, code any) bool {
	q, err := query.ResolveSelect(k, query.Select{Where: query.Eq("code", code)})
	if err != nil {
		return false
	}
	q.Tenant = tenant
	rows, err := c.Select(ctx, k, &q)
	return err == nil && len(rows) > 0
}

func uniqueEmpty(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
	if k.Name() == "thing" && codeTaken(ctx, c, k, in.Tenant, "") {
		return fault.New(fault.Exists, "empty codes are equal")
	}
	return c.Insert(ctx, k, in)
}

// looksThenInserts keeps the code unique by asking first; what comes in between
// is stored all the same, under another code.
func looksThenInserts(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
	if k.Name() == "thing" && len(in.Rows) == 1 && in.Rows[0][k.Field("code").Position] == "the one" {
		taken := codeTaken(ctx, c, k, in.Tenant, "the one")
		time.Sleep(20 * time.Millisecond) // also on a busy machine, others ask meanwhile
		if !taken {
			row := slices.Clone(in.Rows[0])
			row[k.Field("code").Position] = row[k.ID().Position].(schema.ID).String()
			if err := c.Insert(ctx, k, in); err == nil {
				return nil
			}
			return c.Insert(ctx, k, &driver.Insert{Tenant: in.Tenant, Rows: []driver.Row{row}})
		}
	}
	return c.Insert(ctx, k, in)
}

// nullLast sorts and pages by itself, consistently, with null as the largest.
func nullLast(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	all := *q
	all.Limit, all.After = query.MaxLimit, nil
	rows, err := c.Select(ctx, k, &all)
	compare := func(a, b []any) int {
		for i, s := range q.Sort {
			order := query.CompareValues(a[i], b[i])
			if (a[i] == nil) != (b[i] == nil) {
				order = -order
			}
			if order != 0 {
				if s.Desc {
					return -order
				}
				return order
			}
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b driver.Row) int { return compare(after(q, a), after(q, b)) })
	if q.After != nil {
		rows = slices.DeleteFunc(rows, func(r driver.Row) bool { return compare(after(q, r), q.After) <= 0 })
	}
	return rows[:min(len(rows), q.Limit)], err
}

func commits(ctx context.Context, tx driver.Tx) error {
	_ = tx.Commit(ctx)
	return nil
}

func rollsBack(ctx context.Context, tx driver.Tx) error { return tx.Rollback(ctx) }

// aliases answers from the very rows that it was given.
func aliases() *bend {
	var mu sync.Mutex
	kept := map[string]driver.Row{}
	key := func(k *schema.Kind, tenant string, row driver.Row) string {
		return k.Name() + tenant + row[k.ID().Position].(schema.ID).String()
	}
	return &bend{
		insert: func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error {
			mu.Lock()
			defer mu.Unlock()
			for _, row := range in.Rows {
				kept[key(k, in.Tenant, row)] = row
			}
			return c.Insert(ctx, k, in)
		},
		find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
			mu.Lock()
			defer mu.Unlock()
			rows, err := c.Select(ctx, k, q)
			for i, row := range rows {
				if len(row) == len(k.Columns()) {
					if mine := kept[key(k, q.Tenant, row)]; mine != nil {
						rows[i] = mine
					}
				}
			}
			return rows, err
		},
	}
}

// manyStates gives readers the pool for a transaction.
func manyStates(ctx context.Context, b driver.Backend, o driver.TxOptions) (driver.Tx, error) {
	if o.ReadOnly {
		return poolTx{b.Conn()}, nil
	}
	return b.Begin(ctx, o)
}

type poolTx struct{ driver.Conn }

func (t poolTx) Savepoint(context.Context) (driver.Tx, error) { return t, nil }
func (poolTx) Commit(context.Context) error                   { return nil }
func (poolTx) Rollback(context.Context) error                 { return nil }

// blindly reads what is committed and writes at the end, whatever came between.
func blindly(ctx context.Context, b driver.Backend, o driver.TxOptions) (driver.Tx, error) {
	if o.ReadOnly {
		return b.Begin(ctx, o)
	}
	return &blindTx{poolTx: poolTx{b.Conn()}}, nil
}

type blindTx struct {
	poolTx
	later []func(ctx context.Context) error
}

func (t *blindTx) Insert(_ context.Context, k *schema.Kind, in *driver.Insert) error {
	t.later = append(t.later, func(ctx context.Context) error { return t.Conn.Insert(ctx, k, in) })
	return nil
}

func (t *blindTx) Update(_ context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	t.later = append(t.later, func(ctx context.Context) error {
		_, err := t.Conn.Update(ctx, k, u)
		return err
	})
	return 1, nil
}

func (t *blindTx) Commit(ctx context.Context) error {
	time.Sleep(time.Millisecond)
	for _, f := range t.later {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
}
