package customer

import (
	"context"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Contact is a person at a customer (联系人).
type Contact struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required" validate:"required"`
	Name       string    `crm:"name,search,personal" validate:"required"`
	Title      string    `crm:"title,personal"`      // the position they hold (职务)
	Department string    `crm:"department,personal"` // where in the customer's company (部门)
	Phone      string    `crm:"phone,personal"`      // at the desk
	Mobile     string    `crm:"mobile,personal"`
	Email      string    `crm:"email,personal" validate:"omitempty,email"`
	WeChat     string    `crm:"wechat,personal"`
	// Primary marks the first one to turn to (主联系人). A customer with contacts has
	// exactly one. At Create it is a wish, granted where there is none yet; the first
	// contact gets it anyway. From then on MakePrimary changes it, and when the primary
	// contact is deleted, the oldest of the others takes its place.
	Primary bool `crm:"is_primary"`
	// Inactive people have left the customer. They are kept for what refers to them.
	Inactive bool
	// Role is what they have to say when the customer decides (决策角色).
	Role Role `validate:"omitempty,oneof=decision_maker key_contact influencer user gatekeeper blocker"`
	// Influence is how much their word counts there, 0 to 100 (影响力); nil is unknown.
	Influence *int64   `validate:"omitempty,min=0,max=100"`
	Attitude  Attitude `validate:"omitempty,oneof=supportive neutral opposed"`
	// RelationLevel is how close we are (关系程度), a code of a dictionary.
	RelationLevel  string `crm:"relation_level,list=contact.relation_level"`
	Assistant      string `crm:"assistant,personal"` // the name of whoever keeps their diary
	AssistantPhone string `crm:"assistant_phone,personal"`
	Person
	Preference
}

// Role is a part in a decision; empty is unknown.
type Role string

// The roles.
const (
	DecisionMaker Role = "decision_maker" // has the last word (决策人)
	KeyContact    Role = "key_contact"    // whom we deal with from day to day (关键联系人)
	Influencer    Role = "influencer"     // is listened to (影响人)
	User          Role = "user"           // will work with what is bought (使用人)
	Gatekeeper    Role = "gatekeeper"     // lets others through to the rest, or not (把关人)
	Blocker       Role = "blocker"        // is against it (反对人)
)

// Attitude is what somebody thinks of us; empty is unknown.
type Attitude string

// The attitudes.
const (
	Supportive Attitude = "supportive"
	Neutral    Attitude = "neutral"
	Opposed    Attitude = "opposed"
)

// Contacts is the kind of Contact. A contact is part of its customer and follows it
// in permission.
var Contacts = schema.Define[Contact]("contact",
	record.Standard(), schema.IndexOn("phone"), schema.IndexOn("mobile"), schema.IndexOn("email"),
	schema.IndexOn("customer_id", "is_primary"),
	schema.Search("created_at", schema.Words("name"), schema.Digits("phone", "mobile"), schema.Words("email")),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("contacts")))

// The business names of what happens to contacts beside their creation, edits and
// deletion.
const (
	// EventPrimary is becoming the primary contact, or no longer being it.
	EventPrimary = "contact.primary"
	// EventContactMoved is going to another customer, which no edit does: merging customers,
	// and undoing it, gives it this name.
	EventContactMoved = "contact.moved"
)

// MakePrimary makes a contact the primary one of its customer, instead of the one that
// was.
func (m Module) MakePrimary(ctx context.Context, id schema.ID) (*Contact, error) {
	return primary().choose(ctx, m.s, id)
}

func primary() chosen[Contact] {
	return chosen[Contact]{Contacts, "is_primary", EventPrimary, func(c *Contact) seat {
		return seat{c.ID, group{customer: c.CustomerID}, &c.Primary}
	}}
}

// prepareContacts keeps contacts with their customers.
func prepareContacts(_ context.Context, s *session.Session, writes []session.Write[Contact]) error {
	for _, w := range writes {
		if w.New == nil {
			continue
		}
		if err := w.New.born(s); err != nil {
			return err
		}
		if w.Old != nil && w.Old.CustomerID != w.New.CustomerID && !byMerge(s, w.Event, EventContactMoved) {
			return fault.New(fault.Precondition, "a contact stays with its customer")
		}
	}
	return nil
}
