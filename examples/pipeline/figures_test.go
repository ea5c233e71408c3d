package main

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
)

// The figures of testdata/small, worked out by hand.
const smallFigures = `
Total      | deals won lost open   rate   value    average  days won   days lost  open at list
all        | 11 4 3 4   57.14%  680.75  170.19   10.3 5.5    35.3 4.0     701
Agent
Ada Reed   |  4 2 1 1   66.67%  330.25  165.13   20.0 20.0    4.0 4.0     100
Bo Lund    |  3 1 1 1   50.00%  250.5   250.50    1.0 1.0   100.0 100.0   250.5
李雷       |  4 1 1 2   50.00%  100     100.00    0.0 0.0     2.0 2.0     350.5
Manager
Max Stone  |  7 3 2 2   60.00%  580.75  193.58   13.7 10.0   52.0 52.0    350.5
Nina Falk  |  4 1 1 2   50.00%  100     100.00    0.0 0.0     2.0 2.0     350.5
Office
North      |  7 3 2 2   60.00%  580.75  193.58   13.7 10.0   52.0 52.0    350.5
South      |  4 1 1 2   50.00%  100     100.00    0.0 0.0     2.0 2.0     350.5
Product
Alpha      |  6 2 2 2   50.00%  190.25   95.13    5.0 5.0    52.0 52.0    200
Beta Pro   |  5 2 1 2   66.67%  490.5   245.25   15.5 15.5    2.0 2.0     501
Sector
(unknown)  |  2 0 0 2   -       0       -         - -         - -         350.5
farming    |  5 2 2 1   50.00%  340.75  170.38    5.5 5.5    51.0 51.0    100
technology |  4 2 1 1   66.67%  340     170.00   15.0 15.0    4.0 4.0     250.5
Quarter
(open)     |  4 0 0 4   -       0       -         - -         - -         701
2024-Q1    |  3 2 1 0   66.67%  330.25  165.13   20.0 20.0    4.0 4.0     0
2024-Q2    |  4 2 2 0   50.00%  350.5   175.25    0.5 0.5    51.0 51.0    0
Month
(open)     |  4 0 0 4   -       0       -         - -         - -         701
2024-01    |  1 1 0 0   100.00%  90.25   90.25   10.0 10.0    - -         0
2024-03    |  2 1 1 0   50.00%  240     240.00   30.0 30.0    4.0 4.0     0
2024-04    |  1 1 0 0   100.00% 250.5   250.50    1.0 1.0     - -         0
2024-05    |  2 1 1 0   50.00%  100     100.00    0.0 0.0   100.0 100.0   0
2024-06    |  1 0 1 0   0.00%   0       -         - -         2.0 2.0     0
`

func requireSmallFigures(t *testing.T, app *crm.App) {
	t.Helper()
	s := as(t, app, directorID())
	var got, want []string
	add := func(title, none string, by ...analytics.Dimension) {
		deals, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{By: by})
		require.NoError(t, err)
		got = append(got, title)
		for _, cells := range dealsTable(title, none, deals)[1:] {
			got = append(got, cells[0]+" | "+strings.Join(cells[1:], " "))
		}
	}
	add("Total", "all")
	for _, v := range views {
		add(v.title, v.none, v.by)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(smallFigures), "\n") {
		label, figures, data := strings.Cut(line, "|")
		switch label = strings.TrimSpace(label); {
		case !data || label == "Total":
			want = append(want, label)
		default:
			want = append(want, label+" | "+strings.Join(strings.Fields(figures), " "))
		}
	}
	require.Equal(t, want, got)

	total, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{})
	require.NoError(t, err)
	stages, err := stageTable(t.Context(), s, total.Rows[0])
	require.NoError(t, err)
	require.Equal(t, table{{"Stage", "Deals"}, {prospecting, "2"}, {engaging, "2"}, {won, "4"}, {lost, "3"}}, stages)
}

func TestFigures(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		importDir(t, app, small)
		requireSmallFigures(t, app)
	})
}

// Everybody sees their part, and the parts add up.
func TestEverybodySeesTheirPart(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		importDir(t, app, small)
		requireParts(t, app)

		s := as(t, app, personID("Ada Reed"))
		_, err := s.Opportunities.Get(t.Context(), opportunityID("D05"))
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = s.Customers.Get(t.Context(), customerID("Wire Works"))
		require.NoError(t, err)
		_, err = s.Customers.Get(t.Context(), customerID("Hill Group"))
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = as(t, app, personID("Max Stone")).Opportunities.Get(t.Context(), opportunityID("D08"))
		require.ErrorIs(t, err, storage.ErrNotFound)
	})
}

