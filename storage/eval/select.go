package eval

import (
	"context"
	"iter"
	"slices"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Select returns at most q.Limit rows of q.Columns in the order of q.Sort: of
// those records for which q.Where is true and that lie inside q.Scope, those that
// come strictly after q.After. Null is the smallest value, whichever way a key is
// sorted. Rows and their values are the caller's.
//
// It reads only the records of one id or index key where the condition says such,
// and all of the tenant otherwise. It is Invalid to give a query that is not
// resolved.
func Select(ctx context.Context, src Source, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	if q.Limit <= 0 || len(q.Sort) == 0 || q.After != nil && len(q.After) != len(q.Sort) {
		return nil, fault.New(fault.Invalid, "the query is not resolved")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := newMatcher(ctx, src, q.Tenant)
	p := page{sort: q.Sort, limit: q.Limit}
	for row, err := range m.matching(k, q.Where, q.Scope) {
		if err != nil {
			return nil, err
		}
		keys, err := m.sortKeys(k, row, q.Sort)
		if err != nil {
			return nil, err
		}
		if q.After != nil && compareKeys(q.Sort, keys, q.After) <= 0 {
			continue
		}
		if p.add(found{row, keys}); p.complete(k) {
			break
		}
	}
	out := make([]driver.Row, 0, min(q.Limit, len(p.rows)))
	for _, f := range p.sorted() {
		row, err := m.project(k, f.row, q.Columns)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

func (m *matcher) sortKeys(k *schema.Kind, row driver.Row, sort []query.Sort) ([]any, error) {
	keys := make([]any, len(sort))
	var err error
	for i, s := range sort {
		if keys[i], err = m.value(k, row, s.Path); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (m *matcher) project(k *schema.Kind, row driver.Row, columns []query.Path) (driver.Row, error) {
	out := make(driver.Row, len(columns))
	for i, p := range columns {
		v, err := m.value(k, row, p)
		if err != nil {
			return nil, err
		}
		out[i] = cloneValue(v)
	}
	return out, nil
}

func compareKeys(sort []query.Sort, a, b []any) int {
	for i, s := range sort {
		if c := query.CompareValues(a[i], b[i]); c != 0 {
			if s.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// page keeps the first rows of an order, and not many more.
type page struct {
	sort  []query.Sort
	limit int
	rows  []found
}

type found struct {
	row  driver.Row
	keys []any
}

func (p *page) add(f found) {
	if p.rows = append(p.rows, f); len(p.rows) >= 2*p.limit+1000 {
		p.rows = p.sorted()
	}
}

// complete reports whether what follows can't come before what is there: rows
// are found in order of id.
func (p *page) complete(k *schema.Kind) bool {
	first := p.sort[0]
	return len(p.rows) >= p.limit && first.Path.Field == k.ID() && len(first.Path.Hops) == 0 && !first.Desc
}

func (p *page) sorted() []found {
	slices.SortStableFunc(p.rows, func(a, b found) int { return compareKeys(p.sort, a.keys, b.keys) })
	return p.rows[:min(p.limit, len(p.rows))]
}

// matching yields, in order of id, the records for which where is true and that
// lie inside the scope.
func (m *matcher) matching(k *schema.Kind, where query.Expr, scope *query.Scope) iter.Seq2[driver.Row, error] {
	if c, ok := m.src.(*connSource); ok {
		return c.pages(k, m.tenant, where, scope)
	}
	return func(yield func(driver.Row, error) bool) {
		for row, err := range candidates(m.src, k, m.tenant, where) {
			if err == nil {
				err = m.tick()
			}
			ok := false
			if err == nil {
				ok, err = m.match(k, row, where)
			}
			if ok && err == nil {
				ok, err = m.inScope(k, row, scope)
			}
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
