package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// The files of a data set.
const (
	teamsFile    = "sales_teams.csv"
	productsFile = "products.csv"
	accountsFile = "accounts.csv"
	dealsFile    = "sales_pipeline.csv"
)

// aliases mends, by column, values that are known to be misspelt.
var aliases = map[string]map[string]string{
	"product": {"GTXPro": "GTX Pro"},
	"sector":  {"technolgy": "technology"},
}

// The stages of a deal.
const (
	prospecting = "Prospecting"
	engaging    = "Engaging"
	won         = "Won"
	lost        = "Lost"
)

// team is a row of sales_teams.csv.
type team struct {
	Agent   string `csv:"sales_agent"`
	Manager string `csv:"manager"`
	Office  string `csv:"regional_office"`
}

// product is a row of products.csv.
type product struct {
	Name      string              `csv:"product"`
	Series    string              `csv:"series"`
	ListPrice decimal.NullDecimal `csv:"sales_price"`
}

// account is a row of accounts.csv. Revenue is in millions.
type account struct {
	Name      string              `csv:"account"`
	Sector    string              `csv:"sector"`
	Revenue   decimal.NullDecimal `csv:"revenue"`
	Employees *int64              `csv:"employees"`
	Country   string              `csv:"office_location"`
	Parent    string              `csv:"subsidiary_of"`
}

// deal is a row of sales_pipeline.csv.
type deal struct {
	ID      string              `csv:"opportunity_id"`
	Agent   string              `csv:"sales_agent"`
	Product string              `csv:"product"`
	Account string              `csv:"account"` // empty while unknown
	Stage   string              `csv:"deal_stage"`
	Engaged schema.Date         `csv:"engage_date"`
	Closed  schema.Date         `csv:"close_date"`
	Value   decimal.NullDecimal `csv:"close_value"`
}

// entry is what the rows of all files have in common: check says what is wrong with
// a row by itself.
type entry interface {
	key() string
	check() error
}

func (t team) key() string    { return t.Agent }
func (p product) key() string { return p.Name }
func (a account) key() string { return a.Name }
func (d deal) key() string    { return d.ID }

func (t team) check() error {
	if t.Agent == "" || t.Manager == "" || t.Office == "" {
		return refuse("an agent, a manager and an office are needed")
	}
	return nil
}

func (p product) check() error {
	if p.Name == "" {
		return refuse("the product has no name")
	}
	return nil
}

func (a account) check() error {
	if a.Name == "" {
		return refuse("the account has no name")
	}
	return nil
}

func (d deal) check() error {
	switch d.Stage {
	case prospecting, engaging, won, lost:
	default:
		return refuse("unknown stage %q", d.Stage)
	}
	engaged, closed := d.Stage != prospecting, d.Stage == won || d.Stage == lost
	switch {
	case d.ID == "":
		return refuse("the opportunity has no id")
	case engaged == d.Engaged.IsZero():
		return refuse("engage_date %q does not fit the stage %s", d.Engaged, d.Stage)
	case closed == d.Closed.IsZero():
		return refuse("close_date %q does not fit the stage %s", d.Closed, d.Stage)
	case closed && d.Closed.Before(d.Engaged):
		return refuse("closed on %s, before it was engaged on %s", d.Closed, d.Engaged)
	case d.Stage == won && !d.Value.Valid:
		return refuse("won without a close_value")
	}
	return nil
}

// source is what the four files hold, without the rows that make no sense.
type source struct {
	teams    []row[team]
	products []row[product]
	accounts []row[account]
	deals    []row[deal]
	problems []problem
}

// readSource reads the files in a folder. Its error is about a file that can't be
// read at all; what is wrong within a file is a problem of the source.
func readSource(dir string) (*source, error) {
	var s source
	err := errors.Join(
		read(dir, teamsFile, &s.teams, &s.problems),
		read(dir, productsFile, &s.products, &s.problems),
		read(dir, accountsFile, &s.accounts, &s.problems),
		read(dir, dealsFile, &s.deals, &s.problems))
	return &s, err
}

func read[T entry](dir, name string, rows *[]row[T], problems *[]problem) error {
	f, err := os.Open(filepath.Join(dir, name)) //nolint:gosec // the user names the folder
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	list, bad, err := readRows[T](f, name)
	*rows, *problems = list, append(*problems, bad...)
	return err
}
