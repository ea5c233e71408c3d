package org

import (
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// Posting is where an employee stood for a time (任职): under whom, and in which
// departments. The postings of an employee follow each other without a gap; the last one is
// open while the employee is there, and all stay when the employee is deleted. Package admin
// writes them whenever an employee is created, moved or deleted.
type Posting struct {
	record.Meta
	EmployeeID         schema.ID `crm:"employee_id,required"`
	ManagerID          schema.ID
	DepartmentID       schema.ID
	FurtherDepartments []schema.ID `crm:"further_departments,json"`
	Inactive           bool
	// From is the first day, and Until the first day on which it no longer holds; zero
	// while it does.
	From  schema.Date `crm:"from,required"`
	Until schema.Date
}

// Postings is the kind of Posting: one of an employee begins on a day. It tells of the past
// and points to nothing: who is named may be gone.
var Postings = schema.Define[Posting]("posting", record.Standard(), schema.Unique("employee_id", "from"))
