package opportunity_test

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A deal moves through a pipeline with the dates on which it happened.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	pipeline, _, _ := s.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "Direct sales"},
		&opportunity.Stage{Name: "Requirement", State: opportunity.Open}, &opportunity.Stage{Name: "Bidding", State: opportunity.Open},
		&opportunity.Stage{Name: "Won", State: opportunity.Won}, &opportunity.Stage{Name: "Lost", State: opportunity.Lost})
	o, _ := s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Two presses", PipelineID: pipeline.ID, OpenedOn: schema.NewDate(2026, 1, 12)})
	o, _ = s.Opportunities.Advance(ctx, o.ID, opportunity.Move{On: schema.NewDate(2026, 2, 3)})
	o, _ = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{On: schema.NewDate(2026, 3, 9), Amount: decimal.NewNullDecimal(decimal.NewFromInt(91500))})
	fmt.Println(o.State, *o.DaysToClose, "days")

	log, _ := s.Opportunities.Log.Find(ctx, query.Select{Where: query.Eq("opportunity_id", o.ID), Sort: query.By("seq")})
	for _, visit := range log.Items {
		fmt.Println(visit.EnteredOn, visit.LeftOn, *visit.Days)
	}
	// Output:
	// won 56 days
	// 2026-01-12 2026-02-03 22
	// 2026-02-03 2026-03-09 34
	// 2026-03-09 2026-03-09 0
}
