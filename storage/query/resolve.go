package query

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// ResolvePath finds what a name means for a resolved kind. An unknown name is
// Invalid and the error tells the names that exist.
func ResolvePath(k *schema.Kind, name string) (Path, error) {
	p := Path{Name: name}
	parts := strings.Split(name, ".")
	for i, part := range parts {
		last := i == len(parts)-1
		if part == "custom" && i == len(parts)-2 {
			if p.Field = k.CustomField(parts[i+1]); p.Field == nil {
				return p, unknown(k, name, "custom field", parts[i+1], names(k.CustomFields()))
			}
			return p, nil
		}
		if last {
			if p.Field = k.Field(part); p.Field == nil || p.Field.Derived() {
				return p, unknown(k, name, "field", part, names(k.Columns()))
			}
			return p, nil
		}
		rel := k.Relation(part)
		if rel == nil || rel.Many {
			return p, unknown(k, name, "to-one relation", part, relationNames(k, false))
		}
		if p.Hops = append(p.Hops, rel); len(p.Hops) > MaxHops {
			return p, fault.New(fault.Invalid, "path %.80q goes over more than %d relations", name, MaxHops)
		}
		k = rel.To
	}
	return p, nil
}

func unknown(k *schema.Kind, path, what, name string, exist []string) error {
	e := fault.New(fault.Invalid, "%s has no %s %.80q; there are: %s", k.Name(), what, name, strings.Join(exist, ", "))
	e.Kind = k.Name()
	e.Fields = []fault.Field{{Name: fmt.Sprintf("%.80s", path), Code: "unknown", Message: e.Message}}
	return e
}

func names(fields []*schema.Field) []string {
	var list []string
	for _, f := range fields {
		if !f.Derived() {
			list = append(list, f.Name)
		}
	}
	sort.Strings(list)
	return list
}

func relationNames(k *schema.Kind, many bool) []string {
	var list []string
	for _, r := range k.Relations() {
		if many || !r.Many {
			list = append(list, r.Name)
		}
	}
	sort.Strings(list)
	return list
}

// ResolveExpr returns e with every path resolved against the kind and every
// value turned into the driver value of its field. It changes nothing in e.
// Comparisons with null become IsNull, a OneOf of one
// value a Cmp; an empty one stays. All that it refuses
// is Invalid.
func ResolveExpr(k *schema.Kind, e Expr) (Expr, error) {
	nodes := 0
	return resolve(k, e, &nodes, 0)
}

