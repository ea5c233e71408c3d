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

// New returns the store over an adapter's backend. It is for authors of
// adapters; a program calls the adapter's Open.
func New(b driver.Backend) *Store { return &Store{backend: b} }

// Driver returns the adapter's backend, for the adapter's own Join and for
// decorators that wrap it.
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
// Commit and Rollback do nothing.
func JoinTx(s *Store, tx driver.Tx) *HostTx { return &HostTx{store: s, tx: tx} }

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
