package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Module is analytics as a session sees it.
type Module struct {
	s *session.Session
}

// New returns the module for a session.
func New(s *session.Session) Module { return Module{s} }

// Dimension is something that deals are grouped by.
type Dimension string

// The dimensions. Owner, Manager and Department are those who had the credit when the
// deal last moved, not those of today. Month and Quarter are calendar months and
// quarters of the closing date; deals that are open have none.
const (
	ByStage      Dimension = "stage"
	ByOwner      Dimension = "owner"
	ByManager    Dimension = "manager"
	ByDepartment Dimension = "department"
	ByProduct    Dimension = "product"
	ByIndustry   Dimension = "industry"
	ByMonth      Dimension = "month"
	ByQuarter    Dimension = "quarter"
)

// axis is what a dimension is made of: the field that names a group, the one that
// tells groups of the same name apart, and the one that orders them.
type axis struct{ label, id, order string }

var axes = map[Dimension]axis{
	ByStage:      {"stage.name", "stage_id", "stage.position"},
	ByOwner:      {label: "credit_owner.name", id: "credit_owner_id"},
	ByManager:    {label: "credit_manager.name", id: "credit_manager_id"},
	ByDepartment: {label: "credit_department.name", id: "credit_department_id"},
	ByProduct:    {label: "product.name", id: "product_id"},
	ByIndustry:   {label: "customer.industry"},
	ByMonth:      {label: "closed_on"},
	ByQuarter:    {label: "closed_on"},
}

// DealsQuery asks for figures about opportunities.
type DealsQuery struct {
	// By groups; none gives one row over all.
	By []Dimension
	// Where narrows; nil takes all.
	Where query.Expr
}

// Deals are figures about opportunities, a row for each group.
type Deals struct {
	By   []Dimension
	Rows []DealsRow

	where query.Expr
	keys  []query.Key
	names []int        // of each dimension, the key that names its groups
	sort  []query.Sort // by each dimension's order, or else its names
}

// DealsRow is the figures of one group.
type DealsRow struct {
	// Labels are the group's values, one for each dimension: a name, a month
	// "2017-03", a quarter "2017-Q1"; empty where there is none.
	Labels []string

	Opportunities, Won, Lost, Open int64
	// ByStage counts the opportunities in each stage by its name.
	ByStage map[string]int64
	// WinRate is Won over Won and Lost together (赢单率); null when both are 0.
	WinRate decimal.NullDecimal
	// WonValue is the sum of the amounts won, AvgWon that over Won; in the
	// company's currency. AvgWon is null when nothing is won.
	WonValue decimal.Decimal
	AvgWon   decimal.NullDecimal
	// OpenValue is the sum of the known amounts of open deals; OpenListValue
	// that of the list prices of their products.
	OpenValue, OpenListValue decimal.Decimal
	// DaysWon, DaysLost and DaysClosed are the days from opening to closing.
	DaysWon, DaysLost, DaysClosed Days

	group []any
}

// Days sums up a number of durations in whole days.
type Days struct {
	N            int64
	Mean, Median decimal.NullDecimal // null when N is 0
	Min, Max     int64               // 0 when N is 0
}

// Cell names a figure of a row that can be opened.
type Cell string

// The cells.
const (
	CellAll    Cell = "count"
	CellWon    Cell = "won"
	CellLost   Cell = "lost"
	CellOpen   Cell = "open"
	CellClosed Cell = "closed"
)

var cellWhere = map[Cell]query.Expr{
	CellAll:    nil,
	CellWon:    query.Eq("state", string(opportunity.Won)),
	CellLost:   query.Eq("state", string(opportunity.Lost)),
	CellOpen:   query.Eq("state", string(opportunity.Open)),
	CellClosed: query.Ne("state", string(opportunity.Open)),
}

// Behind returns the query of the opportunities behind a cell: its records, read by
// the same session, are as many as the figure says and add up to it.
func (d *Deals) Behind(row DealsRow, cell Cell) (query.Select, error) {
	where, ok := cellWhere[cell]
	if !ok {
		return query.Select{}, fault.New(fault.Invalid, "there is no cell %.40q", cell)
	}
	a := query.Aggregate{Where: query.All(d.where, where), Keys: d.keys}
	return a.Behind(row.group, "")
}

