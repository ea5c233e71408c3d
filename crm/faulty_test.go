package crm_test

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// faulty is a backend whose writes or commits fail when it is told so. A write that
// fails inside a transaction has been done: taking it back is the transaction's work.
type faulty struct {
	driver.Backend
	*faults
}

// faults says what is to fail. It is for one goroutine at a time.
type faults struct {
	writeIn    int   // the write to fail, counted from 1; 0 for none
	failCommit bool  // the next commit fails before it is done
	err        error // with what
	hit        bool  // whether something has failed
}

var errDisk = errors.New("the disk is on fire")

// during does something while a write, counted from 1, or the commit is to fail.
func (f *faults) during(do func() error, write int, commit bool, err error) error {
	*f = faults{writeIn: write, failCommit: commit, err: err}
	err = do()
	f.writeIn, f.failCommit = 0, false
	return err
}

// write counts one write and says whether it fails.
func (f *faults) write() error {
	if f.writeIn--; f.writeIn != 0 {
		return nil
	}
	f.hit = true
	return f.err
}

func (f *faulty) Conn() driver.Conn { return decorate(f.Backend.Conn(), f.faults, false) }

func (f *faulty) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := f.Backend.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return decorateTx(tx, f.faults, !o.ReadOnly), nil
}

func (f *faulty) Beneath() driver.Backend { return f.Backend }

func (f *faulty) Around(tx driver.Tx) driver.Tx { return decorateTx(tx, f.faults, false) }

// faultyConn decorates a Conn, with Aggregator, BulkUpdater and Unwrapper, which all
// our adapters' have.
type faultyConn struct {
	driver.Conn
	driver.Aggregator
	driver.Unwrapper
	*faults
	late bool // a write that fails has been done
}

// batchingConn is a faultyConn over a Batcher.
type batchingConn struct{ faultyConn }

// decorate passes on whether the Conn is a Batcher.
func decorate(c driver.Conn, f *faults, late bool) driver.Conn {
	d := faultyConn{Conn: c, faults: f, late: late}
	d.Aggregator, _ = c.(driver.Aggregator)
	if d.Unwrapper, _ = c.(driver.Unwrapper); d.Unwrapper == nil {
		d.Unwrapper = opaque{}
	}
	if _, ok := c.(driver.Batcher); ok {
		return batchingConn{d}
	}
	return d
}

type opaque struct{}

func (opaque) As(any) bool { return false }

func failing[T any](c faultyConn, work func() (T, error)) (T, error) {
	broken := c.write()
	if broken != nil && !c.late {
		var none T
		return none, broken
	}
	v, err := work()
	return v, errors.Join(broken, err)
}

func (c faultyConn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	_, err := failing(c, func() (any, error) { return nil, c.Conn.Insert(ctx, k, in) })
	return err
}

func (c faultyConn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (int64, error) {
	return failing(c, func() (int64, error) { return c.Conn.Update(ctx, k, u) })
}

func (c faultyConn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (int64, error) {
	return failing(c, func() (int64, error) { return c.Conn.Delete(ctx, k, d) })
}

func (c faultyConn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (int64, error) {
	return failing(c, func() (int64, error) { return c.Conn.(driver.BulkUpdater).UpdateWhere(ctx, k, u) })
}

func (c batchingConn) Batch(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	return failing(c.faultyConn, func() ([]int64, error) { return c.Conn.(driver.Batcher).Batch(ctx, list) })
}

// ending is what a transaction has beside a Conn.
type ending struct {
	tx    driver.Tx
	f     *faults
	outer bool // no savepoint
}

// decorateTx is decorate for a transaction or savepoint.
func decorateTx(tx driver.Tx, f *faults, outer bool) driver.Tx {
	e := ending{tx, f, outer}
	switch c := decorate(tx, f, true).(type) {
	case batchingConn:
		return struct {
			batchingConn
			ending
		}{c, e}
	default:
		return struct {
			faultyConn
			ending
		}{c.(faultyConn), e}
	}
}

func (e ending) Savepoint(ctx context.Context) (driver.Tx, error) {
	sp, err := e.tx.Savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return decorateTx(sp, e.f, false), nil
}

func (e ending) Commit(ctx context.Context) error {
	if e.outer && e.f.failCommit {
		e.f.failCommit, e.f.hit = false, true
		return e.f.err
	}
	return e.tx.Commit(ctx)
}

func (e ending) Rollback(ctx context.Context) error { return e.tx.Rollback(ctx) }
