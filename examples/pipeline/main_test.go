package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestMain lets the test binary stand for the program, so that a test can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("PIPELINE_AS_PROGRAM") != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const small = "testdata/small"

// adapters are all that the library has.
var adapters = []string{"memory", "sqlite", "postgres"}

// onEach runs a test on an empty application over each adapter.
func onEach(t *testing.T, test func(t *testing.T, app *crm.App)) {
	for _, name := range adapters {
		t.Run(name, func(t *testing.T) { test(t, newApp(t, name)) })
	}
}

func newApp(t *testing.T, adapter string) *crm.App {
	t.Helper()
	switch adapter {
	case "memory":
		return appOver(t, memory.Open())
	case "postgres":
		return openApp(t, pgtest.DSN(t))
	}
	return openApp(t, filepath.Join(t.TempDir(), "pipeline.db"))
}

func openApp(t *testing.T, dsn string) *crm.App {
	t.Helper()
	store, err := open(t.Context(), dsn)
	require.NoError(t, err)
	return appOver(t, store)
}

func appOver(t *testing.T, store *storage.Store) *crm.App {
	t.Helper()
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	app, err := setUp(t.Context(), store)
	require.NoError(t, err)
	return app
}

// importDir imports a folder and returns the problems as they are printed.
func importDir(t *testing.T, app *crm.App, dir string) (result, []string) {
	t.Helper()
	src, err := readSource(dir)
	require.NoError(t, err)
	done, err := load(t.Context(), app, src, io.Discard)
	require.NoError(t, err)
	var lines []string
	for _, p := range done.problems {
		lines = append(lines, p.String())
	}
	return done, lines
}

func as(t *testing.T, app *crm.App, employee schema.ID) *crm.Session {
	t.Helper()
	s, err := app.As(t.Context(), employee)
	require.NoError(t, err)
	return s
}

func system(t *testing.T, app *crm.App) *crm.Session {
	t.Helper()
	s, err := app.System("test")
	require.NoError(t, err)
	return s
}

// employees returns everybody who is there.
func employees(t *testing.T, app *crm.App) []org.Employee {
	t.Helper()
	page, err := system(t, app).Admin.Employees.Find(t.Context(), query.Select{Sort: query.By("name"), Limit: query.MaxLimit})
	require.NoError(t, err)
	return page.Items
}

// state returns the version of every record and the number of journal entries.
func state(t *testing.T, app *crm.App) (versions map[string]int64, entries int) {
	t.Helper()
	s := system(t, app)
	versions = map[string]int64{}
	for _, k := range s.Registry().Kinds() {
		var q query.Select
		for {
			q.Limit = query.MaxLimit
			page, err := s.Tenant().Select(t.Context(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				version := int64(0)
				if k.Version() != nil {
					version, _ = row[k.Version().Position].(int64)
				}
				versions[k.Name()+row[k.ID().Position].(schema.ID).String()] = version
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
			if k.Name() == journal.Entries.Name() {
				entries += len(page.Rows)
			}
		}
	}
	return versions, entries
}

func TestProgram(t *testing.T) {
	db := filepath.Join(t.TempDir(), "pipeline.db")
	var first, second, messages bytes.Buffer
	require.Equal(t, allIn, run(t.Context(), []string{"-data", small, "-db", db}, &first, &messages), messages.String())
	require.Contains(t, messages.String(), "11 opportunities imported, 0 were there already, 0 rows left out")
	messages.Reset()
	require.Equal(t, allIn, run(t.Context(), []string{"-data", small, "-db", db}, &second, &messages))
	require.Contains(t, messages.String(), "0 opportunities imported, 11 were there already, 0 rows left out")
	require.Equal(t, first.String(), second.String())
	for _, heading := range []string{"== Director, ", "== Max Stone, ", "== Ada Reed, "} {
		require.Contains(t, first.String(), heading)
	}
}

func TestProgramWithBadRows(t *testing.T) {
	var out, messages bytes.Buffer
	dir := dirty(t, map[string]string{dealsFile: "B1,Nobody,Alpha,,Engaging,2024-01-01,,\n"})
	require.Equal(t, badRows, run(t.Context(), []string{"-data", dir, "-db", filepath.Join(t.TempDir(), "p.db")}, &out, &messages))
	require.Contains(t, messages.String(), `sales_pipeline.csv:13: unknown agent "Nobody"`)
	require.Contains(t, messages.String(), "11 opportunities imported, 0 were there already, 1 rows left out")
}

func TestProgramThatCannotRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "p.db")
	for _, args := range [][]string{
		{},
		{"-nonsense"},
		{"-data", t.TempDir(), "-db", db},
		{"-data", small, "-db", filepath.Join(t.TempDir(), "no", "such", "folder", "p.db")},
		{"-data", small, "-db", "postgres://localhost:1/nothing?connect_timeout=1"},
	} {
		var out, messages bytes.Buffer
		require.Equal(t, failed, run(t.Context(), args, &out, &messages), args)
		require.NotEmpty(t, messages.String())
		require.Empty(t, out.String())
	}
}
