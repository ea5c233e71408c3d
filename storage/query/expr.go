package query

import (
	"github.com/kehucrm/kehu/storage/schema"
)

// Expr is a condition on one record. It is true or false, never unknown: a
// comparison with a field that is null is false, and Not turns it round, so
// Ne("status", "won") also finds records without a status.
//
// The set is closed: And, Or, Not, Cmp, OneOf, IsNull, Match, Exists. A nil
// Expr is true.
type Expr interface{ expr() }

// And is true when all its parts are; an empty And is true.
type And []Expr

// Or is true when one of its parts is; an empty Or is false.
type Or []Expr

// Not is true when Expr is false.
type Not struct{ Expr Expr }

// Cmp compares a field with a value that is not null. Ordered types compare by
// their order: text bytewise, false before true.
type Cmp struct {
	Path  Path
	Op    Op
	Value any
}

// OneOf is true when the field equals one of the values; with none it is false.
type OneOf struct {
	Path   Path
	Values []any
}

// IsNull is true when the field is null, or when a relation on its path leads
// nowhere.
type IsNull struct{ Path Path }

// Match compares the folded form of a text field that is declared for search
// (schema.Fold: without case, width and diacritics) with the folded Text.
type Match struct {
	Path Path
	How  How
	Text string

	// Line is set in a Search: the text is looked for in the first line that begins with
	// it, see search.Line.
	Line string
}

// Exists is true when a relation of the record leads to at least one record
// for which Where is true.
type Exists struct {
	Relation string
	Where    Expr
	// Scope narrows the records looked at to what the acting person may reach;
	// nil is everything. It is set in Go and has no JSON form.
	Scope *Scope

	// Rel is the relation; set when resolved.
	Rel *schema.Relation
}

func (And) expr()    {}
func (Or) expr()     {}
func (Not) expr()    {}
func (Cmp) expr()    {}
func (OneOf) expr()  {}
func (IsNull) expr() {}
func (Match) expr()  {}
func (Exists) expr() {}

// Op is a comparison.
type Op uint8

// The comparisons of Cmp.
const (
	OpEq Op = iota + 1
	OpNe    // the same as Not of OpEq
	OpLt
	OpLe
	OpGt
	OpGe
)

// How is a way of matching text.
type How uint8

// The ways of Match.
const (
	Prefix   How = iota + 1 // the field begins with the text
	Contains                // the text stands somewhere in the field
)

// Path names a field: a column ("status"), a field of the record that a chain of
// to-one relations leads to ("customer.industry"), or a declared custom field
// ("custom.colour", "customer.custom.colour").
type Path struct {
	Name string

	// Hops and Field are set when resolved.
	Hops  []*schema.Relation
	Field *schema.Field
}

// P returns the unresolved path of a name.
func P(name string) Path { return Path{Name: name} }

// Eq is field = value. A nil value, and a zero ID, date or time, ask for null.
func Eq(field string, value any) Expr { return Cmp{P(field), OpEq, value} }

// Ne is the opposite of Eq: it is true for null unless the value asks for null.
func Ne(field string, value any) Expr { return Cmp{P(field), OpNe, value} }

// Lt is field < value; false for null.
func Lt(field string, value any) Expr { return Cmp{P(field), OpLt, value} }

// Le is field <= value; false for null.
func Le(field string, value any) Expr { return Cmp{P(field), OpLe, value} }

// Gt is field > value; false for null.
func Gt(field string, value any) Expr { return Cmp{P(field), OpGt, value} }

// Ge is field >= value; false for null.
func Ge(field string, value any) Expr { return Cmp{P(field), OpGe, value} }

// In is true when the field equals one of the values.
func In[V any](field string, values ...V) Expr {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return OneOf{P(field), list}
}

// Null is true when the field is null.
func Null(field string) Expr { return IsNull{P(field)} }

// HasPrefix matches the beginning of a searched text field.
func HasPrefix(field, text string) Expr { return Match{Path: P(field), How: Prefix, Text: text} }

// HasText matches any part of a searched text field.
func HasText(field, text string) Expr { return Match{Path: P(field), How: Contains, Text: text} }

// Has is true when the relation leads to a record for which where is true; a
// nil where asks only that there is one.
func Has(relation string, where Expr) Expr { return Exists{Relation: relation, Where: where} }

// All is true when all of the conditions are; nil ones are left out.
func All(conditions ...Expr) Expr { return And(withoutNil(conditions)) }

// Any is true when one of the conditions is; nil ones are left out.
func Any(conditions ...Expr) Expr { return Or(withoutNil(conditions)) }

func withoutNil(list []Expr) []Expr {
	kept := make([]Expr, 0, len(list))
	for _, e := range list {
		if e != nil {
			kept = append(kept, e)
		}
	}
	return kept
}
