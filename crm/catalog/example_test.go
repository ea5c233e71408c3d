package catalog_test

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/storage/memory"
)

// A product is created by whoever has the right to, and read by all.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	price := decimal.NewNullDecimal(decimal.RequireFromString("4821.50"))
	p, _ := s.Products.Create(ctx, &catalog.Product{Name: "GTX Pro", Series: "GTX", ListPrice: price})
	fmt.Println(p.Name, p.ListPrice.Decimal)
	// Output:
	// GTX Pro 4821.5
}
