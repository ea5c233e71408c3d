package storage

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// Hit is one record that a search has found.
type Hit struct {
	// Row holds the kind's columns.
	Row driver.Row
	// Begins says that the record begins with the text: see package search.
	Begins bool
}

// Search returns the first of the records in the scope that are found by what somebody
// typed: those that begin with it, then the others, those used last in front. Package
// search says what all of that means. A nil scope is everything. A search that does not
// fit the kind is Invalid.
func (t *Tenant) Search(ctx context.Context, k *schema.Kind, q query.Search, scope *query.Scope) ([]Hit, error) {
	resolved, err := query.ResolveSearch(k, q)
	if err != nil {
		return nil, err
	}
	resolved.Tenant, resolved.Scope = t.name, scope
	if err := t.readable(ctx); err != nil || resolved.Found.Hits.Never() {
		return nil, err
	}
	var rows []driver.Row
	if s, ok := t.conn.(driver.Searcher); ok {
		rows, err = s.Search(ctx, k, &resolved)
	} else {
		rows, err = eval.Search(ctx, t.conn, k, &resolved)
	}
	if err != nil {
		return nil, t.fail(wrap(t.db.store.backend, err))
	}
	hits := make([]Hit, len(rows))
	for i, row := range rows {
		last := len(row) - 1
		hits[i].Row = row[:last:last]
		hits[i].Begins, _ = row[last].(bool)
	}
	return hits, nil
}

// searches reports whether assignments change what records of the kind are found by, and
// so a search text that is another for each record.
func searches(k *schema.Kind, set []driver.Assign) bool {
	return slices.ContainsFunc(set, func(a driver.Assign) bool { return k.Search().Searches(a.Field) })
}

// withText returns the assignments for one record of a kind that is searched, with its
// search text.
func withText(k *schema.Kind, row driver.Row, set []driver.Assign) []driver.Assign {
	after := slices.Clone(row)
	for _, a := range set {
		if !a.Add {
			after[a.Field.Position] = a.Value
		}
	}
	text := k.Search().Text
	return append(slices.Clip(set), driver.Assign{Field: text, Value: search.Text(k.Search(), after)})
}
