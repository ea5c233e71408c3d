package boltstore

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/schema"
)

// tx is a transaction or a savepoint: a snapshot of the file and the changes to it,
// which wait in memory until Commit. Nothing is written to the file before, so that
// there is never anything to undo.
//
// The embedded Conn, which works on changes, or on base where nothing may change, makes
// it a driver.Conn, driver.Aggregator and driver.BulkUpdater.
type tx struct {
	*eval.Conn
	backend *backend
	base    snapshot
	changes *eval.Overlay // nil for one that only reads
	outer   *tx           // set for a savepoint
	ended   bool
}

// Savepoint starts an inner transaction on a copy of the changes, which costs the
// same for few and for many.
func (t *tx) Savepoint(context.Context) (driver.Tx, error) {
	if t.over() {
		return nil, errOver()
	}
	inner := &tx{Conn: t.Conn, backend: t.backend, base: t.base, outer: t}
	if t.changes != nil {
		inner.changes = t.changes.Copy()
		inner.Conn = eval.NewConn(inner.changes)
	}
	return inner, nil
}

// Commit of a savepoint hands its changes to the outer transaction; of a transaction,
// it writes them to the file. When it fails, nothing was done and the transaction has
// ended all the same. It must not say that it failed when it did not: so the context
// is asked before, and not after.
func (t *tx) Commit(ctx context.Context) error {
	if t.over() {
		return errOver()
	}
	defer t.end()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case t.changes == nil:
		return nil
	case t.outer != nil:
		t.outer.Conn, t.outer.changes = t.Conn, t.changes
		return nil
	}
	// The snapshot goes first, lest bolt wait for it while this goroutine waits for
	// bolt. Nobody writes in between: end, which runs later, frees the place.
	_ = t.base.tx.Rollback()
	return t.backend.db.Update(func(w *bolt.Tx) error { return t.changes.Changes(into(w)) })
}

// into returns the visit of eval.Overlay's Changes that makes them in the file. Bolt
// has written and synced all of them when Update returns, or none.
func into(w *bolt.Tx) func(*schema.Kind, string, schema.ID, driver.Row) error {
	return func(k *schema.Kind, tenant string, id schema.ID, row driver.Row) error {
		kind, err := w.CreateBucketIfNotExists([]byte(k.Name()))
		if err != nil {
			return err
		}
		records, err := kind.CreateBucketIfNotExists([]byte(tenant))
		if err != nil {
			return err
		}
		if row == nil {
			return records.Delete(id[:])
		}
		raw, err := driver.MarshalRecord(k, row)
		if err != nil {
			return err
		}
		return records.Put(id[:], raw)
	}
}

// Rollback is deferred: it may come after the end, and after that of its context.
func (t *tx) Rollback(context.Context) error {
	t.end()
	return nil
}

// over reports whether the transaction has ended, or one around it.
func (t *tx) over() bool { return t.ended || t.outer != nil && t.outer.over() }

// end leaves nothing behind that others wait for. Calls that still come find the zero
// snapshot, which refuses them.
func (t *tx) end() {
	if t.ended {
		return
	}
	t.ended = true
	t.Conn = eval.NewConn(snapshot{})
	if t.outer == nil {
		_ = t.base.tx.Rollback() // after Commit it is closed already, and says so
		if t.changes != nil {
			<-t.backend.writer
		}
	}
}
