// Command import brings a list of customers into a database: it tries the list, imports it,
// writes what was refused into an error list, corrects that and imports it as well, and
// imports the first list once more, which changes nothing.
//
//	go run ./examples/import                                  # a small list from a fair, in memory
//	go run ./examples/import -data FILE -key code -db crm.db  # a list of yours
//	go run ./examples/import -data online_retail.csv.gz       # one that is transformed first
//
// A list of yours is not corrected: what is wrong with it stands in FILE.errors.csv, or where
// -errors says, which can be corrected and given as -data. Lists that no mapping can take as
// they are, such as invoices of which the customers are wanted, go through a transformation
// that is found by their columns: see transform.go, which is made to be copied.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
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
	var o options
	flag.StringVar(&o.file, "data", "", "the CSV file, which may be zipped (.gz); a small list of the program's own without it")
	flag.StringVar(&o.errors, "errors", "", "where the error list goes; behind the name of the file, with .errors.csv, without it")
	flag.StringVar(&o.db, "db", "", "the SQLite file of the database; in memory without it")
	flag.StringVar(&o.target, "target", "customer", "what the list brings: customer, contact, address, employee, department, product; a transformation knows it")
	flag.StringVar(&o.key, "key", "code", "the field by which a line finds its record; empty creates one of each line")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct{ file, errors, db, target, key string }

func run(ctx context.Context, w io.Writer, o options) (err error) {
	list := fair
	if o.file != "" {
		if list, err = read(o.file); err != nil {
			return err
		}
	}
	store, err := open(ctx, o.db)
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
	im := importer{s: s, out: w, target: o.target, key: o.key}
	if err := im.try(ctx, list); err != nil {
		return err
	}
	refused, err := im.apply(ctx, "imported", list)
	if err != nil {
		return err
	}
	switch {
	case o.file == "":
		fmt.Fprintf(w, "\nThe error list:\n%s\n", refused)
		if _, err := im.apply(ctx, "error list, corrected", corrected(refused)); err != nil {
			return err
		}
	case bytes.Count(refused, []byte("\n")) > 1:
		name := cmp.Or(o.errors, o.file+".errors.csv")
		if err := os.WriteFile(name, refused, 0o600); err != nil {
			return err
		}
		fmt.Fprintf(w, "\nWhat was refused stands in %s.\n", name)
	}
	if _, err := im.apply(ctx, "first list again", list); err != nil {
		return err
	}
	return im.print()
}

// read returns a file as it is, or as it was before it was zipped.
func read(file string) ([]byte, error) {
	f, err := os.Open(file) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if !strings.HasSuffix(file, ".gz") {
		return io.ReadAll(f)
	}
	zipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zipped)
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
	figures     []figure
}

// figure is what became of a list.
type figure struct {
	what string
	exchange.Tally
}

// plan maps the columns of a list as they are suggested, after its transformation.
func (im *importer) plan(ctx context.Context, list []byte) (exchange.Plan, sheet.Source, error) {
	src, err := sheet.ReadCSV(bytes.NewReader(list), sheet.CSVOptions{})
	if err != nil {
		return exchange.Plan{}, nil, err
	}
	if t := transformationOf(src.Header()); t != nil {
		src = t.apply(src)
		return exchange.Plan{Target: t.target, Columns: src.Header(), Mapping: t.mapping(src.Header()), Key: t.key}, src, nil
	}
	p := exchange.Plan{Target: im.target, Columns: src.Header(), Key: im.key}
	p.Mapping, _, err = im.s.Exchange.Suggest(ctx, p.Target, p.Columns)
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
	im.figures = append(im.figures, figure{"dry run", exchange.Tally{Lines: r.Lines, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Refused: r.Refused, Unlinked: r.Unlinked}})
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
	im.figures = append(im.figures, figure{what, job.Tally})
	var refused bytes.Buffer
	sink := sheet.WriteCSV(&refused, sheet.CSVFormat{Plain: true})
	err = errors.Join(im.s.Exchange.WriteRefused(ctx, job.ID, sink), sink.Close())
	return bytes.ReplaceAll(refused.Bytes(), []byte("\r\n"), []byte("\n")), err
}

func (im *importer) print() error {
	t := tabwriter.NewWriter(im.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tlines\tcreated\tupdated\tunchanged\trefused\t")
	for _, f := range im.figures {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t\n", f.what, f.Lines, f.Created, f.Updated, f.Unchanged, f.Refused+f.Unlinked)
	}
	return t.Flush()
}
