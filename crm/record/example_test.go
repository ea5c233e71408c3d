package record_test

import (
	"fmt"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// A struct that embeds Meta and Owned becomes a kind with an owner.
func Example() {
	type vehicle struct {
		record.Meta
		record.Owned
		Plate string
	}
	kind := schema.Define[vehicle]("vehicle", record.Responsible())
	fmt.Println(kind.Err(), kind.Owner().Name, kind.Department().Name, kind.Field("plate").Type)
	// Output:
	// <nil> owner_id department_id text
}
