package query

import (
	"slices"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Bounds of one aggregation.
const (
	DefaultGroups = 1000
	MaxGroups     = 200_000
	MaxEdges      = 400
	MaxColumns    = 40 // keys and measures together
)

// Aggregate groups the records of one kind by keys and computes measures over
// each group. Without keys there is one group of all records, even when there
// are none. With keys a group exists when a record is in it.
type Aggregate struct {
	// Where narrows before grouping; nil takes all.
	Where    Expr
	Keys     []Key
	Measures []Measure
	// Sort orders the groups by keys and measures, named as in By; then, and
	// without it, by the keys in their order. Null comes first.
	Sort []Sort
	// Limit is the number of groups returned: 0 is DefaultGroups, more than
	// MaxGroups is refused.
	Limit int

	// Tenant and Scope are set by storage, as in Select.
	Tenant string
	Scope  *Scope
}

// Key is one thing to group by: the value of a field, or the band it falls in.
type Key struct {
	// Name names the column of the result; empty takes the path's name.
	Name string
	Path Path
	// Edges, ascending and without repetition, cut the values into bands; the
	// group's value is then an int64: 0 below Edges[0], i for
	// Edges[i-1] <= v < Edges[i], len(Edges) from the last edge on; null stays
	// null. Nil groups by the value itself. Edges of a calendar are computed in
	// Go, in the tenant's zone, so that no database needs to know zones.
	Edges []any
}

// Measure is one figure computed over the records of a group.
type Measure struct {
	// Name names the column of the result; empty takes "fn" or "fn_path".
	Name string
	Fn   Fn
	// Path is the field measured; for Count it is empty.
	Path Path
	// Where, if not nil, takes only those records of the group into this
	// measure.
	Where Expr
}

// Fn is the function of a measure.
type Fn uint8

// The functions. An average is a Sum over a Count: divide in Go, exactly. All
// but Count and CountDistinct leave null out and are null over nothing.
const (
	Count         Fn = iota + 1 // records; int64
	CountDistinct               // different values that are not null; int64
	Sum                         // exact, beyond int64 too; decimal.Decimal; of int and decimal fields
	Min                         // of the field's type
	Max                         // of the field's type
)

var fnNames = map[Fn]string{Count: "count", CountDistinct: "distinct", Sum: "sum", Min: "min", Max: "max"}

// String returns the function's name: count, distinct, sum, min, max.
func (f Fn) String() string { return fnNames[f] }

// Column returns the key's column name.
func (k Key) Column() string {
	if k.Name != "" {
		return k.Name
	}
	return k.Path.Name
}

// Column returns the measure's column name.
func (m Measure) Column() string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Path.Name == "":
		return m.Fn.String()
	}
	return m.Fn.String() + "_" + m.Path.Name
}

// Behind returns the query of the records behind one cell of the result: those
// of the group that row describes, narrowed by the Where of the measure with the
// column name; an empty name takes the whole group. row is a row of the result,
// keys first. It is Invalid to name a measure that is not there or to give a row
// that is too short.
func (a *Aggregate) Behind(row []any, measure string) (Select, error) {
	if len(row) < len(a.Keys) {
		return Select{}, fault.New(fault.Invalid, "a row of %d values can't belong to %d keys", len(row), len(a.Keys))
	}
	where := And{}
	if a.Where != nil {
		where = append(where, a.Where)
	}
	for i, key := range a.Keys {
		e, err := key.condition(row[i])
		if err != nil {
			return Select{}, err
		}
		where = append(where, e)
	}
	if measure != "" {
		at := slices.IndexFunc(a.Measures, func(m Measure) bool { return m.Column() == measure })
		if at < 0 {
			return Select{}, fault.New(fault.Invalid, "no measure %q", measure)
		}
		if m := a.Measures[at]; m.Where != nil {
			where = append(where, m.Where)
		}
	}
	return Select{Where: where, behind: true}, nil
}

// behindNodes is what Behind may add to a condition: two bounds for each key, the
// measure's own condition, and what holds them together.
const behindNodes = 3*MaxColumns + MaxNodes

func (k Key) condition(value any) (Expr, error) {
	if value == nil {
		return IsNull{k.Path}, nil
	}
	if k.Edges == nil {
		return Cmp{k.Path, OpEq, value}, nil
	}
	band, ok := value.(int64)
	if !ok || band < 0 || band > int64(len(k.Edges)) {
		return nil, fault.New(fault.Invalid, "key %q has no band %v", k.Column(), value)
	}
	var bounds And
	if band > 0 {
		bounds = append(bounds, Cmp{k.Path, OpGe, k.Edges[band-1]})
	}
	if band < int64(len(k.Edges)) {
		bounds = append(bounds, Cmp{k.Path, OpLt, k.Edges[band]})
	}
	return bounds, nil
}

// ResultType returns the driver type of the key's column.
func (k Key) ResultType() schema.Type {
	if k.Edges != nil {
		return schema.TypeInt
	}
	return k.Path.Field.Type
}

// ResultType returns the driver type of the measure's column.
func (m Measure) ResultType() schema.Type {
	switch m.Fn {
	case Count, CountDistinct:
		return schema.TypeInt
	case Sum:
		return schema.TypeDecimal
	}
	return m.Path.Field.Type
}
