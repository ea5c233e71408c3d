package customer

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Lifecycle is the stage that a relation has reached (客户生命周期). It is derived and
// stored nowhere. The later stages, loyalty (忠诚) and value (价值), are told by how often
// a customer buys and how content it is, which is not known here.
type Lifecycle string

// The stages.
const (
	Acquisition   Lifecycle = "acquisition"   // not yet spoken to (获取)
	Communication Lifecycle = "communication" // spoken to, has not bought (沟通)
	Satisfaction  Lifecycle = "satisfaction"  // has bought and is to be content (满意)
)

// Lifecycle returns the stage of the relation.
func (c *Customer) Lifecycle() Lifecycle {
	switch {
	case c.Status == Trading:
		return Satisfaction
	case !c.LastContactOn.IsZero():
		return Communication
	}
	return Acquisition
}

// Contacted notes that we were in contact with a customer on a date that does not lie
// ahead; zero is today. An earlier date than the last one changes nothing.
func (m Module) Contacted(ctx context.Context, id schema.ID, on schema.Date) (*Customer, error) {
	if on.IsZero() {
		on = m.s.Today()
	}
	return m.EditAs(ctx, org.Update, EventContacted, id, 0, func(c *Customer) error {
		if on.After(c.LastContactOn) {
			c.LastContactOn = on
		}
		return nil
	})
}

// Stale returns a page of the customers with which nothing has happened since an instant:
// neither was the customer or one of its contacts changed, nor has anybody noted a
// contact with it. Sealed customers are left out. Without a sort, those come first that
// were never contacted, then those whose last contact is longest ago. The actor needs the
// right to read contacts.
func (m Module) Stale(ctx context.Context, since time.Time, q query.Select) (storage.Page[Customer], error) {
	q.Where = query.All(query.Lt("updated_at", since), query.Ne("standing", Sealed),
		query.Not{Expr: query.Has("contacts", query.Ge("updated_at", since))}, q.Where)
	if len(q.Sort) == 0 {
		q.Sort = query.By("last_contact_on")
	}
	return m.Find(ctx, q)
}
