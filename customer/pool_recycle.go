package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Recycled is what RecyclePools has done: the number of customers that were taken back, and
// of those that a rule kept from it.
type Recycled struct{ Moved, Left int }

// RecyclePools takes back the customers that are overdue by the rules of the pools (公海回收),
// pool after pool, in pages of query.MaxLimit customers, each a transaction of its own; on
// a session in a transaction all of it is that one. It is a job for the system, to be called
// once a day or more often. When it is interrupted, the next call goes on; a customer that
// was taken back is not again, and several processes may be at it.
//
// Never taken are sealed customers, those that nobody owns, those that are reserved, and
// those that the pool exempts.
func (m Module) RecyclePools(ctx context.Context) (Recycled, error) {
	var done Recycled
	if !m.s.Actor().IsSystem() {
		return done, fault.New(fault.Forbidden, "recycling is for the system")
	}
	if _, err := m.s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return done, err
	}
	pools, err := storage.Of(m.s.Tenant(), Pools).Find(ctx, query.Select{Where: query.Eq("inactive", false), Sort: query.By("position"), Limit: query.MaxLimit})
	if err != nil {
		return done, err
	}
	for i := range pools.Items {
		if len(pools.Items[i].Recycle) == 0 {
			continue
		}
		if err := m.recycle(ctx, &pools.Items[i], &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// recycle takes back what is overdue by the rules of one pool. Of a page of which a rule
// refuses a part it tries smaller ones, down to the record that is refused.
func (m Module) recycle(ctx context.Context, p *Pool, done *Recycled) error {
	where, err := p.overdue(ctx, m.s, m.options.Exempt)
	if err != nil {
		return err
	}
	q := query.Select{Where: where, Sort: query.By("quiet_since"), Limit: query.MaxLimit}
	for {
		var page storage.Rows
		err := m.s.Tx(ctx, func(ctx context.Context, s *session.Session) error {
			if err := s.Serialize(ctx, "pool.recycle"); err != nil {
				return err
			}
			k := s.Registry().Kind(Customers.Name())
			var err error
			if page, err = s.Tenant().Select(ctx, k, q, nil); err != nil || len(page.Rows) == 0 {
				return err
			}
			return s.ChangeMany(ctx, k, EventRecycled, p.takesBack(s, k, page.Rows)...)
		})
		switch {
		case err == nil:
			done.Moved += len(page.Rows)
			q.Limit = query.MaxLimit
		case !refused(err):
			return err
		case len(page.Rows) > 1:
			q.Limit = len(page.Rows) / 2
			continue
		default:
			done.Left++
			q.Limit = query.MaxLimit
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// refused reports whether a rule has refused a change, which it may of one record and not
// of another.
func refused(err error) bool {
	return errors.Is(err, storage.ErrInvalid) || errors.Is(err, storage.ErrPrecondition) || errors.Is(err, storage.ErrForbidden)
}

// overdue returns the condition of the customers that the pool takes back today.
func (p *Pool) overdue(ctx context.Context, s *session.Session, exempt []Exemption) (query.Expr, error) {
	today := s.Today()
	var latest schema.Date
	var named []string
	var classes query.Or
	for _, r := range p.Recycle {
		before := today.AddDays(-int(r.Days))
		if before.After(latest) {
			latest = before
		}
		if r.Importance != "" {
			named = append(named, r.Importance)
			classes = append(classes, query.All(query.Eq("importance", r.Importance), query.Lt("quiet_since", before)))
		}
	}
	if r := p.rule(""); r != nil {
		classes = append(classes, query.All(query.Not{Expr: query.In("importance", named...)}, query.Lt("quiet_since", today.AddDays(-int(r.Days)))))
	}
	all := query.And{
		query.Lt("quiet_since", latest), classes, query.Ne("standing", Sealed),
		query.Not{Expr: query.Null("owner_id")}, query.Not{Expr: query.Ge("reserved_until", today)},
	}
	for _, name := range p.Exempt {
		at := slices.IndexFunc(exempt, func(e Exemption) bool { return e.Name == name })
		if at < 0 {
			return nil, &fault.Error{Code: fault.Precondition, Kind: Pools.Name(), ID: p.ID.String(), Message: "it names an exemption that the program does not know"}
		}
		all = append(all, query.Not{Expr: exempt[at].Where})
	}
	if p.DepartmentID.IsZero() {
		return all, nil
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var below query.Or
	for some := range slices.Chunk(dir.DepartmentsBelow(p.DepartmentID), query.MaxValues) {
		below = append(below, query.In("department_id", some...))
	}
	return append(all, below), nil
}

// rule returns the rule for a class, nil for none.
func (p *Pool) rule(importance string) *RecycleRule {
	for i := range p.Recycle {
		if p.Recycle[i].Importance == importance {
			return &p.Recycle[i]
		}
	}
	return nil
}

// takesBack returns the change that brings customers into the pool, by class.
func (p *Pool) takesBack(s *session.Session, k *schema.Kind, rows []driver.Row) []session.Bulk {
	list := make([]session.Bulk, len(p.Recycle))
	for i, r := range p.Recycle {
		list[i].Set = set(k, Customer{Pooling: Pooling{PoolID: p.ID, PooledAt: s.Now(), PoolReason: fmt.Sprintf("no contact for more than %d days", r.Days)}})
	}
	for _, row := range rows {
		importance, _ := row[k.Field("importance").Position].(string)
		at := slices.IndexFunc(p.Recycle, func(r RecycleRule) bool { return r.Importance == importance })
		if at < 0 {
			at = slices.IndexFunc(p.Recycle, func(r RecycleRule) bool { return r.Importance == "" })
		}
		list[at].Rows = append(list[at].Rows, row)
	}
	return list
}

// set returns what gives rows of customers the Owned and the Pooling of c.
func set(k *schema.Kind, c Customer) []driver.Assign {
	value := func(field string, v any, zero bool) driver.Assign {
		if zero {
			v = nil
		}
		return driver.Assign{Field: k.Field(field), Value: v}
	}
	return []driver.Assign{
		value("owner_id", c.OwnerID, c.OwnerID.IsZero()), value("department_id", c.DepartmentID, c.DepartmentID.IsZero()),
		value("pool_id", c.PoolID, c.PoolID.IsZero()), value("pooled_at", c.PooledAt, c.PooledAt.IsZero()),
		{Field: k.Field("pool_reason"), Value: c.PoolReason},
		value("quiet_since", c.QuietSince, c.QuietSince.IsZero()), value("reserved_until", c.ReservedUntil, c.ReservedUntil.IsZero()),
		value("taken_from_id", c.TakenFromID, c.TakenFromID.IsZero()),
	}
}
