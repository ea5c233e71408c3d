package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// data returns the files of a pattern in the folder KEHU_DATA.
func data(t *testing.T, pattern ...string) []string {
	t.Helper()
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	files, err := filepath.Glob(filepath.Join(append([]string{folder}, pattern...)...))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func system(t *testing.T) *crm.Session {
	t.Helper()
	app, err := crm.Open(t.Context(), memory.Open())
	require.NoError(t, err)
	s, err := app.System("real data")
	require.NoError(t, err)
	return s
}

// twice imports a file and imports it once more, prints what was done and requires what holds
// of any list; it returns the first figures.
func twice(t *testing.T, s *crm.Session, file string) exchange.Tally {
	t.Helper()
	list, err := read(file)
	require.NoError(t, err)
	var out strings.Builder
	im := importer{s: s, out: &out, target: "customer", key: "code"}
	for _, what := range []string{filepath.Base(file), "once more"} {
		_, err := im.apply(t.Context(), what, list)
		require.NoError(t, err)
	}
	require.NoError(t, im.print())
	t.Log("\n" + out.String())
	first, again := im.figures[0].Tally, im.figures[1].Tally
	for _, f := range []exchange.Tally{first, again} {
		require.Equal(t, f.Lines, f.Created+f.Updated+f.Unchanged+f.Refused, "every line is counted")
	}
	require.NotZero(t, first.Created)
	require.Zero(t, again.Created, "the second run makes no copies")
	require.Equal(t, [2]int64{first.Lines, first.Refused}, [2]int64{again.Lines, again.Refused})
	return exchange.Tally{Lines: first.Lines, Created: first.Created, Updated: first.Updated, Unchanged: first.Unchanged, Refused: first.Refused, Unlinked: first.Unlinked}
}

// TestNorthwind imports the employees with reports_to as the organisation, and the customers
// with their contacts and addresses, twice.
func TestNorthwind(t *testing.T) {
	for _, file := range data(t, "northwind*", "employees.csv") {
		s, ctx := system(t), t.Context()
		people := twice(t, s, file)
		companies := twice(t, s, filepath.Join(filepath.Dir(file), "customers.csv"))
		contacts, err := s.Customers.Contacts.Count(ctx, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, contacts, companies.Created)
		if filepath.Base(filepath.Dir(file)) != "northwind" {
			continue
		}
		require.Equal(t, exchange.Tally{Lines: 9, Created: 9}, people)
		require.Equal(t, exchange.Tally{Lines: 91, Created: 91}, companies)
		require.Equal(t, int64(91), contacts)
		page, err := s.Admin.Employees.Find(ctx, query.Select{Where: query.Eq("manager.name", "Andrew Fuller"), Sort: query.By("code")})
		require.NoError(t, err)
		require.Len(t, page.Items, 5)
		addresses, err := s.Customers.Addresses.Count(ctx, query.Ne("city", ""))
		require.NoError(t, err)
		require.Equal(t, int64(91), addresses)
	}
}

// TestOnlineRetail imports the customers of half a year of invoice lines, twice: each once,
// however many lines it has, and not the lines without a customer.
func TestOnlineRetail(t *testing.T) {
	for _, file := range data(t, "online_retail*", "*.csv.gz") {
		s := system(t)
		lines := twice(t, s, file)
		n, err := s.Customers.Count(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, lines.Created, n)
		if filepath.Base(file) == "online_retail_h1_2010-12_2011-06.csv.gz" {
			require.Equal(t, exchange.Tally{Lines: 245_903, Created: 3002, Unchanged: 245_903 - 3002 - 69_014, Refused: 69_014}, lines)
		}
	}
}
