package query_test

import (
	"encoding/json"
	"fmt"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A query is written with names, kept as JSON, and resolved against a kind when it
// is asked: then what does not exist is refused.
func Example() {
	type Customer struct {
		ID       schema.ID
		Industry string
	}
	type Deal struct {
		ID         schema.ID
		CustomerID schema.ID
		State      string
		Close      schema.Date
	}
	registry, err := schema.NewRegistry([]*schema.Kind{
		schema.Define[Customer]("customer").Kind,
		schema.Define[Deal]("deal", schema.BelongsTo("customer", "customer", "customer_id")).Kind,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	view := query.Select{
		Where: query.All(query.Eq("customer.industry", "retail"), query.Ne("state", "lost")),
		Sort:  query.By("-close"),
		Limit: 20,
	}
	saved, err := json.Marshal(view)
	fmt.Println(string(saved), err)

	var again query.Select
	if err := json.Unmarshal(saved, &again); err != nil {
		fmt.Println(err)
		return
	}
	resolved, err := query.ResolveSelect(registry.Kind("deal"), again)
	fmt.Println(resolved.Sort[0].Path.Field.Type, resolved.Sort[1].Path.Name, err)

	_, err = query.ResolveExpr(registry.Kind("deal"), query.Eq("stage", "won"))
	fmt.Println(err)
	// Output:
	// {"where":{"op":"and","of":[{"op":"eq","field":"customer.industry","value":"retail"},{"op":"ne","field":"state","value":"lost"}]},"sort":["-close"],"limit":20} <nil>
	// date id <nil>
	// invalid: deal: deal has no field "stage"; there are: close, customer_id, id, state
}
