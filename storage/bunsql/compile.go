package bunsql

import (
	"slices"
	"strconv"

	"github.com/uptrace/bun"
	bunschema "github.com/uptrace/bun/schema"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// compiler composes one text. It takes arguments in the order in which collect
// added them; where they stand in the text is known only when it is rendered.
type compiler struct {
	d       *Dialect
	bun     *bun.DB
	taken   int
	aliases int
	order   []int
	// walking says that few records are tested against a scope: each is looked up in
	// the reach, instead of listing all of it first.
	walking bool
}

// compile returns the statement of a request.
func compile(d *Dialect, db *bun.DB, r request) (*statement, error) {
	c := &compiler{d: d, bun: db, taken: 1}
	text, decoders := r.compile(c)
	b, err := text(bunschema.NewQueryGen(d.Bun), nil)
	if err != nil {
		return nil, err
	}
	st := &statement{text: string(b), order: c.order, decoders: decoders, args: c.taken}
	if inOrder(c.order, c.taken) {
		st.order = nil
	}
	return st, nil
}

// inOrder reports whether each of n arguments stands once, at its own place.
func inOrder(order []int, n int) bool {
	for i, arg := range order {
		if i != arg {
			return false
		}
	}
	return len(order) == n
}

// arg takes the next argument.
func (c *compiler) arg() fragment {
	c.taken++
	return c.placeholder(c.taken - 1)
}

// tenant is the argument that every alias is compared with.
func (c *compiler) tenant() fragment { return c.placeholder(0) }

func (c *compiler) placeholder(n int) fragment {
	return func(_ bunschema.QueryGen, b []byte) ([]byte, error) {
		if c.d.Numbered {
			return strconv.AppendInt(append(b, '$'), int64(n+1), 10), nil
		}
		c.order = append(c.order, n)
		return append(b, '?'), nil
	}
}

// in takes a list of n values and returns the condition that a column is one of
// them.
func (c *compiler) in(col any, f *schema.Field, n int) fragment {
	if c.d.Arrays {
		return sqlf("? = ANY (?::"+c.d.arrayType(f)+")", col, c.arg())
	}
	if c.d.inJSON(f, n) {
		return sqlf("? IN (SELECT value FROM json_each(?))", col, c.arg())
	}
	list := make([]fragment, paddedSize(n))
	for i := range list {
		list[i] = c.arg()
	}
	return sqlf("? IN (?)", col, join(", ", list))
}

// arrayType is the type of a list of values to compare a field with.
func (d *Dialect) arrayType(f *schema.Field) string {
	if !f.Custom {
		return d.ColumnType(f) + "[]"
	}
	switch f.Type {
	case schema.TypeBool:
		return "boolean[]"
	case schema.TypeInt, schema.TypeDecimal:
		return "numeric[]"
	}
	return "text[]"
}

// join puts a separator between fragments.
func join(sep string, list []fragment) fragment {
	return func(gen bunschema.QueryGen, b []byte) ([]byte, error) {
		var err error
		for i, part := range list {
			if i > 0 {
				b = append(b, sep...)
			}
			if b, err = part(gen, b); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
}

// longest is the number of conditions that stand in a row. SQLite takes a row to be
// as deep as it is long, and refuses what is deeper than 1,000.
const longest = 100

// chain puts a separator between conditions, however many there are.
func chain(sep string, list []fragment) fragment {
	if len(list) <= longest {
		return join(sep, list)
	}
	var groups []fragment
	for some := range slices.Chunk(list, longest) {
		groups = append(groups, sqlf("(?)", join(sep, some)))
	}
	return chain(sep, groups)
}

// level is one SELECT: a table, and the tables that paths lead to from it.
type level struct {
	c     *compiler
	kind  *schema.Kind
	alias string
	joins []joined
	// used are the table's own columns that have been asked for.
	used []string
	// hint follows the table's alias.
	hint string
	// before, if set, is a level that is read first; the condition that joins
	// the two is the caller's.
	before *level
	// source, if set, stands for the table and has the columns used.
	source fragment
	// keys, if set, selects the ids to fetch, and is read first.
	keys fragment
}

type joined struct {
	rel         *schema.Relation
	from, alias string
}

func (c *compiler) level(k *schema.Kind) *level {
	return &level{c: c, kind: k, alias: c.alias()}
}

func (c *compiler) alias() string {
	c.aliases++
	return "t" + strconv.Itoa(c.aliases)
}

// column returns the SQL of a column of the level's own table.
func (l *level) column(name string) bun.Safe {
	if !slices.Contains(l.used, name) {
		l.used = append(l.used, name)
	}
	return column(l.alias, name)
}

// hop returns the alias of the table that a relation leads to from another
// alias; each is joined once.
func (l *level) hop(from string, rel *schema.Relation) string {
	for _, j := range l.joins {
		if j.rel == rel && j.from == from {
			return j.alias
		}
	}
	if from == l.alias {
		l.column(rel.Field.Name)
	}
	j := joined{rel, from, l.c.alias()}
	l.joins = append(l.joins, j)
	return j.alias
}

// end returns the alias at the end of a chain of relations.
func (l *level) end(hops []*schema.Relation) string {
	alias := l.alias
	for _, rel := range hops {
		alias = l.hop(alias, rel)
	}
	return alias
}

// value returns the SQL that reads a path.
func (l *level) value(p query.Path) bun.Safe {
	name := p.Field.Name
	if p.Field.Custom {
		name = "custom"
	}
	alias := l.end(p.Hops)
	if alias == l.alias {
		l.column(name)
	}
	if p.Field.Custom {
		return bun.Safe(l.c.d.CustomValue(quoted(alias, name), p.Field))
	}
	return column(alias, name)
}

// query returns bun's builder over the table, the joins and the tenant. It is
// called when all paths of the level have been read.
func (l *level) query() *bun.SelectQuery {
	c := l.c
	q := bun.NewSelectQuery(c.bun)
	switch {
	case l.keys != nil:
		// CROSS JOIN makes SQLite read what stands first first.
		keys := c.alias()
		q.TableExpr("(?) AS ? CROSS JOIN ?", l.keys, bun.Ident(keys), l.table()).
			Where("? = ?", column(l.alias, "id"), column(keys, "id"))
	case l.before != nil:
		q.TableExpr("? CROSS JOIN ?", l.before.table(), l.table()).
			Where("? = ?", column(l.before.alias, tenantColumn), c.tenant())
	default:
		q.TableExpr("?", l.table())
	}
	for _, j := range l.joins {
		q.Join("LEFT JOIN ? AS ? ON ? = ? AND ? = ?", bun.Safe(c.d.Table(j.rel.To.Name())), bun.Ident(j.alias),
			column(j.alias, tenantColumn), c.tenant(), column(j.alias, "id"), column(j.from, j.rel.Field.Name))
	}
	if l.source == nil { // of which each part says so itself
		q.Where("? = ?", column(l.alias, tenantColumn), c.tenant())
	}
	return q
}

func (l *level) table() fragment {
	if l.source != nil {
		return sqlf("? AS ?", l.source, bun.Ident(l.alias))
	}
	return sqlf("? AS ?"+l.hint, bun.Safe(l.c.d.Table(l.kind.Name())), bun.Ident(l.alias))
}
