package session_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// A host's own kind has permission, journal and queries like ours.
func Example() {
	ctx := context.Background()
	vehicles := schema.Define[Vehicle]("vehicle", record.Responsible(), schema.Unique("plate"))
	app, err := crm.Open(ctx, memory.Open(), crm.WithKinds(vehicles.Kind))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	fleet := session.Of(s.Session, vehicles)
	v, _ := fleet.Create(ctx, &Vehicle{Plate: "京A12345"})
	v, _ = fleet.Edit(ctx, v.ID, func(v *Vehicle) error { v.Km = 1200; return nil })
	fmt.Println(v.Plate, v.Km, v.Version)
	_, err = fleet.Create(ctx, &Vehicle{})
	fmt.Println(err)
	// Output:
	// 京A12345 1200 2
	// invalid: vehicle: plate
}

// Vehicle is a kind of the host's own.
type Vehicle struct {
	record.Meta
	record.Owned
	Plate string `validate:"required"`
	Km    int64
}
