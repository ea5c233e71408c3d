package bunsql

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// plan is how a page within a scope is read. All of them return the same rows;
// at a million records they differ a thousandfold. PERFORMANCE.md, section 8, has
// the measurements and the rule.
type plan byte

const (
	// planPredicate tests each record that the rest of the query finds: for
	// conditions that find few.
	planPredicate plan = iota
	// planUnion reads the first of each branch of the scope along an index and
	// unites them: for a reach that is small beside the tenant.
	planUnion
	// planWalk reads all records of the tenant along the index of the sort key
	// and tests each, giving up after walkBudget of them: for a large reach.
	planWalk
	// planTokens tests each record that has the tokens of a search, and planWholes each
	// part of a record in the scope: see search.go.
	planTokens
	planWholes
)

// walkBudget is the number of records that a walk tests before the page is read
// as a union after all.
const walkBudget = 2000

// maxArms is the number of departments and of principals that get a branch each.
const maxArms = 20

// planOf chooses the plan of a page. Two plans need an order that an index has: a
// declared sort key, then the id.
func (d *Dialect) planOf(k *schema.Kind, q *query.Select) plan {
	if q.Scope.IsAll() || len(q.Scope.Whole) > 0 || len(q.Sort) != 2 || k.Owner() == nil || !hasAllColumns(k, q.Columns) {
		return planPredicate
	}
	key, id := q.Sort[0], q.Sort[1]
	if len(key.Path.Hops) > 0 || len(id.Path.Hops) > 0 || id.Path.Field != k.ID() || key.Desc != id.Desc || !k.IsSortKey(key.Path.Field) {
		return planPredicate
	}
	if len(d.arms(k, q.Scope)) == 0 {
		return planPredicate
	}
	if isLarge(q.Scope) {
		return planWalk
	}
	return planUnion
}

// isLarge reports whether a scope reaches so much of its tenant, from 5 % on, that a page is
// found within some thousand records.
func isLarge(scope *query.Scope) bool {
	for _, scope := range append([]*query.Scope{scope}, scope.Also...) {
		if r := scope.Reach; r != nil && r.Population > 0 && r.Size >= (r.Population+19)/20 {
			return true
		}
	}
	return false
}

// Select implements driver.Conn.
func (c *Conn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	list := newRowList(len(q.Columns), q.Limit)
	if err := c.Read(ctx, k, q, list.next); err != nil {
		return nil, err
	}
	return list.rows, nil
}

// Read implements driver.Reader.
func (c *Conn) Read(ctx context.Context, k *schema.Kind, q *query.Select, next func() []any) error {
	p := &page{conn: c, k: k, q: q, next: next}
	plan := c.db.d.planOf(k, q)
	if plan != planPredicate {
		few, err := c.few(ctx, k, q)
		if err != nil {
			return err
		}
		if few {
			plan = planPredicate
		}
	}
	err := p.read(ctx, plan)
	if plan != planWalk || err != nil || p.rows >= q.Limit {
		return err
	}
	gaveUp, err := c.gaveUp(ctx, k, q)
	if err != nil || !gaveUp {
		return err
	}
	return p.read(ctx, planUnion) // what the walk did not get to
}

// page is one page on its way. It may take several statements, each of which goes on
// behind the last row so far.
type page struct {
	conn *Conn
	k    *schema.Kind
	q    *query.Select
	next func() []any
	// tokens, where not empty, are what a search has to find.
	tokens string
	rows   int
	last   []any // the places of the last row
}

// place returns where the next row goes.
func (p *page) place() []any {
	p.rows++
	p.last = p.next()
	return p.last
}

// read reads what is missing by a plan. A walk ends at the first part that is short:
// whether there was more is not known.
func (p *page) read(ctx context.Context, plan plan) error {
	if p.rows >= p.q.Limit {
		return nil
	}
	rest := p.rest()
	r := selecting{k: p.k, q: &rest, plan: plan, tokens: p.tokens}
	if !splits(&rest) {
		return p.conn.read.read(ctx, r, rest.Tenant, rest.Limit, p.place)
	}
	r.part = partNear
	err := p.conn.read.read(ctx, r, rest.Tenant, rest.Limit, p.place)
	if err != nil || p.rows >= p.q.Limit || plan == planWalk {
		return err
	}
	r.part, rest.Limit = partFar, p.q.Limit-p.rows
	return p.conn.read.read(ctx, r, rest.Tenant, rest.Limit, p.place)
}

// rest returns the query of what is missing.
func (p *page) rest() query.Select {
	rest := *p.q
	if p.rows > 0 {
		rest.Limit -= p.rows
		rest.After = make([]any, len(rest.Sort))
		for i, key := range rest.Sort {
			rest.After[i] = driver.Get(p.last[key.Path.Field.Position])
		}
	}
	return rest
}

