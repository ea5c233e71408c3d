package exchange

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Target (导入对象) is a kind of records that a list may bring, with what people call its
// fields. A line of the list is one record, and one of each of its parts: a customer with
// a contact and an address. Modules offer targets; the program gives them to New.
//
// What may stand in a list is derived from the kind: every column that a person may set,
// the tenant's own fields included.
type Target struct {
	Label settings.Label

	kind       *schema.Kind
	records    records
	columns    map[string]Column
	order      []string
	without    []string
	defaults   map[string]string
	parts      []part
	duplicates func(ctx context.Context, s *session.Session, list [][]set) ([][]schema.ID, error)
}

// part is a kind of records that belong to those of a target, and of which a line has one.
type part struct {
	*Target
	name string
	// key is the column that tells a part from the others of its whole.
	key string
}

// Column is what people call a field, and its values where there are only some.
type Column struct {
	// Field is its name as queries spell it; of a reference, that of the relation.
	Field string
	Label settings.Label
	// Also are other names by which lists call it.
	Also []string
	// Values are what people call the values of a field that has only some.
	Values map[string]settings.Label
}

// Option is one statement about a target.
type Option func(*Target)

// Of returns the target of a kind.
func Of[T any](d schema.Definition[T], label settings.Label, options ...Option) Target {
	t := Target{Label: label, kind: d.Kind, records: typed[T]{d}, columns: map[string]Column{}}
	for _, option := range options {
		option(&t)
	}
	return t
}

// Columns names fields, in the order in which people want them. The others have the name
// of their column.
func Columns(list ...Column) Option {
	return func(t *Target) {
		for _, c := range list {
			t.columns[c.Field], t.order = c, append(t.order, c.Field)
		}
	}
}

// Without leaves out fields that only verbs set.
func Without(fields ...string) Option {
	return func(t *Target) { t.without = append(t.without, fields...) }
}

// Default gives new records of which a line does not say the field a value, as a list
// would spell it.
func Default(field, text string) Option {
	return func(t *Target) {
		if t.defaults == nil {
			t.defaults = map[string]string{}
		}
		t.defaults[field] = text
	}
}

// With adds a part: a kind whose whole (schema.Part) is that of the target. A line changes
// the part of its record that has the same key, a column of the part, or adds one.
func With(name, key string, of Target) Option {
	return func(t *Target) { t.parts = append(t.parts, part{&of, name, key}) }
}

// Duplicates says how new records are found to be there already, several at once: the ids
// of the stored records, or of those before it in the list, that each is the same as.
func Duplicates[T any](d schema.Definition[T], find func(ctx context.Context, s *session.Session, list []*T) ([][]schema.ID, error)) Option {
	return func(t *Target) {
		t.duplicates = func(ctx context.Context, s *session.Session, list [][]set) ([][]schema.ID, error) {
			records, err := typed[T]{d}.filled(s, list)
			if err != nil {
				return nil, err
			}
			return find(ctx, s, records)
		}
	}
}

// Kind returns the name of the target's kind, which is its own.
func (t *Target) Kind() string { return t.kind.Name() }

// all returns the target and its parts.
func (t *Target) all() []part {
	return append([]part{{Target: t}}, t.parts...)
}

// set is a value for a field: a driver value, nil to take away what is there.
type set struct {
	field *schema.Field
	value any
}

// records writes records of a type that only the target knows.
type records interface {
	// faults returns what is wrong with new records as far as their content tells.
	faults(ctx context.Context, s *session.Session, list [][]set) ([]error, error)
	create(ctx context.Context, s *session.Session, list [][]set) ([]driver.Row, error)
	// edit returns the records before and after.
	edit(ctx context.Context, s *session.Session, ids []schema.ID, list [][]set) (before, after []driver.Row, err error)
	delete(ctx context.Context, s *session.Session, ids []schema.ID) error
}

type typed[T any] struct{ d schema.Definition[T] }

func (t typed[T]) filled(s *session.Session, list [][]set) ([]*T, error) {
	out := make([]*T, len(list))
	table := storage.Of(s.Tenant(), t.d)
	for i, sets := range list {
		out[i] = new(T)
		if err := fill(table, out[i], sets); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func fill[T any](table storage.Table[T], v *T, sets []set) error {
	for _, x := range sets {
		if !x.field.Custom {
			if err := table.Set(v, x.field, x.value); err != nil {
				return err
			}
			continue
		}
		holder, ok := any(v).(record.Holder)
		if !ok {
			return fault.New(fault.Internal, "%T has no custom fields", v)
		}
		h := holder.Header()
		if h.Custom == nil {
			h.Custom = schema.Values{}
		}
		if h.Custom[x.field.Name] = x.value; x.value == nil {
			delete(h.Custom, x.field.Name)
		}
	}
	return nil
}

func (t typed[T]) rows(s *session.Session, list []*T) ([]driver.Row, error) {
	rows := make([]driver.Row, len(list))
	table := storage.Of(s.Tenant(), t.d)
	for i, v := range list {
		var err error
		if rows[i], err = table.Encode(v); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (t typed[T]) faults(ctx context.Context, s *session.Session, list [][]set) ([]error, error) {
	records, err := t.filled(s, list)
	if err != nil {
		return nil, err
	}
	return session.Of(s, t.d).Faults(ctx, records...)
}

func (t typed[T]) create(ctx context.Context, s *session.Session, list [][]set) ([]driver.Row, error) {
	records, err := t.filled(s, list)
	if err != nil {
		return nil, err
	}
	created, err := session.Of(s, t.d).CreateMany(ctx, "", records...)
	if err != nil {
		return nil, err
	}
	return t.rows(s, created)
}

func (t typed[T]) edit(ctx context.Context, s *session.Session, ids []schema.ID, list [][]set) (before, after []driver.Row, err error) {
	table := storage.Of(s.Tenant(), t.d)
	before = make([]driver.Row, len(ids))
	edited, err := session.Of(s, t.d).EditMany(ctx, "update", "", ids, func(i int, v *T) (err error) {
		if before[i], err = table.Encode(v); err != nil {
			return err
		}
		return fill(table, v, list[i])
	})
	if err != nil {
		return nil, nil, err
	}
	after, err = t.rows(s, edited)
	return before, after, err
}

func (t typed[T]) delete(ctx context.Context, s *session.Session, ids []schema.ID) error {
	return session.Of(s, t.d).DeleteMany(ctx, ids...)
}

// settable reports whether people set a column: it is none of those that a session fills,
// and a cell can hold it.
func (p *part) settable(f *schema.Field) bool {
	switch f.Type {
	case schema.TypeJSON, schema.TypeBytes, schema.TypeFloat:
		return false
	}
	if whole := p.kind.Whole(); p.name != "" && (f.Name == "id" || whole != nil && whole.Field.Name == f.Name) {
		return false
	}
	filled := []string{"version", "created_at", "updated_at", "created_by", "updated_by"}
	return !f.Derived() && !slices.Contains(filled, f.Name) && !slices.Contains(p.without, f.Name)
}
