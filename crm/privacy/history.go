package privacy

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// What stands beside the records: rows that are made from them, histories that hold copies,
// merges that could bring them back, and the journal.

// derived removes rows that are made from records that are about to be blanked or removed,
// such as match keys: who keeps them makes them anew. Where the records stay, so do rows that
// say nothing about a person.
func (e *erasing) derived(ctx context.Context, k *schema.Kind, rows []driver.Row) error {
	ids := make([]schema.ID, len(rows))
	for i, row := range rows {
		ids[i] = row[k.ID().Position].(schema.ID)
	}
	made := func(from *schema.Kind) bool { return from.Derived() && (e.options.Remove || len(personal(from)) > 0) }
	return e.beside(ctx, k, ids, made, func(from *schema.Kind, page storage.Rows) error {
		gone := make([]driver.Mutation, len(page.Rows))
		for i, row := range page.Rows {
			gone[i] = driver.Mutation{Kind: from, Delete: &driver.Delete{ID: row[from.ID().Position].(schema.ID)}}
		}
		e.count(from, Count{Removed: int64(len(gone))})
		return e.s.Tenant().Write(ctx, gone...)
	})
}

// copies blanks what histories hold of the records of the circle.
func (e *erasing) copies(ctx context.Context) error {
	history := func(from *schema.Kind) bool { return !from.Derived() && !isRecord(from) && len(personal(from)) > 0 }
	for _, g := range e.groups {
		err := e.beside(ctx, g.kind, g.ids, history, func(from *schema.Kind, page storage.Rows) error {
			set := e.blanks(from)
			var ids []schema.ID
			for _, row := range page.Rows {
				if says(row, set) {
					ids = append(ids, row[from.ID().Position].(schema.ID))
				}
			}
			if len(ids) == 0 {
				return nil
			}
			e.count(from, Count{Erased: int64(len(ids))})
			_, err := e.s.Tenant().UpdateWhere(ctx, from, query.In("id", ids...), nil, set)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// says reports whether a row holds anything but the blanks.
func says(row driver.Row, blanks []driver.Assign) bool {
	return slices.ContainsFunc(blanks, func(a driver.Assign) bool { return !journal.Same(row[a.Field.Position], a.Value) })
}

// beside calls fn with the rows of some kinds that point at records, page by page.
func (e *erasing) beside(ctx context.Context, to *schema.Kind, ids []schema.ID, of func(*schema.Kind) bool, fn func(*schema.Kind, storage.Rows) error) error {
	for _, from := range e.s.Registry().Kinds() {
		if !of(from) {
			continue
		}
		for _, way := range pointers(from, to) {
			for some := range slices.Chunk(ids, query.MaxValues) {
				if err := eachPage(ctx, e.s, from, way.where(to, some), func(page storage.Rows) error { return fn(from, page) }); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// merges makes the merges of the records of the circle final.
func (e *erasing) merges(ctx context.Context) error {
	for _, g := range e.groups {
		if err := merge.Finish(ctx, e.s, g.kind, g.ids...); err != nil {
			return err
		}
	}
	return nil
}

// journal takes the values from the entries of the records of the circle, those of this
// erasure among them.
func (e *erasing) journal(ctx context.Context) error {
	log := storage.Of(e.s.Tenant(), journal.Entries).Kind()
	for _, g := range e.groups {
		hidden := map[string]bool{}
		for _, a := range e.blanks(g.kind) {
			hidden[a.Field.Name] = true
		}
		n, err := journal.Redact(ctx, e.s.Tenant(), g.kind.Name(), g.ids, func(field string) bool { return hidden[field] })
		if err != nil {
			return err
		}
		e.count(log, Count{Erased: n})
	}
	return nil
}
