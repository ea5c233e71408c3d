package storage

import (
	"context"
	"errors"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// Attempts is how often a transaction of ours is run before Retry is returned.
const Attempts = 10

// txState is one transaction or savepoint while it is open.
type txState struct {
	store  *Store
	tx     driver.Tx
	host   bool // the host's own, not a savepoint within it
	now    time.Time
	failed error // the write that failed; nothing more may follow
	inner  bool  // a savepoint within it is open
	writes int   // made in it so far
	done   bool
}

type txKey struct{}

// Tx runs fn in a transaction: all of it happens, or none. Called on a handle
// that is in a transaction already, it makes a savepoint, whose failure leaves
// the outer transaction usable.
//
// fn gets a handle bound to the transaction and a context that marks it: using a
// handle from outside with that context fails at once with Precondition, instead
// of waiting for itself. When the database asks for it (Retry), the outermost
// transaction is rolled back and fn is run again, up to Attempts times; fn must
// therefore have no effect but on its handle and on variables that it sets anew.
// A transaction of the host is never repeated.
//
// A panic in fn rolls back and goes on.
func (t *Tenant) Tx(ctx context.Context, fn func(ctx context.Context, tx *Tenant) error) error {
	return t.transaction(ctx, driver.TxOptions{}, fn)
}

// Whole runs a verb of several writes, which all happen or none: in a transaction of its
// own or, in a host's, in a savepoint. In a transaction of ours it needs neither: when fn
// fails after it has written, that transaction has failed, as after any failed write, and
// takes no more calls. A verb that fails before it writes leaves the transaction usable.
func (t *Tenant) Whole(ctx context.Context, fn func(ctx context.Context, tx *Tenant) error) error {
	if t.tx == nil || t.tx.host {
		return t.Tx(ctx, fn)
	}
	if err := t.check(ctx); err != nil {
		return err
	}
	before := t.tx.writes
	err := fn(ctx, t)
	if err != nil && t.tx.failed == nil && t.tx.writes != before {
		t.tx.failed = err
	}
	return err
}

// Read runs fn in a transaction that only reads and sees one state throughout.
// Within a transaction it is that transaction.
func (t *Tenant) Read(ctx context.Context, fn func(ctx context.Context, tx *Tenant) error) error {
	if t.tx != nil {
		if err := t.check(ctx); err != nil {
			return err
		}
		return fn(ctx, t)
	}
	return t.transaction(ctx, driver.TxOptions{ReadOnly: true}, fn)
}

func (t *Tenant) transaction(ctx context.Context, o driver.TxOptions, fn func(context.Context, *Tenant) error) error {
	if err := t.check(ctx); err != nil {
		return err
	}
	b := t.db.store.backend
	if t.tx != nil {
		sp, err := t.tx.tx.Savepoint(ctx)
		if err != nil {
			return t.fail(wrap(b, err))
		}
		t.tx.inner = true
		defer func() { t.tx.inner = false }()
		state := &txState{store: t.db.store, tx: sp, now: t.tx.now}
		if err = t.run(ctx, state, fn); err == nil {
			t.tx.writes += state.writes
		}
		return err
	}
	if t.conn == nil {
		return fault.New(fault.Precondition, "this store has no connection of its own: join a transaction of the host")
	}
	return t.retry(ctx, func() error {
		tx, err := b.Begin(ctx, o)
		if err != nil {
			return wrap(b, err)
		}
		return t.run(ctx, &txState{store: t.db.store, tx: tx, now: t.db.clock()}, fn)
	})
}

// run runs fn in an open transaction and ends it.
func (t *Tenant) run(ctx context.Context, state *txState, fn func(context.Context, *Tenant) error) (err error) {
	b := t.db.store.backend
	committed := false
	defer func() {
		state.done = true
		if !committed {
			// The error that led here is the one to report. Rolling back must
			// work although ctx may be the reason for it.
			rollback := state.tx.Rollback(context.WithoutCancel(ctx))
			if err == nil {
				err = wrap(b, rollback)
			}
		}
	}()
	inner := *t
	inner.conn, inner.tx = state.tx, state
	if err = fn(context.WithValue(ctx, txKey{}, state), &inner); err != nil {
		return err
	}
	if state.failed != nil {
		return state.failed // fn swallowed it; the transaction can't stand
	}
	if err = state.tx.Commit(ctx); err != nil {
		return wrap(b, err)
	}
	committed = true
	return nil
}

// retry runs fn until it returns something else than Retry, with growing pauses
// that differ between callers.
func (t *Tenant) retry(ctx context.Context, fn func() error) error {
	for attempt := 1; ; attempt++ {
		err := fn()
		if err == nil || attempt == Attempts || !errors.Is(err, fault.ErrRetry) {
			return err
		}
		timer := time.NewTimer(pause(attempt, t.db.newID()))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// pause is between half and all of 2, 4, 8 … 512 ms. Its jitter comes from the
// last byte of a fresh id, so that nothing but the injected source is random.
func pause(attempt int, id [16]byte) time.Duration {
	full := time.Millisecond << min(attempt, 9)
	return full/2 + full/2*time.Duration(id[15])/255
}

// check refuses a handle whose transaction has ended or failed, and one from
// outside the transaction that ctx is marked with.
func (t *Tenant) check(ctx context.Context) error {
	if t.tx != nil {
		if t.tx.done {
			return fault.New(fault.Precondition, "the transaction has ended")
		}
		if t.tx.inner {
			return fault.New(fault.Precondition, "a nested transaction is open: use the handle that its function was given")
		}
		if t.tx.failed != nil {
			return &fault.Error{Code: fault.Precondition, Message: "a write in this transaction has failed; return its error, or try things in a nested Tx", Err: t.tx.failed}
		}
	}
	mark, _ := ctx.Value(txKey{}).(*txState)
	if mark != nil && mark != t.tx && mark.store == t.db.store && !mark.done {
		return fault.New(fault.Precondition, "a handle from outside was used within a transaction: use the one that the transaction's function was given")
	}
	return nil
}

// fail notes that a write failed in a transaction of ours.
func (t *Tenant) fail(err error) error {
	if err != nil && t.tx != nil && !t.tx.host {
		t.tx.failed = err
	}
	return err
}
