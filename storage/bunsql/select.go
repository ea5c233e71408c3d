package bunsql

import (
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// selecting is the request of one page, or of a part of one.
type selecting struct {
	k    *schema.Kind
	q    *query.Select
	part part
	plan plan
	// tokens is set for a half of a search.
	tokens string
}

func (r selecting) kind() *schema.Kind { return r.k }

// Limit, position and condition come first, because a plan of several branches
// takes them again in each.
func (r selecting) collect(s *shape) {
	s.mark('S', byte(r.part), byte(r.plan))
	if r.tokens != "" {
		s.mark('T')
	}
	if r.plan == planTokens {
		s.raw(r.tokens)
	}
	s.columns(r.k, r.q.Columns)
	s.order(r.q.Sort)
	s.raw(int64(r.q.Limit))
	s.after(r.q, r.part)
	s.expr(r.q.Where)
	if r.plan == planUnion {
		s.arms(s.d.arms(r.k, r.q.Scope))
	} else {
		s.scope(r.k, r.q.Scope)
	}
}

func (r selecting) compile(c *compiler) (fragment, []decoder) {
	switch r.plan {
	case planUnion:
		return r.compileUnion(c)
	case planWalk:
		return r.compileWalk(c)
	case planTokens:
		return r.compileTokens(c)
	case planWholes:
		return r.compileWholes(c)
	}
	l := c.level(r.k)
	columns, decoders := l.columns(r.q.Columns)
	order, limit := l.order(r.q.Sort), c.arg()
	if !c.d.Lateral && narrows(r.k, r.q) {
		order = c.d.ordered(unindexed(l.sortColumns(r.q.Sort)), r.q.Sort)
	}
	after, condition := l.after(r.q, r.part, l.sortColumns(r.q.Sort)), l.expr(r.q.Where)
	scope := l.scope(r.q.Scope)
	q := where(l.query(), after, condition, scope).ColumnExpr("?", columns).OrderExpr("?", order)
	return limited(q, limit), decoders
}

// limited ends a query with a LIMIT that is an argument, which bun's Limit is
// not. It is a sum, because SQLite looks into a plain argument there when it
// prepares, and so prepares anew for each call.
func limited(q *bun.SelectQuery, n fragment) fragment { return sqlf("? LIMIT ? + 0", q, n) }

// columns marks the usual columns by one byte.
func (s *shape) columns(k *schema.Kind, list []query.Path) {
	if hasAllColumns(k, list) {
		s.mark('*')
		list = list[len(k.Columns()):]
	}
	s.count(len(list))
	for _, p := range list {
		s.path(p)
	}
}

func hasAllColumns(k *schema.Kind, list []query.Path) bool {
	all := k.Columns()
	if len(list) < len(all) {
		return false
	}
	for i, f := range all {
		if list[i].Field != f || len(list[i].Hops) > 0 {
			return false
		}
	}
	return true
}

func (l *level) columns(list []query.Path) (fragment, []decoder) {
	parts, decoders := make([]fragment, len(list)), make([]decoder, len(list))
	for i, p := range list {
		parts[i], decoders[i] = safe(l.value(p)), l.c.d.decoder(p.Field)
	}
	return join(", ", parts), decoders
}

func (s *shape) order(keys []query.Sort) {
	s.count(len(keys))
	for _, key := range keys {
		s.direction(key.Desc)
		s.path(key.Path)
	}
}

func (s *shape) direction(desc bool) {
	if desc {
		s.mark('v')
	} else {
		s.mark('^')
	}
}

func (l *level) order(keys []query.Sort) fragment {
	return l.c.d.ordered(l.sortColumns(keys), keys)
}

func (l *level) sortColumns(keys []query.Sort) []bun.Safe {
	columns := make([]bun.Safe, len(keys))
	for i, key := range keys {
		columns[i] = l.value(key.Path)
	}
	return columns
}

// ordered returns an ORDER BY of columns that stand for sort keys.
func (d *Dialect) ordered(columns []bun.Safe, keys []query.Sort) fragment {
	parts := make([]fragment, len(keys))
	for i, key := range keys {
		parts[i] = safe(columns[i] + bun.Safe(d.direction(key.Desc, nullable(key.Path))))
	}
	return join(", ", parts)
}

// direction spells an order in which null is the smallest value. It says so only
// where null can be: an index in plain order serves the rest.
func (d *Dialect) direction(desc, nullable bool) string {
	switch {
	case desc && nullable && d.NullsLast:
		return " DESC NULLS LAST"
	case desc:
		return " DESC"
	case nullable && d.NullsLast:
		return " NULLS FIRST"
	}
	return ""
}

// nullable reports whether a path may read null: by its field, or because a
// relation on it leads nowhere.
func nullable(p query.Path) bool { return p.Field.Nullable && p.Field.Name != "id" || len(p.Hops) > 0 }
