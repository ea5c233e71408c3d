package customer

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Release gives a customer into a pool (放入公海), with a reason that is required. Its owner
// may, who may assign it, and the system; a customer that nobody owns, or that waits in
// another pool, is given by who may assign it. Its team and all its shares end. It is
// Precondition for a sealed customer, for one that waits in the pool, and for an inactive
// pool.
func (m Module) Release(ctx context.Context, id, pool schema.ID, reason string) error {
	if reason == "" {
		return fault.InvalidField("reason", "required", "this needs a reason")
	}
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		c, err := storage.Of(s.Tenant(), Customers).Get(ctx, id)
		if err != nil {
			return err
		}
		need := org.Assign
		if !c.OwnerID.IsZero() && c.OwnerID == s.Actor().Employee {
			need = org.Update
		}
		if _, err := s.Row(ctx, need, storage.Of(s.Tenant(), Customers).Kind(), id); err != nil {
			return err
		}
		if _, err := receiving(ctx, s, pool); err != nil {
			return err
		}
		given := session.Of(s.Because(session.Grounds{Reason: reason}), Customers).Trusted()
		_, err = given.EditAs(ctx, org.Update, EventReleased, id, c.Version, func(c *Customer) error {
			switch {
			case c.Standing == Sealed:
				return state(c, "it is sealed, and no pool takes it")
			case c.PoolID == pool:
				return state(c, "it waits in the pool already")
			}
			c.Owned, c.Pooling = record.Owned{}, Pooling{PoolID: pool, PooledAt: s.Now(), PoolReason: reason}
			return nil
		})
		return again(err)
	})
}

// again returns Retry for a customer that somebody else has changed since it was read: the
// transaction is run again, and sees it.
func again(err error) error {
	if errors.Is(err, storage.ErrConflict) {
		return &fault.Error{Code: fault.Retry, Kind: Customers.Name(), Message: "somebody else changed the customer at the same time", Err: err}
	}
	return err
}

// Waiting returns a page of the customers that can be claimed from a pool, the latest first
// where the query has no sort. The fields that the pool hides are blank, and neither they
// nor fields of other records may be asked for. The pool is NotFound to those who may not
// claim from it.
func (m Module) Waiting(ctx context.Context, pool schema.ID, q query.Select) (storage.Page[Customer], error) {
	p, err := openTo(ctx, m.s, pool)
	if err != nil {
		return storage.Page[Customer]{}, err
	}
	q.Where = query.All(waits(pool), q.Where)
	if len(q.Sort) == 0 {
		q.Sort = query.By("-pooled_at", "-id")
	}
	return m.FindHiding(ctx, q, p.HiddenFields...)
}

// Claim makes the actor the owner of a customer that waits in a pool (领取), and returns it
// with the fields that the pool hides. Of several who claim it at once one gets it, and the
// others Precondition. The actor may claim from the pool, needs the right to create
// customers, and must be within the pool's limits and cool-down, which hold exactly also for
// claims at the same time; otherwise it is Precondition, and the message says which. A
// customer that the actor could see in no pool is NotFound.
func (m Module) Claim(ctx context.Context, id schema.ID) (*Customer, error) {
	if m.s.Actor().IsSystem() {
		return nil, fault.New(fault.Precondition, "customers are claimed by people")
	}
	if err := m.s.Require(ctx, org.Create, storage.Of(m.s.Tenant(), Customers).Kind()); err != nil {
		return nil, err
	}
	var claimed *Customer
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		_, err := session.Of(s, Customers).Trusted().EditAs(ctx, org.Update, EventClaimed, id, 0, func(c *Customer) error {
			p, err := claimable(ctx, s, c)
			if err != nil {
				return err
			}
			if err := p.allows(ctx, s, c); err != nil {
				return err
			}
			c.Owned, c.Pooling = record.Owned{OwnerID: s.Actor().Employee}, Pooling{TakenFromID: p.ID}
			return nil
		})
		if err != nil {
			return err
		}
		claimed, err = session.Of(s, Customers).Get(ctx, id) // as the actor sees it
		return err
	})
	return claimed, err
}

