package customer

import (
	"cmp"
	"context"
	"errors"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Customer is a company or person that one sells to, or hopes to (客户).
type Customer struct {
	record.Meta
	record.Owned
	Name      string `crm:"name,search,personal" validate:"required"`
	ShortName string `crm:"short_name,search,personal"`
	Code      string // unique where not empty
	// Type is Direct where Create is given none; where Update is given none, it stays.
	Type Type `validate:"omitempty,oneof=direct agent distributor individual partner"`
	// ParentID is the customer that this one belongs to as a subsidiary; zero
	// for none.
	ParentID schema.ID
	// Status and Standing are Potential and Normal where Create is given none, and stay
	// where Update is given none. Status, TradingSince and StateReason change by
	// StartTrading, StopTrading, Seal and Unseal only; Standing is edited between Active and
	// Normal.
	Status   Status   `validate:"omitempty,oneof=potential trading"`
	Standing Standing `validate:"omitempty,oneof=active normal sealed"`
	// TradingSince is the business date of the first order; zero for a potential customer,
	// and where nobody knows.
	TradingSince schema.Date
	// StateReason says why the customer was last sealed, unsealed or taken back to
	// potential; empty where it never was.
	StateReason string
	// LastContactOn is the date on which we were last in contact; zero for never. It is set
	// by Contacted.
	LastContactOn schema.Date

	// These sort the customer (客户分类). They are codes of dictionaries; empty is unknown.
	Source        string `crm:"source,list=customer.source"`                 // how it came to us (来源)
	Value         string `crm:"value,list=customer.value"`                   // what it is worth to us (价值)
	Industry      string `crm:"industry,list=customer.industry"`             // its trade (行业)
	RelationLevel string `crm:"relation_level,list=customer.relation_level"` // how close we are (关系等级)
	Region        string `crm:"region,list=customer.region"`                 // where it is (区域)
	Importance    string `crm:"importance,list=customer.importance"`         // how much care it gets (重要程度)

	Country string
	Phone   string `crm:"phone,personal"`
	Email   string `crm:"email,personal" validate:"omitempty,email"`
	Website string `crm:"website,personal"`
	// TaxID is the number under which the authorities know the customer
	// (统一社会信用代码); unique where not empty.
	TaxID string `crm:"tax_id,personal"`
	// AnnualRevenue is the customer's own, in the company's currency; null when
	// unknown. Employees is their number; nil when unknown.
	AnnualRevenue decimal.NullDecimal
	Employees     *int64 `validate:"omitempty,min=0"`
	// Person is what is known of an individual.
	Person
	Preference
	Pooling
}

// Type says what a customer is to us (客户类型).
type Type string

// The types.
const (
	Direct      Type = "direct"      // buys for itself (直接客户)
	Agent       Type = "agent"       // sells in our name (代理商)
	Distributor Type = "distributor" // buys and sells on (经销商)
	Individual  Type = "individual"  // a person (个人客户)
	Partner     Type = "partner"     // works with us (合作伙伴)
)

// Customers is the kind of Customer.
var Customers = schema.Define[Customer]("customer",
	record.Responsible(),
	schema.SortKeys("last_contact_on"),
	schema.Unique("code"), schema.Unique("tax_id"),
	schema.IndexOn("phone"), schema.IndexOn("email"),
	schema.IndexOn("pool_id", "pooled_at"), schema.IndexOn("quiet_since"),
	schema.Search("last_contact_on", schema.Words("name", "short_name", "code"), schema.Digits("phone"), schema.Words("email")),
	schema.BelongsTo("parent", "customer", "parent_id", schema.Inverse("subsidiaries")),
	schema.BelongsTo("pool", "pool", "pool_id"), schema.BelongsTo("taken_from", "pool", "taken_from_id"))

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{
		Customers.Kind, Contacts.Kind, Addresses.Kind, Teammates.Kind, Relations.Kind, Consents.Kind, ConsentEntries.Kind, MatchKeys.Kind,
		Pools.Kind, PoolStays.Kind, AssignmentRules.Kind, AssignmentTurns.Kind,
	}
}

// Hooks returns the rules of this package that hold for every write, of a program with the
// exemptions that pools may name.
func Hooks(exempt ...Exemption) []session.Hook {
	contacts, addresses := primary(), byDefault()
	return []session.Hook{
		session.Before(Customers, prepare), session.Before(Customers, keepPooling), session.Before(Customers, forgetStays), session.After(Customers, keepStays),
		session.Refusing(Customers, tellSealed), session.Before(Customers, forgetKeys), session.After(Customers, takeBack), session.After(merge.Merges, takeBackFormer), session.After(merge.Merges, forgetFormer),
		session.Before(Contacts, prepareContacts), session.Before(Contacts, contacts.before), session.After(Contacts, contacts.after),
		session.Before(Addresses, addresses.before), session.After(Addresses, addresses.after),
		session.Before(Teammates, admit), session.After(Teammates, dismiss), session.Merging(Teammates, mergeTeams),
		session.Before(Relations, connect), session.Merging(Relations, mergeRelations),
		session.Before(Consents, neverByHand), session.Before(ConsentEntries, onlyByRecordConsent),
		session.Merging(ConsentEntries, mergeLedgers), session.After(ConsentEntries, settleConsents),
		session.Before(Pools, keepPools(exempt)), session.Before(PoolStays, onlyByPools), session.Merging(PoolStays, mergeStays), session.Before(AssignmentRules, keepRules),
		session.Room(Customers, room), session.After(org.Shares, teamsFollow),
	}
}

