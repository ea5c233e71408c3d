package session

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A verb on many records of any kind works in pages of rows: it reads one with Judged,
// chooses, and changes the page with ChangeMany, in one transaction for each page.

// Judged returns a page of the records of a kind that the query finds, as rows, and for
// each what keeps the actor from the verb: nil, or Forbidden. Records that the actor may
// not even read are left out, so that a page may be short or empty and have a next one.
// Permission is asked of the page as a whole, in at most two queries.
func (s *Session) Judged(ctx context.Context, v org.Verb, k *schema.Kind, q query.Select) (storage.Rows, []error, error) {
	if err := s.ready(ctx); err != nil {
		return storage.Rows{}, nil, err
	}
	k = s.Registry().Kind(k.Name())
	q, err := s.guardSelect(ctx, k, q)
	if err != nil {
		return storage.Rows{}, nil, err
	}
	page, err := s.t.Select(ctx, k, q, nil)
	if err != nil || s.Unbound() {
		return page, make([]error, len(page.Rows)), err
	}
	verdicts, err := s.judge(ctx, v, k, page.Rows)
	if err != nil {
		return storage.Rows{}, nil, err
	}
	seen := storage.Rows{Next: page.Next}
	var kept []error
	for i, row := range page.Rows {
		if !errors.Is(verdicts[i], storage.ErrNotFound) {
			seen.Rows, kept = append(seen.Rows, row), append(kept, verdicts[i])
		}
	}
	return seen, kept, nil
}

// Seen returns a page of the records of a kind to which the actor may do the verb, as rows,
// with the fields as the actor sees them.
func (s *Session) Seen(ctx context.Context, v org.Verb, k *schema.Kind, q query.Select) (storage.Rows, error) {
	if err := s.ready(ctx); err != nil {
		return storage.Rows{}, err
	}
	k = s.Registry().Kind(k.Name())
	scope, err := s.Scope(ctx, v, k)
	if err != nil {
		return storage.Rows{}, err
	}
	if q, err = s.guardSelect(ctx, k, q); err != nil {
		return storage.Rows{}, err
	}
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return storage.Rows{}, err
	}
	page, err := s.t.Select(ctx, k, q, scope)
	for i, row := range page.Rows {
		if page.Rows[i], err = blanked(k, row, rules); err != nil {
			break
		}
	}
	return page, err
}

// Bulk is one change of some records.
type Bulk struct {
	// Rows are the records as they were read in this transaction.
	Rows []driver.Row
	// Set is what becomes of each: driver values of fields of the kind, without Add.
	Set []driver.Assign
}

