package driver_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// A row is a slice of driver values. In the text that MarshalRow writes, every value
// knows its type.
func Example() {
	row := driver.Row{"bolt", int64(3), decimal.RequireFromString("1.50"), schema.NewDate(2026, time.February, 28), nil}
	raw, err := driver.MarshalRow(row)
	fmt.Println(string(raw), err)

	back, err := driver.UnmarshalRow(raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range back {
		fmt.Printf("%T %v\n", v, v)
	}
	// Output:
	// [["s","bolt"],["i","3"],["n","1.5"],["d","2026-02-28"],["",""]] <nil>
	// string bolt
	// int64 3
	// decimal.Decimal 1.5
	// schema.Date 2026-02-28
	// <nil> <nil>
}

// An adapter over a key-value store keeps records so. What an older release wrote is
// read by a newer one, whose columns are others and stand elsewhere.
func ExampleUnmarshalRecord() {
	type oldItem struct {
		ID    schema.ID
		Name  string
		Price decimal.Decimal
		Shelf int
	}
	type newItem struct {
		Name   string `crm:"name,search"`
		Price  decimal.Decimal
		Active bool
		Note   *string
		ID     schema.ID
	}
	older, newer := schema.Define[oldItem]("item"), schema.Define[newItem]("item")

	raw, err := driver.MarshalRecord(older.Kind, driver.Row{schema.ID{15: 1}, "Bolt", decimal.RequireFromString("1.50"), int64(0)})
	fmt.Println(string(raw), err)

	row, err := driver.UnmarshalRecord(newer.Kind, raw)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, f := range newer.Columns() {
		fmt.Println(f.Name, row[i])
	}
	// Output:
	// {"id":["u","00000000-0000-0000-0000-000000000001"],"name":["s","Bolt"],"price":["n","1.5"]} <nil>
	// name Bolt
	// price 1.5
	// active false
	// note <nil>
	// id 00000000-0000-0000-0000-000000000001
	// name_fold bolt
}
