package storage

import (
	"context"
	"iter"
	"reflect"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Table is typed access to one kind of a tenant's records. It is cheap to make
// and bound to the transaction of its handle. It knows no permission, no history
// and no rules of business: programs use a session's collections, which do.
type Table[T any] struct {
	t     *Tenant
	kind  *schema.Kind
	codec *codec
}

// Of returns the table of a definition. Of a kind that the registry does not
// hold, every method returns Invalid.
func Of[T any](t *Tenant, d schema.Definition[T]) Table[T] {
	k := t.kinds.registry.Of(d.Kind)
	if k == nil {
		return Table[T]{t: t}
	}
	return Table[T]{t, k, t.kinds.codecs[k.Name()]}
}

// Kind returns the resolved kind, nil when the registry does not hold it.
func (tb Table[T]) Kind() *schema.Kind { return tb.kind }

func (tb Table[T]) known() error {
	if tb.kind == nil {
		return fault.New(fault.Invalid, "kind of %v is not in the registry of this store", reflect.TypeFor[T]())
	}
	return nil
}

// Encode returns the row of a record, or Invalid with all offending fields.
func (tb Table[T]) Encode(v *T) (driver.Row, error) {
	if err := tb.known(); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, &fault.Error{Code: fault.Invalid, Kind: tb.kind.Name(), Message: "no record was given"}
	}
	return tb.codec.encode(reflect.ValueOf(v).Elem())
}

// Decode returns the record of a row.
func (tb Table[T]) Decode(row driver.Row) (T, error) {
	var v T
	return v, tb.DecodeInto(row, &v)
}

// DecodeInto sets a record from a row.
func (tb Table[T]) DecodeInto(row driver.Row, v *T) error {
	if err := tb.known(); err != nil {
		return err
	}
	return tb.codec.decode(row, reflect.ValueOf(v).Elem())
}

// Set sets one column of a record to a driver value; nil is its zero.
func (tb Table[T]) Set(v *T, f *schema.Field, value any) error {
	if err := tb.known(); err != nil {
		return err
	}
	return tb.codec.setField(f, value, reflect.ValueOf(v).Elem())
}

