package session

import (
	"context"
	"iter"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Collection is one kind of records as the session's actor may see and change
// them. It is cheap to make. Every method keeps to the actor's permission, and every
// change is validated, journalled and put into the outbox.
//
// A record that the actor may not read is NotFound to every method.
type Collection[T any] struct {
	s     *Session
	table storage.Table[T]
	kind  *schema.Kind
}

// Of returns the collection of a definition. T must embed record.Meta, and the kind
// must be one that the program keeps; otherwise every method returns Invalid.
func Of[T any](s *Session, d schema.Definition[T]) Collection[T] {
	table := storage.Of(s.t, d)
	return Collection[T]{s, table, table.Kind()}
}

// Trusted returns the collection without permission, for a module whose verb has
// asked for the right permission itself. Everything else holds: validation, hooks,
// journal, and the actor's name in it.
func (c Collection[T]) Trusted() Collection[T] {
	c.s = c.s.trusted()
	return c
}

// ready makes sure that the program keeps the kind, and takes it as the tenant sees it.
func (c *Collection[T]) ready(ctx context.Context) error {
	var zero T
	if c.kind == nil || header(&zero) == nil {
		return fault.New(fault.Invalid, "%T is no record that this program keeps", zero)
	}
	if err := c.s.ready(ctx); err != nil {
		return err
	}
	if c.kind.Registry() != c.s.t.Registry() {
		*c = c.on(c.s)
	}
	return nil
}

// Get returns the record of an id.
func (c Collection[T]) Get(ctx context.Context, id schema.ID) (*T, error) {
	return c.get(ctx, org.Read, id)
}

func (c Collection[T]) get(ctx context.Context, v org.Verb, id schema.ID) (*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	row, err := c.s.Row(ctx, v, c.kind, id)
	if err != nil {
		return nil, err
	}
	rules, err := c.s.FieldRules(ctx, c.kind)
	if err != nil {
		return nil, err
	}
	return c.shown(row, rules)
}

// shown returns the record of a row as somebody sees it for whom rules hold.
func (c Collection[T]) shown(row driver.Row, rules map[string]org.FieldAccess) (*T, error) {
	row, err := blanked(c.kind, row, rules)
	if err != nil {
		return nil, err
	}
	record := new(T)
	return record, c.table.DecodeInto(row, record)
}

// blanked returns a record that is about to be returned by a verb as the actor sees it.
func (c Collection[T]) blanked(ctx context.Context, record *T) (*T, error) {
	rules, err := c.s.FieldRules(ctx, c.kind)
	if err != nil || len(rules) == 0 {
		return record, err
	}
	row, err := c.table.Encode(record)
	if err != nil {
		return nil, err
	}
	return c.shown(row, rules)
}

// Find returns one page of the records that the actor may read; without a sort, the
// oldest first.
func (c Collection[T]) Find(ctx context.Context, q query.Select) (storage.Page[T], error) {
	scope, err := c.reading(ctx)
	if err != nil {
		return storage.Page[T]{}, err
	}
	if q, err = c.s.guardSelect(ctx, c.kind, c.inOrder(q)); err != nil {
		return storage.Page[T]{}, err
	}
	return c.find(ctx, q, scope)
}

// find reads a page within a scope and blanks what the actor does not see.
func (c Collection[T]) find(ctx context.Context, q query.Select, scope *query.Scope) (storage.Page[T], error) {
	rules, err := c.s.FieldRules(ctx, c.kind)
	if err != nil {
		return storage.Page[T]{}, err
	}
	if len(rules) == 0 {
		return c.table.FindIn(ctx, q, scope)
	}
	rows, err := c.s.t.Select(ctx, c.kind, q, scope)
	if err != nil {
		return storage.Page[T]{}, err
	}
	page := storage.Page[T]{Items: make([]T, len(rows.Rows)), Next: rows.Next}
	for i, row := range rows.Rows {
		record, err := c.shown(row, rules)
		if err != nil {
			return storage.Page[T]{}, err
		}
		page.Items[i] = *record
	}
	return page, nil
}

// inOrder gives a query without a sort one that has an index within every scope; the id
// alone has none.
func (c Collection[T]) inOrder(q query.Select) query.Select {
	if keys := c.kind.SortKeys(); len(q.Sort) == 0 && len(keys) > 0 {
		q.Sort = query.By(keys[0].Name)
	}
	return q
}

// All returns every record that the query finds and the actor may read, page by
// page; see storage.Table.All.
func (c Collection[T]) All(ctx context.Context, q query.Select) iter.Seq2[T, error] {
	scope, err := c.reading(ctx)
	if err == nil {
		q, err = c.s.guardSelect(ctx, c.kind, c.inOrder(q))
	}
	if err != nil {
		return func(yield func(T, error) bool) {
			var zero T
			yield(zero, err)
		}
	}
	return storage.Pages(q, func(q query.Select) (storage.Page[T], error) { return c.find(ctx, q, scope) })
}

// Count returns the number of records that the condition finds and the actor may
// read. It reads them all: a page does without it.
func (c Collection[T]) Count(ctx context.Context, where query.Expr) (int64, error) {
	groups, err := c.Aggregate(ctx, query.Aggregate{Where: where, Measures: []query.Measure{{Fn: query.Count}}})
	if err != nil {
		return 0, err
	}
	return groups.Rows[0][0].(int64), nil
}

// Aggregate computes figures over the records that the actor may read.
func (c Collection[T]) Aggregate(ctx context.Context, a query.Aggregate) (storage.Groups, error) {
	scope, err := c.reading(ctx)
	if err != nil {
		return storage.Groups{}, err
	}
	if a, err = c.s.guardAggregate(ctx, c.kind, a); err != nil {
		return storage.Groups{}, err
	}
	return c.s.t.Aggregate(ctx, c.kind, a, scope)
}

func (c *Collection[T]) reading(ctx context.Context) (*query.Scope, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	return c.s.Scope(ctx, org.Read, c.kind)
}
