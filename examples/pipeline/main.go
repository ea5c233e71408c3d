// Command pipeline imports a company's sales pipeline from CSV files and reports on
// it, as each of its people sees it.
//
//	go run ./examples/pipeline -data DIR [-db DSN]
//
// DIR holds sales_pipeline.csv, accounts.csv, products.csv and sales_teams.csv, in the
// form of the public data set "CRM Sales Opportunities" of Maven Analytics
// (https://mavenanalytics.io/data-playground). DSN is the path of a SQLite file, which
// is created when it is not there, or the URL of a PostgreSQL database; without it a
// file pipeline.db in the temporary folder is used.
//
// Offices become departments of one company; agents and managers its employees, below
// a director; accounts customers; rows of the pipeline opportunities, which are created,
// advanced and closed on the dates that the row gives them. A deal in Prospecting has no
// date: it begins on the day of the import.
//
// A row that makes no sense is left out and reported with its file and line, and so are
// the rows that refer to it. Mend the files and run the command again: what is there
// already stays as it is, what was missing is added. A run that was killed is continued
// in the same way. The exit status is 0 when all rows are in the CRM, 1 when some were
// left out, 2 when the import could not be done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// The exit statuses.
const (
	allIn   = 0
	badRows = 1
	failed  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the folder with the CSV files")
	dsn := flags.String("db", filepath.Join(os.TempDir(), "pipeline.db"), "a SQLite file or a postgres:// URL")
	if flags.Parse(args) != nil {
		return failed
	}
	if *data == "" {
		fmt.Fprintln(stderr, "pipeline: -data is needed: the folder with the CSV files")
		return failed
	}
	bad, err := importAndReport(ctx, *data, *dsn, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "pipeline:", err)
		return failed
	case bad > 0:
		return badRows
	}
	return allIn
}

func importAndReport(ctx context.Context, data, dsn string, stdout, stderr io.Writer) (bad int, err error) {
	src, err := readSource(data)
	if err != nil {
		return 0, err
	}
	store, err := open(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	app, err := setUp(ctx, store)
	if err != nil {
		return 0, err
	}
	done, err := load(ctx, app, src, stderr)
	if err != nil {
		return 0, err
	}
	for _, p := range done.problems {
		fmt.Fprintln(stderr, p)
	}
	fmt.Fprintf(stderr, "%d opportunities imported, %d were there already, %d rows left out\n", done.created, done.unchanged, len(done.problems))
	return len(done.problems), reportAll(ctx, app, done.teams, stdout)
}

func open(ctx context.Context, dsn string) (*storage.Store, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return postgres.Open(ctx, dsn)
	}
	return sqlite.Open(ctx, dsn)
}

func setUp(ctx context.Context, store *storage.Store) (*crm.App, error) {
	if err := crm.Migrate(ctx, store); err != nil {
		return nil, err
	}
	return crm.Open(ctx, store)
}

// load imports the source as the system, which may act for everybody, and shows the
// progress.
func load(ctx context.Context, app *crm.App, src *source, stderr io.Writer) (result, error) {
	s, err := app.System("import of a sales pipeline")
	if err != nil {
		return result{}, err
	}
	bar := progressbar.NewOptions(len(src.deals), progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription("importing"), progressbar.OptionShowCount())
	done, err := importAll(ctx, s, src, func(rows int) {
		_ = bar.Add(rows) // a progress that can't be shown is no reason to stop
	})
	fmt.Fprintln(stderr)
	return done, err
}

// reportAll prints the report as the director sees it, and then as a manager and an
// agent do.
func reportAll(ctx context.Context, app *crm.App, teams []row[team], stdout io.Writer) error {
	viewers := []viewer{{directorID(), director, "who sees everything"}}
	if len(teams) > 0 {
		first := teams[0].data
		viewers = append(viewers,
			viewer{personID(first.Manager), first.Manager, "a manager, who sees a team"},
			viewer{personID(first.Agent), first.Agent, "an agent, who sees their own"})
	}
	for _, v := range viewers {
		s, err := app.As(ctx, v.id)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "== %s, %s ==\n\n", v.name, v.sees)
		if err := report(ctx, stdout, s); err != nil {
			return err
		}
	}
	return nil
}

// viewer is somebody who reads the report.
type viewer struct {
	id         schema.ID
	name, sees string
}
