package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// sell moves one deal through the pipeline as Salesperson 1, with the dates on which
// it happened, and opens two more that stay open.
func sell(ctx context.Context, app *crm.App, c company) (schema.ID, error) {
	s, err := app.As(ctx, c.salesperson)
	if err != nil {
		return schema.ID{}, err
	}
	deal, err := s.Opportunities.Create(ctx, &opportunity.Opportunity{Meta: id("deal"), Name: "Two presses", CustomerID: c.customer, ProductID: c.product,
		PipelineID: c.pipeline, OpenedOn: schema.NewDate(2026, 1, 12), Amount: decimal.NewNullDecimal(decimal.NewFromInt(96000))})
	if err != nil {
		return schema.ID{}, err
	}
	if deal.State == opportunity.Open { // a second run finds it won
		if _, err = s.Opportunities.Advance(ctx, deal.ID, opportunity.Move{On: schema.NewDate(2026, 2, 3)}); err != nil {
			return schema.ID{}, err
		}
		if _, err = s.Opportunities.Advance(ctx, deal.ID, opportunity.Move{On: schema.NewDate(2026, 2, 24)}); err != nil {
			return schema.ID{}, err
		}
		if _, err = s.Opportunities.Win(ctx, deal.ID, opportunity.Outcome{On: schema.NewDate(2026, 3, 9), Amount: decimal.NewNullDecimal(decimal.NewFromInt(91500)), Reason: "service nearby"}); err != nil {
			return schema.ID{}, err
		}
	}
	for _, name := range []string{"Spare parts", "A third press"} {
		if _, err := s.Opportunities.Create(ctx, &opportunity.Opportunity{Meta: id(name), Name: name, CustomerID: c.customer, ProductID: c.product,
			PipelineID: c.pipeline, OpenedOn: schema.NewDate(2026, 3, 2)}); err != nil {
			return schema.ID{}, err
		}
	}
	history, err := s.Opportunities.History(ctx, deal.ID, query.Select{})
	if err != nil {
		return schema.ID{}, err
	}
	for _, entry := range history.Items {
		fmt.Printf("  version %d  %-22s %d fields changed\n", entry.RecordVersion, entry.Event, len(entry.Changes))
	}
	return deal.ID, nil
}

// permissions asks the library itself what each person may do, and why not.
func permissions(ctx context.Context, app *crm.App, c company, deal schema.ID) error {
	ref := record.Ref{Kind: opportunity.Opportunities.Name(), ID: deal}
	verbs := []org.Verb{org.Read, org.Update, org.Assign, org.Delete, org.Export}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "  \t")
	for _, v := range verbs {
		fmt.Fprintf(w, "%s\t", v)
	}
	fmt.Fprintln(w)
	var refused []string
	for _, person := range []struct {
		role string
		id   schema.ID
	}{{"Salesperson 1", c.salesperson}, {"Salesperson 2", c.colleague}, {"Branch manager", c.manager}, {"Director", c.director}} {
		s, err := app.As(ctx, person.id)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %s\t", person.role)
		for _, v := range verbs {
			answer, why, err := mayDo(ctx, s, v, ref)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\t", answer)
			if v == org.Delete && why != "" {
				refused = append(refused, fmt.Sprintf("  %s may not %s it. Missing: %s", person.role, v, why))
			}
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println("\n" + strings.Join(refused, "\n"))
	return nil
}

func mayDo(ctx context.Context, s *crm.Session, v org.Verb, ref record.Ref) (answer, missing string, err error) {
	why, err := s.Why(ctx, v, ref)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return "not found", "", nil // who may not read it does not learn that it is there
	case err != nil:
		return "", "", err
	case why.Allowed:
		return "yes (" + why.Access[0].How + ")", "", nil
	}
	return "no", strings.Join(why.Missing, "; "), nil
}

func funnel(ctx context.Context, app *crm.App, c company) error {
	for _, person := range []struct {
		role string
		id   schema.ID
	}{{"Salesperson 2", c.colleague}, {"Director", c.director}} {
		s, err := app.As(ctx, person.id)
		if err != nil {
			return err
		}
		deals, err := s.Analytics.Deals(ctx, analytics.DealsQuery{By: []analytics.Dimension{analytics.ByStage}})
		if err != nil {
			return err
		}
		fmt.Printf("  %s sees %d stages with deals\n", person.role, len(deals.Rows))
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		for i, row := range deals.Rows {
			if i == 0 {
				fmt.Fprintln(w, "\tstage\tdeals\twon value\topen at list price\t")
			}
			fmt.Fprintf(w, "\t%s\t%d\t%s\t%s\t\n", row.Labels[0], row.Opportunities, row.WonValue.StringFixed(2), row.OpenListValue.StringFixed(2))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// hostTransaction writes a row of the ERP's own table and a customer in one
// transaction of the ERP: first rolled back, then committed.
func hostTransaction(ctx context.Context, db *sql.DB, store *storage.Store, app *crm.App, c company) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS erp_voucher (number TEXT PRIMARY KEY, customer TEXT)`); err != nil {
		return err
	}
	for _, end := range []string{"rolled back", "committed"} {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := both(ctx, tx, store, app, c); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if end == "committed" {
			err = tx.Commit()
		} else {
			err = tx.Rollback()
		}
		if err != nil {
			return err
		}
		var vouchers int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM erp_voucher`).Scan(&vouchers); err != nil {
			return err
		}
		s, err := app.As(ctx, c.salesperson)
		if err != nil {
			return err
		}
		customers, err := s.Customers.Count(ctx, query.Eq("code", "Q-1"))
		if err != nil {
			return err
		}
		fmt.Printf("  %-12s  rows of the ERP: %d   customers of the CRM: %d\n", end, vouchers, customers)
	}
	return nil
}

// both is one piece of the ERP's work: its own row, and ours through the same
// transaction. Whatever it returns, the transaction is still the ERP's to end.
func both(ctx context.Context, tx *sql.Tx, store *storage.Store, app *crm.App, c company) error {
	joined, err := sqlite.Join(store, tx)
	if err != nil {
		return err
	}
	inTx, err := app.In(joined)
	if err != nil {
		return err
	}
	s, err := inTx.As(ctx, c.salesperson)
	if err != nil {
		return err
	}
	created, err := s.Customers.Create(ctx, &customer.Customer{Meta: id("walk-in"), Name: "Walk-in customer", Code: "Q-1"})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO erp_voucher (number, customer) VALUES ('V-1', ?) ON CONFLICT DO NOTHING`, created.ID.String())
	return err
}
