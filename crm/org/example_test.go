package org_test

import (
	"fmt"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// A directory answers who stands above whom.
func Example() {
	person := func(name, manager string) org.Employee {
		e := org.Employee{Meta: record.Meta{ID: schema.NameID(name)}, Name: name}
		if manager != "" {
			e.ManagerID = schema.NameID(manager)
		}
		return e
	}
	d := org.NewDirectory(1, org.Records{Employees: []org.Employee{person("director", ""), person("manager", "director"), person("agent", "manager")}})
	fmt.Println(d.Distance(schema.NameID("director"), schema.NameID("agent")))
	fmt.Println(d.Distance(schema.NameID("agent"), schema.NameID("director")))
	// Output:
	// 2
	// -1
}
