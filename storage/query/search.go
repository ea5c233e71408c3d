package query

import (
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// Bounds of one search.
const (
	DefaultHits = 10  // hits of a search that asks for no other number
	MaxHits     = 100 // hits of a search
)

// Search asks for the records of one kind that are found by what somebody typed; package
// search says which these are and in which order they come.
type Search struct {
	// Text is what was typed; an empty one finds nothing.
	Text string
	// Fields narrows to some of the fields that the kind is searched by; nil is all.
	Fields []string
	// Where narrows further; nil takes all.
	Where Expr
	// Limit is the greatest number of hits: 0 is DefaultHits, more than MaxHits is refused.
	Limit int

	// What follows is set by storage when it resolves the search, as in Select. Columns
	// are the kind's.

	Tenant  string
	Columns []Path
	Scope   *Scope
	// Found is what was typed, as conditions on the search text.
	Found search.Query
}

// ResolveSearch resolves condition, fields and limit. All that it refuses is Invalid, also
// a kind whose records are not searched.
func ResolveSearch(k *schema.Kind, q Search) (Search, error) {
	role := k.Search()
	if role == nil {
		return q, fault.New(fault.Invalid, "records of kind %s are not searched", k.Name())
	}
	var err error
	if q.Found, err = search.New(role, q.Text, q.Fields); err != nil {
		return q, err
	}
	if q.Where, err = ResolveExpr(k, q.Where); err != nil {
		return q, err
	}
	if q.Limit == 0 {
		q.Limit = DefaultHits
	}
	if q.Limit < 0 || q.Limit > MaxHits {
		return q, fault.New(fault.Invalid, "a search has 1 to %d hits", MaxHits)
	}
	q.Columns = make([]Path, len(k.Columns()))
	for i, f := range k.Columns() {
		q.Columns[i] = Path{Name: f.Name, Field: f}
	}
	return q, nil
}

// Begins returns a resolved search as the query of the hits that begin with the text, in
// order of their last use, and Others as that of the hits that do not.
func (q *Search) Begins(k *schema.Kind) Select {
	return q.selecting(k, q.meets(k, q.Found.Begins))
}

// Others is the other half of Begins.
func (q *Search) Others(k *schema.Kind) Select {
	return q.selecting(k, And{q.meets(k, q.Found.Hits), Not{q.meets(k, q.Found.Begins)}})
}

func (q *Search) selecting(k *schema.Kind, found Expr) Select {
	if q.Where != nil {
		found = And{found, q.Where}
	}
	recent := k.Search().Recent
	return Select{
		Where: found, Limit: q.Limit, Tenant: q.Tenant, Columns: q.Columns, Scope: q.Scope,
		Sort: []Sort{{Path{Name: recent.Name, Field: recent}, true}, {Path{Name: "id", Field: k.ID()}, true}},
	}
}

// meets returns a condition on the search text, resolved.
func (q *Search) meets(k *schema.Kind, c search.Condition) Expr {
	if c.Piece != "" {
		text := k.Search().Text
		return Match{Path: Path{Name: text.Name, Field: text}, How: Contains, Text: c.Piece, Line: c.Line}
	}
	parts := make([]Expr, len(c.Parts))
	for i, part := range c.Parts {
		parts[i] = q.meets(k, part)
	}
	if c.Any {
		return Or(parts)
	}
	return And(parts)
}
