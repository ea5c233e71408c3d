package customer

import (
	"context"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// chosen is the rule that in each group of parts of a customer exactly one is the chosen
// one: the primary among the contacts, the default among the addresses of a kind. It holds
// for every way of writing and for any number of writers at once, because whoever adds or
// removes such a part, or chooses another, waits for its turn at the customer first, and
// reads only then who is chosen.
type chosen[T any] struct {
	of schema.Definition[T]
	// flag is the column that marks the chosen one, and event what happens to a record
	// whose mark is changed here.
	flag, event string
	seat        func(*T) seat
}

// seat is what the rule knows of a record.
type seat struct {
	id    schema.ID
	group group
	mark  *bool
}

// group is where there is one chosen record.
type group struct {
	customer schema.ID
	kind     string
}

// before marks what is added to a group without a chosen one, and leaves everything else
// unmarked.
func (r chosen[T]) before(ctx context.Context, s *session.Session, writes []session.Write[T]) error {
	var added []seat
	var touched, back []schema.ID
	for _, w := range writes {
		old, fresh := r.change(w)
		if old != nil && fresh != nil && old.group == fresh.group {
			switch {
			case *old.mark == *fresh.mark || w.Event == r.event && s.Unbound():
			case !byMerge(s, w.Event, r.of.Name()+".unmerged"):
				return &fault.Error{Code: fault.Precondition, Kind: r.of.Name(), ID: old.id.String(), Message: r.flag + " is not edited: choose another one"}
			case *fresh.mark: // it was chosen before the merge, and is again where nobody else was since
				touched, added = append(touched, fresh.group.customer), append(added, *fresh)
			default:
				back = append(back, old.id)
			}
			continue
		}
		if old != nil {
			touched = append(touched, old.group.customer)
		}
		if fresh != nil {
			touched, added = append(touched, fresh.group.customer), append(added, *fresh)
		}
	}
	if len(touched) == 0 {
		return nil
	}
	taken, err := r.taken(ctx, s, touched)
	if err != nil {
		return err
	}
	maps.DeleteFunc(taken, func(_ group, id schema.ID) bool { return slices.Contains(back, id) })
	// Who asks to be chosen comes before who does not. In a transaction that is run again,
	// the one that was marked here the last time asks.
	slices.SortStableFunc(added, func(a, b seat) int {
		switch {
		case *a.mark == *b.mark:
			return 0
		case *a.mark:
			return -1
		}
		return 1
	})
	for _, one := range added {
		_, there := taken[one.group]
		if *one.mark = !there; !there {
			taken[one.group] = one.id
		}
	}
	return nil
}

// after chooses a successor where the chosen one has gone.
func (r chosen[T]) after(ctx context.Context, s *session.Session, writes []session.Write[T]) error {
	for _, w := range writes {
		old, fresh := r.change(w)
		if old == nil || !*old.mark || fresh != nil && old.group == fresh.group {
			continue
		}
		page, err := storage.Of(s.Tenant(), r.of).Find(ctx, query.Select{Where: r.in(old.group), Sort: query.By("created_at"), Limit: 1})
		if err != nil {
			return err
		}
		for _, next := range page.Items {
			if _, err := r.mark(ctx, s, r.seat(&next).id, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose makes a record the chosen one of its group.
func (r chosen[T]) choose(ctx context.Context, s *session.Session, id schema.ID) (*T, error) {
	var chosen *T
	err := s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		k := storage.Of(s.Tenant(), r.of).Kind()
		row, err := s.Row(ctx, org.Update, k, id)
		if err != nil {
			return err
		}
		customer, _ := row[k.Field("customer_id").Position].(schema.ID)
		taken, err := r.taken(ctx, s, []schema.ID{customer})
		if err != nil {
			return err
		}
		found, err := session.Of(s, r.of).Trusted().Get(ctx, id)
		if err != nil {
			return err
		}
		at := r.seat(found)
		if at.group.customer != customer {
			return fault.New(fault.Retry, "the record went to another customer meanwhile")
		}
		if former, there := taken[at.group]; there && former != id {
			if _, err := r.mark(ctx, s, former, false); err != nil {
				return err
			}
		}
		chosen, err = r.mark(ctx, s, id, true)
		return err
	})
	return chosen, err
}

// mark sets or takes the mark of a record.
func (r chosen[T]) mark(ctx context.Context, s *session.Session, id schema.ID, to bool) (*T, error) {
	return session.Of(s, r.of).Trusted().EditAs(ctx, org.Update, r.event, id, 0, func(v *T) error {
		*r.seat(v).mark = to
		return nil
	})
}

func (r chosen[T]) change(w session.Write[T]) (old, fresh *seat) {
	if w.Old != nil {
		at := r.seat(w.Old)
		old = &at
	}
	if w.New != nil {
		at := r.seat(w.New)
		fresh = &at
	}
	return old, fresh
}

func (r chosen[T]) in(g group) query.Expr {
	if g.kind == "" {
		return query.Eq("customer_id", g.customer)
	}
	return query.All(query.Eq("customer_id", g.customer), query.Eq("kind", g.kind))
}

// taken waits for the turn at some customers and returns who is chosen in their groups.
func (r chosen[T]) taken(ctx context.Context, s *session.Session, customers []schema.ID) (map[group]schema.ID, error) {
	slices.SortFunc(customers, schema.ID.Compare)
	customers = slices.DeleteFunc(slices.Compact(customers), schema.ID.IsZero) // zero is refused later
	if err := s.TurnAt(ctx, Customers.Kind, customers...); err != nil {
		return nil, err
	}
	taken := map[group]schema.ID{}
	for some := range slices.Chunk(customers, query.MaxValues) {
		where := query.All(query.In("customer_id", some...), query.Eq(r.flag, true))
		for one, err := range storage.Of(s.Tenant(), r.of).All(ctx, query.Select{Where: where}) {
			if err != nil {
				return nil, err
			}
			at := r.seat(&one)
			taken[at.group] = at.id
		}
	}
	return taken, nil
}
