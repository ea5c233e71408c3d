package session

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// Update stores a record that a person has edited since it was read; its Version
// says which state they saw. When others have changed it meanwhile, but other fields,
// both changes stand together. When the same field was changed to different values,
// nothing is stored, and Conflict tells for each such field what both started from,
// what is stored now, and what was refused.
func (c Collection[T]) Update(ctx context.Context, mine *T) (*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if mine == nil || header(mine).Version <= 0 {
		return nil, fault.InvalidField("version", "version", "an update needs the version that was read")
	}
	seen := header(mine).Version
	return c.EditAs(ctx, org.Update, "", header(mine).ID, 0, func(stored *T) error {
		if header(stored).Version == seen {
			*stored = *mine
			return nil
		}
		return c.merge(ctx, stored, mine)
	})
}

// merge puts what changed between the state that mine was read in and mine into
// the stored record.
func (c Collection[T]) merge(ctx context.Context, stored, mine *T) error {
	seen := header(mine).Version
	theirs, err := c.table.Encode(stored)
	if err != nil {
		return err
	}
	then, err := c.s.rowsAt(ctx, c.kind, []driver.Row{theirs}, seen)
	if err != nil {
		return err
	}
	rules, err := c.s.FieldRules(ctx, c.kind)
	if err != nil {
		return err
	}
	base, err := blanked(c.kind, then[0], rules) // as mine was read
	if err != nil {
		return err
	}
	edited, err := c.table.Encode(mine)
	if err != nil {
		return err
	}
	conflict := c.stale(stored, seen).(*fault.Error) //nolint:errorlint,forcetypeassert // made by us, one line above
	merged := append(driver.Row(nil), theirs...)
	for _, ch := range journal.Diff(c.kind, base, edited) {
		f := c.kind.Field(ch.Field)
		at := f.Position
		switch {
		case journal.Same(base[at], theirs[at]) || journal.Same(edited[at], theirs[at]):
			merged[at] = edited[at]
		case f == c.kind.CustomColumn():
			var offences []fault.Field
			if merged[at], offences, err = mergeCustom(c.kind, base[at], theirs[at], edited[at]); err != nil {
				return err
			}
			conflict.Fields = append(conflict.Fields, offences...)
		default:
			conflict.Fields = append(conflict.Fields, changedTwice(f.Name, base[at], theirs[at], edited[at]))
			continue
		}
	}
	if len(conflict.Fields) > 0 {
		return conflict
	}
	return c.table.DecodeInto(merged, stored)
}

func changedTwice(name string, base, theirs, mine any) fault.Field {
	return fault.Field{Name: name, Code: "conflict", Message: "somebody else changed it as well", Base: base, Theirs: theirs, Mine: mine}
}

// mergeCustom merges the column of custom fields, each field for itself.
func mergeCustom(k *schema.Kind, base, theirs, mine any) (any, []fault.Field, error) {
	var parts [3]map[string]json.RawMessage
	for i, column := range []any{base, theirs, mine} {
		if raw, ok := column.(schema.JSON); ok {
			if err := json.Unmarshal(raw, &parts[i]); err != nil {
				return nil, nil, &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "the stored custom fields can't be read", Err: err}
			}
		}
	}
	merged := maps.Clone(parts[1])
	if merged == nil {
		merged = map[string]json.RawMessage{}
	}
	var offences []fault.Field
	names := maps.Clone(parts[0])
	if names == nil {
		names = map[string]json.RawMessage{}
	}
	maps.Copy(names, parts[2])
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is, wanted := parts[0][name], parts[1][name], parts[2][name]
		switch {
		case bytes.Equal(was, wanted):
		case !bytes.Equal(was, is) && !bytes.Equal(is, wanted):
			offences = append(offences, changedTwice("custom."+name, customValue(k, name, was), customValue(k, name, is), customValue(k, name, wanted)))
		case wanted == nil:
			delete(merged, name)
		default:
			merged[name] = wanted
		}
	}
	if len(merged) == 0 {
		return nil, offences, nil
	}
	value, err := k.CustomColumn().Value(merged)
	return value, offences, err
}

