// Command quickstart shows the main job in a few seconds: a program with a database
// of its own gets a CRM inside it.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage/sqlite"
)

func main() {
	path := flag.String("db", "", "the database file; without it, a new one in the temporary folder")
	flag.Parse()
	if err := run(context.Background(), *path); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) (err error) {
	if path == "" {
		dir, err := os.MkdirTemp("", "kehu-quickstart-")
		if err != nil {
			return err
		}
		path = filepath.Join(dir, "erp.db")
	}
	// The ERP's own database. The CRM's tables get the prefix crm_ in it.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	store := sqlite.New(db)
	if err := crm.Migrate(ctx, store); err != nil {
		return err
	}
	app, err := crm.Open(ctx, store)
	if err != nil {
		return err
	}

	chapter("1. A company")
	c, err := setUp(ctx, app)
	if err != nil {
		return err
	}
	chapter("2. A deal, from the first stage to won")
	deal, err := sell(ctx, app, c)
	if err != nil {
		return err
	}
	chapter("3. Who may do what to that deal")
	if err := permissions(ctx, app, c, deal); err != nil {
		return err
	}
	chapter("4. The funnel, as each of them sees it")
	if err := funnel(ctx, app, c); err != nil {
		return err
	}
	chapter("5. Finding somebody as one types")
	if err := typeAhead(ctx, app, c); err != nil {
		return err
	}
	chapter("6. Salesperson 1 hands over to Salesperson 2")
	if err := handover(ctx, app, c); err != nil {
		return err
	}
	chapter("7. A customer that was stored twice")
	if err := mergeTwo(ctx, app); err != nil {
		return err
	}
	chapter("8. New customers are assigned, and one goes through the public pool")
	if err := pool(ctx, app, c); err != nil {
		return err
	}
	chapter("9. A contact who wants to be forgotten")
	if err := forget(ctx, app); err != nil {
		return err
	}
	chapter("10. The ERP's rows and ours in one transaction")
	if err := hostTransaction(ctx, db, store, app, c); err != nil {
		return err
	}
	fmt.Printf(`
The database is %s
Next, try:
  sqlite3 that file ".tables"          the ERP's table erp_voucher beside the CRM's crm_… tables
  go run ./examples/quickstart -db X   the same into a file of yours; run it twice: nothing is doubled
  go run ./examples/admin              a company of eleven offices, and who sees what in it
  go run ./examples/pipeline -data D   a real company's pipeline, thousands of deals through the same verbs
`, path)
	return nil
}

func chapter(title string) { fmt.Printf("\n%s\n\n", title) }
