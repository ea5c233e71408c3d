package settings_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// A company decides which industries there are, how customers are numbered, and what else
// it wants to know of them.
func Example() {
	ctx := context.Background()
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	app, err := crm.Open(ctx, memory.Open(), crm.WithClock(func() time.Time { return now }))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("first set-up")
	_, _ = s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "customer.industry", Code: "cosmetics", Label: settings.Label{EN: "Cosmetics", ZH: "化妆品"}})
	_, _ = s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "C{yyyy}-{0000}", Reset: settings.Yearly, First: 1043}) // an old system gave 1042 this year
	_, _ = s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "pages_a_year", Type: "int", Label: settings.Label{EN: "Pages a year"}})

	c, err := s.Customers.Create(ctx, &customer.Customer{Name: "North River Press", Industry: "cosmetics", Meta: record.Meta{Custom: schema.Values{"pages_a_year": 24}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	set, _ := s.Settings(ctx)
	fmt.Println(c.Code, set.Entry("customer.industry", c.Industry).Label.In("zh"), c.Custom["pages_a_year"])
	_, err = s.Customers.Create(ctx, &customer.Customer{Name: "South River Press", Industry: "no such industry"})
	fmt.Println(err)
	// Output:
	// C2026-1043 化妆品 24
	// invalid: customer: industry
}
