package schema

import (
	"errors"
	"fmt"
	"slices"
)

// Registry is the set of all kinds of a program, each resolved: relations point
// to kinds, custom fields are in place. It is immutable and safe for concurrent
// use.
type Registry struct {
	// defined and extensions are what the registry was made of.
	defined    []*Kind
	extensions []Extension

	kinds  []*Kind
	byName map[string]*Kind
	reach  *Kind
	share  *Kind
}

// Extension adds custom fields to the kind of a name.
type Extension struct {
	Kind   string
	Fields []CustomField
}

// NewRegistry resolves kinds against each other and adds the extensions. It
// returns every mistake: in a definition, a relation to a kind that is not
// there, a name that stands twice, an extension of a kind without a custom
// column. The kinds given are not changed.
func NewRegistry(kinds []*Kind, extensions ...Extension) (*Registry, error) {
	r := &Registry{defined: kinds, extensions: extensions, byName: map[string]*Kind{}}
	var errs []error
	for _, k := range kinds {
		errs = append(errs, r.add(k))
	}
	for _, x := range extensions {
		errs = append(errs, r.extend(x))
	}
	errs = append(errs, r.addInverses(), r.resolveAll(), r.checkRefs(), r.checkIndexes(), r.checkHolds(), r.takeRoles())
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// Extend returns the registry with further custom fields: the same kinds in the same
// database, as one tenant sees them. Such fields have no index. It returns what
// NewRegistry returns.
func (r *Registry) Extend(extensions ...Extension) (*Registry, error) {
	for _, x := range extensions {
		for _, f := range x.Fields {
			if f.Indexed {
				return nil, fmt.Errorf("kind %q: custom field %q: an index needs a migration", x.Kind, f.Name)
			}
		}
	}
	extended, err := NewRegistry(r.defined, slices.Concat(r.extensions, extensions)...)
	if err != nil {
		return nil, err
	}
	for _, k := range extended.kinds {
		k.origin = r.byName[k.name].Origin()
	}
	return extended, nil
}

// add takes a copy of a kind, so that the one given is not changed.
func (r *Registry) add(k *Kind) error {
	switch {
	case k == nil:
		return errors.New("a kind is nil")
	case k.err != nil:
		return k.err
	case r.byName[k.name] != nil:
		return fmt.Errorf("kind %q stands twice", k.name)
	}
	own := *k
	own.registry = r
	own.relations, own.indexes = slices.Clone(k.relations), slices.Clone(k.indexes)
	r.kinds = append(r.kinds, &own)
	r.byName[k.name] = &own
	return nil
}

// addInverses gives the kinds that relations lead to the way back.
func (r *Registry) addInverses() error {
	var errs []error
	for _, k := range r.kinds {
		for _, rel := range k.relations {
			to := r.byName[rel.ToName]
			if rel.inverse == "" || to == nil {
				continue
			}
			if err := to.addRelation(&Relation{Name: rel.inverse, From: to, ToName: k.name, Many: true, via: rel.Name}); err != nil {
				errs = append(errs, fmt.Errorf("kind %q, inverse of %q of kind %q: %w", to.name, rel.Name, k.name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// resolveAll makes relations point to kinds. To-one comes first: a to-many relation
// resolves through the to-one that it turns round.
func (r *Registry) resolveAll() error {
	var errs []error
	for _, many := range []bool{false, true} {
		for _, k := range r.kinds {
			for i, rel := range k.relations {
				if rel.Many == many {
					var err error
					k.relations[i], err = r.resolve(k, rel)
					errs = append(errs, err)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// checkRefs refuses polymorphic references to kinds that are not there.
func (r *Registry) checkRefs() error {
	var errs []error
	for _, k := range r.kinds {
		for _, ref := range k.refs {
			for _, name := range ref.KindNames {
				if r.byName[name] == nil {
					errs = append(errs, fmt.Errorf("kind %q: reference %q may lead to kind %q, which is not there", k.name, ref.Name, name))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// checkIndexes refuses two indexes of one name, which a database could not tell apart,
// and makes those behind references point to the resolved relations.
func (r *Registry) checkIndexes() error {
	var errs []error
	taken := map[string]string{}
	for _, k := range r.kinds {
		for i, x := range k.indexes {
			if other, ok := taken[x.Name]; ok {
				errs = append(errs, fmt.Errorf("kinds %q and %q both have an index %q", other, k.name, x.Name))
			}
			taken[x.Name] = k.name
			if x.Reference != nil {
				own := *x
				own.Reference = k.Relation(x.Reference.Name)
				k.indexes[i] = &own
			}
		}
	}
	return errors.Join(errs...)
}

// checkHolds refuses chains of holding: permission follows it one step, from a record
// with an owner to what it points to.
func (r *Registry) checkHolds() error {
	var errs []error
	for _, k := range r.kinds {
		for _, rel := range k.relations {
			if !rel.Holds {
				continue
			}
			if k.owner == nil {
				errs = append(errs, fmt.Errorf("kind %q: relation %q can't hold: the kind has no owner", k.name, rel.Name))
			}
			for _, above := range r.PointingAt(k) {
				if above.Holds {
					errs = append(errs, fmt.Errorf("kind %q holds %q, which holds %q: holding goes one step", above.From.name, k.name, rel.ToName))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// takeRoles notes which kinds keep the reach and the shares: one of each at most.
func (r *Registry) takeRoles() error {
	var errs []error
	for _, k := range r.kinds {
		if k.reach != nil && r.reach != nil || k.share != nil && r.share != nil {
			errs = append(errs, fmt.Errorf("kind %q keeps the reach or the shares, and another does already", k.name))
		}
		if k.reach != nil {
			r.reach = k
		}
		if k.share != nil {
			r.share = k
		}
	}
	return errors.Join(errs...)
}

func (r *Registry) extend(x Extension) error {
	k := r.byName[x.Kind]
	if k == nil {
		return fmt.Errorf("custom fields for kind %q, which is not there", x.Kind)
	}
	if k.CustomColumn() == nil {
		return fmt.Errorf(`custom fields for kind %q, which has no JSON column "custom"`, x.Kind)
	}
	for _, c := range x.Fields {
		f, err := c.field()
		if err != nil {
			return fmt.Errorf("kind %q: %w", x.Kind, err)
		}
		if k.CustomField(c.Name) != nil {
			return fmt.Errorf("kind %q: custom field %q stands twice", x.Kind, c.Name)
		}
		k.custom = append(slices.Clip(k.custom), f)
		if c.Indexed {
			if _, err := k.addIndex("custom_idx", false, f); err != nil {
				return fmt.Errorf("kind %q: %w", k.name, err)
			}
		}
	}
	return nil
}

func (r *Registry) resolve(k *Kind, rel *Relation) (*Relation, error) {
	own := *rel
	own.From = k
	if own.To = r.byName[rel.ToName]; own.To == nil {
		return &own, fmt.Errorf("kind %q: relation %q leads to kind %q, which is not there", k.name, rel.Name, rel.ToName)
	}
	if !rel.Many {
		return &own, nil
	}
	if back := own.To.Relation(rel.via); back != nil && !back.Many && back.ToName == k.name {
		own.Field = back.Field
		return &own, nil
	}
	for _, ref := range own.To.refs {
		if ref.Name == rel.via && (len(ref.KindNames) == 0 || slices.Contains(ref.KindNames, k.name)) {
			own.Field, own.KindField = ref.ID, ref.Kind
			return &own, nil
		}
	}
	return &own, fmt.Errorf("kind %q: relation %q: kind %q has no reference %q back to it", k.name, rel.Name, rel.ToName, rel.via)
}

// Kinds returns all kinds in the order in which they were given. The slice must
// not be changed.
func (r *Registry) Kinds() []*Kind { return r.kinds }

// Kind returns the resolved kind of a name, nil when there is none.
func (r *Registry) Kind(name string) *Kind { return r.byName[name] }

// Of returns the resolved kind for one that Define made, nil when the registry
// does not hold it.
func (r *Registry) Of(k *Kind) *Kind {
	if k == nil {
		return nil
	}
	if own := r.byName[k.name]; own != nil && own.goType == k.goType {
		return own
	}
	return nil
}

// Reach returns the kind that keeps who stands above whom, with the fields of
// that role; nil, nil when no kind does.
func (r *Registry) Reach() (*Kind, *ReachRole) {
	if r.reach == nil {
		return nil, nil
	}
	return r.reach, r.reach.reach
}

// Shares returns the kind that keeps shares, with the fields of that role;
// nil, nil when no kind does.
func (r *Registry) Shares() (*Kind, *ShareRole) {
	if r.share == nil {
		return nil, nil
	}
	return r.share, r.share.share
}

// PointingAt returns the to-one relations of all kinds that lead to k, in the
// order of the kinds: what guards its deletion, and what a merge re-points.
func (r *Registry) PointingAt(k *Kind) []*Relation {
	var found []*Relation
	for _, from := range r.kinds {
		for _, rel := range from.relations {
			if !rel.Many && rel.ToName == k.name {
				found = append(found, rel)
			}
		}
	}
	return found
}
