package main

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

const dealsHeader = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"

func readDeals(t *testing.T, text string) ([]row[deal], []string) {
	t.Helper()
	rows, problems, err := readRows[deal](strings.NewReader(text), dealsFile)
	require.NoError(t, err)
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return rows, lines
}

func TestReadRow(t *testing.T) {
	want := deal{ID: "X1", Agent: "Ann", Product: "GTX Pro", Account: "Field, Sons", Stage: won,
		Engaged: schema.NewDate(2024, 2, 28), Closed: schema.NewDate(2024, 3, 1), Value: decimal.NewNullDecimal(decimal.RequireFromString("12.50"))}
	line := `X1,Ann,GTX Pro,"Field, Sons",Won,2024-02-28,2024-03-01,12.50`
	for name, text := range map[string]string{
		"plain":               dealsHeader + line,
		"byte order mark":     "\ufeff" + dealsHeader + line + "\n",
		"Windows line ends":   strings.ReplaceAll(dealsHeader+line+"\n", "\n", "\r\n"),
		"alias":               dealsHeader + strings.Replace(line, "GTX Pro", "GTXPro", 1),
		"blanks":              dealsHeader + strings.Replace(line, "Ann,GTX Pro", " Ann , GTX Pro ", 1),
		"twice the same":      dealsHeader + line + "\n" + line + "\n",
		"empty lines":         dealsHeader + "\n" + line + "\n\n",
		"quoted first column": "\ufeff\"opportunity_id\"" + strings.TrimPrefix(dealsHeader, "opportunity_id") + line,
		"other order and more": "close_value,note,close_date,engage_date,deal_stage,account,product,sales_agent,opportunity_id\n" +
			`12.50,"two` + "\n" + `lines",2024-03-01,2024-02-28,Won,"Field, Sons",GTX Pro,Ann,X1`,
	} {
		t.Run(name, func(t *testing.T) {
			rows, problems := readDeals(t, text)
			require.Empty(t, problems)
			require.Len(t, rows, 1)
			require.Equal(t, want, rows[0].data)
		})
	}
}

func TestReadRowsThatMakeNoSense(t *testing.T) {
	for _, c := range []struct{ line, reason string }{
		{`,Ann,P,A,Engaging,2024-01-01,,`, `the opportunity has no id`},
		{`X,Ann,P,A,Sleeping,2024-01-01,,`, `unknown stage "Sleeping"`},
		{`X,Ann,P,A,won,2024-01-01,2024-01-02,5`, `unknown stage "won"`},
		{`X,Ann,P,A,Engaging,2024-13-01,,`, `engage_date "2024-13-01": a date has the form 2006-01-02`},
		{`X,Ann,P,A,Engaging,01/02/2024,,`, `engage_date "01/02/2024": a date has the form 2006-01-02`},
		{`X,Ann,P,A,Won,2024-01-01,2024-02-30,5`, `close_date "2024-02-30": a date has the form 2006-01-02`},
		{`X,Ann,P,A,Won,2024-01-01,2024-01-02,5 EUR`, `close_value "5 EUR": is no number`},
		{`X,Ann,P,A,Won,2024-01-01,2024-01-02,"1,000"`, `close_value "1,000": is no number`},
		{`X,Ann,P,A,Won,2024-01-01,2024-01-02,NaN`, `close_value "NaN": is no number`},
		{`X,Ann,P,A,Won,2024-01-01,2024-01-02,`, `won without a close_value`},
		{`X,Ann,P,A,Won,2024-01-02,2024-01-01,5`, `closed on 2024-01-01, before it was engaged on 2024-01-02`},
		{`X,Ann,P,A,Won,,2024-01-01,5`, `engage_date "" does not fit the stage Won`},
		{`X,Ann,P,A,Lost,2024-01-01,,0`, `close_date "" does not fit the stage Lost`},
		{`X,Ann,P,A,Engaging,2024-01-01,2024-01-02,`, `close_date "2024-01-02" does not fit the stage Engaging`},
		{`X,Ann,P,A,Prospecting,2024-01-01,,`, `engage_date "2024-01-01" does not fit the stage Prospecting`},
		{`X,Ann,P,A,Engaging,2024-01-01`, `6 fields where the header has 8`},
		{`X,Ann,P,A,B,Engaging,2024-01-01,,`, `9 fields where the header has 8`},
		{`X,Ann "the Ox",P,A,Engaging,2024-01-01,,`, `bare " in non-quoted-field (line 3)`},
		{`good,Ann,P,A,Engaging,2024-01-02,,`, `"good" stands in line 2 already, with other content`},
	} {
		t.Run(c.reason, func(t *testing.T) {
			rows, problems := readDeals(t, dealsHeader+"good,Ann,P,A,Engaging,2024-01-01,,\n"+c.line+"\nlast,Ann,P,A,Prospecting,,,\n")
			require.Equal(t, []string{dealsFile + ":3: " + c.reason}, problems)
			require.Len(t, rows, 2)
			require.Equal(t, "good", rows[0].data.ID)
			require.Equal(t, place{dealsFile, 4}, rows[1].place)
		})
	}
}

func TestReadFilesThatMakeNoSense(t *testing.T) {
	for text, reason := range map[string]string{
		"":                                     "the file is empty",
		"\ufeff":                               "the file is empty",
		"opportunity_id,sales_agent,product\n": "missing columns: account, deal_stage, engage_date, close_date, close_value",
		strings.Replace(dealsHeader, "close_value", "Close Value", 1) + "X,Ann,P,A,Prospecting,,,\n": "missing columns: close_value",
		strings.Replace(dealsHeader, "close_value", "product", 1):                                    "header: two columns have the same name",
		"a\"b,c\n": `header: bare " in non-quoted-field`,
	} {
		rows, problems := readDeals(t, text)
		require.Empty(t, rows)
		require.Equal(t, []string{dealsFile + ":1: " + reason}, problems)
	}
}

func TestReadNumbers(t *testing.T) {
	header := "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
	rows, problems, err := readRows[account](strings.NewReader(header+"A,technolgy,1990,1.5,12,X,\nB,s,1990,,,X,A\nC,s,1990,1.5,a dozen,X,\n"), accountsFile)
	require.NoError(t, err)
	require.Len(t, problems, 1)
	require.Equal(t, `accounts.csv:4: employees "a dozen": is no number`, problems[0].String())
	require.Len(t, rows, 2)
	require.Equal(t, "technology", rows[0].data.Sector)
	require.EqualValues(t, 12, *rows[0].data.Employees)
	require.Nil(t, rows[1].data.Employees)
	require.False(t, rows[1].data.Revenue.Valid)
}

func FuzzReadRows(f *testing.F) {
	f.Add(dealsHeader + "X,Ann,P,A,Engaging,2024-01-01,,\n")
	f.Add("\ufeff" + dealsHeader + "\"X\",Ann,P,A,Won,2024-01-01,2024-01-02,1e9\r\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		rows, _, err := readRows[deal](strings.NewReader(text), dealsFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.data.check() != nil || r.line < 2 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
