package eval_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func Example() {
	type Product struct {
		ID    schema.ID
		Name  string
		Price int64
	}
	r, err := schema.NewRegistry([]*schema.Kind{schema.Define[Product]("product", schema.Unique("name")).Kind})
	if err != nil {
		fmt.Println(err)
		return
	}
	k, ctx := r.Kind("product"), context.Background()

	conn := eval.NewConn(eval.NewTables())
	err = conn.Insert(ctx, k, &driver.Insert{Tenant: "acme", Rows: []driver.Row{
		{schema.NewID(), "bolt", int64(3)},
		{schema.NewID(), "nut", int64(2)},
		{schema.NewID(), "rod", int64(9)},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := query.ResolveSelect(k, query.Select{Where: query.Lt("price", 5), Sort: query.By("price")})
	if err != nil {
		fmt.Println(err)
		return
	}
	q.Tenant = "acme"
	rows, err := conn.Select(ctx, k, &q)
	for _, row := range rows {
		fmt.Println(row[1], row[2])
	}
	fmt.Println(err)

	err = conn.Insert(ctx, k, &driver.Insert{Tenant: "acme", Rows: []driver.Row{{schema.NewID(), "nut", int64(1)}}})
	fmt.Println(err)
	fmt.Println(eval.Classify(err).Index)
	// Output:
	// nut 2
	// bolt 3
	// <nil>
	// exists: product: another record has the same product_name_key
	// product_name_key
}
