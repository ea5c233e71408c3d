package customer

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Assignment is what the rules say of one customer.
type Assignment struct {
	CustomerID schema.ID
	// RuleID is the rule that decided; zero where none takes the customer.
	RuleID schema.ID
	// ToID is who gets it; zero where it stays as it is, and then Stays says why.
	ToID  schema.ID
	Stays StayReason
}

// StayReason says why a customer was not assigned.
type StayReason string

// The reasons.
const (
	NoRule     StayReason = "no_rule"   // it meets the condition of none
	NoMember   StayReason = "no_member" // nobody of the rule is active and below their capacity
	SealedAway StayReason = "sealed"    // a sealed customer stays with whom it is
)

// Assign gives customers to who should have them by the rules (客户分配), at most
// query.MaxLimit of them, and tells of each what became of it, in the order given. It is
// one transaction: all of it happens or none. A customer that no rule takes, or for which
// nobody is left, stays as it is.
//
// In the same state the same comes out: customers are dealt with in the order given, and
// each that is assigned counts for the next. Runs of several sessions wait for each other,
// so that no turn is given twice and nobody is filled beyond their capacity by two.
//
// The actor needs the right to assign each of the customers. To assign a customer as it
// is created, do both in one transaction:
//
//	err := s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
//		c, err := s.Customers.Create(ctx, &customer.Customer{Name: "…"})
//		if err == nil {
//			_, err = s.Customers.Assign(ctx, c.ID)
//		}
//		return err
//	})
func (m Module) Assign(ctx context.Context, ids ...schema.ID) ([]Assignment, error) {
	var list []Assignment
	err := m.assign(ctx, func(ctx context.Context, s *session.Session) ([]driver.Row, error) { return assignable(ctx, s, ids) }, &list)
	return list, err
}

// PreviewAssign tells what Assign would do now, and does nothing.
func (m Module) PreviewAssign(ctx context.Context, ids ...schema.ID) ([]Assignment, error) {
	var list []Assignment
	err := m.s.Tenant().Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		s := m.s.On(t)
		if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
			return err
		}
		rows, err := assignable(ctx, s, ids)
		if err != nil {
			return err
		}
		p, err := newPlan(ctx, s)
		if err != nil {
			return err
		}
		list, err = p.assign(s, rows) //nolint:contextcheck // nothing is asked of a store
		return err
	})
	return list, err
}

// AssignWaiting is Assign for a page of the customers that wait in a pool, the longest
// first, or with a zero pool for those that nobody owns and that wait in none, the oldest
// first, as far as the actor may assign them. Of the query only Limit and Cursor count. It
// returns where the next page begins, empty at the end: a job goes on there, and comes back
// to what has stayed when it begins anew.
func (m Module) AssignWaiting(ctx context.Context, pool schema.ID, q query.Select) ([]Assignment, string, error) {
	page := query.Select{Where: waits(pool), Sort: query.By("pooled_at"), Limit: q.Limit, Cursor: q.Cursor}
	if pool.IsZero() {
		page.Where = query.All(query.Null("owner_id"), query.Null("pool_id"), query.Ne("standing", Sealed))
		page.Sort = query.By("created_at")
	}
	var list []Assignment
	next := ""
	err := m.assign(ctx, func(ctx context.Context, s *session.Session) ([]driver.Row, error) {
		k := s.Registry().Kind(Customers.Name())
		scope, err := s.Scope(ctx, org.Assign, k)
		if err != nil {
			return nil, err
		}
		found, err := s.Tenant().Select(ctx, k, page, scope)
		next = found.Next
		return found.Rows, err
	}, &list)
	return list, next, err
}

// turnAssign is what those wait for who give customers to people with a capacity.
const turnAssign = "customer.assign"

// assign assigns the customers that find returns.
func (m Module) assign(ctx context.Context, find func(context.Context, *session.Session) ([]driver.Row, error), list *[]Assignment) error {
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if err := s.Serialize(ctx, turnAssign); err != nil {
			return err
		}
		if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
			return err
		}
		rows, err := find(ctx, s)
		if err != nil {
			return err
		}
		p, err := newPlan(ctx, s)
		if err != nil {
			return err
		}
		if *list, err = p.assign(s, rows); err != nil { //nolint:contextcheck // nothing is asked of a store
			return err
		}
		return p.carryOut(ctx, s)
	})
}

