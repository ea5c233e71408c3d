package vcard

import (
	"cmp"
	"strings"
	"unicode"
)

// Card (名片) is what a card says about a person or a company. All texts are without
// escapes and without space around them; lines within one end with LF.
type Card struct {
	// Line is the line of the file in which the card begins, from 1.
	Line int
	// Err says what could not be read, nil when everything could: an Invalid error
	// with a field for each place, named by its property. The card holds what could be.
	Err error

	// Version is "2.1", "3.0", "4.0", or what else the card says; "" when it does not.
	Version string
	// FormattedName is the name as it is to be shown (FN); see [Card.DisplayName].
	FormattedName string
	Name          Name
	Nicknames     []string
	// Organization is the company, Units are its parts, from the largest down.
	Organization string
	Units        []string
	Title, Role  string
	Phones       []Value
	Emails       []Value
	Addresses    []Address
	URLs         []Value
	// Birthday is "1970-04-14", "--04-14" without a year, or as the card has it when
	// that is no date.
	Birthday   string
	Note       string // several are joined by an empty line
	Categories []string
	Photos     []Photo
	UID        string
	// Other is every property that has no place above, in the order of the file.
	Other []Property
}

// Name is a name in its parts (N).
type Name struct{ Family, Given, Additional, Prefix, Suffix string }

// Value is a phone number, an e-mail address or a URL, and what it is for.
type Value struct {
	Value string
	// Types are in small letters, such as "work", "cell", "fax", or a person's own word
	// for it as it stands.
	Types     []string
	Preferred bool
}

// Address is a postal address (ADR).
type Address struct {
	Box, Extended, Street, City, Region, Postcode, Country string
	Types                                                  []string // see Value
	Preferred                                              bool
}

// Photo is a picture: either its data or where it is.
type Photo struct {
	Type string // "image/jpeg"; "" when the card does not say
	URL  string
	Data []byte
}

// Property is a line of a card that has no place of its own in Card.
type Property struct {
	Group  string // "item1" of item1.X-ABADR
	Name   string // in capitals
	Params []Param
	// Value is decoded, its escapes are left as they stand, and the end of a line is
	// one of them (\n): only who knows the property knows whether its semicolons
	// separate something. See [Property.Text].
	Value string
}

// Param is a parameter of a property, its name in capitals.
type Param struct {
	Name   string
	Values []string
}

// Text returns the property's value as a text, without escapes.
func (p Property) Text() string { return unescape(p.Value) }

// DisplayName returns what to call the card by: its formatted name, or else its name
// put together as its script does it (王小明, Carl Gauß), or else its nickname, its
// company, its e-mail address or phone. It is "" for a card that says none of them.
func (c Card) DisplayName() string {
	n := c.Name
	name := strings.Join(nonEmpty(n.Prefix, n.Given, n.Additional, n.Family, n.Suffix), " ")
	if strings.ContainsFunc(n.Family+n.Given, isHan) {
		name = n.Family + n.Additional + n.Given
	}
	first := func(values []Value) string {
		if len(values) == 0 {
			return ""
		}
		return values[0].Value
	}
	return cmp.Or(c.FormattedName, name, strings.Join(c.Nicknames, ", "), c.Organization, first(c.Emails), first(c.Phones))
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
