package vsraw

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ours works through storage.
type ours struct {
	stock, fresh *storage.Tenant // what is read, and what is only written to
	marks        []string
}

var newestFirst = query.By("-created_at", "-id")

func (o *ours) get(ctx context.Context, id schema.ID) (Customer, error) {
	return storage.Of(o.stock, Customers).Get(ctx, id)
}

func (o *ours) insert(ctx context.Context, c *Customer) error {
	return storage.Of(o.fresh, Customers).Insert(ctx, c)
}

func (o *ours) update(ctx context.Context, c *Customer) error {
	err := storage.Of(o.stock, Customers).Update(ctx, c)
	if err == nil {
		c.Version++
	}
	return err
}

func (o *ours) change(ctx context.Context, c *Customer) error {
	k := storage.Of(o.stock, Customers).Kind()
	err := o.stock.Write(ctx, driver.Mutation{Kind: k, Update: &driver.Update{ID: c.ID, IfVersion: c.Version, Set: []driver.Assign{
		{Field: k.Field("phone"), Value: c.Phone},
		{Field: k.Field("version"), Value: c.Version + 1},
	}}})
	if err == nil {
		c.Version++
	}
	return err
}

func (o *ours) page(ctx context.Context, mark int) ([]Customer, error) {
	page, err := storage.Of(o.stock, Customers).Find(ctx, query.Select{Sort: newestFirst, Limit: pageSize, Cursor: o.marks[mark]})
	return page.Items, err
}

func (o *ours) edit(ctx context.Context, id schema.ID, phone string) error {
	return o.stock.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
		customers := storage.Of(tx, Customers)
		c, err := customers.Get(ctx, id)
		if err != nil {
			return err
		}
		c.Phone = phone
		return customers.Update(ctx, &c)
	})
}

func (o *ours) bulk(ctx context.Context, lines []*Line) error {
	return storage.Of(o.fresh, Lines).Insert(ctx, lines...)
}

var sumOfAmount = query.Measure{Fn: query.Sum, Path: query.P("amount")}

func (o *ours) months(ctx context.Context) ([]monthSum, error) {
	groups, err := storage.Of(o.stock, Lines).Aggregate(ctx, query.Aggregate{
		Keys: []query.Key{{Path: query.P("month")}}, Measures: []query.Measure{sumOfAmount}})
	list := make([]monthSum, len(groups.Rows))
	for i, row := range groups.Rows {
		list[i] = monthSum{row[0].(int64), row[1].(decimal.Decimal)}
	}
	return list, err
}

func (o *ours) top(ctx context.Context) ([]customerSum, error) {
	groups, err := storage.Of(o.stock, Lines).Aggregate(ctx, query.Aggregate{
		Keys: []query.Key{{Path: query.P("customer_id")}}, Measures: []query.Measure{sumOfAmount}, Sort: query.By("-sum_amount"), Limit: topSize})
	list := make([]customerSum, len(groups.Rows))
	for i, row := range groups.Rows {
		list[i] = customerSum{row[0].(schema.ID), row[1].(decimal.Decimal)}
	}
	return list, err
}

func (o *ours) values(ctx context.Context) ([]value, error) {
	groups, err := storage.Of(o.stock, Lines).Aggregate(ctx, query.Aggregate{
		Keys:     []query.Key{{Path: query.P("customer_id")}},
		Measures: []query.Measure{{Fn: query.Max, Path: query.P("ordered_at")}, {Fn: query.Count}, sumOfAmount}, Limit: query.MaxGroups})
	list := make([]value, len(groups.Rows))
	for i, row := range groups.Rows {
		list[i] = value{row[0].(schema.ID), row[1].(time.Time), row[2].(int64), row[3].(decimal.Decimal)}
	}
	return list, err
}
