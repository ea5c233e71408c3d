package storage

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Tenant is the way to the records of one tenant: on the pool, where each call
// stands for itself, or in a transaction. A handle in a transaction is for one
// goroutine at a time.
type Tenant struct {
	db    *DB
	name  string
	kinds *Kinds
	conn  driver.Conn
	tx    *txState
}

// Name returns the tenant's name.
func (t *Tenant) Name() string { return t.name }

// DB returns what the tenant belongs to.
func (t *Tenant) DB() *DB { return t.db }

// InTx reports whether the handle is bound to a transaction.
func (t *Tenant) InTx() bool { return t.tx != nil }

// InHostTx reports whether the handle is bound to a transaction that the host
// will end, directly and not through a savepoint.
func (t *Tenant) InHostTx() bool { return t.tx != nil && t.tx.host }

// Now returns the time in UTC to the microsecond: within a transaction always
// that of its begin.
func (t *Tenant) Now() time.Time {
	if t.tx != nil {
		return t.tx.now
	}
	return t.db.clock()
}

// NewID returns a new id from the store's source.
func (t *Tenant) NewID() schema.ID { return t.db.newID() }

// As sets target, a pointer such as **sql.Tx or **sql.DB, to the database's own
// handle for where t stands, and reports whether the adapter could. Ports that
// write use it to write in our transaction.
func (t *Tenant) As(target any) bool {
	u, ok := t.conn.(driver.Unwrapper)
	return ok && u.As(target)
}

// Analyze brings up to date what the database knows of how much there is of what, of all
// tenants, by which it chooses how to read. Call it after a load of thousands of records,
// above all of a tenant's first ones: to a database that has seen none of a tenant, reading
// all of it looks as good as an index. An import does so by itself. It does nothing in a
// transaction, and where the adapter needs no such thing.
func (t *Tenant) Analyze(ctx context.Context) error {
	a, ok := driver.Find[driver.Analyzer](t.db.store.backend)
	if !ok || t.InTx() {
		return nil
	}
	if err := t.check(ctx); err != nil {
		return err
	}
	return wrap(t.db.store.backend, a.Analyze(ctx, t.Registry()))
}

// Write makes changes, all or none. Rows and values must be driver values, as
// Table.Encode and schema.Field.Value return them; kinds must be of the
// registry.
//
// It returns Exists and Referenced with the fields concerned, NotFound and
// Conflict for an Update or Delete of a record that is not there or has another
// version.
func (t *Tenant) Write(ctx context.Context, list ...driver.Mutation) error {
	if err := t.check(ctx); err != nil {
		return err
	}
	list = slices.Clone(list)
	for i := range list {
		if err := t.prepare(&list[i]); err != nil {
			return err
		}
	}
	switch {
	case len(list) == 0:
		return nil
	case t.InHostTx(), t.tx == nil && !t.atomic(list):
		return t.Tx(ctx, func(ctx context.Context, tx *Tenant) error { return tx.Write(ctx, list...) })
	case t.tx == nil:
		if t.conn == nil {
			return fault.New(fault.Precondition, "this store has no connection of its own: join a transaction of the host")
		}
		return t.retry(ctx, func() error { return t.write(ctx, list) })
	}
	t.tx.writes++
	err := t.write(ctx, list)
	if len(list) == 1 && (errors.Is(err, fault.ErrNotFound) || errors.Is(err, fault.ErrConflict)) {
		return err // nothing was done, and nothing failed: the transaction can go on
	}
	return t.fail(err)
}

// batchSize is the number of rows that the adapter is given at once.
func (t *Tenant) batchSize() int {
	if size := t.db.store.backend.Info().MaxBatch; size > 0 {
		return size
	}
	return 1000
}

// largestBatch is the number of changes that are worth one statement of their own.
const largestBatch = 8

func fitsBatch(list []driver.Mutation) bool {
	return len(list) > 1 && len(list) <= largestBatch && !slices.ContainsFunc(list, func(m driver.Mutation) bool {
		return m.Insert != nil && len(m.Insert.Rows) > 1
	})
}

// atomic reports whether the changes are all or none without a transaction
// around them: one alone, or inserts that the adapter takes as one batch.
func (t *Tenant) atomic(list []driver.Mutation) bool {
	if len(list) == 1 {
		return list[0].Insert == nil || len(list[0].Insert.Rows) <= t.batchSize()
	}
	_, batches := t.conn.(driver.Batcher)
	return batches && fitsBatch(list) && !slices.ContainsFunc(list, func(m driver.Mutation) bool { return m.Insert == nil })
}