// Module is customers, and what belongs to them, as a session sees them.
type Module struct {
	session.Collection[Customer]
	Contacts  session.Collection[Contact]
	Addresses session.Collection[Address]
	Team      session.Collection[Teammate]
	Relations session.Collection[Relation]
	// Consents and ConsentLedger are for reading; see RecordConsent.
	Consents      session.Collection[Consent]
	ConsentLedger session.Collection[ConsentEntry]
	Pools         session.Collection[Pool]
	// AssignmentRules are what Assign goes by.
	AssignmentRules session.Collection[AssignmentRule]

	s       *session.Session
	options Options
}

// Options are what a host gives to the module.
type Options struct {
	// Matcher finds duplicates; nil in a program that looks for none.
	Matcher *match.Matcher
	// TellOwner has Module.Duplicates name the owner of a customer that the actor may not
	// read, for a company whose people shall talk to each other rather than compete for the
	// same customer (杜绝内部争抢).
	TellOwner bool
	// Exempt are the exemptions that pools may name.
	Exempt []Exemption
}

// New returns the module for a session.
func New(s *session.Session, o Options) Module {
	return Module{
		session.Of(s, Customers), session.Of(s, Contacts), session.Of(s, Addresses), session.Of(s, Teammates), session.Of(s, Relations),
		session.Of(s, Consents), session.Of(s, ConsentEntries), session.Of(s, Pools), session.Of(s, AssignmentRules), s, o,
	}
}

// CreateWithContacts creates a customer together with its contacts, all or none
// (客户新增时同时新增联系人). Each part needs its own permission. The contacts need no
// CustomerID; another one is overwritten. The primary contact is the first that asks for
// it, or else the first.
//
// What else begins with the customer, such as an opportunity, is created by extras: they
// run in the same transaction, on the session that they are given, and an error of theirs
// undoes all.
func (m Module) CreateWithContacts(ctx context.Context, c *Customer, contacts []*Contact,
	extras ...func(ctx context.Context, s *session.Session, c *Customer) error,
) (*Customer, []*Contact, error) {
	var created *Customer
	var people []*Contact
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		var err error
		if created, err = session.Of(s, Customers).Create(ctx, c); err != nil {
			return err
		}
		theirs := make([]*Contact, len(contacts))
		for i, given := range contacts {
			if given == nil {
				return fault.InvalidField("contacts", "required", "contact %d is missing", i+1)
			}
			one := *given // the caller's record is not touched
			one.CustomerID, theirs[i] = created.ID, &one
		}
		if len(theirs) > 0 {
			if people, err = session.Of(s, Contacts).CreateMany(ctx, "", theirs...); err != nil {
				return err
			}
		}
		for _, extra := range extras {
			if err := extra(ctx, s, created); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return created, people, nil
}

// prepare completes customers and keeps what an edit must not change.
func prepare(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	parents := map[schema.ID]schema.ID{} // as they will be
	var moved []schema.ID
	for _, w := range writes {
		if w.New == nil {
			continue
		}
		if w.Old != nil {
			w.New.Type, w.New.Status, w.New.Standing = cmp.Or(w.New.Type, w.Old.Type), cmp.Or(w.New.Status, w.Old.Status), cmp.Or(w.New.Standing, w.Old.Standing)
		}
		w.New.Type, w.New.Status, w.New.Standing = cmp.Or(w.New.Type, Direct), cmp.Or(w.New.Status, Potential), cmp.Or(w.New.Standing, Normal)
		if err := w.New.born(s); err != nil {
			return err
		}
		if err := lives(s, w); err != nil {
			return err
		}
		parents[w.New.ID] = w.New.ParentID
		if w.New.ParentID.IsZero() || w.Old != nil && w.Old.ParentID == w.New.ParentID {
			continue
		}
		if w.Old == nil && w.New.ParentID != w.New.ID {
			continue // nothing stands below what is new; the store refuses circles among the new
		}
		moved = append(moved, w.New.ID)
	}
	if len(moved) == 0 {
		return nil
	}
	return noCircle(ctx, s, parents, moved)
}

// noCircle refuses a parent that stands below the customer, among those that are stored and
// those of the same call. Moves in the tree of a tenant wait for each other, so that two of
// them can't close a circle together.
func noCircle(ctx context.Context, s *session.Session, parents map[schema.ID]schema.ID, moved []schema.ID) error {
	if err := s.Serialize(ctx, "customer.parent"); err != nil {
		return err
	}
	table := storage.Of(s.Tenant(), Customers)
	for _, child := range moved {
		seen := map[schema.ID]bool{child: true}
		for id := parents[child]; !id.IsZero(); {
			if seen[id] {
				return fault.InvalidField("parent_id", "circle", "a customer can't stand below itself")
			}
			seen[id] = true
			next, known := parents[id]
			if !known {
				above, err := table.Get(ctx, id)
				if err != nil && !errors.Is(err, storage.ErrNotFound) { // the reference is refused when it is stored
					return err
				}
				next = above.ParentID
				parents[id] = next
			}
			id = next
		}
	}
	return nil
}
