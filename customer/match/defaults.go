package match

// How alike things must be in the default rules. On lists with known duplicates, recall
// and precision hardly change with alike between 0.8 and 0.95: these are round figures,
// not tuned ones, and a test holds that.
const (
	// alike is one slip of the keyboard in a word of seven letters, or two in a longer
	// one: JaroWinkler says 0.9 and more of them, and rarely of two names.
	alike = 0.9
	// oneSlip is one digit mistyped or two exchanged in a postcode of four.
	oneSlip = 0.75
	// oneSlipInDate is one of them in a date of eight digits.
	oneSlipInDate = 0.875
)

// DefaultRules returns rules to begin with (默认查重规则), for organisations and for
// persons. The slice and its conditions are new and the caller's.
//
// A customer is blocked for one reason only, an official number that exists once.
// Everything that a person may judge better is a warning, and what companies or
// families share without being the same is for the report.
func DefaultRules() []Rule { return append(organisationRules(), personRules()...) }

func organisationRules() []Rule {
	return []Rule{
		// The number is given to one company only.
		{"same tax id", Organisation, Block, Equal{TaxID}},
		// Legal form, case, width and marks don't count. Names are unique within a
		// register, but not everywhere.
		{"same company name", Organisation, Warn, Equal{Name}},
		// A mistyped, shortened or lengthened name alone is too little: 上海明达 and
		// 上海明远 are two companies. Something that they share in fact must support it.
		{"similar company name", Organisation, Warn, And{
			Similar{Name, 0.75},
			Or{Equal{Phone}, Equal{Email}, Equal{Domain}, And{Equal{Number}, Similar{Street, alike}}},
		}},
		// Companies of one group share a switchboard or a domain.
		{"company with the same phone, e-mail or domain", Organisation, Report, Or{Equal{Phone}, Equal{Email}, Equal{Domain}}},
	}
}

func personRules() []Rule {
	given, family := Similar{Given, alike}, Similar{Family, alike}
	sameName := Or{Equal{Name}, And{given, family}}
	number, street, place, city, postcode := Equal{Number}, Similar{Street, alike}, Similar{Place, alike}, Similar{City, alike}, Similar{Postcode, oneSlip}
	return []Rule{
		// Phones and mailboxes are shared in families and offices, a name on top is not.
		{"same person, same phone or e-mail", Person, Warn, And{sameName, Or{Equal{Phone}, Equal{Email}}}},
		{"same person, same employer", Person, Warn, And{sameName, Similar{Company, 0.75}}},
		// Names and addresses are typed with slips, parts are missing, replaced after a
		// marriage or a move, or stand in the neighbouring field. Any four parts that
		// agree are enough. Of any two persons of a country one pair in about 70 nearly
		// shares a postcode, in 80 a house number, in 170 a given name, in 200 a family
		// name, in 700 to 1,400 a city, a street or a building: four agree by chance
		// in about one pair of a hundred million. One of the four is the given name,
		// because the rest is also true of a family.
		{"same person at the same address", Person, Warn, And{given, AtLeast{3, []Condition{
			family, Similar{Birth, oneSlipInDate}, number, street, place, city, postcode,
		}}}},
		// One pair in some 37,000 was born on the same day. One name and something rare
		// besides leave no doubt; a house number or a postcode is not rare enough.
		{"same person, same birth date", Person, Warn, And{Or{given, family}, Equal{Birth}, AtLeast{2, []Condition{
			given, family, street, place, city,
		}}}},
		// With another given name it may be the same person, mistaken, or a relative.
		{"same family at the same address", Person, Report, And{family, AtLeast{3, []Condition{number, street, place, city, postcode}}}},
		// With both names replaced, only a whole address says anything.
		{"same household", Person, Report, And{number, street, place, city, postcode}},
		{"person with the same phone or e-mail", Person, Report, Or{Equal{Phone}, Equal{Email}}},
	}
}
