package settings

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// View is a saved view (方案, 查询列表): a query over one kind with the columns to show. It
// belongs to whoever made it and is shared like any record, to people, roles and
// departments.
type View struct {
	record.Meta
	record.Owned
	Name string `crm:"name,search" validate:"required"`
	Kind string `crm:"kind,max=60" validate:"required"`
	// Query is the JSON form of a query.Select. Its values may be relative to whoever
	// looks and when; see Moment.
	Query schema.JSON
	// Columns are the fields to show, in order: names as queries spell them.
	Columns []string `crm:"columns,json"`
	// Hint is for the host's screen: widths, colours, a chart. The library keeps it.
	Hint schema.JSON
	// RoleID is the role that the view is made for; zero for none.
	RoleID schema.ID
}

// Views is the kind of View.
var Views = schema.Define[View]("view", record.Responsible(), schema.IndexOn("kind", "name"),
	schema.BelongsTo("role", "role", "role_id"))

// Pin is one view that a person has pinned, in their order.
type Pin struct {
	record.Meta
	EmployeeID schema.ID `crm:"employee_id,required"`
	ViewID     schema.ID `crm:"view_id,required"`
	Position   int64
}

// Pins is the kind of Pin: one of a view for each person.
var Pins = schema.Define[Pin]("view_pin", record.Standard(), schema.Unique("employee_id", "view_id"),
	schema.BelongsTo("employee", "employee", "employee_id"), schema.BelongsTo("view", "view", "view_id"))

// Moment is what the values of a view may be relative to. A value of a condition that is
// a text of these forms stands for what it says; one that begins with @@ stands for the
// text behind the first of them.
//
//	@me, @my_department      the ids of who looks and of their department, not the further
//	                         ones; nothing equals the department of somebody who has none
//	@today, @week, @month, @quarter, @year    the first day of the period
//	@today+7, @month-1       so many of the periods later or earlier
type Moment struct {
	Me, MyDepartment schema.ID
	Today            schema.Date
	// Location is where days begin; nil is UTC.
	Location *time.Location
	// WeekStart is the number of days after Monday on which weeks begin.
	WeekStart int
}

// Resolve returns the query of a view of a kind as it is at a moment. It is Invalid when
// the view holds no query or one with an unknown relative value.
func (v *View) Resolve(k *schema.Kind, at Moment) (query.Select, error) {
	var q query.Select
	if len(v.Query) == 0 {
		return q, nil
	}
	if err := q.UnmarshalJSON(v.Query); err != nil {
		return q, err
	}
	var err error
	q.Where, err = at.Resolve(k, q.Where)
	return q, err
}

// Resolve returns a condition on a kind with every relative value in place.
func (at Moment) Resolve(k *schema.Kind, e query.Expr) (query.Expr, error) {
	var err error
	switch e := e.(type) {
	case query.And:
		parts, err := at.resolveAll(k, e)
		return query.And(parts), err
	case query.Or:
		parts, err := at.resolveAll(k, e)
		return query.Or(parts), err
	case query.Not:
		e.Expr, err = at.Resolve(k, e.Expr)
		return e, err
	case query.Exists:
		if rel := k.Relation(e.Relation); rel != nil { // else the query is refused when it is run
			e.Where, err = at.Resolve(rel.To, e.Where)
		}
		return e, err
	case query.Cmp:
		if e.Op == query.OpEq && at.lacks(e.Value) {
			return query.OneOf{Path: e.Path}, nil
		}
		e.Value, err = at.value(k, e.Path.Name, e.Value)
		return e, err
	case query.OneOf:
		values := make([]any, 0, len(e.Values))
		for _, given := range e.Values {
			if at.lacks(given) {
				continue
			}
			value, err := at.value(k, e.Path.Name, given)
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		e.Values = values
		return e, nil
	}
	return e, nil
}

func (at Moment) resolveAll(k *schema.Kind, parts []query.Expr) ([]query.Expr, error) {
	out := slices.Clone(parts)
	for i := range out {
		var err error
		if out[i], err = at.Resolve(k, out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lacks reports whether a value stands for somebody or a department that there is not.
func (at Moment) lacks(v any) bool {
	return v == "@me" && at.Me.IsZero() || v == "@my_department" && at.MyDepartment.IsZero()
}

// value returns what a value of a field stands for: a day, for a field that holds times,
// is the instant at which it begins where the company is.
func (at Moment) value(k *schema.Kind, field string, v any) (any, error) {
	text, ok := v.(string)
	switch {
	case !ok || !strings.HasPrefix(text, "@"):
		return v, nil
	case strings.HasPrefix(text, "@@"):
		return text[1:], nil
	case text == "@me":
		return at.Me, nil
	case text == "@my_department":
		return at.MyDepartment, nil
	}
	name, steps := text, 0
	if cut := strings.IndexAny(text, "+-"); cut > 0 {
		n, err := strconv.Atoi(text[cut:])
		if err != nil || n > mostSteps || n < -mostSteps {
			return nil, unknownValue(text)
		}
		name, steps = text[:cut], n
	}
	day, ok := at.first(name, steps)
	switch {
	case !ok:
		return nil, unknownValue(text)
	case day.IsZero():
		return nil, fault.InvalidField("query", "relative", "%.40q lies outside the years 1 to 9999", text)
	}
	if p, err := query.ResolvePath(k, field); err == nil && p.Field.Type == schema.TypeTime {
		return day.Time(cmp.Or(at.Location, time.UTC)), nil
	}
	return day, nil
}

// mostSteps is the number of periods that a relative value may lie away.
const mostSteps = 10_000

// first returns the first day of the period that lies some steps off the present one.
func (at Moment) first(period string, steps int) (schema.Date, bool) {
	year, month, _ := at.Today.Date()
	switch period {
	case "@today":
		return at.Today.AddDays(steps), true
	case "@week":
		const monday = 3 // days from a Monday to the first of 1970
		since := (int(at.Today.Days()%7) + 7 + monday - at.WeekStart + 7) % 7
		return at.Today.AddDays(7*steps - since), true
	case "@month":
		return schema.NewDate(year, month+time.Month(steps), 1), true
	case "@quarter":
		return schema.NewDate(year, month-(month-1)%3+time.Month(3*steps), 1), true
	case "@year":
		return schema.NewDate(year+steps, 1, 1), true
	}
	return schema.Date{}, false
}

func unknownValue(text string) error {
	return fault.InvalidField("query", "relative", "%.40q is no relative value; a text that begins with @ is written @@", text)
}

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{States.Kind, Entries.Kind, Fields.Kind, NumberRules.Kind, Counters.Kind, Views.Kind, Pins.Kind}
}
