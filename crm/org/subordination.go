package org

import (
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// Subordination is below which other one a department stood for a time (隶属). Those of a
// department follow each other without a gap; the last one is open while the department is
// there, and all stay when it is deleted. Package admin writes them whenever a department is
// created, moved or deleted.
type Subordination struct {
	record.Meta
	DepartmentID schema.ID `crm:"department_id,required"`
	ParentID     schema.ID // zero at the top
	// From is the first day, and Until the first day on which it no longer holds; zero
	// while it does.
	From  schema.Date `crm:"from,required"`
	Until schema.Date
}

// Subordinations is the kind of Subordination: one of a department begins on a day. Like
// Postings it points to nothing.
var Subordinations = schema.Define[Subordination]("subordination", record.Standard(), schema.Unique("department_id", "from"))
