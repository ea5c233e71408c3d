package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// report prints what people see.
type report struct {
	app   *crm.App
	store *storage.Store
	db    *sql.DB
	out   io.Writer
}

// table prints rows in columns; the first row is the heading.
func (r report) table(rows [][]string) error {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (r report) as(ctx context.Context, person string) (*crm.Session, error) {
	return r.app.As(ctx, id(person))
}

// tree prints the departments with the people in them, as the general manager sees them.
func (r report) tree(ctx context.Context) error {
	s, err := r.as(ctx, generalManager)
	if err != nil {
		return err
	}
	members := map[schema.ID][]string{}
	for e, err := range s.Admin.Employees.All(ctx, query.Select{Sort: query.By("name")}) {
		if err != nil {
			return err
		}
		name, _, _ := strings.Cut(e.Name, ", ")
		members[e.DepartmentID] = append(members[e.DepartmentID], name)
	}
	rows := [][]string{{headquarters, strings.Join(members[id(headquarters)], ", ")}}
	for i, o := range offices {
		branch := "├─ "
		if i == len(offices)-1 {
			branch = "└─ "
		}
		rows = append(rows, []string{branch + o.city, strings.Join(members[id(o.city)], ", ") + "; under " + o.director})
	}
	return r.table(rows)
}

// settings prints the dictionaries, the custom fields and the numbering.
func (r report) settings(ctx context.Context) error {
	s, err := r.as(ctx, generalManager)
	if err != nil {
		return err
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{"Setting", "Value", "English", "中文"}}
	for _, name := range []string{industryList, sourceList} {
		for _, e := range set.Dictionary(name) {
			rows = append(rows, []string{name, e.Code, e.Label.In("en"), e.Label.In("zh")})
		}
	}
	for _, f := range set.Fields("customer") {
		rows = append(rows, []string{"field of customers", f.Name + ", " + f.Type, f.Label.In("en"), f.Label.In("zh")})
	}
	for _, rule := range set.NumberRules("customer") {
		rows = append(rows, []string{"number of customers", rule.Pattern, "anew " + string(rule.Reset), "编码规则"})
	}
	return r.table(rows)
}

// customers prints how many customers of each office people see.
func (r report) customers(ctx context.Context) error {
	rows := [][]string{append([]string{""}, allOffices()...)}
	for _, person := range []string{
		generalManager, north, south, orderAssistant,
		of(branchDirector, "Shanghai"), of(salesperson1, "Shanghai"), of(salesperson2, "Shanghai"), of(branchAssistant, "Shanghai"),
		of(branchDirector, "Guangzhou"), of(salesperson1, "Guangzhou"), of(salesperson2, "Guangzhou"), of(branchAssistant, "Guangzhou"),
	} {
		s, err := r.as(ctx, person)
		if err != nil {
			return err
		}
		row, err := seen(ctx, s, person)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if err := r.table(rows); err != nil {
		return err
	}
	return r.deputies(ctx)
}

// allOffices is the heading of a table that has a column for each office.
func allOffices() []string {
	var list []string
	for _, o := range offices {
		list = append(list, o.city)
	}
	return append(list, "All")
}

// seen counts the customers that a session sees, by office.
func seen(ctx context.Context, s *crm.Session, title string) ([]string, error) {
	groups, err := s.Customers.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("department_id")}}, Measures: []query.Measure{{Fn: query.Count}}})
	if err != nil {
		return nil, err
	}
	count, all := map[schema.ID]int64{}, int64(0)
	for _, row := range groups.Rows {
		office, _ := row[0].(schema.ID)
		n, _ := row[1].(int64)
		count[office] = n
		all += n
	}
	row := []string{title}
	for _, o := range offices {
		cell := "-"
		if n := count[id(o.city)]; n > 0 {
			cell = fmt.Sprint(n)
		}
		row = append(row, cell)
	}
	return append(row, fmt.Sprint(all)), nil
}

// deputies prints who stands in for whom.
func (r report) deputies(ctx context.Context) error {
	s, err := r.as(ctx, generalManager)
	if err != nil {
		return err
	}
	named, err := names(ctx, s)
	if err != nil {
		return err
	}
	for d, err := range s.Admin.Deputies.All(ctx, query.Select{}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "\n  From %s to %s, %s stands in for %s.\n", d.From, d.Until, named[d.DeputyID], named[d.EmployeeID])
	}
	return nil
}

// shown is the customer of chapters 4 and 6, one of Salesperson 1 of Shanghai.
const shown = "Customer 1 of Shanghai"

