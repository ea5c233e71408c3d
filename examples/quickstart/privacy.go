package main

import (
	"context"
	"fmt"
	"io"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
)

// forget tells a contact what is kept about her, and erases it.
func forget(ctx context.Context, app *crm.App) error {
	s, err := app.System("quickstart privacy") // or somebody whose role grants create on erasures
	if err != nil {
		return err
	}
	mill, her := id("rice mill"), id("miller")
	wrote := &customer.Contact{Meta: her, CustomerID: mill.ID, Name: "Miller", Mobile: "+86 138 0013 8000"}
	erasures, err := s.Privacy.Erasures.Count(ctx, nil)
	if err != nil {
		return err
	}
	if erasures > 0 {
		fmt.Println("  An earlier run has erased her.")
		return nil
	}
	if _, err := s.Customers.Create(ctx, &customer.Customer{Meta: mill, Name: "South Hill Rice Mill"}); err != nil {
		return err
	}
	if _, err := s.Customers.Contacts.Create(ctx, wrote); err != nil {
		return err
	}
	person := record.Ref{Kind: "contact", ID: her.ID}
	if err := s.Privacy.Data(ctx, person, io.Discard); err != nil { // a file that she is given
		return err
	}
	done, err := s.Privacy.Erase(ctx, person, privacy.Options{Reason: "asked by letter"})
	if err != nil {
		return err
	}
	fmt.Printf("  erased    her record says %q, and what refers to it stays\n", done.Erasure.Pseudonym)
	_, err = s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: mill.ID, Name: "From an old list", Mobile: "13800138000"})
	fmt.Println("  again    ", err)
	return nil
}
