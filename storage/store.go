package storage

import (
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// Store is an opened database, whatever keeps it. Adapters make it:
// sqlite.Open, postgres.Open, memory.Open. It is safe for concurrent use.
type Store struct {
	backend driver.Backend
}

// New returns the store over an adapter's backend, or over a driver.Decorator
// around that of another store. Otherwise a program calls the adapter's Open.
func New(b driver.Backend) *Store { return &Store{backend: b} }

// Driver returns the backend that the store was made over, for the adapter's own
// Join, which finds its backend by driver.Find, and for decorators around it.
func (s *Store) Driver() driver.Backend { return s.backend }

// Name returns the adapter's name: "sqlite", "postgres", "memory".
func (s *Store) Name() string { return s.backend.Info().Name }

// Close frees what the adapter opened; a pool or transaction of the host stays
// open. The store can't be used afterwards.
func (s *Store) Close() error { return wrap(s.backend, s.backend.Close()) }

// HostTx is a transaction that the host began and will end. What is done
// through it is committed or rolled back by the host alone.
type HostTx struct {
	store *Store
	tx    driver.Tx
}

// JoinTx binds a store to a transaction of the host. It is for an adapter's
// Join, which turns its host's transaction (a *sql.Tx) into a driver.Tx whose
// Commit and Rollback do nothing. The store's decorators are put around it.
func JoinTx(s *Store, tx driver.Tx) *HostTx { return &HostTx{store: s, tx: around(s.backend, tx)} }

func around(b driver.Backend, tx driver.Tx) driver.Tx {
	if d, ok := b.(driver.Decorator); ok {
		return d.Around(around(d.Beneath(), tx))
	}
	return tx
}

// Store returns the store that the transaction was joined to.
func (h *HostTx) Store() *Store { return h.store }

// wrap turns an error of a backend into the library's own. It is the one place
// where that happens. Context errors and errors of ours pass unchanged.
func wrap(b driver.Backend, err error) error {
	if err == nil || passes(err) {
		return err
	}
	f := b.Classify(err)
	return &fault.Error{Code: f.Code, Message: messages[f.Code], Err: err}
}
