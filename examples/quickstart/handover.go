package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// handover gives what Salesperson 1 is responsible for to Salesperson 2, as their manager,
// and takes it back, so that the other chapters find their company as it was.
func handover(ctx context.Context, app *crm.App, c company) error {
	s, err := app.As(ctx, c.manager)
	if err != nil {
		return err
	}
	job, err := s.Admin.Handovers.Get(ctx, id("handover").ID)
	if errors.Is(err, storage.ErrNotFound) {
		job, err = s.Admin.PlanHandover(ctx, &admin.Handover{Meta: id("handover"), FromID: c.salesperson, Reason: "moves to another branch"},
			&admin.HandoverLine{Kind: "customer", ToID: c.colleague}, &admin.HandoverLine{Kind: "opportunity", ToID: c.colleague})
	}
	if err != nil {
		return err
	}
	if job.State == admin.HandoverUndone {
		fmt.Println("  An earlier run has handed over and undone it.")
		return nil
	}
	preview, err := s.Admin.PreviewHandover(ctx, job.ID)
	if err != nil {
		return err
	}
	for _, line := range preview.Lines {
		fmt.Printf("  preview   %-12s %d to be moved, %d blocked\n", line.Line.Kind, line.Movable, len(line.Blocked))
	}
	if err := responsible(ctx, app, c, "before"); err != nil {
		return err
	}
	if _, err := s.Admin.ExecuteHandover(ctx, job.ID); err != nil {
		return err
	}
	if err := responsible(ctx, app, c, "after"); err != nil {
		return err
	}
	if _, err := s.Admin.UndoHandover(ctx, job.ID); err != nil {
		return err
	}
	return responsible(ctx, app, c, "undone")
}

// responsible prints how many opportunities each of the two has, and whose credit the deal
// is that was won.
func responsible(ctx context.Context, app *crm.App, c company, when string) error {
	s, err := app.As(ctx, c.director)
	if err != nil {
		return err
	}
	var has [2]int64
	for i, person := range []schema.ID{c.salesperson, c.colleague} {
		if has[i], err = s.Opportunities.Count(ctx, query.Eq("owner_id", person)); err != nil {
			return err
		}
	}
	credited, err := s.Opportunities.Count(ctx, query.All(query.Eq("state", "won"), query.Eq("credit_owner_id", c.salesperson)))
	fmt.Printf("  %-9s opportunities of Salesperson 1: %d, of Salesperson 2: %d; won, to the credit of Salesperson 1: %d\n", when, has[0], has[1], credited)
	return err
}
