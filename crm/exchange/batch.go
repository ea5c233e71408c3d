package exchange

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// batchLines is the number of lines that are done in one transaction.
const batchLines = 500

// batch is some lines of a list that are done in one transaction. What comes out is as if
// they were done one after the other, wherever the list is cut.
type batch struct {
	*form
	list   []*entry
	stored map[string]*found       // records by key
	parts  []map[partOf]driver.Row // by part of the target; none for the record itself
	check  *checker                // nil when the lines are applied
}

// partOf is where a part of a record is.
type partOf struct {
	whole schema.ID
	key   string
}

// run does the lines. When it is careful, it finds out which ones are refused; otherwise a
// refusal by more than a line's own content is its error.
func (b *batch) run(ctx context.Context, s *session.Session, careful bool) error {
	if err := b.refer(ctx, s, b.list); err != nil {
		return err
	}
	if err := b.find(ctx, s); err != nil {
		return err
	}
	for pending := b.list; len(pending) > 0; {
		r := b.next(pending)
		pending = pending[r.lines:]
		now, err := b.sift(ctx, s, r.work)
		if err != nil {
			return err
		}
		if err := b.write(ctx, s, now, careful); err != nil {
			return err
		}
		for _, w := range r.work {
			w.lead(b.form)
		}
		if err := b.explain(ctx, s, r.bad); err != nil {
			return err
		}
	}
	return nil
}

// round is some lines one behind the other of which no two change the same record, so that
// they can be stored together.
type round struct {
	lines int
	work  []*work
	bad   []unreadable
}

// unreadable is a line with bad cells, or one that can't be tried, and the one before it that
// may bring its record.
type unreadable struct {
	*entry
	leader *work
}

// next takes the first lines of a list up to one that must wait for another.
func (b *batch) next(list []*entry) round {
	var r round
	leaders := map[string]*work{}
	for _, e := range list {
		leader := leaders[e.key]
		switch {
		case len(e.problems) > 0:
			if e.Err == nil && b.stored[e.key] == nil {
				r.bad = append(r.bad, unreadable{e, leader})
			}
		case leader == nil:
			w := b.decide(e)
			if w == nil {
				if e.result == Updated { // a record that only the dry run knows of
					r.bad = append(r.bad, unreadable{e, nil})
				}
				break
			}
			if r.work = append(r.work, w); e.key != "" {
				leaders[e.key] = w
			}
		case leader == r.work[len(r.work)-1] && b.same(leader.entry, e):
			leader.followers = append(leader.followers, e)
		default:
			return r
		}
		r.lines++
	}
	return r
}

// same reports whether two lines say the same.
func (f *form) same(a, b *entry) bool {
	for i, x := range f.fields {
		if x != nil && a.Cells[i] != b.Cells[i] {
			return false
		}
	}
	return true
}

// lead tells the lines that say the same as one before them what has become of it.
func (w *work) lead(f *form) {
	for _, e := range w.followers {
		switch w.result {
		case "":
			for _, p := range w.problems {
				f.problem(e, p.Field, p.Code, p.Message)
			}
		case skipped:
			e.result = skipped
		default:
			e.result, e.record = unchanged, w.record
		}
	}
}

