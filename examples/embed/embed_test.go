// Package embed proves that the program in the README works for a stranger: it is
// compiled and run in a module of its own.
package embed

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadmeProgram(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	_, after, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found, "the README has a program")
	program, _, _ := strings.Cut(after, "```")

	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	// The library's own requirements stand in for what go mod tidy would ask the network for.
	own, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	_, requirements, _ := strings.Cut(string(own), "\nrequire ")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	write("go.mod", "module stranger\n\ngo 1.26.0\n\nrequire github.com/kehucrm/kehu v0.0.0\nreplace github.com/kehucrm/kehu => "+root+"\n\nrequire "+requirements)
	write("go.sum", string(sums))
	write("main.go", program)

	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "1 customer: 华为技术有限公司\n", string(out))
}
