package customer

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ConsentEntry is one row of the ledger of what people allow (授权台账). Rows are added by
// RecordConsent; nothing edits or deletes them, but that the evidence goes with a person who
// is erased.
type ConsentEntry struct {
	record.Meta
	// CustomerID and ContactID say who speaks: the contact, or the customer as a whole
	// where ContactID is zero. For a contact, CustomerID may be left out.
	CustomerID schema.ID `crm:"customer_id,required" validate:"required"`
	ContactID  schema.ID
	Channel    Channel `validate:"oneof=email sms phone fax post wechat messenger visit"`
	// Purpose is what for, a code of a dictionary.
	Purpose string       `crm:"purpose,list=consent.purpose" validate:"required"`
	State   ConsentState `validate:"oneof=given withdrawn unknown"`
	// At is when they said so, which does not lie ahead; zero is now.
	At time.Time
	// Source tells how we know: a form, a call; Evidence where the proof is.
	Source   string
	Evidence string `crm:"evidence,personal"`
}

// Purposes of being approached; a host may have others.
const (
	ForMarketing = "marketing"
	ForService   = "service"
	ForSurvey    = "survey"
)

// ConsentState is what somebody allows. Empty, which no row has, means that nothing was
// ever recorded.
type ConsentState string

// The states.
const (
	ConsentGiven     ConsentState = "given"
	ConsentUnknown   ConsentState = "unknown" // they were asked, or it is in doubt
	ConsentWithdrawn ConsentState = "withdrawn"
)

// MostRestrictive returns which of some states forbids most: withdrawn before unknown
// before given before nothing recorded; what is none of them counts as unknown. It is what
// holds for one who was two, after a merge or a conversion: nobody who has opted out is
// opted in that way.
func MostRestrictive(states ...ConsentState) ConsentState {
	var most ConsentState
	for _, s := range states {
		if s.restriction() > most.restriction() {
			most = s
		}
	}
	if most.restriction() == ConsentUnknown.restriction() {
		return ConsentUnknown
	}
	return most
}

// restriction orders the states.
func (s ConsentState) restriction() int {
	switch s {
	case "":
		return 0
	case ConsentGiven:
		return 1
	case ConsentWithdrawn:
		return 3
	}
	return 2
}

// Consent is what somebody allows now, for one channel and purpose: the state of the
// latest entry of the ledger by At and, of several at the same instant, the most
// restrictive. It is kept in the same write as the ledger, in whatever order entries come
// in, so that who may be approached is one condition of a query; see ContactsWhoAllow.
type Consent struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required"`
	ContactID  schema.ID
	Channel    Channel
	Purpose    string
	State      ConsentState
	// Since is the At of the entry.
	Since time.Time `crm:"since,required"`
}

// Consents is the kind of Consent, whose rows follow the ledger, and ConsentEntries that of
// ConsentEntry; both are part of the customer.
var (
	Consents = schema.Define[Consent]("consent",
		schema.Derived(), record.Standard(), schema.IndexOn("channel", "purpose", "state"), schema.IndexOn("customer_id", "contact_id"), schema.IndexOn("contact_id", "channel", "purpose"),
		schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("consents")),
		schema.BelongsTo("contact", "contact", "contact_id", schema.Inverse("consents")))
	ConsentEntries = schema.Define[ConsentEntry]("consent_entry",
		record.Standard(),
		schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("consent_entries")),
		schema.BelongsTo("contact", "contact", "contact_id", schema.Inverse("consent_entries")))
)

// RecordConsent adds a row to the ledger, and returns it as it is stored. The actor needs
// the right to change the customer; also that of a sealed one is recorded. Outside, it is
// known as "consent.given", "consent.withdrawn" or "consent.unknown". A repeated call with
// the same id and content returns what is stored.
func (m Module) RecordConsent(ctx context.Context, e *ConsentEntry) (*ConsentEntry, error) {
	if e == nil {
		return nil, fault.New(fault.Invalid, "no consent was given")
	}
	var recorded *ConsentEntry
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		var err error
		recorded, err = enter(ctx, s, *e)
		return err
	})
	return recorded, err
}

func enter(ctx context.Context, s *session.Session, e ConsentEntry) (*ConsentEntry, error) {
	if err := e.speaks(ctx, s); err != nil {
		return nil, err
	}
	ledger := session.Of(s, ConsentEntries).Trusted()
	if !e.ID.IsZero() {
		if stored, err := ledger.Existing(ctx, &e); err != nil || stored != nil {
			return stored, err
		}
	}
	if e.At.IsZero() {
		e.At = s.Now()
	}
	if e.At.After(s.Now()) {
		return nil, fault.InvalidField("at", "future", "lies ahead")
	}
	created, err := ledger.CreateNew(ctx, eventConsent+string(e.State), &e)
	if err != nil {
		return nil, err
	}
	return created, follow(ctx, s, created)
}

// eventConsent begins the business name of what RecordConsent does.
const eventConsent = "consent."

