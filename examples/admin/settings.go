package main

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/schema"
)

// The dictionaries: what customers trade in, and how they came.
var industries, sources = []settings.Entry{
	{Code: "cosmetics", Label: settings.Label{EN: "Cosmetics", ZH: "化妆品"}},
	{Code: "cars", Label: settings.Label{EN: "Cars", ZH: "汽车"}},
	{Code: "finance", Label: settings.Label{EN: "Finance", ZH: "财经"}},
	{Code: "aviation", Label: settings.Label{EN: "Aviation", ZH: "航空"}},
}, []settings.Entry{
	{Code: "visit", Label: settings.Label{EN: "Visit", ZH: "上门"}},
	{Code: "event", Label: settings.Label{EN: "Market event", ZH: "市场活动"}},
	{Code: "referral", Label: settings.Label{EN: "Referral", ZH: "介绍"}},
	{Code: "assigned", Label: settings.Label{EN: "Assigned from above", ZH: "上级分配"}},
	{Code: "own", Label: settings.Label{EN: "Found by ourselves", ZH: "自主开发"}},
}

const industryList, sourceList = "customer.industry", "customer.source"

// pages is the field that the company adds to customers.
const pages = "pages_a_year"

// decide fills the dictionaries, declares a field and says how customers are numbered.
func decide(ctx context.Context, s *crm.Session) error {
	var entries []*settings.Entry
	fill := func(dictionary string, list []settings.Entry) {
		for i, e := range list {
			e.Dictionary, e.Position = dictionary, int64(i)
			entries = append(entries, &e)
		}
	}
	fill(industryList, industries)
	fill(sourceList, sources)
	if _, err := s.Admin.Dictionary.CreateMany(ctx, "", entries...); err != nil {
		return err
	}
	if _, err := s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: pages, Type: "int", Label: settings.Label{EN: "Pages a year", ZH: "年投放版数"}}); err != nil {
		return err
	}
	_, err := s.Admin.Numbers.Create(ctx, &settings.NumberRule{Kind: "customer", Field: "code", Pattern: "C{yyyy}{mm}-{0000}", Reset: settings.Monthly})
	return err
}

// giveViews gives each role the library's views for its part.
func giveViews(ctx context.Context, s *crm.Session) error {
	for _, given := range []struct {
		part settings.Part
		role string
	}{
		{settings.GeneralManager, managerRole}, {settings.Director, directorRole}, {settings.BranchDirector, branchRole},
		{settings.Salesperson, salesRole}, {settings.OrderAssistant, assistantRole},
	} {
		if _, err := s.Admin.GiveViews(ctx, given.part, id(given.role)); err != nil {
			return err
		}
	}
	return nil
}

// customers creates the customers of every salesperson, each of whom has a deal with the
// first of theirs.
func customers(ctx context.Context, s *crm.Session) error {
	pipeline, _, err := s.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Meta: meta("pipeline"), Name: "Pages of magazines"},
		&opportunity.Stage{Name: "Contact", State: opportunity.Open}, &opportunity.Stage{Name: "Offer", State: opportunity.Open},
		&opportunity.Stage{Name: "Won", State: opportunity.Won}, &opportunity.Stage{Name: "Lost", State: opportunity.Lost})
	if err != nil {
		return err
	}
	var list []*customer.Customer
	var deals []*opportunity.Opportunity
	for i, o := range offices {
		for j, person := range []string{salesperson1, salesperson2} {
			owned := record.Owned{OwnerID: id(of(person, o.city))}
			for n := range 1 + (i+j)%3 {
				name := fmt.Sprintf("Customer %d of %s", 1+n+j*3, o.city)
				list = append(list, &customer.Customer{Meta: record.Meta{ID: id(name), Custom: schema.Values{pages: 12 * (1 + n)}}, Owned: owned, Name: name,
					Industry: industries[(i+n)%len(industries)].Code, Source: sources[(i+j+n)%len(sources)].Code,
					Phone: fmt.Sprintf("0%d0-555-01%d%d", i, j, n), AnnualRevenue: decimal.NewNullDecimal(decimal.New(int64(3+i+n), 6))})
			}
			deals = append(deals, &opportunity.Opportunity{Owned: owned, PipelineID: pipeline.ID, Name: "Pages for " + o.city,
				CustomerID: id(fmt.Sprintf("Customer %d of %s", 1+j*3, o.city)), ExpectedClose: endOfMonth(s.Today(), j)})
		}
	}
	if _, err := s.Customers.CreateMany(ctx, "", list...); err != nil {
		return err
	}
	for _, deal := range deals {
		if _, err := s.Opportunities.Create(ctx, deal); err != nil {
			return err
		}
	}
	return nil
}

// endOfMonth returns the last day of the month that lies some months ahead.
func endOfMonth(today schema.Date, ahead int) schema.Date {
	year, month, _ := today.Date()
	return schema.NewDate(year, month+time.Month(ahead)+1, 0)
}
