package eval

import (
	"context"
	"strings"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// Match reports whether a resolved condition is true for a row of the kind. A
// nil condition is true. The answer is two-valued: a comparison with a field that
// is null is false, so OpNe and Not are true for it. Match of text looks at the
// folded column to which the resolved path leads. Exists follows the relation,
// to one record or to many.
//
// It is Invalid to give a condition that is not resolved.
func Match(src Source, tenant string, k *schema.Kind, row driver.Row, e query.Expr) (bool, error) {
	return newMatcher(context.Background(), src, tenant).match(k, row, e)
}

// matcher evaluates for one call: it keeps what does not change from row to row.
type matcher struct {
	ctx    context.Context //nolint:containedctx // a matcher lives for one call
	src    Source
	tenant string
	seen   int
	reach  map[reachKey]bool
}

func newMatcher(ctx context.Context, src Source, tenant string) *matcher {
	return &matcher{ctx: ctx, src: src, tenant: tenant, reach: map[reachKey]bool{}}
}

// tick is called for every record looked at and asks now and then whether
// anybody still waits.
func (m *matcher) tick() error {
	if m.seen++; m.seen%256 == 1 {
		return m.ctx.Err()
	}
	return nil
}

func (m *matcher) match(k *schema.Kind, row driver.Row, e query.Expr) (bool, error) {
	switch e := e.(type) {
	case nil:
		return true, nil
	case query.And:
		for _, part := range e {
			if ok, err := m.match(k, row, part); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case query.Or:
		for _, part := range e {
			if ok, err := m.match(k, row, part); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	case query.Not:
		ok, err := m.match(k, row, e.Expr)
		return !ok && err == nil, err
	case query.Cmp:
		v, err := m.value(k, row, e.Path)
		return err == nil && holds(v, e.Op, e.Value), err
	case query.OneOf:
		v, err := m.value(k, row, e.Path)
		if v == nil || err != nil {
			return false, err
		}
		for _, want := range e.Values {
			if query.CompareValues(v, want) == 0 {
				return true, nil
			}
		}
		return false, nil
	case query.IsNull:
		v, err := m.value(k, row, e.Path)
		return v == nil && err == nil, err
	case query.Match:
		v, err := m.value(k, row, e.Path)
		return err == nil && matches(v, e), err
	case query.Exists:
		return m.exists(k, row, e)
	}
	return false, fault.New(fault.Invalid, "a condition of type %T is none of package query", e)
}

func matches(v any, e query.Match) bool {
	text, ok := v.(string)
	if e.Line != "" {
		text = search.Line(text, e.Line)
	}
	if e.How == query.Prefix {
		return ok && strings.HasPrefix(text, e.Text)
	}
	return ok && strings.Contains(text, e.Text)
}

func holds(v any, op query.Op, operand any) bool {
	if v == nil {
		return op == query.OpNe
	}
	c := query.CompareValues(v, operand)
	switch op {
	case query.OpEq:
		return c == 0
	case query.OpNe:
		return c != 0
	case query.OpLt:
		return c < 0
	case query.OpLe:
		return c <= 0
	case query.OpGt:
		return c > 0
	case query.OpGe:
		return c >= 0
	}
	return false
}

// value follows a path from a row; it is nil where a reference leads nowhere.
func (m *matcher) value(k *schema.Kind, row driver.Row, p query.Path) (any, error) {
	if p.Field == nil {
		return nil, fault.New(fault.Invalid, "path %.80q is not resolved", p.Name)
	}
	for _, hop := range p.Hops {
		next, ok, err := m.follow(row, hop)
		if !ok || err != nil {
			return nil, err
		}
		k, row = hop.To, next
	}
	return fieldValue(k, row, p.Field), nil
}

// follow goes along a to-one relation.
func (m *matcher) follow(row driver.Row, rel *schema.Relation) (driver.Row, bool, error) {
	if rel.To == nil || rel.Many {
		return nil, false, fault.New(fault.Invalid, "relation %q leads to no single record of a known kind", rel.Name)
	}
	id, ok := column(row, rel.Field).(schema.ID)
	if !ok {
		return nil, false, nil
	}
	return m.src.Get(rel.To, m.tenant, id)
}

func (m *matcher) exists(k *schema.Kind, row driver.Row, e query.Exists) (bool, error) {
	rel := e.Rel
	if rel == nil || rel.To == nil {
		return false, fault.New(fault.Invalid, "relation %.80q is not resolved", e.Relation)
	}
	if !rel.Many {
		other, ok, err := m.follow(row, rel)
		if !ok || err != nil {
			return false, err
		}
		return m.related(rel.To, other, e)
	}
	fields, key := []*schema.Field{rel.Field}, []any{idOf(k, row)}
	if rel.KindField != nil {
		fields, key = []*schema.Field{rel.KindField, rel.Field}, []any{rel.From.Name(), key[0]}
	}
	for other, err := range findBy(m.src, rel.To, m.tenant, fields, key) {
		if err == nil {
			err = m.tick()
		}
		if err != nil {
			return false, err
		}
		if ok, err := m.related(rel.To, other, e); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// related reports whether a record that the relation leads to is one that the
// condition asks for.
func (m *matcher) related(k *schema.Kind, other driver.Row, e query.Exists) (bool, error) {
	ok, err := m.inScope(k, other, e.Scope)
	if !ok || err != nil {
		return false, err
	}
	return m.match(k, other, e.Where)
}
