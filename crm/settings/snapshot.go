package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Snapshot is what the verbs need of a tenant's settings, as they were at one version.
// It is immutable and safe for concurrent use.
type Snapshot struct {
	version int64
	kinds   *storage.Kinds
	entries map[string]map[string]*Entry      // by dictionary and code
	fields  map[string][]*Field               // by kind
	numbers map[string]map[string]*NumberRule // by kind and field
}

// Load reads a tenant's settings, all of them at one time. kinds are the program's; the
// snapshot's have the tenant's fields besides.
func Load(ctx context.Context, t *storage.Tenant, kinds *storage.Kinds) (*Snapshot, error) {
	var s *Snapshot
	err := t.Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		state, err := LoadState(ctx, t)
		if err != nil {
			return err
		}
		s = &Snapshot{version: state.Settings, kinds: kinds, entries: map[string]map[string]*Entry{}, fields: map[string][]*Field{}, numbers: map[string]map[string]*NumberRule{}}
		if state.Settings == 0 {
			return nil // nothing was ever set
		}
		return errors.Join(
			each(ctx, t, Entries, func(e *Entry) { put(s.entries, e.Dictionary, e.Code, e) }),
			each(ctx, t, Fields, func(f *Field) { s.fields[f.Kind] = append(s.fields[f.Kind], f) }),
			each(ctx, t, NumberRules, func(r *NumberRule) { put(s.numbers, r.Kind, r.Field, r) }),
			s.extend(kinds))
	})
	return s, err
}

// extend adds the tenant's fields to the program's kinds. One that no longer fits, since
// the program has a newer version, is left out: its values stay stored.
func (s *Snapshot) extend(kinds *storage.Kinds) error {
	var extensions []schema.Extension
	for _, k := range kinds.Registry().Kinds() {
		x := schema.Extension{Kind: k.Name()}
		for _, f := range s.fields[k.Name()] {
			if k.CustomColumn() != nil && k.CustomField(f.Name) == nil {
				x.Fields = append(x.Fields, f.Declared())
			}
		}
		if len(x.Fields) > 0 {
			extensions = append(extensions, x)
		}
	}
	if len(extensions) == 0 {
		return nil
	}
	extended, err := kinds.Registry().Extend(extensions...)
	if err != nil {
		return &fault.Error{Code: fault.Internal, Message: "the custom fields of the tenant do not fit", Err: err}
	}
	s.kinds = storage.NewKinds(extended)
	return nil
}

func each[T any](ctx context.Context, t *storage.Tenant, d schema.Definition[T], take func(*T)) error {
	for v, err := range storage.Of(t, d).All(ctx, query.Select{}) {
		if err != nil {
			return err
		}
		take(&v)
	}
	return nil
}

func put[T any](m map[string]map[string]*T, a, b string, v *T) {
	if m[a] == nil {
		m[a] = map[string]*T{}
	}
	m[a][b] = v
}

// Version returns the version that the snapshot shows; 0 before anything was set.
func (s *Snapshot) Version() int64 { return s.version }

// Kinds returns the program's kinds with the tenant's custom fields.
func (s *Snapshot) Kinds() *storage.Kinds { return s.kinds }

// Dictionary returns the entries of a dictionary, also those that are not open, in their order;
// empty for one without entries.
func (s *Snapshot) Dictionary(name string) []*Entry {
	list := make([]*Entry, 0, len(s.entries[name]))
	for _, e := range s.entries[name] {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Code, b.Code))
	})
	return list
}

// Entry returns one entry of a dictionary, nil when there is none.
func (s *Snapshot) Entry(dictionary, code string) *Entry { return s.entries[dictionary][code] }

// Fields returns the fields that the tenant has added to a kind, retired ones too, in
// order of their creation.
func (s *Snapshot) Fields(kind string) []*Field { return s.fields[kind] }

// NumberRules returns the rules for a kind, in order of their fields.
func (s *Snapshot) NumberRules(kind string) []*NumberRule {
	list := make([]*NumberRule, 0, len(s.numbers[kind]))
	for _, r := range s.numbers[kind] {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *NumberRule) int { return cmp.Compare(a.Field, b.Field) })
	return list
}

// Check returns what the settings object to, on a day, in the new state of a record: codes
// that a dictionary does not have then, choices and values of custom fields. What was there before
// (nil for a new record) and has not changed is not objected to, but for the lack of a
// required field.
func (s *Snapshot) Check(on schema.Date, k *schema.Kind, before, after []any, was, is schema.Values) []fault.Field {
	var offences []fault.Field
	for i, f := range k.Columns() {
		code, _ := after[i].(string)
		if f.List == "" || code == "" || len(s.entries[f.List]) == 0 || before != nil && before[i] == after[i] {
			continue
		}
		if e := s.entries[f.List][code]; e == nil || !e.Open(on) {
			offences = append(offences, fault.Field{Name: f.Name, Code: "dictionary", Message: fmt.Sprintf("dictionary %s has no such entry to choose", f.List)})
		}
	}
	for _, f := range s.fields[k.Name()] {
		name, value := "custom."+f.Name, stored(k, f, is)
		empty := value == nil || value == ""
		changed := query.CompareValues(value, stored(k, f, was)) != 0
		if f.Retired {
			if !empty && changed {
				offences = append(offences, fault.Field{Name: name, Code: "retired", Message: "the field takes no new values"})
			}
			continue
		}
		if empty && f.Required {
			offences = append(offences, fault.Field{Name: name, Code: "required", Message: "is required"})
		}
		if code, ok := value.(string); ok && !empty && changed && !f.allows(code) {
			offences = append(offences, fault.Field{Name: name, Code: "oneof", Message: "is none of the choices"})
		}
	}
	return offences
}

// stored returns the value of a custom field as it is stored, whatever its Go type; one
// that does not fit is refused where the record is encoded.
func stored(k *schema.Kind, f *Field, values schema.Values) any {
	declared := k.CustomField(f.Name)
	if declared == nil {
		return nil
	}
	value, err := declared.Comparable(values[f.Name])
	if err != nil {
		return nil
	}
	return value
}
