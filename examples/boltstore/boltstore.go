package boltstore

import (
	"context"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
)

// bolt maps the file into memory. To make the map larger it waits for all readers to
// end, and who writes while they read would wait for themselves: so it is large from the
// start. That takes address space, not memory; on Windows only, the file takes that size.
const mapSize = 1 << 30

// Open opens the file, which is created when it is not there. It needs no migration.
// One process at a time has it open; another one waits for a second, and gets an error.
//
// Close waits for the transactions that are open. A file beyond a gigabyte makes a
// writer wait for readers now and then; see bbolt's DB.Begin.
func Open(path string) (*storage.Store, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, InitialMmapSize: mapSize})
	if err != nil {
		return nil, &fault.Error{Code: fault.Internal, Message: "the bolt file can't be opened", Err: err}
	}
	return storage.New(&backend{db: db, writer: make(chan struct{}, 1)}), nil
}

// backend implements driver.Backend.
type backend struct {
	db *bolt.DB
	// writer holds an element while a transaction writes. bolt has a lock for that,
	// but nobody who waits for a lock can be told that their context has ended.
	writer chan struct{}
}

// Info must not ask the database. MaxBatch stays 0: a call takes any number of rows.
func (b *backend) Info() driver.Info { return driver.Info{Name: "bolt"} }

// Conn returns the calls outside of transactions. Only a backend that knows nothing
// but transactions of its host returns nil.
func (b *backend) Conn() driver.Conn { return pool{b} }

// Begin must see the latest committed state and prevent lost updates. Waiting for
// the only writer does both, and no transaction is ever asked to be repeated.
func (b *backend) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	t, err := b.begin(ctx, o)
	if err != nil {
		return nil, err // and not t: a nil *tx in an interface is not nil
	}
	return t, nil
}

func (b *backend) begin(ctx context.Context, o driver.TxOptions) (*tx, error) {
	// A select takes any of the cases that are ready: who has given up already must
	// not be let in by chance.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		select {
		case b.writer <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	// Writers read from a snapshot, too. It is the latest state for as long as they
	// hold the place of the writer.
	read, err := b.db.Begin(false)
	if err != nil {
		if !o.ReadOnly {
			<-b.writer
		}
		return nil, err
	}
	base := snapshot{read, map[string]*eval.Tables{}}
	if o.ReadOnly {
		return &tx{Conn: eval.NewConn(base), backend: b, base: base}, nil
	}
	changes := eval.NewOverlay(base)
	return &tx{Conn: eval.NewConn(changes), backend: b, base: base, changes: changes}, nil
}

// Classify tells what an error means that came out of any method here. storage asks
// once for each, and never for errors of a context.
func (b *backend) Classify(err error) driver.Fault {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return driver.Fault{Code: fault.Precondition}
	}
	return eval.Classify(err) // anything unknown is Internal
}

// Close may be called again; calls after it fail with bolt's ErrDatabaseNotOpen.
func (b *backend) Close() error { return b.db.Close() }
