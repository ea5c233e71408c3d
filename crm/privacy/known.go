package privacy

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// known returns the keys by which the person is known and will not be any more: those of
// now, those of the records that were merged into theirs, as histories hold them, and those
// that the journal tells of, under which an old list has them.
func (e *erasing) known(ctx context.Context) ([]Key, error) {
	var now, once []Key
	for some := range slices.Chunk(e.groups[0].ids, query.MaxValues) {
		rows := map[schema.ID]driver.Row{}
		err := eachPage(ctx, e.s, e.kind, query.In("id", some...), func(page storage.Rows) error {
			for _, row := range page.Rows {
				rows[row[e.kind.ID().Position].(schema.ID)] = row
				if err := e.keysOf(row, &now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		copies := query.Select{Where: query.All(query.Eq("kind", e.kind.Name()), query.In("record_id", some...))}
		for step, err := range storage.Of(e.s.Tenant(), merge.Steps).All(ctx, copies) {
			if err != nil {
				return nil, err
			}
			if step.Removed == nil {
				continue
			}
			row, err := driver.UnmarshalRecord(e.kind, step.Removed)
			if err != nil {
				return nil, err
			}
			if err := e.keysOf(row, &now); err != nil {
				return nil, err
			}
		}
		if err := e.formerly(ctx, some, rows, &once); err != nil {
			return nil, err
		}
	}
	return append(strongest(now), strongest(once)...), nil
}

// formerly adds the keys that records had, which it makes again from what they are by
// taking back one change after the other.
func (e *erasing) formerly(ctx context.Context, ids []schema.ID, rows map[schema.ID]driver.Row, keys *[]Key) error {
	back := query.Select{Where: query.All(query.Eq("kind", e.kind.Name()), query.In("record_id", ids...)), Sort: query.By("-record_id", "-record_version")}
	for entry, err := range storage.Of(e.s.Tenant(), journal.Entries).All(ctx, back) {
		if err != nil {
			return err
		}
		row := slices.Clone(rows[entry.RecordID])
		if row == nil {
			row = absent(e.kind)
		}
		told := false
		for _, ch := range entry.Changes {
			f := e.kind.Field(ch.Field)
			if f == nil || f == e.kind.CustomColumn() || ch.From == nil && ch.To == nil { // which has been erased before
				continue
			}
			if row[f.Position], err = journal.Restore(f, ch); err != nil {
				return err
			}
			if row[f.Position] == nil {
				row[f.Position] = f.Absent()
			}
			told = told || f.Personal
		}
		if rows[entry.RecordID] = row; !told {
			continue
		}
		if err := e.keysOf(row, keys); err != nil {
			return err
		}
	}
	return nil
}

// absent returns a row that says nothing.
func absent(k *schema.Kind) driver.Row {
	row := make(driver.Row, len(k.Columns()))
	for i, f := range k.Columns() {
		row[i] = f.Absent()
	}
	return row
}

// keysOf adds the keys that a row has and will not have when it is blank, each once.
func (e *erasing) keysOf(row driver.Row, keys *[]Key) error {
	_, was, err := e.subject.read(e.s.Tenant(), row)
	if err != nil {
		return err
	}
	row = slices.Clone(row)
	for _, a := range e.blanks(e.kind) {
		row[a.Field.Position] = a.Value
	}
	_, will, err := e.subject.read(e.s.Tenant(), row)
	*keys = append(*keys, without(without(was, will), *keys)...)
	return err
}
