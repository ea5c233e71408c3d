package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheFair runs the program as it is, and on a file with a database.
func TestTheFair(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, "", "", "customer", "code"))
	require.Contains(t, out.String(), "line 5, 客户类型: ")
	require.Regexp(t, `dry run +8 +3 +1 +0 +4\n`, out.String())
	require.Regexp(t, `imported +8 +3 +1 +0 +4\n`, out.String())
	require.Regexp(t, `corrected +4 +4 +0 +0 +0\n`, out.String())
	require.Regexp(t, `again +8 +0 +0 +`, out.String())

	folder := t.TempDir()
	file := filepath.Join(folder, "fair.csv")
	require.NoError(t, os.WriteFile(file, fair, 0o600))
	out.Reset()
	require.NoError(t, run(t.Context(), &out, file, filepath.Join(folder, "crm.db"), "customer", "code"))
	errs, err := os.ReadFile(file + ".errors.csv")
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(string(errs), "\n"))
	require.Error(t, run(t.Context(), &out, file, "", "nothing", "code"))
	require.Error(t, run(t.Context(), &out, file+"x", "", "customer", "code"))
}