// assignable returns the rows of customers in the order of their ids as given, each once.
// It is an error unless the actor may assign all of them.
func assignable(ctx context.Context, s *session.Session, ids []schema.ID) ([]driver.Row, error) {
	if len(ids) > query.MaxLimit {
		return nil, fault.New(fault.Invalid, "%d customers are more than a page of %d", len(ids), query.MaxLimit)
	}
	k := storage.Of(s.Tenant(), Customers).Kind()
	page, verdicts, err := s.Judged(ctx, org.Assign, k, query.Select{Where: query.In("id", ids...), Limit: query.MaxLimit})
	if err != nil {
		return nil, err
	}
	found := make(map[schema.ID]driver.Row, len(page.Rows))
	for i, row := range page.Rows {
		if verdicts[i] != nil {
			return nil, verdicts[i]
		}
		found[row[k.ID().Position].(schema.ID)] = row
	}
	rows := make([]driver.Row, 0, len(ids))
	done := make(map[schema.ID]bool, len(ids))
	for _, id := range ids {
		if found[id] == nil {
			return nil, &fault.Error{Code: fault.NotFound, Kind: k.Name(), ID: id.String(), Message: "there is no such record"}
		}
		if !done[id] {
			rows, done[id] = append(rows, found[id]), true
		}
	}
	return rows, nil
}

// plan is what assigning goes by, and what comes of it.
type plan struct {
	k     *schema.Kind
	rules []*ruling
	// active are the members who can get customers, and load is how many they own.
	active map[schema.ID]org.Employee
	load   map[schema.ID]int64
	gets   map[schema.ID][]driver.Row // by who gets them
}

