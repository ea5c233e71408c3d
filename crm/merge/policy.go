package merge

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Policy says how several records of a kind become one.
type Policy[T any] struct {
	Of schema.Definition[T]
	// Fields say for fields by name of which record the value is taken. For the others, and for
	// each custom field, it is the winner's or, where that is empty, that of the first loser
	// which has one. Meta, owner and department are the winner's always.
	Fields map[string]Choose
	// Keep are fields that are the winner's always.
	Keep []string
	// Together are groups of fields that are taken of one record, the first that has any of
	// them: half an address of one and half of another is none.
	Together [][]string
	// Prepare writes what has to be so before the records become one, such as who is chosen
	// among them. It is part of the merge, and taken back with it; nil writes nothing.
	Prepare func(ctx context.Context, s *session.Session, winner schema.ID, losers []schema.ID) error
	// Check refuses records that must not become one; nil refuses none.
	Check func(winner *T, losers []*T) error
}

// Choose picks one of the values that the records have in a field, the winner's first and
// those of the losers behind it, and returns its place.
type Choose func(values []any) int

// First picks the first value that is not empty.
func First(values []any) int {
	return max(0, slices.IndexFunc(values, func(v any) bool { return !empty(v) }))
}

// Least picks the least value that is not empty: the first date.
func Least(values []any) int {
	return best(values, func(a, b any) bool { return query.CompareValues(a, b) < 0 })
}

// Greatest picks the greatest value that is not empty: the last date.
func Greatest(values []any) int {
	return best(values, func(a, b any) bool { return query.CompareValues(a, b) > 0 })
}

// Rank returns what picks the value that stands first in order: of a state, the one that
// weighs most.
func Rank[S ~string](order ...S) Choose {
	return func(values []any) int {
		for _, s := range order {
			if at := slices.Index(values, any(string(s))); at >= 0 {
				return at
			}
		}
		return First(values)
	}
}

func best(values []any, better func(a, b any) bool) int {
	at := First(values)
	for i, v := range values {
		if !empty(v) && better(v, values[at]) {
			at = i
		}
	}
	return at
}

func empty(v any) bool { return v == nil || v == "" }

// combine returns the row of the winner as it will be. rows are the winner's and those of
// the losers; take names for fields the record whose value is wanted. It combines what the
// actor may not see as well: nothing is lost because of who merges.
func (p Policy[T]) combine(k *schema.Kind, rows []driver.Row, take map[string]schema.ID) (driver.Row, error) {
	chosen, err := places(k, rows, take, p.Keep)
	if err != nil {
		return nil, err
	}
	for _, name := range p.Keep {
		chosen[name] = 0
	}
	for _, group := range p.Together {
		for _, name := range group {
			if _, named := chosen[name]; !named {
				chosen[name] = firstWithAny(k, rows, group)
			}
		}
	}
	merged := slices.Clone(rows[0])
	for _, f := range k.Columns() {
		if !chooses(k, f) {
			continue
		}
		values := make([]any, len(rows))
		for i, row := range rows {
			values[i] = row[f.Position]
		}
		at, named := chosen[f.Name]
		choose := p.Fields[f.Name]
		if choose == nil {
			choose = First
		}
		if !named {
			if unlike(k, f, values) {
				return nil, &fault.Error{Code: fault.Precondition, Kind: k.Name(), Message: f.Name + " differs: say whose is taken",
					Fields: []fault.Field{{Name: f.Name, Code: "differs", Message: "several of the records have one of their own"}}}
			}
			at = choose(values)
		}
		merged[f.Position] = values[at]
	}
	if column := k.CustomColumn(); column != nil {
		merged[column.Position], err = combineCustom(k, rows, chosen)
	}
	return merged, err
}

// chooses reports whether the value of a field is that of one of the records.
func chooses(k *schema.Kind, f *schema.Field) bool {
	return !f.Derived() && !own(k, f) && f != k.CustomColumn() && treeOf(k, f) == nil
}

// own reports whether a field is the winner's in any case.
func own(k *schema.Kind, f *schema.Field) bool {
	return f == k.ID() || f == k.Version() || f == k.Owner() || f == k.Department() ||
		slices.Contains([]string{"created_at", "created_by", "updated_at", "updated_by"}, f.Name)
}

// treeOf returns the relation of the field to records of its own kind, nil for none; see
// climb.
func treeOf(k *schema.Kind, f *schema.Field) *schema.Relation {
	for _, rel := range k.Relations() {
		if !rel.Many && rel.Field == f && rel.ToName == k.Name() {
			return rel
		}
	}
	return nil
}

// unlike reports whether a field by itself tells records apart, and several have one.
func unlike(k *schema.Kind, f *schema.Field, values []any) bool {
	unique := slices.ContainsFunc(k.Indexes(), func(x *schema.Index) bool { return x.Unique && len(x.Fields) == 1 && x.Fields[0] == f })
	filled := slices.DeleteFunc(slices.Clone(values), empty)
	return unique && len(filled) > 1
}

// places returns the number of the record that was named for each field.
func places(k *schema.Kind, rows []driver.Row, take map[string]schema.ID, keep []string) (map[string]int, error) {
	chosen := map[string]int{}
	for name, id := range take {
		f := k.Field(name)
		if custom, ok := strings.CutPrefix(name, "custom."); ok {
			f = k.CustomField(custom)
		} else if f != nil && (!chooses(k, f) || slices.Contains(keep, name)) {
			f = nil
		}
		if f == nil {
			return nil, fault.InvalidField("take", "field", "%.60q is no field that can be chosen", name)
		}
		at := slices.IndexFunc(rows, func(row driver.Row) bool { return row[k.ID().Position] == id })
		if at < 0 {
			return nil, fault.InvalidField("take", "record", "%s: the record is none of those that are merged", name)
		}
		chosen[name] = at
	}
	return chosen, nil
}

func firstWithAny(k *schema.Kind, rows []driver.Row, group []string) int {
	return max(0, slices.IndexFunc(rows, func(row driver.Row) bool {
		return slices.ContainsFunc(group, func(name string) bool {
			f := k.Field(name)
			return f != nil && !empty(row[f.Position])
		})
	}))
}

// combineCustom combines the column of custom fields, each for itself.
func combineCustom(k *schema.Kind, rows []driver.Row, chosen map[string]int) (any, error) {
	sets := make([]map[string]json.RawMessage, len(rows))
	all := map[string]json.RawMessage{}
	for i, row := range rows {
		var err error
		if sets[i], err = customOf(k, row); err != nil {
			return nil, err
		}
		for name, value := range sets[i] {
			if _, there := all[name]; !there {
				all[name] = value
			}
		}
	}
	for name, at := range chosen {
		custom, ok := strings.CutPrefix(name, "custom.")
		if !ok {
			continue
		}
		if value, there := sets[at][custom]; there {
			all[custom] = value
		} else {
			delete(all, custom)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return k.CustomColumn().Value(all)
}

// customOf returns the custom fields of a row.
func customOf(k *schema.Kind, row driver.Row) (map[string]json.RawMessage, error) {
	raw, _ := row[k.CustomColumn().Position].(schema.JSON)
	if raw == nil {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "the stored custom fields can't be read", Err: err}
	}
	return fields, nil
}
