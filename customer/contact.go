package customer

import (
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// Contact is a person at a customer (联系人).
type Contact struct {
	record.Meta
	CustomerID schema.ID `crm:"customer_id,required" validate:"required"`
	Name       string    `crm:"name,search" validate:"required"`
	Title      string    // the position they hold
	Phone      string
	Email      string `validate:"omitempty,email"`
}

// Contacts is the kind of Contact. A contact is part of its customer and follows it
// in permission.
var Contacts = schema.Define[Contact]("contact",
	record.Standard(), schema.IndexOn("phone"), schema.IndexOn("email"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("contacts")))
