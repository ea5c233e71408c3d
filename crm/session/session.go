package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Session is one actor acting for one tenant, in one transaction or none. It is
// cheap to make and for one goroutine at a time. What an actor may do is decided by
// the organisation as it was when the session was made, or last changed through it.
type Session struct {
	core  *Core
	t     *storage.Tenant
	actor Actor
	// free says that no permission is asked for; see Collection.Trusted.
	free bool
	// trace, where it is not nil, collects the journal entries that are written; see Traced.
	trace *trace
	// grounds are why records change hands; see Because.
	grounds Grounds
	// hidden are fields that are hidden here besides; see Collection.FindHiding.
	hidden hidden
	*state
}

// state is what a session and its trusted double share.
type state struct {
	known
	// reorganised and reset say that organisation and settings were changed through
	// this session.
	reorganised, reset bool
	// committed collects what hooks asked to run after the commit.
	committed []func(context.Context)
	// read holds what Once has read in the transaction.
	read map[any]any
}

// Actor is who acts: an employee, or the system doing a job.
type Actor struct {
	Employee schema.ID
	Job      string
}

// IsSystem reports whether the program itself acts.
func (a Actor) IsSystem() bool { return a.Employee.IsZero() }

// Unbound reports whether no permission is asked for: the system acts, or a module on
// a trusted collection.
func (s *Session) Unbound() bool { return s.free || s.actor.IsSystem() }

// trusted returns the session without permission, in the same place.
func (s *Session) trusted() *Session {
	free := *s
	free.free = true
	return &free
}

// Actor returns who acts.
func (s *Session) Actor() Actor { return s.actor }

// Tenant returns the storage handle: what is done through it meets no permission
// and leaves no journal. It is for modules of the library and for ports.
func (s *Session) Tenant() *storage.Tenant { return s.t }

// Registry returns the kinds that are kept.
func (s *Session) Registry() *schema.Registry { return s.t.Registry() }

// Now returns the time; within a transaction always that of its begin.
func (s *Session) Now() time.Time { return s.t.Now() }

// Today returns the date of Now where the company is, for verbs that are given no
// business date.
func (s *Session) Today() schema.Date { return schema.DateOf(s.Now().In(s.core.location)) }

// Language returns the language in which the program speaks to people.
func (s *Session) Language() Language { return s.core.language }

// Location returns where the company's days begin and end.
func (s *Session) Location() *time.Location { return s.core.location }

// WeekStart returns the number of days after Monday on which the company's weeks begin.
func (s *Session) WeekStart() int { return s.core.weekStart }

// ready brings the settings to hand, and with them the kinds as the tenant sees them. The
// sessions of people have both from the beginning.
func (s *Session) ready(ctx context.Context) error {
	if s.set == nil {
		now, err := s.core.known(ctx, s.t, false, true)
		if err != nil {
			return err
		}
		s.set = now.set
	}
	if s.t.Registry() != s.set.Kinds().Registry() {
		s.t = s.t.With(s.set.Kinds())
	}
	return nil
}

// Settings returns the settings that the session goes by.
func (s *Session) Settings(ctx context.Context) (*settings.Snapshot, error) {
	err := s.ready(ctx)
	return s.set, err
}

// Directory returns the organisation that the session goes by.
func (s *Session) Directory(ctx context.Context) (*org.Directory, error) {
	if s.dir == nil {
		now, err := s.core.known(ctx, s.t, true, false)
		if err != nil {
			return nil, err
		}
		s.dir = now.dir
	}
	return s.dir, nil
}

// Reorganised tells the session that the organisation was changed through it, so
// that it reads it anew.
func (s *Session) Reorganised() { s.dir, s.reorganised = nil, true }

// Reset tells the session that the settings were changed through it, so that it reads
// them anew.
func (s *Session) Reset() { s.set, s.reset = nil, true }

// Tx runs fn with a session bound to a transaction: all of it happens or none; see
// storage.Tenant.Tx, also for when fn is run again. Within a transaction it makes a
// savepoint.
func (s *Session) Tx(ctx context.Context, fn func(ctx context.Context, s *Session) error) error {
	var inner *Session
	traced := s.trace.mark()
	err := s.t.Tx(ctx, func(ctx context.Context, t *storage.Tenant) error {
		s.trace.back(traced)
		inner = &Session{core: s.core, t: t, actor: s.actor, free: s.free, trace: s.trace, grounds: s.grounds, state: &state{known: s.known, read: maps.Clone(s.read)}}
		return fn(ctx, inner)
	})
	if err != nil {
		s.trace.back(traced)
		return err
	}
	s.learn(inner)
	s.committed = append(s.committed, inner.committed...)
	if s.t.InTx() {
		s.read = inner.read
	}
	s.afterCommit(ctx)
	return nil
}

