package eval

import (
	"iter"
	"slices"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// candidates yields, in order of id, all records for which the condition can be
// true, and as few others as the ids and indexes allow.
func candidates(src Source, k *schema.Kind, tenant string, where query.Expr) iter.Seq2[driver.Row, error] {
	fixed := map[*schema.Field][]any{}
	collectFixed(where, fixed)
	if ids, ok := fixed[k.ID()]; ok {
		return byIDs(src, k, tenant, ids)
	}
	var best *schema.Index
	for _, x := range k.Indexes() {
		covered := !slices.ContainsFunc(x.Fields, func(f *schema.Field) bool { return len(fixed[f]) != 1 })
		if covered && (best == nil || better(x, best)) {
			best = x
		}
	}
	if best == nil {
		return src.Scan(k, tenant)
	}
	key := make([]any, len(best.Fields))
	for i, f := range best.Fields {
		key[i] = fixed[f][0]
	}
	return src.Find(k, tenant, best, key)
}

func better(a, b *schema.Index) bool {
	if a.Unique != b.Unique {
		return a.Unique
	}
	return len(a.Fields) > len(b.Fields)
}

// collectFixed notes the values that own fields must have for a condition to be
// true. Of two statements about one field it keeps the first: the condition is
// checked again for every candidate.
func collectFixed(e query.Expr, fixed map[*schema.Field][]any) {
	note := func(p query.Path, values ...any) {
		if _, known := fixed[p.Field]; !known && p.Field != nil && len(p.Hops) == 0 {
			fixed[p.Field] = values
		}
	}
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			collectFixed(part, fixed)
		}
	case query.Cmp:
		if e.Op == query.OpEq {
			note(e.Path, e.Value)
		}
	case query.IsNull:
		note(e.Path, nil)
	case query.OneOf:
		note(e.Path, e.Values...)
	}
}

func byIDs(src Source, k *schema.Kind, tenant string, values []any) iter.Seq2[driver.Row, error] {
	ids := make([]schema.ID, 0, len(values))
	for _, v := range values {
		if id, ok := v.(schema.ID); ok {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, schema.ID.Compare)
	ids = slices.Compact(ids)
	return func(yield func(driver.Row, error) bool) {
		for _, id := range ids {
			row, ok, err := src.Get(k, tenant, id)
			if err != nil {
				yield(nil, err)
				return
			}
			if ok && !yield(row, nil) {
				return
			}
		}
	}
}
