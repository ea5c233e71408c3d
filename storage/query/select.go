package query

import (
	"strings"
	"time"

	"github.com/kehucrm/kehu/storage/schema"
)

// Bounds of one query. What goes over them is refused with Invalid, so that a
// filter that comes from outside can't exhaust a server.
const (
	DefaultLimit = 50   // rows of a page that asks for no other number
	MaxLimit     = 1000 // rows of a page
	MaxSort      = 8    // sort keys
	MaxNodes     = 500  // nodes of a condition
	MaxDepth     = 20   // nesting of a condition
	MaxValues    = 1000 // values of one OneOf
	MaxHops      = 4    // relations on one path
)

// Select asks for records of one kind, one page at a time.
type Select struct {
	// Where narrows; nil takes all.
	Where Expr
	// Sort orders; the id is always added last, so that the order is total.
	// Null comes first, text is ordered bytewise.
	Sort []Sort
	// Limit is the size of the page: 0 is DefaultLimit, more than MaxLimit is
	// refused.
	Limit int
	// Cursor continues after an earlier page of the same query; empty starts.
	Cursor string

	// What follows is set by storage when it resolves the query; what a caller
	// puts there is overwritten. Adapters read these, Where, Sort and Limit, and
	// find every path resolved and every value of its field's driver type.

	// Tenant is the tenant asked; no row of another may be touched.
	Tenant string
	// Columns are the values wanted of each record, in this order.
	Columns []Path
	// Scope narrows to what the acting person may reach; nil is everything.
	Scope *Scope
	// After holds the values of the Sort keys of the record to continue after;
	// nil starts at the first.
	After []any

	// behind is set for a query made by Aggregate.Behind.
	behind bool
}

// Sort is one key of an order.
type Sort struct {
	Path Path
	Desc bool
}

// By returns sort keys for names; a leading minus sorts downward:
// By("-created_at", "name").
func By(names ...string) []Sort {
	keys := make([]Sort, len(names))
	for i, name := range names {
		down := strings.HasPrefix(name, "-")
		keys[i] = Sort{P(strings.TrimPrefix(name, "-")), down}
	}
	return keys
}

// Scope says which records the acting person may reach. A record is inside when
// any of its branches says so; an empty Scope is inside for none. It is always
// built in Go, for one person at one time, and has no JSON form.
type Scope struct {
	// All takes every record of the tenant.
	All bool
	// Reach takes records whose owner stands below a person.
	Reach *Reach
	// Departments takes records whose department is one of these.
	Departments []schema.ID
	// Owners takes records whose owner is one of these.
	Owners []schema.ID
	// Matching takes records for which one of these conditions is true. They are
	// resolved, and on fields of the record's own.
	Matching []Expr
	// Shared takes records that are shared to one of a person's principals.
	Shared *Shared
	// Held takes records that a record within another scope points to.
	Held []Held
	// Whole, where not empty, is the chain of to-one relations to the record
	// that all the branches speak of, instead of the record itself: a contact
	// follows its customer.
	Whole []*schema.Relation
	// Also takes the records of other scopes of the same Whole: of somebody whom the
	// person stands in for.
	Also []*Scope
}

// Reach is everyone at or below Root, by the rows of the kind with the role
// schema.ReachRole.
type Reach struct {
	Root schema.ID
	// MaxDepth is the greatest distance from Root: 0 is Root alone, 1 adds
	// direct reports; below 0 there is no limit.
	MaxDepth int
	// Size is the number of owners in the reach and Population that of all
	// owners of the tenant: from them an adapter chooses its plan. They are
	// estimates and must not change the result.
	Size, Population int
	// IDs are the owners in the reach when they are few; nil when they are not.
	IDs []schema.ID
}

// Shared is the set of records of the kind in question with a share to one of
// Principals, of at least MinLevel, that has not ended at Now (a share ends at
// its instant: it counts while Expires > Now, or when Expires is null).
type Shared struct {
	Principals []schema.ID
	MinLevel   int64
	Now        time.Time
}

// Held is the set of records to which Child, a to-one relation of another kind,
// leads from a record inside Scope; a nil Scope is every record of that kind.
type Held struct {
	Child *schema.Relation
	Scope *Scope
}

// Target returns the kind of the records that the branches of s speak of, for a
// query on k.
func (s *Scope) Target(k *schema.Kind) *schema.Kind {
	if len(s.Whole) > 0 {
		return s.Whole[len(s.Whole)-1].To
	}
	return k
}

// IsAll reports whether s narrows nothing.
func (s *Scope) IsAll() bool { return s == nil || s.All }