// Once returns what load returned when it was first called for the key in this
// transaction, for what the verbs of a module read again and again; outside of a
// transaction load is called each time. A module that changes it calls Forget. Keys are
// of types of the module's own.
func Once[T any](s *Session, key any, load func() (T, error)) (T, error) {
	if v, ok := s.read[key].(T); ok {
		return v, nil
	}
	v, err := load()
	if err == nil && s.t.InTx() {
		if s.read == nil {
			s.read = map[any]any{}
		}
		s.read[key] = v
	}
	return v, err
}

// Forget makes Once load the key anew.
func (s *Session) Forget(key any) { delete(s.read, key) }

// learn takes over what a transaction within has found out or changed.
func (s *Session) learn(inner *Session) {
	if s.dir == nil {
		s.dir = inner.dir
	}
	if s.set == nil {
		s.set = inner.set
	}
	if inner.reorganised {
		s.Reorganised()
	}
	if inner.reset {
		s.Reset()
	}
}

// Whole runs a verb of several writes, which all happen or none, without a savepoint
// where a transaction of ours is open already; see storage.Tenant.Whole. Modules use it
// for their verbs.
func (s *Session) Whole(ctx context.Context, fn func(ctx context.Context, s *Session) error) error {
	if !s.t.InTx() || s.t.InHostTx() {
		return s.Tx(ctx, fn)
	}
	return s.t.Whole(ctx, func(ctx context.Context, _ *storage.Tenant) error { return fn(ctx, s) })
}

// afterCommit runs what hooks asked for, unless a transaction is still open. The
// end of a host's transaction is not seen, so nothing is run there.
func (s *Session) afterCommit(ctx context.Context) {
	if s.t.InTx() {
		return
	}
	list := s.committed
	s.committed = nil
	for _, run := range list {
		run(ctx)
	}
}

// On returns the session on another handle of its tenant, such as that of a reading
// transaction.
func (s *Session) On(t *storage.Tenant) *Session {
	on := *s
	on.t = t
	return &on
}

// acting returns whose rights the actor has now: their own, and those of whom they stand
// in for.
func (s *Session) acting(ctx context.Context) ([]schema.ID, *org.Directory, error) {
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, nil, err
	}
	return dir.Acting(s.actor.Employee, s.Today()), dir, nil
}

// Can reports whether the actor's roles let them do the verb to records of the
// kind at all. On which records is another question.
func (s *Session) Can(ctx context.Context, v org.Verb, k *schema.Kind) (bool, error) {
	if s.Unbound() {
		return true, nil
	}
	people, dir, err := s.acting(ctx)
	return slices.ContainsFunc(people, func(person schema.ID) bool { return dir.Gate(person, v, k) }), err
}

// Require returns Forbidden unless Can.
func (s *Session) Require(ctx context.Context, v org.Verb, k *schema.Kind) error {
	ok, err := s.Can(ctx, v, k)
	if err == nil && !ok {
		err = forbidden(v, k.Name(), "")
	}
	return err
}

func forbidden(v org.Verb, kind, id string) error {
	e := fault.New(fault.Forbidden, "no right to %s", v)
	e.Kind, e.ID = kind, id
	return e
}

// Scope returns the condition under which the actor may do the verb to records of
// the kind; nil is everything. A shut gate is Forbidden.
func (s *Session) Scope(ctx context.Context, v org.Verb, k *schema.Kind) (*query.Scope, error) {
	if s.Unbound() {
		return nil, nil
	}
	if err := s.Require(ctx, v, k); err != nil {
		return nil, err
	}
	return s.scope(ctx, v, k)
}

// scope is Scope without the gate, which shuts out everything.
func (s *Session) scope(ctx context.Context, v org.Verb, k *schema.Kind) (*query.Scope, error) {
	people, dir, err := s.acting(ctx)
	if err != nil {
		return nil, err
	}
	own := dir.Scope(people[0], v, k, s.Now())
	for _, person := range people[1:] {
		also := dir.Scope(person, v, k, s.Now())
		if also.All {
			return also, nil
		}
		own.Also = append(own.Also, also)
		if own.Whole == nil {
			own.Whole = also.Whole // the same, but where a gate is shut
		}
	}
	return own, nil
}
