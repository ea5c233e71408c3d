package vsraw

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// Customer is a record as wide as those of a CRM.
type Customer struct {
	ID            schema.ID
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
	CreatedBy     schema.ID
	UpdatedBy     schema.ID
	OwnerID       schema.ID
	DepartmentID  schema.ID
	Name          string `crm:"name,search"`
	ShortName     string
	Code          string
	ParentID      schema.ID
	Status        string
	Industry      string
	Country       string
	Phone         string
	AnnualRevenue decimal.NullDecimal
	Employees     *int64
}

// Customers is the kind of Customer.
var Customers = schema.Define[Customer]("customer",
	schema.SortKeys("created_at"), schema.Unique("code"), schema.IndexOn("phone"), schema.IndexOn("owner_id"))

// Line is a line of an order: what there is most of.
type Line struct {
	ID         schema.ID
	CustomerID schema.ID
	OrderedAt  time.Time
	Month      int64
	Quantity   int64
	Amount     decimal.Decimal
}

// Lines is the kind of Line, with the indexes that its sums are read from.
var Lines = schema.Define[Line]("line",
	schema.BelongsTo("customer", "customer", "customer_id"),
	schema.IndexOn("customer_id", "ordered_at", "amount"), schema.IndexOn("month", "amount"))

// generator makes the same records for the same seed, but for their ids.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 0))} }

var epoch = time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)

func (g generator) customer(i int) *Customer {
	staff := int64(g.IntN(5000))
	at := epoch.Add(time.Duration(i) * time.Minute)
	id := schema.NewID()
	person := schema.ID{15: byte(1 + g.IntN(200))}
	return &Customer{
		ID: id, Version: 1, CreatedAt: at, UpdatedAt: at, CreatedBy: person, UpdatedBy: person, OwnerID: person,
		DepartmentID: schema.ID{15: byte(1 + g.IntN(20))}, Name: fmt.Sprintf("Customer %d of 东方印刷", i), ShortName: fmt.Sprintf("C%d", i),
		Code: id.String(), Status: []string{"potential", "trading"}[g.IntN(2)], Industry: "printing", Country: "CN",
		Phone: fmt.Sprintf("138%08d", g.IntN(100_000_000)), AnnualRevenue: decimal.NewNullDecimal(decimal.New(g.Int64N(1e12), -4)), Employees: &staff,
	}
}

func (g generator) line(customer schema.ID) *Line {
	at := epoch.AddDate(0, 0, g.IntN(2*365)).Add(time.Duration(g.IntN(86_400)) * time.Second)
	return &Line{ID: schema.NewID(), CustomerID: customer, OrderedAt: at, Month: int64(at.Year()*100 + int(at.Month())),
		Quantity: int64(1 + g.IntN(100)), Amount: decimal.New(g.Int64N(1e9), -4)}
}
