package main

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/schema"
)

// company is what the chapters need to know of it.
type company struct {
	director, manager, salesperson, colleague schema.ID
	pipeline, product, customer               schema.ID
}

// id gives every record of this program an id made from its name, so that running it
// twice on one file creates nothing twice: a repeated Create returns the first result.
func id(name string) record.Meta { return record.Meta{ID: schema.NameID("quickstart", name)} }

func setUp(ctx context.Context, app *crm.App) (company, error) {
	sys, err := app.System("quickstart set-up")
	if err != nil {
		return company{}, err
	}
	var c company
	// All or none. The session that the function gets is bound to the transaction.
	err = sys.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		if err := people(ctx, s, &c); err != nil {
			return err
		}
		return things(ctx, s, &c)
	})
	if err == nil {
		fmt.Print(`  Company
  └─ Director
     └─ East branch: Branch manager
        ├─ Salesperson 1
        └─ Salesperson 2 (a colleague)
`)
	}
	return c, err
}

func people(ctx context.Context, s *crm.Session, c *company) error {
	head, err := s.Admin.Departments.Create(ctx, &org.Department{Meta: id("company"), Name: "Company"})
	if err != nil {
		return err
	}
	east, err := s.Admin.Departments.Create(ctx, &org.Department{Meta: id("east"), Name: "East branch", ParentID: head.ID})
	if err != nil {
		return err
	}
	hire := func(name string, department, manager schema.ID) schema.ID {
		if err != nil {
			return schema.ID{}
		}
		var e *org.Employee
		if e, err = s.Admin.Employees.Create(ctx, &org.Employee{Meta: id(name), Name: name, DepartmentID: department, ManagerID: manager}); err != nil {
			return schema.ID{}
		}
		return e.ID
	}
	c.director = hire("Director", head.ID, schema.ID{})
	c.manager = hire("Branch manager", east.ID, c.director)
	c.salesperson = hire("Salesperson 1", east.ID, c.manager)
	c.colleague = hire("Salesperson 2", east.ID, c.manager)
	return err
}

func things(ctx context.Context, s *crm.Session, c *company) error {
	product, err := s.Products.Create(ctx, &catalog.Product{Meta: id("press"), Name: "Printing press", ListPrice: decimal.NewNullDecimal(decimal.NewFromInt(48000))})
	if err != nil {
		return err
	}
	stage := func(name string, state opportunity.State) *opportunity.Stage {
		return &opportunity.Stage{Meta: id("stage " + name), Name: name, State: state}
	}
	pipeline, _, err := s.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Meta: id("pipeline"), Name: "Direct sales"},
		stage("Requirement", opportunity.Open), stage("Solution", opportunity.Open), stage("Bidding", opportunity.Open),
		stage("Won", opportunity.Won), stage("Lost", opportunity.Lost))
	if err != nil {
		return err
	}
	group, err := s.Customers.Create(ctx, &customer.Customer{Meta: id("group"), Owned: record.Owned{OwnerID: c.manager}, Name: "North River Group"})
	if err != nil {
		return err
	}
	printer, err := s.Customers.Create(ctx, &customer.Customer{Meta: id("printer"), Owned: record.Owned{OwnerID: c.salesperson},
		Name: "North River Printing", ParentID: group.ID, Industry: "printing"})
	if err != nil {
		return err
	}
	if _, err := s.Customers.Contacts.Create(ctx, &customer.Contact{Meta: id("buyer"), CustomerID: printer.ID, Name: "Head of purchasing"}); err != nil {
		return err
	}
	c.product, c.pipeline, c.customer = product.ID, pipeline.ID, printer.ID
	return nil
}
