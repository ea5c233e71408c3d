package org

import (
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Deputy is somebody who stands in for an employee for a time (代理人): they may do what the
// employee may, besides what they may themselves, and see no more of a record's fields than
// either may (see Directory.FieldRules). They act under their own name. Standing in is not
// handed on: who stands in for a deputy does not stand in for the employee.
type Deputy struct {
	record.Meta
	EmployeeID schema.ID `crm:"employee_id,required" validate:"required"`
	DeputyID   schema.ID `crm:"deputy_id,required" validate:"required"`
	// From and Until are the first and the last day, by the company's calendar.
	From  schema.Date `crm:"from,required" validate:"required"`
	Until schema.Date `crm:"until,required" validate:"required"`
}

// Deputies is the kind of Deputy.
var Deputies = schema.Define[Deputy]("deputy", record.Standard(),
	schema.BelongsTo("employee", "employee", "employee_id", schema.Inverse("deputies")),
	schema.BelongsTo("deputy", "employee", "deputy_id"))

// Check implements session.Checker.
func (d *Deputy) Check() []fault.Field {
	var offences []fault.Field
	if d.EmployeeID == d.DeputyID {
		offences = append(offences, fault.Field{Name: "deputy_id", Code: "self", Message: "nobody is their own deputy"})
	}
	if d.Until.Before(d.From) {
		offences = append(offences, fault.Field{Name: "until", Code: "date", Message: "lies before the first day"})
	}
	return offences
}

// Acting returns whose rights an employee has on a day: their own, and those of the active
// employees whom they stand in for, each once.
func (d *Directory) Acting(person schema.ID, today schema.Date) []schema.ID {
	list := []schema.ID{person}
	for _, dep := range d.deputies[person] {
		e := d.employees[dep.EmployeeID]
		if e != nil && !e.Inactive && !today.Before(dep.From) && !today.After(dep.Until) && !slices.Contains(list, e.ID) {
			list = append(list, e.ID)
		}
	}
	return list
}
