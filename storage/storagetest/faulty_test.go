package storagetest

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// bend says where a backend does other than it should; what is nil is as in the
// backend beneath. c is that, on the pool or in a transaction.
type bend struct {
	insert      func(ctx context.Context, c driver.Conn, k *schema.Kind, in *driver.Insert) error
	update      func(ctx context.Context, c driver.Conn, k *schema.Kind, u *driver.Update) (int64, error)
	remove      func(ctx context.Context, c driver.Conn, k *schema.Kind, d *driver.Delete) (int64, error)
	find        func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error)
	search      func(k *schema.Kind, rows []driver.Row) []driver.Row
	gather      func(list []query.Select, rows []driver.Row) []driver.Row
	aggregate   func(ctx context.Context, c driver.Aggregator, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error)
	updateWhere func(ctx context.Context, c driver.BulkUpdater, k *schema.Kind, u *driver.UpdateWhere) (int64, error)
	batch       func(ctx context.Context, c driver.Batcher, list []driver.Mutation) ([]int64, error)
	begin       func(ctx context.Context, b driver.Backend, o driver.TxOptions) (driver.Tx, error)
	commit      func(ctx context.Context, tx driver.Tx) error
	rollback    func(ctx context.Context, tx driver.Tx) error
	savepoint   ending
	classify    func(f driver.Fault) driver.Fault
	close       func(b driver.Backend) error

	// set puts a value where Read is told to.
	set func(place, value any) error

	// store and read change single values, on their way in and out.
	store, read func(f *schema.Field, v any) any
}

// ending is how savepoints end.
type ending struct {
	commit, rollback func(ctx context.Context, tx driver.Tx) error
}

type bentBackend struct {
	driver.Backend
	*bend
}

// over returns the decorator that bends a backend. It also adds a Batcher, a Reader
// and a Gatherer.
func (b *bend) over(beneath driver.Backend) driver.Backend { return bentBackend{beneath, b} }

func (b bentBackend) Conn() driver.Conn {
	return bentConn{b.Backend.Conn(), b.bend, func(ctx context.Context) (driver.Tx, error) { return b.Backend.Begin(ctx, driver.TxOptions{}) }}
}

func (b bentBackend) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begin := b.begin
	if begin == nil {
		begin = func(ctx context.Context, b driver.Backend, o driver.TxOptions) (driver.Tx, error) {
			return b.Begin(ctx, o)
		}
	}
	tx, err := begin(ctx, b.Backend, o)
	if err != nil {
		return nil, err
	}
	return b.bentTx(tx, b.commit, b.rollback), nil
}

func (b bentBackend) Classify(err error) driver.Fault {
	f := b.Backend.Classify(err)
	if b.classify != nil {
		f = b.classify(f)
	}
	return f
}

func (b bentBackend) Close() error {
	if b.close != nil {
		return b.close(b.Backend)
	}
	return b.Backend.Close()
}

type bentConn struct {
	driver.Conn
	*bend
	inner func(context.Context) (driver.Tx, error) // begins what Batch is done in
}

func (c bentConn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	if c.store != nil {
		in = &driver.Insert{Tenant: in.Tenant, Rows: mapped(k.Columns(), in.Rows, c.store)}
	}
	if c.insert != nil {
		return c.insert(ctx, c.Conn, k, in)
	}
	return c.Conn.Insert(ctx, k, in)
}

func (c bentConn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	if c.store != nil {
		copied := *u
		copied.Set = slices.Clone(u.Set)
		for i, a := range copied.Set {
			copied.Set[i].Value = c.store(a.Field, a.Value)
		}
		u = &copied
	}
	if c.update != nil {
		return c.update(ctx, c.Conn, k, u)
	}
	return c.Conn.Update(ctx, k, u)
}

func (c bentConn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	if c.remove != nil {
		return c.remove(ctx, c.Conn, k, d)
	}
	return c.Conn.Delete(ctx, k, d)
}

