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

// Records are found as somebody types, by the fields that their kind names.
func ExampleSession_Search() {
	ctx := context.Background()
	vehicles := schema.Define[Vehicle]("vehicle", record.Responsible(), schema.Search("created_at", schema.Words("plate")))
	app, err := crm.Open(ctx, memory.Open(), crm.WithKinds(vehicles.Kind))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	for _, plate := range []string{"京A12345", "沪B12399", "京C77777"} {
		_, _ = session.Of(s.Session, vehicles).Create(ctx, &Vehicle{Plate: plate})
	}
	for _, text := range []string{"京", "jing", "b12", "123"} {
		hits, err := s.Search(ctx, session.SearchQuery{Text: text, Kinds: []string{"vehicle"}})
		fmt.Print(text, ":")
		for _, hit := range hits {
			fmt.Print(" ", hit.Text)
		}
		fmt.Println("", err)
	}
	// Output:
	// 京: 京C77777 京A12345 <nil>
	// jing: 京C77777 京A12345 <nil>
	// b12: 沪B12399 <nil>
	// 123: 沪B12399 京A12345 <nil>
}
