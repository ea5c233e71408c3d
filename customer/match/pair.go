package match

import (
	"cmp"
	"unicode/utf8"
)

// pair is two subjects being compared, in an order that does not depend on which of
// them was named first.
type pair struct {
	a, b    *form
	crossed [len(twins)]crossing
}

// crossing says whether twins are the other way round in one of the subjects.
type crossing uint8

const (
	unknown crossing = iota
	straight
	crosswise
)

// twins are the fields that people confuse.
var twins = [...][2]Field{{Given, Family}, {Street, Place}, {City, Postcode}}

func pairOf(a, b *form) *pair {
	if cmp.Or(cmp.Compare(a.given, b.given), cmp.Compare(a.family, b.family), cmp.Compare(a.street, b.street),
		cmp.Compare(a.place, b.place), cmp.Compare(a.city, b.city), cmp.Compare(a.postcode, b.postcode)) > 0 {
		a, b = b, a
	}
	return &pair{a: a, b: b}
}

// holds reports whether a condition holds, and appends the reasons.
func (p *pair) holds(c Condition, reasons []Reason) ([]Reason, bool) {
	switch c := c.(type) {
	case And:
		return p.atLeast(len(c), c, reasons)
	case Or:
		return p.atLeast(1, c, reasons)
	case AtLeast:
		return p.atLeast(c.N, c.Of, reasons)
	case Equal:
		return p.agrees(comparison{field: c.Field, how: ByEqual, least: 1}, reasons)
	case Prefix:
		return p.agrees(comparison{field: c.Field, how: ByPrefix, length: c.Length, least: 1}, reasons)
	case Similar:
		return p.agrees(comparison{field: c.Field, how: BySimilarity, least: c.Min}, reasons)
	}
	return reasons, false
}

func (p *pair) atLeast(n int, of []Condition, reasons []Reason) ([]Reason, bool) {
	found := reasons
	for i, c := range of {
		if n > len(of)-i {
			return reasons, false
		}
		var holds bool
		if found, holds = p.holds(c, found); holds {
			n--
		}
	}
	if n > 0 {
		return reasons, false
	}
	return found, true
}

// comparison is Equal, Prefix or Similar.
type comparison struct {
	field  Field
	how    How
	length int
	least  float64
}

// agrees compares one field of both, crosswise where it must be.
func (p *pair) agrees(c comparison, reasons []Reason) ([]Reason, bool) {
	score, swapped := c.score(p.a, c.field, p.b, c.field), false
	if score < c.least {
		for i, t := range twins {
			if (c.field == t[0] || c.field == t[1]) && p.areCrossed(i) {
				other := t[0]
				if c.field == t[0] {
					other = t[1]
				}
				score, swapped = c.score(p.a, c.field, p.b, other), true
			}
		}
	}
	if score < c.least {
		return reasons, false
	}
	return append(reasons, Reason{Field: c.field, How: c.how, Score: score, Swapped: swapped}), true
}

// areCrossed reports whether twins agree better crosswise than as they stand.
func (p *pair) areCrossed(i int) bool {
	if p.crossed[i] == unknown {
		f, g := twins[i][0], twins[i][1]
		c := comparison{field: f, how: BySimilarity}
		p.crossed[i] = straight
		if c.score(p.a, f, p.b, g)+c.score(p.a, g, p.b, f) > c.score(p.a, f, p.b, f)+c.score(p.a, g, p.b, g) {
			p.crossed[i] = crosswise
		}
	}
	return p.crossed[i] == crosswise
}

// score says how well a field of one agrees with a field of the other, from 0 to 1.
func (c comparison) score(a *form, f Field, b *form, g Field) (score float64) {
	var bufA, bufB [1]string
	for _, x := range a.values(f, &bufA) {
		for _, y := range b.values(g, &bufB) {
			if x != "" && y != "" {
				score = max(score, c.alike(x, y, a.kind))
			}
		}
	}
	return score
}

func (c comparison) alike(x, y string, kind Kind) float64 {
	switch {
	case x == y && c.how != ByPrefix:
		return 1
	case c.how == ByPrefix:
		if start := cut(x, c.length); start == cut(y, c.length) && utf8.RuneCountInString(start) == c.length {
			return 1
		}
		return 0
	case c.how == ByEqual || min(utf8.RuneCountInString(x), utf8.RuneCountInString(y)) < minSimilar:
		return 0
	}
	switch c.field {
	case Number, Postcode, Birth, TaxID, Phone, Email, Domain:
		return Edit(x, y)
	case Company:
		return Dice(x, y)
	case Name:
		if kind == Organisation {
			return Dice(x, y)
		}
	}
	return JaroWinkler(x, y)
}

// values returns the values of a field; one is put into the buffer.
func (f *form) values(field Field, one *[1]string) []string {
	switch field {
	case Name:
		return f.names
	case Phone:
		return f.phones
	case Email:
		return f.emails
	case Domain:
		return f.domains
	case Company:
		one[0] = f.company
	case Given:
		one[0] = f.given
	case Family:
		one[0] = f.family
	case Street:
		one[0] = f.street
	case Place:
		one[0] = f.place
	case City:
		one[0] = f.city
	case Region:
		one[0] = f.region
	case Number:
		one[0] = f.number
	case Postcode:
		one[0] = f.postcode
	case Birth:
		one[0] = f.birth
	case TaxID:
		one[0] = f.taxID
	}
	return one[:]
}
