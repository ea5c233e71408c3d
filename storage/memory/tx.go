package memory

import (
	"context"
	"iter"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// tx is a transaction or a savepoint. Its Conn is over its own tables, and over
// nothing once it has ended.
type tx struct {
	*eval.Conn
	tables  *eval.Tables // nil for one that only reads
	backend *backend     // set for a transaction that holds the place of the writer
	outer   *tx          // set for a savepoint
	over    bool
}

func (t *tx) Savepoint(context.Context) (driver.Tx, error) {
	switch {
	case t.over:
		return nil, errOver()
	case t.tables == nil:
		return &tx{Conn: t.Conn}, nil
	}
	tables := t.tables.Copy()
	return &tx{Conn: eval.NewConn(tables), tables: tables, outer: t}, nil
}

func (t *tx) Commit(ctx context.Context) error {
	if t.over || t.outer != nil && t.outer.over {
		return errOver()
	}
	defer t.end()
	if t.backend != nil {
		if err := t.backend.usable(ctx); err != nil {
			return err
		}
		t.backend.state.Store(t.tables)
	}
	if t.outer != nil {
		t.outer.Conn, t.outer.tables = t.Conn, t.tables
	}
	return nil
}

func (t *tx) Rollback(context.Context) error {
	if !t.over {
		t.end()
	}
	return nil
}

func (t *tx) end() {
	t.over = true
	t.Conn = eval.NewConn(nothing{})
	if t.backend != nil {
		<-t.backend.writer
	}
}

func errOver() error { return fault.New(fault.Precondition, "the transaction has ended") }

// readOnly is a state that can't be written.
type readOnly struct{ eval.Source }

func (readOnly) Put(*schema.Kind, string, driver.Row) error { return errReadOnly() }

func (readOnly) Remove(*schema.Kind, string, schema.ID) error { return errReadOnly() }

func errReadOnly() error { return fault.New(fault.Precondition, "the transaction only reads") }

// nothing is the state of a transaction that has ended.
type nothing struct{}

func (nothing) Get(*schema.Kind, string, schema.ID) (driver.Row, bool, error) {
	return nil, false, errOver()
}

func (nothing) Scan(*schema.Kind, string) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) { yield(nil, errOver()) }
}

func (n nothing) Find(k *schema.Kind, tenant string, _ *schema.Index, _ []any) iter.Seq2[driver.Row, error] {
	return n.Scan(k, tenant)
}

func (nothing) Put(*schema.Kind, string, driver.Row) error { return errOver() }

func (nothing) Remove(*schema.Kind, string, schema.ID) error { return errOver() }