func resolve(k *schema.Kind, e Expr, nodes *int, depth int) (Expr, error) {
	if *nodes++; *nodes > MaxNodes || depth > MaxDepth {
		return nil, fault.New(fault.Invalid, "a condition has at most %d nodes in %d levels", MaxNodes, MaxDepth)
	}
	list := func(parts []Expr) ([]Expr, error) {
		out := make([]Expr, 0, len(parts))
		for _, part := range parts {
			if part == nil {
				continue
			}
			r, err := resolve(k, part, nodes, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
		return out, nil
	}
	switch e := e.(type) {
	case nil:
		return nil, nil
	case And:
		out, err := list(e)
		return And(out), err
	case Or:
		out, err := list(e)
		return Or(out), err
	case Not:
		inner, err := resolve(k, e.Expr, nodes, depth+1)
		if inner == nil {
			inner = And{}
		}
		return Not{inner}, err
	case Cmp:
		return resolveCmp(k, e)
	case OneOf:
		return resolveOneOf(k, e)
	case IsNull:
		p, err := ResolvePath(k, e.Path.Name)
		return IsNull{p}, err
	case Match:
		return resolveMatch(k, e)
	case Exists:
		rel := k.Relation(e.Relation)
		if rel == nil {
			return nil, unknown(k, e.Relation, "relation", e.Relation, relationNames(k, true))
		}
		where, err := resolve(rel.To, e.Where, nodes, depth+1)
		return Exists{e.Relation, where, e.Scope, rel}, err
	}
	return nil, fault.New(fault.Invalid, "a condition of type %T is none of this package", e)
}

func resolveCmp(k *schema.Kind, e Cmp) (Expr, error) {
	p, err := orderedPath(k, e.Path.Name)
	if err != nil {
		return nil, err
	}
	value, err := p.Field.Comparable(e.Value)
	if err != nil {
		return nil, atPath(k, p, err)
	}
	switch {
	case e.Op < OpEq || e.Op > OpGe:
		return nil, fault.New(fault.Invalid, "%s: unknown comparison", p.Name)
	case value == nil && e.Op == OpEq:
		return IsNull{p}, nil
	case value == nil && e.Op == OpNe:
		return Not{IsNull{p}}, nil
	case value == nil:
		return nil, fault.InvalidField(p.Name, "null", "nothing is less or greater than null")
	}
	return Cmp{p, e.Op, value}, nil
}

func resolveOneOf(k *schema.Kind, e OneOf) (Expr, error) {
	p, err := orderedPath(k, e.Path.Name)
	if err != nil {
		return nil, err
	}
	if len(e.Values) > MaxValues {
		return nil, fault.InvalidField(p.Name, "max", "at most %d values", MaxValues)
	}
	out := OneOf{p, make([]any, len(e.Values))}
	for i, v := range e.Values {
		if out.Values[i], err = p.Field.Comparable(v); err != nil {
			return nil, atPath(k, p, err)
		}
		if out.Values[i] == nil {
			return nil, fault.InvalidField(p.Name, "null", "null can't be one of the values")
		}
	}
	if len(out.Values) == 1 { // one shape fewer, and the one that indexes serve best
		return Cmp{p, OpEq, out.Values[0]}, nil
	}
	return out, nil
}

func resolveMatch(k *schema.Kind, e Match) (Expr, error) {
	p, err := ResolvePath(k, e.Path.Name)
	if err != nil {
		return nil, err
	}
	if len(p.Hops) > 0 {
		k = p.Hops[len(p.Hops)-1].To
	}
	folded := k.Folded(p.Field)
	if folded == nil {
		return nil, fault.InvalidField(p.Name, "search", "is not declared for search")
	}
	if _, err := folded.Comparable(e.Text); err != nil {
		return nil, atPath(k, p, err)
	}
	if e.How != Prefix && e.How != Contains {
		return nil, fault.InvalidField(p.Name, "search", "unknown way of matching")
	}
	p.Field = folded
	return Match{Path: p, How: e.How, Text: schema.Fold(e.Text)}, nil
}

// orderedPath resolves a path to a field whose values can be compared.
func orderedPath(k *schema.Kind, name string) (Path, error) {
	p, err := ResolvePath(k, name)
	if err == nil && !p.Field.Type.Ordered() {
		err = fault.InvalidField(name, "type", "values of type %s can't be compared", p.Field.Type)
	}
	return p, err
}

// atPath gives an error about a value the name of the whole path.
func atPath(k *schema.Kind, p Path, err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && len(e.Fields) == 1 {
		return &fault.Error{Code: e.Code, Kind: k.Name(), Message: p.Name + ": " + e.Fields[0].Message,
			Fields: []fault.Field{{Name: p.Name, Code: e.Fields[0].Code, Message: e.Fields[0].Message}}}
	}
	return err
}

// ResolveSort resolves sort keys, drops those after the id, and adds the id, so
// that the order is total.
func ResolveSort(k *schema.Kind, keys []Sort) ([]Sort, error) {
	if len(keys) > MaxSort {
		return nil, fault.New(fault.Invalid, "at most %d sort keys", MaxSort)
	}
	out := make([]Sort, 0, len(keys)+1)
	down := false
	for _, key := range keys {
		p, err := orderedPath(k, key.Path.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, Sort{p, key.Desc})
		down = key.Desc
		if p.Field == k.ID() && len(p.Hops) == 0 {
			return out, nil
		}
	}
	// The id goes the way of the key before it, so that one index serves both.
	return append(out, Sort{Path{Name: "id", Field: k.ID()}, down}), nil
}

// ResolveSelect resolves condition, sort and limit. Columns becomes the kind's
// columns, followed by those sort keys that are none of them.
func ResolveSelect(k *schema.Kind, q Select) (Select, error) {
	var err error
	nodes := 0
	if q.behind { // it has the conditions of an aggregation's cell around one that was within the bounds
		nodes = -behindNodes
	}
	if q.Where, err = resolve(k, q.Where, &nodes, min(0, nodes)); err != nil {
		return q, err
	}
	if q.Sort, err = ResolveSort(k, q.Sort); err != nil {
		return q, err
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return q, fault.New(fault.Invalid, "a page has 1 to %d records", MaxLimit)
	}
	q.Columns = make([]Path, len(k.Columns()), len(k.Columns())+len(q.Sort))
	for i, f := range k.Columns() {
		q.Columns[i] = Path{Name: f.Name, Field: f}
	}
	for _, s := range q.Sort {
		if len(s.Path.Hops) > 0 || s.Path.Field.Custom {
			q.Columns = append(q.Columns, s.Path)
		}
	}
	return q, nil
}

// ResolveAggregate resolves condition, keys, measures and sort. A measure over a
// to-many relation can't be said: it would count a record once for each of the
// many.
func ResolveAggregate(k *schema.Kind, a Aggregate) (Aggregate, error) {
	var err error
	if a.Where, err = ResolveExpr(k, a.Where); err != nil {
		return a, err
	}
	if len(a.Keys)+len(a.Measures) > MaxColumns || len(a.Keys)+len(a.Measures) == 0 {
		return a, fault.New(fault.Invalid, "an aggregation has 1 to %d keys and measures", MaxColumns)
	}
	a.Keys, a.Measures, a.Sort = slices.Clone(a.Keys), slices.Clone(a.Measures), slices.Clone(a.Sort)
	columns := map[string]bool{}
	for i := range a.Keys {
		if err := resolveKey(k, &a.Keys[i]); err != nil {
			return a, err
		}
		columns[a.Keys[i].Column()] = true
	}
	for i := range a.Measures {
		if err := resolveMeasure(k, &a.Measures[i]); err != nil {
			return a, err
		}
		columns[a.Measures[i].Column()] = true
	}
	if len(columns) < len(a.Keys)+len(a.Measures) {
		return a, fault.New(fault.Invalid, "two columns of the aggregation have the same name")
	}
	for _, s := range a.Sort {
		if !columns[s.Path.Name] {
			return a, fault.New(fault.Invalid, "no key or measure %.80q to sort by", s.Path.Name)
		}
	}
	if a.Limit == 0 {
		a.Limit = DefaultGroups
	}
	if a.Limit < 0 || a.Limit > MaxGroups {
		return a, fault.New(fault.Invalid, "an aggregation has 1 to %d groups", MaxGroups)
	}
	return a, nil
}

func resolveKey(k *schema.Kind, key *Key) error {
	p, err := orderedPath(k, key.Path.Name)
	if err != nil {
		return err
	}
	key.Path = p
	if key.Edges == nil {
		return nil
	}
	if len(key.Edges) == 0 || len(key.Edges) > MaxEdges {
		return fault.InvalidField(key.Column(), "edges", "1 to %d edges", MaxEdges)
	}
	switch p.Field.Type {
	case schema.TypeInt, schema.TypeDecimal, schema.TypeDate, schema.TypeTime:
	default:
		return fault.InvalidField(key.Column(), "edges", "values of type %s have no bands", p.Field.Type)
	}
	edges := make([]any, len(key.Edges))
	for i, edge := range key.Edges {
		if edges[i], err = p.Field.Comparable(edge); err != nil {
			return atPath(k, p, err)
		}
		if edges[i] == nil || i > 0 && CompareValues(edges[i-1], edges[i]) >= 0 {
			return fault.InvalidField(key.Column(), "edges", "edges ascend and are not null")
		}
	}
	key.Edges = edges
	return nil
}

func resolveMeasure(k *schema.Kind, m *Measure) error {
	var err error
	if m.Where, err = ResolveExpr(k, m.Where); err != nil {
		return err
	}
	if m.Fn == Count {
		if m.Path.Name != "" {
			return fault.InvalidField(m.Column(), "measure", "count counts records; to count values say a Where")
		}
		return nil
	}
	if m.Path, err = orderedPath(k, m.Path.Name); err != nil {
		return err
	}
	t := m.Path.Field.Type
	switch {
	case m.Fn == CountDistinct:
	case m.Fn == Sum && (t == schema.TypeInt || t == schema.TypeDecimal):
	case (m.Fn == Min || m.Fn == Max) && t != schema.TypeBool && t != schema.TypeID:
	default:
		return fault.InvalidField(m.Column(), "measure", "%s of a field of type %s can't be computed", m.Fn, t)
	}
	return nil
}
