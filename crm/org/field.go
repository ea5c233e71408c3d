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

// FieldRules returns what is left of the fields of a kind that are not all theirs to
// whoever has the rights of some people; nil when every field is. Of several roles by which
// one person may read the kind, the one that leaves most decides: together they are what
// that person may. Of several people the strictest decides, for every record: a record is
// reached through one of them, and what another one may see tells nothing about it. So a
// deputy never sees more of a record than any of those as whom they act, and may see less of
// their own records for as long as they stand in. Who may not read the kind has no say.
func (d *Directory) FieldRules(k *schema.Kind, people ...schema.ID) map[string]FieldAccess {
	left := map[string]FieldAccess{}
	for _, person := range people {
		for field, access := range d.fieldRules(person, k) {
			restrict(left, field, access)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

// fieldRules returns what is left of the fields to one employee: nothing is kept from the
// default role.
func (d *Directory) fieldRules(person schema.ID, k *schema.Kind) map[string]FieldAccess {
	e := d.employees[person]
	if e == nil {
		return nil
	}
	var left map[string]FieldAccess
	first := true
	for _, id := range e.Roles {
		r := d.roles[id]
		if r == nil || !r.Covers(k.Name(), Read) {
			continue
		}
		own := r.fieldRules(k)
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
	return left
}

// fieldRules returns the rules of one role for a kind; of two for one field, the stricter
// holds.
func (r *Role) fieldRules(k *schema.Kind) map[string]FieldAccess {
	rules := map[string]FieldAccess{}
	for _, rule := range r.Fields {
		if rule.Kind == k.Name() {
			restrict(rules, rule.Field, rule.Access)
		}
	}
	return rules
}

// restrict leaves no more of a field than an access does.
func restrict(rules map[string]FieldAccess, field string, to FieldAccess) {
	if known, ruled := rules[field]; !ruled || to.rank() < known.rank() {
		rules[field] = to
	}
}
