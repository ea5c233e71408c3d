package customer

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// AssignmentRule says who gets customers of some sort (客户分配规则). Of several rules the
// first whose condition a customer meets decides, also where it has nobody left.
type AssignmentRule struct {
	record.Meta
	Name string `crm:"name,max=200" validate:"required"`
	// Position orders the rules; of the same position, the older is first.
	Position int64
	// Where is the JSON form of a condition that the customers meet, on fields of their own;
	// nil means all.
	Where    schema.JSON
	Strategy Strategy `validate:"required,oneof=fixed round_robin least_load"`
	// Members are who may get customers, in order, at most a thousand. Who is inactive or
	// gone, or has reached their capacity, is passed over.
	Members []Member `crm:"members,json" validate:"required,min=1,max=1000"`
	// Inactive rules assign nothing.
	Inactive bool
}

// Member is an employee who gets customers by a rule.
type Member struct {
	EmployeeID schema.ID `json:"employee_id"`
	// Capacity is the number of customers up to which they get more; 0 is no limit. Sealed
	// customers do not count. A handover gives somebody customers up to the greatest capacity
	// that they have in a rule.
	Capacity int64 `json:"capacity,omitempty"`
}

// Strategy is how a rule picks one of its members.
type Strategy string

// The strategies. All are deterministic: in the same state they pick the same.
const (
	Fixed      Strategy = "fixed"       // the first (指定)
	RoundRobin Strategy = "round_robin" // the next after who got one by the rule last (轮流)
	LeastLoad  Strategy = "least_load"  // who owns the fewest customers that are not sealed; of equal ones the first (最少负荷)
)

// AssignmentRules is the kind of AssignmentRule.
var AssignmentRules = schema.Define[AssignmentRule]("assignment_rule", record.Standard(), schema.IndexOn("position"))

// AssignmentTurn is where a rule that goes round has got to. It has the id of its rule, and
// goes with it.
type AssignmentTurn struct {
	ID      schema.ID
	Version int64
	// LastID is who got a customer last, and Given how many were given in all.
	LastID schema.ID `crm:"last_id,required"`
	Given  int64
}

// AssignmentTurns is the kind of AssignmentTurn.
var AssignmentTurns = schema.Define[AssignmentTurn]("assignment_turn", schema.BelongsTo("last", "employee", "last_id"))

// keepRules refuses rules that nobody could follow, and removes the turns of those that are
// deleted.
func keepRules(ctx context.Context, s *session.Session, writes []session.Write[AssignmentRule]) error {
	dir, err := s.Directory(ctx)
	if err != nil {
		return err
	}
	turns := storage.Of(s.Tenant(), AssignmentTurns)
	for _, w := range writes {
		if w.New == nil {
			page, err := turns.Find(ctx, query.Select{Where: query.Eq("id", w.Old.ID), Limit: 1})
			if err != nil {
				return err
			}
			for _, turn := range page.Items {
				if err := s.Tenant().Write(ctx, driver.Mutation{Kind: turns.Kind(), Delete: &driver.Delete{ID: turn.ID}}); err != nil {
					return err
				}
			}
			continue
		}
		if _, err := w.New.condition(s.Registry().Kind(Customers.Name())); err != nil {
			return err
		}
		var before []Member
		if w.Old != nil {
			before = w.Old.Members
		}
		seen := map[schema.ID]bool{}
		for _, m := range w.New.Members {
			was := func(o Member) bool { return o.EmployeeID == m.EmployeeID }
			switch {
			case dir.Employee(m.EmployeeID) == nil && !slices.ContainsFunc(before, was):
				return fault.InvalidField("members", "reference", "names what is no employee")
			case seen[m.EmployeeID]:
				return fault.InvalidField("members", "unique", "names somebody twice")
			case m.Capacity < 0:
				return fault.InvalidField("members", "min", "a capacity is no less than 0")
			}
			seen[m.EmployeeID] = true
		}
	}
	return nil
}

// condition returns Where, resolved; nil for none.
func (r *AssignmentRule) condition(k *schema.Kind) (query.Expr, error) {
	if len(r.Where) == 0 {
		return nil, nil
	}
	where, err := query.ParseExpr(r.Where)
	if err == nil {
		where, err = query.ResolveExpr(k, where)
	}
	if err != nil {
		return nil, err
	}
	if !query.Own(where) {
		return nil, fault.InvalidField("where", "path", "an assignment rule goes by fields of the customer itself")
	}
	return where, nil
}

// ruling is a rule at work.
type ruling struct {
	AssignmentRule
	where query.Expr
	turn  *AssignmentTurn // nil before the first
	moved bool
}

// takes reports whether a customer meets the condition of the rule, which asks nothing of a
// store.
func (r *ruling) takes(s *session.Session, k *schema.Kind, row driver.Row) (bool, error) {
	return eval.Match(nil, s.Tenant().Name(), k, row, r.where)
}

// pick returns who gets the next customer by the rule, zero for nobody.
func (r *ruling) pick(open func(Member) bool, load map[schema.ID]int64) schema.ID {
	first := 0
	if r.Strategy == RoundRobin && r.turn != nil {
		first = 1 + slices.IndexFunc(r.Members, func(m Member) bool { return m.EmployeeID == r.turn.LastID })
	}
	var picked schema.ID
	for i := range r.Members {
		m := r.Members[(first+i)%len(r.Members)]
		if !open(m) || !picked.IsZero() && (r.Strategy != LeastLoad || load[m.EmployeeID] >= load[picked]) {
			continue
		}
		picked = m.EmployeeID
	}
	if r.Strategy == RoundRobin && !picked.IsZero() {
		if r.turn == nil {
			r.turn = &AssignmentTurn{ID: r.ID}
		}
		r.turn.LastID, r.turn.Given, r.moved = picked, r.turn.Given+1, true
	}
	return picked
}
