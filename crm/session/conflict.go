package session

import (
	"context"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Update stores a record that a person has edited since it was read; its Version
// says which state they saw. When others have changed it meanwhile, but other fields,
// both changes stand together. When the same field was changed to different values,
// nothing is stored, and Conflict tells for each such field what both started from,
// what is stored now, and what was refused.
func (c Collection[T]) Update(ctx context.Context, mine *T) (*T, error) {
	if err := c.known(); err != nil {
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
	base, err := c.s.rowAt(ctx, c.kind, header(mine).ID, theirs, seen)
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
		if !journal.Same(base[at], theirs[at]) && !journal.Same(edited[at], theirs[at]) {
			conflict.Fields = append(conflict.Fields, fault.Field{Name: f.Name, Code: "conflict", Message: "somebody else changed it as well",
				Base: base[at], Theirs: theirs[at], Mine: edited[at]})
			continue
		}
		merged[at] = edited[at]
		if folded := c.kind.Folded(f); folded != nil {
			merged[folded.Position] = edited[folded.Position]
		}
	}
	if len(conflict.Fields) > 0 {
		return conflict
	}
	return c.table.DecodeInto(merged, stored)
}

// rowAt returns the row of a record as it was in an earlier version, by undoing
// what the journal tells since. A version that is not in the journal is Conflict.
func (s *Session) rowAt(ctx context.Context, k *schema.Kind, id schema.ID, now driver.Row, version int64) (driver.Row, error) {
	row := append(driver.Row(nil), now...)
	at := now[k.Version().Position].(int64)
	since := query.Select{
		Where: query.All(query.Eq("kind", k.Name()), query.Eq("record_id", id), query.Gt("record_version", version), query.Le("record_version", at)),
		Sort:  query.By("-record_version"),
	}
	for entry, err := range storage.Of(s.t, journal.Entries).All(ctx, since) {
		if err != nil {
			return nil, err
		}
		if entry.RecordVersion != at {
			break
		}
		for _, ch := range entry.Changes {
			f := k.Field(ch.Field)
			if f == nil {
				continue // the field is no longer kept
			}
			value, err := journal.Restore(f, ch)
			if err != nil {
				return nil, err
			}
			row[f.Position] = value
			if folded := k.Folded(f); folded != nil {
				text, _ := value.(string)
				row[folded.Position] = schema.Fold(text)
			}
		}
		at--
	}
	if at != version {
		e := fault.New(fault.Conflict, "version %d of the record is not known", version)
		e.Kind, e.ID = k.Name(), id.String()
		return nil, e
	}
	return row, nil
}

// History returns one page of a record's journal, latest first. Whoever may read the
// record may read its history. q may carry a limit and a cursor; its condition and
// sort are ignored.
func (c Collection[T]) History(ctx context.Context, id schema.ID, q query.Select) (storage.Page[journal.Entry], error) {
	if err := c.known(); err != nil {
		return storage.Page[journal.Entry]{}, err
	}
	if _, err := c.s.Row(ctx, org.Read, c.kind, id); err != nil {
		return storage.Page[journal.Entry]{}, err
	}
	return storage.Of(c.s.t, journal.Entries).Find(ctx, query.Select{
		Where: query.All(query.Eq("kind", c.kind.Name()), query.Eq("record_id", id)),
		Sort:  query.By("-record_version"), Limit: q.Limit, Cursor: q.Cursor,
	})
}
