package bunsql

import (
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A scope has one meaning, any of its branches, and several plans. This file is
// the meaning as a condition, the predicate form; page.go and partition.go hold
// the plans that read a page and an aggregation without testing every row.

// The marks of the branches of a scope, in the order in which they are visited.
const (
	branchOwner  = 'O' // the owner is one
	branchIDs    = 'o' // the owner is one of a few
	branchReach  = 'r' // the owner stands below somebody
	branchDept   = 'd'
	branchOwners = 'u' // the owner is one of some that are not below each other
	branchMatch  = 'x'
	branchShared = 's'
	branchHeld   = 'h'
)

// branch is one way into a scope.
type branch struct {
	mark   byte
	target *schema.Kind
	scope  *query.Scope
	held   []query.Held
	match  query.Expr
}

// branches returns the ways into a scope that can lead to a record of its
// target.
func (d *Dialect) branches(k *schema.Kind, s *query.Scope) []branch {
	target := s.Target(k)
	var list []branch
	add := func(b branch) {
		b.target, b.scope = target, s
		list = append(list, b)
	}
	reach, _ := target.Registry().Reach()
	switch {
	case s.Reach == nil || target.Owner() == nil || reach == nil:
	case len(s.Reach.IDs) == 1:
		add(branch{mark: branchOwner})
	case len(s.Reach.IDs) > 0 && len(s.Reach.IDs) <= d.FewOwners:
		add(branch{mark: branchIDs})
	default:
		add(branch{mark: branchReach})
	}
	if len(s.Departments) > 0 && target.Department() != nil {
		add(branch{mark: branchDept})
	}
	if len(s.Owners) > 0 && target.Owner() != nil {
		add(branch{mark: branchOwners})
	}
	for _, e := range s.Matching {
		add(branch{mark: branchMatch, match: e})
	}
	if shares, _ := target.Registry().Shares(); s.Shared != nil && len(s.Shared.Principals) > 0 && shares != nil {
		add(branch{mark: branchShared})
	}
	var held []query.Held
	for _, h := range s.Held {
		if h.Child.To.Name() == target.Name() {
			held = append(held, h)
		}
	}
	if len(held) > 0 {
		add(branch{mark: branchHeld, held: held})
	}
	for _, also := range s.Also {
		list = append(list, d.branches(k, also)...)
	}
	return list
}

func (s *shape) scope(k *schema.Kind, scope *query.Scope) {
	if scope.IsAll() {
		s.mark('A')
		return
	}
	for _, rel := range scope.Whole {
		s.mark('w')
		s.name(rel.Name)
	}
	for _, b := range s.d.branches(k, scope) {
		s.branch(b)
	}
	s.mark('.')
}

func (s *shape) branch(b branch) {
	s.mark(b.mark)
	switch b.mark {
	case branchOwner:
		s.arg(b.target.Owner(), b.scope.Reach.IDs[0])
	case branchIDs:
		s.ids(b.target.Owner(), b.scope.Reach.IDs)
	case branchReach:
		s.reach(b)
	case branchDept:
		s.ids(b.target.Department(), b.scope.Departments)
	case branchOwners:
		s.ids(b.target.Owner(), b.scope.Owners)
	case branchMatch:
		s.expr(b.match)
	case branchShared:
		s.shared(b)
	case branchHeld:
		s.count(len(b.held))
		for _, h := range b.held {
			s.name(h.Child.From.Name())
			s.name(h.Child.Name)
			s.scope(h.Child.From, h.Scope)
		}
	}
}

func (s *shape) reach(b branch) {
	_, role := b.target.Registry().Reach()
	s.arg(role.Ancestor, b.scope.Reach.Root)
	if b.scope.Reach.MaxDepth >= 0 {
		s.mark('<')
		s.arg(role.Depth, int64(b.scope.Reach.MaxDepth))
	}
}

func (s *shape) shared(b branch) {
	_, role := b.target.Registry().Shares()
	s.arg(role.Kind, b.target.Name())
	s.ids(role.Principal, b.scope.Shared.Principals)
	s.arg(role.Level, b.scope.Shared.MinLevel)
	s.arg(role.Expires, b.scope.Shared.Now)
}

// scope returns the condition that a record lies inside a scope, nil for one that
// narrows nothing.
func (l *level) scope(scope *query.Scope) fragment {
	if scope.IsAll() {
		return nil
	}
	alias := l.end(scope.Whole)
	var ways []fragment
	for _, b := range l.c.d.branches(l.kind, scope) {
		way := l.c.branch(alias, b)
		if b.mark == branchMatch && len(scope.Whole) > 0 { // which may be true of a whole that is not there
			way = sqlf("(? IS NOT NULL AND ?)", column(alias, "id"), way)
		}
		ways = append(ways, way)
	}
	if len(ways) == 0 {
		return safe(never)
	}
	return sqlf("(?)", chain(" OR ", ways))
}

// branch returns the condition that the record at an alias is inside a branch.
func (c *compiler) branch(alias string, b branch) fragment {
	switch b.mark {
	case branchOwner:
		return sqlf("? = ?", column(alias, b.target.Owner().Name), c.arg())
	case branchIDs:
		return c.in(column(alias, b.target.Owner().Name), b.target.Owner(), len(b.scope.Reach.IDs))
	case branchReach:
		owner := column(alias, b.target.Owner().Name)
		if c.walking {
			return sqlf("EXISTS (?)", c.reach(b, owner))
		}
		return sqlf("? IN (?)", owner, c.reach(b, ""))
	case branchDept:
		return c.in(column(alias, b.target.Department().Name), b.target.Department(), len(b.scope.Departments))
	case branchOwners:
		return c.in(column(alias, b.target.Owner().Name), b.target.Owner(), len(b.scope.Owners))
	case branchMatch:
		return (&level{c: c, kind: b.target, alias: alias}).expr(b.match)
	case branchShared:
		kind, role := b.target.Registry().Shares()
		l := c.level(kind)
		return sqlf("EXISTS (?)", l.query().ColumnExpr("1").Where("?", l.opens(b, c.principals(b))).
			Where("? = ?", column(l.alias, role.Record.Name), column(alias, "id")))
	}
	ways := make([]fragment, len(b.held))
	for i, h := range b.held {
		l := c.level(h.Child.From)
		inside := l.scope(h.Scope)
		ways[i] = sqlf("EXISTS (?)", where(l.query(), inside).ColumnExpr("1").
			Where("? = ?", column(l.alias, h.Child.Field.Name), column(alias, "id")))
	}
	return sqlf("(?)", join(" OR ", ways))
}

// reach returns the select of the owners at or below the root, or of one of them alone.
// That they are not null is said for the sake of the unique index, which leaves null out.
func (c *compiler) reach(b branch, one bun.Safe) fragment {
	kind, role := b.target.Registry().Reach()
	l := c.level(kind)
	q := l.query().ColumnExpr("?", column(l.alias, role.Descendant.Name)).
		Where("? = ?", column(l.alias, role.Ancestor.Name), c.arg()).
		Where("? IS NOT NULL", column(l.alias, role.Descendant.Name))
	if one != "" {
		q.Where("? = ?", column(l.alias, role.Descendant.Name), one)
	}
	if b.scope.Reach.MaxDepth >= 0 {
		q.Where("? <= ?", column(l.alias, role.Depth.Name), c.arg())
	}
	return q.AppendQuery
}

// opens returns the condition that a row of the kind that keeps shares, which l
// is a level of, opens a record of the branch's target to a principal for whom
// another condition holds.
func (l *level) opens(b branch, principal func(bun.Safe) fragment) fragment {
	_, role := b.target.Registry().Shares()
	of := func(f *schema.Field) bun.Safe { return column(l.alias, f.Name) }
	kind := sqlf("? = ?", of(role.Kind), l.c.arg())
	to := principal(of(role.Principal))
	atLeast := sqlf("? >= ?", of(role.Level), l.c.arg())
	lasting := sqlf("(? IS NULL OR ? > ?)", of(role.Expires), of(role.Expires), l.c.arg())
	return join(" AND ", []fragment{kind, to, atLeast, lasting})
}

// principals returns the condition that somebody is one of a branch's principals.
func (c *compiler) principals(b branch) func(bun.Safe) fragment {
	return func(col bun.Safe) fragment {
		_, role := b.target.Registry().Shares()
		return c.in(col, role.Principal, len(b.scope.Shared.Principals))
	}
}

// one returns the condition that a column is one argument.
func (c *compiler) one(col bun.Safe) fragment { return sqlf("? = ?", col, c.arg()) }
