package overview_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/overview"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// A customer is shown with its contacts, and with the ERP's own invoices.
func Example() {
	ctx := context.Background()
	invoices := overview.Provider{Of: "customer", Name: "invoices", Page: func(context.Context, *session.Session, record.Ref, query.Select) ([]any, string, error) {
		return []any{"R-17", "R-12"}, "", nil
	}}
	app, err := crm.Open(ctx, memory.Open(), crm.WithSections(invoices))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	c, _, _ := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "North River Press"}, []*customer.Contact{{Name: "Li"}, {Name: "Zhang"}})
	ref := record.Ref{Kind: "customer", ID: c.ID}

	view, err := s.Overview(ctx, ref, overview.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(view.Record.(*customer.Customer).Name)
	for _, section := range view.Sections {
		if len(section.Items) > 0 {
			fmt.Println(section.Name, len(section.Items))
		}
	}
	story, _ := s.Timeline(ctx, ref, query.Select{Limit: 2})
	for _, entry := range story.Items {
		fmt.Println(entry.Event)
	}
	// Output:
	// North River Press
	// contacts 2
	// invoices 2
	// contact.created
	// contact.created
}
