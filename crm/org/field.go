package org

import "github.com/kehucrm/kehu/storage/schema"

// FieldRule keeps a role from a field of a kind (字段权限).
type FieldRule struct {
	Kind string `json:"kind"`
	// Field is the field as queries spell it: "annual_revenue", "custom.rank".
	Field  string      `json:"field"`
	Access FieldAccess `json:"access"`
}

// FieldAccess is what is left of the access to a field.
type FieldAccess string

// What may be left, from little to much.
const (
	// Hidden fields read as if they were empty. No condition, sort or figure may use
	// them, and they are not changed.
	Hidden FieldAccess = "hidden"
	// Masked fields are hidden, but of a text its last two characters are shown.
	Masked FieldAccess = "masked"
	// ReadOnly fields are seen and not changed.
	ReadOnly FieldAccess = "readonly"
)

var fieldAccesses = []FieldAccess{Hidden, Masked, ReadOnly}

// Known reports whether a is one of the accesses.
func (a FieldAccess) Known() bool { return a.rank() < len(fieldAccesses) }

func (a FieldAccess) rank() int {
	for i, known := range fieldAccesses {
		if a == known {
			return i
		}
	}
	return len(fieldAccesses)
}

// Shown reports whether the value may be seen as it is.
func (a FieldAccess) Shown() bool { return a != Hidden && a != Masked }

// FieldRules returns what is left of the fields of a kind that are not all an employee's;
// nil when every field is. Of several roles that may read the kind, and of several
// employees, as whom somebody acts, the one that leaves most decides.
func (d *Directory) FieldRules(k *schema.Kind, people ...schema.ID) map[string]FieldAccess {
	var left map[string]FieldAccess
	first := true
	for _, person := range people {
		for _, own := range d.fieldRules(person, k) {
			if first {
				left, first = own, false
				continue
			}
			for field, access := range left {
				other, ruled := own[field]
				switch {
				case !ruled:
					delete(left, field)
				case other.rank() > access.rank():
					left[field] = other
				}
			}
		}
	}
	return left
}

// fieldRules returns the rules of each role by which the employee may read the kind: none
// by the default role.
func (d *Directory) fieldRules(person schema.ID, k *schema.Kind) []map[string]FieldAccess {
	e := d.employees[person]
	if e == nil || len(e.Roles) == 0 {
		return []map[string]FieldAccess{nil}
	}
	var list []map[string]FieldAccess
	for _, id := range e.Roles {
		if r := d.roles[id]; r != nil && r.Covers(k.Name(), Read) {
			list = append(list, r.fieldRules(k))
		}
	}
	return list
}

// fieldRules returns the rules of one role for a kind; of two for one field, the stricter
// holds.
func (r *Role) fieldRules(k *schema.Kind) map[string]FieldAccess {
	var rules map[string]FieldAccess
	for _, rule := range r.Fields {
		if rule.Kind != k.Name() {
			continue
		}
		if rules == nil {
			rules = map[string]FieldAccess{}
		}
		if known, ok := rules[rule.Field]; !ok || rule.Access.rank() < known.rank() {
			rules[rule.Field] = rule.Access
		}
	}
	return rules
}