// newPlan reads the rules, their turns, their members and what those own: in a number of
// queries that does not grow with that of the customers or rules.
func newPlan(ctx context.Context, s *session.Session) (*plan, error) {
	p := &plan{k: storage.Of(s.Tenant(), Customers).Kind(), active: map[schema.ID]org.Employee{}, load: map[schema.ID]int64{}, gets: map[schema.ID][]driver.Row{}}
	page, err := storage.Of(s.Tenant(), AssignmentRules).Find(ctx, query.Select{Where: query.Eq("inactive", false), Sort: query.By("position"), Limit: query.MaxLimit})
	if err != nil {
		return nil, err
	}
	byID := map[schema.ID]*ruling{}
	var members []schema.ID
	for _, rule := range page.Items {
		where, err := rule.condition(p.k)
		if err != nil {
			return nil, &fault.Error{Code: fault.Precondition, Kind: AssignmentRules.Name(), ID: rule.ID.String(), Message: "its condition does not fit customers any more", Err: err}
		}
		r := &ruling{AssignmentRule: rule, where: where}
		p.rules, byID[rule.ID] = append(p.rules, r), r
		for _, m := range rule.Members {
			members = append(members, m.EmployeeID)
		}
	}
	for turn, err := range storage.Of(s.Tenant(), AssignmentTurns).All(ctx, query.Select{Where: query.In("id", slices.Collect(maps.Keys(byID))...)}) {
		if err != nil {
			return nil, err
		}
		byID[turn.ID].turn = &turn
	}
	slices.SortFunc(members, schema.ID.Compare)
	for some := range slices.Chunk(slices.Compact(members), query.MaxValues) {
		if err := p.meet(ctx, s, some); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// meet reads which of some employees are active and how many customers they own.
func (p *plan) meet(ctx context.Context, s *session.Session, members []schema.ID) error {
	// As they are stored: the session may know them from an earlier time.
	page, err := storage.Of(s.Tenant(), org.Employees).Find(ctx, query.Select{Where: query.All(query.In("id", members...), query.Eq("inactive", false)), Limit: query.MaxLimit})
	if err != nil {
		return err
	}
	for _, e := range page.Items {
		p.active[e.ID] = e
	}
	groups, err := s.Tenant().Aggregate(ctx, p.k, query.Aggregate{Where: query.All(query.In("owner_id", members...), query.Ne("standing", Sealed)),
		Keys: []query.Key{{Path: query.P("owner_id")}}, Measures: []query.Measure{{Fn: query.Count}}, Limit: query.MaxValues}, nil)
	if err != nil {
		return err
	}
	for _, row := range groups.Rows {
		p.load[row[0].(schema.ID)] = row[1].(int64)
	}
	return nil
}

// assign decides about customers one after the other.
func (p *plan) assign(s *session.Session, rows []driver.Row) ([]Assignment, error) {
	list := make([]Assignment, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = p.decide(s, row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p *plan) decide(s *session.Session, row driver.Row) (Assignment, error) {
	a := Assignment{CustomerID: row[p.k.ID().Position].(schema.ID), Stays: NoRule}
	if row[p.k.Field("standing").Position] == string(Sealed) {
		a.Stays = SealedAway
		return a, nil
	}
	for _, r := range p.rules {
		if takes, err := r.takes(s, p.k, row); err != nil || !takes {
			if err != nil {
				return a, err
			}
			continue
		}
		owner, _ := row[p.k.Owner().Position].(schema.ID)
		p.load[owner]-- // is about to lose it
		a.RuleID = r.ID
		a.ToID = r.pick(func(m Member) bool {
			_, active := p.active[m.EmployeeID]
			return active && (m.Capacity == 0 || p.load[m.EmployeeID] < m.Capacity)
		}, p.load)
		if a.Stays = ""; a.ToID.IsZero() {
			a.Stays = NoMember
			p.load[owner]++
			return a, nil
		}
		p.load[a.ToID]++
		if a.ToID != owner {
			p.gets[a.ToID] = append(p.gets[a.ToID], row)
		}
		return a, nil
	}
	return a, nil
}

// carryOut writes what was decided.
func (p *plan) carryOut(ctx context.Context, s *session.Session) error {
	turns := storage.Of(s.Tenant(), AssignmentTurns)
	for _, r := range p.rules {
		if !r.moved {
			continue
		}
		var err error
		if r.turn.Version == 0 {
			r.turn.Version = 1
			err = turns.Insert(ctx, r.turn)
		} else {
			err = turns.Update(ctx, r.turn)
		}
		if errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrExists) {
			return &fault.Error{Code: fault.Retry, Kind: AssignmentTurns.Name(), ID: r.ID.String(), Message: "another run took the turn", Err: err}
		}
		if err != nil {
			return err
		}
	}
	var list []session.Bulk
	for _, to := range slices.SortedFunc(maps.Keys(p.gets), schema.ID.Compare) {
		list = append(list, session.Bulk{Rows: p.gets[to], Set: set(p.k, Customer{
			Owned: record.Owned{OwnerID: to, DepartmentID: p.active[to].DepartmentID}, Pooling: Pooling{QuietSince: s.Today()}})})
	}
	return s.ChangeMany(ctx, p.k, EventAssigned, list...)
}

// room is how many more customers somebody can get: up to the greatest capacity of the rules
// that name them. Who is in none, or has no limit in one, has none.
func room(ctx context.Context, s *session.Session, to schema.ID, hold bool) (int64, error) {
	rules, err := storage.Of(s.Tenant(), AssignmentRules).Find(ctx, query.Select{Where: query.Eq("inactive", false), Limit: query.MaxLimit})
	if err != nil {
		return 0, err
	}
	capacity := session.Unlimited
	for _, r := range rules.Items {
		for _, m := range r.Members {
			switch {
			case m.EmployeeID != to:
			case m.Capacity == 0:
				return session.Unlimited, nil
			default:
				capacity = max(capacity, m.Capacity)
			}
		}
	}
	if capacity == session.Unlimited {
		return capacity, nil
	}
	if hold {
		if err := s.Serialize(ctx, turnAssign); err != nil {
			return 0, err
		}
	}
	n, err := count(ctx, storage.Of(s.Tenant(), Customers), query.All(query.Eq("owner_id", to), query.Ne("standing", Sealed)))
	return max(0, capacity-n), err
}
