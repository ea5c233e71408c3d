package customer

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Relation says how somebody stands to somebody else, as a sentence: From Kind To (关系).
// Each end is a contact, or a customer as a whole. It is an edge of the graph that
// RelationGraph returns.
type Relation struct {
	record.Meta
	// CustomerID and FromContactID are the one end: a contact of the customer, or the
	// customer itself where FromContactID is zero. The relation is part of this customer.
	// ToCustomerID and ToContactID are the other end in the same way; whoever creates the
	// relation can read it. Neither end changes, nor does Kind.
	CustomerID    schema.ID `crm:"customer_id,required" validate:"required"`
	FromContactID schema.ID
	ToCustomerID  schema.ID `crm:"to_customer_id,required" validate:"required"`
	ToContactID   schema.ID
	// Kind is a code of a dictionary. There is one relation of a kind between two ends;
	// which is which does not count for Family, Friend and FormerColleague.
	Kind string `crm:"kind,list=relation.kind" validate:"required"`
	// Strength is how much the relation counts, 0 to 100; nil is unknown.
	Strength *int64 `validate:"omitempty,min=0,max=100"`
	Note     string `crm:"note,personal"`
	// Ends names both ends and the kind, so that the store refuses a second relation like
	// it. It is set when the relation is created.
	Ends string
}

// Kinds of relations; a host may have others.
const (
	Referred        = "referred"         // has brought to us (推荐人)
	ReportsTo       = "reports_to"       // has as superior (上级)
	Influences      = "influences"       // is listened to by (影响)
	Family          = "family"           // is related to (亲属)
	Friend          = "friend"           // (朋友)
	FormerColleague = "former_colleague" // has worked with (前同事)
	SuppliesTo      = "supplies_to"      // sells to (供应)
)

// mutual reports whether a kind of relation has no direction.
func mutual(kind string) bool { return kind == Family || kind == Friend || kind == FormerColleague }

// Relations is the kind of Relation: part of the customer of its one end.
var Relations = schema.Define[Relation]("relation",
	record.Standard(), schema.Unique("ends"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("relations")),
	schema.BelongsTo("from_contact", "contact", "from_contact_id", schema.Inverse("relations")),
	schema.BelongsTo("to_customer", "customer", "to_customer_id", schema.Inverse("related")),
	schema.BelongsTo("to_contact", "contact", "to_contact_id", schema.Inverse("related")))

// end is one end of a relation.
type end struct{ customer, contact schema.ID }

// id returns the record at the end.
func (e end) id() schema.ID {
	if e.contact.IsZero() {
		return e.customer
	}
	return e.contact
}

// ends returns From and To.
func (r *Relation) ends() [2]end {
	return [2]end{{r.CustomerID, r.FromContactID}, {r.ToCustomerID, r.ToContactID}}
}

// connect checks the ends of new relations, and keeps those of old ones.
func connect(ctx context.Context, s *session.Session, writes []session.Write[Relation]) error {
	var fresh []*Relation
	for _, w := range writes {
		switch {
		case w.New == nil, byMerge(s, w.Event, eventRelationMoved):
		case w.Old == nil:
			fresh = append(fresh, w.New)
		case w.New.ends() != w.Old.ends() || w.New.Kind != w.Old.Kind || w.New.Ends != w.Old.Ends:
			return fault.New(fault.Precondition, "ends and kind of a relation do not change: delete this one and create another")
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	customers, contacts, err := readable(ctx, s, fresh)
	if err != nil {
		return err
	}
	for _, r := range fresh {
		from, to := r.ends()[0], r.ends()[1]
		switch {
		case !contacts.belongs(from):
			return fault.InvalidField("from_contact_id", "reference", "is no contact of that customer")
		case !customers[to.customer]:
			return fault.InvalidField("to_customer_id", "reference", "there is no such customer")
		case !contacts.belongs(to):
			return fault.InvalidField("to_contact_id", "reference", "is no contact of that customer")
		case from.id() == to.id():
			return fault.InvalidField("to_contact_id", "self", "nobody is related to themselves")
		}
		r.Ends = r.named()
	}
	return nil
}

// named returns what Ends is.
func (r *Relation) named() string {
	a, b := r.ends()[0].id(), r.ends()[1].id()
	if mutual(r.Kind) && a.Compare(b) > 0 {
		a, b = b, a
	}
	return schema.NameID("relation", a.String(), r.Kind, b.String()).String()
}

// eventRelationMoved is what happens to relations an end of which is merged into another.
const eventRelationMoved = "relation.moved"

// mergeRelations names the ends anew, and gives up relations between the merged ones, and
// those that the winner has as well, or has from a loser named before.
func mergeRelations(ctx context.Context, s *session.Session, writes []session.Write[Relation]) error {
	var names []string
	for _, w := range writes {
		w.New.Ends = w.New.named()
		names = append(names, w.New.Ends)
	}
	there := map[string]schema.ID{}
	for r, err := range storage.Of(s.Tenant(), Relations).All(ctx, query.Select{Where: query.In("ends", names...)}) {
		if err != nil {
			return err
		}
		there[r.Ends] = r.ID
	}
	for i, w := range writes {
		from, to := w.New.ends()[0], w.New.ends()[1]
		if same, taken := there[w.New.Ends]; taken && same != w.New.ID || from.id() == to.id() {
			writes[i].New = nil
			continue
		}
		there[w.New.Ends] = w.New.ID
	}
	return nil
}

// employers says to which customer each contact belongs.
type employers map[schema.ID]schema.ID

func (of employers) belongs(e end) bool { return e.contact.IsZero() || of[e.contact] == e.customer }

// readable returns those customers and contacts at the ends of relations which the actor
// may read. CustomerID is not among them: the rule of parts asks for more.
func readable(ctx context.Context, s *session.Session, list []*Relation) (customers map[schema.ID]bool, contacts employers, err error) {
	var customerIDs, contactIDs []schema.ID
	for _, r := range list {
		customerIDs = append(customerIDs, r.ToCustomerID)
		for _, e := range r.ends() {
			if !e.contact.IsZero() {
				contactIDs = append(contactIDs, e.contact)
			}
		}
	}
	customers, contacts = map[schema.ID]bool{}, employers{}
	err = eachByID(ctx, session.Of(s, Customers), customerIDs, func(c *Customer) { customers[c.ID] = true })
	if err == nil {
		err = eachByID(ctx, session.Of(s, Contacts), contactIDs, func(c *Contact) { contacts[c.ID] = c.CustomerID })
	}
	return customers, contacts, err
}

// eachByID calls fn with each of some records that the actor may read, in one query for
// each thousand.
func eachByID[T any](ctx context.Context, all session.Collection[T], ids []schema.ID, fn func(*T)) error {
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), schema.ID.Compare))
	for some := range slices.Chunk(ids, query.MaxLimit) {
		page, err := all.Find(ctx, query.Select{Where: query.In("id", some...), Sort: query.By("id"), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		for i := range page.Items {
			fn(&page.Items[i])
		}
	}
	return nil
}
