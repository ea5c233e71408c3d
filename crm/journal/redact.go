package journal

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Redact takes the values of some fields out of the entries of records of a kind, and
// returns how many entries held any: who changed which field, and when, stays. Nothing else
// changes an entry; it is for the erasing of what may not be kept.
func Redact(ctx context.Context, t *storage.Tenant, kind string, records []schema.ID, hidden func(field string) bool) (int64, error) {
	table, redacted := storage.Of(t, Entries), int64(0)
	column := table.Kind().Field("changes")
	for some := range slices.Chunk(records, query.MaxValues) {
		q := query.Select{Where: query.All(query.Eq("kind", kind), query.In("record_id", some...)), Sort: query.By("record_id", "record_version"), Limit: query.MaxLimit}
		for {
			page, err := table.Find(ctx, q)
			if err != nil {
				return redacted, err
			}
			alike := map[string][]schema.ID{} // many tell the same, once the values are gone
			for _, e := range page.Items {
				if !e.redact(hidden) {
					continue
				}
				row, err := table.Encode(&e)
				if err != nil {
					return redacted, err
				}
				changes, _ := row[column.Position].(schema.JSON)
				alike[string(changes)] = append(alike[string(changes)], e.ID)
			}
			for changes, ids := range alike {
				set := []driver.Assign{{Field: column, Value: schema.JSON(changes)}}
				n, err := t.UpdateWhere(ctx, table.Kind(), query.In("id", ids...), nil, set)
				if err != nil {
					return redacted, err
				}
				redacted += n
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return redacted, nil
}

// redact takes the values of hidden fields away and reports whether there were any.
func (e *Entry) redact(hidden func(field string) bool) bool {
	found := false
	for i, ch := range e.Changes {
		if hidden(ch.Field) && (ch.From != nil || ch.To != nil) {
			e.Changes[i], found = Change{Field: ch.Field}, true
		}
	}
	return found
}
