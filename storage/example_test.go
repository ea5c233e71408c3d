package storage_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type Deal struct {
	ID      schema.ID
	Version int64
	Code    string
	State   string
	Amount  decimal.Decimal
}

var Deals = schema.Define[Deal]("deal", schema.Unique("code"))

// A store is bound to the kinds that are kept in it and asked for a tenant. What
// belongs together is written in a transaction: all of it, or none.
func Example() {
	ctx := context.Background()
	registry, err := schema.NewRegistry([]*schema.Kind{Deals.Kind})
	if err != nil {
		fmt.Println(err)
		return
	}
	acme, err := memory.Open().Bind(registry, storage.Options{}).Tenant("acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = acme.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		return storage.Of(tx, Deals).Insert(ctx,
			&Deal{ID: tx.NewID(), Version: 1, Code: "D-1", State: "open", Amount: decimal.RequireFromString("99.90")},
			&Deal{ID: tx.NewID(), Version: 1, Code: "D-2", State: "won", Amount: decimal.RequireFromString("12.50")},
			&Deal{ID: tx.NewID(), Version: 1, Code: "D-3", State: "open", Amount: decimal.RequireFromString("0.10")})
	})
	fmt.Println(err)

	deals := storage.Of(acme, Deals)
	err = deals.Insert(ctx, &Deal{ID: acme.NewID(), Version: 1, Code: "D-2"})
	fmt.Println(err, errors.Is(err, storage.ErrExists))

	for deal, err := range deals.All(ctx, query.Select{Where: query.Eq("state", "open"), Sort: query.By("-amount")}) {
		fmt.Println(deal.Code, deal.Amount, err)
	}
	totals, err := deals.Aggregate(ctx, query.Aggregate{
		Keys:     []query.Key{{Path: query.P("state")}},
		Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}},
	})
	for _, row := range totals.Rows {
		fmt.Println(row...)
	}
	fmt.Println(err)
	// Output:
	// <nil>
	// exists: deal: there is such a record already true
	// D-1 99.9 <nil>
	// D-3 0.1 <nil>
	// open 2 100
	// won 1 12.5
	// <nil>
}
