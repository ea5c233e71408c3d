package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// pool has two inquiries assigned by a rule, as they come in. Then Salesperson 1 gives theirs
// into the public pool of the branch, and Salesperson 2 claims it.
func pool(ctx context.Context, app *crm.App, c company) error {
	sys, err := app.System("inquiries of the web site")
	if err != nil {
		return err
	}
	if _, err := sys.Customers.Pools.Get(ctx, id("pool").ID); !errors.Is(err, storage.ErrNotFound) {
		fmt.Println("  An earlier run has assigned, released and claimed.")
		return err
	}
	names := map[schema.ID]string{c.salesperson: "Salesperson 1", c.colleague: "Salesperson 2"}
	var assigned []customer.Assignment
	err = sys.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		if _, err := s.Customers.Pools.Create(ctx, &customer.Pool{Meta: id("pool"), Name: "East branch", Members: []schema.ID{id("east").ID}, DailyLimit: 5,
			CoolDownDays: 30, Recycle: []customer.RecycleRule{{Importance: "A", Days: 30}, {Days: 90}}, Exempt: []string{"trading", "open_opportunity"}}); err != nil {
			return err
		}
		if _, err := s.Customers.AssignmentRules.Create(ctx, &customer.AssignmentRule{Meta: id("rule"), Name: "Inquiries", Strategy: customer.RoundRobin,
			Members: []customer.Member{{EmployeeID: c.salesperson, Capacity: 200}, {EmployeeID: c.colleague, Capacity: 200}}}); err != nil {
			return err
		}
		lake, err := s.Customers.Create(ctx, &customer.Customer{Meta: id("lake"), Name: "Lakeside Media", Phone: "0571-555-0100"})
		if err != nil {
			return err
		}
		harbour, err := s.Customers.Create(ctx, &customer.Customer{Meta: id("harbour"), Name: "Harbour Print"})
		if err != nil {
			return err
		}
		assigned, err = s.Customers.Assign(ctx, lake.ID, harbour.ID)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("  assigned  Lakeside Media to %s, Harbour Print to %s\n", names[assigned[0].ToID], names[assigned[1].ToID])

	first, err := app.As(ctx, c.salesperson)
	if err != nil {
		return err
	}
	if err := first.Customers.Release(ctx, id("lake").ID, id("pool").ID, "no need this year"); err != nil {
		return err
	}
	waiting, err := first.Customers.Waiting(ctx, id("pool").ID, query.Select{})
	if err != nil {
		return err
	}
	for _, w := range waiting.Items {
		fmt.Printf("  released  in the pool all of the branch see: %s, phone %q\n", w.Name, w.Phone)
	}
	if _, err = first.Customers.Claim(ctx, id("lake").ID); !errors.Is(err, storage.ErrPrecondition) {
		return fmt.Errorf("the cool-down should have refused: %w", err)
	}
	fmt.Println("  refused   to who has released it:", err)

	second, err := app.As(ctx, c.colleague)
	if err != nil {
		return err
	}
	claimed, err := second.Customers.Claim(ctx, id("lake").ID)
	if err != nil {
		return err
	}
	fmt.Printf("  claimed   by %s: %s, phone %q\n", names[claimed.OwnerID], claimed.Name, claimed.Phone)
	return nil
}
