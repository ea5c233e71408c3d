package bunsql

import (
	"container/list"
	"context"
	"database/sql"
	"sync"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// cacheSize bounds the statements kept for one pool. A program has some hundred
// shapes; filters that people put together come on top.
const cacheSize = 256

// statement is a text and how to use it.
type statement struct {
	text string
	// order says which argument stands at each place; nil when it is each its
	// own, and for placeholders that are numbered.
	order    []int
	decoders []decoder
	// args is the number of arguments that collect must have found.
	args int
}

// arrange puts arguments in the order of their places.
func (st *statement) arrange(args []any) []any {
	if st.order == nil {
		return args
	}
	out := make([]any, len(st.order))
	for i, n := range st.order {
		out[i] = args[n]
	}
	return out
}

// pool is a database/sql pool with the statements made for it. db is nil for a
// pool of the host that only its transactions are known of.
type pool struct {
	d   *Dialect
	bun *bun.DB
	db  *sql.DB

	mu     sync.Mutex
	index  map[cacheKey]*list.Element
	used   *list.List // of *cached, the latest in front
	wanted []*cached  // to be prepared before the next transaction
	closed bool
}

// cacheKey holds the origin of the kind: tenants that have declared custom fields see
// kinds of their own.
type cacheKey struct {
	kind  *schema.Kind
	shape string
}

// cached is a statement in the cache. It may be dropped while somebody uses it;
// the last one then closes it. pool.mu guards all but the statement.
type cached struct {
	*statement
	key      cacheKey
	prepared *sql.Stmt // nil until it is worth it, or where the driver does it
	users    int
	dropped  bool
	wanted   bool
}

// use is a statement in somebody's hands.
type use struct {
	*cached
	stmt *sql.Stmt
}

func newPool(d *Dialect, handle *bun.DB, db *sql.DB) *pool {
	return &pool{d: d, bun: handle, db: db, index: map[cacheKey]*list.Element{}, used: list.New()}
}

// prepares reports whether statements are prepared on the pool, and not by the
// driver itself.
func (p *pool) prepares() bool { return p.db != nil && p.d.Prepare }

// statement returns the statement of a request whose shape was collected. The
// caller releases it.
//
// Preparing takes a connection of the pool. Inside a transaction that might be
// one too many, and a lock for ever on a pool of one; so a statement that is met
// twice inside transactions is prepared before the next one begins.
func (p *pool) statement(ctx context.Context, r request, s *shape, inTx bool) (use, error) {
	u, err := p.lookup(r.kind(), s.key, inTx)
	if err != nil {
		return use{}, err
	}
	if u.cached == nil {
		st, err := compile(p.d, p.bun, r)
		if err != nil {
			return use{}, err
		}
		u = p.add(&cached{statement: st, key: cacheKey{r.kind().Origin(), string(s.key)}})
	}
	if u.stmt != nil || inTx || !p.prepares() {
		return u, nil
	}
	if err = p.prepare(ctx, &u); err != nil {
		p.release(u)
	}
	return u, err
}

// errClosed is what calls after Close return.
var errClosed = fault.New(fault.Precondition, "the store is closed")

// lookup returns the statement in the cache, or nothing to use.
func (p *pool) lookup(k *schema.Kind, key []byte, inTx bool) (use, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return use{}, errClosed
	}
	at := p.index[cacheKey{k.Origin(), string(key)}]
	if at == nil {
		return use{}, nil
	}
	p.used.MoveToFront(at)
	c := at.Value.(*cached)
	c.users++
	if inTx && c.prepared == nil && !c.wanted && p.prepares() {
		c.wanted = true
		p.wanted = append(p.wanted, c)
	}
	return use{c, c.prepared}, nil
}

// add puts a statement into the cache, or marks it as dropped when another
// caller was faster.
func (p *pool) add(c *cached) use {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.users++
	if p.index[c.key] != nil {
		c.dropped = true
		return use{c, nil}
	}
	p.index[c.key] = p.used.PushFront(c)
	if p.used.Len() > cacheSize {
		p.drop(p.used.Back())
	}
	return use{c, nil}
}

func (p *pool) prepare(ctx context.Context, u *use) error {
	stmt, err := p.db.PrepareContext(ctx, u.text)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.prepared != nil { // another caller was faster
		_ = stmt.Close() //nolint:sqlclosecheck // the one that stays is closed with the cache
	} else {
		u.prepared = stmt
	}
	u.stmt = u.prepared
	return nil
}

// prepareWanted prepares what transactions have asked for.
func (p *pool) prepareWanted(ctx context.Context) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return errClosed
	}
	var list []use
	for _, c := range p.wanted {
		if c.prepared == nil && !c.dropped {
			c.users++
			list = append(list, use{cached: c})
		}
	}
	p.wanted = nil
	p.mu.Unlock()
	var err error
	for _, u := range list {
		if err == nil {
			err = p.prepare(ctx, &u)
		}
		p.release(u)
	}
	return err
}

// drop takes an entry out of the cache. p.mu is held.
func (p *pool) drop(at *list.Element) {
	c := p.used.Remove(at).(*cached)
	delete(p.index, c.key)
	c.dropped = true
	if c.users == 0 {
		c.close()
	}
}

func (p *pool) release(u use) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u.users--; u.users == 0 && u.dropped {
		u.close()
	}
}

func (c *cached) close() {
	if c.prepared != nil {
		_ = c.prepared.Close() // a statement that can't be closed goes with its connection
	}
}

// close closes the statements and refuses new ones; the database/sql pool stays.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for p.used.Len() > 0 {
		p.drop(p.used.Back())
	}
}
