package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

// id gives every record of this program an id made from its name, by which the report
// finds it again.
func id(name string) schema.ID { return schema.NameID("admin example", name) }

func meta(name string) record.Meta { return record.Meta{ID: id(name)} }

const headquarters = "Headquarters"

// office is a place where the company sells.
type office struct {
	city string
	// director is the director at headquarters above the office.
	director string
	// assistant tells that the office enters its orders itself.
	assistant bool
}

const north, south = "Director North", "Director South"

var offices = []office{
	{"Beijing", north, false}, {"Shanghai", south, true}, {"Guangzhou", south, true}, {"Shenzhen", south, false},
	{"Nanjing", south, false}, {"Hangzhou", south, false}, {"Qingdao", north, false}, {"Shenyang", north, false},
	{"Xi'an", north, false}, {"Xiamen", south, false}, {"Wuhan", south, false},
}

// The people. Where there is one in each office, the name of the office follows.
const (
	generalManager  = "General manager"
	orderAssistant  = "Order assistant"
	branchDirector  = "Branch director"
	salesperson1    = "Salesperson 1"
	salesperson2    = "Salesperson 2"
	branchAssistant = "Branch assistant"
)

func of(person, city string) string { return person + ", " + city }

// setUp makes the company, all or nothing, unless it is there.
func setUp(ctx context.Context, app *crm.App) error {
	sys, err := app.System("set-up of the company")
	if err != nil {
		return err
	}
	_, err = sys.Admin.Departments.Get(ctx, id(headquarters))
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return sys.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		for _, step := range []func(context.Context, *crm.Session) error{departments, roles, people, decide, giveViews, sharing, customers} {
			if err := step(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func departments(ctx context.Context, s *crm.Session) error {
	list := []*org.Department{{Meta: meta(headquarters), Name: headquarters}}
	for _, o := range offices {
		list = append(list, &org.Department{Meta: meta(o.city), Name: o.city, ParentID: id(headquarters)})
	}
	_, err := s.Admin.Departments.CreateMany(ctx, "", list...)
	return err
}

// The roles. Directors are a role, and where they stand is decided by whom they manage.
const (
	managerRole   = "Manager of the company"
	directorRole  = "Director"
	branchRole    = "Director of a branch"
	salesRole     = "Salesperson"
	assistantRole = "Assistant"
)

func roles(ctx context.Context, s *crm.Session) error {
	// Everybody reads what belongs to nobody: departments, colleagues, pipelines.
	grants := func(r org.Range, kinds []string, verbs ...org.Verb) []org.Grant {
		list := []org.Grant{{Kind: "*", Verbs: []org.Verb{org.Read}}}
		for _, kind := range kinds {
			list = append(list, org.Grant{Kind: kind, Verbs: verbs, Range: r})
		}
		return list
	}
	business := []string{"customer", "contact", "opportunity", "view"}
	work := []org.Verb{org.Read, org.Create, org.Update, org.Delete, org.Assign, org.ShareIt, org.Urge}
	_, err := s.Admin.Roles.CreateMany(ctx, "",
		&org.Role{Meta: meta(managerRole), Name: managerRole, Grants: grants(org.AllRange, business, org.Verbs()...)},
		&org.Role{Meta: meta(directorRole), Name: directorRole, Grants: grants(org.OwnRange, business, work...)},
		&org.Role{Meta: meta(branchRole), Name: branchRole, Grants: grants(org.OwnRange, business, work...)},
		&org.Role{Meta: meta(salesRole), Name: salesRole, Grants: grants(org.OwnRange, business, work...)},
		// Who enters orders need not know what a customer turns over, nor call it.
		&org.Role{Meta: meta(assistantRole), Name: assistantRole, Grants: grants(org.OwnRange, []string{"customer", "contact"}, org.Read, org.Update),
			Fields: []org.FieldRule{{Kind: "customer", Field: "annual_revenue", Access: org.Hidden}, {Kind: "customer", Field: "phone", Access: org.Masked}}},
	)
	return err
}

// people hires everybody, from the top down.
func people(ctx context.Context, s *crm.Session) error {
	var list []*org.Employee
	hire := func(name, department, manager, role string) {
		e := &org.Employee{Meta: meta(name), Name: name, DepartmentID: id(department), Roles: []schema.ID{id(role)}}
		if manager != "" {
			e.ManagerID = id(manager)
		}
		list = append(list, e)
	}
	hire(generalManager, headquarters, "", managerRole)
	hire(north, headquarters, generalManager, directorRole)
	hire(south, headquarters, generalManager, directorRole)
	hire(orderAssistant, headquarters, generalManager, assistantRole)
	for _, o := range offices {
		head := of(branchDirector, o.city)
		hire(head, o.city, o.director, branchRole)
		hire(of(salesperson1, o.city), o.city, head, salesRole)
		hire(of(salesperson2, o.city), o.city, head, salesRole)
		if o.assistant {
			hire(of(branchAssistant, o.city), o.city, head, assistantRole)
		}
	}
	_, err := s.Admin.Employees.CreateMany(ctx, "", list...)
	return err
}

// theRule shares the customers of headquarters and all offices with the order assistant.
const theRule = "Orders of all offices"

// sharing says who enters orders for whom, and who stands in for a salesperson this week.
// The assistants of an office are whoever has their role there: a successor needs no rule.
func sharing(ctx context.Context, s *crm.Session) error {
	rules := []*org.SharingRule{{Meta: meta(theRule), Name: theRule, Kind: "customer", Level: org.EditAccess,
		From: []schema.ID{id(headquarters)}, To: []schema.ID{id(orderAssistant)}}} // a department means those below, too
	for _, o := range offices {
		if o.assistant {
			name := fmt.Sprintf("Orders of %s", o.city)
			rules = append(rules, &org.SharingRule{Meta: meta(name), Name: name, Kind: "customer", Level: org.EditAccess,
				From: []schema.ID{id(o.city)}, To: []schema.ID{id(assistantRole)}, Within: []schema.ID{id(o.city)}})
		}
	}
	if _, err := s.Admin.Rules.CreateMany(ctx, "", rules...); err != nil {
		return err
	}
	_, err := s.Admin.Deputies.Create(ctx, &org.Deputy{EmployeeID: id(of(salesperson2, "Guangzhou")), DeputyID: id(of(salesperson1, "Guangzhou")),
		From: s.Today(), Until: s.Today().AddDays(6)})
	return err
}
