package admin_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// A record is shared to a colleague until a time, and the library tells why they may read it.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	hire := func(name string) schema.ID {
		e, _ := s.Admin.Employees.Create(ctx, &org.Employee{Name: name})
		return e.ID
	}
	li, wang := hire("Li"), hire("Wang")
	mine, _ := app.As(ctx, li)
	c, _ := mine.Customers.Create(ctx, &customer.Customer{Name: "North River Press"})
	ref := record.Ref{Kind: "customer", ID: c.ID}
	_, _ = mine.Admin.Share(ctx, ref, wang, org.ReadAccess, mine.Now().Add(24*time.Hour))

	theirs, _ := app.As(ctx, wang)
	for _, v := range []org.Verb{org.Read, org.Update} {
		why, _ := theirs.Why(ctx, v, ref)
		fmt.Println(v, why.Allowed, len(why.Access))
	}
	// Output:
	// read true 1
	// update false 0
}
