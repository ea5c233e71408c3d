package session

import (
	"context"
	"strings"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A query of one kind may ask for what stands in records of another: a field on a
// path, a condition on related records. The scope of the query covers only its own
// kind, so what it asks of others is guarded here. A hidden record counts as one that
// is not there: conditions on it are turned into Exists within the actor's scope.
// Where a value of it would be shown, by a sort key, a group or a sum, the query is
// refused.
//
// A relation needs no guard when whoever may read the record may read what it leads
// to: from a part to its whole, from a holder to what it holds, from a whole to its
// parts, and to kinds whose records belong to nobody.

func (s *Session) guardSelect(ctx context.Context, k *schema.Kind, q query.Select) (query.Select, error) {
	if s.Unbound() {
		return q, nil
	}
	// Resolving bounds the query and its paths before anything here walks them.
	resolved, err := query.ResolveSelect(k, q)
	if err != nil {
		return q, err
	}
	for _, key := range resolved.Sort {
		if err := s.shown(ctx, k, key.Path); err != nil {
			return q, err
		}
	}
	q.Where, err = s.guard(ctx, k, resolved.Where)
	return q, err
}

func (s *Session) guardAggregate(ctx context.Context, k *schema.Kind, a query.Aggregate) (query.Aggregate, error) {
	if s.Unbound() {
		return a, nil
	}
	a, err := query.ResolveAggregate(k, a)
	if err != nil {
		return a, err
	}
	for _, key := range a.Keys {
		if err := s.shown(ctx, k, key.Path); err != nil {
			return a, err
		}
	}
	for i, m := range a.Measures { // a copy, made by resolving
		if err := s.shown(ctx, k, m.Path); err != nil {
			return a, err
		}
		if a.Measures[i].Where, err = s.guard(ctx, k, m.Where); err != nil {
			return a, err
		}
	}
	a.Where, err = s.guard(ctx, k, a.Where)
	return a, err
}

// guard returns a resolved condition as it holds for what the actor may read.
func (s *Session) guard(ctx context.Context, k *schema.Kind, e query.Expr) (query.Expr, error) {
	list := func(parts []query.Expr) ([]query.Expr, error) {
		out := make([]query.Expr, len(parts))
		for i, part := range parts {
			var err error
			if out[i], err = s.guard(ctx, k, part); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch e := e.(type) {
	case query.And:
		parts, err := list(e)
		return query.And(parts), err
	case query.Or:
		parts, err := list(e)
		return query.Or(parts), err
	case query.Not:
		inner, err := s.guard(ctx, k, e.Expr)
		return query.Not{Expr: inner}, err
	case query.Cmp:
		if e.Op == query.OpNe { // true for what is not there
			return s.along(ctx, k, e.Path, func(p query.Path) query.Expr { return query.Cmp{Path: p, Op: query.OpEq, Value: e.Value} }, e, true)
		}
		return s.along(ctx, k, e.Path, func(p query.Path) query.Expr { return query.Cmp{Path: p, Op: e.Op, Value: e.Value} }, e, false)
	case query.OneOf:
		return s.along(ctx, k, e.Path, func(p query.Path) query.Expr { return query.OneOf{Path: p, Values: e.Values} }, e, false)
	case query.IsNull:
		return s.along(ctx, k, e.Path, func(p query.Path) query.Expr { return query.Not{Expr: query.IsNull{Path: p}} }, e, true)
	case query.Match:
		return s.along(ctx, k, e.Path, func(p query.Path) query.Expr { return query.Match{Path: p, How: e.How, Text: e.Text} }, e, false)
	case query.Exists:
		rel := k.Relation(e.Relation)
		if rel == nil {
			return e, nil
		}
		from := k
		if rel.Many {
			from = rel.To
		}
		err := s.mayAskField(ctx, from, rel.Field.Name)
		if err != nil {
			return nil, err
		}
		if e.Scope, err = s.scopeOf(ctx, rel); err != nil {
			return nil, err
		}
		e.Where, err = s.guard(ctx, rel.To, e.Where)
		return e, err
	}
	return e, nil
}

// along returns a condition on a path: as it is where every relation on the path is
// open, and as nested Exists within the actor's scope where one is not. at makes the
// condition on the last field; not turns the whole round.
func (s *Session) along(ctx context.Context, k *schema.Kind, p query.Path, at func(query.Path) query.Expr, asIs query.Expr, not bool) (query.Expr, error) {
	if err := s.mayAsk(ctx, k, p); err != nil {
		return nil, err
	}
	hops, last, err := s.hops(ctx, k, p)
	if err != nil {
		return nil, err
	}
	guarded := false
	for _, hop := range hops {
		guarded = guarded || hop.Scope != nil
	}
	if !guarded {
		return asIs, nil
	}
	condition := at(last)
	for i := len(hops) - 1; i >= 0; i-- {
		hops[i].Where = condition
		condition = hops[i]
	}
	if not {
		return query.Not{Expr: condition}, nil
	}
	return condition, nil
}

// shown refuses a path whose value would be shown although it stands in a record that
// the actor may not read.
func (s *Session) shown(ctx context.Context, k *schema.Kind, p query.Path) error {
	if err := s.mayAsk(ctx, k, p); err != nil {
		return err
	}
	hops, _, err := s.hops(ctx, k, p)
	if err != nil {
		return err
	}
	for _, hop := range hops {
		if hop.Scope != nil {
			e := fault.New(fault.Forbidden, "%.80s would show records that you may not read; only a condition may use it", p.Name)
			e.Kind = k.Name()
			return e
		}
	}
	return nil
}

// hops returns the relations on a path, each as an Exists with the scope it needs, and
// what is left of the path behind them. It stops at a name that is no relation.
func (s *Session) hops(ctx context.Context, k *schema.Kind, p query.Path) ([]query.Exists, query.Path, error) {
	var list []query.Exists
	rest := p.Name
	for {
		name, after, more := strings.Cut(rest, ".")
		rel := k.Relation(name)
		if !more || rel == nil || rel.Many {
			return list, query.P(rest), nil
		}
		scope, err := s.scopeOf(ctx, rel)
		if err != nil {
			return nil, p, err
		}
		list = append(list, query.Exists{Relation: name, Scope: scope})
		k, rest = rel.To, after
	}
}

// scopeOf returns what the actor may read of the records that a relation leads to: nil
// when that needs no guard, Forbidden when they may read none.
func (s *Session) scopeOf(ctx context.Context, rel *schema.Relation) (*query.Scope, error) {
	scope, err := s.Scope(ctx, org.Read, rel.To)
	if err != nil || scope.IsAll() || open(rel) {
		return nil, err
	}
	return scope, nil
}

// open reports whether whoever may read a record may read what the relation leads to.
func open(rel *schema.Relation) bool {
	if !rel.Many {
		return rel.Part || rel.Holds
	}
	whole := rel.To.Whole()
	return whole != nil && whole.Field == rel.Field
}
