package memory

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
)

// Open returns an empty store. It needs no migration.
func Open() *storage.Store { return storage.New(New()) }

// New returns the backend of an empty store, for who wraps backends.
func New() driver.Backend {
	b := &backend{writer: make(chan struct{}, 1), closed: make(chan struct{})}
	b.state.Store(eval.NewTables())
	return b
}

type backend struct {
	state  atomic.Pointer[eval.Tables] // never changed once it stands here
	writer chan struct{}               // holds an element while there is a writer
	closed chan struct{}
	once   sync.Once
}

func (b *backend) Info() driver.Info { return driver.Info{Name: "memory"} }

func (b *backend) Conn() driver.Conn { return pool{b} }

func (b *backend) Classify(err error) driver.Fault { return eval.Classify(err) }

func (b *backend) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

func (b *backend) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if o.ReadOnly {
		c, err := b.read(ctx)
		if err != nil {
			return nil, err
		}
		return &tx{Conn: c}, nil
	}
	return b.begin(ctx)
}

// read returns the latest committed state, which can't be written.
func (b *backend) read(ctx context.Context) (*eval.Conn, error) {
	if err := b.usable(ctx); err != nil {
		return nil, err
	}
	return eval.NewConn(readOnly{b.state.Load()}), nil
}

// begin waits for the place of the writer.
func (b *backend) begin(ctx context.Context) (*tx, error) {
	if err := b.usable(ctx); err != nil {
		return nil, err
	}
	select {
	case b.writer <- struct{}{}:
	case <-b.closed:
		return nil, errClosed()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	tables := b.state.Load().Copy()
	return &tx{Conn: eval.NewConn(tables), tables: tables, backend: b}, nil
}

func (b *backend) usable(ctx context.Context) error {
	select {
	case <-b.closed:
		return errClosed()
	default:
		return ctx.Err()
	}
}

func errClosed() error { return fault.New(fault.Precondition, "the store is closed") }
