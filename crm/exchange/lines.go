package exchange

import (
	"context"
	"iter"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Lines returns a page of what a job has done, in order; of the query the condition, Limit
// and Cursor count. Whoever may read the job may see it.
func (m Module) Lines(ctx context.Context, id schema.ID, q query.Select) (storage.Page[ImportLine], error) {
	if _, err := m.Imports.Get(ctx, id); err != nil {
		return storage.Page[ImportLine]{}, err
	}
	return storage.Of(m.s.Tenant(), ImportLines).Find(ctx, query.Select{
		Where: query.All(query.Eq("import_id", id), q.Where), Sort: query.By("seq"), Limit: q.Limit, Cursor: q.Cursor})
}

// told returns the lines of a job with some actions, in order.
func (m Module) told(ctx context.Context, id schema.ID, actions ...Action) iter.Seq2[ImportLine, error] {
	return storage.Of(m.s.Tenant(), ImportLines).All(ctx, query.Select{
		Where: query.All(query.Eq("import_id", id), query.In("action", actions...)), Sort: query.By("seq")})
}

// distinct returns the first lines in which no record stands twice, so that they can be
// worked on together.
func distinct(list []ImportLine) []ImportLine {
	seen := map[schema.ID]bool{}
	for i, line := range list {
		if seen[line.RecordID] {
			return list[:i]
		}
		seen[line.RecordID] = true
	}
	return list
}
