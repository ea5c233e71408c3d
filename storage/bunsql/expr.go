package bunsql

import (
	"slices"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Conditions of the algebra are true or false. In SQL they may also be null,
// which every WHERE, AND, OR and FILTER takes for false; only NOT would not, so
// it is spelled IS NOT TRUE.

var operators = [...]string{query.OpEq: "=", query.OpNe: "IS DISTINCT FROM", query.OpLt: "<", query.OpLe: "<=", query.OpGt: ">", query.OpGe: ">="}

const (
	never  bun.Safe = "FALSE"
	always bun.Safe = "TRUE"
)

// where puts conditions on a query; nil ones are always true.
func where[Q interface{ Where(string, ...any) Q }](q Q, conditions ...fragment) Q {
	for _, condition := range conditions {
		if condition != nil {
			q.Where("?", condition)
		}
	}
	return q
}

func safe(s bun.Safe) fragment { return s.AppendQuery }

// expr returns the SQL of a condition, nil for none; it is atomic: it needs no
// parentheses around it.
func (l *level) expr(e query.Expr) fragment {
	switch e := e.(type) {
	case query.And:
		return l.parts(" AND ", always, e)
	case query.Or:
		return l.parts(" OR ", never, e)
	case query.Not:
		return sqlf("(? IS NOT TRUE)", l.expr(e.Expr))
	case query.Cmp:
		return l.guarded(e.Path, sqlf("? "+operators[e.Op]+" ?", l.value(e.Path), l.c.arg()), e.Op == query.OpEq, e.Value)
	case query.OneOf:
		if len(e.Values) == 0 {
			return safe(never)
		}
		return l.guarded(e.Path, l.c.in(l.value(e.Path), e.Path.Field, len(e.Values)), true, e.Values...)
	case query.IsNull:
		return sqlf("(? IS NULL)", l.value(e.Path))
	case query.Match:
		return l.match(e)
	case query.Exists:
		return l.exists(e)
	}
	return nil
}

// guarded adds to a condition that a text is one of some that it is not empty,
// when it is in a unique index. The index leaves empty text out, and so is used
// only for a condition that says the same.
func (l *level) guarded(p query.Path, condition fragment, equal bool, values ...any) fragment {
	if !equal || hasEmpty(values...) || !inUnique(l.kind, p) {
		return sqlf("(?)", condition)
	}
	return sqlf("(? AND ? <> '')", condition, l.value(p))
}

func hasEmpty(values ...any) bool { return slices.Contains(values, any("")) }

func inUnique(k *schema.Kind, p query.Path) bool {
	if len(p.Hops) > 0 {
		k = p.Hops[len(p.Hops)-1].To
	}
	return p.Field.Type == schema.TypeText && slices.ContainsFunc(k.Indexes(), func(x *schema.Index) bool {
		return x.Unique && slices.Contains(x.Fields, p.Field)
	})
}

func (l *level) parts(sep string, empty bun.Safe, list []query.Expr) fragment {
	if len(list) == 0 {
		return safe(empty)
	}
	parts := make([]fragment, len(list))
	for i, part := range list {
		parts[i] = l.expr(part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return sqlf("(?)", chain(sep, parts))
}

// exists returns a sub-select that is correlated by the reference, which stands
// on this side or on the other.
func (l *level) exists(e query.Exists) fragment {
	inner := l.c.level(e.Rel.To)
	var kind fragment
	if e.Rel.KindField != nil {
		kind = l.c.arg()
	}
	condition := inner.expr(e.Where)
	var inside fragment
	if !e.Scope.IsAll() {
		inside = inner.scope(e.Scope)
	}
	q := inner.query().ColumnExpr("1")
	if e.Rel.Many {
		q.Where("? = ?", column(inner.alias, e.Rel.Field.Name), l.column("id"))
	} else {
		q.Where("? = ?", column(inner.alias, "id"), l.column(e.Rel.Field.Name))
	}
	if kind != nil {
		q.Where("? = ?", column(inner.alias, e.Rel.KindField.Name), kind)
	}
	return sqlf("EXISTS (?)", where(q, condition, inside))
}

// The forms of a text match. None has wildcards, so nothing needs escaping.
type form byte

const (
	matchAll    form = iota + 1 // empty text: every value matches
	matchRange                  // begins with: a range, which an index serves
	matchStart                  // begins with the greatest rune, which has no successor
	matchInside                 // contains
	matchLine                   // contains in one line
)

func matchForm(e query.Match) form {
	switch {
	case e.Line != "":
		return matchLine
	case e.Text == "":
		return matchAll
	case e.How == query.Contains:
		return matchInside
	}
	if _, ok := successor(e.Text); ok {
		return matchRange
	}
	return matchStart
}

func (l *level) match(e query.Match) fragment {
	col := l.value(e.Path)
	switch matchForm(e) {
	case matchAll:
		return sqlf("(? IS NOT NULL)", col)
	case matchRange:
		return sqlf("(? >= ? AND ? < ?)", col, l.c.arg(), col, l.c.arg())
	case matchStart:
		return sqlf("("+l.c.d.Position+"(?, ?) = 1)", col, l.c.arg())
	}
	if matchForm(e) == matchLine {
		return l.c.inLine(col)
	}
	return sqlf("("+l.c.d.Position+"(?, ?) > 0)", col, l.c.arg())
}

// inLine returns the condition that a line of a text, found by its beginning, holds another
// text.
func (c *compiler) inLine(col bun.Safe) fragment {
	start, piece := c.arg(), c.arg()
	find := bun.Safe(c.d.Position)
	at := sqlf("?(?, ?)", find, col, start)
	rest := sqlf("substr(?, ? + 3)", col, at) // the beginning has three characters
	line := sqlf("substr(?, 1, ?(? || '\n', '\n') - 1)", rest, find, rest)
	return sqlf("(? > 0 AND ?(?, ?) > 0)", at, find, line, piece)
}

// successor returns the smallest text greater than all that begin with s. It is
// valid UTF-8, whose bytewise order is the order of the runes.
func successor(s string) (string, bool) {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		switch r {
		case utf8.MaxRune:
			continue
		case 0xD7FF: // the surrogates that follow are no text
			return s + "\uE000", true
		}
		return s + string(r+1), true
	}
	return "", false
}
