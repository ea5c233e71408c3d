package customer_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// A customer of a group with its contacts: found by the group's industry, asked for their
// consent, and drawn.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	group, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Group", Industry: "printing"})
	press, people, _ := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "North River Press", ParentID: group.ID},
		[]*customer.Contact{{Name: "Li", Role: customer.KeyContact}, {Name: "Zhang", Role: customer.DecisionMaker, Primary: true}})

	page, _ := s.Customers.Find(ctx, query.Select{Where: query.All(
		query.Eq("parent.industry", "printing"), query.Has("contacts", query.HasPrefix("name", "zha")))})
	for _, found := range page.Items {
		fmt.Println(found.Name, found.Status, found.Lifecycle())
	}

	_, _ = s.Customers.RecordConsent(ctx, &customer.ConsentEntry{ContactID: people[0].ID, Channel: customer.Email, Purpose: customer.ForMarketing,
		State: customer.ConsentGiven, Source: "trade fair"})
	mailable, _ := s.Customers.Contacts.Find(ctx, query.Select{Where: customer.ContactsWhoAllow(customer.Email, customer.ForMarketing)})
	fmt.Println(len(mailable.Items), "may be mailed:", mailable.Items[0].Name)

	_, _ = s.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: press.ID, FromContactID: people[0].ID,
		ToCustomerID: press.ID, ToContactID: people[1].ID, Kind: customer.ReportsTo})
	graph, _ := s.Customers.RelationGraph(ctx, press.ID)
	fmt.Println(len(graph.Nodes), "nodes,", graph.Edges[0].Relation.Kind) // graph.DOT() is for Graphviz
	// Output:
	// North River Press potential acquisition
	// 1 may be mailed: Li
	// 3 nodes, reports_to
}
