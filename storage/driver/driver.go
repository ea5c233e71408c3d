// Package driver is what an adapter implements: two small interfaces over plain
// rows. It is meant for authors of adapters; everyone else uses package storage,
// which checks, stamps and classifies once for all of them.
//
// An adapter is right when storagetest.Run passes. What it may rely on: every
// query is resolved, every value is a driver value of its field, every tenant is
// non-empty, every Select has a limit and a total order. What it must do is
// written at each method; "one semantics" is defined by package eval, which an
// adapter without a query language of its own can use as its engine.
package driver

import (
	"context"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Row is one record: a value for each of Kind.Columns, in that order, or for
// each of Select.Columns, or for each key and measure of an Aggregate.
//
// A value is one of nil, bool, int64, float64, string, []byte, time.Time (UTC,
// whole microseconds), schema.Date, decimal.Decimal, schema.JSON, schema.ID, as
// the field's type says. What was inserted is returned as it was: decimals equal
// in value, JSON in its canonical text, times in UTC.
type Row = []any

// Backend is an opened database. It is safe for concurrent use.
type Backend interface {
	// Info tells what the adapter is; it does not ask the database.
	Info() Info
	// Conn returns the place where each call is its own transaction. It is nil
	// for a backend that owns no pool and only joins transactions of its host.
	Conn() Conn
	// Begin starts a transaction. Unless o.ReadOnly, it sees the latest
	// committed state and no two of them can lose each other's updates: the
	// second one either waits, or a call or Commit fails with a Fault of Retry.
	Begin(ctx context.Context, o TxOptions) (Tx, error)
	// Classify tells what an error that the backend returned means. storage
	// calls it once for each error, and never for context errors.
	Classify(err error) Fault
	// Close frees what the adapter opened, and nothing that the host did.
	Close() error
}

// Conn reads and writes records. The same methods stand on the pool, on a
// transaction, on a savepoint, and on a transaction of the host. Errors are the
// database's own; Classify reads them. A Conn that is a Tx is used by one
// goroutine at a time.
//
// The slices and values handed in are the caller's: an adapter must not keep or
// change them. Those returned are the caller's, too.
type Conn interface {
	// Insert stores rows, all or none. (In a transaction it may leave some when it
	// fails: after a failed write, the caller rolls back, if only to a savepoint.)
	// It fails with a Fault of Exists and the
	// index's name for a second row with the same unique values, of Exists
	// without a name for the same id, of Referenced and, if the database tells,
	// the name of the relation's index when a reference leads nowhere.
	//
	// A row may refer to a row before it in the same call.
	Insert(ctx context.Context, k *schema.Kind, in *Insert) error
	// Update changes one record and returns 1, or returns 0 when there is no
	// record of that tenant and id, or its version is another than IfVersion.
	// It fails as Insert does.
	Update(ctx context.Context, k *schema.Kind, u *Update) (matched int64, err error)
	// Delete removes one record, with the result of Update. It fails with a
	// Fault of Referenced when another record refers to it.
	Delete(ctx context.Context, k *schema.Kind, d *Delete) (matched int64, err error)
	// Select returns at most q.Limit rows in the order of q.Sort: those for
	// which q.Where is true and that lie inside q.Scope, after q.After. It has
	// read them all when it returns.
	Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]Row, error)
}

// Tx is a transaction, or a savepoint within one.
type Tx interface {
	Conn
	// Savepoint starts an inner transaction. Its Rollback undoes what was done
	// since and leaves the outer one usable, also after a failed statement. The
	// outer one is not used until it has ended.
	Savepoint(ctx context.Context) (Tx, error)
	// Commit makes all lasting; of a savepoint, it hands over to the outer one.
	Commit(ctx context.Context) error
	// Rollback undoes all. After Commit or Rollback it does nothing. It must
	// work when ctx is cancelled.
	Rollback(ctx context.Context) error
}

