package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
)

// expected is what somebody else has computed from the same files by other means.
type expected struct {
	Stages     map[string]int64  `json:"stages"`
	Total      group             `json:"total"`
	DaysWon    days              `json:"days_won"`
	DaysLost   days              `json:"days_lost"`
	DaysClosed days              `json:"days_closed"`
	ByAgent    map[string]group  `json:"by_agent"`
	ByManager  map[string]group  `json:"by_manager"`
	ByOffice   map[string]group  `json:"by_regional_office"`
	ByProduct  map[string]group  `json:"by_product"`
	BySector   map[string]group  `json:"by_sector"`
	ByQuarter  map[string]period `json:"by_quarter"`
	ByMonth    map[string]period `json:"by_close_month"`
}

type group struct {
	Opportunities int64               `json:"opportunities"`
	Won           int64               `json:"won"`
	Lost          int64               `json:"lost"`
	Engaging      int64               `json:"engaging"`
	Prospecting   int64               `json:"prospecting"`
	WinRate       decimal.NullDecimal `json:"win_rate"`
	WonValue      decimal.Decimal     `json:"won_value"`
	AvgWon        decimal.NullDecimal `json:"avg_won_deal"`
	DaysWon       decimal.NullDecimal `json:"avg_days_won"`
	DaysLost      decimal.NullDecimal `json:"avg_days_lost"`
	DaysClosed    decimal.NullDecimal `json:"avg_days_closed"`
	Open          int64               `json:"open_deals"`
	OpenListValue decimal.Decimal     `json:"open_list_value"`
}

type period struct {
	Won      int64               `json:"won"`
	Lost     int64               `json:"lost"`
	WonValue decimal.Decimal     `json:"won_value"`
	WinRate  decimal.NullDecimal `json:"win_rate"`
}

type days struct {
	N      int64               `json:"n"`
	Mean   decimal.NullDecimal `json:"mean"`
	Median decimal.NullDecimal `json:"median"`
	Min    int64               `json:"min"`
	Max    int64               `json:"max"`
}

// TestRealData imports the public data set that the program was written for and
// compares all figures with expected ones. The folder KEHU_DATA holds the files as
// maven/dev_central_east/*.csv and the figures as expected/maven_dev_central_east.json.
func TestRealData(t *testing.T) {
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	text, err := os.ReadFile(filepath.Join(folder, "expected", "maven_dev_central_east.json"))
	require.NoError(t, err)
	var want expected
	require.NoError(t, json.Unmarshal(text, &want))

	reports := map[string]string{}
	onEach(t, func(t *testing.T, app *crm.App) {
		start := time.Now()
		done, problems := importDir(t, app, filepath.Join(folder, "maven", "dev_central_east"))
		t.Logf("%d opportunities in %s", done.created, time.Since(start))
		require.Empty(t, problems)
		requireExpected(t, as(t, app, directorID()), &want)
		requireParts(t, app)
		requireCellsOpen(t, as(t, app, directorID()))

		var printed bytes.Buffer
		require.NoError(t, reportAll(t.Context(), app, done.teams, &printed))
		reports[t.Name()] = printed.String()
	})
	for one := range maps.Values(reports) {
		for other := range maps.Values(reports) {
			require.Equal(t, one, other, "two adapters differ")
		}
	}
}

func requireExpected(t *testing.T, s *crm.Session, want *expected) {
	t.Helper()
	total, err := s.Analytics.Deals(t.Context(), analytics.DealsQuery{})
	require.NoError(t, err)
	all := total.Rows[0]
	require.Equal(t, want.Stages, all.ByStage)
	requireGroup(t, "total", want.Total, all)
	requireDays(t, want.DaysWon, all.DaysWon)
	requireDays(t, want.DaysLost, all.DaysLost)
	requireDays(t, want.DaysClosed, all.DaysClosed)

	for by, groups := range map[analytics.Dimension]map[string]group{analytics.ByOwner: want.ByAgent, analytics.ByManager: want.ByManager,
		analytics.ByDepartment: want.ByOffice, analytics.ByProduct: want.ByProduct, analytics.ByIndustry: want.BySector} {
		rows := rowsOf(t, s, by)
		delete(rows, "") // deals without account are in no sector
		require.Equal(t, slices.Sorted(maps.Keys(groups)), slices.Sorted(maps.Keys(rows)))
		for name, g := range groups {
			requireGroup(t, name, g, rows[name])
		}
	}
	for by, periods := range map[analytics.Dimension]map[string]period{analytics.ByQuarter: want.ByQuarter, analytics.ByMonth: want.ByMonth} {
		rows := rowsOf(t, s, by)
		delete(rows, "") // open deals
		require.Equal(t, slices.Sorted(maps.Keys(periods)), slices.Sorted(maps.Keys(rows)))
		for name, p := range periods {
			r := rows[name]
			require.Equal(t, []int64{p.Won, p.Lost, p.Won + p.Lost}, []int64{r.Won, r.Lost, r.Opportunities}, name)
			require.True(t, p.WonValue.Equal(r.WonValue), name)
			if p.WinRate.Valid {
				requireRatio(t, name, p.WinRate, r.WinRate)
			}
		}
	}
}

func requireGroup(t *testing.T, name string, want group, got analytics.DealsRow) {
	t.Helper()
	require.Equal(t,
		[]int64{want.Opportunities, want.Won, want.Lost, want.Open, want.Engaging, want.Prospecting},
		[]int64{got.Opportunities, got.Won, got.Lost, got.Open, got.ByStage[engaging], got.ByStage[prospecting]}, name)
	require.Equal(t, want.WonValue.String(), got.WonValue.String(), name)
	require.Equal(t, want.OpenListValue.String(), got.OpenListValue.String(), name)
	requireRatio(t, name, want.WinRate, got.WinRate)
	requireRatio(t, name, want.AvgWon, got.AvgWon)
	requireRatio(t, name, want.DaysWon, got.DaysWon.Mean)
	requireRatio(t, name, want.DaysLost, got.DaysLost.Mean)
	requireRatio(t, name, want.DaysClosed, got.DaysClosed.Mean)
}

func requireDays(t *testing.T, want days, got analytics.Days) {
	t.Helper()
	require.Equal(t, []int64{want.N, want.Min, want.Max}, []int64{got.N, got.Min, got.Max})
	requireRatio(t, "mean days", want.Mean, got.Mean)
	requireRatio(t, "median days", want.Median, got.Median)
}

// requireRatio compares to the eight places that the expected ratios have.
func requireRatio(t *testing.T, name string, want, got decimal.NullDecimal) {
	t.Helper()
	require.Equal(t, want.Valid, got.Valid, name)
	require.LessOrEqual(t, want.Decimal.Sub(got.Decimal).Abs().InexactFloat64(), 1e-8, "%s: %s, not %s", name, got.Decimal, want.Decimal)
}