// prepare names the tenant and brings rows that refer to each other in order.
func (t *Tenant) prepare(m *driver.Mutation) error {
	switch {
	case m.Insert != nil:
		rows, err := parentsFirst(m.Kind, m.Insert.Rows)
		m.Insert = &driver.Insert{Tenant: t.name, Rows: rows}
		return err
	case m.Update != nil:
		u := *m.Update
		u.Tenant = t.name
		m.Update = &u
	case m.Delete != nil:
		d := *m.Delete
		d.Tenant = t.name
		m.Delete = &d
	default:
		return fault.New(fault.Invalid, "an empty change")
	}
	return nil
}

func (t *Tenant) write(ctx context.Context, list []driver.Mutation) error {
	if b, ok := t.conn.(driver.Batcher); ok && fitsBatch(list) {
		matched, err := b.Batch(ctx, list)
		if err != nil {
			return t.explain(list, err)
		}
		for i, n := range matched {
			if n == 0 && list[i].Insert == nil {
				return t.missed(ctx, list[i])
			}
		}
		return nil
	}
	for _, m := range list {
		matched, err := t.writeOne(ctx, m)
		if err != nil {
			return t.explain([]driver.Mutation{m}, err)
		}
		if matched == 0 && m.Insert == nil {
			return t.missed(ctx, m)
		}
	}
	return nil
}

func (t *Tenant) writeOne(ctx context.Context, m driver.Mutation) (int64, error) {
	switch {
	case m.Update != nil:
		return t.conn.Update(ctx, m.Kind, m.Update)
	case m.Delete != nil:
		return t.conn.Delete(ctx, m.Kind, m.Delete)
	}
	for rows := range slices.Chunk(m.Insert.Rows, t.batchSize()) {
		if err := t.conn.Insert(ctx, m.Kind, &driver.Insert{Tenant: t.name, Rows: rows}); err != nil {
			return 0, err
		}
	}
	return int64(len(m.Insert.Rows)), nil
}

// missed finds out why an update or delete matched nothing.
func (t *Tenant) missed(ctx context.Context, m driver.Mutation) error {
	var id schema.ID
	var want int64
	if m.Update != nil {
		id, want = m.Update.ID, m.Update.IfVersion
	} else {
		id, want = m.Delete.ID, m.Delete.IfVersion
	}
	if _, err := t.Get(ctx, m.Kind, id, nil); err != nil {
		return err
	}
	return &fault.Error{Code: fault.Conflict, Kind: m.Kind.Name(), ID: id.String(),
		Message: fmt.Sprintf("somebody else changed the record: it no longer has version %d", want)}
}

// explain wraps a failed write and names the fields behind the index that the
// database reports.
func (t *Tenant) explain(list []driver.Mutation, err error) error {
	b := t.db.store.backend
	if passes(err) {
		return err
	}
	f := b.Classify(err)
	e := &fault.Error{Code: f.Code, Kind: list[0].Kind.Name(), Message: messages[f.Code], Err: err}
	for _, k := range t.kinds.registry.Kinds() {
		x := k.Index(f.Index)
		if x == nil {
			continue
		}
		deleted := slices.ContainsFunc(list, func(m driver.Mutation) bool { return m.Delete != nil && x.Reference != nil && x.Reference.To == m.Kind })
		written := slices.ContainsFunc(list, func(m driver.Mutation) bool { return m.Delete == nil && m.Kind == k })
		switch {
		case f.Code == fault.Referenced && deleted && !written:
			e.Message = "others still refer to it" // which ones are found first depends on the database
		case f.Code == fault.Referenced:
			e.Kind, e.Message = k.Name(), fmt.Sprintf("%s: there is no such %s", x.Fields[0].Name, x.Reference.ToName)
			e.Fields = []fault.Field{{Name: x.Fields[0].Name, Code: "reference", Message: fmt.Sprintf("there is no such %s", x.Reference.ToName)}}
		default:
			e.Kind = k.Name()
			for _, field := range x.Fields {
				e.Fields = append(e.Fields, fault.Field{Name: field.Name, Code: "unique", Message: fmt.Sprintf("another %s has the same value", k.Name())})
			}
		}
	}
	return e
}

// Record returns a pointer to the record of a row: a *T, where T is the kind's Go type.
func (t *Tenant) Record(k *schema.Kind, row driver.Row) (any, error) {
	v := reflect.New(k.GoType())
	return v.Interface(), t.kinds.codecs[k.Name()].decode(row, v.Elem())
}

