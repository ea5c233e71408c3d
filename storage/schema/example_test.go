package schema_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// A kind is defined beside its struct; a registry joins the kinds of a program,
// with the custom fields that a host adds.
func Example() {
	type Customer struct {
		ID     schema.ID
		Name   string `crm:",search"`
		Code   string `crm:",max=20"`
		Custom schema.Values
	}
	type Order struct {
		ID         schema.ID
		CustomerID schema.ID
		Amount     decimal.Decimal // four decimal places
	}
	customers := schema.Define[Customer]("customer", schema.Unique("code"))
	orders := schema.Define[Order]("order", schema.BelongsTo("customer", "customer", "customer_id", schema.Inverse("orders")))

	registry, err := schema.NewRegistry([]*schema.Kind{customers.Kind, orders.Kind},
		schema.Extension{Kind: "customer", Fields: []schema.CustomField{{Name: "colour", Type: schema.TypeText}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer, order := registry.Kind("customer"), registry.Kind("order")
	for _, f := range customer.Columns() {
		fmt.Println(f.Name, f.Type)
	}
	fmt.Println("custom:", customer.CustomField("colour").Type)
	fmt.Println("back:", customer.Relation("orders").To.Name())
	fmt.Println("guarded by:", registry.PointingAt(customer)[0].From.Name())

	_, err = order.Field("amount").Value("12.34567")
	fmt.Println(err)
	// Output:
	// id id
	// name text
	// code text
	// custom json
	// name_fold text
	// custom: text
	// back: order
	// guarded by: order
	// invalid: amount: has more than 4 decimal places
}
