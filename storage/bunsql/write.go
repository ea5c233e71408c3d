package bunsql

import (
	"slices"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// inserting is the request to insert rows by one statement.
type inserting struct {
	k    *schema.Kind
	rows []driver.Row
}

func (r inserting) kind() *schema.Kind { return r.k }

func (r inserting) collect(s *shape) {
	s.mark('I')
	s.count(len(r.rows))
	s.args = slices.Grow(s.args, len(r.rows)*len(r.k.Columns()))
	for _, row := range r.rows {
		s.row(r.k, row)
	}
}

func (s *shape) row(k *schema.Kind, row driver.Row) {
	for i, f := range k.Columns() {
		s.arg(f, row[i])
	}
	if search := k.Search(); search != nil {
		s.tokens(row[search.Text.Position])
	}
}

// tokens adds the tokens of a search text.
func (s *shape) tokens(text any) {
	kept, _ := text.(string)
	s.raw(search.Tokens(s.tenant(), kept))
}

func (r inserting) compile(c *compiler) (fragment, []decoder) {
	columns := []fragment{safe(`"` + tenantColumn + `"`)}
	for _, f := range r.k.Columns() {
		columns = append(columns, safe(bun.Safe(`"`+f.Name+`"`)))
	}
	if r.k.Search() != nil {
		columns = append(columns, safe(tokensColumn))
	}
	numbered := r.k.Search() != nil && c.d.TokenTable
	given := len(columns) - 1
	if numbered {
		columns = append(columns, safe(`"search_no"`))
	}
	rows := make([]fragment, len(r.rows))
	for i := range rows {
		values := []fragment{c.tenant()}
		for range given {
			values = append(values, c.arg())
		}
		if numbered {
			values = append(values, c.d.nextNumber(r.k))
		}
		rows[i] = sqlf("(?)", join(", ", values))
	}
	return sqlf("INSERT INTO ? (?) VALUES ?", bun.Safe(c.d.Table(r.k.Name())), join(", ", columns), join(", ", rows)), nil
}

// updating is the request to change one record.
type updating struct {
	k *schema.Kind
	u *driver.Update
}

func (r updating) kind() *schema.Kind { return r.k }

func (r updating) collect(s *shape) {
	s.mark('U')
	s.assign(r.k, r.u.Set)
	s.arg(r.k.ID(), r.u.ID)
	s.version(r.k, r.u.IfVersion)
}

func (s *shape) assign(k *schema.Kind, set []driver.Assign) {
	s.count(len(set))
	for _, a := range set {
		if a.Add {
			s.mark('+')
		}
		s.name(a.Field.Name)
		s.arg(a.Field, a.Value)
		if isSearchText(k, a.Field) {
			s.tokens(a.Value)
		}
	}
}

func isSearchText(k *schema.Kind, f *schema.Field) bool {
	return k.Search() != nil && f == k.Search().Text
}

func (s *shape) version(k *schema.Kind, version int64) {
	if version != 0 && k.Version() != nil {
		s.mark('v')
		s.arg(k.Version(), version)
	}
}

func (r updating) compile(c *compiler) (fragment, []decoder) {
	q, alias := c.update(r.k, r.u.Set)
	q.Where("? = ?", column(alias, tenantColumn), c.tenant()).Where("? = ?", column(alias, "id"), c.arg())
	if r.u.IfVersion != 0 && r.k.Version() != nil {
		q.Where("? = ?", column(alias, r.k.Version().Name), c.arg())
	}
	return q.AppendQuery, nil
}

// update returns bun's builder with the assignments, and the alias of the
// table.
func (c *compiler) update(k *schema.Kind, set []driver.Assign) (*bun.UpdateQuery, string) {
	alias := c.alias()
	q := bun.NewUpdateQuery(c.bun).TableExpr("? AS ?", bun.Safe(c.d.Table(k.Name())), bun.Ident(alias))
	for _, a := range set {
		name := bun.Safe(`"` + a.Field.Name + `"`)
		if a.Add {
			q.Set("? = ? + ?", name, column(alias, a.Field.Name), c.arg())
		} else {
			q.Set("? = ?", name, c.arg())
		}
		if isSearchText(k, a.Field) {
			q.Set("? = ?", tokensColumn, c.arg())
			if c.d.TokenTable {
				q.Set(`"search_no" = coalesce("search_no", ?)`, c.d.nextNumber(k))
			}
		}
	}
	return q, alias
}

// deleting is the request to remove one record.
type deleting struct {
	k *schema.Kind
	d *driver.Delete
}

func (r deleting) kind() *schema.Kind { return r.k }

func (r deleting) collect(s *shape) {
	s.mark('D')
	s.arg(r.k.ID(), r.d.ID)
	s.version(r.k, r.d.IfVersion)
}

func (r deleting) compile(c *compiler) (fragment, []decoder) {
	alias := c.alias()
	q := bun.NewDeleteQuery(c.bun).TableExpr("? AS ?", bun.Safe(c.d.Table(r.k.Name())), bun.Ident(alias)).
		Where("? = ?", column(alias, tenantColumn), c.tenant()).Where("? = ?", column(alias, "id"), c.arg())
	if r.d.IfVersion != 0 && r.k.Version() != nil {
		q.Where("? = ?", column(alias, r.k.Version().Name), c.arg())
	}
	return q.AppendQuery, nil
}

// updatingMany is the request to change what a condition finds.
type updatingMany struct {
	k *schema.Kind
	u *driver.UpdateWhere
}

func (r updatingMany) kind() *schema.Kind { return r.k }

func (r updatingMany) collect(s *shape) {
	s.mark('M')
	s.assign(r.k, r.u.Set)
	s.expr(r.u.Where)
	s.scope(r.k, r.u.Scope)
}

// compile puts the condition on the updated row itself where no relation needs
// a join, so that a row that another transaction has changed meanwhile is tested
// again.
func (r updatingMany) compile(c *compiler) (fragment, []decoder) {
	q, alias := c.update(r.k, r.u.Set)
	l := &level{c: c, kind: r.k, alias: alias}
	condition, scope := l.expr(r.u.Where), l.scope(r.u.Scope)
	q.Where("? = ?", column(alias, tenantColumn), c.tenant())
	if len(l.joins) == 0 {
		return where(q, condition, scope).AppendQuery, nil
	}
	// The joins stand in a sub-select over the same rows under the same alias,
	// which hides the outer one.
	ids := where(l.query(), condition, scope).ColumnExpr("?", column(alias, "id"))
	return q.Where("? IN (?)", column(alias, "id"), ids).AppendQuery, nil
}

var (
	_ request = inserting{}
	_ request = updating{}
	_ request = deleting{}
	_ request = updatingMany{}
)