// Get returns one record, NotFound when it is not there or lies outside the
// scope; a nil scope is everything.
func (t *Tenant) Get(ctx context.Context, k *schema.Kind, id schema.ID, scope *query.Scope) (driver.Row, error) {
	if id.IsZero() { // which is null, and no database has it
		return nil, missing(k, id)
	}
	q := t.getQuery(k, id, scope)
	rows, err := t.selectRows(ctx, k, &q)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, missing(k, id)
	}
	return rows[0], nil
}

func (t *Tenant) getQuery(k *schema.Kind, id schema.ID, scope *query.Scope) query.Select {
	q := t.kinds.codecs[k.Name()].get
	q.Where = query.Cmp{Path: q.Sort[0].Path, Op: query.OpEq, Value: id}
	q.Tenant, q.Scope = t.name, scope
	return q
}

func missing(k *schema.Kind, id schema.ID) error {
	return &fault.Error{Code: fault.NotFound, Kind: k.Name(), ID: id.String(), Message: messages[fault.NotFound]}
}

func (t *Tenant) selectRows(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	if err := t.readable(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.Select(ctx, k, q)
	return rows, t.fail(wrap(t.db.store.backend, err))
}

// gather returns the rows of the first pages of several queries; see Table.Gather.
func (t *Tenant) gather(ctx context.Context, k *schema.Kind, list []query.Select) ([]driver.Row, error) {
	resolved := make([]query.Select, len(list))
	for i, q := range list {
		var err error
		if resolved[i], err = query.ResolveSelect(k, q); err != nil {
			return nil, err
		}
		if len(resolved[i].Columns) != len(k.Columns()) || q.Cursor != "" {
			return nil, fault.New(fault.Invalid, "queries that are asked at once begin at the first page, and go by fields of the %s itself", k.Name())
		}
		resolved[i].Tenant = t.name
	}
	if g, ok := t.conn.(driver.Gatherer); ok {
		if err := t.readable(ctx); err != nil {
			return nil, err
		}
		rows, err := g.Gather(ctx, k, resolved)
		return rows, t.fail(wrap(t.db.store.backend, err))
	}
	var rows []driver.Row
	for i := range resolved {
		page, err := t.selectRows(ctx, k, &resolved[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, page...)
	}
	return rows, nil
}

// Rows is one page of records as rows.
type Rows struct {
	// Rows hold the kind's columns.
	Rows []driver.Row
	// Next is the cursor of the next page; empty on the last.
	Next string
}

// Select returns one page of the records for which the query's condition is true
// and that lie in the scope; a nil scope is everything. A query that does not fit
// the kind, and a cursor of another query or tenant, are Invalid.
func (t *Tenant) Select(ctx context.Context, k *schema.Kind, q query.Select, scope *query.Scope) (Rows, error) {
	resolved, err := t.pageQuery(k, q, scope)
	if err != nil {
		return Rows{}, err
	}
	rows, err := t.selectRows(ctx, k, &resolved)
	if err != nil {
		return Rows{}, err
	}
	page := Rows{Rows: rows}
	if limit := resolved.Limit - 1; len(rows) > limit {
		page.Rows = rows[:limit]
		after := position(k, &resolved, func(column int) any { return rows[limit-1][column] })
		if page.Next, err = t.writeCursor(k, &resolved, after); err != nil {
			return Rows{}, err
		}
	}
	columns := len(k.Columns())
	for i, row := range page.Rows {
		page.Rows[i] = row[:columns] // sort keys on paths stood behind them
	}
	return page, nil
}

// pageQuery returns the query of one page, resolved, and of one record more, which
// tells whether there is a next page.
func (t *Tenant) pageQuery(k *schema.Kind, q query.Select, scope *query.Scope) (query.Select, error) {
	resolved, err := query.ResolveSelect(k, q)
	if err != nil {
		return resolved, err
	}
	resolved.Tenant, resolved.Scope = t.name, scope
	resolved.After, err = t.readCursor(k, &resolved)
	resolved.Limit++
	return resolved, err
}

// Groups is the result of an aggregation.
type Groups struct {
	// Rows hold the keys, then the measures, in the order of the query.
	Rows []driver.Row
	// More says that there were more groups than the query's limit.
	More bool
	// Query is the aggregation, resolved: its Behind opens a row into records.
	Query query.Aggregate
}

// Aggregate computes figures over the records that the condition finds in the
// scope; a nil scope is everything.
func (t *Tenant) Aggregate(ctx context.Context, k *schema.Kind, a query.Aggregate, scope *query.Scope) (Groups, error) {
	resolved, err := query.ResolveAggregate(k, a)
	if err != nil {
		return Groups{}, err
	}
	resolved.Tenant, resolved.Scope = t.name, scope
	if err := t.readable(ctx); err != nil {
		return Groups{}, err
	}
	limit := resolved.Limit
	asked := resolved
	asked.Limit = limit + 1
	var rows []driver.Row
	if g, ok := t.conn.(driver.Aggregator); ok {
		rows, err = g.Aggregate(ctx, k, &asked)
	} else {
		rows, err = eval.Aggregate(ctx, eval.FromConn(ctx, t.conn), k, &asked)
	}
	if err != nil {
		return Groups{}, t.fail(wrap(t.db.store.backend, err))
	}
	return Groups{Rows: rows[:min(len(rows), limit)], More: len(rows) > limit, Query: resolved}, nil
}

// UpdateWhere changes all records that the condition finds in the scope and
// returns their number. Versions go up by one; the caller journals. Values must
// be driver values. What records are searched by is changed record by record.
func (t *Tenant) UpdateWhere(ctx context.Context, k *schema.Kind, where query.Expr, scope *query.Scope, set []driver.Assign) (int64, error) {
	resolved, err := query.ResolveExpr(k, where)
	if err != nil {
		return 0, err
	}
	set = slices.Clone(set)
	for _, a := range set {
		if folded := k.Folded(a.Field); folded != nil {
			text, _ := a.Value.(string)
			set = append(set, driver.Assign{Field: folded, Value: schema.Fold(text)})
		}
	}
	if v := k.Version(); v != nil {
		set = append(set, driver.Assign{Field: v, Value: int64(1), Add: true})
	}
	var changed int64
	err = t.Tx(ctx, func(ctx context.Context, tx *Tenant) error {
		tx.tx.writes++
		u := &driver.UpdateWhere{Tenant: t.name, Where: resolved, Scope: scope, Set: set}
		var err error
		if b, ok := tx.conn.(driver.BulkUpdater); ok && !searches(k, set) {
			changed, err = b.UpdateWhere(ctx, k, u)
		} else {
			changed, err = tx.updateEach(ctx, k, u)
		}
		if err != nil {
			return tx.fail(tx.explain([]driver.Mutation{{Kind: k}}, err))
		}
		return nil
	})
	return changed, err
}

// updateEach is UpdateWhere for adapters without it, and for what records are searched by.
// It reads all records first, so that a change of what the condition asks for does not
// move the pages.
func (t *Tenant) updateEach(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	q := t.kinds.codecs[k.Name()].get
	q.Tenant, q.Where, q.Scope, q.Limit = t.name, u.Where, u.Scope, query.MaxLimit
	var list []*driver.Update
	for {
		rows, err := t.conn.Select(ctx, k, &q)
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			one := &driver.Update{Tenant: t.name, ID: idOf(k, row), Set: u.Set}
			if searches(k, u.Set) {
				one.Set = withText(k, row, u.Set)
			}
			list = append(list, one)
		}
		if len(rows) < q.Limit {
			break
		}
		q.After = []any{list[len(list)-1].ID}
	}
	for _, one := range list {
		if _, err := t.conn.Update(ctx, k, one); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}

// parentsFirst orders rows so that a row stands behind the rows of the same
// call that it refers to. Rows that refer to each other in a circle are Invalid.
func parentsFirst(k *schema.Kind, rows []driver.Row) ([]driver.Row, error) {
	var refs []int
	for _, rel := range k.Relations() {
		if !rel.Many && rel.ToName == k.Name() {
			refs = append(refs, rel.Field.Position)
		}
	}
	if len(refs) == 0 || len(rows) < 2 {
		return rows, nil
	}
	at := make(map[any]int, len(rows))
	for i, row := range rows {
		at[row[k.ID().Position]] = i
	}
	const visiting, placed = 1, 2
	state := make([]uint8, len(rows))
	out := make([]driver.Row, 0, len(rows))
	// An explicit stack: a chain of parents may be as long as the batch.
	for start := range rows {
		stack := []int{start}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			if state[i] == placed {
				stack = stack[:len(stack)-1]
				continue
			}
			state[i] = visiting
			waits := false
			for _, ref := range refs {
				j, inBatch := at[rows[i][ref]]
				if rows[i][ref] == nil || !inBatch || j == i || state[j] == placed {
					continue
				}
				if state[j] == visiting {
					return nil, fault.New(fault.Invalid, "records of kind %s refer to each other in a circle", k.Name())
				}
				stack, waits = append(stack, j), true
			}
			if !waits {
				state[i] = placed
				out = append(out, rows[i])
				stack = stack[:len(stack)-1]
			}
		}
	}
	return out, nil
}
