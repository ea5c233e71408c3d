package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A run that is killed at any point and repeated ends where one that was never
// killed does.
func TestKilledRun(t *testing.T) {
	dir := manyDeals(t, 800)
	start := time.Now()
	wholeDB := filepath.Join(t.TempDir(), "whole.db")
	want := program(dir, wholeDB)
	var report bytes.Buffer
	want.Stdout = &report
	require.NoError(t, want.Run())
	whole := time.Since(start)

	db := filepath.Join(t.TempDir(), "killed.db")
	kills := 0
	for range 5 {
		cmd := program(dir, db)
		require.NoError(t, cmd.Start())
		after := time.AfterFunc(rand.N(whole/2), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		after.Stop()
		if exit, failed := errors.AsType[*exec.ExitError](err); failed {
			require.Equal(t, -1, exit.ExitCode(), "it failed instead of being killed")
			kills++
		}
	}
	require.Positive(t, kills)

	var got, messages bytes.Buffer
	last := program(dir, db)
	last.Stdout, last.Stderr = &got, &messages
	require.NoError(t, last.Run(), messages.String())
	require.Equal(t, report.String(), got.String())
	t.Logf("killed %d times; %s", kills, messages.String()[strings.LastIndexByte(strings.TrimSpace(messages.String()), '\n')+1:])

	versions, entries := state(t, openApp(t, wholeDB))
	killedVersions, killedEntries := state(t, openApp(t, db))
	require.Equal(t, entries, killedEntries)
	require.Len(t, killedVersions, len(versions))
}

// program returns the command of this test binary as the program.
func program(data, db string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-data", data, "-db", db)
	cmd.Env = append(os.Environ(), "PIPELINE_AS_PROGRAM=1")
	return cmd
}

// manyDeals returns a folder with the people and things of the small data set and n
// made-up deals of all sorts.
func manyDeals(t *testing.T, n int) string {
	t.Helper()
	agents, products, accounts := []string{"Ada Reed", "Bo Lund", "李雷"}, []string{"Alpha", "Beta Pro"}, []string{"", "Hill Group", "Wire Works"}
	var more strings.Builder
	for i := range n {
		end := []string{"Prospecting,,,", "Engaging,2024-01-05,,", "Won,2024-01-05,2024-02-%02d,%d.5", "Lost,2024-01-05,2024-03-%02d,%d"}[i%4]
		if strings.Contains(end, "%") {
			end = fmt.Sprintf(end, i%28+1, i)
		}
		fmt.Fprintf(&more, "K%d,%s,%s,%s,%s\n", i, agents[i%3], products[i%2], accounts[i/3%3], end)
	}
	return dirty(t, map[string]string{dealsFile: more.String()})
}