// customValue returns a custom field as a person knows it.
func customValue(k *schema.Kind, name string, raw json.RawMessage) any {
	if f := k.CustomField(name); f != nil && raw != nil {
		return eval.CustomValue(f, raw)
	}
	if raw == nil {
		return nil
	}
	return raw
}

// rowsAt returns the rows of records as they were in an earlier version, by undoing
// what the journal tells since. A version that is not in the journal is Conflict.
func (s *Session) rowsAt(ctx context.Context, k *schema.Kind, now []driver.Row, version int64) ([]driver.Row, error) {
	rows := make([]driver.Row, len(now))
	at := map[schema.ID]*driver.Row{} // the rows that must be changed back
	var ids []schema.ID
	for i, row := range now {
		rows[i] = slices.Clone(row)
		if row[k.Version().Position].(int64) != version {
			id := row[k.ID().Position].(schema.ID)
			at[id] = &rows[i]
			ids = append(ids, id)
		}
	}
	for some := range slices.Chunk(ids, query.MaxValues) {
		since := query.Select{
			Where: query.All(query.Eq("kind", k.Name()), query.In("record_id", some...), query.Gt("record_version", version)),
			Sort:  query.By("-record_id", "-record_version"),
		}
		for entry, err := range storage.Of(s.t, journal.Entries).All(ctx, since) {
			if err != nil {
				return nil, err
			}
			if err := undo(k, *at[entry.RecordID], &entry); err != nil {
				return nil, err
			}
		}
	}
	for _, row := range rows {
		if row[k.Version().Position] != version {
			e := fault.New(fault.Conflict, "version %d of the record is not known", version)
			e.Kind, e.ID = k.Name(), row[k.ID().Position].(schema.ID).String()
			return nil, e
		}
	}
	return rows, nil
}

// undo takes a change back in a row that stands at the version which the change made;
// a later change than that, made meanwhile, is passed over.
func undo(k *schema.Kind, row driver.Row, entry *journal.Entry) error {
	at := k.Version().Position
	if row[at] != entry.RecordVersion {
		return nil
	}
	row[at] = entry.RecordVersion - 1
	for _, ch := range entry.Changes {
		f := k.Field(ch.Field)
		if f == nil {
			continue // the field is no longer kept
		}
		value, err := journal.Restore(f, ch)
		if err != nil {
			return err
		}
		row[f.Position] = value
	}
	search.Derive(k, row)
	return nil
}

// History returns one page of a record's journal, latest first. Whoever may read the
// record may read its history. q may carry a limit and a cursor; its condition and
// sort are ignored.
func (c Collection[T]) History(ctx context.Context, id schema.ID, q query.Select) (storage.Page[journal.Entry], error) {
	if err := c.ready(ctx); err != nil {
		return storage.Page[journal.Entry]{}, err
	}
	if _, err := c.s.Row(ctx, org.Read, c.kind, id); err != nil {
		return storage.Page[journal.Entry]{}, err
	}
	q.Where, q.Sort = query.Eq("record_id", id), query.By("-record_version")
	return c.s.Told(ctx, c.kind, q)
}

// Told returns one page of the journal of records of a kind, with the changes of the fields
// that the actor may see. It is for verbs of the library's modules that have asked whether
// they may read the records, and does not ask.
func (s *Session) Told(ctx context.Context, k *schema.Kind, q query.Select) (storage.Page[journal.Entry], error) {
	q.Where = query.All(query.Eq("kind", k.Name()), q.Where)
	page, err := storage.Of(s.t, journal.Entries).Find(ctx, q)
	if err != nil {
		return page, err
	}
	rules, err := s.FieldRules(ctx, k)
	for i, entry := range page.Items {
		page.Items[i].Changes = blankChanges(entry.Changes, rules)
	}
	return page, err
}
