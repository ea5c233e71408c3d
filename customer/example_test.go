package customer_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
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

// A salesperson gives a customer into the public pool, and a colleague claims it.
func ExampleModule_Claim() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	sys, _ := app.System("example")
	ann, _ := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Ann"})
	bob, _ := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Bob"})
	pool, _ := sys.Customers.Pools.Create(ctx, &customer.Pool{Name: "North", DailyLimit: 5, CoolDownDays: 30,
		Recycle: []customer.RecycleRule{{Importance: "A", Days: 30}, {Days: 90}}})

	s, _ := app.As(ctx, ann.ID)
	press, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Press", Phone: "010-555-0100"})
	_ = s.Customers.Release(ctx, press.ID, pool.ID, "no need this year")
	_, err = s.Customers.Get(ctx, press.ID)
	fmt.Println("Ann sees it no more:", errors.Is(err, storage.ErrNotFound))
	_, err = s.Customers.Claim(ctx, press.ID)
	fmt.Println("nor may she claim it yet:", errors.Is(err, storage.ErrPrecondition))

	s, _ = app.As(ctx, bob.ID)
	page, _ := s.Customers.Waiting(ctx, pool.ID, query.Select{})
	fmt.Printf("Bob sees: %s, phone %q\n", page.Items[0].Name, page.Items[0].Phone)
	claimed, _ := s.Customers.Claim(ctx, press.ID)
	fmt.Printf("Bob has: %s, phone %q\n", claimed.Name, claimed.Phone)
	// Output:
	// Ann sees it no more: true
	// nor may she claim it yet: true
	// Bob sees: North River Press, phone ""
	// Bob has: North River Press, phone "010-555-0100"
}

// New customers go round among two people; those of the east have somebody of their own.
func ExampleModule_Assign() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	sys, _ := app.System("example")
	names, members := map[schema.ID]string{}, []customer.Member{}
	for _, name := range []string{"Ann", "Bob", "Cid"} {
		e, _ := sys.Admin.Employees.Create(ctx, &org.Employee{Name: name})
		names[e.ID], members = name, append(members, customer.Member{EmployeeID: e.ID, Capacity: 200})
	}
	east, _ := query.MarshalExpr(query.Eq("region", "east"))
	_, _ = sys.Customers.AssignmentRules.CreateMany(ctx, "",
		&customer.AssignmentRule{Name: "The east", Position: 1, Where: east, Strategy: customer.Fixed, Members: members[2:]},
		&customer.AssignmentRule{Name: "All others", Position: 2, Strategy: customer.RoundRobin, Members: members[:2]})

	list, _ := sys.Customers.CreateMany(ctx, "", &customer.Customer{Name: "A"}, &customer.Customer{Name: "B", Region: "east"}, &customer.Customer{Name: "C"})
	assigned, _ := sys.Customers.Assign(ctx, list[0].ID, list[1].ID, list[2].ID)
	for i, a := range assigned {
		fmt.Println(list[i].Name, "to", names[a.ToID])
	}
	// Output:
	// A to Ann
	// B to Cid
	// C to Bob
}
