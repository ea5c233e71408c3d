package phone_test

import (
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/customer/phone"
	"github.com/kehucrm/kehu/storage/fault"
)

// A Chinese company reads the field of an address list: two lines of one office, the
// second abbreviated, and a mobile; then one that somebody mistyped.
func Example() {
	parser := phone.Parser{Region: "CN"}
	numbers, err := parser.ParseAll("电话：0755－26780000转8001/8002；手机：138 0013 8000", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range numbers {
		fmt.Println(n, n.Kind(), n.National())
	}

	_, err = parser.Normalise("1380013800", "")
	if e, ok := errors.AsType[*fault.Error](err); ok {
		fmt.Println(e.Fields[0].Code+":", e.Fields[0].Message)
	}
	// Output:
	// +8675526780000;ext=8001 fixed 0755 2678 0000 ext. 8001
	// +8675526780000;ext=8002 fixed 0755 2678 0000 ext. 8002
	// +8613800138000 mobile 138 0013 8000
	// too_short: has too few digits for its country
}

// What is known of a number.
func ExampleNumber() {
	n, err := phone.Parser{}.Parse("(010) 6234 5678 ext. 8001", "CN")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.E164(), n.Extension(), n.Kind(), n.Region())
	fmt.Println(n.National())
	fmt.Println(n.DialledFrom("US"))
	fmt.Println(n.URI())
	// Output:
	// +861062345678 8001 fixed CN
	// 010 6234 5678 ext. 8001
	// 011 86 10 6234 5678 ext. 8001
	// tel:+86-10-6234-5678;ext=8001
}
