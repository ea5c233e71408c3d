package match_test

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/customer/match"
)

// Two spellings of one company share keys, and the rules say what to do about it.
func Example() {
	m, err := match.New(match.DefaultRules(), match.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	known := match.Subject{Names: []string{"深圳市明达贸易有限公司"}, Phones: []string{"0755-28780808"}}
	typed := match.Subject{Names: []string{"深圳市明达贸易（集团）股份有限公司"}, Phones: []string{"０７５５ ２８７８０８０８ 转 8001"}}
	for _, key := range m.Keys(typed) {
		fmt.Println(key.Kind, key.Value)
	}
	fmt.Println(m.Judge(known, typed))
	// Output:
	// company 深圳市明达贸易
	// company_start 明达贸易
	// phone 075528780808
	// warn, same company name: name equal
}

// A scan of a whole list yields clusters, and a reason for every edge.
func ExampleMatcher_Scan() {
	m, err := match.New(match.DefaultRules(), match.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(number, street, postcode string) match.Address {
		return match.Address{Number: number, Street: street, City: "Port Douglas", Postcode: postcode}
	}
	persons := []match.Subject{
		{ID: "1", Kind: match.Person, Given: "Joshua", Family: "Rudd", Address: at("78", "Max Henry Crescent", "2315")},
		{ID: "2", Kind: match.Person, Given: "Rudd", Family: "Joshua", Address: at("", "Max Henry Vrescent", "2335")},
		{ID: "3", Kind: match.Person, Given: "Kiara", Family: "Everett", Address: at("8", "Eddy Crescent", "2315")},
	}
	list := func(yield func(match.Subject, error) bool) {
		for _, p := range persons {
			if !yield(p, nil) {
				return
			}
		}
	}
	scan, err := m.Scan(context.Background(), list, match.ScanOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for c := range scan.Clusters() {
		fmt.Println(c.Members)
		for _, e := range c.Edges {
			fmt.Println(e.A, e.B, e.Verdict)
		}
	}
	// Output:
	// [1 2]
	// 1 2 warn, same person at the same address: given equal, swapped; family equal, swapped; street similar 0.95; city equal; postcode similar 0.75
}
