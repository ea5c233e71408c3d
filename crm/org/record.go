package org

import (
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Department is a part of the company (部门): the company itself, a branch, an
// office, a team. Departments form a tree.
type Department struct {
	record.Meta
	Name     string    `crm:"name,search" validate:"required"`
	Code     string    // unique where not empty
	ParentID schema.ID // zero at the top
}

// Departments is the kind of Department.
var Departments = schema.Define[Department]("department",
	record.Standard(), schema.Unique("code"),
	schema.BelongsTo("parent", "department", "parent_id", schema.Inverse("children")))

// Employee is a person of the company (职员) who can act and be responsible.
// Employees are made inactive, not deleted, once they own records.
type Employee struct {
	record.Meta
	Name string `crm:"name,search" validate:"required"`
	Code string // unique where not empty
	// Position, Phone and Email are those at work, for colleagues and customers to know.
	Position string // what they are in the company (职务); it gives no rights
	Phone    string
	Email    string `validate:"omitempty,email"`
	// HostUser is the id of the person in the host program, by which
	// App.AsExternal finds the employee; unique where not empty.
	HostUser     string
	ManagerID    schema.ID // the direct superior (直接上级); zero at the top
	DepartmentID schema.ID // zero for none; that of the records which they make
	// FurtherDepartments are those in which they stand, too (兼职部门), each once: their
	// ranges, and what is shared to a department, reach them there as well.
	FurtherDepartments []schema.ID `crm:"further_departments,json"`
	Roles              []schema.ID `crm:"roles,json"` // none means the default role
	// Inactive people can't act, and can't be made responsible. Their records
	// stay theirs.
	Inactive bool
}

// Employees is the kind of Employee.
var Employees = schema.Define[Employee]("employee",
	record.Standard(), schema.Unique("code"), schema.Unique("host_user"),
	schema.BelongsTo("manager", "employee", "manager_id", schema.Inverse("reports")),
	schema.BelongsTo("department", "department", "department_id", schema.Inverse("employees")))

// Departments returns all departments in which the employee stands: DepartmentID first,
// then the further ones.
func (e *Employee) Departments() []schema.ID {
	if e.DepartmentID.IsZero() {
		return e.FurtherDepartments
	}
	return append([]schema.ID{e.DepartmentID}, e.FurtherDepartments...)
}

// Check implements session.Checker.
func (e *Employee) Check() []fault.Field {
	seen := map[schema.ID]bool{{}: true, e.DepartmentID: true}
	for _, id := range e.FurtherDepartments {
		if seen[id] {
			return []fault.Field{{Name: "further_departments", Code: "unique", Message: "names a department twice, or none"}}
		}
		seen[id] = true
	}
	return nil
}

// Role is a set of grants that employees can have (角色). Every further role adds to what
// they may; the first one takes the place of the default role, and may take away.
type Role struct {
	record.Meta
	Name   string  `crm:"name" validate:"required"`
	Grants []Grant `crm:"grants,json"`
	// Fields keeps the role from fields of kinds that it may read.
	Fields []FieldRule `crm:"fields,json"`
}

// Roles is the kind of Role; names are unique.
var Roles = schema.Define[Role]("role", record.Standard(), schema.Unique("name"))

// Covers reports whether the role grants the verb on the kind of a name.
func (r *Role) Covers(kind string, v Verb) bool {
	return slices.ContainsFunc(r.Grants, func(g Grant) bool { return g.covers(kind, v) })
}

// Grant opens the gate for verbs on a kind, and may widen access.
type Grant struct {
	// Kind is the name of a kind; "*" means all but shares, which are given and seen
	// through the records they belong to, and the journal, which tells of records that one
	// may not see (see session.Session.OperationLog).
	Kind string `json:"kind"`
	// Verbs are what may be done. Whoever may do anything to a record but create it may read
	// it as well.
	Verbs []Verb `json:"verbs"`
	// Range says on which records the verbs hold beyond those that the person
	// has access to anyway; empty is OwnRange.
	Range Range `json:"range,omitempty"`
}

func (g Grant) covers(kind string, v Verb) bool {
	named := g.Kind == kind || g.Kind == "*" && kind != shareKind && kind != journalKind
	return named && slices.ContainsFunc(g.Verbs, func(granted Verb) bool { return granted == v || v == Read && granted != Create })
}

// Range is how far a grant reaches.
type Range string

// The ranges, from narrow to wide.
const (
	OwnRange        Range = ""                // no further than access by other ways
	DepartmentRange Range = "department"      // records of the departments in which one stands
	BelowRange      Range = "department_tree" // and of all departments below them
	AllRange        Range = "all"             // every record of the tenant
)

// Verb is something that a person does to records of a kind.
type Verb string

// The verbs.
const (
	Read    Verb = "read"
	Create  Verb = "create"
	Update  Verb = "update"
	Delete  Verb = "delete"
	Assign  Verb = "assign"  // give it another owner (移交)
	ShareIt Verb = "share"   // share it to somebody
	Approve Verb = "approve" // decide about it
	Urge    Verb = "urge"    // urge whoever is responsible (催办)
	Export  Verb = "export"
	Merge   Verb = "merge"
)

// Verbs returns all verbs.
func Verbs() []Verb {
	return []Verb{Read, Create, Update, Delete, Assign, ShareIt, Approve, Urge, Export, Merge}
}

// Level is how much access allows; greater allows more.
type Level int64

// The levels.
const (
	NoAccess   Level = 0
	ReadAccess Level = 1 // reading, exporting, urging
	EditAccess Level = 2 // everything but deleting and merging
	FullAccess Level = 3 // everything
)

// Needs returns the level of access that a verb needs on a record. Create needs
// none: there is no record yet.
func (v Verb) Needs() Level {
	switch v {
	case Create:
		return NoAccess
	case Read, Export, Urge:
		return ReadAccess
	case Delete, Merge:
		return FullAccess
	}
	return EditAccess
}

// Share gives one principal access to one record (共享).
type Share struct {
	record.Meta
	Kind     string    `validate:"required"`
	RecordID schema.ID `crm:"record_id,required" validate:"required"`
	// RecordCreatedAt is the record's CreatedAt, copied so that pages of shared
	// records are read in order.
	RecordCreatedAt time.Time `crm:"record_created_at,required"`
	// PrincipalID is an employee, a role, or a department, which includes the
	// departments below it.
	PrincipalID schema.ID `crm:"principal_id,required" validate:"required"`
	Level       Level     `validate:"min=1,max=3"`
	Cause       Cause     `validate:"required"`
	// ExpiresAt ends the share at that instant; zero is never.
	ExpiresAt time.Time
}

// Cause says why a share exists, and so what happens to it when the record
// changes hands.
type Cause string

// The causes.
const (
	ByHand Cause = "manual"
	ByTeam Cause = "team"
	// ByHandover is the share of somebody whose records were handed over and who may read
	// them for a while.
	ByHandover Cause = "handover"
)

// Causes returns all of them.
func Causes() []Cause { return []Cause{ByHand, ByTeam, ByHandover} }

// What a handover does to shares; see admin.HandoverLine.EndShares.
const (
	EventShareHandedOver = "share.handed_over"     // ended with it
	EventShareGivenBack  = "share.handover_undone" // as it was, with its undoing
)

// shareKind is the name of the kind of Share.
const shareKind = "share"

// journalKind is the name of the kind of journal.Entry.
const journalKind = "journal_entry"

// Shares is the kind of Share. A principal has at most one share of a record for
// each cause.
var Shares = schema.Define[Share](shareKind,
	record.Standard(),
	schema.Unique("kind", "record_id", "principal_id", "cause"),
	schema.KeepsShares("kind", "record_id", "record_created_at", "principal_id", "level", "expires_at"))

// Reach is one pair of the closure of the tree of managers: everyone stands above
// themselves at depth 0, above direct reports at depth 1, and so on. It is kept by
// package admin and read by queries only.
type Reach struct {
	ID           schema.ID
	AncestorID   schema.ID `crm:"ancestor_id,required"`
	DescendantID schema.ID `crm:"descendant_id,required"`
	Depth        int64
}

// Reaches is the kind of Reach.
var Reaches = schema.Define[Reach]("reach", schema.KeepsReach("ancestor_id", "descendant_id", "depth"))

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{Departments.Kind, Employees.Kind, Roles.Kind, Shares.Kind, Reaches.Kind, SharingRules.Kind, Deputies.Kind, Postings.Kind, Subordinations.Kind}
}
