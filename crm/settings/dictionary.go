package settings

import (
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/schema"
)

// Entry is one value of a dictionary (业务字典): an industry, a source, a reason. Records
// hold its code.
//
// A dictionary is the set of entries of one name. A field names its dictionary by the tag
// list (schema.Field.List): once the dictionary has an entry, the field takes the codes
// of its entries that are not retired, and nothing else. Without entries it takes any
// text.
type Entry struct {
	record.Meta
	Dictionary string `crm:"dictionary,max=60" validate:"required"`
	Code       string `crm:"code,max=60" validate:"required"`
	Label      Label  `crm:"label,json"`
	// Position orders the entries of a dictionary; equal ones follow their codes.
	Position int64
	// Retired entries can't be chosen any more.
	Retired bool
}

// Entries is the kind of Entry. A code stands once in a dictionary.
var Entries = schema.Define[Entry]("dictionary_entry", record.Standard(), schema.Unique("dictionary", "code"))
