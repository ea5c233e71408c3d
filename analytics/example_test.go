package analytics_test

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/memory"
)

// Figures by stage; a cell opens into its records.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	pipeline, _, _ := s.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "Direct sales"},
		&opportunity.Stage{Name: "Bidding", State: opportunity.Open},
		&opportunity.Stage{Name: "Won", State: opportunity.Won}, &opportunity.Stage{Name: "Lost", State: opportunity.Lost})
	for _, amount := range []int64{100, 250, 40} {
		o, _ := s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", PipelineID: pipeline.ID})
		if amount >= 100 {
			_, _ = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{Amount: decimal.NewNullDecimal(decimal.NewFromInt(amount))})
		}
	}
	deals, _ := s.Analytics.Deals(ctx, analytics.DealsQuery{By: []analytics.Dimension{analytics.ByStage}})
	for _, row := range deals.Rows {
		fmt.Println(row.Labels[0], row.Opportunities, row.WonValue)
	}
	behind, _ := deals.Behind(deals.Rows[1], analytics.CellWon)
	page, _ := s.Opportunities.Find(ctx, behind)
	fmt.Println(len(page.Items), "records behind", deals.Rows[1].Labels[0])
	// Output:
	// Bidding 1 0
	// Won 2 350
	// 2 records behind Won
}