// requireParts compares what each agent and manager sees with the director's row
// about them.
func requireParts(t *testing.T, app *crm.App) {
	t.Helper()
	var agents, managers int64
	byAgent, byManager := rowsOf(t, as(t, app, directorID()), analytics.ByOwner), rowsOf(t, as(t, app, directorID()), analytics.ByManager)
	for _, e := range employees(t, app) {
		if e.ID == directorID() {
			continue
		}
		all, err := as(t, app, e.ID).Analytics.Deals(t.Context(), analytics.DealsQuery{})
		require.NoError(t, err)
		whole := all.Rows[0]
		row, leads := byManager[e.Name]
		if leads {
			managers += whole.Opportunities
		} else {
			row = byAgent[e.Name]
			agents += whole.Opportunities
		}
		require.Equal(t, figuresOf(row), figuresOf(whole), e.Name)
	}
	total, err := as(t, app, directorID()).Analytics.Deals(t.Context(), analytics.DealsQuery{})
	require.NoError(t, err)
	require.Equal(t, total.Rows[0].Opportunities, agents)
	require.Equal(t, total.Rows[0].Opportunities, managers)
}

func rowsOf(t *testing.T, s *crm.Session, by analytics.Dimension) map[string]analytics.DealsRow {
	t.Helper()
	deals, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{By: []analytics.Dimension{by}})
	require.NoError(t, err)
	rows := map[string]analytics.DealsRow{}
	for _, r := range deals.Rows {
		rows[r.Labels[0]] = r
	}
	return rows
}

// figuresOf returns the row as it is printed, without its label.
func figuresOf(r analytics.DealsRow) []string {
	return dealsTable("", "", &analytics.Deals{Rows: []analytics.DealsRow{r}})[1][1:]
}

// Every cell opens into its records, and they add up to it.
func TestCellsOpen(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		importDir(t, app, small)
		for _, e := range employees(t, app) {
			requireCellsOpen(t, as(t, app, e.ID))
		}
	})
}

func requireCellsOpen(t *testing.T, s *crm.Session) {
	t.Helper()
	prices := map[any]decimal.Decimal{}
	for p, err := range s.Products.All(t.Context(), query.Select{}) {
		require.NoError(t, err)
		prices[p.ID] = p.ListPrice.Decimal
	}
	dimensions := [][]analytics.Dimension{nil}
	for _, v := range views {
		dimensions = append(dimensions, []analytics.Dimension{v.by})
	}
	for _, by := range dimensions {
		deals, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{By: by})
		require.NoError(t, err)
		for _, r := range deals.Rows {
			opened := map[analytics.Cell][]opportunity.Opportunity{}
			for cell, n := range map[analytics.Cell]int64{analytics.CellAll: r.Opportunities, analytics.CellWon: r.Won,
				analytics.CellLost: r.Lost, analytics.CellOpen: r.Open, analytics.CellClosed: r.Won + r.Lost} {
				q, err := deals.Behind(r, cell)
				require.NoError(t, err)
				for o, err := range s.Opportunities.All(t.Context(), q) {
					require.NoError(t, err)
					opened[cell] = append(opened[cell], o)
				}
				require.Len(t, opened[cell], int(n), "%v %v %s", by, r.Labels, cell)
			}
			var value, list decimal.Decimal
			var days int64
			for _, o := range opened[analytics.CellWon] {
				value = value.Add(o.Amount.Decimal)
				days += int64(o.ClosedOn.Sub(o.OpenedOn))
			}
			for _, o := range opened[analytics.CellOpen] {
				list = list.Add(prices[o.ProductID])
			}
			require.Equal(t, value.String(), r.WonValue.String())
			require.Equal(t, list.String(), r.OpenListValue.String())
			require.Equal(t, r.Won, r.DaysWon.N)
			if r.Won > 0 {
				mean := decimal.NewFromInt(days).DivRound(decimal.NewFromInt(r.Won), 12)
				require.Equal(t, mean.String(), r.DaysWon.Mean.Decimal.String())
			}
		}
	}
}
