package bunsql

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// A search has two halves, what begins with the text and the rest, and each is a page in
// order of the last use. How it is read depends on how many records have its tokens, and on
// the scope:
//
//   - few: each of them is tested, whatever the scope;
//   - many, and a scope that is large beside the tenant: the records are walked in order of
//     their use, the text tested first, and the page is full before long; or the walk gives
//     up;
//   - many, and a small scope: the first hits of each owner, united as those of any page.
//
// PERFORMANCE.md, section "Search", has the measurements.
const (
	searchFew  = 2_000
	searchSome = 20_000 // what had better be tested after a walk has given up
)

// searchBudget is the number of records after which a walk gives up. Where an index does not
// carry the text, each of them has to be fetched.
func (d *Dialect) searchBudget() int {
	if d.Lateral {
		return 5_000
	}
	return 20_000
}

var _ driver.Searcher = (*Conn)(nil)

// Search implements driver.Searcher.
func (c *Conn) Search(ctx context.Context, k *schema.Kind, q *query.Search) ([]driver.Row, error) {
	begins := q.Begins(k)
	found, err := c.half(ctx, k, &begins, q.Found.Begins, true)
	if err != nil || len(found) == q.Limit || q.Found.OnlyBegins {
		return found, err
	}
	others := q.Others(k)
	others.Limit -= len(found)
	rest, err := c.half(ctx, k, &others, q.Found.Hits, false)
	return append(found, rest...), err
}

// half reads the page of a half; begins is added to each row.
func (c *Conn) half(ctx context.Context, k *schema.Kind, q *query.Select, condition search.Condition, begins bool) ([]driver.Row, error) {
	if condition.Never() {
		return nil, nil
	}
	and, or := " & ", " | "
	if c.db.d.TokenTable {
		and, or = " AND ", " OR "
	}
	list := newRowList(len(q.Columns), q.Limit)
	p := &page{conn: c, k: k, q: q, next: list.next, tokens: condition.Tokens(q.Tenant, and, or)}
	if err := c.search(ctx, p); err != nil {
		return nil, err
	}
	for i := range list.rows {
		list.rows[i] = append(list.rows[i], begins)
	}
	return list.rows, nil
}

func (c *Conn) search(ctx context.Context, p *page) error {
	n, err := c.candidates(ctx, p, searchFew+1)
	if err != nil {
		return err
	}
	switch {
	case n == 0 && c.db.d.TokenTable: // which counts, and does not guess
		return nil
	case n <= searchFew:
		return p.read(ctx, planTokens)
	}
	plan := c.db.d.searchPlan(p.k, p.q)
	if plan != planWalk {
		return p.read(ctx, plan)
	}
	if err := p.read(ctx, planWalk); err != nil || p.rows >= p.q.Limit {
		return err
	}
	// Hits are rarer than their tokens are, or not where records were used last.
	if n, err = c.candidates(ctx, p, searchSome+1); err != nil {
		return err
	}
	if n <= searchSome {
		return p.read(ctx, planTokens)
	}
	if plan = planPredicate; !p.q.Scope.IsAll() && len(p.q.Scope.Whole) == 0 {
		plan = planUnion
	}
	return p.read(ctx, plan)
}

// searchPlan chooses the plan of a half for which many records have the tokens.
func (d *Dialect) searchPlan(k *schema.Kind, q *query.Select) plan {
	switch scope := q.Scope; {
	case scope.IsAll(), len(scope.Whole) > 0 && isLarge(scope):
		return planWalk
	case len(scope.Whole) == 1 && len(d.branches(k, scope)) > 0:
		return planWholes
	case len(scope.Whole) > 0:
		return planPredicate
	}
	return d.planOf(k, q)
}

// counting is the request of the number of records that have tokens, or of what the
// planner takes it for.
type counting struct {
	k      *schema.Kind
	tokens string
	limit  int
}

func (r counting) kind() *schema.Kind { return r.k }

func (r counting) collect(s *shape) {
	s.mark('C')
	s.raw(r.tokens)
	if s.d.TokenTable {
		s.raw(int64(r.limit))
	}
}

func (r counting) compile(c *compiler) (fragment, []decoder) {
	if c.d.TokenTable {
		found := limited(bun.NewSelectQuery(c.bun).TableExpr("?", c.d.tokenTable(r.k)).ColumnExpr("1").
			Where("? MATCH ?", c.d.tokenTable(r.k), c.arg()), c.arg())
		return sqlf("SELECT count(*) FROM (?)", found), []decoder{{decode: decodeInt}}
	}
	// An index of tokens is read as a whole, however few of its records are wanted. Which
	// tokens are frequent, Postgres knows from its statistics.
	alias := c.alias()
	found := bun.NewSelectQuery(c.bun).TableExpr("? AS ?", bun.Safe(c.d.Table(r.k.Name())), bun.Ident(alias)).ColumnExpr("1").
		Where("? = ? OR TRUE", column(alias, tenantColumn), c.tenant()). // tokens are the tenant's own already
		Where("? @@ ?::tsquery", bun.Safe(Vector(quoted(alias, "search_tokens"))), c.arg())
	return sqlf("EXPLAIN (FORMAT JSON) ?", found), []decoder{{decode: decodePlan}}
}

// Vector is the expression that the index of tokens in a column is on.
func Vector(column string) string { return "array_to_tsvector(string_to_array(" + column + ", ' '))" }