// TxOptions choose a transaction.
type TxOptions struct {
	// ReadOnly promises that nothing is written; the transaction then sees one
	// state throughout, and writers need not wait for it.
	ReadOnly bool
}

// Info describes an adapter.
type Info struct {
	// Name is short and stable: "sqlite", "postgres", "memory".
	Name string
	// MaxBatch is the number of rows that one Insert takes best; 0 for any.
	MaxBatch int
}

// Insert is the argument of Conn.Insert.
type Insert struct {
	Tenant string
	Rows   []Row
}

// Update is the argument of Conn.Update.
type Update struct {
	Tenant string
	ID     schema.ID
	// IfVersion is the version that the record must have; 0 for any. Set
	// holds the new version already.
	IfVersion int64
	Set       []Assign
}

// Delete is the argument of Conn.Delete.
type Delete struct {
	Tenant    string
	ID        schema.ID
	IfVersion int64
}

// Assign sets one column of a record.
type Assign struct {
	Field *schema.Field
	Value any
	// Add adds Value, an int64 or decimal.Decimal, to what is stored instead
	// of replacing it. Null stays null.
	Add bool
}

// Fault is what an error means.
type Fault struct {
	Code fault.Code
	// Index is the schema.Index.Name of the unique or reference that was
	// broken, for Exists and Referenced; empty when the database does not tell.
	Index string
}

// Mutation is one change; exactly one of its operations is set.
type Mutation struct {
	Kind   *schema.Kind
	Insert *Insert
	Update *Update
	Delete *Delete
}

// What follows is optional. storage looks for these interfaces on a Conn and
// does the work in plainer ways where they are missing; a caller never asks.

// Aggregator computes aggregations in the database. Without it, storage streams
// the records through package eval. The rows hold keys, then measures.
type Aggregator interface {
	Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]Row, error)
}

// BulkUpdater changes all records that a condition finds, in one statement.
// Without it, storage reads pages and updates each record.
type BulkUpdater interface {
	UpdateWhere(ctx context.Context, k *schema.Kind, u *UpdateWhere) (matched int64, err error)
}

// UpdateWhere is the argument of BulkUpdater.
type UpdateWhere struct {
	Tenant string
	Where  query.Expr
	Scope  *query.Scope
	Set    []Assign
}

// Batcher makes several changes in one round trip, in their order as far as one
// may see another. An Update or Delete that matches nothing is reported by a 0
// at its place; the others are done all the same, and the caller rolls back. On a
// pool it is given inserts only, and does all of them or none.
// Without it, storage calls one after the other.
type Batcher interface {
	Batch(ctx context.Context, list []Mutation) (matched []int64, err error)
}

// Searcher finds records by what somebody typed, by an index. Without it, storage asks
// Select: see eval.Search.
type Searcher interface {
	// Search returns at most q.Limit rows of q.Columns, each with one value more: whether
	// the record begins with the text. Those for which q.Begins is true come first, then
	// those of q.Others, each in the order of these queries.
	Search(ctx context.Context, k *schema.Kind, q *query.Search) ([]Row, error)
}

// Gatherer asks several queries at once. Without it, storage asks one after the other.
type Gatherer interface {
	// Gather returns the rows that Select returns for each of the queries, one behind the
	// other in any order. They are of one tenant and ask for the same columns, and have
	// neither a scope nor a position.
	Gather(ctx context.Context, k *schema.Kind, list []query.Select) ([]Row, error)
}

// Reader sets values where they belong while it reads, which saves a row in between
// for each record. Without it, storage takes the rows of Select.
type Reader interface {
	// Read is Select with places instead of rows: before each row it calls next,
	// which returns a place for each of q.Columns, and sets them; see Set for what
	// a place is. What was set when it fails is of no use.
	Read(ctx context.Context, k *schema.Kind, q *query.Select, next func() []any) error
}

// Unwrapper gives a port or a host the database's own handle. As sets target, a
// pointer such as **sql.Tx, and reports whether it could.
type Unwrapper interface {
	As(target any) bool
}
