package session

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Write is one write as hooks see it.
type Write[T any] struct {
	// Event is the business name: "customer.created", "opportunity.won".
	Event string
	// Old is the record before, nil when it is being created.
	Old *T
	// New is the record after, nil when it is being deleted. A before-hook may
	// change it; what it sets is validated and journalled like everything else.
	New *T
}

// Hook runs around the writes of one kind. Hooks are made by Before, After and
// Committed and given to the program when it is opened. A verb on many records calls
// a hook once with all of a page. Merging and Refusing make hooks for other occasions.
type Hook struct {
	kind *schema.Kind
	at   stage
	run  func(ctx context.Context, s *Session, writes any) error
	// typed turns rows into the writes that hooks of the kind take.
	typed func(s *Session, event string, moves []move) (typedPage, error)
}

type stage uint8

const (
	before stage = iota
	after
	committed
	merging
	refusing
	room
)

// Before returns a hook that runs before records are validated and stored, in the
// same transaction. Its error vetoes the write. When the transaction is run again, so is
// the hook, on the record as it left it: what it sets must not depend on what it finds.
//
// Previews and dry runs (PreviewMerge, exchange's Check) run the hooks of Before and After and
// take back what was written: what a hook does outside the database belongs into Committed or
// behind the outbox.
func Before[T any](d schema.Definition[T], fn func(ctx context.Context, s *Session, writes []Write[T]) error) Hook {
	return hook(d, before, fn)
}

// After returns a hook that runs when records are stored, in the same transaction,
// through which it may write more. Its error undoes all.
func After[T any](d schema.Definition[T], fn func(ctx context.Context, s *Session, writes []Write[T]) error) Hook {
	return hook(d, after, fn)
}

// Committed returns a hook that runs when the transaction has been committed. It
// can't fail the write any more. It does not run on a host's transaction, whose end
// is not seen, and not when the process dies before: what must not be lost goes
// through the outbox.
func Committed[T any](d schema.Definition[T], fn func(ctx context.Context, writes []Write[T])) Hook {
	return hook(d, committed, func(ctx context.Context, _ *Session, writes []Write[T]) error {
		fn(ctx, writes)
		return nil
	})
}

// Merging returns a hook that runs when records of the kind point at one that is being
// merged into another, and are about to point at that one: New is the record as it will be.
// The hook may change it further; it sets New to nil for a record that has nothing to say
// beside what the other one has already, which the hook may write. What is left then goes
// its way to the hooks of Before, under the event "KIND.moved"; see Session.RepointMany.
func Merging[T any](d schema.Definition[T], fn func(ctx context.Context, s *Session, writes []Write[T]) error) Hook {
	return hook(d, merging, fn)
}

// Refusing returns a hook by which Why tells that the state of a record refuses a verb: fn
// returns Precondition for it, nil where the state has nothing against the verb. It refuses
// no write by itself: that is for a hook of Before, by the same function.
func Refusing[T any](d schema.Definition[T], fn func(ctx context.Context, s *Session, v org.Verb, record *T) error) Hook {
	return Hook{d.Kind, refusing, func(ctx context.Context, s *Session, of any) error {
		a, record := of.(asked), new(T)
		if err := storage.Of(s.t, d).DecodeInto(a.row, record); err != nil {
			return err
		}
		return fn(ctx, s, a.verb, record)
	}, typed(d)}
}

// asked is a verb on a record, about which hooks of Refusing are asked.
type asked struct {
	verb org.Verb
	row  driver.Row
}

// Room returns a hook that tells how many more records of the kind somebody can take over:
// fn returns Unlimited where they have no limit. With hold, records are about to be given to
// them in the transaction, and what fn goes by must stay as it is until its end.
func Room[T any](d schema.Definition[T], fn func(ctx context.Context, s *Session, to schema.ID, hold bool) (int64, error)) Hook {
	run := func(ctx context.Context, s *Session, asked any) error {
		q := asked.(*roomFor)
		n, err := fn(ctx, s, q.to, q.hold)
		if err == nil && n != Unlimited && (q.n == Unlimited || n < q.n) {
			q.n = max(0, n)
		}
		return err
	}
	return Hook{d.Kind, room, run, typed(d)}
}

// Unlimited is the room of somebody who has no limit.
const Unlimited int64 = -1

// roomFor is what a hook of Room is asked.
type roomFor struct {
	to   schema.ID
	hold bool
	n    int64
}

// Room returns how many more records of a kind somebody can take over, as the modules say
// that limit it; see the hook of that name.
func (s *Session) Room(ctx context.Context, k *schema.Kind, to schema.ID, hold bool) (int64, error) {
	q := &roomFor{to, hold, Unlimited}
	err := s.core.hooks.fire(ctx, s, k.Name(), room, q)
	return q.n, err
}

func hook[T any](d schema.Definition[T], at stage, fn func(context.Context, *Session, []Write[T]) error) Hook {
	return Hook{d.Kind, at, func(ctx context.Context, s *Session, writes any) error {
		list, ok := writes.([]Write[T])
		if !ok {
			return fault.New(fault.Internal, "a hook on %s was given %T", d.Name(), writes)
		}
		return fn(ctx, s, list)
	}, typed(d)}
}

func typed[T any](d schema.Definition[T]) func(s *Session, event string, moves []move) (typedPage, error) {
	return func(s *Session, event string, moves []move) (typedPage, error) { return newPage(s, d, event, moves) }
}

// hooks are the hooks of a program by kind.
type hooks map[string][]Hook

func newHooks(r *schema.Registry, list []Hook) (hooks, error) {
	h := hooks{}
	for _, hook := range list {
		if hook.kind == nil || r.Of(hook.kind) == nil {
			return nil, fault.New(fault.Invalid, "a hook on a kind that is not kept")
		}
		h[hook.kind.Name()] = append(h[hook.kind.Name()], hook)
	}
	return h, nil
}

func (h hooks) any(kind string, at ...stage) bool {
	return slices.ContainsFunc(h[kind], func(hook Hook) bool { return slices.Contains(at, hook.at) })
}

// fire runs the hooks of a stage in order until one fails.
func (h hooks) fire(ctx context.Context, s *Session, kind string, at stage, writes any) error {
	for _, hook := range h[kind] {
		if hook.at != at {
			continue
		}
		if err := hook.run(ctx, s, writes); err != nil {
			return err
		}
	}
	return nil
}
