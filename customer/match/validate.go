package match

import (
	"slices"

	"github.com/kehucrm/kehu/storage/fault"
)

// The limits of rules.
const (
	maxRules      = 50
	maxConditions = 100 // of a rule, counting all levels
	maxDepth      = 8
)

// Validate returns Invalid, naming all offences, for rules that have no name or the
// same one, an unknown kind, field or action or none, a condition without parts, a
// number of parts or a likeness out of its range, and for more than can be judged fast:
// 50 rules of 100 conditions in 8 levels.
func Validate(rules []Rule) error {
	v := validation{}
	names := map[string]bool{}
	if len(rules) > maxRules {
		v.refusef("rules", "max", "there are at most %d rules", maxRules)
	}
	for _, r := range rules {
		switch {
		case r.Name == "":
			v.refusef("name", "required", "a rule has a name")
		case names[r.Name]:
			v.refusef("name", "unique", "two rules are called %.40q", r.Name)
		}
		names[r.Name] = true
		if r.Kind != "" && r.Kind != Organisation && r.Kind != Person {
			v.refusef("kind", "oneof", "unknown kind %.40q; there are %s, %s", r.Kind, Organisation, Person)
		}
		if r.Action < Report || r.Action > Block {
			v.refusef("action", "oneof", "the action of a rule is %s, %s or %s", Report, Warn, Block)
		}
		v.conditions = 0
		v.condition(r.When, 1)
	}
	return v.err()
}

// validation collects offences.
type validation struct {
	fields     []fault.Field
	conditions int
}

func (v *validation) refusef(name, code, format string, args ...any) {
	v.fields = append(v.fields, fault.InvalidField(name, code, format, args...).Fields...)
}

func (v *validation) err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Invalid, Message: "rules: " + v.fields[0].Message, Fields: v.fields}
}

func (v *validation) condition(c Condition, depth int) {
	v.conditions++
	switch {
	case v.conditions == maxConditions+1:
		v.refusef("when", "max", "a rule has at most %d conditions", maxConditions)
	case depth > maxDepth:
		v.refusef("when", "max", "a condition has at most %d levels", maxDepth)
	}
	if v.conditions > maxConditions || depth > maxDepth {
		return
	}
	switch c := c.(type) {
	case And:
		v.parts(c, len(c), depth)
	case Or:
		v.parts(c, 1, depth)
	case AtLeast:
		v.parts(c.Of, c.N, depth)
	case Equal:
		v.field(c.Field)
	case Prefix:
		v.field(c.Field)
		if c.Length < 1 || c.Length > maxText {
			v.refusef("length", "range", "the length of a prefix is from 1 to %d", maxText)
		}
	case Similar:
		v.field(c.Field)
		if !(c.Min > 0 && c.Min <= 1) {
			v.refusef("min", "range", "a likeness is above 0 and at most 1")
		}
	default:
		v.refusef("when", "required", "a rule has a condition")
	}
}

func (v *validation) parts(of []Condition, n, depth int) {
	if len(of) == 0 {
		v.refusef("of", "required", "a condition of others has at least one")
	} else if n < 1 || n > len(of) {
		v.refusef("n", "range", "at least %d of %d can't be", n, len(of))
	}
	for _, c := range of {
		v.condition(c, depth+1)
	}
}

func (v *validation) field(f Field) {
	if !slices.Contains(fields, f) {
		v.refusef("field", "oneof", "unknown field %.40q; there are %v", f, fields)
	}
}
