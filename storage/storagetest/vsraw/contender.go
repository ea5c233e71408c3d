package vsraw

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// contender does what is measured, through storage or by hand.
type contender interface {
	get(ctx context.Context, id schema.ID) (Customer, error)
	insert(ctx context.Context, c *Customer) error
	// update stores all fields, if the version is still that of c, and raises
	// the version in c.
	update(ctx context.Context, c *Customer) error
	// change does so with the phone alone.
	change(ctx context.Context, c *Customer) error
	// page returns the page of 50, latest first, that follows the nth mark.
	page(ctx context.Context, mark int) ([]Customer, error)
	// edit reads a customer and stores another phone, in a transaction.
	edit(ctx context.Context, id schema.ID, phone string) error
	bulk(ctx context.Context, lines []*Line) error
	months(ctx context.Context) ([]monthSum, error)
	top(ctx context.Context) ([]customerSum, error)
	values(ctx context.Context) ([]value, error)
}

const (
	pageSize = 50
	topSize  = 20
	bulkSize = 10_000
)

// monthSum is what was sold in a month.
type monthSum struct {
	Month int64
	Sum   decimal.Decimal
}

// customerSum is what a customer bought.
type customerSum struct {
	CustomerID schema.ID
	Sum        decimal.Decimal
}

// value is how recently, how often and for how much a customer bought.
type value struct {
	CustomerID schema.ID
	Last       time.Time
	Lines      int64
	Sum        decimal.Decimal
}
