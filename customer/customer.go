package customer

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Customer is a company or person that one sells to, or hopes to (客户).
type Customer struct {
	record.Meta
	record.Owned
	Name      string `crm:"name,search" validate:"required"`
	ShortName string `crm:"short_name,search"`
	Code      string // unique where not empty
	// ParentID is the customer that this one belongs to as a subsidiary; zero
	// for none.
	ParentID schema.ID
	Status   Status `validate:"omitempty,oneof=potential trading"`
	Industry string `crm:"industry,list=customer.industry"`
	Country  string
	Phone    string
	// AnnualRevenue is the customer's own, in the company's currency; null when
	// unknown. Employees is their number; nil when unknown.
	AnnualRevenue decimal.NullDecimal
	Employees     *int64 `validate:"omitempty,min=0"`
}

// Status says how far the relation has come.
type Status string

// The states.
const (
	Potential Status = "potential" // has not bought yet (潜在客户)
	Trading   Status = "trading"   // has bought (交易客户)
)

// Customers is the kind of Customer.
var Customers = schema.Define[Customer]("customer",
	record.Responsible(),
	schema.Unique("code"),
	schema.IndexOn("phone"),
	schema.BelongsTo("parent", "customer", "parent_id", schema.Inverse("subsidiaries")))

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Customers.Kind, Contacts.Kind} }

// Hooks returns the rules of this package that hold for every write.
func Hooks() []session.Hook {
	return []session.Hook{session.Before(Customers, prepare)}
}

// Module is customers and contacts as a session sees them.
type Module struct {
	session.Collection[Customer]
	Contacts session.Collection[Contact]
}

// New returns the module for a session.
func New(s *session.Session) Module {
	return Module{session.Of(s, Customers), session.Of(s, Contacts)}
}

func prepare(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	for _, w := range writes {
		if w.New == nil {
			continue
		}
		if w.New.Status == "" {
			w.New.Status = Potential
		}
		if w.New.ParentID.IsZero() || w.Old != nil && w.Old.ParentID == w.New.ParentID {
			continue
		}
		if w.Old == nil && w.New.ParentID != w.New.ID {
			continue // nothing stands below what is new; the store refuses circles among the new
		}
		if err := noCircle(ctx, s, w.New); err != nil {
			return err
		}
	}
	return nil
}

// noCircle refuses a parent that stands below the customer. Moves in the tree of a
// tenant wait for each other, so that two of them can't close a circle together.
func noCircle(ctx context.Context, s *session.Session, c *Customer) error {
	if err := s.Serialize(ctx, "customer.parent"); err != nil {
		return err
	}
	table := storage.Of(s.Tenant(), Customers)
	for id := c.ParentID; !id.IsZero(); {
		if id == c.ID {
			return fault.InvalidField("parent_id", "circle", "a customer can't stand below itself")
		}
		above, err := table.Get(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil // the reference is refused when it is stored
		}
		if err != nil {
			return err
		}
		id = above.ParentID
	}
	return nil
}
