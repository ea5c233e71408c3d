package match

import (
	"cmp"
	"slices"
)

// Key is a match key (查重键): two subjects that share one may be the same, those that
// share none are never compared. Whoever stores keys keeps them with an index on
// (Kind, Value), so that a check costs as much as a subject has keys.
type Key struct {
	Kind  KeyKind
	Value string
}

// KeyKind says what a key is made of.
type KeyKind string

// The kinds of keys. Where a part is missing there is no key.
const (
	KeyTaxID KeyKind = "tax_id" // is unique: no two subjects should have it
	KeyEmail KeyKind = "email"
	KeyPhone KeyKind = "phone"

	// KeyCompany is a whole name of an organisation, KeyCompanyStart the beginning of one
	// behind province and city.
	KeyCompany      KeyKind = "company"
	KeyCompanyStart KeyKind = "company_start"
	KeyDomain       KeyKind = "domain" // of an organisation

	// KeyName is the whole name of a person, in any order. KeyNameStart is the beginnings
	// of given and family name, in any order, for most slips are made behind the third
	// letter; the others have one of them with something else. The digits of the
	// postcode are in their order, so that transposed ones make no difference.
	KeyName         KeyKind = "name"
	KeyNameStart    KeyKind = "name_start"
	KeyNameBirth    KeyKind = "name_birth"
	KeyNamePostcode KeyKind = "name_postcode"

	// KeyLineNumber and KeyLineCity have the beginning of one of the lines of an address.
	KeyLineNumber KeyKind = "line_number"
	KeyLineCity   KeyKind = "line_city"
)

// MaxKeys is the largest number of keys that a subject has.
const MaxKeys = 1 + 5*MaxValues + 8

// MaxHits is the number of other subjects from which on a heuristic key is too common to
// say anything: a check drops it (Odoo's limit). Of other keys a check takes that many
// hits and no more: they are enough to act upon.
const MaxHits = 20

// Heuristic reports whether a key of this kind is a guess that narrows the search, and
// nothing that by itself would make two subjects the same.
func (k KeyKind) Heuristic() bool {
	switch k {
	case KeyTaxID, KeyEmail, KeyPhone, KeyCompany:
		return false
	}
	return true
}

// How many characters the beginning of a name, of a company's and of a line has.
const (
	nameStart    = 3
	companyStart = 4
	lineStart    = 4
)

// Keys returns the match keys of a subject, each once, ordered by kind and value, at
// most MaxKeys. They change with Version and with the Matcher's options, not with its
// rules.
func (m *Matcher) Keys(s Subject) []Key { return m.form(&s).keys() }

func (f *form) keys() []Key {
	var keys []Key
	add := func(kind KeyKind, parts ...string) {
		key := Key{Kind: kind}
		for _, part := range parts {
			if part == "" {
				return
			}
			if key.Value != "" {
				key.Value += "|"
			}
			key.Value += part
		}
		keys = append(keys, key)
	}
	add(KeyTaxID, f.taxID)
	for _, email := range f.emails {
		add(KeyEmail, email)
	}
	for _, phone := range f.phones {
		add(KeyPhone, phone)
	}
	if f.kind == Organisation {
		for _, domain := range f.domains {
			add(KeyDomain, domain)
		}
		for _, name := range f.names {
			add(KeyCompany, name)
			add(KeyCompanyStart, cut(withoutProvince(name), companyStart))
		}
	}
	given, family := cut(f.given, nameStart), cut(f.family, nameStart)
	if given != "" && family != "" {
		add(KeyName, f.names[0])
		add(KeyNameStart, min(given, family), max(given, family))
	}
	for _, name := range []string{given, family} {
		add(KeyNameBirth, name, f.birth)
		add(KeyNamePostcode, name, sorted(f.postcode))
	}
	for _, line := range []string{f.street, f.place} {
		line = cut(withoutProvince(line), lineStart)
		add(KeyLineNumber, line, f.number)
		add(KeyLineCity, line, cut(f.city, lineStart))
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value)) })
	return slices.Compact(keys)
}
