package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// form is a plan as lines are read by it.
type form struct {
	Plan
	target *Target
	kinds  []*schema.Kind // of the record and its parts
	// fields are those of the list's columns, nil for one that is passed over.
	fields []*Field
	key    *Field // nil for none
	all    []*Field
	// defaults are what new records of each part get where a line says nothing.
	defaults [][]set
	loc      *time.Location
}

// form resolves a plan for the actor.
func (m Module) form(ctx context.Context, s *session.Session, p Plan) (*form, error) {
	t, err := m.target(p.Target)
	if err != nil {
		return nil, err
	}
	all, err := fieldsOf(ctx, s, t)
	if err != nil {
		return nil, err
	}
	f := &form{Plan: p, target: t, all: all, loc: s.Location(), fields: make([]*Field, len(p.Columns))}
	for _, part := range t.all() {
		f.kinds = append(f.kinds, s.Registry().Of(part.kind))
	}
	if err := f.resolve(ctx, s); err != nil {
		return nil, err
	}
	if err := f.allowed(ctx, s); err != nil {
		return nil, err
	}
	if err := f.fillIn(); err != nil {
		return nil, err
	}
	if f.Duplicates != "" && f.Duplicates != CreateAnyway && t.duplicates == nil {
		return nil, fault.New(fault.Precondition, "nothing tells duplicates of this kind")
	}
	return f, nil
}

// resolve finds the fields of the columns.
func (f *form) resolve(ctx context.Context, s *session.Session) error {
	e := &fault.Error{Code: fault.Invalid, Message: "the mapping does not fit"}
	wrong := func(name, code, message string) {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: code, Message: message})
	}
	if len(f.Mapping) != len(f.Columns) {
		return fault.InvalidField("mapping", "count", "it has %d columns, the header %d", len(f.Mapping), len(f.Columns))
	}
	var kept []string
	for i, name := range f.Mapping {
		if name == "" {
			continue
		}
		at := slices.IndexFunc(f.all, func(x *Field) bool { return x.Name == name })
		switch {
		case at < 0:
			wrong(name, "unknown", "there is no such field")
			continue
		case slices.Contains(f.Mapping[:i], name):
			wrong(name, "twice", "two columns are the same field")
		}
		f.fields[i] = f.all[at]
		open, err := fillable(ctx, s, f.target, f.all[at])
		if err != nil {
			return err
		}
		if !open {
			kept = append(kept, name)
		}
		if name == f.Key {
			f.key = f.all[at]
		}
	}
	switch {
	case !slices.ContainsFunc(f.fields, func(x *Field) bool { return x != nil && x.part == 0 }):
		wrong("mapping", "required", "no column is a field of the record itself")
	case f.Key != "" && f.key == nil:
		wrong("key", "mapping", "the key is no column of the list")
	case f.key != nil && (f.key.part != 0 || f.key.column.Custom || f.key.column.Type != schema.TypeText && f.key.Name != "id"):
		wrong("key", "type", "a key is a text of the record itself, or its id")
	}
	if len(e.Fields) > 0 {
		return e
	}
	if len(kept) > 0 {
		e.Code, e.Message = fault.Forbidden, "the field may not be changed: "+strings.Join(kept, ", ")
		for _, name := range kept {
			wrong(name, "forbidden", "the field may not be changed")
		}
		return e
	}
	return nil
}

// fillIn reads the defaults of the target.
func (f *form) fillIn() error {
	parts := f.target.all()
	f.defaults = make([][]set, len(parts))
	for _, x := range f.all {
		p := parts[x.part]
		text, ok := p.defaults[strings.TrimPrefix(x.Name, p.prefix())]
		if !ok {
			continue
		}
		v, err := x.read(text, f.loc)
		if err != nil {
			return err
		}
		f.defaults[x.part] = append(f.defaults[x.part], set{x.column, v})
	}
	return nil
}

// completed returns what a line says of a new record, with the defaults.
func (f *form) completed(part int, sets []set) []set {
	for _, d := range f.defaults[part] {
		if !slices.ContainsFunc(sets, func(x set) bool { return x.field == d.field && x.value != d.field.Absent() }) {
			sets = append(slices.Clip(sets), d)
		}
	}
	return sets
}

