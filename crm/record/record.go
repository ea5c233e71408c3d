// Package record holds what every stored record carries. A business struct embeds
// [Meta], and [Owned] when somebody is responsible for it:
//
//	type Customer struct {
//		record.Meta
//		record.Owned
//		Name string `validate:"required"`
//	}
//
// The session that writes the record sets the times and the actors, whatever a caller puts
// there. The ID at creation, the Version at an update, owner, department and the custom fields
// are the caller's.
package record

import (
	"time"

	"github.com/kehucrm/kehu/storage/schema"
)

// Meta is carried by every record.
type Meta struct {
	// ID is set when the record is created. A caller may give one: a repeated
	// creation with the same id and content returns the first result.
	ID schema.ID
	// Version counts the changes from 1. An update names the version that was
	// read; see session.Collection.Update.
	Version int64
	// CreatedAt and UpdatedAt are the instants of the transactions that created
	// and last changed the record; UTC.
	CreatedAt time.Time `crm:"created_at,required"`
	UpdatedAt time.Time `crm:"updated_at,required"`
	// CreatedBy and UpdatedBy are employees; zero for the system.
	CreatedBy schema.ID
	UpdatedBy schema.ID
	// Custom holds the values of the custom fields that the host or the tenant has declared,
	// by name; see schema.Values for their types.
	Custom schema.Values
}

// Header returns the record's Meta.
func (m *Meta) Header() *Meta { return m }

// Owned is carried by records that somebody is responsible for.
type Owned struct {
	// OwnerID is the responsible employee (负责人); zero at creation is the
	// acting one. What the system creates without naming one is nobody's: it
	// waits for whoever assigns it, and those who see only their own don't see it.
	OwnerID schema.ID
	// DepartmentID is the responsible department; zero at creation is the
	// owner's.
	DepartmentID schema.ID
}

// Ownership returns the record's Owned.
func (o *Owned) Ownership() *Owned { return o }

// Holder is a record with Meta: every pointer to a struct that embeds it.
type Holder interface{ Header() *Meta }

// Owner is a record with Owned.
type Owner interface{ Ownership() *Owned }

// Credit says who gets the credit for what happened: it is stamped at that time
// and never moved by a later handover.
type Credit struct {
	// CreditOwnerID was the owner, CreditManagerID their manager (zero without
	// one), CreditDepartmentID the responsible department.
	CreditOwnerID      schema.ID
	CreditManagerID    schema.ID
	CreditDepartmentID schema.ID
}

// Ref names a record of any kind.
type Ref struct {
	Kind string
	ID   schema.ID
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// Standard is the option of a kind whose records embed Meta: pages by creation are
// read in order of an index. (Pages by last change are not: every edit would pay for
// three more indexes.)
func Standard() schema.Option { return schema.SortKeys("created_at") }

// Responsible is the option of a kind whose records embed Owned, instead of
// Standard: owner and department are references, and pages within a scope are
// read in order of an index.
func Responsible() schema.Option {
	return combine(
		schema.BelongsTo("owner", "employee", "owner_id"),
		schema.BelongsTo("department", "department", "department_id"),
		schema.OwnedBy("owner_id", "department_id"),
		Standard(),
	)
}

// Credited is the option of a kind whose records embed Credit.
func Credited() schema.Option {
	return combine(
		schema.BelongsTo("credit_owner", "employee", "credit_owner_id"),
		schema.BelongsTo("credit_manager", "employee", "credit_manager_id"),
		schema.BelongsTo("credit_department", "department", "credit_department_id"),
	)
}

func combine(options ...schema.Option) schema.Option {
	return func(k *schema.Kind) error {
		for _, option := range options {
			if err := option(k); err != nil {
				return err
			}
		}
		return nil
	}
}
