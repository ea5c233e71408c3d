package customer_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// A customer of a group, with a contact, found by the group's industry.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	group, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Group", Industry: "printing"})
	c, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Press", ParentID: group.ID})
	_, _ = s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "Zhang", Email: "zhang@example.com"})

	page, _ := s.Customers.Find(ctx, query.Select{Where: query.All(
		query.Eq("parent.industry", "printing"),
		query.Has("contacts", query.HasPrefix("name", "zha")),
	)})
	for _, found := range page.Items {
		fmt.Println(found.Name, found.Status)
	}
	// Output:
	// North River Press potential
}
