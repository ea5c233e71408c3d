// Package catalog holds what is sold: products. (Units, currencies and rates will
// stand here too.)
//
// Products belong to nobody: whoever may read the kind reads all of them, and
// changing them needs a role that says so.
package catalog

import (
	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/schema"
)

// Product is something that can be sold (产品).
type Product struct {
	record.Meta
	Name   string `crm:"name,search" validate:"required"`
	Code   string // unique where not empty
	Series string // the product line
	// ListPrice is the suggested price of one unit in the company's currency;
	// null when there is none.
	ListPrice decimal.NullDecimal `crm:"list_price,scale=6" validate:"omitempty,min=0"`
}

// Products is the kind of Product.
var Products = schema.Define[Product]("product",
	record.Standard(), schema.Unique("code"), schema.IndexOn("name"))

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Products.Kind} }

// Module is the catalog as a session sees it.
type Module struct {
	session.Collection[Product]
}

// New returns the module for a session.
func New(s *session.Session) Module { return Module{session.Of(s, Products)} }
