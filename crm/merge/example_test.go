package merge_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// Two customers turn out to be one, and later not to be.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	press, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Press", Phone: "010-1234"})
	again, people, _ := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "North River", Email: "mail@nrp.example"}, []*customer.Contact{{Name: "Li"}})

	done, err := s.Customers.Merge(ctx, merge.Request{Winner: press.ID, Losers: []schema.ID{again.ID}, Reason: "the same tax number"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range done.Merge.Counts {
		fmt.Println(c.Kind, "moved:", c.Moved)
	}
	one, _ := s.Customers.Get(ctx, again.ID) // its old id still leads to it
	fmt.Println(one.Name, one.Phone, one.Email)

	undone, _ := s.Customers.Unmerge(ctx, done.Merge.ID)
	li, _ := s.Customers.Contacts.Get(ctx, people[0].ID)
	fmt.Println(undone.Merge.State, li.CustomerID == again.ID)
	// Output:
	// contact moved: 1
	// North River Press 010-1234 mail@nrp.example
	// undone true
}