// indexHint forces SQLite to read along an index; its planner would rather sort.
// Postgres needs no hint for what it is asked.
func (c *compiler) indexHint(k *schema.Kind, fields ...*schema.Field) string {
	if c.d.Lateral {
		return ""
	}
	for _, x := range k.Indexes() {
		if !x.Unique && sameFields(x.Fields, fields) {
			return ` INDEXED BY "` + IndexName(x) + `"`
		}
	}
	return ""
}

func sameFields(a, b []*schema.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// gaveUp reports whether a walk whose page is short may have left records unread. Of one in
// two parts it read the first only. Outside of a transaction records may go between the walk
// and this question; that half a walk of them do is not to be feared.
func (c *Conn) gaveUp(ctx context.Context, k *schema.Kind, q *query.Select) (bool, error) {
	if splits(q) {
		return true, nil
	}
	rows, err := c.read.query(ctx, leaving{k, q}, q.Tenant, 1, 1)
	return len(rows) > 0, err
}

// leaving is the request whether there are more records behind a position than half of what
// a walk reads.
type leaving struct {
	k *schema.Kind
	q *query.Select
}

func (r leaving) kind() *schema.Kind { return r.k }

func (r leaving) collect(s *shape) {
	s.mark('L')
	s.order(r.q.Sort)
	s.after(r.q, partWhole)
}

func (r leaving) compile(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	l.hint = c.indexHint(r.k, r.q.Sort[0].Path.Field)
	after := l.after(r.q, partWhole, l.sortColumns(r.q.Sort))
	q := where(l.query(), after).ColumnExpr("1").OrderExpr("?", l.order(r.q.Sort))
	return sqlf("? LIMIT 1 OFFSET "+strconv.Itoa(walkBudget/2), q), []decoder{{decode: decodeInt}}
}

// walked returns the columns of the narrow row: what the order and the scope ask for.
func (d *Dialect) walked(k *schema.Kind, scope *query.Scope, key *schema.Field) []*schema.Field {
	list := []*schema.Field{key, k.ID(), k.Owner(), k.Department()}
	for _, b := range d.branches(k, scope) {
		list = ownFields(k, b.match, list)
	}
	return list
}

// ownFields adds to a list the columns that a condition on a kind's own fields asks for.
func ownFields(k *schema.Kind, e query.Expr, list []*schema.Field) []*schema.Field {
	add := func(p query.Path) []*schema.Field {
		f := p.Field
		if f.Custom {
			f = k.CustomColumn()
		}
		if slices.Contains(list, f) {
			return list
		}
		return append(list, f)
	}
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			list = ownFields(k, part, list)
		}
	case query.Or:
		for _, part := range e {
			list = ownFields(k, part, list)
		}
	case query.Not:
		return ownFields(k, e.Expr, list)
	case query.Cmp:
		return add(e.Path)
	case query.OneOf:
		return add(e.Path)
	case query.IsNull:
		return add(e.Path)
	case query.Match:
		return add(e.Path)
	}
	return list
}

// compileWalk reads a narrow row of each record along the index, tests it against
// the scope, and only then fetches the record. Without a condition the limit
// stands before the fetch.
func (r selecting) compileWalk(c *compiler) (fragment, []decoder) {
	if r.tokens != "" {
		return r.compileSearchWalk(c)
	}
	key := r.q.Sort[0].Path.Field
	l, walk, walked := c.level(r.k), c.level(r.k), c.alias()
	columns, decoders := l.columns(r.q.Columns)
	limit := c.arg()

	walk.hint = c.indexHint(r.k, key)
	after, condition := walk.after(r.q, r.part, walk.sortColumns(r.q.Sort)), l.expr(r.q.Where)
	narrow := where(walk.query(), after).OrderExpr("?", walk.order(r.q.Sort))
	for _, f := range c.d.walked(r.k, r.q.Scope, key) {
		narrow.ColumnExpr("?", column(walk.alias, f.Name))
	}
	c.walking = true
	inside := (&level{c: c, kind: r.k, alias: walked}).scope(r.q.Scope)
	keys := bun.NewSelectQuery(c.bun).TableExpr("(? LIMIT "+strconv.Itoa(walkBudget)+") AS ?", narrow, bun.Ident(walked)).
		ColumnExpr("?", column(walked, "id")).Where("?", inside)
	l.keys = keys.AppendQuery
	if r.q.Where == nil {
		order := c.d.ordered([]bun.Safe{column(walked, key.Name), column(walked, "id")}, r.q.Sort)
		l.keys = limited(keys.OrderExpr("?", order), limit)
	}
	q := where(l.query(), condition).ColumnExpr("?", columns).OrderExpr("?", l.order(r.q.Sort))
	return limited(q, limit), decoders
}