// decodePlan reads the number of rows that the planner expects.
func decodePlan(src any) (any, error) {
	raw, err := decodeJSON(src)
	if err != nil {
		return nil, err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"` //nolint:tagliatelle // as Postgres spells it
		} `json:"Plan"` //nolint:tagliatelle // likewise
	}
	if err := json.Unmarshal(raw.(schema.JSON), &plans); err != nil || len(plans) == 0 {
		return nil, unexpected(src, "plan")
	}
	return int64(plans[0].Plan.Rows), nil
}

// candidates returns the number of records that have the tokens of a page, up to a limit.
func (c *Conn) candidates(ctx context.Context, p *page, limit int) (int, error) {
	rows, err := c.read.query(ctx, counting{p.k, p.tokens, limit}, p.q.Tenant, 1, 1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	n, _ := rows[0][0].(int64)
	return int(n), nil
}

// compileTokens finds the records by their tokens and tests each of them.
func (r selecting) compileTokens(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	tokens := c.arg()
	columns, decoders := l.columns(r.q.Columns)
	limit := c.arg()
	order := c.d.ordered(tested(c.d, l.sortColumns(r.q.Sort)), r.q.Sort)
	after, condition := l.after(r.q, r.part, l.sortColumns(r.q.Sort)), l.expr(r.q.Where)
	scope := l.scope(r.q.Scope)
	var has fragment
	if c.d.TokenTable {
		table := c.d.tokenTable(r.k)
		l.hint = ` INDEXED BY "` + TokenIndex(r.k) + `"`
		has = sqlf(`? IN (SELECT "rowid" FROM ? WHERE ? MATCH ?)`, column(l.alias, "search_no"), table, table, tokens)
	} else {
		inner := c.level(r.k)
		found := inner.query().ColumnExpr("?.*", bun.Ident(inner.alias)).
			Where("? @@ ?::tsquery", bun.Safe(Vector(quoted(inner.alias, "search_tokens"))), tokens)
		l.source = sqlf("(? OFFSET 0)", found) // which keeps the planner from reading along the order
	}
	q := where(l.query(), has, after, condition, scope).ColumnExpr("?", columns).OrderExpr("?", order)
	return limited(q, limit), decoders
}

// TokenIndex returns the name of the index, or of the unique number, that leads from tokens
// to the records of a kind.
func TokenIndex(k *schema.Kind) string { return "crm_" + k.Name() + "_search_key" }

// compileWholes reads the parts of every record in the scope.
func (r selecting) compileWholes(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	columns, decoders := l.columns(r.q.Columns)
	limit := c.arg()
	order := c.d.ordered(tested(c.d, l.sortColumns(r.q.Sort)), r.q.Sort)
	after, condition := l.after(r.q, r.part, l.sortColumns(r.q.Sort)), l.expr(r.q.Where)
	var wholes []fragment
	for _, b := range c.d.branches(r.k, r.q.Scope) {
		whole := c.level(b.target)
		driving := c.driving(whole.alias, b)
		wholes = append(wholes, whole.query().ColumnExpr("?", column(whole.alias, "id")).Where("?", driving).AppendQuery)
	}
	inside := sqlf("? IN (?)", column(l.alias, r.q.Scope.Whole[0].Field.Name), join(" UNION ALL ", wholes))
	q := where(l.query(), after, condition, inside).ColumnExpr("?", columns).OrderExpr("?", order)
	return limited(q, limit), decoders
}

// compileSearchWalk is compileWalk for a search: the text, which the index carries, is
// tested before the scope, and the walk ends with the last hit that is wanted.
func (r selecting) compileSearchWalk(c *compiler) (fragment, []decoder) {
	key := r.q.Sort[0].Path.Field
	l, walk := c.level(r.k), c.level(r.k)
	columns, decoders := l.columns(r.q.Columns)
	limit := c.arg()
	walk.hint = c.indexHint(r.k, key)
	after := walk.after(r.q, r.part, walk.sortColumns(r.q.Sort))
	narrow := where(walk.query(), after).OrderExpr("?", walk.order(r.q.Sort)).ColumnExpr("?", column(walk.alias, tenantColumn))
	for _, f := range c.d.narrowed(r) {
		narrow.ColumnExpr("?", column(walk.alias, f.Name))
	}
	walked := c.level(r.k)
	walked.source = sqlf("(? LIMIT "+strconv.Itoa(c.d.searchBudget())+")", narrow)
	c.walking = true
	condition, inside := walked.expr(r.q.Where), walked.scope(r.q.Scope)
	keys := where(walked.query(), condition, inside).ColumnExpr("?", column(walked.alias, "id"))
	if c.d.Lateral { // SQLite would sort the whole walk, which comes in order
		keys.OrderExpr("?", walked.order(r.q.Sort))
	}
	l.keys = limited(keys, limit)
	q := l.query().ColumnExpr("?", columns).OrderExpr("?", l.order(r.q.Sort))
	return q.AppendQuery, decoders
}

// narrowed returns the columns of the narrow row of a search: what the order, the condition
// and the scope ask for.
func (d *Dialect) narrowed(r selecting) []*schema.Field {
	if !query.Own(r.q.Where) { // it may ask for any reference
		return r.k.Columns()
	}
	list := []*schema.Field{r.q.Sort[0].Path.Field, r.k.ID()}
	add := func(f *schema.Field) {
		if f != nil && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	add(r.k.Owner())
	add(r.k.Department())
	list = ownFields(r.k, r.q.Where, list)
	if scope := r.q.Scope; !scope.IsAll() {
		if len(scope.Whole) > 0 {
			add(scope.Whole[0].Field)
			return list
		}
		for _, b := range d.branches(r.k, scope) {
			list = ownFields(r.k, b.match, list)
		}
	}
	return list
}
