package schema

import (
	"errors"
	"fmt"
)

// Option is one statement about a kind, given to Define.
type Option func(*Kind) error

// RelationOption is one statement about a BelongsTo.
type RelationOption func(*Relation)

// Part says that a record belongs to the other as a part to its whole and
// follows it in permission. A kind has at most one whole.
func Part() RelationOption { return func(r *Relation) { r.Part = true } }

// Holds says that whoever owns a record may read the one it points to.
func Holds() RelationOption { return func(r *Relation) { r.Holds = true } }

// Inverse names the way back on the other kind, from one to many: the same as a
// HasMany there, for a kind that must not know this one.
func Inverse(name string) RelationOption { return func(r *Relation) { r.inverse = name } }

// BelongsTo says that the field, an ID, points to a record of another kind, or
// of the same one. The reference is guarded: it can't be stored unless the
// target is there, and a target can't be deleted while one is. It is indexed.
func BelongsTo(name, kind, field string, options ...RelationOption) Option {
	return func(k *Kind) error {
		f := k.byName[field]
		if f == nil || f.Type != TypeID {
			return fmt.Errorf("relation %q: field %q is no id", name, field)
		}
		r := &Relation{Name: name, From: k, ToName: kind, Field: f}
		for _, option := range options {
			option(r)
		}
		for _, other := range k.relations {
			if other.Field == f {
				return fmt.Errorf("relation %q: field %q is relation %q already", name, field, other.Name)
			}
		}
		if r.Part && k.Whole() != nil {
			return fmt.Errorf("relation %q: the kind has a whole already", name)
		}
		x, err := k.addIndex("idx", false, f)
		if err != nil {
			return err
		}
		x.Reference = r
		return k.addRelation(r)
	}
}

// HasMany names the way back of a BelongsTo or a PolymorphicRef: the records of
// the other kind whose field holds this one's id. via is the name of that
// relation there.
func HasMany(name, kind, via string) Option {
	return func(k *Kind) error {
		return k.addRelation(&Relation{Name: name, From: k, ToName: kind, Many: true, via: via})
	}
}

func (k *Kind) addRelation(r *Relation) error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	if k.byName[r.Name] != nil || k.Relation(r.Name) != nil || r.Name == "custom" {
		return fmt.Errorf("relation %q: the name is taken", r.Name)
	}
	k.relations = append(k.relations, r)
	return nil
}

// PolymorphicRef says that two fields, a text with a kind's name and an ID,
// together point to a record of one of the kinds, or of any kind when none is
// named. The database does not guard it. It is indexed.
func PolymorphicRef(name, kindField, idField string, kinds ...string) Option {
	return func(k *Kind) error {
		fields, err := k.lookup(kindField, idField)
		if err != nil {
			return err
		}
		if fields[0].Type != TypeText || fields[1].Type != TypeID {
			return fmt.Errorf("reference %q needs a text and an id field", name)
		}
		if err := checkName(name); err != nil {
			return err
		}
		if k.byName[name] != nil || k.Relation(name) != nil {
			return fmt.Errorf("reference %q: the name is taken", name)
		}
		k.refs = append(k.refs, &Ref{Name: name, Kind: fields[0], ID: fields[1], KindNames: kinds})
		_, err = k.addIndex("idx", false, fields...)
		return err
	}
}

// Unique refuses a second record with the same values of all the fields within
// a tenant; null and empty text are never the same as anything.
func Unique(fields ...string) Option { return index("key", true, fields) }

// IndexOn asks for an index, in the order of the fields.
func IndexOn(fields ...string) Option { return index("idx", false, fields) }

func index(suffix string, unique bool, names []string) Option {
	return func(k *Kind) error {
		fields, err := k.lookup(names...)
		if err != nil {
			return err
		}
		if len(fields) == 0 {
			return errors.New("an index needs a field")
		}
		_, err = k.addIndex(suffix, unique, fields...)
		return err
	}
}

// OwnedBy says which fields hold the employee who owns a record and the
// department that answers for it; both are IDs. With it come, for each sort
// key, the indexes that pages within a scope are read by.
func OwnedBy(owner, department string) Option {
	return func(k *Kind) error {
		fields, err := k.lookup(owner, department)
		if err != nil {
			return err
		}
		if fields[0].Type != TypeID || fields[1].Type != TypeID {
			return errors.New("owner and department are ids")
		}
		k.owner, k.dept = fields[0], fields[1]
		return k.addScopeIndexes()
	}
}

// SortKeys says by which fields pages are read in order, beside the id.
func SortKeys(names ...string) Option {
	return func(k *Kind) error {
		fields, err := k.lookup(names...)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if !k.IsSortKey(f) {
				k.sortKeys = append(k.sortKeys, f)
			}
		}
		return k.addScopeIndexes()
	}
}

// addScopeIndexes adds for each sort key the index of the plain walk, which
// carries what the scope is decided by, and those by owner and by department.
func (k *Kind) addScopeIndexes() error {
	var errs []error
	add := func(include []*Field, fields ...*Field) {
		x, err := k.addIndex("idx", false, fields...)
		if err == nil {
			x.Include = include
		}
		errs = append(errs, err)
	}
	for _, key := range k.sortKeys {
		if k.owner == nil {
			add(nil, key)
			continue
		}
		add([]*Field{k.owner, k.dept}, key)
		add(nil, k.owner, key)
		add([]*Field{k.owner}, k.dept, key)
	}
	return errors.Join(errs...)
}

// KeepsReach says that the kind keeps who stands above whom; see ReachRole. A
// registry has at most one such kind.
func KeepsReach(ancestor, descendant, depth string) Option {
	return func(k *Kind) error {
		f, err := k.lookup(ancestor, descendant, depth)
		if err != nil {
			return err
		}
		if err := types("reach", f, TypeID, TypeID, TypeInt); err != nil {
			return err
		}
		k.reach = &ReachRole{f[0], f[1], f[2]}
		if _, err = k.addIndex("key", true, f[0], f[1]); err != nil {
			return err
		}
		_, err = k.addIndex("idx", false, f[1])
		return err
	}
}

// KeepsShares says that the kind keeps shares of single records; see ShareRole.
// A registry has at most one such kind.
func KeepsShares(kind, record, createdAt, principal, level, expires string) Option {
	return func(k *Kind) error {
		f, err := k.lookup(kind, record, createdAt, principal, level, expires)
		if err != nil {
			return err
		}
		if err := types("shares", f, TypeText, TypeID, TypeTime, TypeID, TypeInt, TypeTime); err != nil {
			return err
		}
		k.share = &ShareRole{f[0], f[1], f[2], f[3], f[4], f[5]}
		if _, err = k.addIndex("idx", false, f[0], f[3], f[2], f[1]); err != nil {
			return err
		}
		_, err = k.addIndex("idx", false, f[0], f[1], f[3])
		return err
	}
}

// Derived says that the rows of the kind are made from other records, whose rules keep them
// right whatever happens to those: a verb that works through everything that points at a
// record, such as a merge, leaves them alone.
func Derived() Option {
	return func(k *Kind) error {
		k.derived = true
		return nil
	}
}

// types checks that fields have the types that their role needs.
func types(role string, fields []*Field, want ...Type) error {
	for i, f := range fields {
		if f.Type != want[i] {
			return fmt.Errorf("%s: field %q is no %s", role, f.Name, want[i])
		}
	}
	return nil
}
