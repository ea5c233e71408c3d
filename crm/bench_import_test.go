package crm_test

import (
	"context"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
)

var (
	importLines  = flag.Int("import.lines", 2000, "number of lines imported in BenchmarkImport")
	importRounds = flag.Int("import.rounds", 3, "number of rounds in which BenchmarkImport compares")
)

// BenchmarkImport imports a list of new customers with a key, beside the batch statements
// that write the same rows: customers, journal, outbox and lines, as many in a transaction,
// by the store itself and past all verbs. x-batch is the median ratio of the times of a
// round.
//
//	go test -run '^$' -bench Import -benchtime 1x ./crm -import.lines 100000 -import.rounds 5
func BenchmarkImport(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			ctx := b.Context()
			p := d.settled(ctx, b, newCompany(), 1000)
			for b.Loop() {
				var ratios, mine []float64
				for range *importRounds {
					ours, theirs := p.tenant(b, unique()), p.tenant(b, unique())
					text := customerList("A", *importLines)
					took := timed(b, func() error { return importList(ctx, ours, text) })
					rows := rowsOf(ctx, b, ours.Tenant())
					byHand := timed(b, func() error { return insertAll(ctx, theirs.Tenant(), rows) })
					mine, ratios = append(mine, took), append(ratios, took/byHand)
				}
				slices.Sort(ratios)
				slices.Sort(mine)
				b.ReportMetric(ratios[len(ratios)/2], "x-batch")
				b.ReportMetric(float64(*importLines)/mine[len(mine)/2], "rows/s")
			}
			b.ReportMetric(0, "ns/op") // of all rounds together: says nothing
		})
	}
}

func (p *place) tenant(b *testing.B, name string) *crm.Session {
	b.Helper()
	s, err := p.app.Tenant(name).System("benchmark")
	require.NoError(b, err)
	return s
}

func importList(ctx context.Context, s *crm.Session, text string) error {
	src, err := sheet.ReadCSV(strings.NewReader(text), sheet.CSVOptions{})
	if err != nil {
		return err
	}
	plan := exchange.Plan{Target: "customer", Columns: src.Header(), Mapping: sheet.Mapping{"code", "name", "phone"}, Key: "code"}
	job, err := s.Exchange.Start(ctx, plan)
	if err != nil {
		return err
	}
	_, err = s.Exchange.Apply(ctx, job.ID, src)
	return err
}

// written are the kinds of which an import writes rows, in the order in which they refer to
// each other.
var written = []string{"import", "customer", "journal_entry", "outbox", "import_line"}

// rowsOf returns all rows of the kinds that were written.
func rowsOf(ctx context.Context, b *testing.B, t *storage.Tenant) map[string][]driver.Row {
	b.Helper()
	out := map[string][]driver.Row{}
	for _, name := range written {
		q := query.Select{Limit: query.MaxLimit, Sort: query.By("id")}
		for {
			page, err := t.Select(ctx, t.Registry().Kind(name), q, nil)
			require.NoError(b, err)
			out[name] = append(out[name], page.Rows...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	require.GreaterOrEqual(b, len(out["import_line"]), *importLines, "what is compared must have been done")
	return out
}

// insertAll writes rows, of each kind five hundred in a transaction.
func insertAll(ctx context.Context, t *storage.Tenant, rows map[string][]driver.Row) error {
	const batch = 500
	for from := 0; from < len(rows["journal_entry"]); from += batch {
		err := t.Tx(ctx, func(ctx context.Context, t *storage.Tenant) error {
			var list []driver.Mutation
			for _, name := range written {
				if from < len(rows[name]) {
					list = append(list, driver.Mutation{Kind: t.Registry().Kind(name), Insert: &driver.Insert{Rows: rows[name][from:min(from+batch, len(rows[name]))]}})
				}
			}
			return t.Write(ctx, list...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
