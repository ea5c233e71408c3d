package exchange

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Export says what goes out in a list (数据导出): of any kind that the program keeps.
type Export struct {
	Kind string
	// Fields are the columns, in order, as queries spell them: "name", "owner",
	// "customer.name", "custom.colour". A reference is written as what people call the
	// record: its code where Language is empty, its name otherwise. None are all fields of a
	// target, and of any other kind all columns.
	Fields []string
	// Query chooses and orders the records; its Limit and Cursor are not looked at.
	Query query.Select
	// Language, "en" or "zh", has the header and the values of dictionaries written as
	// people call them; empty has them as programs do. An import reads both back.
	Language string
}

// Export writes the records that a query finds and that the actor may export (org.Export)
// to a sink, page by page, and returns their number. The sink is not closed; that formulas
// are defused is its doing. The journal tells of each page, so that it can't be done in a
// transaction that only reads.
//
// A field that is hidden from the actor is no column, and one that is masked is written as
// they see it. What stands in another record, by a path or as the name of a reference, is
// empty where they may not read that record.
func (m Module) Export(ctx context.Context, x Export, sink sheet.Sink) (int64, error) {
	o, err := m.outgoing(ctx, x)
	if err != nil {
		return 0, err
	}
	if err := sink.Header(o.header()); err != nil {
		return 0, err
	}
	q := x.Query
	q.Cursor, q.Limit = "", query.MaxLimit
	if keys := o.kind.SortKeys(); len(q.Sort) == 0 && len(keys) > 0 {
		q.Sort = query.By(keys[0].Name)
	}
	n := int64(0)
	for {
		page, err := m.s.Seen(ctx, org.Export, o.kind, q)
		if err != nil {
			return n, err
		}
		if err := o.write(ctx, m.s, page.Rows, sink); err != nil {
			return n, err
		}
		n += int64(len(page.Rows))
		if q.Cursor = page.Next; q.Cursor == "" {
			return n, nil
		}
	}
}

// ExportView is Export of a saved view, as it is for the actor at a moment, which
// admin.Module.Moment tells: at no moment at all, "@me" is nobody. Whoever may read the view may
// export by it what they may export.
func (m Module) ExportView(ctx context.Context, view *settings.View, at settings.Moment, language string, sink sheet.Sink) (int64, error) {
	k := m.s.Registry().Kind(view.Kind)
	if k == nil {
		return 0, fault.New(fault.Precondition, "the view is of kind %.40q, which the program does not keep", view.Kind)
	}
	q, err := view.Resolve(k, at)
	if err != nil {
		return 0, err
	}
	return m.Export(ctx, Export{Kind: view.Kind, Fields: view.Columns, Query: q, Language: language}, sink)
}

// outgoing is an export that has been resolved.
type outgoing struct {
	Export
	kind    *schema.Kind
	columns []*outColumn
}

// outColumn is a column of a list that goes out: a field behind some relations.
type outColumn struct {
	*Field
	name  string
	hops  []*schema.Relation
	label string
}

func (m Module) outgoing(ctx context.Context, x Export) (*outgoing, error) {
	set, err := m.s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	o := &outgoing{Export: x, kind: m.s.Registry().Kind(x.Kind)}
	if o.kind == nil {
		return nil, fault.InvalidField("kind", "kind", "there is no such kind")
	}
	if err := m.s.Require(ctx, org.Export, o.kind); err != nil {
		return nil, err
	}
	if x.Language != "" && x.Language != "en" && x.Language != "zh" {
		return nil, fault.InvalidField("language", "language", "is none of en, zh")
	}
	names := x.Fields
	if len(names) == 0 {
		names = m.everything(o.kind)
	}
	for _, name := range names {
		column, err := m.outColumn(ctx, set, o.kind, name, x.Language)
		if err != nil {
			return nil, err
		}
		if column != nil {
			o.columns = append(o.columns, column)
		}
	}
	return o, nil
}

// everything returns the names of all fields that people know of a kind, in their order.
func (m Module) everything(k *schema.Kind) []string {
	p := m.asPart(k)
	var names []string
	for _, f := range k.Columns() {
		if f != k.CustomColumn() && !f.Derived() && p.settable(f) {
			name := f.Name
			if rel := reference(k, f); rel != nil {
				name = rel.Name
			}
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return p.place(&Field{Field: sheet.Field{Name: a}}) - p.place(&Field{Field: sheet.Field{Name: b}})
	})
	for _, f := range k.CustomFields() {
		names = append(names, "custom."+f.Name)
	}
	return names
}

// asPart returns the target of a kind, or for a kind without one what is known of it.
func (m Module) asPart(k *schema.Kind) *part {
	for i := range m.targets {
		if m.targets[i].Kind() == k.Name() {
			return &part{Target: &m.targets[i]}
		}
	}
	return &part{Target: &Target{kind: k}}
}

