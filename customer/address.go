package customer

import (
	"context"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// Address is a place of a customer (地址).
type Address struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required" validate:"required"`
	// Kind says what happens there: a code of a dictionary.
	Kind string `crm:"kind,list=address.kind" validate:"required"`
	// Default marks the one to take where a kind is asked for. Of each kind that a
	// customer has, exactly one is the default. At Create it is a wish, granted where there
	// is none yet; the first of a kind gets it anyway. From then on MakeDefault changes it,
	// and when the default is deleted or becomes another kind, the oldest of the others
	// takes its place.
	Default   bool `crm:"is_default"`
	Country   string
	Province  string // 省
	City      string // 市
	District  string // 区
	Street    string `crm:"street,personal"` // with the number
	Postcode  string `crm:"postcode,personal"`
	Addressee string `crm:"addressee,personal"` // the person or department it is for (收件人)
	Phone     string `crm:"phone,personal"`
}

// Kinds of addresses; a host may have others.
const (
	Billing  = "billing"  // 开票
	Shipping = "shipping" // 收货
	Office   = "office"   // 办公
	Home     = "home"     // 住宅
)

// Addresses is the kind of Address: part of its customer.
var Addresses = schema.Define[Address]("address",
	record.Standard(), schema.IndexOn("customer_id", "kind"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("addresses")))

// EventDefault is what happens to an address that becomes the default of its kind, or no
// longer is.
const EventDefault = "address.default"

// MakeDefault makes an address the default of its kind, instead of the one that was.
func (m Module) MakeDefault(ctx context.Context, id schema.ID) (*Address, error) {
	return byDefault().choose(ctx, m.s, id)
}

func byDefault() chosen[Address] {
	return chosen[Address]{Addresses, "is_default", EventDefault, func(a *Address) seat {
		return seat{a.ID, group{a.CustomerID, a.Kind}, &a.Default}
	}}
}