// find reads what is stored under the keys of the lines, and the parts that they name.
func (b *batch) find(ctx context.Context, s *session.Session) error {
	b.stored, b.parts = map[string]*found{}, make([]map[partOf]driver.Row, len(b.kinds))
	if b.key == nil {
		return nil
	}
	var values []any
	asked := map[string]bool{}
	for _, e := range b.list {
		if e.key == "" || asked[e.key] {
			continue
		}
		asked[e.key] = true
		values = append(values, valueOf(e.parts[0].sets, b.key.column))
	}
	var err error
	if b.stored, err = look(ctx, s, org.Update, b.kinds[0], b.key.column, values, nil); err != nil {
		return err
	}
	for i := 1; i < len(b.kinds); i++ {
		if err := b.findParts(ctx, s, i); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) findParts(ctx context.Context, s *session.Session, i int) error {
	b.parts[i] = map[partOf]driver.Row{}
	k := b.kinds[i]
	whole, key := k.Whole().Field, k.Field(b.target.parts[i-1].key)
	var wholes []schema.ID
	keys := map[any]bool{}
	for _, e := range b.list {
		hit := b.stored[e.key]
		if hit == nil || !e.parts[i].given {
			continue
		}
		wholes = append(wholes, b.id(0, hit.row))
		if v := valueOf(b.completed(i, e.parts[i].sets), key); v != nil {
			keys[v] = true
		}
	}
	if len(wholes) == 0 || len(keys) == 0 {
		return nil
	}
	names := make([]any, 0, len(keys))
	for v := range keys {
		names = append(names, v)
	}
	q := query.Select{Where: query.All(query.In(whole.Name, wholes...), query.In(key.Name, names...)), Sort: query.By("id"), Limit: query.MaxLimit}
	for {
		page, _, err := s.Judged(ctx, org.Read, k, q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			at := partOf{row[whole.Position].(schema.ID), keyText(row[key.Position])}
			if b.parts[i][at] == nil { // of two of the same name, the older one
				b.parts[i][at] = row
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// explain adds to lines with bad cells what else is wrong with the record they would make.
func (b *batch) explain(ctx context.Context, s *session.Session, list []unreadable) error {
	list = slices.DeleteFunc(list, func(u unreadable) bool { return u.leader != nil && u.leader.result != "" })
	for i, part := range b.target.all() {
		var bad []*entry
		var sets [][]set
		for _, u := range list {
			if i == 0 || u.parts[i].given {
				bad, sets = append(bad, u.entry), append(sets, b.probe(s, i, u.parts[i].sets))
			}
		}
		if len(bad) == 0 {
			continue
		}
		faults, err := part.records.faults(ctx, s, sets)
		if err != nil {
			return err
		}
		for n, fault := range faults {
			if fault != nil {
				b.refuse(bad[n], i, fault)
			}
		}
	}
	b.amends(list)
	return nil
}

// probe returns the content of a new record as it can be judged before its whole is there.
func (b *batch) probe(s *session.Session, part int, sets []set) []set {
	sets = slices.Clip(b.completed(part, sets))
	if part > 0 {
		sets = append(sets, set{b.kinds[part].Whole().Field, s.Tenant().NewID()})
	}
	return sets
}

// work is what a line changes.
type work struct {
	*entry
	// rows are the stored records by part, nil for a new one; sets are what becomes of each,
	// nil for nothing.
	rows []driver.Row
	sets [][]set
	// followers are the lines right behind it that say the same.
	followers []*entry
}

// decide finds out what a line changes; nil when it changes nothing, or can't.
func (b *batch) decide(e *entry) *work {
	if b.check != nil && b.check.before(e) {
		return nil
	}
	w := &work{entry: e, rows: make([]driver.Row, len(b.kinds)), sets: make([][]set, len(b.kinds))}
	hit := b.stored[e.key]
	if b.key == nil {
		hit = nil
	}
	switch {
	case hit == nil:
		w.sets[0] = orNone(b.completed(0, e.parts[0].sets))
	case hit.more:
		b.problem(e, b.key.Name, "several", "there are several such records")
		return nil
	case hit.verdict != nil:
		b.refuse(e, 0, hit.verdict)
		return nil
	default:
		w.rows[0] = hit.row
		w.sets[0] = b.changed(0, hit.row, e.parts[0].sets)
	}
	for i := 1; i < len(b.kinds); i++ {
		if !e.parts[i].given {
			continue
		}
		sets := b.completed(i, e.parts[i].sets)
		if hit != nil {
			key := valueOf(sets, b.kinds[i].Field(b.target.parts[i-1].key))
			w.rows[i] = b.parts[i][partOf{b.id(0, hit.row), keyText(key)}]
		}
		if w.rows[i] != nil {
			sets = b.changed(i, w.rows[i], e.parts[i].sets)
		}
		w.sets[i] = sets
	}
	if hit != nil && !slices.ContainsFunc(w.sets, func(sets []set) bool { return sets != nil }) {
		e.result, e.record = unchanged, b.id(0, hit.row)
		return nil
	}
	return w
}

// orNone returns sets that are not nil: a record of which nothing is said is still one.
func orNone(sets []set) []set {
	if sets == nil {
		return []set{}
	}
	return sets
}

// changed returns the sets that a stored record does not have yet; nil for none.
func (b *batch) changed(part int, row driver.Row, sets []set) []set {
	var out []set
	for _, x := range sets {
		if !journal.Same(valueIn(b.kinds[part], row, x.field), x.value) {
			out = append(out, x)
		}
	}
	return out
}

// sift does to duplicates among the new records what the plan says, and returns the others.
func (b *batch) sift(ctx context.Context, s *session.Session, list []*work) ([]*work, error) {
	if b.Duplicates == "" || b.Duplicates == CreateAnyway {
		return list, nil
	}
	var fresh []*work
	var sets [][]set
	among := map[schema.ID]*work{}
	for _, w := range list {
		if w.rows[0] != nil {
			continue
		}
		id := s.Tenant().NewID()
		among[id] = w
		fresh, sets = append(fresh, w), append(sets, append(slices.Clip(w.sets[0]), set{b.kinds[0].ID(), id}))
	}
	if len(fresh) == 0 {
		return list, nil
	}
	same, err := b.target.duplicates(ctx, s, sets)
	if err != nil {
		return nil, err
	}
	dropped := map[*work]bool{}
	for i, w := range fresh {
		there := slices.ContainsFunc(same[i], func(id schema.ID) bool { return among[id] == nil || among[id] != w && !dropped[among[id]] })
		switch {
		case !there:
			continue
		case b.Duplicates == SkipLine:
			w.result = skipped
		default:
			b.problem(w.entry, "", "duplicate", "there is such a record already")
		}
		dropped[w] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(w *work) bool { return dropped[w] }), nil
}

// valueOf returns the value for a field among sets, nil when there is none.
func valueOf(sets []set, f *schema.Field) any {
	for _, x := range sets {
		if x.field == f {
			return x.value
		}
	}
	return nil
}