// allowed asks for the rights that the plan needs.
func (f *form) allowed(ctx context.Context, s *session.Session) error {
	for i, k := range f.kinds {
		if !f.uses(i) {
			continue
		}
		verbs := []org.Verb{org.Create}
		if f.key != nil {
			verbs = append(verbs, org.Update)
		}
		for _, v := range verbs {
			if err := s.Require(ctx, v, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// uses reports whether a column is a field of a part.
func (f *form) uses(part int) bool {
	return slices.ContainsFunc(f.fields, func(x *Field) bool { return x != nil && x.part == part })
}

// links reports whether records of the list may lead to others of it.
func (f *form) links() bool {
	return slices.ContainsFunc(f.fields, func(x *Field) bool { return x != nil && x.itself })
}

// column returns the name of the column of a field, empty for none.
func (f *form) column(name string) string {
	for i, x := range f.fields {
		if x != nil && x.Name == name {
			return f.Columns[i]
		}
	}
	return ""
}

// fingerprint is that of a header and of the lines behind it.
type fingerprint [sha256.Size]byte

func (p fingerprint) String() string { return hex.EncodeToString(p[:]) }

func (f *form) start() fingerprint { return fingerprint{}.and(f.Columns) }

// and returns the fingerprint with one more line.
func (p fingerprint) and(cells []string) fingerprint {
	text := p[:]
	for _, cell := range cells {
		text = binary.AppendUvarint(text, uint64(len(cell)))
		text = append(text, cell...)
	}
	return sha256.Sum256(text)
}

// entry is a line on its way.
type entry struct {
	sheet.Line
	// parts are what the line says of the record and of its parts; key tells by which the
	// record is found.
	parts []said
	key   string
	links map[string]string
	outcome
}

// said is what a line says of one record.
type said struct {
	// given says that the line says something of it at all.
	given bool
	sets  []set
	refs  []ref
}

// ref is a record that a cell names.
type ref struct {
	field *Field
	text  string
}

// outcome is what became of a line.
type outcome struct {
	result   Action // empty while it is not decided, and for what is refused
	record   schema.ID
	problems []Problem
	told     []*ImportLine
}

const (
	unchanged Action = "unchanged"
	skipped   Action = "skipped"
)

// problem notes what is wrong with a field of the line.
func (f *form) problem(e *entry, field, code, message string) {
	e.problems = append(e.problems, Problem{Line: e.Number, Column: f.column(field), Field: field, Code: code, Message: message})
}

// refuse notes why a record of the line, by part, was refused.
func (f *form) refuse(e *entry, part int, err error) {
	for _, p := range f.reasons(part, err) {
		known := func(other Problem) bool { return other.Field != "" && other.Field == p.Field }
		if !slices.ContainsFunc(e.problems, known) {
			f.problem(e, p.Field, p.Code, p.Message)
		}
	}
}

// reasons are the problems that an error tells of.
func (f *form) reasons(part int, err error) []Problem {
	e := faultOf(err)
	if len(e.Fields) == 0 {
		return []Problem{{Code: strings.ReplaceAll(e.Code.String(), " ", "_"), Message: e.Message}}
	}
	var list []Problem
	for _, x := range e.Fields {
		name := x.Name
		for _, known := range f.all {
			if known.part == part && !known.column.Custom && known.column.Name == x.Name || known.part == part && known.column.Custom && "custom."+known.column.Name == x.Name {
				name = known.Name
			}
		}
		list = append(list, Problem{Field: name, Code: x.Code, Message: x.Message})
	}
	return list
}

// read takes a line apart: each problem of its cells is noted.
func (f *form) read(line sheet.Line) *entry {
	e := &entry{Line: line, parts: make([]said, len(f.kinds))}
	if line.Err != nil {
		fields := faultOf(line.Err).Fields
		if len(fields) == 0 {
			fields = []fault.Field{{Code: "format", Message: "the line cannot be read"}}
		}
		for _, x := range fields {
			e.problems = append(e.problems, Problem{Line: line.Number, Column: x.Name, Code: x.Code, Message: x.Message})
		}
		return e
	}
	for i, x := range f.fields {
		if x == nil || i >= len(line.Cells) {
			continue
		}
		f.readCell(e, x, strings.TrimSpace(line.Cells[i]))
	}
	if f.key != nil && e.key == "" {
		if !slices.ContainsFunc(e.problems, func(p Problem) bool { return p.Field == f.Key }) {
			f.problem(e, f.Key, "required", "the key is missing")
		}
	}
	return e
}

func (f *form) readCell(e *entry, x *Field, text string) {
	to := &e.parts[x.part]
	switch {
	case text == "" && !f.Clear:
		return
	case x.itself:
		if e.links == nil {
			e.links = map[string]string{}
		}
		e.links[x.Name] = text
		to.given = to.given || text != ""
		return
	case text == "":
		to.sets = append(to.sets, set{x.column, x.column.Absent()})
		return
	}
	to.given = true
	if x.rel != nil {
		to.refs = append(to.refs, ref{x, text})
		return
	}
	v, err := x.read(text, f.loc)
	if err != nil {
		bad := faultOf(err).Fields
		for _, b := range bad {
			f.problem(e, x.Name, b.Code, b.Message)
		}
		return
	}
	to.sets = append(to.sets, set{x.column, v})
	if x == f.key {
		e.key = keyText(v)
	}
}