// speaks completes who speaks, and asks for the right to record it.
func (e *ConsentEntry) speaks(ctx context.Context, s *session.Session) error {
	if !e.ContactID.IsZero() {
		contact, err := session.Of(s, Contacts).Get(ctx, e.ContactID)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return fault.InvalidField("contact_id", "reference", "there is no such contact")
		case err != nil:
			return err
		case !e.CustomerID.IsZero() && e.CustomerID != contact.CustomerID:
			return fault.InvalidField("contact_id", "reference", "is no contact of that customer")
		}
		e.CustomerID = contact.CustomerID
	}
	if e.CustomerID.IsZero() {
		return fault.InvalidField("customer_id", "required", "a contact or a customer is needed")
	}
	if err := s.Require(ctx, org.Create, storage.Of(s.Tenant(), ConsentEntries).Kind()); err != nil {
		return err
	}
	_, err := s.Row(ctx, org.Update, storage.Of(s.Tenant(), Customers).Kind(), e.CustomerID)
	return err
}

// follow brings the present consent up to date with a new entry.
func follow(ctx context.Context, s *session.Session, e *ConsentEntry) error {
	table := storage.Of(s.Tenant(), Consents)
	now := Consent{Meta: s.NewMeta(), CustomerID: e.CustomerID, ContactID: e.ContactID, Channel: e.Channel, Purpose: e.Purpose, State: e.State, Since: e.At}
	now.ID = consentID(e.CustomerID, e.ContactID, e.Channel, e.Purpose)
	was, err := table.Get(ctx, now.ID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		err = table.Insert(ctx, &now)
	case err != nil:
		return err
	case e.At.Before(was.Since) || e.At.Equal(was.Since) && MostRestrictive(was.State, e.State) == was.State:
		return nil
	default:
		now.Version, now.CreatedAt, now.CreatedBy = was.Version, was.CreatedAt, was.CreatedBy
		err = table.Update(ctx, &now)
	}
	if errors.Is(err, storage.ErrExists) || errors.Is(err, storage.ErrConflict) {
		return &fault.Error{Code: fault.Retry, Message: "another entry of the same consent was faster", Err: err}
	}
	return err
}

// consentID is the id of a consent: from whose it is and what for, so that there is one.
func consentID(customer, contact schema.ID, ch Channel, purpose string) schema.ID {
	return schema.NameID("consent", end{customer, contact}.id().String(), string(ch), purpose)
}

// Consent returns what a contact, or a customer as a whole where contact is zero, allows
// now. It is NotFound for a customer that the actor may not read.
func (m Module) Consent(ctx context.Context, customer, contact schema.ID, ch Channel, purpose string) (ConsentState, error) {
	if _, err := m.s.Row(ctx, org.Read, storage.Of(m.s.Tenant(), Customers).Kind(), customer); err != nil {
		return "", err
	}
	found, err := m.Consents.Find(ctx, query.Select{Limit: 1, Where: query.All(
		query.Eq("id", consentID(customer, contact, ch, purpose)), query.Eq("customer_id", customer))})
	if err != nil || len(found.Items) == 0 {
		return "", err
	}
	return found.Items[0].State, nil
}

// ContactsWhoAllow is the condition, in a query of contacts, that they have allowed a
// channel for a purpose, and that their customer as a whole has not withdrawn it. With
// it, the list of who may be mailed is one query.
func ContactsWhoAllow(ch Channel, purpose string) query.Expr {
	return query.All(
		query.Has("consents", allows(ch, purpose, ConsentGiven)),
		query.Not{Expr: query.Has("customer", query.Has("consents", query.All(query.Null("contact_id"), allows(ch, purpose, ConsentWithdrawn))))})
}

// CustomersWhoAllow is the condition, in a query of customers, that they as a whole have
// allowed a channel for a purpose.
func CustomersWhoAllow(ch Channel, purpose string) query.Expr {
	return query.Has("consents", query.All(query.Null("contact_id"), allows(ch, purpose, ConsentGiven)))
}

func allows(ch Channel, purpose string, state ConsentState) query.Expr {
	return query.All(query.Eq("channel", ch), query.Eq("purpose", purpose), query.Eq("state", state))
}

// neverByHand keeps the present consents what the ledger says.
func neverByHand(context.Context, *session.Session, []session.Write[Consent]) error {
	return fault.New(fault.Precondition, "a consent follows the ledger: use RecordConsent")
}

// onlyByRecordConsent keeps the ledger what was recorded.
func onlyByRecordConsent(_ context.Context, s *session.Session, writes []session.Write[ConsentEntry]) error {
	for _, w := range writes {
		if s.Unbound() && (w.Event == eventLedgerMoved || w.Event == eventLedgerUnmerged) || erased(s, ConsentEntries.Name(), w.Event) {
			continue
		}
		if w.Old != nil || !s.Unbound() || !strings.HasPrefix(w.Event, eventConsent) {
			return fault.New(fault.Precondition, "the ledger of consents is written by RecordConsent, and never changed")
		}
	}
	return nil
}