// Deals counts and sums the opportunities that the actor may read: by stage, win rate,
// won value, days to close, list value of what is open. Rows are ordered by their
// labels, stages by their position; two groups of the same name stay apart.
func (m Module) Deals(ctx context.Context, q DealsQuery) (*Deals, error) {
	deals := &Deals{By: q.By, where: q.Where}
	err := m.s.Tenant().Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		return deals.load(ctx, session.Of(m.s.On(t), opportunity.Opportunities))
	})
	if err != nil {
		return nil, err
	}
	return deals, nil
}

func (d *Deals) load(ctx context.Context, all session.Collection[opportunity.Opportunity]) error {
	if err := d.plan(ctx, all); err != nil {
		return err
	}
	n := len(d.keys)
	figures, err := aggregate(ctx, all, query.Aggregate{Where: d.where, Keys: d.keys, Sort: d.sort, Measures: []query.Measure{
		{Name: "all", Fn: query.Count},
		{Name: "won", Fn: query.Count, Where: cellWhere[CellWon]},
		{Name: "lost", Fn: query.Count, Where: cellWhere[CellLost]},
		{Name: "open", Fn: query.Count, Where: cellWhere[CellOpen]},
		{Name: "won_value", Fn: query.Sum, Path: query.P("amount"), Where: cellWhere[CellWon]},
		{Name: "open_value", Fn: query.Sum, Path: query.P("amount"), Where: cellWhere[CellOpen]},
		{Name: "open_list_value", Fn: query.Sum, Path: query.P("product.list_price"), Where: cellWhere[CellOpen]},
	}})
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, row := range figures {
		group, f := row[:n], row[n:]
		at[groupKey(group)] = len(d.Rows)
		d.Rows = append(d.Rows, DealsRow{
			group: group, Labels: d.labels(group), ByStage: map[string]int64{},
			Opportunities: f[0].(int64), Won: f[1].(int64), Lost: f[2].(int64), Open: f[3].(int64),
			WonValue: sum(f[4]), OpenValue: sum(f[5]), OpenListValue: sum(f[6]),
			WinRate: ratio(decimal.NewFromInt(f[1].(int64)), f[1].(int64)+f[2].(int64)), AvgWon: ratio(sum(f[4]), f[1].(int64)),
		})
	}
	// In a transaction that does not see one state throughout, a group may have come
	// since the rows were read; it is left out.
	find := func(group []any) *DealsRow {
		if i, ok := at[groupKey(group)]; ok {
			return &d.Rows[i]
		}
		return &DealsRow{ByStage: map[string]int64{}}
	}
	if err := d.loadStages(ctx, all, find); err != nil {
		return err
	}
	return d.loadDays(ctx, all, find)
}

// groupKey tells groups apart: values of different types are different.
func groupKey(group []any) string { return fmt.Sprintf("%#v", group) }

// aggregate reads all groups, or fails when there are more than a report can show.
func aggregate(ctx context.Context, all session.Collection[opportunity.Opportunity], a query.Aggregate) ([][]any, error) {
	a.Limit = query.MaxGroups
	groups, err := all.Aggregate(ctx, a)
	if err != nil {
		return nil, err
	}
	if groups.More {
		return nil, fault.New(fault.Invalid, "the report has more than %d groups: narrow it", query.MaxGroups)
	}
	return groups.Rows, nil
}

func (d *Deals) loadStages(ctx context.Context, all session.Collection[opportunity.Opportunity], find func([]any) *DealsRow) error {
	keys := append(slices.Clone(d.keys), query.Key{Name: "in_stage", Path: query.P("stage.name")})
	rows, err := aggregate(ctx, all, query.Aggregate{Where: d.where, Keys: keys, Measures: []query.Measure{{Name: "n", Fn: query.Count}}})
	if err != nil {
		return err
	}
	n := len(d.keys)
	for _, row := range rows {
		name, _ := row[n].(string)
		find(row[:n]).ByStage[name] += row[n+1].(int64)
	}
	return nil
}

