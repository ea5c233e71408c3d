package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// Open opens the database in a file, which is created when it is not there. The
// path is a plain path. A database in memory is refused: each connection would
// have its own; package memory is made for that.
func Open(ctx context.Context, path string, options ...Option) (*storage.Store, error) {
	s := defaults()
	for _, option := range options {
		option(&s)
	}
	b, err := open(ctx, path, s)
	if err != nil {
		return nil, err
	}
	return storage.New(b), nil
}

func open(ctx context.Context, path string, s settings) (*backend, error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return nil, fault.New(fault.Invalid, "sqlite keeps records in a file; for a store in memory open package storage/memory")
	}
	if strings.HasPrefix(path, "file:") {
		return nil, fault.New(fault.Invalid, "give a plain path and options instead of a file: URI")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "the path can't be made absolute", Err: err}
	}
	write, err := s.pool(ctx, s.uri(full, true), 1)
	if err != nil {
		return nil, err
	}
	read, err := s.pool(ctx, s.uri(full, false), s.readers)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return newBackend(bunsql.NewDB(newDialect(), write, read), write, read), nil
}

// uri returns the address of a file with the settings of a connection. The busy
// timeout comes first, so that the others can wait.
func (s settings) uri(path string, writes bool) string {
	pragmas := []string{fmt.Sprintf("busy_timeout(%d)", s.busyTimeout.Milliseconds())}
	if writes {
		pragmas = append(pragmas, "journal_mode(WAL)")
	} else {
		pragmas = append(pragmas, "query_only(1)")
	}
	pragmas = append(pragmas,
		"synchronous("+s.synchronous+")",
		fmt.Sprintf("cache_size(%d)", -s.cacheKiB),
		fmt.Sprintf("mmap_size(%d)", s.mmap),
		"temp_store(MEMORY)")
	q := url.Values{"_pragma": pragmas}
	if writes {
		q.Set("_txlock", "immediate")
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive letter
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// pool opens n connections that are kept: statements are prepared for each.
func (s settings) pool(ctx context.Context, uri string, n int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	if err := s.connect(ctx, db); err != nil {
		return nil, errors.Join(&fault.Error{Code: fault.Internal, Message: "the database file can't be opened", Err: err}, db.Close())
	}
	return db, nil
}

// connect makes the first connection. SQLite itself does not wait, whatever the busy
// timeout, where several programs turn on the write-ahead log of one new file.
func (s settings) connect(ctx context.Context, db *sql.DB) error {
	patience, cancel := context.WithTimeout(ctx, s.busyTimeout)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil || classify(err).Code != fault.Retry {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-patience.Done():
			return err
		}
	}
}

// New returns a store over the host's handle, which must be one of the driver
// modernc.org/sqlite and stays the host's to close. A nil handle makes a store
// that can only Join transactions.
//
// The handle's settings are the host's. Several connections need a busy timeout,
// and PRAGMA settings must stand in the address, since one that is executed
// reaches only one connection. Transactions that write take the write lock at
// their start, whatever the handle's _txlock says.
func New[H *sql.DB | *bun.DB](handle H) *storage.Store {
	db := bunsql.Handle(handle)
	// database/sql begins with a plain BEGIN here, and nothing but a new one
	// can take the lock before the first read.
	return storage.New(newBackend(bunsql.NewDB(newDialect(), db, db, "COMMIT", "BEGIN IMMEDIATE")))
}

// Join binds a store of this package to a transaction that the host began on the
// same database, and will commit or roll back itself. It fails with Precondition
// for a store of another adapter and without a transaction. A transaction that
// has ended is found out by its first statement, which fails with Precondition.
func Join(s *storage.Store, tx *sql.Tx) (*storage.HostTx, error) {
	b, ok := driver.Find[*backend](s.Driver())
	if !ok {
		return nil, fault.New(fault.Precondition, "a %s store can't join a transaction of sqlite", s.Name())
	}
	return b.Join(s, tx)
}

// backend implements driver.Backend.
type backend struct {
	bunsql.Backend
	own []*sql.DB // what Open opened: the writer, then the readers
}

var (
	_ driver.Backend  = (*backend)(nil)
	_ driver.Migrator = (*backend)(nil)
)

func newBackend(db *bunsql.DB, own ...*sql.DB) *backend {
	return &backend{bunsql.Backend{DB: db, DDL: newDDL()}, own}
}

// Info implements driver.Backend.
func (b *backend) Info() driver.Info { return driver.Info{Name: "sqlite"} }

// Close implements driver.Backend. It refreshes the planner's statistics, which
// is cheap when little has changed.
func (b *backend) Close() error {
	b.DB.Close()
	if b.own == nil {
		return nil
	}
	write, read := b.own[0], b.own[1]
	// Without fresh statistics the next process is slower, and no worse.
	_, _ = write.ExecContext(context.Background(), "PRAGMA optimize")
	return errors.Join(read.Close(), write.Close()) // the last one to close removes the log
}
