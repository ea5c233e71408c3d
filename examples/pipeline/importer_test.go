package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// dirty returns a copy of the small data set with more lines in some files, as a
// spreadsheet would save it: with a byte order mark and Windows line ends.
func dirty(t *testing.T, more map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{teamsFile, productsFile, accountsFile, dealsFile} {
		text, err := os.ReadFile(filepath.Join(small, name))
		require.NoError(t, err)
		saved := "\ufeff" + strings.ReplaceAll(string(text)+more[name], "\n", "\r\n")
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(saved), 0o600))
	}
	return dir
}

func TestImport(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		done, problems := importDir(t, app, small)
		require.Empty(t, problems)
		require.Equal(t, 11, done.created)
		s := system(t, app)

		lucky, err := s.Opportunities.Get(t.Context(), opportunityID("D02"))
		require.NoError(t, err)
		require.Equal(t, opportunity.Won, lucky.State)
		require.Equal(t, schema.NewDate(2024, 2, 1), lucky.OpenedOn)
		require.Equal(t, schema.NewDate(2024, 3, 2), lucky.ClosedOn)
		require.Equal(t, "240", lucky.Amount.Decimal.String())
		require.EqualValues(t, 30, *lucky.DaysToClose)
		require.Equal(t, personID("Ada Reed"), lucky.OwnerID)
		require.Equal(t, personID("Max Stone"), lucky.CreditManagerID)
		require.Equal(t, officeID("North"), lucky.CreditDepartmentID)

		unlucky, err := s.Opportunities.Get(t.Context(), opportunityID("D06"))
		require.NoError(t, err)
		require.Equal(t, noReason, unlucky.Reason)
		require.Equal(t, stageID(engaging), unlucky.LastStageID)

		fresh, err := s.Opportunities.Get(t.Context(), opportunityID("D07"))
		require.NoError(t, err)
		require.Equal(t, schema.DateOf(fresh.CreatedAt), fresh.OpenedOn)
		require.EqualValues(t, 1, fresh.Visits)

		child, err := s.Customers.Get(t.Context(), customerID("Field, Sons & Co"))
		require.NoError(t, err)
		require.Equal(t, customerID("Hill Group"), child.ParentID)
		require.Equal(t, directorID(), child.OwnerID)
		require.Equal(t, "1500000", child.AnnualRevenue.Decimal.String())

		log, err := s.Opportunities.Log.Find(t.Context(), query.Select{Where: query.Eq("opportunity_id", lucky.ID), Sort: query.By("seq")})
		require.NoError(t, err)
		require.Len(t, log.Items, 3)
		require.EqualValues(t, 0, *log.Items[0].Days)
		require.EqualValues(t, 30, *log.Items[1].Days)
	})
}

func TestSecondRunChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		importDir(t, app, small)
		before, _ := state(t, app)
		require.Greater(t, len(before), 100)
		done, problems := importDir(t, app, small)
		require.Empty(t, problems)
		require.Equal(t, 11, done.unchanged)
		after, _ := state(t, app)
		require.Equal(t, before, after)
	})
}

