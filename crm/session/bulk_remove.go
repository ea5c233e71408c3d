package session

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// RemoveMany removes a page of records, at most query.MaxLimit, with their shares, in the
// given order, as they were read in this transaction; see ChangeMany for whom it is for and
// what it returns. Each is told to hooks and journal under the event. It is Referenced
// while others point at one of them.
func (s *Session) RemoveMany(ctx context.Context, k *schema.Kind, event string, rows []driver.Row) error {
	k, err := s.bulkKind(ctx, k)
	if err == nil {
		err = fitsPage(len(rows))
	}
	if err != nil || len(rows) == 0 {
		return err
	}
	moves := make([]move, len(rows))
	for i, row := range rows {
		moves[i].before = row
	}
	return s.Whole(ctx, func(ctx context.Context, s *Session) error {
		s = s.trusted()
		typed, err := s.typed(k, event, moves)
		if err != nil {
			return err
		}
		if s.core.hooks.any(k.Name(), before) {
			if err := s.core.hooks.fire(ctx, s, k.Name(), before, typed.writes()); err != nil {
				return err
			}
		}
		ids := make([]schema.ID, len(rows))
		list, entries := make([]driver.Mutation, len(rows)), make([]*journal.Entry, len(rows))
		var departures []*journal.Departure
		for i, row := range rows {
			id, was := row[k.ID().Position].(schema.ID), version(k, row)
			ids[i] = id
			list[i] = driver.Mutation{Kind: k, Delete: &driver.Delete{ID: id, IfVersion: was}}
			entries[i] = s.entry(k, row, was+1, event, journal.Diff(k, row, nil))
			s.trace.remove(entries[i], row)
			departures = append(departures, s.departures(k, entries[i], row)...)
		}
		if err := s.unshare(ctx, k, ids); err != nil {
			return err
		}
		noted, err := s.note(entries, departures...)
		if err != nil {
			return err
		}
		err = s.t.Write(ctx, slices.Concat(list, noted)...)
		if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) {
			return overtaken(k, err)
		}
		if err != nil {
			return err
		}
		return s.stored(ctx, k, typed)
	})
}

// RestoreMany stores records again that RemoveMany has removed, at most query.MaxLimit, as
// they were when they were removed, but for version, updated_at and updated_by. It is for
// verbs that undo: hooks of Before are not asked, since what they would check or complete has been
// checked and completed; those of After are told of new records. It is Exists where something else has
// taken what one of them has for itself, and Referenced where something that it points at
// is gone.
func (s *Session) RestoreMany(ctx context.Context, k *schema.Kind, event string, rows []driver.Row) error {
	k, err := s.bulkKind(ctx, k)
	if err == nil {
		err = fitsPage(len(rows))
	}
	if err != nil || len(rows) == 0 {
		return err
	}
	return s.Whole(ctx, func(ctx context.Context, s *Session) error {
		s = s.trusted()
		moves, fresh, entries := make([]move, len(rows)), make([]driver.Row, len(rows)), make([]*journal.Entry, len(rows))
		for i, was := range rows {
			row := slices.Clone(was)
			row[k.Version().Position] = version(k, row) + 2 // its removal was a version, too
			row[k.Field("updated_at").Position], row[k.Field("updated_by").Position] = s.Now(), s.by()
			fresh[i], moves[i].after = row, row
			entries[i] = s.entry(k, row, version(k, row), event, journal.Diff(k, nil, row))
		}
		noted, err := s.note(entries)
		if err != nil {
			return err
		}
		if err := s.t.Write(ctx, append([]driver.Mutation{{Kind: k, Insert: &driver.Insert{Rows: fresh}}}, noted...)...); err != nil {
			return err
		}
		typed, err := s.typed(k, event, moves)
		if err != nil {
			return err
		}
		return s.stored(ctx, k, typed)
	})
}
