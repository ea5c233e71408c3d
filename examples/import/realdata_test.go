package main

import (
	"compress/gzip"
	"context"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// data opens a file of the folder KEHU_DATA.
func data(t *testing.T, path ...string) *os.File {
	t.Helper()
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	f, err := os.Open(filepath.Join(append([]string{folder}, path...)...))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func system(t *testing.T) *crm.Session {
	t.Helper()
	app, err := crm.Open(t.Context(), memory.Open())
	require.NoError(t, err)
	s, err := app.System("real data")
	require.NoError(t, err)
	return s
}

// derived is a list with columns that are made of others.
type derived struct {
	sheet.Source
	names []string
	make  func(cells map[string]string) []string
}

func (d derived) Header() []string { return append(d.Source.Header(), d.names...) }

func (d derived) Lines() iter.Seq2[sheet.Line, error] {
	return func(yield func(sheet.Line, error) bool) {
		header := d.Source.Header()
		for line, err := range d.Source.Lines() {
			if err == nil && line.Err == nil {
				cells := make(map[string]string, len(header))
				for i, name := range header {
					cells[name] = line.Cells[i]
				}
				line.Cells = append(slices.Clip(line.Cells), d.make(cells)...)
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// heading and row print what imports have done, for go test -v.
const (
	heading = "%-28s %8s %8s %9s %8s"
	row     = "%-28s %8d %8d %9d %8d"
)

// applied imports a list and prints what was done.
func applied(ctx context.Context, t *testing.T, s *crm.Session, what string, p exchange.Plan, src sheet.Source) *exchange.Import {
	t.Helper()
	job, err := s.Exchange.Start(ctx, p)
	require.NoError(t, err)
	job, err = s.Exchange.Apply(ctx, job.ID, src)
	require.NoError(t, err)
	require.Equal(t, exchange.ImportDone, job.State)
	t.Logf(row, what, job.Lines, job.Created, job.Unchanged, job.Refused)
	return job
}

// TestNorthwind imports the employees with reports_to as the organisation, and the customers
// with their contacts and addresses, twice.
func TestNorthwind(t *testing.T) {
	s, ctx := system(t), t.Context()
	t.Logf(heading, "Northwind", "lines", "created", "unchanged", "refused")
	people := func() sheet.Source {
		src, err := sheet.ReadCSV(data(t, "northwind", "employees.csv"), sheet.CSVOptions{})
		require.NoError(t, err)
		return derived{src, []string{"name"}, func(c map[string]string) []string { return []string{c["first_name"] + " " + c["last_name"]} }}
	}
	p := exchange.Plan{Target: "employee", Columns: people().Header(), Key: "code"}
	var err error
	p.Mapping, _, err = s.Exchange.Suggest(ctx, "employee", p.Columns)
	require.NoError(t, err)
	require.Equal(t, []string{"code", "manager", "name"}, slices.DeleteFunc(slices.Clone([]string(p.Mapping)), func(name string) bool { return name == "" }))
	job := applied(ctx, t, s, "employees", p, people())
	require.Equal(t, [3]int64{9, 0, 0}, [3]int64{job.Created, job.Refused, job.Unlinked})
	page, err := s.Admin.Employees.Find(ctx, query.Select{Where: query.Eq("manager.name", "Andrew Fuller"), Sort: query.By("code")})
	require.NoError(t, err)
	require.Len(t, page.Items, 5)
	require.Equal(t, int64(9), applied(ctx, t, s, "employees, once more", p, people()).Unchanged)

	customers := func() sheet.Source {
		src, err := sheet.ReadCSV(data(t, "northwind", "customers.csv"), sheet.CSVOptions{})
		require.NoError(t, err)
		return src
	}
	p = exchange.Plan{Target: "customer", Columns: customers().Header(), Key: "code"}
	p.Mapping, _, err = s.Exchange.Suggest(ctx, "customer", p.Columns)
	require.NoError(t, err)
	require.Equal(t, sheet.Mapping{"code", "name", "contact.name", "contact.title", "address.street", "address.city", "region", "address.postcode", "country", "phone", ""}, p.Mapping)
	p.Mapping[6] = "address.province"
	job = applied(ctx, t, s, "customers with contacts", p, customers())
	require.Equal(t, [2]int64{91, 0}, [2]int64{job.Created, job.Refused})
	contacts, err := s.Customers.Contacts.Count(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, int64(91), contacts)
	addresses, err := s.Customers.Addresses.Count(ctx, query.Ne("city", ""))
	require.NoError(t, err)
	require.Equal(t, int64(91), addresses)
	require.Equal(t, int64(91), applied(ctx, t, s, "customers, once more", p, customers()).Unchanged)
}

// TestOnlineRetail imports the customers of half a year of invoice lines, twice: each once,
// however many lines it has, and the lines without a customer named.
func TestOnlineRetail(t *testing.T) {
	s, ctx := system(t), t.Context()
	t.Logf(heading, "Online Retail", "lines", "created", "unchanged", "refused")
	sold := map[string]bool{}
	open := func() sheet.Source {
		zipped, err := gzip.NewReader(data(t, "online_retail", "online_retail_h1_2010-12_2011-06.csv.gz"))
		require.NoError(t, err)
		src, err := sheet.ReadCSV(io.Reader(zipped), sheet.CSVOptions{})
		require.NoError(t, err)
		return derived{src, []string{"Code", "Name"}, func(c map[string]string) []string {
			code := strings.TrimSuffix(c["CustomerID"], ".0")
			if code == "" {
				return []string{"", ""}
			}
			if !strings.HasPrefix(c["InvoiceNo"], "C") && positive(c["Quantity"]) && positive(c["UnitPrice"]) {
				sold[code] = true
			}
			return []string{code, "Customer " + code}
		}}
	}
	p := exchange.Plan{Target: "customer", Columns: open().Header(), Key: "code"}
	p.Mapping = make(sheet.Mapping, len(p.Columns))
	for i, name := range p.Columns {
		p.Mapping[i] = map[string]string{"Code": "code", "Name": "name"}[name]
	}
	job := applied(ctx, t, s, "invoice lines", p, open())
	require.Equal(t, exchange.Tally{Lines: 245_903, Created: 3002, Unchanged: 245_903 - 3002 - 69_014, Refused: 69_014}, figures(job))
	again := applied(ctx, t, s, "once more", p, open())
	require.Equal(t, exchange.Tally{Lines: 245_903, Unchanged: 245_903 - 69_014, Refused: 69_014}, figures(again))
	n, err := s.Customers.Count(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, int64(3002), n)
	require.Len(t, sold, 2960)
	page, err := s.Exchange.Lines(ctx, job.ID, query.Select{Where: query.Eq("action", exchange.Refused), Limit: 1})
	require.NoError(t, err)
	require.Equal(t, exchange.Problem{Line: int(page.Items[0].Line), Column: "Code", Field: "code", Code: "required", Message: "the key is missing"}, page.Items[0].Problems[0])
}

func positive(number string) bool {
	return strings.Trim(number, "0.") != "" && !strings.HasPrefix(number, "-")
}

// figures are the counts of a job.
func figures(job *exchange.Import) exchange.Tally {
	return exchange.Tally{Lines: job.Lines, Created: job.Created, Updated: job.Updated, Unchanged: job.Unchanged, Refused: job.Refused}
}
