package schema

import (
	"errors"
	"fmt"
	"slices"
)

// SearchText is the name of the column in which a kind with a Search keeps what its
// records are found by.
const SearchText = "search_text"

// SearchRole says how the records of a kind are found as somebody types.
type SearchRole struct {
	// Recent is the sort key that tells which records were used last.
	Recent *Field
	// Fields are what is searched, in the order in which they were declared.
	Fields []SearchField
	// Text is the derived column that package search fills: see search.Text. A query
	// can't name it.
	Text *Field
}

// SearchField is one text field that records are found by.
type SearchField struct {
	Field *Field
	// Digits says that of the field only digits count, as of a phone number.
	Digits bool
}

// SearchBy names fields for Search.
type SearchBy struct {
	names  []string
	digits bool
}

// Words names text fields that are searched as they are read: names, codes, addresses.
func Words(fields ...string) SearchBy { return SearchBy{names: fields} }

// Digits names text fields of which only digits count: phone numbers.
func Digits(fields ...string) SearchBy { return SearchBy{fields, true} }

// maxSearched is the number of fields that one kind may be searched by.
const maxSearched = 20

// Search says that records of the kind are found as somebody types, by the fields given,
// and that those come first whose sort key recent is the latest.
func Search(recent string, fields ...SearchBy) Option {
	return func(k *Kind) error {
		if k.search != nil {
			return errors.New("search is declared twice")
		}
		key, err := k.lookup(recent)
		if err != nil {
			return err
		}
		role := &SearchRole{Recent: key[0], Text: &Field{Name: SearchText, Type: TypeText, Max: LargestMax, derived: true}}
		for _, by := range fields {
			list, err := k.lookup(by.names...)
			if err != nil {
				return err
			}
			for _, f := range list {
				if f.Type != TypeText || f.Nullable || f.Derived() {
					return fmt.Errorf("field %q: only a text field that is no pointer can be searched", f.Name)
				}
				if role.has(f) {
					return fmt.Errorf("field %q is searched twice", f.Name)
				}
				role.Fields = append(role.Fields, SearchField{f, by.digits})
			}
		}
		if n := len(role.Fields); n == 0 || n > maxSearched {
			return fmt.Errorf("a search has 1 to %d fields", maxSearched)
		}
		for _, name := range []string{"search_no", "search_tokens"} { // which adapters keep beside it
			if k.byName[name] != nil {
				return fmt.Errorf("field name %q is reserved where records are searched", name)
			}
		}
		k.search = role
		return k.addColumn(role.Text)
	}
}

func (r *SearchRole) has(f *Field) bool {
	return slices.ContainsFunc(r.Fields, func(s SearchField) bool { return s.Field == f })
}

// Searches reports whether a change of the field changes what records are found by. A nil
// role has none.
func (r *SearchRole) Searches(f *Field) bool { return r != nil && r.has(f) }

// Search returns how the kind's records are found as somebody types; nil where they are
// not.
func (k *Kind) Search() *SearchRole { return k.search }

// coverSearch has the indexes in order of the last use carry the search text, so that a
// walk along them need not read the rows.
func (k *Kind) coverSearch() error {
	if k.search == nil {
		return nil
	}
	if !k.IsSortKey(k.search.Recent) {
		return fmt.Errorf("search: field %q is no sort key", k.search.Recent.Name)
	}
	for _, x := range k.indexes {
		key := x.Fields[len(x.Fields)-1] == k.search.Recent && !x.Unique && x.Reference == nil
		if key && (len(x.Fields) == 1 || len(x.Fields) == 2 && (x.Fields[0] == k.owner || x.Fields[0] == k.dept)) {
			x.Include = append(slices.Clip(x.Include), k.search.Text)
		}
	}
	return nil
}
