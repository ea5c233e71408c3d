package crm_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
)

// Open a store, say who acts, and work. A colleague does not see the customer.
func Example() {
	ctx := context.Background()
	store := memory.Open() // or sqlite.Open(ctx, "crm.db"), postgres.Open(ctx, dsn)
	app, err := openApp(ctx, store)
	if err != nil {
		fmt.Println(err)
		return
	}
	sys, _ := app.System("first set-up")
	li, _ := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Li", HostUser: "u1"})
	wang, _ := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Wang"})

	s, _ := app.AsExternal(ctx, "u1")
	c, _ := s.Customers.Create(ctx, &customer.Customer{Name: "华为"})
	fmt.Println(c.Name, c.OwnerID == li.ID)

	colleague, _ := app.As(ctx, wang.ID)
	_, err = colleague.Customers.Get(ctx, c.ID)
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// 华为 true
	// true
}

func openApp(ctx context.Context, store *storage.Store) (*crm.App, error) {
	if err := crm.Migrate(ctx, store); err != nil {
		return nil, err
	}
	return crm.Open(ctx, store)
}
