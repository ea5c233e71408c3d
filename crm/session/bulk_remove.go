package session

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// RemoveMany removes a page of records, at most query.MaxLimit, with their shares, in the
// given order, as they were read in this transaction; see ChangeMany for whom it is for and
// what it returns. Each is told to hooks and journal under the event. It is Referenced
// while others point at one of them.
func (s *Session) RemoveMany(ctx context.Context, k *schema.Kind, event string, rows []driver.Row) error {
	k, moves, err := s.wholePage(ctx, k, rows, func(row driver.Row) move { return move{before: row} })
	if err != nil || len(moves) == 0 {
		return err
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
		for i, row := range rows {
			id, was := row[k.ID().Position].(schema.ID), version(k, row)
			ids[i] = id
			list[i] = driver.Mutation{Kind: k, Delete: &driver.Delete{ID: id, IfVersion: was}}
			entries[i] = s.entry(k, row, was+1, event, journal.Diff(k, row, nil))
			s.trace.remove(entries[i], row)
		}
		if err := s.unshare(ctx, k, ids); err != nil {
			return err
		}
		noted, err := s.note(entries)
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
	var by any
	if !s.actor.Employee.IsZero() {
		by = s.actor.Employee
	}
	k, moves, err := s.wholePage(ctx, k, rows, func(row driver.Row) move { return move{after: slices.Clone(row)} })
	if err != nil || len(moves) == 0 {
		return err
	}
	return s.Whole(ctx, func(ctx context.Context, s *Session) error {
		s = s.trusted()
		fresh, entries := make([]driver.Row, len(moves)), make([]*journal.Entry, len(moves))
		for i, m := range moves {
			row := m.after
			row[k.Version().Position] = version(k, row) + 2 // its removal was a version, too
			row[k.Field("updated_at").Position], row[k.Field("updated_by").Position] = s.Now(), by
			fresh[i] = row
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

// wholePage checks what the verbs on pages ask for, and returns the kind as the tenant sees
// it and a move for each row.
func (s *Session) wholePage(ctx context.Context, k *schema.Kind, rows []driver.Row, as func(driver.Row) move) (*schema.Kind, []move, error) {
	k, err := s.paged(ctx, k, len(rows))
	moves := make([]move, len(rows))
	for i, row := range rows {
		moves[i] = as(row)
	}
	return k, moves, err
}

// paged checks that n records of the kind can be changed as a page.
func (s *Session) paged(ctx context.Context, k *schema.Kind, n int) (*schema.Kind, error) {
	if !s.t.InTx() {
		return k, fault.New(fault.Precondition, "a change of many records needs the transaction in which they were read")
	}
	if err := s.ready(ctx); err != nil {
		return k, err
	}
	k = s.Registry().Kind(k.Name())
	if k.Version() == nil || k.Field("updated_at") == nil || k.Field("updated_by") == nil {
		return k, fault.New(fault.Invalid, "%s is no kind of records with a Meta", k.Name())
	}
	if n > query.MaxLimit {
		return k, fault.New(fault.Invalid, "%d records are more than a page of %d", n, query.MaxLimit)
	}
	return k, nil
}
