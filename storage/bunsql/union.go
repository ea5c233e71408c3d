package bunsql

import (
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// arm is one member of a union: a branch of the scope or, where a database can't read
// each of its departments or principals along an index within one, a single one of them.
type arm struct {
	branch
	// only is the one department or principal; zero for all of the branch's.
	only schema.ID
}

func (d *Dialect) arms(k *schema.Kind, scope *query.Scope) []arm {
	var list []arm
	for _, b := range d.branches(k, scope) {
		var ids []schema.ID
		switch b.mark {
		case branchDept:
			ids = b.scope.Departments
		case branchShared:
			ids = b.scope.Shared.Principals
		}
		if d.Lateral || len(ids) == 0 || len(ids) > maxArms {
			list = append(list, arm{branch: b})
			continue
		}
		for _, id := range ids {
			list = append(list, arm{b, id})
		}
	}
	return list
}

func (s *shape) arms(list []arm) {
	for _, a := range list {
		switch {
		case a.only.IsZero():
			s.branch(a.branch)
		case a.mark == branchDept:
			s.mark(a.mark, '1')
			s.arg(a.target.Department(), a.only)
		default:
			s.mark(a.mark, '1')
			s.sharedTo(a)
		}
	}
	s.mark('.')
}

func (s *shape) sharedTo(a arm) {
	_, role := a.target.Registry().Shares()
	s.arg(role.Kind, a.target.Name())
	s.arg(role.Principal, a.only)
	s.arg(role.Level, a.scope.Shared.MinLevel)
	s.arg(role.Expires, a.scope.Shared.Now)
}

// compileUnion takes the first of each arm in the one order, from the one
// position: the first of the union are among them. UNION drops what two arms
// found.
func (r selecting) compileUnion(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	columns, decoders := l.columns(r.q.Columns)
	u := union{selecting: r, c: c, limit: c.arg(), narrowed: c.taken}
	// The arguments of position and condition belong to every arm; those of the
	// scope follow them.
	skipped := c.level(r.k)
	skipped.after(r.q, r.part, skipped.sortColumns(r.q.Sort))
	skipped.expr(r.q.Where)
	var members []fragment
	for _, a := range c.d.arms(r.k, r.q.Scope) {
		members = append(members, sqlf("SELECT * FROM (?) AS ?", u.arm(a), bun.Ident(c.alias())))
	}
	united := c.alias()
	names := []bun.Safe{column(united, u.key().Name), column(united, "id")}
	keys := bun.NewSelectQuery(c.bun).TableExpr("(?) AS ?", join(" UNION ", members), bun.Ident(united)).
		ColumnExpr("?", column(united, "id")).OrderExpr("?", c.d.ordered(names, r.q.Sort))
	l.keys = limited(keys, u.limit)
	q := l.query().ColumnExpr("?", columns).OrderExpr("?", l.order(r.q.Sort))
	return q.AppendQuery, decoders
}

// union is a page while it is compiled as one.
type union struct {
	selecting
	c     *compiler
	limit fragment
	// narrowed is where the arguments of position and condition begin.
	narrowed int
}

func (u union) key() *schema.Field { return u.q.Sort[0].Path.Field }

// read ends an arm: the first sort keys of a level for which the conditions hold,
// behind the position. columns stand for the sort keys.
func (u union) read(l *level, columns []bun.Safe, conditions ...fragment) fragment {
	next := u.c.taken
	u.c.taken = u.narrowed
	after, condition := l.after(u.q, u.part, columns), l.expr(u.q.Where)
	u.c.taken = next
	q := where(where(l.query(), after, condition), conditions...).
		ColumnExpr("? AS ?", columns[0], bun.Ident(u.key().Name)).ColumnExpr("? AS ?", columns[1], bun.Ident("id")).
		OrderExpr("?", u.c.d.ordered(columns, u.q.Sort))
	if l.before != nil {
		q.Distinct() // a record may be shared twice to one principal
	}
	return limited(q, u.limit)
}

func (u union) arm(a arm) fragment {
	c, l := u.c, u.c.level(u.k)
	columns := l.sortColumns(u.q.Sort)
	switch a.mark {
	case branchOwner, branchIDs, branchReach, branchOwners:
		if c.d.Lateral && a.mark != branchOwner {
			return u.ofEach(l, columns, a)
		}
		l.hint = c.indexHint(u.k, u.k.Owner(), u.key())
		return u.read(l, columns, c.driving(l.alias, a.branch))
	case branchDept:
		if c.d.Lateral {
			return u.ofEach(l, columns, a)
		}
		if !a.only.IsZero() {
			l.hint = c.indexHint(u.k, u.k.Department(), u.key())
			return u.read(l, columns, c.one(column(l.alias, u.k.Department().Name)))
		}
	case branchShared:
		return u.shared(l, columns, a)
	}
	return u.read(l, tested(c.d, columns), c.driving(l.alias, a.branch))
}

// tested are the sort columns of an arm whose records are found by id: SQLite would
// rather read along the index of the order and look each record up among the ids.
func tested(d *Dialect, columns []bun.Safe) []bun.Safe {
	if d.Lateral {
		return columns
	}
	return unindexed(columns)
}

// ofEach reads the first of each owner or department on its own: Postgres would otherwise
// sort all that they have.
func (u union) ofEach(l *level, columns []bun.Safe, a arm) fragment {
	c, of := u.c, u.c.alias()
	field := u.k.Owner()
	if a.mark == branchDept {
		field = u.k.Department()
	}
	var ids fragment
	if a.mark == branchReach {
		ids = c.reach(a.branch, "")
	} else {
		ids = c.listed()
	}
	each := u.read(l, columns, sqlf("? = ?", column(l.alias, field.Name), column(of, "id")))
	return limited(u.lateral(ids, of, each), u.limit)
}

// listed selects the ids that are one argument.
func (c *compiler) listed() fragment { return sqlf("SELECT DISTINCT unnest(?::uuid[])", c.arg()) }

// lateral reads an arm for each of some ids, whose alias it knows.
func (u union) lateral(ids fragment, of string, each fragment) *bun.SelectQuery {
	first := u.c.alias()
	names := []bun.Safe{column(first, u.key().Name), column(first, "id")}
	return bun.NewSelectQuery(u.c.bun).TableExpr("(?) AS ? (id) CROSS JOIN LATERAL (?) AS ?", ids, bun.Ident(of), each, bun.Ident(first)).
		ColumnExpr("?, ?", names[0], names[1]).OrderExpr("?", u.c.d.ordered(names, u.q.Sort))
}

// shared reads the shares of each principal in the order of their copied
// created_at, where that is the order of the page, and else the records of all
// shares.
func (u union) shared(l *level, columns []bun.Safe, a arm) fragment {
	c := u.c
	kind, role := u.k.Registry().Shares()
	principal := c.principals(a.branch)
	if !a.only.IsZero() {
		principal = c.one
	}
	if u.key() != u.k.Field("created_at") || a.only.IsZero() && !c.d.Lateral {
		return u.read(l, tested(c.d, columns), sqlf("? IN (?)", column(l.alias, "id"), c.ids(a.branch, principal)))
	}
	l.before = c.level(kind)
	record := column(l.before.alias, role.Record.Name)
	copied := []bun.Safe{column(l.before.alias, role.CreatedAt.Name), record}
	same := sqlf("? = ?", column(l.alias, "id"), record)
	if !c.d.Lateral {
		return u.read(l, copied, l.before.opens(a.branch, principal), same)
	}
	of := c.alias()
	var ids fragment
	opens := l.before.opens(a.branch, func(principal bun.Safe) fragment {
		ids = c.listed()
		return sqlf("? = ?", principal, column(of, "id"))
	})
	// What is shared to two of them takes one place.
	return limited(u.lateral(ids, of, u.read(l, copied, opens, same)).Distinct(), u.limit)
}
