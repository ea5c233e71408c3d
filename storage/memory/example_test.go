package memory_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type Product struct {
	ID    schema.ID
	Name  string
	Price int64
}

func Example() {
	products := schema.Define[Product]("product", schema.Unique("name"))
	registry, err := schema.NewRegistry([]*schema.Kind{products.Kind})
	if err != nil {
		fmt.Println(err)
		return
	}
	store := memory.Open()
	defer func() { fmt.Println(store.Close()) }()

	ctx := context.Background()
	tenant, err := store.Bind(registry, storage.Options{}).Tenant("acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	table := storage.Of(tenant, products)
	err = table.Insert(ctx,
		&Product{ID: tenant.NewID(), Name: "bolt", Price: 3},
		&Product{ID: tenant.NewID(), Name: "nut", Price: 2},
		&Product{ID: tenant.NewID(), Name: "rod", Price: 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := table.Find(ctx, query.Select{Where: query.Lt("price", 5), Sort: query.By("price")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range page.Items {
		fmt.Println(p.Name, p.Price)
	}
	// Output:
	// nut 2
	// bolt 3
	// <nil>
}
