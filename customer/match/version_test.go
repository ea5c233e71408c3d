package match_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/match"
)

var update = flag.Bool("update", false, "add cases to the golden file of this Version")

// TestVersion holds that a result changes only with Version: whoever stores keys relies
// on it.
func TestVersion(t *testing.T) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		for _, f := range forms[name].table {
			fmt.Fprintf(&b, "%s %+q %+q\n", name, f.text, forms[name].normalise(f.text))
		}
	}
	m := defaults(t)
	for _, s := range subjects() {
		for _, k := range m.Keys(s) {
			fmt.Fprintf(&b, "%s %+q\n", k.Kind, k.Value)
		}
	}
	file := filepath.Join("testdata", fmt.Sprintf("version%d.golden", match.Version))
	want, err := os.ReadFile(file)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	for line := range strings.Lines(string(want)) {
		require.True(t, strings.Contains(b.String(), line), "%sis another result now: increase Version", line) //nolint:testifylint // all of the text would be shown
	}
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))
		return
	}
	require.Equal(t, string(want), b.String(), "go test ./customer/match -update adds cases and versions")
}
