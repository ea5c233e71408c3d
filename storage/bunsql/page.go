package bunsql

import (
	"context"

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
	// planPredicate tests each record that the rest of the query finds.
	planPredicate plan = iota
	// planUnion reads the first of each branch of the scope along an index and
	// unites them: for a reach that is small beside the tenant.
	planUnion
	// planWalk reads all records of the tenant along the index of the sort key
	// and tests each, giving up after walkBudget of them: for a large reach.
	planWalk
)

// walkBudget is the number of records that a walk tests before the page is read
// as a union after all.
const walkBudget = "2000"

// maxArms is the number of departments and of principals that get a branch each.
const maxArms = 20

// planOf chooses the plan of a page. Two plans need an order that an index has: a
// declared sort key, then the id.
func planOf(k *schema.Kind, q *query.Select) plan {
	if q.Scope.IsAll() || len(q.Scope.Whole) > 0 || len(q.Sort) != 2 || k.Owner() == nil {
		return planPredicate
	}
	key, id := q.Sort[0], q.Sort[1]
	if len(key.Path.Hops) > 0 || len(id.Path.Hops) > 0 || id.Path.Field != k.ID() || key.Desc != id.Desc || !k.IsSortKey(key.Path.Field) {
		return planPredicate
	}
	if len(arms(k, q.Scope)) == 0 {
		return planPredicate
	}
	// From 5 % of the tenant on, a page is found within some thousand records.
	if r := q.Scope.Reach; r != nil && r.Population > 0 && r.Size >= (r.Population+19)/20 {
		return planWalk
	}
	return planUnion
}

// Select implements driver.Conn.
func (c *Conn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	r := selecting{k: k, q: q, plan: planOf(k, q)}
	if !splits(q) {
		return c.page(ctx, r)
	}
	r.part = partNear
	rows, err := c.page(ctx, r)
	if err != nil || len(rows) >= q.Limit {
		return rows, err
	}
	rest := *q
	rest.Limit -= len(rows)
	r.q, r.part = &rest, partFar
	far, err := c.page(ctx, r)
	return append(rows, far...), err
}

func (c *Conn) page(ctx context.Context, r selecting) ([]driver.Row, error) {
	rows, err := c.read.query(ctx, r, r.q.Tenant, r.q.Limit)
	if r.plan == planWalk && err == nil && len(rows) < r.q.Limit {
		r.plan = planUnion
		return c.read.query(ctx, r, r.q.Tenant, r.q.Limit)
	}
	return rows, err
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

// compileWalk reads a narrow row of each record along the index, tests it against
// the scope, and only then fetches the record. Without a condition the limit
// stands before the fetch.
func (r selecting) compileWalk(c *compiler) (fragment, []decoder) {
	key := r.q.Sort[0].Path.Field
	l, walk, walked := c.level(r.k), c.level(r.k), c.alias()
	columns, decoders := l.columns(r.q.Columns)
	limit := c.arg()

	walk.hint = c.indexHint(r.k, key)
	after, condition := walk.after(r.q, r.part, walk.sortColumns(r.q.Sort)), l.expr(r.q.Where)
	narrow := where(walk.query(), after).OrderExpr("?", walk.order(r.q.Sort))
	for _, f := range []*schema.Field{key, r.k.ID(), r.k.Owner(), r.k.Department()} {
		narrow.ColumnExpr("?", column(walk.alias, f.Name))
	}
	inside := (&level{c: c, kind: r.k, alias: walked}).scope(r.q.Scope)
	keys := bun.NewSelectQuery(c.bun).TableExpr("(? LIMIT "+walkBudget+") AS ?", narrow, bun.Ident(walked)).
		ColumnExpr("?", column(walked, "id")).Where("?", inside)
	l.keys = keys.AppendQuery
	if r.q.Where == nil {
		order := c.d.ordered([]bun.Safe{column(walked, key.Name), column(walked, "id")}, r.q.Sort)
		l.keys = limited(keys.OrderExpr("?", order), limit)
	}
	q := where(l.query(), condition).ColumnExpr("?", columns).OrderExpr("?", l.order(r.q.Sort))
	return limited(q, limit), decoders
}
