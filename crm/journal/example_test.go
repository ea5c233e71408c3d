package journal_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
)

// What happened waits in the outbox until a publisher of the host's has taken it.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	_, _ = s.Customers.Create(ctx, &customer.Customer{Name: "North River Press"})
	n, err := app.Relay(ctx, printer{})
	fmt.Println(n, err)
	// Output:
	// main customer.created 1
	// 1 <nil>
}

// printer is a publisher; a real one hands the entries to a broker.
type printer struct{}

func (printer) Publish(_ context.Context, tenant string, entries []journal.Entry) error {
	for _, e := range entries {
		fmt.Println(tenant, e.Event, e.RecordVersion)
	}
	return nil
}