func TestBadRowsAreLeftOut(t *testing.T) {
	bad := map[string]string{
		teamsFile:    "Ann Loop,Ben Loop,West\nBen Loop,Ann Loop,West\nAda Reed,Nina Falk,South\n,Max Stone,North\nAda Reed,Max Stone,North\n",
		productsFile: "Delta,D,cheap\nGamma,G,-1\n",
		accountsFile: "Orphan,farming,,,,,Nobody & Co\nHer Daughter,farming,,,,,Orphan\nMinus,farming,,,-3,,\n",
		dealsFile: "B01,Nobody,Alpha,,Engaging,2024-01-01,,\n" +
			"B02,Ada Reed,Delta,,Engaging,2024-01-01,,\n" +
			"B03,Ada Reed,Alpha,Orphan,Engaging,2024-01-01,,\n" +
			"B04,Ada Reed,Alpha,,Engaging,2024-01-32,,\n" +
			"B05,Ada Reed,Alpha,,Won,2024-01-01,2024-01-02,much\n" +
			"B06,Ada Reed,Alpha,,Won,2024-01-02,2024-01-01,5\n" +
			"D01,Ada Reed,Alpha,Wire Works,Won,2024-01-10,2024-01-20,90.25\n" +
			"D08,李雷,Alpha,Wire Works,Won,2024-05-01,2024-05-01,100\n" +
			"B07,Ada Reed,Alpha,Engaging\n" +
			"B08,Ada Reed,Alpha,,Dreaming,2024-01-01,,\n" +
			"B09,Ada Reed,Alpha,,Won,2024-01-01,2024-01-02,-5\n" +
			"B10,Ada Reed,Alpha,,Lost,2024-01-01,2024-01-02,0.00000000001\n" +
			"B11,Ada Reed,Alpha,,Won,2024-01-01,2024-01-02,1e999999999\n" +
			"B12,Ada Reed,xxx\xff,,Engaging,2024-01-01,,\n" +
			"B13,Ann Loop,Alpha,,Engaging,2024-01-01,,\n",
	}
	onEach(t, func(t *testing.T, app *crm.App) {
		done, problems := importDir(t, app, dirty(t, bad))
		require.Equal(t, []string{
			`accounts.csv:5: the account above, Nobody & Co, is unknown or stands below this one`,
			`accounts.csv:6: the account above, Orphan, is unknown or stands below this one`,
			`accounts.csv:7: employees: employees must be 0 or greater`,
			`products.csv:4: sales_price "cheap": is no number`,
			`products.csv:5: list_price: list_price must be 0 or greater`,
			`sales_pipeline.csv:13: unknown agent "Nobody"`,
			`sales_pipeline.csv:14: unknown product "Delta"`,
			`sales_pipeline.csv:15: unknown account "Orphan"`,
			`sales_pipeline.csv:16: engage_date "2024-01-32": a date has the form 2006-01-02`,
			`sales_pipeline.csv:17: close_value "much": is no number`,
			`sales_pipeline.csv:18: closed on 2024-01-01, before it was engaged on 2024-01-02`,
			`sales_pipeline.csv:19: "D01" stands in line 2 already, with other content`,
			`sales_pipeline.csv:21: 4 fields where the header has 8`,
			`sales_pipeline.csv:22: unknown stage "Dreaming"`,
			`sales_pipeline.csv:23: amount: amount must be 0 or greater`,
			`sales_pipeline.csv:24: amount: has more than 4 decimal places`,
			`sales_pipeline.csv:25: close_value "1e999999999": is no number`,
			`sales_pipeline.csv:26: unknown product "xxx\xff"`,
			`sales_pipeline.csv:27: unknown agent "Ann Loop"`,
			`sales_teams.csv:5: the managers above this agent stand in a circle`,
			`sales_teams.csv:6: the managers above this agent stand in a circle`,
			`sales_teams.csv:7: "Ada Reed" stands in line 2 already, with other content`,
			`sales_teams.csv:8: an agent, a manager and an office are needed`,
		}, problems)
		require.Equal(t, 11, done.created)
		requireSmallFigures(t, app)

		// Mended, they are added, and nothing else changes.
		before, _ := state(t, app)
		done, problems = importDir(t, app, dirty(t, map[string]string{dealsFile: "B05,Ada Reed,Alpha,,Won,2024-01-01,2024-01-02,7\n"}))
		require.Empty(t, problems)
		require.Equal(t, 1, done.created)
		require.Equal(t, 11, done.unchanged)
		after, _ := state(t, app)
		for key, version := range before {
			require.Equal(t, version, after[key], key)
		}
	})
}

func TestStoredContentIsNotOverwritten(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		importDir(t, app, small)
		before, _ := state(t, app)
		dir := dirty(t, nil)
		for _, change := range []struct{ file, old, by string }{
			{dealsFile, "Engaging,2024-04-01,,", "Won,2024-04-01,2024-04-02,9"},
			{dealsFile, "2024-05-20,0", "2024-05-21,0"},
			{accountsFile, "Chile", "Peru"},
			{productsFile, "250.50", "250.51"},
		} {
			name := filepath.Join(dir, change.file)
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(text), change.old, change.by, 1)), 0o600))
		}
		_, problems := importDir(t, app, dir)
		require.Subset(t, problems, []string{
			`accounts.csv:4: the database has this customer with other content`,
			`products.csv:3: the database has this product with other content`,
		})
		after, _ := state(t, app)
		require.Equal(t, before, after)
	})
}

func TestManagersWhoSell(t *testing.T) {
	onEach(t, func(t *testing.T, app *crm.App) {
		_, problems := importDir(t, app, dirty(t, map[string]string{
			teamsFile: "Eve Low,Dan High,West\nDan High,Cy Top,East\nCy Top,Cy Top,East\n",
			dealsFile: "M1,Dan High,Alpha,,Engaging,2024-01-01,,\nM2,Eve Low,Alpha,,Engaging,2024-01-01,,\n",
		}))
		require.Empty(t, problems)
		managers := map[string]schema.ID{}
		for _, e := range employees(t, app) {
			managers[e.Name] = e.ManagerID
		}
		require.Equal(t, personID("Dan High"), managers["Eve Low"])
		require.Equal(t, personID("Cy Top"), managers["Dan High"])
		require.Equal(t, directorID(), managers["Cy Top"])
		for name, deals := range map[string]int64{"Eve Low": 1, "Dan High": 2, "Cy Top": 2} {
			n, err := as(t, app, personID(name)).Opportunities.Count(t.Context(), nil)
			require.NoError(t, err)
			require.Equal(t, deals, n, name)
		}
	})
}

func TestTableAligns(t *testing.T) {
	var out strings.Builder
	require.NoError(t, table{{"Name", "N"}, {"李雷", "10"}, {"Zoë", "5"}}.print(&out))
	require.Equal(t, "  Name   N\n  李雷  10\n  Zoë    5\n\n", out.String())
}
