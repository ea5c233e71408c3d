package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/output.golden"

// at sets the clock to some days after the set-up.
func at(days int) crm.Option {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC).AddDate(0, 0, days)
	return crm.WithClock(func() time.Time { return now })
}

func output(t *testing.T, path string, day int) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), path, &out, at(day)))
	return out.String()
}

// versions returns the version of every record, and 0 of those that have none.
func versions(t *testing.T, path string) map[string]int64 {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	defer store.Close()
	app, err := crm.Open(t.Context(), store)
	require.NoError(t, err)
	s, err := app.System("test")
	require.NoError(t, err)
	found := map[string]int64{}
	for _, k := range s.Registry().Kinds() {
		for q := (query.Select{Limit: query.MaxLimit}); ; {
			page, err := s.Tenant().Select(context.Background(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				version := int64(0)
				if k.Version() != nil {
					version, _ = row[k.Version().Position].(int64)
				}
				found[k.Name()+" "+row[k.ID().Position].(schema.ID).String()] = version
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return found
}

func TestOutput(t *testing.T) {
	got := output(t, filepath.Join(t.TempDir(), "crm.db"), 0)
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run go test ./examples/admin -update and read the difference")
}

func TestTheSecondRunChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.db")
	first := output(t, path, 0)
	before := versions(t, path)
	require.Equal(t, first, output(t, path, 0))
	require.Equal(t, before, versions(t, path))
	later := output(t, path, 7)
	require.Equal(t, before, versions(t, path), "nor does one on another day")
	require.NotEqual(t, row(t, first, "Salesperson 1, Guangzhou"), row(t, later, "Salesperson 1, Guangzhou"), "nobody stands in after a week")
	require.Equal(t, row(t, first, "Order assistant"), row(t, later, "Order assistant"))
}

// row returns the first line of a name in the table of customers.
func row(t *testing.T, output, name string) string {
	t.Helper()
	_, table, _ := strings.Cut(output, "3. Who sees")
	_, line, ok := strings.Cut(table, "\n  "+name)
	require.True(t, ok)
	line, _, _ = strings.Cut(line, "\n")
	return line
}

// TestASuccessorGetsTheOrdersOfTheBranch lets the assistant of an office go and hires
// another: the role within the office is what the rule goes by.
func TestASuccessorGetsTheOrdersOfTheBranch(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "crm.db")
	output(t, path, 0)
	store, err := sqlite.Open(ctx, path)
	require.NoError(t, err)
	defer store.Close()
	app, err := crm.Open(ctx, store, at(1))
	require.NoError(t, err)
	sys, err := app.System("personnel")
	require.NoError(t, err)
	customers := func(person schema.ID) int64 {
		s, err := app.As(ctx, person)
		require.NoError(t, err)
		n, err := s.Customers.Count(ctx, nil)
		require.NoError(t, err)
		return n
	}
	all, err := sys.Customers.Count(ctx, query.Eq("department_id", id("Shanghai")))
	require.NoError(t, err)
	former := id(of(branchAssistant, "Shanghai"))
	require.Equal(t, all, customers(former))
	_, err = sys.Admin.Employees.Edit(ctx, former, func(e *org.Employee) error { e.DepartmentID = id("Wuhan"); return nil })
	require.NoError(t, err)
	require.Zero(t, customers(former), "Wuhan has no rule")
	successor, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Successor", DepartmentID: id("Shanghai"), Roles: []schema.ID{id(assistantRole)}})
	require.NoError(t, err)
	require.Equal(t, all, customers(successor.ID))
}

func TestThatCannotRun(t *testing.T) {
	var out bytes.Buffer
	require.Error(t, run(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder", "crm.db"), &out))
	require.Empty(t, out.String())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, filepath.Join(t.TempDir(), "crm.db"), &out), context.Canceled)
}
