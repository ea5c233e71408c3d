package customer

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// PoolStay is one stay of a customer in a pool (公海流转记录). It is appended when the
// customer comes in and completed when it leaves, in the transaction in which that
// happens; nothing else changes it but a merge, by which it goes to the winner, completed.
type PoolStay struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required"`
	PoolID     schema.ID `crm:"pool_id,required"`
	// FromID is who owned the customer before; zero for nobody.
	FromID schema.ID
	// Since is when it came in, CameBy the event, ByID who did it (zero for the system) and
	// Reason why.
	Since  time.Time `crm:"since,required"`
	CameBy string    `crm:"came_by,max=60"`
	ByID   schema.ID
	Reason string
	// Until is when it left, LeftBy the event, and ToID who owns it from then on. They are
	// zero while it waits; ToID also where it went into another pool.
	Until  time.Time
	LeftBy string `crm:"left_by,max=60"`
	ToID   schema.ID
}

// PoolStays is the kind of PoolStay: part of its customer, with which it goes when that is
// deleted.
var PoolStays = schema.Define[PoolStay]("pool_stay",
	record.Standard(), schema.IndexOn("to_id", "until"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("pool_stays")), schema.BelongsTo("pool", "pool", "pool_id"),
	schema.BelongsTo("from", "employee", "from_id"), schema.BelongsTo("by", "employee", "by_id"), schema.BelongsTo("to", "employee", "to_id"))

// PoolHistory returns a page of the stays of a customer in pools, the oldest first; of the
// query only Limit and Cursor count. Whoever may read the customer may see them.
func (m Module) PoolHistory(ctx context.Context, id schema.ID, q query.Select) (storage.Page[PoolStay], error) {
	if _, err := m.s.Row(ctx, org.Read, storage.Of(m.s.Tenant(), Customers).Kind(), id); err != nil {
		return storage.Page[PoolStay]{}, err
	}
	return storage.Of(m.s.Tenant(), PoolStays).Find(ctx, query.Select{Where: query.Eq("customer_id", id), Sort: query.By("since"), Limit: q.Limit, Cursor: q.Cursor})
}

// keepStays completes the stays of customers that have left a pool, and begins those of
// customers that came into one.
func keepStays(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	type leaving struct {
		event string
		to    schema.ID
	}
	left := map[leaving][]schema.ID{}
	var stays []*PoolStay
	var came []schema.ID
	for _, w := range writes {
		old, now := &Customer{}, w.New
		if w.Old != nil {
			old = w.Old
		}
		if now == nil || now.PoolID == old.PoolID || byMerge(s, w.Event, EventUnmerged) { // whose stay is restored as well
			continue
		}
		if !old.PoolID.IsZero() {
			how := leaving{w.Event, now.OwnerID}
			left[how] = append(left[how], now.ID)
		}
		if !now.PoolID.IsZero() {
			came = append(came, now.ID)
			stay := &PoolStay{Meta: s.NewMeta(), CustomerID: now.ID, PoolID: now.PoolID, FromID: old.OwnerID,
				Since: now.PooledAt, CameBy: w.Event, ByID: s.Actor().Employee, Reason: now.PoolReason}
			stay.ID = s.Tenant().NewID()
			stays = append(stays, stay)
		}
	}
	table := storage.Of(s.Tenant(), PoolStays)
	k := table.Kind()
	for _, how := range slices.SortedFunc(maps.Keys(left), func(a, b leaving) int { return a.to.Compare(b.to) }) {
		var to any
		if !how.to.IsZero() {
			to = how.to
		}
		_, err := s.Tenant().UpdateWhere(ctx, k, query.All(query.In("customer_id", left[how]...), query.Null("until")), nil, []driver.Assign{
			{Field: k.Field("until"), Value: s.Now()}, {Field: k.Field("left_by"), Value: how.event}, {Field: k.Field("to_id"), Value: to}})
		if err != nil {
			return err
		}
	}
	if len(came) == 0 {
		return nil
	}
	if err := table.Insert(ctx, stays...); err != nil {
		return err
	}
	return endAccess(ctx, s, came)
}

// eventStayMoved is what happens to the stays of a customer that is merged into another.
const eventStayMoved = "pool_stay.moved"

// onlyByPools keeps stays what happened.
func onlyByPools(_ context.Context, s *session.Session, writes []session.Write[PoolStay]) error {
	for _, w := range writes {
		if !byMerge(s, w.Event, eventStayMoved) {
			return fault.New(fault.Precondition, "stays in pools are written by the verbs that change the pool of a customer")
		}
	}
	return nil
}

// mergeStays completes the stay of a customer that waits in a pool and is part of another one
// now.
func mergeStays(_ context.Context, s *session.Session, writes []session.Write[PoolStay]) error {
	for _, w := range writes {
		if w.New.Until.IsZero() {
			w.New.Until, w.New.LeftBy = s.Now(), EventMerged
		}
	}
	return nil
}

// forgetStays removes the stays of customers that are being deleted.
func forgetStays(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var gone []driver.Mutation
	stays := storage.Of(s.Tenant(), PoolStays)
	for _, w := range writes {
		if w.New != nil {
			continue
		}
		for stay, err := range stays.All(ctx, query.Select{Where: query.Eq("customer_id", w.Old.ID)}) {
			if err != nil {
				return err
			}
			gone = append(gone, driver.Mutation{Kind: stays.Kind(), Delete: &driver.Delete{ID: stay.ID}})
		}
	}
	return s.Tenant().Write(ctx, gone...)
}

// The events by which teams and shares end when their customer comes into a pool.
const (
	eventTeamEnded  = "teammate.ended"
	eventShareEnded = "share.ended"
)

// endAccess ends teams and shares of customers now, whatever their cause: from here on
// the pool alone says who sees them. The teammates stay on record, and a new owner may take
// them on again.
func endAccess(ctx context.Context, s *session.Session, customers []schema.ID) error {
	err := endAll(ctx, s, Teammates.Kind, eventTeamEnded, "until", query.In("customer_id", customers...))
	if err != nil {
		return err
	}
	return endAll(ctx, s, org.Shares.Kind, eventShareEnded, "expires_at", query.All(query.Eq("kind", Customers.Name()), query.In("record_id", customers...)))
}

// endAll sets the end of records to now where it is later or open, a page at a time.
func endAll(ctx context.Context, s *session.Session, defined *schema.Kind, event, end string, where query.Expr) error {
	k := s.Registry().Kind(defined.Name())
	still := query.Select{Where: query.All(where, query.Any(query.Null(end), query.Gt(end, s.Now()))), Limit: query.MaxLimit}
	for {
		page, err := s.Tenant().Select(ctx, k, still, nil)
		if err != nil {
			return err
		}
		err = s.ChangeMany(ctx, k, event, session.Bulk{Rows: page.Rows, Set: []driver.Assign{{Field: k.Field(end), Value: s.Now()}}})
		if err != nil || page.Next == "" {
			return err
		}
	}
}