// loadDays reads how many deals took how many days: from that, mean and median are
// exact, and the number of groups is bounded by the number of different durations.
func (d *Deals) loadDays(ctx context.Context, all session.Collection[opportunity.Opportunity], find func([]any) *DealsRow) error {
	keys := append(slices.Clone(d.keys), query.Key{Name: "days", Path: query.P("days_to_close")})
	rows, err := aggregate(ctx, all, query.Aggregate{Where: query.All(d.where, cellWhere[CellClosed]), Keys: keys, Measures: []query.Measure{
		{Name: "won", Fn: query.Count, Where: cellWhere[CellWon]},
		{Name: "lost", Fn: query.Count, Where: cellWhere[CellLost]},
	}})
	if err != nil {
		return err
	}
	n := len(d.keys)
	won, lost, closed := map[*DealsRow]histogram{}, map[*DealsRow]histogram{}, map[*DealsRow]histogram{}
	for _, row := range rows {
		days, ok := row[n].(int64)
		if !ok {
			continue
		}
		r, w, l := find(row[:n]), row[n+1].(int64), row[n+2].(int64)
		won[r] = append(won[r], bar{days, w})
		lost[r] = append(lost[r], bar{days, l})
		closed[r] = append(closed[r], bar{days, w + l})
	}
	for i := range d.Rows {
		r := &d.Rows[i]
		r.DaysWon, r.DaysLost, r.DaysClosed = won[r].days(), lost[r].days(), closed[r].days()
	}
	return nil
}

// plan turns dimensions into keys; calendar ones get their edges from the first and
// last closing date that is there.
func (d *Deals) plan(ctx context.Context, all session.Collection[opportunity.Opportunity]) error {
	for _, dimension := range d.By {
		x, ok := axes[dimension]
		if !ok {
			return fault.New(fault.Invalid, "there is no dimension %.40q", dimension)
		}
		label := query.Key{Name: string(dimension), Path: query.P(x.label)}
		if months[dimension] > 0 {
			var err error
			if label.Edges, err = d.calendar(ctx, all, x.label, months[dimension]); err != nil {
				return err
			}
		}
		d.names = append(d.names, len(d.keys))
		d.keys = append(d.keys, label)
		ordered := label.Name
		for suffix, path := range map[string]string{"_id": x.id, "_order": x.order} {
			if path != "" {
				d.keys = append(d.keys, query.Key{Name: string(dimension) + suffix, Path: query.P(path)})
			}
		}
		if x.order != "" {
			ordered += "_order"
		}
		d.sort = append(d.sort, query.By(ordered, label.Name)...)
	}
	return nil
}

var months = map[Dimension]int{ByMonth: 1, ByQuarter: 3}

// calendar returns the first days of all periods from the one in which the first deal
// was closed to the one behind the last.
func (d *Deals) calendar(ctx context.Context, all session.Collection[opportunity.Opportunity], path string, step int) ([]any, error) {
	span, err := aggregate(ctx, all, query.Aggregate{Where: d.where, Measures: []query.Measure{
		{Name: "first", Fn: query.Min, Path: query.P(path)}, {Name: "last", Fn: query.Max, Path: query.P(path)}}})
	if err != nil {
		return nil, err
	}
	first, closed := span[0][0].(schema.Date)
	last, _ := span[0][1].(schema.Date)
	if !closed {
		first = schema.NewDate(2000, 1, 1) // nothing is closed: one edge, and nothing on either side
	}
	y, m, _ := first.Date()
	at := schema.NewDate(y, m-time.Month((int(m)-1)%step), 1)
	edges := []any{at}
	for closed && !at.After(last) {
		y, m, _ := at.Date()
		if at = schema.NewDate(y, m+time.Month(step), 1); at.IsZero() {
			break // behind the last date there is
		}
		if edges = append(edges, at); len(edges) > query.MaxEdges {
			return nil, fault.New(fault.Invalid, "deals were closed from %s to %s, more than %d periods: narrow the report", first, last, query.MaxEdges)
		}
	}
	return edges, nil
}

// labels returns the names of a group.
func (d *Deals) labels(group []any) []string {
	labels := make([]string, len(d.By))
	for i, at := range d.names {
		v := group[at]
		band, isBand := v.(int64)
		switch {
		case v == nil:
		case isBand && d.keys[at].Edges != nil:
			if band > 0 {
				labels[i] = period(d.keys[at].Edges[band-1].(schema.Date), d.By[i])
			}
		default:
			labels[i] = strings.TrimSpace(fmt.Sprint(v))
		}
	}
	return labels
}

func period(d schema.Date, by Dimension) string {
	y, m, _ := d.Date()
	if by == ByQuarter {
		return fmt.Sprintf("%04d-Q%d", y, (int(m)+2)/3)
	}
	return fmt.Sprintf("%04d-%02d", y, int(m))
}