// Insert stores records, all or none. Their ids must be set; so must the first
// version of a kind that has versions.
func (tb Table[T]) Insert(ctx context.Context, records ...*T) error {
	rows := make([]driver.Row, len(records))
	for i, r := range records {
		var err error
		if rows[i], err = tb.Encode(r); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tb.t.Write(ctx, driver.Mutation{Kind: tb.kind, Insert: &driver.Insert{Rows: rows}})
}

// Update stores all fields of a record, if it still has the version that the
// record holds, and raises the version in the store. The record in hand is not
// touched, so that a transaction which is run again finds it as it was: read it
// again before the next update. It returns NotFound, Conflict, or what Insert
// returns.
func (tb Table[T]) Update(ctx context.Context, record *T) error {
	row, err := tb.Encode(record)
	if err != nil {
		return err
	}
	u := &driver.Update{ID: idOf(tb.kind, row)}
	if v := tb.kind.Version(); v != nil {
		u.IfVersion = row[v.Position].(int64)
		if u.IfVersion <= 0 {
			return fault.InvalidField("version", "version", "an update needs the version that was read")
		}
		row[v.Position] = u.IfVersion + 1
	}
	for i, f := range tb.kind.Columns() {
		if f != tb.kind.ID() {
			u.Set = append(u.Set, driver.Assign{Field: f, Value: row[i]})
		}
	}
	return tb.t.Write(ctx, driver.Mutation{Kind: tb.kind, Update: u})
}

// Delete removes the record of an id if it has the version; version 0 takes any.
// It returns NotFound, Conflict, or Referenced when others still refer to it.
func (tb Table[T]) Delete(ctx context.Context, id schema.ID, version int64) error {
	if err := tb.known(); err != nil {
		return err
	}
	return tb.t.Write(ctx, driver.Mutation{Kind: tb.kind, Delete: &driver.Delete{ID: id, IfVersion: version}})
}

// Gather returns the records that each of several queries finds, those of its first page, one
// behind the other: a database is asked once. Records of different queries come in no order,
// and what two find comes twice. A query goes by fields of the records themselves.
func (tb Table[T]) Gather(ctx context.Context, list ...query.Select) ([]T, error) {
	if err := tb.known(); err != nil || len(list) == 0 {
		return nil, err
	}
	rows, err := tb.t.gather(ctx, tb.kind, list)
	found := make([]T, len(rows))
	for i, row := range rows {
		if err == nil {
			err = tb.DecodeInto(row, &found[i])
		}
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Get returns the record of an id, or NotFound.
func (tb Table[T]) Get(ctx context.Context, id schema.ID) (T, error) {
	var v T
	if err := tb.known(); err != nil {
		return v, err
	}
	if id.IsZero() {
		return v, missing(tb.kind, id)
	}
	found := false
	q := tb.t.getQuery(tb.kind, id, nil)
	_, err := tb.t.read(ctx, tb.kind, &q, q.Limit, func() reflect.Value {
		found = true
		return reflect.ValueOf(&v).Elem()
	})
	if err == nil && !found {
		err = missing(tb.kind, id)
	}
	return v, err
}

// Page is one page of records.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the next page; empty on the last.
	Next string
}

// Find returns one page; see Tenant.Select.
func (tb Table[T]) Find(ctx context.Context, q query.Select) (Page[T], error) {
	return tb.FindIn(ctx, q, nil)
}

// FindIn is Find within a scope; a nil scope is everything.
func (tb Table[T]) FindIn(ctx context.Context, q query.Select, scope *query.Scope) (Page[T], error) {
	if err := tb.known(); err != nil {
		return Page[T]{}, err
	}
	resolved, err := tb.t.pageQuery(tb.kind, q, scope)
	if err != nil {
		return Page[T]{}, err
	}
	page := Page[T]{Items: make([]T, 0, min(resolved.Limit, 64))}
	after, err := tb.t.read(ctx, tb.kind, &resolved, resolved.Limit-1, func() reflect.Value {
		page.Items = append(page.Items, *new(T))
		return reflect.ValueOf(&page.Items[len(page.Items)-1]).Elem()
	})
	if err != nil {
		return Page[T]{}, err
	}
	if after != nil {
		page.Next, err = tb.t.writeCursor(tb.kind, &resolved, after)
	}
	return page, err
}

// All returns every record that the query finds, page by page, each page when
// the loop gets to it. An error ends the sequence as its last element. The
// query's Limit is the size of the pages; 0 takes large ones. Records that are
// inserted or deleted meanwhile may or may not be met; every other is met once.
func (tb Table[T]) All(ctx context.Context, q query.Select) iter.Seq2[T, error] {
	return tb.AllIn(ctx, q, nil)
}

// AllIn is All within a scope; a nil scope is everything.
func (tb Table[T]) AllIn(ctx context.Context, q query.Select, scope *query.Scope) iter.Seq2[T, error] {
	return Pages(q, func(q query.Select) (Page[T], error) { return tb.FindIn(ctx, q, scope) })
}

// Pages returns the records of all pages of a query, each page when the loop gets to it;
// find reads one. See Table.All.
func Pages[T any](q query.Select, find func(query.Select) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if q.Limit == 0 {
			q.Limit = query.MaxLimit
		}
		for {
			page, err := find(q)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.Cursor = page.Next
		}
	}
}

// Aggregate computes figures over the records; see Tenant.Aggregate.
func (tb Table[T]) Aggregate(ctx context.Context, a query.Aggregate) (Groups, error) {
	if err := tb.known(); err != nil {
		return Groups{}, err
	}
	return tb.t.Aggregate(ctx, tb.kind, a, nil)
}

// idOf returns the id in a row; a row without one has the zero ID.
func idOf(k *schema.Kind, row driver.Row) schema.ID {
	id, _ := row[k.ID().Position].(schema.ID)
	return id
}
