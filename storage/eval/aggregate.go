package eval

import (
	"context"
	"slices"
	"sort"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Aggregate groups the records for which a.Where is true and that lie inside
// a.Scope, and returns a row of keys and then measures for each of the first
// a.Limit groups, ordered by a.Sort and then by the keys. Without keys there is
// always just one row. Null is a key like any other. Sums are exact and always
// decimal.Decimal; they, the least and the greatest of nothing are null.
//
// It is Invalid to give an aggregation that is not resolved.
func Aggregate(ctx context.Context, src Source, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	order, err := groupOrder(a)
	if err != nil {
		return nil, err
	}
	m := newMatcher(ctx, src, a.Tenant)
	groups := map[string]*group{}
	if len(a.Keys) == 0 {
		groups[""] = &group{tallies: make([]tally, len(a.Measures))}
	}
	var name []byte
	for row, err := range m.matching(k, a.Where, a.Scope) {
		if err != nil {
			return nil, err
		}
		keys, err := m.groupKeys(k, row, a.Keys)
		if err != nil {
			return nil, err
		}
		name = name[:0]
		for _, v := range keys {
			name = appendValue(name, v)
		}
		g := groups[string(name)]
		if g == nil {
			g = &group{keys, make([]tally, len(a.Measures))}
			groups[string(name)] = g
		}
		if err := g.add(m, k, row, a.Measures); err != nil {
			return nil, err
		}
	}
	rows := make([]driver.Row, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, g.row(a.Measures))
	}
	slices.SortFunc(rows, order)
	return rows[:min(a.Limit, len(rows))], nil
}

// groupOrder returns the order of an aggregation's rows: a total one, for the
// keys of two groups differ.
func groupOrder(a *query.Aggregate) (func(x, y driver.Row) int, error) {
	if a.Limit <= 0 {
		return nil, fault.New(fault.Invalid, "the aggregation is not resolved")
	}
	position := map[string]int{}
	for i, key := range a.Keys {
		position[key.Column()] = i
	}
	for i, measure := range a.Measures {
		position[measure.Column()] = len(a.Keys) + i
	}
	type by struct {
		at   int
		desc bool
	}
	var order []by
	for _, s := range a.Sort {
		at, ok := position[s.Path.Name]
		if !ok {
			return nil, fault.New(fault.Invalid, "no key or measure %.80q to sort by", s.Path.Name)
		}
		order = append(order, by{at, s.Desc})
	}
	for i := range a.Keys {
		order = append(order, by{i, false})
	}
	return func(x, y driver.Row) int {
		for _, o := range order {
			if c := query.CompareValues(x[o.at], y[o.at]); c != 0 {
				if o.desc {
					return -c
				}
				return c
			}
		}
		return 0
	}, nil
}

func (m *matcher) groupKeys(k *schema.Kind, row driver.Row, keys []query.Key) ([]any, error) {
	out := make([]any, len(keys))
	for i, key := range keys {
		v, err := m.value(k, row, key.Path)
		if err != nil {
			return nil, err
		}
		if out[i] = v; v != nil && key.Edges != nil {
			out[i] = band(key.Edges, v)
		}
	}
	return out, nil
}

// band returns the number of edges that are not above a value.
func band(edges []any, v any) int64 {
	return int64(sort.Search(len(edges), func(i int) bool { return query.CompareValues(edges[i], v) > 0 }))
}

// group is one row in the making.
type group struct {
	keys    []any
	tallies []tally
}

func (g *group) add(m *matcher, k *schema.Kind, row driver.Row, measures []query.Measure) error {
	for i := range measures {
		measure := &measures[i]
		ok, err := m.match(k, row, measure.Where)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		var v any
		if measure.Fn != query.Count {
			if v, err = m.value(k, row, measure.Path); err != nil {
				return err
			}
		}
		if err := g.tallies[i].add(measure.Fn, v); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) row(measures []query.Measure) driver.Row {
	row := make(driver.Row, 0, len(g.keys)+len(measures))
	row = append(row, g.keys...)
	for i := range measures {
		row = append(row, g.tallies[i].result(measures[i].Fn))
	}
	return row
}
