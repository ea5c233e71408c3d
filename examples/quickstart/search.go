package main

import (
	"context"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/schema"
)

// typeAhead finds customers and contacts as somebody types: in Latin letters, in Chinese,
// by pinyin and its initials, by a part of a phone number.
func typeAhead(ctx context.Context, app *crm.App, c company) error {
	s, err := app.As(ctx, c.salesperson)
	if err != nil {
		return err
	}
	press := &customer.Customer{Meta: id("press works"), Name: "上海华文印刷有限公司", ShortName: "华文印刷", Phone: "+86 21-5550 0199"}
	if press, err = s.Customers.Create(ctx, press); err != nil {
		return err
	}
	if _, err := s.Customers.Contacts.Create(ctx, &customer.Contact{Meta: id("press buyer"), CustomerID: press.ID, Name: "王小明", Mobile: "138 0013 8000"}); err != nil {
		return err
	}
	for _, person := range []struct {
		role string
		id   schema.ID
	}{{"Salesperson 1", c.salesperson}, {"Salesperson 2", c.colleague}} {
		s, err := app.As(ctx, person.id)
		if err != nil {
			return err
		}
		fmt.Printf("  %s\n", person.role)
		for _, text := range []string{"nor", "华文", "shhw", "wangxiao", "0013", "purch"} {
			hits, err := s.Search(ctx, session.SearchQuery{Text: text})
			if err != nil {
				return err
			}
			fmt.Printf("    types %-9s and finds", text)
			if len(hits) == 0 {
				fmt.Print(" nothing")
			}
			for _, hit := range hits {
				fmt.Printf(" %s %q", hit.Kind, hit.Text)
			}
			fmt.Println()
		}
	}
	return nil
}
