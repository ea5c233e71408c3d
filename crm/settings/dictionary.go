package settings

import (
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Entry is one value of a dictionary (业务字典): an industry, a source, a reason. Records
// hold its code.
//
// A dictionary is the set of entries of one name. A field names its dictionary by the tag
// list (schema.Field.List): once the dictionary has an entry, the field takes the codes
// of its entries that are open, and nothing else. Without entries it takes any text. What a
// record has already stays, whatever becomes of the entry.
type Entry struct {
	record.Meta
	Dictionary string `crm:"dictionary,max=60" validate:"required"`
	Code       string `crm:"code,max=60" validate:"required"`
	Label      Label  `crm:"label,json"`
	// Position orders the entries of a dictionary; equal ones follow their codes.
	Position int64
	// From is the first day on which the entry can be chosen, and Until the first on which it
	// no longer can; zero is no limit.
	From, Until schema.Date
	// Retired entries can't be chosen any more.
	Retired bool
}

// Open reports whether the entry can be chosen on a day.
func (e *Entry) Open(on schema.Date) bool {
	return !e.Retired && !on.Before(e.From) && (e.Until.IsZero() || on.Before(e.Until))
}

// Check implements session.Checker.
func (e *Entry) Check() []fault.Field {
	if !e.Until.IsZero() && !e.From.Before(e.Until) {
		return []fault.Field{{Name: "until", Code: "range", Message: "is after the first day"}}
	}
	return nil
}

// Entries is the kind of Entry. A code stands once in a dictionary.
var Entries = schema.Define[Entry]("dictionary_entry", record.Standard(), schema.Unique("dictionary", "code"))
