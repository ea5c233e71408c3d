// Command import brings a list of customers into a database: it tries the list, imports it,
// writes what was refused into an error list, corrects that and imports it as well, and
// imports the first list once more, which changes nothing.
//
//	go run ./examples/import                                  # a small list from a fair, in memory
//	go run ./examples/import -data FILE -key code -db crm.db  # a list of yours
//
// A list of yours is not corrected: what is wrong with it stands in FILE.errors.csv, which
// can be corrected and given as -data.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/sqlite"
)

//go:embed testdata/fair.csv
var fair []byte

func main() {
	file := flag.String("data", "", "the CSV file; a small list of the program's own without it")
	db := flag.String("db", "", "the SQLite file of the database; in memory without it")
	target := flag.String("target", "customer", "what the list brings: customer, contact, address, employee, department, product")
	key := flag.String("key", "code", "the field by which a line finds its record; empty creates one of each line")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *file, *db, *target, *key); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, file, db, target, key string) (err error) {
	list := fair
	if file != "" {
		if list, err = os.ReadFile(file); err != nil { //nolint:gosec // the user names the file
			return err
		}
	}
	store, err := open(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	app, err := crm.Open(ctx, store)
	if err != nil {
		return err
	}
	s, err := app.System("examples/import")
	if err != nil {
		return err
	}
	im := importer{s: s, out: w, target: target, key: key}
	if err := im.try(ctx, list); err != nil {
		return err
	}
	refused, err := im.apply(ctx, "imported", list)
	if err != nil {
		return err
	}
	switch {
	case file == "":
		fmt.Fprintf(w, "\nThe error list:\n%s\n", refused)
		if _, err := im.apply(ctx, "error list, corrected", corrected(refused)); err != nil {
			return err
		}
	case bytes.Count(refused, []byte("\n")) > 1:
		if err := os.WriteFile(file+".errors.csv", refused, 0o600); err != nil { //nolint:gosec // the user names the file
			return err
		}
		fmt.Fprintf(w, "\nWhat was refused stands in %s.errors.csv.\n", file)
	}
	if _, err := im.apply(ctx, "first list again", list); err != nil {
		return err
	}
	return im.print()
}

func open(ctx context.Context, db string) (*storage.Store, error) {
	if db == "" {
		return memory.Open(), nil
	}
	store, err := sqlite.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	return store, crm.Migrate(ctx, store)
}

// corrected is the error list of the fair as somebody would give it back.
func corrected(list []byte) []byte {
	return []byte(strings.NewReplacer(",代理,", ",代理商,", "\n,F004", "\n成都茶业,F004", "上海印刷厂,,", "上海印刷厂,F005,", ",昨天,", ",2025-03-05,").Replace(string(list)))
}

// importer imports lists and keeps the figures.
type importer struct {
	s           *crm.Session
	out         io.Writer
	target, key string
	figures     []string
}

// plan maps the columns of a list as they are suggested.
func (im *importer) plan(ctx context.Context, list []byte) (exchange.Plan, sheet.Source, error) {
	src, err := sheet.ReadCSV(bytes.NewReader(list), sheet.CSVOptions{})
	if err != nil {
		return exchange.Plan{}, nil, err
	}
	p := exchange.Plan{Target: im.target, Columns: src.Header(), Key: im.key}
	p.Mapping, _, err = im.s.Exchange.Suggest(ctx, im.target, p.Columns)
	return p, src, err
}

// try tells the mapping and the first problems of a list.
func (im *importer) try(ctx context.Context, list []byte) error {
	p, src, err := im.plan(ctx, list)
	if err != nil {
		return err
	}
	fmt.Fprintln(im.out, "The columns:")
	for i, name := range p.Columns {
		field := p.Mapping[i]
		if field == "" {
			field = "(passed over)"
		}
		fmt.Fprintf(im.out, "  %s: %s\n", name, field)
	}
	const few = 20
	n := 0
	fmt.Fprintln(im.out, "\nThe dry run:")
	r, err := im.s.Exchange.Check(ctx, p, src, func(p exchange.Problem) error {
		if n++; n <= few {
			fmt.Fprintf(im.out, "  line %d, %s\n", p.Line, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n > few {
		fmt.Fprintf(im.out, "  and %d more\n", n-few)
	}
	im.note("dry run", r.Lines, r.Created, r.Updated, r.Unchanged, r.Refused)
	return nil
}

// apply imports a list and returns the error list.
func (im *importer) apply(ctx context.Context, what string, list []byte) ([]byte, error) {
	p, src, err := im.plan(ctx, list)
	if err != nil {
		return nil, err
	}
	job, err := im.s.Exchange.Start(ctx, p)
	if err != nil {
		return nil, err
	}
	if job, err = im.s.Exchange.Apply(ctx, job.ID, src); err != nil {
		return nil, err
	}
	im.note(what, job.Lines, job.Created, job.Updated, job.Unchanged, job.Refused+job.Unlinked)
	var refused bytes.Buffer
	sink := sheet.WriteCSV(&refused, sheet.CSVFormat{Plain: true})
	err = errors.Join(im.s.Exchange.WriteRefused(ctx, job.ID, sink), sink.Close())
	return bytes.ReplaceAll(refused.Bytes(), []byte("\r\n"), []byte("\n")), err
}

func (im *importer) note(what string, figures ...int64) {
	var line strings.Builder
	line.WriteString(what)
	for _, n := range figures {
		fmt.Fprintf(&line, "\t%d", n)
	}
	im.figures = append(im.figures, line.String()+"\t")
}

func (im *importer) print() error {
	t := tabwriter.NewWriter(im.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tlines\tcreated\tupdated\tunchanged\trefused\t")
	for _, line := range im.figures {
		fmt.Fprintln(t, line)
	}
	return t.Flush()
}
