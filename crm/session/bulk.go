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
// with the fields as the actor sees them. For org.Export the journal tells of the page (see
// Exported), which a transaction that only reads can't.
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
	if err == nil && v == org.Export && len(page.Rows) > 0 {
		err = s.Exported(ctx, k, len(page.Rows))
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
// asks for none. Hooks of the kind get the whole page, under the event; records that one
// of them changes further are validated, and stored by a statement for each way in which
// they were changed.
//
// It is Precondition outside a transaction, and Retry when somebody else has changed one
// of the records since it was read: the transaction runs again, and must read again.
func (s *Session) ChangeMany(ctx context.Context, k *schema.Kind, event string, list ...Bulk) error {
	k, err := s.bulkKind(ctx, k)
	if err != nil {
		return err
	}
	page := newChanges(s, k, list)
	if err := fitsPage(len(page.moves)); err != nil || len(page.moves) == 0 {
		return err
	}
	return s.Whole(ctx, func(ctx context.Context, s *Session) error { return s.trusted().changeMany(ctx, k, event, page) })
}

// changes are what a page of records becomes. In a page that is being removed nothing stands
// after a move, in one that is being restored nothing before it.
type changes struct {
	moves []move
	// by holds for each move the number of its Bulk, and sets what each of those sets.
	by   []int
	sets [][]driver.Assign
	// own says which moves a hook has changed further, each in a way of its own.
	own []bool
}

func newChanges(s *Session, k *schema.Kind, list []Bulk) *changes {
	page := &changes{}
	for n, bulk := range list {
		page.sets = append(page.sets, append(slices.Clip(bulk.Set),
			driver.Assign{Field: k.Field("updated_at"), Value: s.Now()}, driver.Assign{Field: k.Field("updated_by"), Value: s.by()}))
		for _, row := range bulk.Rows {
			if !slices.ContainsFunc(bulk.Set, func(a driver.Assign) bool { return !journal.Same(row[a.Field.Position], a.Value) }) {
				continue
			}
			after := slices.Clone(row)
			for _, a := range page.sets[n] {
				after[a.Field.Position] = a.Value
				if folded := k.Folded(a.Field); folded != nil {
					text, _ := a.Value.(string)
					after[folded.Position] = schema.Fold(text)
				}
			}
			after[k.Version().Position] = version(k, row) + 1
			page.moves, page.by = append(page.moves, move{row, after}), append(page.by, n)
		}
	}
	page.own = make([]bool, len(page.moves))
	return page
}

// by returns who acts as a driver value; nil for the system.
func (s *Session) by() any {
	if s.actor.IsSystem() {
		return nil
	}
	return s.actor.Employee
}

// bulkKind returns a kind as the tenant sees it, when records of it can be changed many at
// a time, here.
func (s *Session) bulkKind(ctx context.Context, k *schema.Kind) (*schema.Kind, error) {
	if !s.t.InTx() {
		return nil, fault.New(fault.Precondition, "a change of many records needs the transaction in which they were read")
	}
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	own := s.Registry().Kind(k.Name())
	if own.Version() == nil || own.Field("updated_at") == nil || own.Field("updated_by") == nil {
		return nil, fault.New(fault.Invalid, "%s is no kind of records with a Meta", k.Name())
	}
	return own, nil
}

func fitsPage(n int) error {
	if n > query.MaxLimit {
		return fault.New(fault.Invalid, "%d records are more than a page of %d", n, query.MaxLimit)
	}
	return nil
}

func version(k *schema.Kind, row driver.Row) int64 { return row[k.Version().Position].(int64) }

func (s *Session) changeMany(ctx context.Context, k *schema.Kind, event string, page *changes) error {
	typed, err := s.typed(k, event, page.moves)
	if err != nil {
		return err
	}
	if s.core.hooks.any(k.Name(), before) {
		if err := s.core.hooks.fire(ctx, s, k.Name(), before, typed.writes()); err != nil {
			return err
		}
		if err := typed.revise(ctx, s, page); err != nil {
			return err
		}
	}
	if err := s.storeMany(ctx, k, event, page); err != nil {
		return err
	}
	return s.stored(ctx, k, typed)
}

// typed returns a page of moves as hooks of the kind see it; nil where there are none.
func (s *Session) typed(k *schema.Kind, event string, moves []move) (typedPage, error) {
	if hooks := s.core.hooks[k.Name()]; len(hooks) > 0 {
		return hooks[0].typed(s, event, moves)
	}
	return nil, nil
}

// stored runs the hooks that follow a page.
func (s *Session) stored(ctx context.Context, k *schema.Kind, typed typedPage) error {
	h, name := s.core.hooks, k.Name()
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
		entries[i] = s.entry(k, m.after, was+1, event, journal.Diff(k, m.before, m.after))
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
	told, err := s.told(k, event, page.moves)
	if err != nil {
		return err
	}
	noted, err := s.note(entries)
	if err != nil {
		return err
	}
	err = s.t.Write(ctx, slices.Concat(own, told, noted)...)
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
	// revise takes over what hooks have changed in records that are there after it.
	revise(ctx context.Context, s *Session, page *changes) error
	// given reports which of the records a hook has given up.
	given(page *changes) []bool
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
		w := Write[T]{Event: event}
		var errs [2]error
		if m.before != nil {
			w.Old = new(T)
			errs[0] = p.table.DecodeInto(m.before, w.Old)
		}
		if m.after != nil {
			w.New = new(T)
			errs[1] = p.table.DecodeInto(m.after, w.New)
			p.metas[i] = *header(w.New)
		}
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		p.list[i] = w
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
	further := &ways{}
	for i, w := range p.list {
		if w.New == nil {
			continue
		}
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
		page.moves[i].after = ch.after
		page.own[i] = !further.add(c.kind, i, page.moves[i])
	}
	further.regroup(page)
	return nil
}

func (p *pageOf[T]) given(page *changes) []bool {
	given := make([]bool, len(p.list))
	for i, w := range p.list {
		given[i] = w.New == nil && page.moves[i].after != nil
	}
	return given
}

// ways are the moves that a hook has changed further, by what each of them sets.
type ways struct {
	sets  [][]driver.Assign
	moves [][]int
}

// fewWays is the number of ways that are told apart. Moves of others are stored one by one.
const fewWays = 8

// add adds a move, and reports whether there is a way for it.
func (w *ways) add(k *schema.Kind, i int, m move) bool {
	var set []driver.Assign
	for at, f := range k.Columns() {
		if f != k.Version() && !f.Derived() && !journal.Same(m.before[at], m.after[at]) {
			set = append(set, driver.Assign{Field: f, Value: m.after[at]})
		}
	}
	same := func(a, b driver.Assign) bool { return a.Field == b.Field && journal.Same(a.Value, b.Value) }
	at := slices.IndexFunc(w.sets, func(other []driver.Assign) bool { return slices.EqualFunc(set, other, same) })
	switch {
	case at >= 0:
		w.moves[at] = append(w.moves[at], i)
	case len(w.sets) == fewWays:
		return false
	default:
		w.sets, w.moves = append(w.sets, set), append(w.moves, []int{i})
	}
	return true
}

// regroup makes one change of all that were changed in the same way.
func (w *ways) regroup(page *changes) {
	for n, moves := range w.moves {
		if len(moves) == 1 {
			page.own[moves[0]] = true
			continue
		}
		page.sets = append(page.sets, w.sets[n])
		for _, i := range moves {
			page.by[i] = len(page.sets) - 1
		}
	}
}
