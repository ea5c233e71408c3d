package bunsql

import (
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
)

// partition returns what stands for a kind's table in an aggregation within a
// scope of several branches: the records of each branch that are in none before
// it, each read along its index. One condition with OR would read all records of
// the tenant. It has the columns that have been used so far, and no others: both
// databases take long over each. It is nil where a plain condition does as well.
func (l *level) partition(scope *query.Scope) fragment {
	if scope.IsAll() || len(scope.Whole) > 0 {
		return nil
	}
	list := l.c.d.branches(l.kind, scope)
	if len(list) < 2 {
		return nil
	}
	if len(l.used) == 0 {
		l.column("id")
	}
	var starts []int
	var members []fragment
	for _, b := range list {
		inner := l.c.level(l.kind)
		starts = append(starts, l.c.taken)
		q := []fragment{l.c.driving(inner.alias, b)}
		next := l.c.taken
		for j, earlier := range list[:len(starts)-1] {
			l.c.taken = starts[j]
			q = append(q, sqlf("(? IS NOT TRUE)", l.c.branch(inner.alias, earlier)))
		}
		l.c.taken = next
		member := inner.query().Where("?", join(" AND ", q))
		for _, name := range l.used {
			member.ColumnExpr("?", column(inner.alias, name))
		}
		members = append(members, member.AppendQuery)
	}
	return sqlf("(?)", join(" UNION ALL ", members))
}

// driving returns the condition of a branch in the form by which its records are
// found, and not one tested.
func (c *compiler) driving(alias string, b branch) fragment {
	if b.mark == branchShared || b.mark == branchHeld {
		return sqlf("? IN (?)", column(alias, "id"), c.ids(b, c.principals(b)))
	}
	return c.branch(alias, b)
}

// ids selects the records that are shared, to whom principal says, or held.
func (c *compiler) ids(b branch, principal func(bun.Safe) fragment) fragment {
	if b.mark == branchShared {
		kind, role := b.target.Registry().Shares()
		l := c.level(kind)
		return l.query().ColumnExpr("?", column(l.alias, role.Record.Name)).Where("?", l.opens(b, principal)).AppendQuery
	}
	ways := make([]fragment, len(b.held))
	for i, h := range b.held {
		l := c.level(h.Child.From)
		child := l.column(h.Child.Field.Name)
		ways[i] = l.scopedQuery(h.Scope).ColumnExpr("?", child).AppendQuery
	}
	return join(" UNION ALL ", ways)
}

// scopedQuery returns the builder over the records of a level inside a scope, in
// the form by which they are found.
func (l *level) scopedQuery(scope *query.Scope, conditions ...fragment) *bun.SelectQuery {
	if l.source = l.partition(scope); l.source == nil {
		conditions = append(conditions, l.scope(scope))
	}
	return where(l.query(), conditions...)
}
