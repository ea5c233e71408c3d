package match_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/match"
)

// defaults returns a Matcher with the default rules.
func defaults(t testing.TB) *match.Matcher {
	t.Helper()
	return matcher(t, match.DefaultRules()...)
}

func matcher(t testing.TB, rules ...match.Rule) *match.Matcher {
	t.Helper()
	m, err := match.New(rules, match.Options{})
	require.NoError(t, err)
	return m
}

// scan scans with the default options.
func scan(t testing.TB, m *match.Matcher, list []match.Subject) *match.Scan {
	t.Helper()
	s, err := m.Scan(t.Context(), each(list), match.ScanOptions{})
	require.NoError(t, err)
	return s
}

func each(list []match.Subject) iter.Seq2[match.Subject, error] {
	return func(yield func(match.Subject, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// subjects are one organisation and one person with all there is.
func subjects() []match.Subject {
	address := match.Address{Number: "12", Street: "广东省深圳市龙岗区坂田街道", Place: "创新大厦", City: "深圳市", Postcode: "518129", Region: "广东省"}
	return []match.Subject{
		{ID: "company", Kind: match.Organisation, Names: []string{"深圳市明达贸易有限公司", "明达", "Mingda Trading Co., Ltd."}, TaxID: "914403001922038216",
			Phones: []string{"0755-28780808"}, Emails: []string{"info@mingda.example.com"}, Website: "https://www.mingda.example", Address: address},
		{ID: "person", Kind: match.Person, Given: "Na", Family: "Li", Company: "明达", Phones: []string{"13800138000"}, Emails: []string{"lina@qq.com"}, Address: address, Birth: "1990-05-17"},
	}
}

// dice is a source of chance that gives the same in every run (splitmix64).
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// word returns one of about n made-up words, small numbers more often than large ones,
// as names are.
func (d *dice) word(n int, ending string) string {
	const consonants, vowels = "bcdfghjklmnprstvw", "aeiou"
	own := dice(1000*n + d.below(1+d.below(n)))
	var b strings.Builder
	for range 2 + own.below(3) {
		b.WriteByte(consonants[own.below(len(consonants))])
		b.WriteByte(vowels[own.below(len(vowels))])
	}
	return b.String() + ending
}

func (d *dice) person(id int) match.Subject {
	return match.Subject{ID: fmt.Sprintf("%06d-0", id), Kind: match.Person, Given: d.word(700, ""), Family: d.word(2000, "n"),
		Birth: fmt.Sprintf("%d%02d%02d", 1930+d.below(80), 1+d.below(12), 1+d.below(28)),
		Address: match.Address{Number: fmt.Sprint(1 + d.below(150)), Street: d.word(5000, " street"), Place: d.word(4000, " house"),
			City: d.word(1500, "ville"), Postcode: fmt.Sprint(1000 + d.below(9000))}}
}

// texts are the fields of a person in which slips are made.
func texts(s *match.Subject) []*string {
	return []*string{&s.Given, &s.Family, &s.Birth, &s.Address.Number, &s.Address.Street, &s.Address.Place, &s.Address.City, &s.Address.Postcode}
}

// slip makes one mistake, as people do.
func (d *dice) slip(s *match.Subject) {
	switch d.below(20) {
	case 0:
		s.Given, s.Family = s.Family, s.Given
		return
	case 1:
		s.Address.Street, s.Address.Place = s.Address.Place, s.Address.Street
		return
	}
	all := texts(s)
	field := all[d.below(len(all))]
	letters := []byte(*field)
	if len(letters) == 0 {
		return
	}
	at := d.below(len(letters))
	other := letters[d.below(len(letters))]
	switch kind := d.below(6); {
	case kind == 0:
		letters = nil
	case kind == 1:
		letters[at] = other
	case kind == 2:
		letters = slices.Insert(letters, at, other)
	case kind == 3:
		letters = slices.Delete(letters, at, at+1)
	case kind == 4 && at > 0:
		letters[at], letters[at-1] = letters[at-1], letters[at]
	default:
		replaced := d.person(0)
		letters = []byte(*texts(&replaced)[slices.Index(all, field)])
	}
	*field = string(letters)
}

// people returns n made-up subjects, one in three a copy of another with one to four
// slips. Copies have the number of their original, as entity tells.
func people(n int, seed uint64) []match.Subject {
	d := dice(seed)
	list := make([]match.Subject, 0, n)
	for i := range n {
		if i%3 < 2 {
			list = append(list, d.person(i))
			continue
		}
		s := list[d.below(len(list))]
		s.ID = fmt.Sprintf("%s-%d", entity(s.ID), i)
		for range 1 + d.below(4) {
			d.slip(&s)
		}
		list = append(list, s)
	}
	return list
}

// entity is what an ID says about who it is.
func entity(id string) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(id, "rec-"), "-")
	return number
}

// quality is how well a scan found the pairs of the same entity.
type quality struct {
	precision, recall float64
}

// measure counts pairs: those of one entity, those in one cluster, those that a rule
// found.
func measure(list []match.Subject, s *match.Scan) (byCluster, byRule quality) {
	sizes := map[string]int{}
	for _, subject := range list {
		sizes[entity(subject.ID)]++
	}
	var true0, cluster, clusterTrue, rule, ruleTrue float64
	for _, n := range sizes {
		true0 += float64(n * (n - 1) / 2)
	}
	for c := range s.Clusters() {
		for i, a := range c.Members {
			for _, b := range c.Members[:i] {
				cluster++
				if entity(a) == entity(b) {
					clusterTrue++
				}
			}
		}
		for _, e := range c.Edges {
			rule++
			if entity(e.A) == entity(e.B) {
				ruleTrue++
			}
		}
	}
	return quality{clusterTrue / cluster, clusterTrue / true0}, quality{ruleTrue / rule, ruleTrue / true0}
}
