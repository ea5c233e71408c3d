package bunsql

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Without statistics, which a database that was empty when it was migrated does not
// have, SQLite takes a walk along the order of a page to be as good as an index that
// finds its few records: it would read the journal of a whole tenant for the entries of
// one record. This file tells the pages for which the order must not choose the index.

// narrows reports whether the condition of a page asks for equality, with one value or
// one of several, with all fields of an index, or with two of them from the first on,
// while none that it finds records by also has them in order.
func narrows(k *schema.Kind, q *query.Select) bool { return narrowing(k, q) != nil }

// narrowing returns the parts of the condition that make it narrow; nil where it is not.
func narrowing(k *schema.Kind, q *query.Select) query.And {
	equal := map[*schema.Field]query.Expr{}
	equalities(q.Where, equal)
	var found query.And
	for _, x := range k.Indexes() {
		var parts query.And
		single := true
		for len(parts) < len(x.Fields) && equal[x.Fields[len(parts)]] != nil {
			part := equal[x.Fields[len(parts)]]
			_, one := part.(query.Cmp)
			parts, single = append(parts, part), single && one
		}
		n := len(parts)
		if n == 0 {
			continue
		}
		if single && servesSort(x.Fields[n:], q.Sort) {
			return nil
		}
		if (n == len(x.Fields) || n >= 2) && n > len(found) {
			found = parts
		}
	}
	return found
}

// servesSort reports whether records that come in order of the fields and then the id are
// in order of the sort keys.
func servesSort(fields []*schema.Field, keys []query.Sort) bool {
	keys = keys[:len(keys)-1] // the id
	if len(keys) != len(fields) {
		return false
	}
	for i, key := range keys {
		if len(key.Path.Hops) > 0 || key.Path.Field != fields[i] || key.Desc != keys[0].Desc {
			return false
		}
	}
	return true
}

// equalities collects, by the record's own fields, the parts of the condition that
// compare them for equality, whatever else it asks.
func equalities(e query.Expr, into map[*schema.Field]query.Expr) {
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			equalities(part, into)
		}
	case query.Cmp:
		if e.Op == query.OpEq && len(e.Path.Hops) == 0 {
			into[e.Path.Field] = e
		}
	case query.OneOf:
		if len(e.Path.Hops) == 0 && into[e.Path.Field] == nil && len(e.Values) > 0 {
			into[e.Path.Field] = e
		}
	}
}

// probing is the request to count, up to one more than a walk tests, the records that a
// condition with an index finds.
type probing struct {
	k     *schema.Kind
	where query.And
}

func (r probing) kind() *schema.Kind { return r.k }

func (r probing) collect(s *shape) {
	s.mark('P')
	s.expr(r.where)
}

func (r probing) compile(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	condition := l.expr(r.where)
	found := where(l.query(), condition).ColumnExpr("1")
	q := bun.NewSelectQuery(c.bun).TableExpr("(? LIMIT ?) AS ?", found, bun.Safe(strconv.Itoa(walkBudget+1)), bun.Ident(c.alias())).ColumnExpr("count(*)")
	return q.AppendQuery, []decoder{{decode: decodeInt}}
}

// few reports whether a condition with an index finds so few records that each of them
// had better be tested against the scope.
func (c *Conn) few(ctx context.Context, k *schema.Kind, q *query.Select) (bool, error) {
	parts := narrowing(k, q)
	if parts == nil {
		return false, nil
	}
	rows, err := c.read.query(ctx, probing{k, parts}, q.Tenant, 1, 1)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	n, _ := rows[0][0].(int64)
	return n <= walkBudget, nil
}

// unindexed spells columns so that SQLite chooses no index for them.
func unindexed(columns []bun.Safe) []bun.Safe {
	spelled := make([]bun.Safe, len(columns))
	for i, column := range columns {
		spelled[i] = "+" + column
	}
	return spelled
}