// outColumn resolves a name; nil for a field that is hidden from the actor.
func (m Module) outColumn(ctx context.Context, set *settings.Snapshot, k *schema.Kind, name, language string) (*outColumn, error) {
	out := &outColumn{name: name}
	rest := name
	for {
		first, after, more := strings.Cut(rest, ".")
		rel := k.Relation(first)
		if !more || rel == nil || rel.Many {
			break
		}
		if hidden, err := m.hidden(ctx, k, rel.Field); err != nil || hidden {
			return nil, err
		}
		if len(out.hops) == query.MaxHops {
			return nil, fault.InvalidField(name, "path", "leads over more than %d relations", query.MaxHops)
		}
		out.hops, k, rest = append(out.hops, rel), rel.To, after
	}
	column := k.Field(rest)
	if custom, ok := strings.CutPrefix(rest, "custom."); ok {
		column = k.CustomField(custom)
	} else if rel := k.Relation(rest); rel != nil && !rel.Many {
		column = rel.Field
	}
	if column == nil || column == k.CustomColumn() || column.Derived() {
		return nil, fault.InvalidField(name, "unknown", "there is no such field")
	}
	if hidden, err := m.hidden(ctx, k, column); err != nil || hidden {
		return nil, err
	}
	p := m.asPart(k)
	if column.Custom {
		out.Field = p.customField(0, k, column, set)
		if out.Field == nil { // it takes no new values
			out.Field = &Field{column: column}
			out.named(p, "custom."+column.Name, Column{})
		}
	} else {
		out.Field = p.field(0, k, column, set)
	}
	if out.label = name; language != "" {
		out.label = out.Label.In(language)
	}
	return out, nil
}

// hidden reports whether a field is no column for the actor. Those that are masked are.
func (m Module) hidden(ctx context.Context, k *schema.Kind, f *schema.Field) (bool, error) {
	rules, err := m.s.FieldRules(ctx, k)
	name := f.Name
	if f.Custom {
		name = "custom." + name
	}
	return rules[name] == org.Hidden, err
}

func (o *outgoing) header() []sheet.Column {
	columns := make([]sheet.Column, len(o.columns))
	for i, c := range o.columns {
		columns[i] = sheet.Column{Name: c.label, Kind: c.kindOf()}
	}
	return columns
}

// write writes a page of records.
func (o *outgoing) write(ctx context.Context, s *session.Session, rows []driver.Row, sink sheet.Sink) error {
	r := &related{s: s, known: map[string]map[schema.ID]driver.Row{}}
	cells := make([][]string, len(rows))
	for i := range cells {
		cells[i] = make([]string, len(o.columns))
	}
	for at, c := range o.columns {
		k, here := o.kind, slices.Clone(rows)
		for _, rel := range c.hops {
			if err := r.follow(ctx, rel, here); err != nil {
				return err
			}
			k = rel.To
		}
		kind := k
		values := make([]any, len(rows))
		for i, row := range here {
			if row != nil {
				values[i] = valueIn(kind, row, c.column)
			}
		}
		if c.rel != nil {
			if err := r.follow(ctx, c.rel, here); err != nil {
				return err
			}
			for i, row := range here {
				values[i] = called(c.rel.To, row, o.Language)
			}
		}
		for i, v := range values {
			cells[i][at] = c.Field.write(v, s.Location(), o.Language)
		}
	}
	for _, line := range cells {
		if err := sink.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// called returns what people, or programs, call a record: its name, or the first of its
// unique values; nil for none.
func called(k *schema.Kind, row driver.Row, language string) any {
	if row == nil {
		return nil
	}
	list := lookups(k)[1:] // without the id, which nobody calls it by
	if language != "" {
		slices.Reverse(list)
	}
	for _, f := range append(list, k.ID()) {
		if v := row[f.Position]; v != nil && v != "" {
			return v
		}
	}
	return nil
}

// related reads the records that those of a page lead to, each once.
type related struct {
	s     *session.Session
	known map[string]map[schema.ID]driver.Row
}

// follow replaces rows by those that they lead to; nil where there is none, or none that the
// actor may read.
func (r *related) follow(ctx context.Context, rel *schema.Relation, rows []driver.Row) error {
	known := r.known[rel.ToName]
	if known == nil {
		known = map[schema.ID]driver.Row{}
		r.known[rel.ToName] = known
	}
	missing := map[schema.ID]bool{}
	for _, row := range rows {
		if row == nil {
			continue
		}
		id, _ := row[rel.Field.Position].(schema.ID)
		if _, read := known[id]; !read && !id.IsZero() {
			missing[id] = true
		}
	}
	if able, err := r.s.Can(ctx, org.Read, rel.To); err != nil {
		return err
	} else if !able {
		clear(missing)
	}
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(missing), schema.ID.Compare), query.MaxValues) {
		page, err := r.s.Seen(ctx, org.Read, rel.To, query.Select{Where: query.In("id", some...), Sort: query.By("id"), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			known[row[rel.To.ID().Position].(schema.ID)] = row
		}
	}
	for i, row := range rows {
		if row != nil {
			id, _ := row[rel.Field.Position].(schema.ID)
			rows[i] = known[id]
		}
	}
	return nil
}
