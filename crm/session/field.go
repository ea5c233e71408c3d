package session

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// A role may be kept from fields (org.FieldRule). This file is where that holds: what is
// read is blanked, what is asked is refused, what is changed is refused. The verbs of
// modules work on whole records and return blanked ones.

// FieldRules returns what is left of a kind's fields to the actor; nil for all.
func (s *Session) FieldRules(ctx context.Context, k *schema.Kind) (map[string]org.FieldAccess, error) {
	if s.Unbound() {
		return nil, nil
	}
	people, dir, err := s.acting(ctx)
	if err != nil {
		return nil, err
	}
	rules := dir.FieldRules(k, people...)
	if s.hidden.kind != k.Name() {
		return rules, nil
	}
	if rules == nil {
		rules = map[string]org.FieldAccess{}
	}
	for _, name := range s.hidden.fields {
		rules[name] = org.Hidden
	}
	return rules, nil
}

// hidden are fields of a kind, as queries spell them.
type hidden struct {
	kind   string
	fields []string
}

// FindHiding returns one page of the records that the query finds, whatever access the
// actor has to them: for a module whose own rule shows them. The fields named are hidden
// from the actor as by a role, besides those that a role hides. The query goes by fields of
// the records themselves. The system sees everything.
func (c Collection[T]) FindHiding(ctx context.Context, q query.Select, fields ...string) (storage.Page[T], error) {
	if err := c.ready(ctx); err != nil {
		return storage.Page[T]{}, err
	}
	if err := c.s.Require(ctx, org.Read, c.kind); err != nil {
		return storage.Page[T]{}, err
	}
	there := *c.s
	there.hidden = hidden{c.kind.Name(), fields}
	c.s = &there
	q = c.inOrder(q)
	resolved, err := query.ResolveSelect(c.kind, q)
	if err != nil {
		return storage.Page[T]{}, err
	}
	if !query.Own(resolved.Where) || slices.ContainsFunc(resolved.Sort, func(key query.Sort) bool { return len(key.Path.Hops) > 0 }) {
		return storage.Page[T]{}, fault.New(fault.Forbidden, "only fields of the %s itself may be asked for here", c.kind.Name())
	}
	if q, err = c.s.guardSelect(ctx, c.kind, q); err != nil {
		return storage.Page[T]{}, err
	}
	return c.find(ctx, q, nil)
}

// blanked returns a row as somebody sees it for whom rules hold.
func blanked(k *schema.Kind, row driver.Row, rules map[string]org.FieldAccess) (driver.Row, error) {
	if len(rules) == 0 {
		return row, nil
	}
	row = slices.Clone(row)
	for name, access := range rules {
		if f := k.Field(name); f != nil && !access.Shown() {
			row[f.Position] = blank(f, row[f.Position], access)
		}
	}
	column := k.CustomColumn()
	if column == nil || row[column.Position] == nil {
		return row, nil
	}
	custom, err := customOf(row[column.Position])
	if err != nil {
		return nil, err
	}
	for rule, access := range rules {
		name, ok := strings.CutPrefix(rule, "custom.")
		if !ok || access.Shown() || custom[name] == nil {
			continue
		}
		if custom[name] = blankCustom(k.CustomField(name), custom[name], access); custom[name] == nil {
			delete(custom, name)
		}
	}
	if len(custom) == 0 {
		row[column.Position] = nil
		return row, nil
	}
	row[column.Position], err = column.Value(custom)
	return row, err
}

// ShownRow returns a row as the actor sees it.
func (s *Session) ShownRow(ctx context.Context, k *schema.Kind, row driver.Row) (driver.Row, error) {
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return nil, err
	}
	return blanked(k, row, rules)
}

// Shown returns a pointer to the record of a row as the actor sees it.
func (s *Session) Shown(ctx context.Context, k *schema.Kind, row driver.Row) (any, error) {
	row, err := s.ShownRow(ctx, k, row)
	if err != nil {
		return nil, err
	}
	return s.t.Record(k, row)
}

// customOf reads the column of custom fields.
func customOf(value any) (map[string]json.RawMessage, error) {
	raw, _ := value.(schema.JSON)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, &fault.Error{Code: fault.Internal, Message: "the stored custom fields can't be read", Err: err}
	}
	return fields, nil
}

// blank returns what is shown instead of a value.
func blank(f *schema.Field, value any, access org.FieldAccess) any {
	if text, ok := value.(string); ok && access == org.Masked {
		return mask(text)
	}
	return f.Absent()
}

