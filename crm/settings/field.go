package settings

import (
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Field is a field that a company has added to a kind (自定义字段). It is stored and
// compared as what it is, and stands in queries as "custom.name". It has no index: a
// filter by it reads what the rest of the query finds.
type Field struct {
	record.Meta
	Kind  string `crm:"kind,max=60" validate:"required"`
	Name  string `crm:"name,max=40" validate:"required"`
	Label Label  `crm:"label,json"`
	// Type is one of bool, int, text, time, date, decimal, id. Kind, name and type do
	// not change once the field is there, for the sake of what is stored.
	Type string `validate:"required"`
	// Scale is the number of decimal places of a decimal, 0 to 12.
	Scale int64 `validate:"min=0,max=12"`
	// Max is the greatest length of a text in bytes; 0 is schema.DefaultMax.
	Max int64 `validate:"min=0,max=100000"`
	// Required demands a value of every record that is created, or changed at all.
	Required bool
	// Choices, where there are any, are the only values of a text field that may be
	// chosen.
	Choices []Choice `crm:"choices,json"`
	// Retired fields take no new values; what they hold stays.
	Retired bool
}

// Choice is one value that a field may have.
type Choice struct {
	Code    string `json:"code"`
	Label   Label  `json:"label"`
	Retired bool   `json:"retired,omitempty"`
}

// Fields is the kind of Field. A name stands once for each kind.
var Fields = schema.Define[Field]("custom_field", record.Standard(), schema.Unique("kind", "name"))

// types are the types that a field may have.
var types = []schema.Type{schema.TypeBool, schema.TypeInt, schema.TypeText, schema.TypeTime, schema.TypeDate, schema.TypeDecimal, schema.TypeID}

// Check implements session.Checker.
func (f *Field) Check() []fault.Field {
	var offences []fault.Field
	offend := func(name, code, message string) {
		offences = append(offences, fault.Field{Name: name, Code: code, Message: message})
	}
	if !slices.ContainsFunc(types, func(t schema.Type) bool { return t.String() == f.Type }) {
		offend("type", "oneof", "is none of bool, int, text, time, date, decimal, id")
	}
	if len(f.Choices) > 0 && f.Type != schema.TypeText.String() {
		offend("choices", "type", "are for fields of type text")
	}
	seen := map[string]bool{}
	for _, c := range f.Choices {
		if c.Code == "" || seen[c.Code] {
			offend("choices", "unique", "have codes that differ and are not empty")
			break
		}
		seen[c.Code] = true
	}
	return offences
}

// Declared returns the field as the registry knows it.
func (f *Field) Declared() schema.CustomField {
	at := slices.IndexFunc(types, func(t schema.Type) bool { return t.String() == f.Type })
	return schema.CustomField{Name: f.Name, Type: types[max(at, 0)], Scale: int32(f.Scale), Max: int(f.Max)}
}

func (f *Field) allows(code string) bool {
	return len(f.Choices) == 0 || slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.Code == code && !c.Retired })
}
