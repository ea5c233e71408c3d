package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/kehucrm/kehu/storage/fault"
)

// The JSON form of a rule, for settings that a host keeps:
//
//	{"name":"similar company name","kind":"organisation","action":"warn","when":
//	  {"op":"and","of":[{"op":"similar","field":"name","min":0.75},
//	                    {"op":"or","of":[{"op":"eq","field":"phone"},{"op":"prefix","field":"street","length":4}]},
//	                    {"op":"at_least","n":2,"of":[…]}]}}
type ruleWire struct {
	Name   string          `json:"name"`
	Kind   Kind            `json:"kind,omitempty"`
	Action Action          `json:"action"`
	When   json.RawMessage `json:"when"`
}

type conditionWire struct {
	Op     string            `json:"op"`
	Of     []json.RawMessage `json:"of,omitempty"`
	N      int               `json:"n,omitempty"`
	Field  Field             `json:"field,omitempty"`
	Length int               `json:"length,omitempty"`
	Min    float64           `json:"min,omitempty"`
}

// maxRulesJSON is how many bytes of JSON are read.
const maxRulesJSON = 1 << 20

// ParseRules reads rules from a JSON array. It returns Invalid for another form, and
// for rules that Validate refuses.
func ParseRules(raw []byte) ([]Rule, error) {
	if len(raw) > maxRulesJSON {
		return nil, fault.New(fault.Invalid, "rules have at most 1 MiB of JSON")
	}
	var rules []Rule
	if err := strict(raw, &rules); err != nil {
		return nil, err
	}
	return rules, Validate(rules)
}

// MarshalJSON returns the rule's JSON form. It returns Invalid for a rule that can't be
// read again, which Validate refuses as well.
func (r Rule) MarshalJSON() ([]byte, error) {
	when, err := marshalCondition(r.When, 1)
	if err != nil {
		return nil, err
	}
	return json.Marshal(ruleWire{r.Name, r.Kind, r.Action, when})
}

// UnmarshalJSON reads what MarshalJSON writes, and returns Invalid for another form. It
// does not look at names and numbers: that is for Validate.
func (r *Rule) UnmarshalJSON(raw []byte) error {
	var w ruleWire
	if err := strict(raw, &w); err != nil {
		return err
	}
	when, err := parseCondition(w.When, 1)
	if err != nil {
		return err
	}
	*r = Rule{w.Name, w.Kind, w.Action, when}
	return nil
}

func marshalCondition(c Condition, depth int) (raw []byte, err error) {
	if depth > maxDepth {
		return nil, tooDeep()
	}
	var w conditionWire
	parts := func(op string, of []Condition) {
		w.Op, w.Of = op, make([]json.RawMessage, len(of))
		for i, part := range of {
			if err == nil {
				w.Of[i], err = marshalCondition(part, depth+1)
			}
		}
	}
	switch c := c.(type) {
	case And:
		parts("and", c)
	case Or:
		parts("or", c)
	case AtLeast:
		parts("at_least", c.Of)
		w.N = c.N
	case Equal:
		w.Op, w.Field = "eq", c.Field
	case Prefix:
		w.Op, w.Field, w.Length = "prefix", c.Field, c.Length
	case Similar:
		w.Op, w.Field, w.Min = "similar", c.Field, c.Min
	default:
		return nil, fault.InvalidField("when", "required", "a rule has a condition")
	}
	if err != nil {
		return nil, err
	}
	if raw, err = json.Marshal(w); err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "a likeness is a number", Err: err}
	}
	return raw, nil
}

func parseCondition(raw []byte, depth int) (Condition, error) {
	if depth > maxDepth {
		return nil, tooDeep()
	}
	var w conditionWire
	if err := strict(raw, &w); err != nil {
		return nil, err
	}
	of := make([]Condition, len(w.Of))
	for i, part := range w.Of {
		var err error
		if of[i], err = parseCondition(part, depth+1); err != nil {
			return nil, err
		}
	}
	switch w.Op {
	case "and":
		return And(of), nil
	case "or":
		return Or(of), nil
	case "at_least":
		return AtLeast{w.N, of}, nil
	case "eq":
		return Equal{w.Field}, nil
	case "prefix":
		return Prefix{w.Field, w.Length}, nil
	case "similar":
		return Similar{w.Field, w.Min}, nil
	}
	return nil, fault.InvalidField("op", "oneof", "unknown op %.40q; there are and, or, at_least, eq, prefix, similar", w.Op)
}

func tooDeep() error {
	return fault.InvalidField("when", "max", "a condition has at most %d levels", maxDepth)
}

// strict reads JSON that has no fields but those of into. Errors of ours pass.
func strict(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); errors.Is(more, io.EOF) {
			return nil
		}
	}
	if ours, ok := errors.AsType[*fault.Error](err); ok {
		return ours
	}
	return &fault.Error{Code: fault.Invalid, Message: "the JSON of a rule has another form", Err: err}
}
