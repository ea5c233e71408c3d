package session

import (
	"context"
	"errors"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A creation with an id of the caller's may be repeated, after a crash or by an import
// that is run again. This file finds out whether it is a repetition.

// Existing returns what is stored under the id of a record to be created: nil when
// nothing is and nothing was, Exists when it was created with other content or has been
// deleted. What has happened to it since does not count, nor does what the caller leaves
// open. Create asks it; a module whose Create fills in more asks it first.
func (c Collection[T]) Existing(ctx context.Context, v *T) (*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	stored, err := c.existing(ctx, []*T{v})
	if err != nil {
		return nil, err
	}
	return stored[0], nil
}

// existing is Existing for many records, in few queries; those without an id are nil.
func (c Collection[T]) existing(ctx context.Context, list []*T) ([]*T, error) {
	stored := make([]*T, len(list))
	var ids []schema.ID
	for _, v := range list {
		if id := header(v).ID; !id.IsZero() {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return stored, nil
	}
	found, err := c.s.rowsByID(ctx, c.kind, ids, nil)
	if err != nil {
		return nil, err
	}
	var fresh []schema.ID
	var rows []driver.Row
	for _, id := range ids {
		if row := found[id]; row != nil {
			rows = append(rows, row)
		} else {
			fresh = append(fresh, id)
		}
	}
	if err := c.neverWere(ctx, fresh); err != nil || len(rows) == 0 {
		return stored, err
	}
	if err := c.visible(ctx, rows); err != nil {
		return nil, err
	}
	asCreated, err := c.s.rowsAt(ctx, c.kind, rows, 1)
	if err != nil {
		return nil, err
	}
	n := 0
	for i, v := range list {
		if found[header(v).ID] == nil {
			continue
		}
		if stored[i], err = c.repeated(v, rows[n], asCreated[n]); err != nil {
			return nil, err
		}
		n++
	}
	return stored, nil
}

// visible returns Exists when one of the records is hidden from the actor: what it holds
// is not compared for them.
func (c Collection[T]) visible(ctx context.Context, rows []driver.Row) error {
	if c.s.Unbound() {
		return nil
	}
	verdicts, err := c.s.judge(ctx, org.Read, c.kind, rows)
	if err != nil {
		return err
	}
	for i, verdict := range verdicts {
		if verdict != nil {
			return c.otherContent(rows[i])
		}
	}
	return nil
}

// repeated returns the stored record when creating v again would have made what was
// created first.
func (c Collection[T]) repeated(v *T, row, asCreated driver.Row) (*T, error) {
	stored, first := new(T), new(T)
	if err := errors.Join(c.table.DecodeInto(row, stored), c.table.DecodeInto(asCreated, first)); err != nil {
		return nil, err
	}
	same := *v
	*header(&same) = *header(first)
	header(&same).Custom = header(v).Custom
	again, err := c.table.Encode(&same)
	if err != nil {
		return nil, err
	}
	for i, f := range c.kind.Columns() {
		if !leftOpen(f, again[i]) && !journal.Same(asCreated[i], again[i]) {
			return nil, c.otherContent(row)
		}
	}
	return stored, nil
}

func (c Collection[T]) otherContent(row driver.Row) error {
	return c.taken(row[c.kind.ID().Position].(schema.ID), "there is such a record already, with other content")
}

func (c Collection[T]) taken(id schema.ID, why string) error {
	return &fault.Error{Code: fault.Exists, Kind: c.kind.Name(), ID: id.String(), Message: why,
		Fields: []fault.Field{{Name: "id", Code: "unique", Message: why}}}
}

// neverWere returns Exists for the id of a record that has been deleted: who knows the
// id must not come into its history, and its versions must not begin again.
func (c Collection[T]) neverWere(ctx context.Context, ids []schema.ID) error {
	entries := storage.Of(c.s.t, journal.Entries)
	for some := range slices.Chunk(ids, query.MaxValues) {
		first := query.All(query.Eq("kind", c.kind.Name()), query.In("record_id", some...), query.Eq("record_version", 1))
		// Counting has no order for which a database could prefer another index.
		found, err := entries.Aggregate(ctx, query.Aggregate{Where: first, Measures: []query.Measure{{Fn: query.Count}}})
		if err != nil {
			return err
		}
		if found.Rows[0][0] == int64(0) {
			continue
		}
		page, err := entries.Find(ctx, query.Select{Where: first, Limit: 1})
		if err != nil {
			return err
		}
		return c.taken(page.Items[0].RecordID, "a record of this id has been deleted")
	}
	return nil
}

// leftOpen reports whether a value is what a caller leaves who says nothing: it was
// filled in, by the session or by a hook, when the record was created. Of a field that
// can be null, only null says nothing.
func leftOpen(f *schema.Field, v any) bool {
	if f.Nullable {
		return v == nil
	}
	switch v := v.(type) {
	case string:
		return v == ""
	case int64:
		return v == 0
	case bool:
		return !v
	case decimal.Decimal:
		return v.IsZero()
	}
	return false
}
