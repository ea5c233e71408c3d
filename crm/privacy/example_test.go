package privacy_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
)

// A contact asks what is kept about her, and then to be forgotten.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open(), crm.WithErasureSecret([]byte("kept elsewhere")))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	press, people, _ := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "North River Press"},
		[]*customer.Contact{{Name: "Li Na", Mobile: "+86 138 0013 8000", Role: customer.DecisionMaker}})
	her := record.Ref{Kind: "contact", ID: people[0].ID}

	var everything bytes.Buffer
	if err := s.Privacy.Data(ctx, her, &everything); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("told:", bytes.Contains(everything.Bytes(), []byte("138 0013 8000")))

	done, err := s.Privacy.Erase(ctx, her, privacy.Options{Reason: "asked by letter"})
	if err != nil {
		fmt.Println(err)
		return
	}
	left, _ := s.Customers.Contacts.Get(ctx, her.ID)
	fmt.Println(left.Name == done.Erasure.Pseudonym, left.Mobile == "", left.Role)

	// The list with her on it comes in again.
	again := &customer.Contact{CustomerID: press.ID, Name: "LI NA", Mobile: "13800138000"}
	_, err = s.Customers.Contacts.Create(ctx, again)
	fmt.Println(err)

	_, _ = s.Privacy.Readmit(ctx, done.Erasure.ID, "has signed a new contract with us")
	_, err = s.Customers.Contacts.Create(ctx, again)
	fmt.Println(err)
	// Output:
	// told: true
	// true true decision_maker
	// precondition: contact: this person was erased, and stays so until they are readmitted
	// <nil>
}
