package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Kind describes one kind of record: its columns, references, uniques and
// indexes. It is immutable. A Kind as Define made it knows its own fields; the
// Kind of the same name in a Registry also knows the kinds it refers to, and
// that is the one that queries and adapters work with.
type Kind struct {
	name      string
	goType    reflect.Type
	columns   []*Field
	byName    map[string]*Field
	relations []*Relation
	refs      []*Ref
	indexes   []*Index
	sortKeys  []*Field
	owner     *Field
	dept      *Field
	reach     *ReachRole
	share     *ShareRole
	derived   bool
	search    *SearchRole
	custom    []*Field
	registry  *Registry
	origin    *Kind
	err       error
}

// Relation leads from a kind to another: to at most one record by a reference
// field of the kind's own (BelongsTo), or to many by a reference field of the
// other kind (HasMany).
type Relation struct {
	Name string
	From *Kind
	// To is nil until the registry has resolved it; ToName is always set.
	To     *Kind
	ToName string
	// Field is the reference: of From for a to-one relation, of To for a
	// to-many one.
	Field *Field
	Many  bool
	// KindField is set for a to-many relation over a polymorphic reference: the
	// field of To that must hold From's name.
	KindField *Field
	// Part says that From belongs to To as a part to its whole (a contact to a
	// customer): who may see the whole may see the part.
	Part bool
	// Holds says that the owner of a From may read the To it points to.
	Holds bool

	via     string
	inverse string
}

// Ref is a polymorphic reference: a kind's name and an id in two columns. The
// database does not guard it.
type Ref struct {
	Name      string
	Kind      *Field
	ID        *Field
	KindNames []string // the kinds it may point to; empty for all
}

// Index is an ordered index over fields of a kind. The tenant always stands
// before the first field and the id after the last one. Its Name is stable: it
// is what an adapter names the index and what errors map back to fields.
type Index struct {
	Name   string
	Fields []*Field
	// Include are further fields that the index should carry, so that a walk
	// along it need not read the rows. An adapter may leave them out.
	Include []*Field
	// Unique refuses a second row with the same values in one tenant. A row
	// in which any of the fields is null or an empty text takes no part.
	Unique bool
	// Reference is set for the index behind a BelongsTo.
	Reference *Relation
}

// ReachRole names the fields of the kind that keeps who stands above whom:
// one row for every pair of an ancestor and a descendant, with their distance;
// everyone is their own ancestor at depth 0.
type ReachRole struct{ Ancestor, Descendant, Depth *Field }

// ShareRole names the fields of the kind that keeps shares of single records:
// the kind and id of the record, a copy of its field created_at, which must never
// change (so that a page of shared records is read in order), the principal it is shared to, the
// level (an int; greater allows more) and when it ends (null: never).
type ShareRole struct{ Kind, Record, CreatedAt, Principal, Level, Expires *Field }

// Definition is a Kind together with the Go type of its records.
type Definition[T any] struct{ *Kind }

// Define describes how records of type T are kept, under a name that is unique
// in the program ("customer"). Fields are read from T's struct tags; T must
// have a field ID of type schema.ID with the column name "id", and may have an
// int64 field "version", which then guards every update.
//
// A mistake in the definition is not a panic: Kind.Err and NewRegistry report it.
func Define[T any](name string, options ...Option) Definition[T] {
	k := &Kind{name: name, goType: reflect.TypeFor[T](), byName: map[string]*Field{}}
	k.err = k.define(options)
	return Definition[T]{k}
}

func (k *Kind) define(options []Option) error {
	errs := []error{checkName(k.name)}
	if k.goType.Kind() != reflect.Struct {
		return fmt.Errorf("kind %q: %s is no struct", k.name, k.goType)
	}
	fields, err := fieldsOf(k.goType, nil)
	errs = append(errs, err)
	for _, f := range fields {
		errs = append(errs, k.addColumn(f))
	}
	for _, f := range fields {
		if f.search {
			errs = append(errs, k.addColumn(&Field{Name: f.Name + "_fold", Type: TypeText, Max: foldGrowth * f.Max, Of: f}))
		}
	}
	if id := k.byName["id"]; id == nil || id.Type != TypeID {
		errs = append(errs, errors.New(`no field "id" of type schema.ID`))
	} else {
		id.Nullable = false
	}
	if v := k.byName["version"]; v != nil && (v.Index == nil || k.goType.FieldByIndex(v.Index).Type.Kind() != reflect.Int64) {
		errs = append(errs, errors.New(`field "version" is no int64`))
	}
	if c := k.byName["custom"]; c != nil && (c.Index == nil || k.goType.FieldByIndex(c.Index).Type != valuesType) {
		errs = append(errs, errors.New(`field "custom" is no schema.Values`))
	}
	for _, option := range options {
		if option == nil {
			errs = append(errs, errors.New("an option is nil"))
			continue
		}
		errs = append(errs, option(k))
	}
	errs = append(errs, k.coverSearch())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("kind %q: %w", k.name, err)
	}
	return nil
}

// foldGrowth is how much longer than a text its Fold may be: one ligature of Arabic
// becomes eighteen letters.
const foldGrowth = 20

func (k *Kind) addColumn(f *Field) error {
	if f.Name == "tenant_id" || f.Name == "" {
		return fmt.Errorf("field name %q is reserved", f.Name)
	}
	if k.byName[f.Name] != nil {
		return fmt.Errorf("field %q stands twice", f.Name)
	}
	f.Position = len(k.columns)
	k.columns = append(k.columns, f)
	k.byName[f.Name] = f
	return nil
}

