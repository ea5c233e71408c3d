package match

import (
	"slices"
	"unicode/utf8"
)

// Kind says what a subject is. Two subjects of different kinds are never the same; the
// zero Kind is Organisation.
type Kind string

// The kinds.
const (
	Organisation Kind = "organisation" // 企业客户
	Person       Kind = "person"       // 个人客户, 联系人
)

// Subject is what there is to compare of a company or a person (查重对象), as people typed
// it. Package customer finds customers by it; contacts are compared by a host that makes
// subjects of them. All fields may be empty: what is empty neither agrees nor
// disagrees with anything.
type Subject struct {
	// ID tells the subjects of a scan apart. Keys and Judge don't look at it.
	ID   string
	Kind Kind
	// Names are the names of an organisation: the legal one, short and former ones.
	// Of a person the first is read as full name when Given and Family are empty.
	Names         []string
	Given, Family string
	// Company is the employer of a person.
	Company string
	TaxID   string
	Phones  []string
	Emails  []string
	Website string
	Address Address
	// Birth is a date of birth as NormaliseBirthDate reads it.
	Birth string
}

// Address is an address in its parts (地址). Number may stand in Street as well, as
// "12 Main St" or "中山路12号".
type Address struct {
	Number   string // of the house (门牌号)
	Street   string
	Place    string // a second line: building, estate, village
	City     string // or suburb, district
	Postcode string
	Region   string // state, province
}

// MaxValues is how many names, phones, e-mails and domains of a subject take part; those
// behind are not looked at.
const MaxValues = 5

// form is a subject in normal form. Texts have no blanks.
type form struct {
	id      string
	kind    Kind
	names   []string // of a person one: given and family name in the order of the alphabet
	company string
	given   string
	family  string
	taxID   string
	phones  []string
	emails  []string
	domains []string
	birth   string

	number, street, place, city, postcode, region string
}

func (m *Matcher) form(s *Subject) *form {
	f := &form{
		id:       s.ID,
		kind:     s.Kind,
		company:  compact(NormaliseCompany(s.Company)),
		taxID:    NormaliseTaxID(s.TaxID),
		phones:   normalAll(s.Phones, m.normalisePhone),
		emails:   normalAll(s.Emails, NormaliseEmail),
		domains:  normalAll(append([]string{s.Website}, s.Emails...), NormaliseDomain),
		birth:    NormaliseBirthDate(s.Birth),
		number:   NormaliseHouseNumber(s.Address.Number),
		place:    compact(NormaliseAddressLine(s.Address.Place)),
		city:     compact(NormaliseCity(s.Address.City)),
		postcode: NormalisePostcode(s.Address.Postcode),
		region:   compact(NormaliseCity(s.Address.Region)),
	}
	street := NormaliseAddressLine(s.Address.Street)
	if f.number == "" {
		f.number, street = splitNumber(street)
		f.number, street = NormaliseHouseNumber(f.number), NormaliseAddressLine(street)
	}
	f.street = compact(street)
	if f.kind == "" {
		f.kind = Organisation
	}
	if f.kind == Organisation {
		f.names = normalAll(s.Names, organisationName)
		return f
	}
	f.given, f.family = NormaliseName(s.Given), NormaliseName(s.Family)
	if f.given == "" && f.family == "" && len(s.Names) > 0 {
		f.given, f.family = SplitName(s.Names[0])
	}
	f.given, f.family = compact(f.given), compact(f.family)
	if f.given != "" || f.family != "" {
		f.names = []string{inAnyOrder(f.given, f.family)}
	}
	return f
}

// organisationName returns the name of an organisation if it is long enough to tell it from
// others.
func organisationName(name string) string {
	s := compact(NormaliseCompany(name))
	if utf8.RuneCountInString(s) < minCompany {
		return ""
	}
	return s
}

// minCompany is the number of characters that the name of a company has at least.
const minCompany = 2

// normalAll returns the normal forms of the first values, each once and none empty.
func normalAll(values []string, normal func(string) string) []string {
	var out []string
	for _, value := range values {
		if len(out) == MaxValues {
			break
		}
		if n := normal(value); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
