package match_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/match"
)

var measures = map[string]func(a, b string) float64{"JaroWinkler": match.JaroWinkler, "Dice": match.Dice, "Edit": match.Edit}

// The first four of JaroWinkler are Winkler's own examples.
func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		measure, a, b string
		want          float64
	}{
		{"JaroWinkler", "martha", "marhta", 0.9611},
		{"JaroWinkler", "dwayne", "duane", 0.84},
		{"JaroWinkler", "dixon", "dicksonx", 0.8133},
		{"JaroWinkler", "jones", "johnson", 0.8324},
		{"JaroWinkler", "a", "b", 0},
		{"JaroWinkler", "a", "ab", 0.85},
		{"JaroWinkler", "华为技术", "华为科技", 0.8667},
		{"JaroWinkler", "张伟", "李娜", 0},
		{"Dice", "night", "nacht", 0.25},
		{"Dice", "mingda trading", "trading mingda", 0.8462},
		{"Dice", "华为技术", "华为科技", 0.3333},
		{"Dice", "aaaa", "aa", 0.5},
		{"Dice", "a", "b", 0},
		{"Dice", "a", "ab", 0},
		{"Edit", "2315", "2335", 0.75},
		{"Edit", "2315", "2351", 0.75},
		{"Edit", "2315", "315", 0.75},
		{"Edit", "2315", "6789", 0},
		{"Edit", "19040414", "19040441", 0.875},
		{"Edit", "ab", "ba", 0.5},
		{"Edit", "华为", "华", 0.5},
	} {
		require.InDelta(t, c.want, measures[c.measure](c.a, c.b), 0.0001, "%s %s %s", c.measure, c.a, c.b)
	}
}
