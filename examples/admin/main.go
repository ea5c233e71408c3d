// Command admin sets up an advertising company of eleven offices, as an administrator
// would, and prints who sees what.
//
//	go run ./examples/admin [-db FILE]
//
// The company sells pages of magazines. Its headquarters has a general manager, two
// directors and an order assistant; each office has a branch director and two
// salespeople, and two offices have an assistant of their own. The order assistant enters
// the orders of all offices, the assistants of a branch those of the branch: sharing rules
// say so, and nobody shares a customer by hand.
//
// Two chapters ask what people would see if something changed: a transaction makes the
// change, looks, and is rolled back.
//
// FILE is a SQLite file, which is created when it is not there; without it, a new one in
// the temporary folder is used. A file in which the company is set up already stays as it
// is: the program then only looks.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage/sqlite"
)

func main() {
	path := flag.String("db", "", "the database file; without it, a new one in the temporary folder")
	flag.Parse()
	if err := runIn(context.Background(), *path); err != nil {
		fmt.Fprintln(os.Stderr, "admin:", err)
		os.Exit(1)
	}
}

func runIn(ctx context.Context, path string) error {
	if path == "" {
		dir, err := os.MkdirTemp("", "kehu-admin-")
		if err != nil {
			return err
		}
		path = filepath.Join(dir, "crm.db")
	}
	if err := run(ctx, path, os.Stdout); err != nil {
		return err
	}
	fmt.Printf("\nThe database is %s\nRun it again with -db: nothing is set up twice.\n", path)
	return nil
}

// run sets up the company in a file, unless it is there, and prints what people see.
func run(ctx context.Context, path string, out io.Writer, options ...crm.Option) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store := sqlite.New(db)
	if err := crm.Migrate(ctx, store, options...); err != nil {
		return err
	}
	app, err := crm.Open(ctx, store, options...)
	if err != nil {
		return err
	}
	if err := setUp(ctx, app); err != nil {
		return err
	}
	r := report{app, store, db, out}
	for _, chapter := range []struct {
		title string
		print func(context.Context) error
	}{
		{"1. The company", r.tree},
		{"2. What it has decided", r.settings},
		{"3. Who sees how many customers of which office", r.customers},
		{"4. Who may do what to a customer of Shanghai, and why", r.rights},
		{"5. What the order assistant sees without the sharing rule, and with it", r.rule},
		{"6. That customer, as each of them reads it", r.fields},
		{"7. The same views, run by two salespeople", r.views},
		{"8. What they would see if Hangzhou became part of Shanghai", r.closing},
	} {
		fmt.Fprintf(out, "\n%s\n\n", chapter.title)
		if err := chapter.print(ctx); err != nil {
			return err
		}
	}
	return nil
}
