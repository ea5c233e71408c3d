package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// How the lines of a round are stored.

// write stores what the lines change. When it is careful, lines whose content is wrong are
// tried alone, so that they don't keep the others.
func (b *batch) write(ctx context.Context, s *session.Session, list []*work, careful bool) error {
	leave := func(w *work, err error) {
		at := 0
		if p, ok := errors.AsType[*partError](err); ok {
			at = p.part
		}
		b.refuse(w.entry, at, err)
	}
	if !careful {
		return session.Most(ctx, s, list, false, b.store, leave)
	}
	suspect, err := b.suspects(ctx, s, list)
	if err != nil {
		return err
	}
	for from, i := 0, 0; i <= len(list); i++ {
		if i < len(list) && !suspect[list[i]] {
			continue
		}
		if err := session.Most(ctx, s, list[from:i], true, b.store, leave); err != nil {
			return err
		}
		if from = i + 1; i < len(list) {
			if err := session.Most(ctx, s, list[i:from], true, b.store, leave); err != nil {
				return err
			}
		}
	}
	return nil
}

// suspects are the lines whose new records seem to be wrong.
func (b *batch) suspects(ctx context.Context, s *session.Session, list []*work) (map[*work]bool, error) {
	suspect := map[*work]bool{}
	for i, part := range b.target.all() {
		var fresh []*work
		var sets [][]set
		for _, w := range list {
			if w.rows[i] == nil && w.sets[i] != nil {
				fresh, sets = append(fresh, w), append(sets, b.probe(s, i, w.sets[i]))
			}
		}
		faults, err := part.records.faults(ctx, s, sets)
		if err != nil {
			return nil, err
		}
		for n, fault := range faults {
			suspect[fresh[n]] = suspect[fresh[n]] || fault != nil
		}
	}
	return suspect, nil
}

// partError is a refusal of one of the records of a line.
type partError struct {
	part int
	err  error
}

func (e *partError) Error() string { return e.err.Error() }
func (e *partError) Unwrap() error { return e.err }

// store writes the records of some lines, and notes what was done when all of it is.
func (b *batch) store(ctx context.Context, s *session.Session, list []*work) error {
	now, told := make([][]driver.Row, len(list)), make([][]*ImportLine, len(list))
	for n, w := range list {
		now[n] = slices.Clone(w.rows)
	}
	for i := range b.kinds {
		if err := b.storePart(ctx, s, i, list, now, told); err != nil {
			return &partError{i, err}
		}
	}
	for n, w := range list {
		b.done(w, now[n], told[n])
	}
	return nil
}

func (b *batch) storePart(ctx context.Context, s *session.Session, i int, list []*work, now [][]driver.Row, told [][]*ImportLine) error {
	var fresh, known []int
	var created, edited [][]set
	var ids []schema.ID
	for n, w := range list {
		switch {
		case w.sets[i] == nil:
		case w.rows[i] != nil:
			known, ids, edited = append(known, n), append(ids, b.id(i, w.rows[i])), append(edited, w.sets[i])
		case i == 0:
			fresh, created = append(fresh, n), append(created, w.sets[i])
		default:
			whole := set{b.kinds[i].Whole().Field, b.id(0, now[n][0])}
			fresh, created = append(fresh, n), append(created, append(slices.Clip(w.sets[i]), whole))
		}
	}
	records := b.target.all()[i].records
	if len(fresh) > 0 {
		rows, err := records.create(ctx, s, created)
		if err != nil {
			return err
		}
		for j, n := range fresh {
			now[n][i] = rows[j]
			told[n] = append(told[n], b.line(list[n].entry, Created, i, rows[j]))
		}
	}
	if len(known) == 0 {
		return nil
	}
	before, after, err := records.edit(ctx, s, ids, edited)
	if err != nil {
		return err
	}
	for j, n := range known {
		now[n][i] = after[j]
		line, err := b.update(list[n].entry, i, before[j], after[j])
		if err != nil {
			return err
		}
		if line != nil {
			told[n] = append(told[n], line)
		}
	}
	return nil
}

func (b *batch) id(part int, row driver.Row) schema.ID {
	return row[b.kinds[part].ID().Position].(schema.ID)
}

// line tells what was done to a record.
func (f *form) line(e *entry, a Action, part int, row driver.Row) *ImportLine {
	k := f.kinds[part]
	return &ImportLine{Line: int64(e.Number), Action: a, Kind: k.Name(),
		RecordID: row[k.ID().Position].(schema.ID), RecordVersion: row[k.Version().Position].(int64)}
}

// update is line for a record that was edited; nil when nothing has changed.
func (f *form) update(e *entry, part int, before, after driver.Row) (*ImportLine, error) {
	line := f.line(e, Updated, part, after)
	if line.RecordVersion == before[f.kinds[part].Version().Position] {
		return nil, nil
	}
	former, err := json.Marshal(journal.Diff(f.kinds[part], before, after))
	line.Former = former
	return line, err
}

// done notes what became of a line, for itself and for those with the same key.
func (b *batch) done(w *work, now []driver.Row, told []*ImportLine) {
	w.told, w.record, w.result = told, b.id(0, now[0]), unchanged
	switch {
	case w.rows[0] == nil:
		w.result = Created
	case len(told) > 0:
		w.result = Updated
	}
	if b.key == nil {
		return
	}
	b.stored[w.key] = &found{row: now[0]}
	for i := 1; i < len(now); i++ {
		if now[i] != nil {
			key := now[i][b.kinds[i].Field(b.target.parts[i-1].key).Position]
			b.parts[i][partOf{w.record, keyText(key)}] = now[i]
		}
	}
}