// rights asks the library itself what people may do, and why.
func (r report) rights(ctx context.Context) error {
	verbs := []org.Verb{org.Read, org.Update, org.Delete, org.Export}
	heading := []string{shown}
	for _, v := range verbs {
		heading = append(heading, string(v))
	}
	sees, err := r.as(ctx, generalManager)
	if err != nil {
		return err
	}
	named, err := names(ctx, sees)
	if err != nil {
		return err
	}
	rows, reasons := [][]string{heading}, [][]string{{"May read it", "by the role", "and because of"}}
	ref := record.Ref{Kind: customer.Customers.Name(), ID: id(shown)}
	for _, person := range []string{of(salesperson1, "Shanghai"), of(salesperson2, "Shanghai"), of(branchAssistant, "Shanghai"), of(branchDirector, "Shanghai"),
		south, north, generalManager, orderAssistant, of(branchAssistant, "Guangzhou")} {
		s, err := r.as(ctx, person)
		if err != nil {
			return err
		}
		row := []string{person}
		for _, v := range verbs {
			why, err := s.Why(ctx, v, ref)
			switch {
			case errors.Is(err, storage.ErrNotFound):
				row = append(row, "not found") // who may not read it does not learn that it is there
				continue
			case err != nil:
				return err
			case !why.Allowed:
				row = append(row, "no")
				continue
			}
			row = append(row, "yes")
			if v == org.Read {
				reasons = append(reasons, append([]string{person}, links(why, named)...))
			}
		}
		rows = append(rows, row)
	}
	if err := r.table(rows); err != nil {
		return err
	}
	fmt.Fprintln(r.out)
	return r.table(reasons)
}

// names returns the names of people, roles and rules.
func names(ctx context.Context, s *crm.Session) (map[schema.ID]string, error) {
	named := map[schema.ID]string{}
	for e, err := range s.Admin.Employees.All(ctx, query.Select{}) {
		if err != nil {
			return nil, err
		}
		named[e.ID] = e.Name
	}
	for role, err := range s.Admin.Roles.All(ctx, query.Select{}) {
		if err != nil {
			return nil, err
		}
		named[role.ID] = role.Name
	}
	for rule, err := range s.Admin.Rules.All(ctx, query.Select{}) {
		if err != nil {
			return nil, err
		}
		named[rule.ID] = rule.Name
	}
	return named, nil
}

// links spells an explanation: the roles that open the gate, and the ways of access.
func links(why session.Explanation, named map[schema.ID]string) []string {
	var gate, access []string
	for _, l := range why.Gate {
		gate = append(gate, named[l.By.ID])
	}
	for _, l := range why.Access {
		by, ok := named[l.By.ID]
		if !ok {
			by = "one of its " + l.By.Kind + " records"
		}
		access = append(access, fmt.Sprintf("%s (%s)", l.How, by))
	}
	return []string{strings.Join(gate, ", "), strings.Join(access, ", ")}
}

// fields prints one customer as people with different roles read it.
func (r report) fields(ctx context.Context) error {
	people := []string{of(salesperson1, "Shanghai"), orderAssistant}
	rows := [][]string{append([]string{""}, people...), {"Number"}, {"Name"}, {"Phone"}, {"Annual revenue"}, {"Pages a year"}, {"Industry"}}
	for _, person := range people {
		s, err := r.as(ctx, person)
		if err != nil {
			return err
		}
		c, err := s.Customers.Get(ctx, id(shown))
		if err != nil {
			return err
		}
		set, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		revenue := "not shown"
		if c.AnnualRevenue.Valid {
			revenue = c.AnnualRevenue.Decimal.StringFixed(2)
		}
		for i, cell := range []string{c.Code, c.Name, c.Phone, revenue, fmt.Sprint(c.Custom[pages]), set.Entry(industryList, c.Industry).Label.In("zh")} {
			rows[i+1] = append(rows[i+1], cell)
		}
	}
	return r.table(rows)
}

// views runs the views of the salespeople's role as two of them.
func (r report) views(ctx context.Context) error {
	people := []string{of(salesperson1, "Shanghai"), of(salesperson2, "Shanghai")}
	rows := [][]string{append([]string{"View"}, people...)}
	for i, person := range people {
		s, err := r.as(ctx, person)
		if err != nil {
			return err
		}
		views, err := s.Admin.Views.Find(ctx, query.Select{Where: query.Eq("role_id", id(salesRole)), Sort: query.By("name")})
		if err != nil {
			return err
		}
		for j, v := range views.Items {
			if i == 0 {
				rows = append(rows, []string{v.Name})
			}
			names, err := show(ctx, s, v.ID)
			if err != nil {
				return err
			}
			rows[j+1] = append(rows[j+1], names)
		}
	}
	return r.table(rows)
}

// show runs a view and names what it finds.
func show(ctx context.Context, s *crm.Session, view schema.ID) (string, error) {
	kind, q, err := s.Admin.Query(ctx, view)
	if err != nil {
		return "", err
	}
	var names []string
	switch kind {
	case "customer":
		page, err := s.Customers.Find(ctx, q)
		if err != nil {
			return "", err
		}
		for _, c := range page.Items {
			names = append(names, c.Name)
		}
	case "opportunity":
		page, err := s.Opportunities.Find(ctx, q)
		if err != nil {
			return "", err
		}
		for _, o := range page.Items {
			names = append(names, fmt.Sprintf("%s, %s", o.Name, o.ExpectedClose))
		}
	}
	if len(names) == 0 {
		return "-", nil
	}
	return strings.Join(names, "; "), nil
}