// blankCustom is blank for the value of a custom field; nil is no value.
func blankCustom(f *schema.Field, raw json.RawMessage, access org.FieldAccess) json.RawMessage {
	var text string
	if f == nil || f.Type != schema.TypeText || access != org.Masked || json.Unmarshal(raw, &text) != nil {
		return nil
	}
	masked, err := json.Marshal(mask(text))
	if err != nil {
		return nil
	}
	return masked
}

// mask shows the last two characters of a text that has more than four.
func mask(text string) string {
	if utf8.RuneCountInString(text) <= 4 {
		return strings.Repeat("*", utf8.RuneCountInString(text))
	}
	runes := []rune(text)
	return "***" + string(runes[len(runes)-2:])
}

// mayAsk refuses a path through or to a field that the actor may not see.
func (s *Session) mayAsk(ctx context.Context, k *schema.Kind, p query.Path) error {
	if p.Field == nil {
		return nil // counting
	}
	for _, rel := range p.Hops {
		if err := s.mayAskField(ctx, k, rel.Field.Name); err != nil {
			return err
		}
		k = rel.To
	}
	name := p.Field.Name
	switch {
	case p.Field.Custom:
		name = "custom." + name
	case p.Field.Of != nil:
		name = p.Field.Of.Name
	}
	return s.mayAskField(ctx, k, name)
}

func (s *Session) mayAskField(ctx context.Context, k *schema.Kind, name string) error {
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return err
	}
	if access, ruled := rules[name]; ruled && !access.Shown() {
		return forbiddenFields(k, "the field may not be seen", name)
	}
	return nil
}

func forbiddenFields(k *schema.Kind, why string, names ...string) error {
	e := &fault.Error{Code: fault.Forbidden, Kind: k.Name(), Message: why + ": " + strings.Join(names, ", ")}
	for _, name := range names {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: "forbidden", Message: why})
	}
	return e
}

// keepFields refuses a change of a field that is not the actor's to change, and returns the
// new state with what they do not see put back in. row is the record as it is stored and
// seen as they saw it; both are nil for a new record.
func keepFields(k *schema.Kind, row, seen, edited driver.Row, rules map[string]org.FieldAccess) (driver.Row, error) {
	kept := slices.Clone(edited)
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		f := k.Field(name)
		switch {
		case f == nil: // a custom one
		case seen == nil:
			if !leftOpen(f, edited[f.Position]) {
				changed = append(changed, name)
			}
		case !journal.Same(seen[f.Position], edited[f.Position]):
			changed = append(changed, name)
		default:
			kept[f.Position] = row[f.Position]
		}
	}
	if column := k.CustomColumn(); column != nil {
		var stored, shown any
		if seen != nil {
			stored, shown = row[column.Position], seen[column.Position]
		}
		custom, more, err := keepCustom(column, stored, shown, edited[column.Position], rules)
		if err != nil {
			return nil, err
		}
		kept[column.Position], changed = custom, append(changed, more...)
	}
	search.Derive(k, kept)
	if len(changed) > 0 {
		return nil, forbiddenFields(k, "the field may not be changed", changed...)
	}
	return kept, nil
}

// keepCustom does in the column of custom fields what keepFields does in the others, and
// names the fields that were changed.
func keepCustom(column *schema.Field, stored, shown, edited any, rules map[string]org.FieldAccess) (any, []string, error) {
	var parts [3]map[string]json.RawMessage
	for i, value := range []any{stored, shown, edited} {
		parts[i] = map[string]json.RawMessage{}
		if value == nil {
			continue
		}
		var err error
		if parts[i], err = customOf(value); err != nil {
			return nil, nil, err
		}
	}
	was, seen, wanted := parts[0], parts[1], parts[2]
	var changed []string
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		name, custom := strings.CutPrefix(rule, "custom.")
		switch {
		case !custom:
		case string(seen[name]) != string(wanted[name]):
			changed = append(changed, rule)
		case was[name] != nil:
			wanted[name] = was[name]
		}
	}
	if len(wanted) == 0 {
		return nil, changed, nil
	}
	value, err := column.Value(wanted)
	return value, changed, err
}

// blankChanges returns the changes of a journal entry as somebody sees them for whom rules
// hold.
func blankChanges(changes []journal.Change, rules map[string]org.FieldAccess) []journal.Change {
	if len(rules) == 0 {
		return changes
	}
	return slices.DeleteFunc(slices.Clone(changes), func(ch journal.Change) bool {
		if ch.Field == "custom" { // tells of all custom fields at once
			return slices.ContainsFunc(slices.Collect(maps.Keys(rules)), func(name string) bool {
				return strings.HasPrefix(name, "custom.") && !rules[name].Shown()
			})
		}
		access, ruled := rules[ch.Field]
		return ruled && !access.Shown()
	})
}