func (c bentConn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	find := c.find
	if find == nil {
		find = beneath
	}
	rows, err := find(ctx, c.Conn, k, q)
	if err == nil && c.read != nil {
		fields := make([]*schema.Field, len(q.Columns))
		for i, p := range q.Columns {
			fields[i] = p.Field
		}
		rows = mapped(fields, rows, c.read)
	}
	return rows, err
}

// Read implements driver.Reader by the rows of Select.
func (c bentConn) Read(ctx context.Context, k *schema.Kind, q *query.Select, next func() []any) error {
	set := c.set
	if set == nil {
		set = driver.Set
	}
	rows, err := c.Select(ctx, k, q)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for i, place := range next() {
			if err := set(place, row[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Search is what storage does without a Searcher, bent.
func (c bentConn) Search(ctx context.Context, k *schema.Kind, q *query.Search) ([]driver.Row, error) {
	rows, err := eval.Search(ctx, c, k, q)
	if err == nil && c.search != nil {
		rows = c.search(k, rows)
	}
	return rows, err
}

// Gather asks one after the other, bent.
func (c bentConn) Gather(ctx context.Context, k *schema.Kind, list []query.Select) ([]driver.Row, error) {
	var rows []driver.Row
	for i := range list {
		found, err := c.Select(ctx, k, &list[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	if c.gather != nil {
		rows = c.gather(list, rows)
	}
	return rows, nil
}

func beneath(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	return c.Select(ctx, k, q)
}

func mapped(fields []*schema.Field, rows []driver.Row, f func(*schema.Field, any) any) []driver.Row {
	out := make([]driver.Row, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
		for j, v := range row {
			out[i][j] = f(fields[j], v)
		}
	}
	return out
}

func (c bentConn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	if c.aggregate != nil {
		return c.aggregate(ctx, c.Conn.(driver.Aggregator), k, a)
	}
	return c.Conn.(driver.Aggregator).Aggregate(ctx, k, a)
}

func (c bentConn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	if c.updateWhere != nil {
		return c.updateWhere(ctx, c.Conn.(driver.BulkUpdater), k, u)
	}
	return c.Conn.(driver.BulkUpdater).UpdateWhere(ctx, k, u)
}

func (c bentConn) Batch(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	if c.batch != nil {
		return c.batch(ctx, honestBatch{c}, list)
	}
	return honestBatch{c}.Batch(ctx, list)
}

// honestBatch makes one change after the other, all in one transaction.
type honestBatch struct{ bentConn }

func (c honestBatch) Batch(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	tx, err := c.inner(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	matched := make([]int64, len(list))
	for i, m := range list {
		switch {
		case m.Insert != nil:
			matched[i], err = int64(len(m.Insert.Rows)), tx.Insert(ctx, m.Kind, m.Insert)
		case m.Update != nil:
			matched[i], err = tx.Update(ctx, m.Kind, m.Update)
		case m.Delete != nil:
			matched[i], err = tx.Delete(ctx, m.Kind, m.Delete)
		}
		if err != nil {
			return nil, err
		}
	}
	return matched, tx.Commit(ctx)
}

type bentTx struct {
	bentConn
	tx               driver.Tx
	commit, rollback func(ctx context.Context, tx driver.Tx) error
}

func (b *bend) bentTx(tx driver.Tx, commit, rollback func(context.Context, driver.Tx) error) driver.Tx {
	return bentTx{bentConn{tx, b, tx.Savepoint}, tx, commit, rollback}
}

func (t bentTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	sp, err := t.tx.Savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return t.bentTx(sp, t.savepoint.commit, t.savepoint.rollback), nil
}

func (t bentTx) Commit(ctx context.Context) error {
	if t.commit != nil {
		return t.commit(ctx, t.tx)
	}
	return t.tx.Commit(ctx)
}

func (t bentTx) Rollback(ctx context.Context) error {
	if t.rollback != nil {
		return t.rollback(ctx, t.tx)
	}
	return t.tx.Rollback(ctx)
}

// hosted is a transaction that somebody else ends.
type hosted struct{ driver.Tx }

func (hosted) Commit(context.Context) error   { return nil }
func (hosted) Rollback(context.Context) error { return nil }
