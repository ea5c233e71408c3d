package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// mergeTwo stores a customer twice, as happens, and makes it one.
func mergeTwo(ctx context.Context, app *crm.App) error {
	s, err := app.System("quickstart clean-up") // or somebody with a role that grants merge
	if err != nil {
		return err
	}
	paper, twin := id("paper mill"), id("paper mill again")
	if _, err := s.Customers.Get(ctx, twin.ID); errors.Is(err, storage.ErrNotFound) {
		for _, c := range []*customer.Customer{{Meta: paper, Name: "East Lake Paper Co., Ltd.", Phone: "0571 8888 1234"}, {Meta: twin, Name: "东湖纸业有限公司", Industry: "paper"}} {
			if _, _, err := s.Customers.CreateWithContacts(ctx, c, []*customer.Contact{{Name: "Contact of " + c.Name}}); err != nil {
				return err
			}
		}
	} else if err != nil {
		return err
	}
	req := merge.Request{Winner: paper.ID, Losers: []schema.ID{twin.ID}, Reason: "one company, stored in two languages"}
	would, err := s.Customers.PreviewMerge(ctx, req)
	if errors.Is(err, storage.ErrExists) {
		fmt.Println("  An earlier run has merged them.")
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range would.Differences {
		fmt.Printf("  preview   %s: %q gives way to %q\n", d.Field, d.Value, d.Winner)
	}
	if _, err := s.Customers.Merge(ctx, req); err != nil {
		return err
	}
	one, err := s.Customers.Get(ctx, twin.ID) // the old id leads to the one
	if err != nil {
		return err
	}
	people, err := s.Customers.Contacts.Count(ctx, query.Eq("customer_id", one.ID))
	if err != nil {
		return err
	}
	fmt.Printf("  merged    %s, %s, %s, %d contacts\n", one.Name, one.Phone, one.Industry, people)
	return nil
}
