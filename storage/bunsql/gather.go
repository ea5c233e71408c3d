package bunsql

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

var _ driver.Gatherer = (*Conn)(nil)

// mostGathered is the number of queries of one statement: SQLite takes 500.
const mostGathered = 100

// Gather implements driver.Gatherer.
func (c *Conn) Gather(ctx context.Context, k *schema.Kind, list []query.Select) ([]driver.Row, error) {
	var rows []driver.Row
	for len(list) > 0 {
		some := list[:min(len(list), mostGathered)]
		list = list[len(some):]
		r, most := gathering{k: k}, 0
		for i := range some {
			r.list = append(r.list, selecting{k: k, q: &some[i]})
			most += some[i].Limit
		}
		found := newRowList(len(some[0].Columns), most)
		if err := c.read.read(ctx, r, some[0].Tenant, most, found.next); err != nil {
			return nil, err
		}
		rows = append(rows, found.rows...)
	}
	return rows, nil
}

// gathering is the request of several pages.
type gathering struct {
	k    *schema.Kind
	list []selecting
}

func (r gathering) kind() *schema.Kind { return r.k }

func (r gathering) collect(s *shape) {
	s.mark('G')
	groups := r.groups(s.d)
	s.count(len(groups))
	for _, g := range groups {
		g.collect(s)
	}
}

func (r gathering) compile(c *compiler) (fragment, []decoder) {
	groups := r.groups(c.d)
	members, decoders := make([]fragment, len(groups)), []decoder(nil)
	for i, g := range groups {
		var pages fragment
		pages, decoders = g.compile(c)
		members[i] = sqlf("SELECT * FROM (?) AS "+c.alias(), pages)
	}
	return join(" UNION ALL ", members), decoders
}

// groups returns the queries in groups of neighbours that one arm can read, where a
// database can: planning an arm for each takes longer than reading it.
func (r gathering) groups(d *Dialect) []alike {
	var list []alike
	for _, one := range r.list {
		if last := len(list) - 1; d.Lateral && last >= 0 && list[last].takes(one.q) {
			list[last].values = append(list[last].values, valueOf(one.q))
		} else {
			list = append(list, alike{one, []any{valueOf(one.q)}})
		}
	}
	return list
}

// alike are queries of which each asks for another value of one field of its own, and all
// else is the same; or any query alone.
type alike struct {
	selecting
	values []any
}

func (g alike) takes(q *query.Select) bool {
	field, own := asked(g.q), asked(q)
	return field != nil && own == field && !inUnique(g.k, query.Path{Field: field}) && q.Limit == g.q.Limit && slices.EqualFunc(q.Sort, g.q.Sort, sameSort)
}

// asked returns the field for one value of which a query asks, nil for any other query.
func asked(q *query.Select) *schema.Field {
	e, ok := q.Where.(query.Cmp)
	if !ok || e.Op != query.OpEq || len(e.Path.Hops) > 0 || e.Path.Field.Custom {
		return nil
	}
	return e.Path.Field
}

func valueOf(q *query.Select) any {
	e, _ := q.Where.(query.Cmp)
	return e.Value
}

func sameSort(a, b query.Sort) bool {
	return a.Desc == b.Desc && a.Path.Field == b.Path.Field && slices.Equal(a.Path.Hops, b.Path.Hops)
}

func (g alike) collect(s *shape) {
	if len(g.values) == 1 {
		g.selecting.collect(s)
		return
	}
	s.mark('L')
	s.columns(g.k, g.q.Columns)
	s.order(g.q.Sort)
	s.raw(int64(g.q.Limit))
	s.name(asked(g.q).Name)
	s.list(asked(g.q), g.values)
}

func (g alike) compile(c *compiler) (fragment, []decoder) {
	if len(g.values) == 1 {
		return g.selecting.compile(c)
	}
	l, of, field := c.level(g.k), c.alias(), asked(g.q)
	columns, decoders := l.columns(g.q.Columns)
	order, limit := l.order(g.q.Sort), c.arg()
	values := sqlf("unnest(?::?) AS ? (value)", c.arg(), bun.Safe(c.d.arrayType(field)), bun.Ident(of))
	same := sqlf("? = ?", l.column(field.Name), column(of, "value"))
	each := limited(where(l.query(), same).ColumnExpr("?", columns).OrderExpr("?", order), limit)
	page := bun.Ident(c.alias())
	return sqlf("SELECT ?.* FROM ? CROSS JOIN LATERAL (?) AS ?", page, values, each, page), decoders
}
