package sheet

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Field is what a list may say about a record: the side of a mapping that is wanted.
type Field struct {
	// Name is the field's name as queries and JSON spell it: "short_name".
	Name string
	// Labels are what people call it, in any language: "Short name", "简称". A column
	// that somebody mapped by hand before is one more of them.
	Labels []string
}

// Mapping (字段映射) says what each column of a header is: Mapping[i] is the name of
// the field that column i fills, "" for none. Every field stands there once at most.
type Mapping []string

// Suggestion is a column that might be a field.
type Suggestion struct {
	Column int     // counted from 0
	Field  string  // its name
	Score  float64 // how alike they are, from 0 to 1
}

// Nothing is suggested below the least likeness, nor for a column whose name is
// longer than the longest, in bytes: that is a text.
const (
	least   = 0.5
	longest = 200
)

// Match maps the columns of a header to fields. A column is mapped when its name is
// a field's name or one of its labels, but for case, width, spaces, punctuation and
// what stands in brackets ("客户名称（必填）*"). Where two columns are the same field,
// the first one is; where one label is of two fields, it is the first field's that no
// column before has taken.
//
// Columns with a name and without a field get suggestions, the best first: fields that are
// still free, of which a label is alike or contained. Each column and each field
// stands there once at most. The same call gives the same answer always.
func Match(header []string, fields []Field) (Mapping, []Suggestion) {
	labels := make([][]string, len(fields))
	for i, f := range fields {
		for _, label := range append([]string{f.Name}, f.Labels...) {
			if l := fold(label); l != "" {
				labels[i] = append(labels[i], l)
			}
		}
	}
	names := make([]string, len(header))
	mapping := make(Mapping, len(header))
	taken := make([]bool, len(fields))
	for c, name := range header {
		names[c] = fold(name)
		for f := range fields {
			if !taken[f] && slices.Contains(labels[f], names[c]) {
				mapping[c], taken[f] = fields[f].Name, true
				break
			}
		}
	}
	return mapping, suggest(names, mapping, fields, labels, taken)
}

// suggest pairs the columns and fields that are left, the most alike first.
func suggest(names []string, mapping Mapping, fields []Field, labels [][]string, taken []bool) []Suggestion {
	type pair struct {
		Suggestion
		field int
	}
	var pairs []pair
	for c, name := range names {
		for f := range fields {
			if mapping[c] != "" || taken[f] || name == "" || len(name) > longest {
				continue
			}
			best := 0.0
			for _, label := range labels[f] {
				best = max(best, likeness(name, label))
			}
			if best >= least {
				pairs = append(pairs, pair{Suggestion{Column: c, Field: fields[f].Name, Score: best}, f})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.Score, a.Score) })
	var out []Suggestion
	columns := make([]bool, len(names))
	taken = slices.Clone(taken)
	for _, p := range pairs {
		if !columns[p.Column] && !taken[p.field] {
			columns[p.Column], taken[p.field] = true, true
			out = append(out, p.Suggestion)
		}
	}
	return out
}

// fold returns what counts of a name: letters and digits in one case and one width,
// without what stands in brackets behind or before others.
func fold(name string) string {
	var all, outside strings.Builder
	depth := 0
	for _, r := range strings.ToLower(norm.NFKC.String(name)) {
		switch {
		case strings.ContainsRune("([{<【〔", r):
			depth++
		case strings.ContainsRune(")]}>】〕", r):
			depth = max(0, depth-1)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			all.WriteRune(r)
			if depth == 0 {
				outside.WriteRune(r)
			}
		}
	}
	if outside.Len() == 0 {
		return all.String()
	}
	return outside.String()
}

// likeness compares two folded names: 1 for the same, and else the larger of the
// share of pairs of neighbouring letters that both have (Dice) and, where one holds
// the other, their lengths' ratio, lifted half the way to 1.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	score := 0.0
	if len(x) > 1 && strings.Contains(string(y), string(x)) {
		score = (1 + float64(len(x))/float64(len(y))) / 2
	}
	pairs := map[[2]rune]int{}
	for i := 1; i < len(x); i++ {
		pairs[[2]rune{x[i-1], x[i]}]++
	}
	common := 0
	for i := 1; i < len(y); i++ {
		if p := [2]rune{y[i-1], y[i]}; pairs[p] > 0 {
			pairs[p]--
			common++
		}
	}
	return max(score, 2*float64(common)/float64(max(1, len(x)+len(y)-2)))
}