// claimable returns the pool from which the actor may claim a customer now.
func claimable(ctx context.Context, s *session.Session, c *Customer) (*Pool, error) {
	if !c.PoolID.IsZero() {
		p, err := openTo(ctx, s, c.PoolID)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return nil, unseen(ctx, s, c, "it waits in a pool that is not yours")
		case err == nil && c.Standing == Sealed:
			return nil, state(c, "it is sealed")
		}
		return p, err
	}
	// Who could see it in its pool is told that it has gone.
	last, err := storage.Of(s.Tenant(), PoolStays).Find(ctx, query.Select{Where: query.Eq("customer_id", c.ID), Sort: query.By("-since"), Limit: 1})
	if err != nil {
		return nil, err
	}
	for _, stay := range last.Items {
		_, err := openTo(ctx, s, stay.PoolID)
		if err == nil {
			return nil, state(c, "somebody was faster: it waits in no pool any more")
		}
		if !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
	}
	return nil, unseen(ctx, s, c, "it waits in no pool")
}

// unseen returns Precondition with the reason to those who may read the customer, and
// NotFound to the others.
func unseen(ctx context.Context, s *session.Session, c *Customer, why string) error {
	if _, err := s.Row(ctx, org.Read, storage.Of(s.Tenant(), Customers).Kind(), c.ID); err != nil {
		return err
	}
	return state(c, why)
}

// allows refuses a claim that goes over a limit or falls into the cool-down.
func (p *Pool) allows(ctx context.Context, s *session.Session, c *Customer) error {
	me := s.Actor().Employee
	stays := storage.Of(s.Tenant(), PoolStays)
	if p.CoolDownDays > 0 {
		last, err := stays.Find(ctx, query.Select{Where: query.All(query.Eq("customer_id", c.ID), query.Eq("from_id", me)), Sort: query.By("-since"), Limit: 1})
		if err != nil {
			return err
		}
		for _, stay := range last.Items {
			free := schema.DateOf(stay.Since.In(s.Location())).AddDays(int(p.CoolDownDays))
			if s.Today().Before(free) {
				return state(c, "it was yours: you may claim it again from "+free.String()+" on")
			}
		}
	}
	if p.DailyLimit == 0 && p.HoldLimit == 0 {
		return nil
	}
	// The claims of one person wait for each other, so that none goes over a limit.
	if err := s.Serialize(ctx, "pool.claim/"+me.String()); err != nil {
		return err
	}
	if p.DailyLimit > 0 {
		n, err := count(ctx, stays, query.All(query.Eq("to_id", me), query.Ge("until", s.Today().Time(s.Location())), query.Eq("pool_id", p.ID), query.Eq("left_by", EventClaimed)))
		if err != nil {
			return err
		}
		if n >= p.DailyLimit {
			return fault.New(fault.Precondition, "the limit of the pool is %d claims a day", p.DailyLimit)
		}
	}
	if p.HoldLimit > 0 {
		n, err := count(ctx, storage.Of(s.Tenant(), Customers), query.All(query.Eq("owner_id", me), query.Eq("taken_from_id", p.ID)))
		if err != nil {
			return err
		}
		if n >= p.HoldLimit {
			return fault.New(fault.Precondition, "the limit of the pool is %d customers that one holds at a time", p.HoldLimit)
		}
	}
	return nil
}

func count[T any](ctx context.Context, t storage.Table[T], where query.Expr) (int64, error) {
	groups, err := t.Aggregate(ctx, query.Aggregate{Where: where, Measures: []query.Measure{{Fn: query.Count}}})
	if err != nil {
		return 0, err
	}
	return groups.Rows[0][0].(int64), nil
}