// addIndex adds an index named after the kind, the fields and the suffix; the
// same fields in the same order are indexed once.
func (k *Kind) addIndex(suffix string, unique bool, fields ...*Field) (*Index, error) {
	names := []string{k.name}
	for _, f := range fields {
		if !f.Type.Ordered() || f.Max > DefaultMax && f.Type == TypeText && f.Of == nil {
			return nil, fmt.Errorf("field %q of type %s, at most %d bytes, can't be indexed", f.Name, f.Type, f.Max)
		}
		names = append(names, f.Name)
	}
	name := strings.Join(append(names, suffix), "_")
	if len(name) > 58 { // with the prefix crm_ still inside the 63 bytes of Postgres
		return nil, fmt.Errorf("index name %q is longer than 58 bytes: name fewer or shorter fields", name)
	}
	for _, x := range k.indexes {
		if x.Name == name && !slices.Equal(x.Fields, fields) {
			return nil, fmt.Errorf("two indexes of different fields would have the name %q", name)
		}
		if x.Name == name {
			return x, nil
		}
	}
	x := &Index{Name: name, Fields: fields, Unique: unique}
	k.indexes = append(k.indexes, x)
	return x, nil
}

func (k *Kind) lookup(names ...string) ([]*Field, error) {
	fields := make([]*Field, len(names))
	for i, name := range names {
		if fields[i] = k.byName[name]; fields[i] == nil {
			return nil, fmt.Errorf("no field %q", name)
		}
	}
	return fields, nil
}

// Err returns what is wrong with the definition; nil when nothing is.
func (k *Kind) Err() error { return k.err }

// Name returns the kind's name, such as "customer".
func (k *Kind) Name() string { return k.name }

// GoType returns the struct type of the kind's records.
func (k *Kind) GoType() reflect.Type { return k.goType }

// Columns returns the stored columns in the order of every row: the struct's
// fields, then the derived columns. The tenant is not among them. The
// slice must not be changed.
func (k *Kind) Columns() []*Field { return k.columns }

// Field returns the column of a name, nil when there is none.
func (k *Kind) Field(name string) *Field { return k.byName[name] }

// ID returns the column "id".
func (k *Kind) ID() *Field { return k.byName["id"] }

// Version returns the column "version", nil for a kind without one.
func (k *Kind) Version() *Field { return k.byName["version"] }

// Folded returns the search column of a text field, nil when the field is not
// searched.
func (k *Kind) Folded(f *Field) *Field {
	if g := k.byName[f.Name+"_fold"]; g != nil && g.Of == f {
		return g
	}
	return nil
}

// CustomFields returns the fields declared for the column "custom", in order of
// their declaration.
func (k *Kind) CustomFields() []*Field { return k.custom }

// CustomField returns the declared custom field of a name, nil when there is none.
func (k *Kind) CustomField(name string) *Field {
	for _, f := range k.custom {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// CustomColumn returns the JSON column that holds custom fields, nil for a kind
// without one.
func (k *Kind) CustomColumn() *Field {
	if f := k.byName["custom"]; f != nil && f.Type == TypeJSON {
		return f
	}
	return nil
}

// Relations returns the kind's relations in order of their definition.
func (k *Kind) Relations() []*Relation { return k.relations }

// Relation returns the relation of a name, nil when there is none.
func (k *Kind) Relation(name string) *Relation {
	for _, r := range k.relations {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Refs returns the kind's polymorphic references.
func (k *Kind) Refs() []*Ref { return k.refs }

// Indexes returns all indexes in order of their definition: uniques, declared
// ones, those behind references, owners and sort keys.
func (k *Kind) Indexes() []*Index { return k.indexes }

// Covered reports whether the index need not be kept: it only serves a reference, and
// another whole index begins with the same field. Its name still names the reference.
func (k *Kind) Covered(x *Index) bool {
	if x.Reference == nil || x.Unique || len(x.Fields) != 1 {
		return false
	}
	for _, other := range k.indexes {
		if other != x && !other.Unique && len(other.Fields) > 1 && other.Fields[0] == x.Fields[0] {
			return true
		}
	}
	return false
}

// Index returns the index of a name, nil when there is none.
func (k *Kind) Index(name string) *Index {
	for _, x := range k.indexes {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// Owner returns the field that holds a record's owner, nil for a kind whose
// records have none.
func (k *Kind) Owner() *Field { return k.owner }

// Department returns the field that holds the department that answers for a
// record, nil for a kind whose records have none.
func (k *Kind) Department() *Field { return k.dept }

// Derived reports whether the rows are made from other records; see the option of that
// name.
func (k *Kind) Derived() bool { return k.derived }

// SortKeys returns the fields by which a scoped page is read in order of an
// index. A page by another field is right too, but reads all that is visible.
func (k *Kind) SortKeys() []*Field { return k.sortKeys }

// IsSortKey reports whether f is one of SortKeys.
func (k *Kind) IsSortKey(f *Field) bool {
	return slices.Contains(k.sortKeys, f)
}

// Whole returns the to-one relation along which a part belongs to its whole,
// nil for a kind that stands alone.
func (k *Kind) Whole() *Relation {
	for _, r := range k.relations {
		if r.Part {
			return r
		}
	}
	return nil
}

// Origin returns the kind of which this is one tenant's, with fields of its own (see
// Registry.Extend): the same table, the same columns. Of every other kind it is the kind
// itself.
func (k *Kind) Origin() *Kind {
	if k.origin != nil {
		return k.origin
	}
	return k
}

// Registry returns the registry that resolved the kind, nil for a Kind as
// Define made it.
func (k *Kind) Registry() *Registry { return k.registry }
