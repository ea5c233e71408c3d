package match_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/match"
)

// The data sets 1 and 2 of Febrl (Freely Extensible Biomedical Record Linkage,
// Christen 2008) are lists of made-up persons, with duplicates in which a program made
// the mistakes that people make. The folder KEHU_DATA holds them as
// dedupe/febrl_dataset*.csv and their true pairs as expected/febrl*_gold_pairs.csv.

// goals are what the default rules are to reach, with names and addresses alone and
// with dates of birth. Plain rules with the same fields have a recall of 0.884, 0.968,
// 0.762 and 0.954.
var goals = []struct {
	set    string
	birth  bool
	recall float64
}{
	{"1", false, 0.92}, {"1", true, 0.985}, {"2", false, 0.85}, {"2", true, 0.97},
}

const goalPrecision = 0.995

func TestRealData(t *testing.T) {
	m := defaults(t)
	for _, goal := range goals {
		t.Run(fmt.Sprintf("febrl%s birth=%v", goal.set, goal.birth), func(t *testing.T) {
			list := febrl(t, goal.set, goal.birth)
			requireGold(t, goal.set, list)
			s := scan(t, m, list)
			byCluster, byRule := measure(list, s)
			t.Logf("%d persons, %d pairs compared; pairs in one cluster %+v, pairs that a rule found %+v", s.Subjects, s.Compared, byCluster, byRule)
			for _, q := range []quality{byCluster, byRule} {
				require.GreaterOrEqual(t, q.recall, goal.recall)
				require.GreaterOrEqual(t, q.precision, goalPrecision)
			}
		})
	}
}

// TestRealDataByHalves holds that the default likenesses are not tuned to the list: on
// either half of it, split by chance, the goals hold, and likenesses that were chosen
// for the best result on the other half do no better.
func TestRealDataByHalves(t *testing.T) {
	list := febrl(t, "2", false)
	for seed := range 2 {
		d := dice(seed)
		var halves [2][]match.Subject
		half := map[string]int{}
		for _, s := range list {
			if _, decided := half[entity(s.ID)]; !decided {
				half[entity(s.ID)] = d.below(2)
			}
			halves[half[entity(s.ID)]] = append(halves[half[entity(s.ID)]], s)
		}
		for i, other := range []int{1, 0} {
			_, plain := measure(halves[i], scan(t, defaults(t), halves[i]))
			require.GreaterOrEqual(t, plain.recall, 0.85)
			require.GreaterOrEqual(t, plain.precision, goalPrecision)

			_, chosen := measure(halves[i], scan(t, tuned(t, halves[other]), halves[i]))
			t.Logf("half %d of split %d: default %+v, chosen on the other half %+v", i, seed, plain, chosen)
			require.InDelta(t, f1(chosen), f1(plain), 0.01)
		}
	}
}

func f1(q quality) float64 { return 2 * q.precision * q.recall / (q.precision + q.recall) }

// tuned returns the likenesses that are best for a list.
func tuned(t *testing.T, list []match.Subject) *match.Matcher {
	t.Helper()
	var best *match.Matcher
	var most float64
	for _, text := range []float64{0.8, 0.85, 0.9, 0.95} {
		for _, code := range []float64{0.75, 1} {
			rules := match.DefaultRules()
			for i := range rules {
				rules[i].When = with(rules[i].When, text, code)
			}
			m := matcher(t, rules...)
			if _, q := measure(list, scan(t, m, list)); f1(q) > most {
				best, most = m, f1(q)
			}
		}
	}
	return best
}

// with returns a condition with other likenesses of texts and codes.
func with(c match.Condition, text, code float64) match.Condition {
	all := func(of []match.Condition) []match.Condition {
		out := make([]match.Condition, len(of))
		for i := range of {
			out[i] = with(of[i], text, code)
		}
		return out
	}
	switch c := c.(type) {
	case match.And:
		return match.And(all(c))
	case match.Or:
		return match.Or(all(c))
	case match.AtLeast:
		return match.AtLeast{N: c.N, Of: all(c.Of)}
	case match.Similar:
		if c.Field == match.Postcode {
			return match.Similar{Field: c.Field, Min: code}
		}
		return match.Similar{Field: c.Field, Min: text}
	}
	return c
}

// table reads a file of the folder without its first line.
func table(t *testing.T, path ...string) [][]string {
	t.Helper()
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	f, err := os.Open(filepath.Join(append([]string{folder}, path...)...))
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	require.NoError(t, err)
	return rows[1:]
}

// febrl reads a set: names, address and, if wanted, date of birth, and nothing else.
func febrl(t *testing.T, set string, birth bool) []match.Subject {
	t.Helper()
	var list []match.Subject
	for _, row := range table(t, "dedupe", "febrl_dataset"+set+".csv") {
		s := match.Subject{ID: row[0], Kind: match.Person, Given: row[1], Family: row[2],
			Address: match.Address{Number: row[3], Street: row[4], Place: row[5], City: row[6], Postcode: row[7], Region: row[8]}}
		if birth {
			s.Birth = row[9]
		}
		list = append(list, s)
	}
	return list
}

// requireGold holds that entity tells the pairs that the file of true pairs lists.
func requireGold(t *testing.T, set string, list []match.Subject) {
	t.Helper()
	want := map[string]bool{}
	for _, row := range table(t, "expected", "febrl"+set+"_gold_pairs.csv") {
		want[row[0]+" "+row[1]] = true
	}
	same := map[string][]string{}
	for _, s := range list {
		same[entity(s.ID)] = append(same[entity(s.ID)], s.ID)
	}
	n := 0
	for _, ids := range same {
		for i, a := range ids {
			for _, b := range ids[:i] {
				require.True(t, want[a+" "+b] || want[b+" "+a], strings.Join(ids, " "))
				n++
			}
		}
	}
	require.Len(t, want, n)
}
