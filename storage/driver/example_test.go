package driver_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// A row is a slice of driver values. An adapter over a key-value store may keep
// it as the text that MarshalRow writes, in which every value knows its type.
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
