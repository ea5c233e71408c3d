package storagetest

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// wrongReads find what they should not, or not what they should.
var wrongReads = []wrong{
	{"drops the tenant", "Tenancy", oneTenant},
	{"follows paths into other tenants", "Tenancy", func() *bend { return seen(&lens{across: "thing"}) }},
	{"finds back references of other tenants", "Tenancy", func() *bend { return seen(&lens{across: "part"}) }},
	{"finds polymorphic references of other tenants", "Tenancy", func() *bend { return seen(&lens{across: "note"}) }},
	{"takes the reach of other tenants", "Tenancy", func() *bend { return seen(&lens{across: "reach"}) }},
	{"takes the shares of other tenants", "Tenancy", func() *bend { return seen(&lens{across: "share"}) }},

	{"folds case in comparisons", "Query", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if c, ok := e.(query.Cmp); ok && c.Op == query.OpEq && c.Path.Field.Type == schema.TypeText {
				s := c.Value.(string)
				return query.OneOf{Path: c.Path, Values: []any{strings.ToLower(s), strings.ToUpper(s)}}
			}
			return e
		})
	}},
	{"does not find null by <>", "Query", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if c, ok := e.(query.Cmp); ok && c.Op == query.OpNe {
				return query.And{c, query.Not{Expr: query.IsNull{Path: c.Path}}}
			}
			return e
		})
	}},
	{"takes % for a pattern", "Query", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if m, ok := e.(query.Match); ok {
				m.Text = strings.TrimSuffix(m.Text, "%")
				return m
			}
			return e
		})
	}},
	{"takes everything for in nothing", "Query", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if o, ok := e.(query.OneOf); ok && len(o.Values) == 0 {
				return query.And{}
			}
			return e
		})
	}},
	{"treats null as largest", "Query", func() *bend { return &bend{find: nullLast} }},
	{"treats null as largest", "Paging", func() *bend { return &bend{find: nullLast} }},
	{"ignores the direction of the second key", "Query", func() *bend {
		return bentSelect(func(q *query.Select) {
			q.Sort = slices.Clone(q.Sort)
			for i := range q.Sort {
				q.Sort[i].Desc = q.Sort[0].Desc
			}
		})
	}},

	{"slips a page by one", "Paging", func() *bend {
		return &bend{find: func(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
			rows, err := c.Select(ctx, k, q)
			if q.After != nil && len(rows) > 1 {
				rows = rows[1:]
			}
			return rows, err
		}}
	}},
	{"begins a page with the ties of the last", "Paging", func() *bend {
		return bentSelect(func(q *query.Select) {
			if q.After != nil && !q.Sort[len(q.Sort)-1].Desc {
				q.After = append(slices.Clone(q.After[:len(q.After)-1]), schema.ID{})
			}
		})
	}},
	{"skips the ties of the last page", "Paging", func() *bend {
		return bentSelect(func(q *query.Select) {
			if n := len(q.After); n > 1 && !q.Sort[n-1].Desc {
				q.After = append(slices.Clone(q.After[:n-1]), schema.ID{0: 0xff})
			}
		})
	}},
	{"gives one row too many", "Paging", func() *bend { return bentSelect(func(q *query.Select) { q.Limit++ }) }},

	{"leaves out the group of null", "Aggregates", func() *bend {
		return bentGroups(func(a *query.Aggregate, rows []driver.Row) []driver.Row {
			return slices.DeleteFunc(rows, func(r driver.Row) bool { return len(a.Keys) > 0 && r[0] == nil })
		})
	}},
	{"sums with floats", "Aggregates", func() *bend {
		return bentGroups(func(_ *query.Aggregate, rows []driver.Row) []driver.Row {
			for _, row := range rows {
				for i, v := range row {
					if d, ok := v.(decimal.Decimal); ok {
						row[i] = decimal.NewFromFloat(d.InexactFloat64())
					}
				}
			}
			return rows
		})
	}},
	{"sums nothing to zero", "Aggregates", func() *bend {
		return bentGroups(func(a *query.Aggregate, rows []driver.Row) []driver.Row {
			for _, row := range rows {
				for i, m := range a.Measures {
					if at := len(a.Keys) + i; m.Fn == query.Sum && row[at] == nil {
						row[at] = decimal.Decimal{}
					}
				}
			}
			return rows
		})
	}},
	{"counts an edge to the band below", "Aggregates", func() *bend {
		return &bend{aggregate: func(ctx context.Context, c driver.Aggregator, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
			b := *a
			b.Keys = slices.Clone(a.Keys)
			for i, key := range b.Keys {
				for j, edge := range key.Edges {
					if n, ok := edge.(int64); ok {
						b.Keys[i].Edges = slices.Clone(b.Keys[i].Edges)
						b.Keys[i].Edges[j] = n + 1
					}
				}
			}
			return c.Aggregate(ctx, k, &b)
		}}
	}},
	{"ignores the order of groups", "Aggregates", func() *bend {
		return &bend{aggregate: func(ctx context.Context, c driver.Aggregator, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
			b := *a
			b.Sort = nil
			return c.Aggregate(ctx, k, &b)
		}}
	}},

	{"finds polymorphic references of any kind", "Relations", func() *bend { return seen(&lens{anyKind: true}) }},
	{"has what lies outside of the scope", "Relations", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if x, ok := e.(query.Exists); ok {
				x.Scope = nil
				return x
			}
			return e
		})
	}},
	{"does not find what leads nowhere", "Relations", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if n, ok := e.(query.IsNull); ok && len(n.Path.Hops) > 0 {
				return query.And{n, query.Not{Expr: query.IsNull{Path: query.Path{Field: n.Path.Hops[0].Field}}}}
			}
			return e
		})
	}},

	{"counts shares that have ended", "Scope", func() *bend {
		return seen(&lens{see: func(k *schema.Kind, row driver.Row) { blank(k, row, "share", "expires_at", nil) }})
	}},
	{"ignores the level of a share", "Scope", func() *bend {
		return seen(&lens{see: func(k *schema.Kind, row driver.Row) { blank(k, row, "share", "level", int64(math.MaxInt64)) }})
	}},
	{"ends a share a microsecond late", "Scope", func() *bend {
		return bentScope(func(s *query.Scope) {
			if s.Shared != nil {
				other := *s.Shared
				other.Now = other.Now.Add(-time.Microsecond)
				s.Shared = &other
			}
		})
	}},
	{"ignores the depth of a reach", "Scope", func() *bend {
		return seen(&lens{see: func(k *schema.Kind, row driver.Row) { blank(k, row, "reach", "depth", int64(0)) }})
	}},
	{"forgets a big reach", "Scope", func() *bend {
		return bentScope(func(s *query.Scope) {
			if s.Reach != nil && s.Reach.Size > 10_000 {
				s.Reach = nil
			}
		})
	}},
	{"forgets departments", "Scope", func() *bend { return bentScope(func(s *query.Scope) { s.Departments = nil }) }},
	{"takes what any record holds", "Scope", func() *bend {
		return bentScope(func(s *query.Scope) {
			s.Held = slices.Clone(s.Held)
			for i := range s.Held {
				s.Held[i].Scope = nil
			}
		})
	}},
	{"forgets what is held", "Scope", func() *bend { return bentScope(func(s *query.Scope) { s.Held = nil }) }},
	{"takes the part for the whole", "Scope", func() *bend { return bentScope(func(s *query.Scope) { s.Whole = nil }) }},
	{"takes an empty scope for all", "Scope", func() *bend {
		return bentScope(func(s *query.Scope) {
			s.All = s.All || s.Reach == nil && s.Shared == nil && s.Held == nil && s.Departments == nil
		})
	}},

	{"reads over null", "Random", func() *bend {
		return &bend{set: func(place, value any) error {
			if value == nil {
				return nil
			}
			return driver.Set(place, value)
		}}
	}},
	{"reads decimals as floats", "Random", func() *bend {
		return &bend{set: func(place, value any) error {
			if d, ok := value.(decimal.Decimal); ok {
				value = decimal.NewFromFloat32(float32(d.InexactFloat64()))
			}
			return driver.Set(place, value)
		}}
	}},
	{"gathers what two queries find once", "Random", func() *bend {
		return &bend{gather: func(_ []query.Select, rows []driver.Row) []driver.Row {
			seen := map[any]bool{}
			return slices.DeleteFunc(rows, func(row driver.Row) bool { was := seen[row[0]]; seen[row[0]] = true; return was })
		}}
	}},
	{"gathers no more than for a hundred queries", "Random", func() *bend {
		return &bend{gather: func(list []query.Select, rows []driver.Row) []driver.Row {
			if len(list) > 100 {
				return rows[:min(len(rows), 100)]
			}
			return rows
		}}
	}},
	{"searches all tenants as one", "Search", oneTenant},
	{"searches outside of the scope", "Search", func() *bend { return bentScope(func(s *query.Scope) { s.All = true }) }},
	{"searches outside of a small scope", "Search", func() *bend {
		return bentScope(func(s *query.Scope) { s.All = s.All || s.Reach != nil && s.Reach.Size > 0 && s.Reach.Size < 10 })
	}},
	{"searches all fields", "Search", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if m, ok := e.(query.Match); ok {
				m.Line = ""
				return m
			}
			return e
		})
	}},
	{"searches without the further condition", "Search", func() *bend {
		return bentSelect(func(q *query.Select) {
			if and, ok := q.Where.(query.And); ok && len(and) == 2 && len(q.Sort) == 2 {
				q.Where = and[0]
			}
		})
	}},
	{"ranks in order of the id", "Search", func() *bend { return bentSelect(func(q *query.Select) { q.Sort = q.Sort[len(q.Sort)-1:] }) }},
	{"ranks in order of the last use alone", "Search", func() *bend {
		return &bend{search: func(k *schema.Kind, rows []driver.Row) []driver.Row {
			slices.SortStableFunc(rows, func(a, b driver.Row) int {
				at := k.Search().Recent.Position
				return query.CompareValues(b[at], a[at])
			})
			return rows
		}}
	}},
	{"ranks null as the last use", "Search", func() *bend { return &bend{find: nullLast} }},
	{"does not tell what begins", "Search", func() *bend {
		return &bend{search: func(_ *schema.Kind, rows []driver.Row) []driver.Row {
			for _, row := range rows {
				row[len(row)-1] = false
			}
			return rows
		}}
	}},
	{"finds one too few", "Search", func() *bend {
		return &bend{search: func(_ *schema.Kind, rows []driver.Row) []driver.Row { return rows[:max(0, len(rows)-1)] }}
	}},
	{"finds no more than some", "Search", func() *bend {
		return &bend{search: func(_ *schema.Kind, rows []driver.Row) []driver.Row { return rows[:min(20, len(rows))] }}
	}},
	{"finds what has the tokens", "Search", func() *bend {
		return rewrites(func(e query.Expr) query.Expr {
			if m, ok := e.(query.Match); ok {
				m.Text = strings.TrimPrefix(m.Text, "\t") // anywhere, and not at the beginning
				return m
			}
			return e
		})
	}},

	{"treats null as largest", "Random", func() *bend { return &bend{find: nullLast} }},
	{"counts shares that have ended", "Random", func() *bend {
		return seen(&lens{see: func(k *schema.Kind, row driver.Row) { blank(k, row, "share", "expires_at", nil) }})
	}}}
