package session

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// What a verb does to many records of one kind, each in its own way, goes through these: a
// few queries for all of them, hooks that get the whole page, all or none. Where some may
// be refused and the others not, Most finds out which.

// EditMany is EditAs for many records, at most query.MaxLimit, all or none: fn is called
// for each of them in the order of ids, which differ from each other. It returns the
// records in that order. Somebody else's change in between is Conflict, within a
// transaction Retry.
func (c Collection[T]) EditMany(ctx context.Context, v org.Verb, event string, ids []schema.ID, fn func(i int, record *T) error) ([]*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if event == "" {
		event = c.event("updated")
	}
	rows, err := c.s.rows(ctx, v, c.kind, ids)
	if err != nil {
		return nil, err
	}
	rules, err := c.rulesFor(ctx, event)
	if err != nil {
		return nil, err
	}
	changes := make([]change[T], len(ids))
	for i, row := range rows {
		changes[i], err = c.edited(event, row, 0, rules, func(record *T) ([]driver.Mutation, error) { return nil, fn(i, record) })
		if err != nil {
			return nil, err
		}
	}
	if err := c.mayAssign(ctx, changes); err != nil {
		return nil, err
	}
	if err := c.apply(ctx, changes); err != nil {
		if errors.Is(err, storage.ErrConflict) && c.s.t.InTx() {
			err = overtaken(c.kind, err)
		}
		return nil, err
	}
	edited := make([]*T, len(ids))
	for i, ch := range changes {
		if edited[i], err = c.blanked(ctx, ch.new); err != nil {
			return nil, err
		}
	}
	return edited, nil
}

// rows returns the rows of some records for a verb, in their order; it fails as Row does.
func (s *Session) rows(ctx context.Context, v org.Verb, k *schema.Kind, ids []schema.ID) ([]driver.Row, error) {
	if len(ids) == 1 {
		row, err := s.Row(ctx, v, k, ids[0])
		return []driver.Row{row}, err
	}
	found, err := s.rowsByID(ctx, k, ids, nil)
	if err != nil {
		return nil, err
	}
	rows := make([]driver.Row, len(ids))
	for i, id := range ids {
		if rows[i] = found[id]; rows[i] == nil {
			return nil, notFound(k, id)
		}
	}
	if s.Unbound() {
		return rows, nil
	}
	verdicts, err := s.judge(ctx, v, k, rows)
	if err != nil {
		return nil, err
	}
	return rows, firstOf(verdicts)
}

// firstOf returns the first of some errors that is one.
func firstOf(list []error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// Faults returns what is wrong with the content of each of some new records: nil, or an
// error with every offence. It says less than Create would, and sometimes more: hooks
// complete and refuse records, and they are not asked.
func (c Collection[T]) Faults(ctx context.Context, records ...*T) ([]error, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	set, err := c.s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	faults := make([]error, len(records))
	for i, given := range records {
		v := *given
		ch, err := c.created(ctx, "", &v)
		if err == nil {
			err = c.encode(set, &ch)
		}
		if err != nil && !Refused(err) {
			return nil, err
		}
		faults[i] = err
	}
	return faults, nil
}

// Refused reports whether a rule or a constraint has refused a change, which it may of one
// record and not of another.
func Refused(err error) bool {
	for _, code := range []error{fault.ErrInvalid, fault.ErrPrecondition, fault.ErrForbidden, fault.ErrExists, fault.ErrReferenced} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// Most does something to as many of a list as rules allow. When it is careful, those that
// are refused are found by halving, and left; otherwise a refusal is its error. Being
// careful takes savepoints, within which SQLite is slow: who works in transactions tries
// without first. What do leaves behind outside of the store counts once it has succeeded.
func Most[R any](ctx context.Context, s *Session, list []R, careful bool, do func(context.Context, *Session, []R) error, leave func(R, error)) error {
	if len(list) == 0 {
		return nil
	}
	if !careful {
		return do(ctx, s, list)
	}
	err := s.Tx(ctx, func(ctx context.Context, s *Session) error { return do(ctx, s, list) })
	switch {
	case err == nil || !Refused(err):
		return err
	case len(list) == 1:
		leave(list[0], err)
		return nil
	}
	half := len(list) / 2
	if err := Most(ctx, s, list[:half], careful, do, leave); err != nil {
		return err
	}
	return Most(ctx, s, list[half:], careful, do, leave)
}
