package bunsql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// Backend is what the backends of both adapters have in common. An adapter embeds it
// and adds Info and Close, which closes DB first.
type Backend struct {
	DB  *DB
	DDL *DDL
}

var (
	_ driver.Migrator = Backend{}
	_ driver.Analyzer = Backend{}
)

// Conn implements driver.Backend.
func (b Backend) Conn() driver.Conn { return b.DB.Conn() }

// Begin implements driver.Backend.
func (b Backend) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if b.DB.Conn() == nil {
		return nil, fault.New(fault.Precondition, "a store without a database handle only joins transactions")
	}
	tx, err := b.DB.Begin(ctx, &sql.TxOptions{Isolation: b.DB.d.Isolation, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, err
	}
	return tx, nil
}

// Classify implements driver.Backend.
func (b Backend) Classify(err error) driver.Fault {
	if own, ok := errors.AsType[*fault.Error](err); ok {
		return driver.Fault{Code: own.Code}
	}
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return driver.Fault{Code: fault.Precondition}
	}
	return b.DB.d.Classify(err)
}

// Join binds a store over b to a transaction of the host. It fails with Precondition
// when there is none.
func (b Backend) Join(s *storage.Store, tx *sql.Tx) (*storage.HostTx, error) {
	if tx == nil {
		return nil, fault.New(fault.Precondition, "there is no transaction to join")
	}
	return storage.JoinTx(s, b.DB.Join(tx)), nil
}

// Handle returns the *sql.DB of a host's handle, and nil for a nil one.
func Handle[H *sql.DB | *bun.DB](handle H) *sql.DB {
	switch h := any(handle).(type) {
	case *sql.DB:
		return h
	case *bun.DB:
		if h != nil {
			return h.DB
		}
	}
	return nil
}
