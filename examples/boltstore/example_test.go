package boltstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/examples/boltstore"
	"github.com/kehucrm/kehu/storage/query"
)

// The whole library works on the store as on any other.
func Example() {
	dir, err := os.MkdirTemp("", "boltstore")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { fmt.Println(os.RemoveAll(dir)) }()
	path, ctx := filepath.Join(dir, "crm.bolt"), context.Background()

	if err := fill(ctx, path); err != nil {
		fmt.Println(err)
		return
	}
	if err := list(ctx, path); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Acme potential
	// Ajax trading
	// <nil>
}

func fill(ctx context.Context, path string) error {
	return withCRM(ctx, path, func(s *crm.Session) error {
		return s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "Ajax", Code: "A-2", Status: customer.Trading}); err != nil {
				return err
			}
			_, err := s.Customers.Create(ctx, &customer.Customer{Name: "Acme", Code: "A-1"})
			return err
		})
	})
}

func list(ctx context.Context, path string) error {
	return withCRM(ctx, path, func(s *crm.Session) error {
		page, err := s.Customers.Find(ctx, query.Select{Sort: query.By("code")})
		if err != nil {
			return err
		}
		for _, c := range page.Items {
			fmt.Println(c.Name, c.Status)
		}
		return nil
	})
}

// withCRM opens the file, does some work as the program itself, and closes the file.
func withCRM(ctx context.Context, path string, work func(*crm.Session) error) (err error) {
	store, err := boltstore.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	app, err := crm.Open(ctx, store)
	if err != nil {
		return err
	}
	s, err := app.System("example")
	if err != nil {
		return err
	}
	return work(s)
}
