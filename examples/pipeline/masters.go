package main

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/schema"
)

// The files name neither the company nor anybody above the managers.
const (
	company  = "Company"
	director = "Director"
)

func companyID() schema.ID                { return id("company", "") }
func directorID() schema.ID               { return id("director", "") }
func officeID(office string) schema.ID    { return id("office", office) }
func personID(name string) schema.ID      { return id("person", name) }
func productID(name string) schema.ID     { return id("product", name) }
func customerID(account string) schema.ID { return id("account", account) }

// importPeople makes the offices departments of a company, and the people their
// employees: agents below managers below the director.
func (im *importer) importPeople(ctx context.Context, rows []row[team]) error {
	err := im.s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		_, err1 := s.Admin.Departments.Create(ctx, &org.Department{Meta: record.Meta{ID: companyID()}, Name: company})
		_, err2 := s.Admin.Employees.Create(ctx, &org.Employee{Meta: record.Meta{ID: directorID()}, Name: director, DepartmentID: companyID()})
		return errors.Join(err1, err2)
	})
	if err != nil {
		return err
	}
	// A manager may be an agent too, with a row and a manager of their own. Others
	// belong to the office of the first row that names them.
	sells, office := map[string]bool{}, map[string]string{}
	for _, r := range rows {
		sells[r.data.Agent] = true
		if _, named := office[r.data.Manager]; !named {
			office[r.data.Manager] = r.data.Office
		}
	}
	above := func(t team) string {
		if t.Manager == t.Agent || !sells[t.Manager] {
			return ""
		}
		return t.Manager
	}
	ordered, stuck := parentsFirst(rows, above)
	for _, r := range stuck {
		im.problems = append(im.problems, problem{r.place, "the managers above this agent stand in a circle"})
	}
	im.teams, err = each(ctx, im, ordered, func(ctx context.Context, s *crm.Session, t team) error {
		if !sells[t.Manager] {
			if err := createPerson(ctx, s, t.Manager, directorID(), office[t.Manager]); err != nil {
				return err
			}
		}
		manager := personID(t.Manager)
		if t.Manager == t.Agent {
			manager = directorID()
		}
		return createPerson(ctx, s, t.Agent, manager, t.Office)
	})
	return err
}

func createPerson(ctx context.Context, s *crm.Session, name string, manager schema.ID, office string) error {
	_, err := s.Admin.Departments.Create(ctx, &org.Department{Meta: record.Meta{ID: officeID(office)}, Name: office, ParentID: companyID()})
	if err != nil {
		return err
	}
	_, err = s.Admin.Employees.Create(ctx, &org.Employee{
		Meta: record.Meta{ID: personID(name)}, Name: name, ManagerID: manager, DepartmentID: officeID(office)})
	return err
}

func createProduct(ctx context.Context, s *crm.Session, p product) error {
	_, err := s.Products.Create(ctx, &catalog.Product{
		Meta: record.Meta{ID: productID(p.Name)}, Name: p.Name, Series: p.Series, ListPrice: p.ListPrice})
	return err
}

// importAccounts makes the accounts customers of the director. Agents see those to
// which they have sold, or hope to.
func (im *importer) importAccounts(ctx context.Context, rows []row[account]) ([]row[account], error) {
	ordered, stuck := parentsFirst(rows, func(a account) string { return a.Parent })
	for _, r := range stuck {
		reason := refusal("the account above, " + r.data.Parent + ", is unknown or stands below this one")
		im.problems = append(im.problems, problem{r.place, reason})
	}
	return each(ctx, im, ordered, createCustomer)
}

func createCustomer(ctx context.Context, s *crm.Session, a account) error {
	c := &customer.Customer{
		Meta:  record.Meta{ID: customerID(a.Name)},
		Owned: record.Owned{OwnerID: directorID()},
		Name:  a.Name, Industry: a.Sector, Country: a.Country, Employees: a.Employees,
	}
	if a.Parent != "" {
		c.ParentID = customerID(a.Parent)
	}
	if a.Revenue.Valid {
		c.AnnualRevenue = decimal.NewNullDecimal(a.Revenue.Decimal.Shift(6))
	}
	_, err := s.Customers.Create(ctx, c)
	return err
}
