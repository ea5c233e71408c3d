package bunsql

import (
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Without statistics, which a database that was empty when it was migrated does not
// have, SQLite takes a walk along the order of a page to be as good as an index that
// finds its few records: it would read the journal of a whole tenant for the entries of
// one record. This file tells the pages for which the order must not choose the index.

// narrows reports whether the condition of a page asks for equality with all fields of
// an index, or with two of them from the first on, while none that it finds records by
// also has them in order.
func narrows(k *schema.Kind, q *query.Select) bool {
	equal := map[*schema.Field]bool{}
	equalities(q.Where, equal)
	found := false
	for _, x := range k.Indexes() {
		n := 0
		for n < len(x.Fields) && equal[x.Fields[n]] {
			n++
		}
		if n == 0 {
			continue
		}
		if servesSort(x.Fields[n:], q.Sort) {
			return false
		}
		found = found || n == len(x.Fields) || n >= 2
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

// equalities collects the record's own fields that the condition compares for equality,
// whatever else it asks.
func equalities(e query.Expr, into map[*schema.Field]bool) {
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			equalities(part, into)
		}
	case query.Cmp:
		if e.Op == query.OpEq && len(e.Path.Hops) == 0 {
			into[e.Path.Field] = true
		}
	}
}

// unindexed is an order that no index is chosen for.
func (l *level) unindexed(keys []query.Sort) fragment {
	columns := l.sortColumns(keys)
	for i, column := range columns {
		columns[i] = "+" + column
	}
	return l.c.d.ordered(columns, keys)
}
