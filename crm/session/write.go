package session

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// change is one write on its way to the store.
type change[T any] struct {
	event    string
	old, new *T
	before   driver.Row // nil when created
	after    driver.Row // nil when deleted
	id       schema.ID
	version  int64 // after the change
	// along is written with the record.
	along []driver.Mutation
	// numbered holds the numbers that were given to fields, in an attempt that may have
	// failed.
	numbered map[string]string
}

// Create stores a new record and returns it as it was stored. The owner is the
// actor and the department the owner's, unless the record names others; naming
// another owner is assigning. A record with an id that exists already is returned as
// it is stored when its content is the same, and is Exists otherwise.
func (c Collection[T]) Create(ctx context.Context, v *T) (*T, error) {
	return c.CreateAs(ctx, "", v)
}

// CreateAs is Create under another business name for what happened.
func (c Collection[T]) CreateAs(ctx context.Context, event string, v *T) (*T, error) {
	created, err := c.CreateMany(ctx, event, v)
	if err != nil {
		return nil, err
	}
	return created[0], nil
}

// CreateMany creates several records, all or none, in few statements; an empty
// event is "created". Errors name the first record that is refused, for its content
// before its references.
func (c Collection[T]) CreateMany(ctx context.Context, event string, records ...*T) ([]*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if err := c.s.Require(ctx, org.Create, c.kind); err != nil {
		return nil, err
	}
	if event == "" {
		event = c.event("created")
	}
	out := make([]*T, len(records))
	for i, given := range records {
		if given == nil {
			return nil, fault.New(fault.Invalid, "no %s was given", c.kind.Name())
		}
		v := *given // the caller's record is not touched
		out[i] = &v
	}
	rules, err := c.s.FieldRules(ctx, c.kind)
	if err != nil {
		return nil, err
	}
	if err := c.mayFill(out, rules); err != nil {
		return nil, err
	}
	stored, err := c.existing(ctx, out)
	if err != nil {
		return nil, err
	}
	changes := make([]change[T], 0, len(records))
	for i, v := range out {
		if stored[i] != nil {
			out[i] = stored[i]
			continue
		}
		ch, err := c.created(ctx, event, v)
		if err != nil {
			return nil, err
		}
		changes = append(changes, ch)
	}
	if err := c.apply(ctx, changes); err != nil {
		return nil, err
	}
	for i, v := range out {
		if out[i], err = c.blanked(ctx, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CreateNew is CreateAs for a module that has asked Existing already, and that has more
// to write along with the record: in the same write to the store, past the collections.
func (c Collection[T]) CreateNew(ctx context.Context, event string, v *T, along ...driver.Mutation) (*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if err := c.s.Require(ctx, org.Create, c.kind); err != nil {
		return nil, err
	}
	if event == "" {
		event = c.event("created")
	}
	own := *v
	ch, err := c.created(ctx, event, &own)
	if err != nil {
		return nil, err
	}
	ch.along = along
	return &own, c.apply(ctx, []change[T]{ch})
}

// created stamps a new record.
func (c Collection[T]) created(ctx context.Context, event string, v *T) (change[T], error) {
	err := c.stamp(ctx, v)
	return change[T]{event: event, new: v, id: header(v).ID, version: 1}, err
}

func (c Collection[T]) event(what string) string { return c.kind.Name() + "." + what }

// stamp sets what every new record carries.
func (c Collection[T]) stamp(ctx context.Context, v *T) error {
	m := header(v)
	if m.ID.IsZero() {
		m.ID = c.s.t.NewID()
	}
	m.Version = 1
	m.CreatedAt, m.CreatedBy = c.s.Now(), c.s.actor.Employee
	m.UpdatedAt, m.UpdatedBy = m.CreatedAt, m.CreatedBy
	o := ownership(v)
	if o == nil {
		return nil
	}
	if !o.OwnerID.IsZero() && o.OwnerID != c.s.actor.Employee {
		if err := c.s.Require(ctx, org.Assign, c.kind); err != nil {
			return err
		}
	}
	var err error
	*o, err = c.s.Owned(ctx, *o)
	return err
}

// Owned returns who will be responsible for a new record that names o: the actor
// where it names no owner, the owner's department where it names none. Invalid when
// the owner is no active employee.
func (s *Session) Owned(ctx context.Context, o record.Owned) (record.Owned, error) {
	if o.OwnerID.IsZero() {
		o.OwnerID = s.actor.Employee
	}
	err := s.place(ctx, &o)
	return o, err
}

// place checks that an owner can be responsible, and fills in their department.
func (s *Session) place(ctx context.Context, o *record.Owned) error {
	if o.OwnerID.IsZero() {
		return nil // the system's
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return err
	}
	e := dir.Employee(o.OwnerID)
	if e == nil || e.Inactive {
		return fault.InvalidField("owner_id", "active", "is no active employee")
	}
	if o.DepartmentID.IsZero() {
		o.DepartmentID = e.DepartmentID
	}
	return nil
}

// Edit reads a record, lets fn change it and stores what changed. When somebody else
// was faster it starts again with the new state, a few times, then returns Conflict;
// within a transaction it returns Retry at once, and the transaction is run again.
// fn may therefore run more than once, and its error ends the edit. What fn leaves
// unchanged is not written; when nothing changed, nothing is.
func (c Collection[T]) Edit(ctx context.Context, id schema.ID, fn func(*T) error) (*T, error) {
	return c.EditAs(ctx, org.Update, "", id, 0, fn)
}

// EditAs is Edit for a verb of a module: it asks for the permission of that verb,
// gives what happened a business name (empty is "updated"), and, where version is
// not 0, returns Conflict unless the record has it.
func (c Collection[T]) EditAs(ctx context.Context, v org.Verb, event string, id schema.ID, version int64, fn func(*T) error) (*T, error) {
	return c.EditAlong(ctx, v, event, id, version, func(record *T) ([]driver.Mutation, error) { return nil, fn(record) })
}

// EditAlong is EditAs for a verb that has more to write along with the record: what fn
// returns goes into the same write to the store, past the collections, if the record
// has changed.
func (c Collection[T]) EditAlong(ctx context.Context, v org.Verb, event string, id schema.ID, version int64,
	fn func(*T) ([]driver.Mutation, error),
) (*T, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	if event == "" {
		event = c.event("updated")
	}
	for attempt := 1; ; attempt++ {
		edited, lost, err := c.edit(ctx, v, event, id, version, fn)
		switch {
		case !lost || attempt == storage.Attempts:
			return edited, err
		case c.s.t.InTx():
			return nil, &fault.Error{Code: fault.Retry, Kind: c.kind.Name(), ID: id.String(), Message: "somebody else changed the record at the same time", Err: err}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
}

// edit is one attempt. lost says that somebody else was faster between reading and
// writing, so that another attempt makes sense: a conflict that fn itself found does not.
func (c Collection[T]) edit(ctx context.Context, v org.Verb, event string, id schema.ID, version int64,
	fn func(*T) ([]driver.Mutation, error),
) (edited *T, lost bool, err error) {
	row, err := c.s.Row(ctx, v, c.kind, id)
	if err != nil {
		return nil, false, err
	}
	rules, err := c.rulesFor(ctx, event)
	if err != nil {
		return nil, false, err
	}
	ch, err := c.edited(event, row, version, rules, fn)
	if err != nil {
		return nil, false, err
	}
	if err := c.mayAssign(ctx, []change[T]{ch}); err != nil {
		return nil, false, err
	}
	if err = c.apply(ctx, []change[T]{ch}); err == nil {
		edited, err = c.blanked(ctx, ch.new)
	}
	return edited, version == 0 && errors.Is(err, storage.ErrConflict), err
}

// rulesFor returns the rules of fields that hold for an event: those of the actor when
// they edit by hand, none when a verb does.
func (c Collection[T]) rulesFor(ctx context.Context, event string) (map[string]org.FieldAccess, error) {
	if event != c.event("updated") {
		return nil, nil
	}
	return c.s.FieldRules(ctx, c.kind)
}

// edited is what becomes of a stored record by fn, which sees it as the actor does.
func (c Collection[T]) edited(event string, row driver.Row, version int64, rules map[string]org.FieldAccess,
	fn func(*T) ([]driver.Mutation, error),
) (change[T], error) {
	var ch change[T]
	seen, err := blanked(c.kind, row, rules)
	if err != nil {
		return ch, err
	}
	old, edited := new(T), new(T)
	if err := errors.Join(c.table.DecodeInto(row, old), c.table.DecodeInto(seen, edited)); err != nil {
		return ch, err
	}
	if version != 0 && header(old).Version != version {
		return ch, c.stale(old, version)
	}
	along, err := fn(edited)
	if err != nil {
		return ch, err
	}
	if err := c.keep(row, seen, edited, rules); err != nil {
		return ch, err
	}
	custom := header(edited).Custom
	*header(edited) = *header(old)
	m := header(edited)
	m.Custom = custom
	m.Version++
	m.UpdatedAt, m.UpdatedBy = c.s.Now(), c.s.actor.Employee
	return change[T]{event: event, old: old, new: edited, before: row, id: m.ID, version: m.Version, along: along}, nil
}

// mayAssign refuses edits that give records to others than before where the actor may not
// assign them, and checks who they are given to.
func (c Collection[T]) mayAssign(ctx context.Context, changes []change[T]) error {
	var rows []driver.Row
	var owned []*record.Owned
	for _, ch := range changes {
		if o := ownership(ch.new); o != nil && *o != *ownership(ch.old) {
			rows, owned = append(rows, ch.before), append(owned, o)
		}
	}
	if len(rows) > 0 && !c.s.Unbound() {
		verdicts, err := c.s.judge(ctx, org.Assign, c.kind, rows)
		if err != nil {
			return err
		}
		if err := firstOf(verdicts); err != nil {
			return err
		}
	}
	for _, o := range owned {
		if err := c.s.place(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// mayFill refuses new records with a value in a field that is not the actor's to change.
func (c Collection[T]) mayFill(records []*T, rules map[string]org.FieldAccess) error {
	if len(rules) == 0 {
		return nil
	}
	for _, v := range records {
		probe := *v
		custom := header(v).Custom
		*header(&probe) = c.s.NewMeta()
		header(&probe).Custom = custom
		row, err := c.table.Encode(&probe)
		if err != nil {
			return err
		}
		if _, err := keepFields(c.kind, nil, nil, row, rules); err != nil {
			return err
		}
	}
	return nil
}

// keep puts back into an edited record what the actor did not see, and refuses what they
// must not have changed.
func (c Collection[T]) keep(row, seen driver.Row, edited *T, rules map[string]org.FieldAccess) error {
	if len(rules) == 0 {
		return nil
	}
	now, err := c.table.Encode(edited)
	if err != nil {
		return err
	}
	if now, err = keepFields(c.kind, row, seen, now, rules); err != nil {
		return err
	}
	return c.table.DecodeInto(now, edited)
}

func (c Collection[T]) stale(stored *T, version int64) error {
	e := fault.New(fault.Conflict, "somebody else changed the record: it has version %d, not %d", header(stored).Version, version)
	e.Kind, e.ID = c.kind.Name(), header(stored).ID.String()
	return e
}

// on returns the collection on another session of the same tenant.
func (c Collection[T]) on(s *Session) Collection[T] {
	return Of(s, schema.Definition[T]{Kind: c.kind})
}

// apply is the one way by which records change: hooks, validation, references, then
// record, journal entry and outbox row in one write.
func (c Collection[T]) apply(ctx context.Context, changes []change[T]) error {
	if len(changes) == 0 {
		return nil
	}
	numbered, err := c.s.numbersFor(ctx, c.kind, changes[0].before == nil, len(changes))
	if err != nil {
		return err
	}
	if numbered || c.s.core.hooks.any(c.kind.Name(), before, after) {
		// What hooks write, and the number that was taken, stand or fall with the record.
		return c.s.Whole(ctx, func(ctx context.Context, s *Session) error { return c.on(s).write(ctx, changes) })
	}
	return c.write(ctx, changes)
}

func (c Collection[T]) write(ctx context.Context, changes []change[T]) error {
	set, err := c.s.Settings(ctx) // as they are before a hook changes them
	if err != nil {
		return err
	}
	h, kind := c.s.core.hooks, c.kind.Name()
	writes := make([]Write[T], len(changes))
	for i, ch := range changes {
		writes[i] = Write[T]{ch.event, ch.old, ch.new}
	}
	if err := h.fire(ctx, c.s, kind, before, writes); err != nil {
		return err
	}
	if err := c.number(ctx, set, changes); err != nil {
		return err
	}
	mutations, err := c.mutations(ctx, set, changes)
	if err != nil {
		return err
	}
	if err := c.s.t.Write(ctx, mutations...); err != nil {
		return err
	}
	if err := h.fire(ctx, c.s, kind, after, writes); err != nil {
		return err
	}
	if h.any(kind, committed) {
		c.s.committed = append(c.s.committed, func(ctx context.Context) { _ = h.fire(ctx, nil, kind, committed, writes) })
		c.s.afterCommit(ctx)
	}
	return nil
}

// mutations validates the changes and turns them into what the store writes.
func (c Collection[T]) mutations(ctx context.Context, set *settings.Snapshot, changes []change[T]) ([]driver.Mutation, error) {
	var list, along []driver.Mutation
	var created []driver.Row
	var moves []move
	entries := make([]*journal.Entry, 0, len(changes))
	var departures []*journal.Departure
	for i := range changes {
		ch := &changes[i]
		if ch.new != nil {
			if err := c.encode(set, ch); err != nil {
				return nil, err
			}
			moves = append(moves, move{ch.before, ch.after})
		}
		diff := journal.Diff(c.kind, ch.before, ch.after)
		switch {
		case ch.before == nil:
			created = append(created, ch.after)
		case ch.after == nil:
			list = append(list, driver.Mutation{Kind: c.kind, Delete: &driver.Delete{ID: ch.id, IfVersion: ch.version - 1}})
		case len(diff) == 0:
			*header(ch.new) = *header(ch.old) // nothing changed, nothing happened
			continue
		default:
			u := &driver.Update{ID: ch.id, IfVersion: ch.version - 1}
			for at, f := range c.kind.Columns() {
				if !journal.Same(ch.before[at], ch.after[at]) {
					u.Set = append(u.Set, driver.Assign{Field: f, Value: ch.after[at]})
				}
			}
			list = append(list, driver.Mutation{Kind: c.kind, Update: u})
		}
		along = append(along, ch.along...)
		is := ch.after
		if is == nil {
			is = ch.before
		}
		entry := c.s.entry(c.kind, is, ch.version, ch.event, diff)
		if entries = append(entries, entry); ch.after == nil {
			c.s.trace.remove(entry, ch.before)
			departures = append(departures, c.s.departures(c.kind, entry, ch.before)...)
		}
	}
	if len(created) > 0 {
		list = append(list, driver.Mutation{Kind: c.kind, Insert: &driver.Insert{Rows: created}})
	}
	if len(entries) == 0 {
		return nil, nil
	}
	if err := c.s.mayPoint(ctx, c.kind, moves); err != nil {
		return nil, err
	}
	told, err := c.s.told(c.kind, changes[0].event, moves)
	if err != nil {
		return nil, err
	}
	noted, err := c.s.note(entries, departures...)
	return slices.Concat(list, along, told, noted), err
}

// encode validates the new state of a record and makes its row.
func (c Collection[T]) encode(set *settings.Snapshot, ch *change[T]) error {
	checked := c.s.core.validation.check(c.kind.Name(), ch.new)
	row, err := c.table.Encode(ch.new)
	if err = together(checked, err); err != nil {
		return err
	}
	ch.after = row
	var was schema.Values
	if ch.old != nil {
		was = header(ch.old).Custom
	}
	if offences := set.Check(c.s.Today(), c.kind, ch.before, ch.after, was, header(ch.new).Custom); len(offences) > 0 {
		return &fault.Error{Code: fault.Invalid, Kind: c.kind.Name(), Fields: offences}
	}
	return nil
}

// together joins two Invalid errors about one record into one.
func together(a, b error) error {
	var x, y *fault.Error
	if !errors.As(a, &x) {
		return b
	}
	if errors.As(b, &y) {
		joined := *x
		joined.Fields = append(slices.Clip(x.Fields), y.Fields...)
		return &joined
	}
	return a
}

// entry makes the journal entry of one change; row is the record after it, or what it was
// where it is gone.
func (s *Session) entry(k *schema.Kind, row driver.Row, version int64, event string, diff []journal.Change) *journal.Entry {
	return &journal.Entry{ID: s.t.NewID(), At: s.Now(), ActorID: s.actor.Employee, Actor: s.actor.Job,
		Kind: k.Name(), RecordID: row[k.ID().Position].(schema.ID), RecordVersion: version, SubjectID: subjectOf(k, row), Event: event, Changes: diff}
}

// note returns what writes entries, their outbox rows and what leads to what is gone.
func (s *Session) note(entries []*journal.Entry, departures ...*journal.Departure) ([]driver.Mutation, error) {
	log, outbox := storage.Of(s.t, journal.Entries), storage.Of(s.t, journal.Outbox)
	s.trace.add(entries)
	var rows, pending []driver.Row
	for _, e := range entries {
		row, err := log.Encode(e)
		if err != nil {
			return nil, err
		}
		waiting, err := outbox.Encode(&journal.Pending{ID: e.ID, Kind: e.Kind, RecordID: e.RecordID, Version: e.RecordVersion})
		if err != nil {
			return nil, err
		}
		rows, pending = append(rows, row), append(pending, waiting)
	}
	noted := []driver.Mutation{
		{Kind: log.Kind(), Insert: &driver.Insert{Rows: rows}},
		{Kind: outbox.Kind(), Insert: &driver.Insert{Rows: pending}},
	}
	if len(departures) == 0 {
		return noted, nil
	}
	gone := storage.Of(s.t, journal.Departures)
	left := make([]driver.Row, len(departures))
	for i, d := range departures {
		var err error
		if left[i], err = gone.Encode(d); err != nil {
			return nil, err
		}
	}
	return append(noted, driver.Mutation{Kind: gone.Kind(), Insert: &driver.Insert{Rows: left}}), nil
}

func header[T any](v *T) *record.Meta {
	if h, ok := any(v).(record.Holder); ok {
		return h.Header()
	}
	return nil
}

func ownership[T any](v *T) *record.Owned {
	if o, ok := any(v).(record.Owner); ok {
		return o.Ownership()
	}
	return nil
}
