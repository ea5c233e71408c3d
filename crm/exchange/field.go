package exchange

import (
	"context"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Field is what a list may say about the records of a target. The name of a part's field
// begins with that of the part, that of a tenant's own with "custom": "contact.name",
// "custom.colour".
type Field struct {
	sheet.Field
	Label settings.Label
	// Refers is the kind that the field leads to, empty for none. A cell names a record of
	// it by its id, a code that is unique, or its name.
	Refers string
	// Unique says that no two records have the same value.
	Unique bool

	part   int // 0 for the record itself
	column *schema.Field
	rel    *schema.Relation
	values []value
	// itself says that the field leads to records of the same kind, which may stand
	// further down in the list.
	itself bool
}

// value is one that a field may have, and what people call it.
type value struct {
	code  string
	label settings.Label
}

// common are fields that records of all kinds have.
func common() map[string]Column {
	return map[string]Column{
		"id":         {Label: settings.Label{EN: "ID", ZH: "标识"}},
		"owner":      {Label: settings.Label{EN: "Owner", ZH: "负责人"}, Also: []string{"Responsible", "Salesperson", "业务员", "客户经理"}},
		"department": {Label: settings.Label{EN: "Department", ZH: "部门"}, Also: []string{"Responsible department", "所属部门", "负责部门"}},
	}
}

// fieldsOf returns the fields of a target as the tenant has them, in their order.
func fieldsOf(ctx context.Context, s *session.Session, t *Target) ([]*Field, error) {
	set, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	var list []*Field
	for i, p := range t.all() {
		k := s.Registry().Of(p.kind)
		if k == nil {
			return nil, fault.New(fault.Precondition, "the program keeps no %s", p.kind.Name())
		}
		p.kind = k
		var own []*Field
		for _, column := range k.Columns() {
			if column != k.CustomColumn() && p.settable(column) {
				own = append(own, p.field(i, k, column, set))
			}
		}
		slices.SortStableFunc(own, func(a, b *Field) int { return p.place(a) - p.place(b) })
		for _, column := range k.CustomFields() {
			if f := p.customField(i, k, column, set); f != nil {
				own = append(own, f)
			}
		}
		list = append(list, own...)
	}
	return list, nil
}

// place orders the fields of a part: those that are named, then the others.
func (p *part) place(f *Field) int {
	if at := slices.Index(p.order, strings.TrimPrefix(f.Name, p.prefix())); at >= 0 {
		return at
	}
	return len(p.order)
}

func (p *part) prefix() string {
	if p.name == "" {
		return ""
	}
	return p.name + "."
}

func (p *part) field(i int, k *schema.Kind, column *schema.Field, set *settings.Snapshot) *Field {
	f := &Field{part: i, column: column}
	name := column.Name
	if rel := reference(k, column); rel != nil {
		name, f.rel, f.Refers, f.itself = rel.Name, rel, rel.ToName, rel.To == k && i == 0
	}
	named, ok := p.columns[name]
	if !ok {
		named = common()[name]
	}
	f.named(p, name, named)
	f.Unique = unique(k, column)
	for _, e := range set.Dictionary(column.List) {
		if column.List != "" && !e.Retired {
			f.values = append(f.values, value{e.Code, e.Label})
		}
	}
	for code, label := range named.Values {
		f.values = append(f.values, value{code, label})
	}
	return f
}

// reference returns the relation that a column leads along, nil for none.
func reference(k *schema.Kind, column *schema.Field) *schema.Relation {
	for _, rel := range k.Relations() {
		if !rel.Many && rel.Field == column {
			return rel
		}
	}
	return nil
}

// customField returns the field of a tenant's own, or of a host's; nil for one that takes no
// more values.
func (p *part) customField(i int, k *schema.Kind, column *schema.Field, set *settings.Snapshot) *Field {
	f := &Field{part: i, column: column}
	named := Column{}
	for _, own := range set.Fields(k.Name()) {
		if own.Name != column.Name {
			continue
		}
		if own.Retired {
			return nil
		}
		named = Column{Label: own.Label, Also: []string{column.Name}}
		for _, c := range own.Choices {
			f.values = append(f.values, value{c.Code, c.Label})
		}
	}
	f.named(p, "custom."+column.Name, named)
	return f
}

// named gives the field its name and labels; those of a part begin with the part's.
func (f *Field) named(p *part, name string, c Column) {
	f.Name = p.prefix() + name
	if c.Label == (settings.Label{}) {
		words := strings.ReplaceAll(strings.TrimPrefix(name, "custom."), "_", " ")
		c.Label.EN = strings.ToUpper(words[:1]) + words[1:]
	}
	if f.Label = c.Label; p.name != "" {
		f.Label.EN = p.Label.EN + " " + strings.ToLower(c.Label.EN[:1]) + c.Label.EN[1:]
		if f.Label.ZH = p.Label.ZH + c.Label.ZH; c.Label.ZH == "" {
			f.Label.ZH = ""
		}
	}
	// What is meant by the plain name is the record's own field where it has one, and the
	// part's otherwise.
	for _, label := range append([]string{f.Label.EN, f.Label.ZH, c.Label.EN, c.Label.ZH}, c.Also...) {
		if label != "" && !slices.Contains(f.Labels, label) {
			f.Labels = append(f.Labels, label)
		}
	}
}

func unique(k *schema.Kind, f *schema.Field) bool {
	return f == k.ID() || slices.ContainsFunc(k.Indexes(), func(x *schema.Index) bool { return x.Unique && len(x.Fields) == 1 && x.Fields[0] == f })
}

// lookups are the columns by which a cell may name a record of a kind, in this order.
func lookups(k *schema.Kind) []*schema.Field {
	list := []*schema.Field{k.ID()}
	for _, f := range k.Columns() {
		if f.Type == schema.TypeText && unique(k, f) {
			list = append(list, f)
		}
	}
	if f := k.Field("name"); f != nil && !slices.Contains(list, f) {
		list = append(list, f)
	}
	return list
}
