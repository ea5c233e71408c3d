package main

import (
	"context"
	"io"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage/query"
)

// views are the tables of the report. A deal that has no value in a dimension is
// counted under the name of none.
var views = []struct {
	title string
	by    analytics.Dimension
	none  string
}{
	{"Agent", analytics.ByOwner, ""},
	{"Manager", analytics.ByManager, ""},
	{"Office", analytics.ByDepartment, ""},
	{"Product", analytics.ByProduct, ""},
	{"Sector", analytics.ByIndustry, "(unknown)"},
	{"Quarter", analytics.ByQuarter, "(open)"},
	{"Month", analytics.ByMonth, "(open)"},
}

// report prints what a session sees. Whose session it is makes all the difference:
// no query here says anything about permission.
func report(ctx context.Context, w io.Writer, s *crm.Session) error {
	total, err := s.Analytics.Deals(ctx, analytics.DealsQuery{})
	if err != nil {
		return err
	}
	stages, err := stageTable(ctx, s, total.Rows[0])
	if err != nil {
		return err
	}
	if err := stages.print(w); err != nil {
		return err
	}
	if err := dealsTable("Total", "all", total).print(w); err != nil {
		return err
	}
	for _, v := range views {
		deals, err := s.Analytics.Deals(ctx, analytics.DealsQuery{By: []analytics.Dimension{v.by}})
		if err != nil {
			return err
		}
		if err := dealsTable(v.title, v.none, deals).print(w); err != nil {
			return err
		}
	}
	return nil
}

// stageTable counts the deals in each stage, in the order of the pipeline.
func stageTable(ctx context.Context, s *crm.Session, total analytics.DealsRow) (table, error) {
	t := table{{"Stage", "Deals"}}
	q := query.Select{Where: query.Eq("pipeline_id", pipelineID()), Sort: query.By("position")}
	for stage, err := range s.Opportunities.Stages.All(ctx, q) {
		if err != nil {
			return nil, err
		}
		t = append(t, []string{stage.Name, count(total.ByStage[stage.Name])})
	}
	return t, nil
}

func dealsTable(title, none string, deals *analytics.Deals) table {
	t := table{{title, "Deals", "Won", "Lost", "Open", "Win rate", "Won value", "Average",
		"Days won", "median", "Days lost", "median", "Open at list price"}}
	for _, r := range deals.Rows {
		label := none
		if len(r.Labels) > 0 && r.Labels[0] != "" {
			label = r.Labels[0]
		}
		t = append(t, []string{
			label, count(r.Opportunities), count(r.Won), count(r.Lost), count(r.Open),
			percent(r.WinRate), r.WonValue.String(), fixed(r.AvgWon, 2),
			fixed(r.DaysWon.Mean, 1), fixed(r.DaysWon.Median, 1), fixed(r.DaysLost.Mean, 1), fixed(r.DaysLost.Median, 1),
			r.OpenListValue.String(),
		})
	}
	return t
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

// fixed shows a ratio; one over nothing is no number.
func fixed(d decimal.NullDecimal, places int32) string {
	if !d.Valid {
		return "-"
	}
	return d.Decimal.StringFixed(places)
}

func percent(d decimal.NullDecimal) string {
	if !d.Valid {
		return "-"
	}
	return d.Decimal.Shift(2).StringFixed(2) + "%"
}