// ChangeMany changes a page of records, at most query.MaxLimit in all: one statement for
// each of the changes, one for the journal entries, one for the outbox. A record that
// would stay as it is, is left alone. The versions of the others go up by one.
//
// It is for verbs of the library's modules that have asked for permission themselves, and
// asks for none. Hooks of the kind get the whole page, under the event; a record that one
// of them changes further is validated and stored by a statement of its own.
//
// It is Precondition outside a transaction, and Retry when somebody else has changed one
// of the records since it was read: the transaction runs again, and must read again.
func (s *Session) ChangeMany(ctx context.Context, k *schema.Kind, event string, list ...Bulk) error {
	if !s.t.InTx() {
		return fault.New(fault.Precondition, "a change of many records needs the transaction in which they were read")
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	k = s.Registry().Kind(k.Name())
	if k.Version() == nil || k.Field("updated_at") == nil || k.Field("updated_by") == nil {
		return fault.New(fault.Invalid, "%s is no kind of records with a Meta", k.Name())
	}
	page := newChanges(s, k, list)
	switch n := len(page.moves); {
	case n == 0:
		return nil
	case n > query.MaxLimit:
		return fault.New(fault.Invalid, "%d records are more than a page of %d", n, query.MaxLimit)
	}
	return s.Whole(ctx, func(ctx context.Context, s *Session) error { return s.trusted().changeMany(ctx, k, event, page) })
}

// changes are what a page of records becomes.
type changes struct {
	moves []move
	// by holds for each move the number of its Bulk, and sets what each of those sets.
	by   []int
	sets [][]driver.Assign
	// own says which moves a hook has changed further.
	own []bool
}

func newChanges(s *Session, k *schema.Kind, list []Bulk) *changes {
	page := &changes{}
	var by any
	if !s.actor.Employee.IsZero() {
		by = s.actor.Employee
	}
	for n, bulk := range list {
		page.sets = append(page.sets, append(slices.Clip(bulk.Set),
			driver.Assign{Field: k.Field("updated_at"), Value: s.Now()}, driver.Assign{Field: k.Field("updated_by"), Value: by}))
		for _, row := range bulk.Rows {
			if !slices.ContainsFunc(bulk.Set, func(a driver.Assign) bool { return !journal.Same(row[a.Field.Position], a.Value) }) {
				continue
			}
			after := slices.Clone(row)
			for _, a := range page.sets[n] {
				after[a.Field.Position] = a.Value
			}
			after[k.Version().Position] = version(k, row) + 1
			page.moves, page.by = append(page.moves, move{row, after}), append(page.by, n)
		}
	}
	page.own = make([]bool, len(page.moves))
	return page
}

func version(k *schema.Kind, row driver.Row) int64 { return row[k.Version().Position].(int64) }

func (s *Session) changeMany(ctx context.Context, k *schema.Kind, event string, page *changes) error {
	h, name := s.core.hooks, k.Name()
	var typed typedPage
	if h.any(name, before, after, committed) {
		var err error
		if typed, err = h[name][0].typed(s, event, page.moves); err != nil {
			return err
		}
	}
	if h.any(name, before) {
		if err := h.fire(ctx, s, name, before, typed.writes()); err != nil {
			return err
		}
		if err := typed.revise(ctx, s, page); err != nil {
			return err
		}
	}
	if err := s.storeMany(ctx, k, event, page); err != nil {
		return err
	}
	if h.any(name, after) {
		if err := h.fire(ctx, s, name, after, typed.writes()); err != nil {
			return err
		}
	}
	if h.any(name, committed) {
		s.committed = append(s.committed, func(ctx context.Context) { _ = h.fire(ctx, nil, name, committed, typed.writes()) })
	}
	return nil
}

// storeMany writes the records, their journal entries and outbox rows.
func (s *Session) storeMany(ctx context.Context, k *schema.Kind, event string, page *changes) error {
	alike := make([][]driver.Row, len(page.sets))
	var own []driver.Mutation
	entries := make([]*journal.Entry, len(page.moves))
	for i, m := range page.moves {
		id, was := m.before[k.ID().Position].(schema.ID), version(k, m.before)
		entries[i] = s.entry(k, id, was+1, event, journal.Diff(k, m.before, m.after))
		if !page.own[i] {
			alike[page.by[i]] = append(alike[page.by[i]], m.before)
			continue
		}
		u := &driver.Update{ID: id, IfVersion: was}
		for at, f := range k.Columns() {
			if !journal.Same(m.before[at], m.after[at]) {
				u.Set = append(u.Set, driver.Assign{Field: f, Value: m.after[at]})
			}
		}
		own = append(own, driver.Mutation{Kind: k, Update: u})
	}
	for n, rows := range alike {
		if err := s.updateAsRead(ctx, k, rows, page.sets[n]); err != nil {
			return err
		}
	}
	noted, err := s.note(entries)
	if err != nil {
		return err
	}
	err = s.t.Write(ctx, append(own, noted...)...)
	if errors.Is(err, storage.ErrConflict) {
		return overtaken(k, err)
	}
	return err
}

// maxVersions bounds the versions that one statement tells apart.
const maxVersions = 100

// updateAsRead changes rows that are still as they were read.
func (s *Session) updateAsRead(ctx context.Context, k *schema.Kind, rows []driver.Row, set []driver.Assign) error {
	ids := map[int64][]schema.ID{}
	var versions []int64
	for _, row := range rows {
		v := version(k, row)
		if ids[v] == nil {
			versions = append(versions, v)
		}
		ids[v] = append(ids[v], row[k.ID().Position].(schema.ID))
	}
	for some := range slices.Chunk(versions, maxVersions) {
		var all []schema.ID
		read := query.Or{}
		for _, v := range some {
			all = append(all, ids[v]...)
			read = append(read, query.All(query.Eq(k.Version().Name, v), query.In("id", ids[v]...)))
		}
		where := read[0]
		if len(some) > 1 {
			where = query.All(query.In("id", all...), read)
		}
		matched, err := s.t.UpdateWhere(ctx, k, where, nil, set)
		if err != nil {
			return err
		}
		if matched != int64(len(all)) {
			return overtaken(k, nil)
		}
	}
	return nil
}

func overtaken(k *schema.Kind, err error) error {
	return &fault.Error{Code: fault.Retry, Kind: k.Name(), Message: "somebody else changed some of the records at the same time", Err: err}
}

// typedPage is a page of changes as the hooks of a kind see it.
type typedPage interface {
	// writes returns the []Write[T].
	writes() any
	// revise takes over what hooks have changed.
	revise(ctx context.Context, s *Session, page *changes) error
}

type pageOf[T any] struct {
	table storage.Table[T]
	list  []Write[T]
	// metas are those of the new records, which hooks don't change.
	metas []record.Meta
}

func newPage[T any](s *Session, d schema.Definition[T], event string, moves []move) (typedPage, error) {
	p := &pageOf[T]{table: storage.Of(s.t, d), list: make([]Write[T], len(moves)), metas: make([]record.Meta, len(moves))}
	for i, m := range moves {
		w := Write[T]{event, new(T), new(T)}
		if err := errors.Join(p.table.DecodeInto(m.before, w.Old), p.table.DecodeInto(m.after, w.New)); err != nil {
			return nil, err
		}
		p.list[i], p.metas[i] = w, *header(w.New)
	}
	return p, nil
}

func (p *pageOf[T]) writes() any { return p.list }

func (p *pageOf[T]) revise(ctx context.Context, s *Session, page *changes) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	c := Collection[T]{s, p.table, p.table.Kind()}
	for i, w := range p.list {
		custom := header(w.New).Custom
		*header(w.New) = p.metas[i]
		header(w.New).Custom = custom
		row, err := p.table.Encode(w.New)
		if err != nil {
			return err
		}
		if slices.EqualFunc(row, page.moves[i].after, journal.Same) {
			continue
		}
		ch := change[T]{old: w.Old, new: w.New, before: page.moves[i].before}
		if err := c.encode(set, &ch); err != nil {
			return err
		}
		page.moves[i].after, page.own[i] = ch.after, true
	}
	return nil
}
