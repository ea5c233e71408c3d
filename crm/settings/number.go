package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// NumberRule says how a text field is numbered when a record is created without it
// (编码规则). The date is the company's today. Where the field is unique, as the code of a
// customer is, numbers that records have already, because they were imported or given by hand, are
// passed over, so that a company goes on where its old system stopped.
type NumberRule struct {
	record.Meta
	Kind  string `crm:"kind,max=60" validate:"required"`
	Field string `crm:"field,max=60" validate:"required"`
	// Pattern is the text of a number, with the date as {yyyy}, {yy}, {mm}, {dd} and the
	// running number as zeros in braces: "C{yyyy}{mm}-{0000}" gives C202611-0001. A
	// number that outgrows its zeros is written in full.
	Pattern string `validate:"required"`
	// Reset says when the running number begins anew.
	Reset Reset `validate:"oneof=never yearly monthly daily"`
	// First is the running number that a period begins with, 0 and 1 for the first of all
	// (起始号). Raised, it is where the current period goes on, too; lowered, it is for the next.
	First int64 `validate:"min=0,max=999999999999"`
	// Block is how many numbers are taken at once and given out from memory; 0 takes each
	// in the transaction that creates the record, which leaves no gaps and makes such
	// transactions wait for each other. With blocks there are gaps: what a process has
	// taken and not given out is lost with it.
	Block int64 `validate:"min=0,max=1000"`
}

// Reset is a period of numbering.
type Reset string

// The periods.
const (
	Never   Reset = "never"
	Yearly  Reset = "yearly"
	Monthly Reset = "monthly"
	Daily   Reset = "daily"
)

// NumberRules is the kind of NumberRule: one for each field of a kind.
var NumberRules = schema.Define[NumberRule]("number_rule", record.Standard(), schema.Unique("kind", "field"))

// Counter is the last number that was taken by a rule in a period.
type Counter struct {
	ID      schema.ID // from rule and period
	Version int64     // counts how often numbers were taken
	Last    int64
}

// Counters is the kind of Counter.
var Counters = schema.Define[Counter]("number_counter")

// Check implements session.Checker.
func (r *NumberRule) Check() []fault.Field {
	number, rest := 0, r.Pattern
	for {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			break
		}
		token, after, closed := strings.Cut(after, "}")
		switch {
		case closed && token != "" && strings.Trim(token, "0") == "" && len(token) <= 12:
			number++
		case !closed || !slices.Contains([]string{"yyyy", "yy", "mm", "dd"}, token):
			return []fault.Field{{Name: "pattern", Code: "pattern", Message: "braces hold yyyy, yy, mm, dd or 1 to 12 zeros"}}
		}
		rest = after
	}
	if number != 1 {
		return []fault.Field{{Name: "pattern", Code: "pattern", Message: "has the running number once, as zeros in braces"}}
	}
	if lacking := r.lacks(); lacking != "" {
		return []fault.Field{{Name: "pattern", Code: "pattern", Message: fmt.Sprintf("numbers begin anew %s, so the pattern needs %s", r.Reset, lacking)}}
	}
	return nil
}

// lacks names what the pattern must have lest two periods give the same number.
func (r *NumberRule) lacks() string {
	year := strings.Contains(r.Pattern, "{yy}") || strings.Contains(r.Pattern, "{yyyy}")
	month, day := strings.Contains(r.Pattern, "{mm}"), strings.Contains(r.Pattern, "{dd}")
	switch {
	case r.Reset != Never && !year:
		return "{yyyy} or {yy}"
	case (r.Reset == Monthly || r.Reset == Daily) && !month:
		return "{mm}"
	case r.Reset == Daily && !day:
		return "{dd}"
	}
	return ""
}

// Format returns the nth number of the period of a date. The zero date is written as
// zeros.
func (r *NumberRule) Format(on schema.Date, n int64) string {
	text := dayText(on)
	var out strings.Builder
	for rest := r.Pattern; ; {
		literal, after, found := strings.Cut(rest, "{")
		out.WriteString(literal)
		if !found {
			return out.String()
		}
		token, after, _ := strings.Cut(after, "}")
		switch token {
		case "yyyy":
			out.WriteString(text[:4])
		case "yy":
			out.WriteString(text[2:4])
		case "mm":
			out.WriteString(text[5:7])
		case "dd":
			out.WriteString(text[8:10])
		default:
			fmt.Fprintf(&out, "%0*d", len(token), n)
		}
		rest = after
	}
}

// Column returns the field that the rule numbers: one of kind k that is a string in its
// record. It is nil where k has none of that name.
func (r *NumberRule) Column(k *schema.Kind) *schema.Field {
	f := k.Field(r.Field)
	if f == nil || f.Type != schema.TypeText || f.Derived() || f.Custom || k.GoType().FieldByIndex(f.Index).Type.Kind() != reflect.String {
		return nil
	}
	return f
}

// Period returns the id of the counter for a date.
func (r *NumberRule) Period(on schema.Date) schema.ID {
	length := map[Reset]int{Yearly: 4, Monthly: 7, Daily: 10}[r.Reset]
	return schema.NameID("number", r.ID.String(), dayText(on)[:length])
}

// dayText returns the form 2006-01-02, also of the zero date.
func dayText(on schema.Date) string {
	if on.IsZero() {
		return "0000-00-00"
	}
	return on.String()
}
