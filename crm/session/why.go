package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Explanation tells why a verb on a record is allowed or not: in the order in which it is
// decided, the verb by the actor's roles, the record by access, its state, its fields.
type Explanation struct {
	// Allowed says that gate and access are open to one of those whose rights the actor
	// has, and that the state of the record refuses nothing.
	Allowed bool
	// Gate are the roles that grant the verb on the kind; empty when the gate is
	// shut.
	Gate []Link
	// Access are the links to the record that are wide enough for the verb.
	Access []Link
	// State says why the record, as it is now, refuses the verb to everybody; empty when it
	// does not. See Refusing.
	State string
	// Fields is what is left to the actor of the record's fields, by their names; nil when
	// all of each is. A field that is hidden, masked or read only is not changed by a verb
	// that is allowed.
	Fields map[string]org.FieldAccess
	// Missing says which rights would have to be there; empty when they are.
	Missing []string
}

// Link is one reason.
type Link struct {
	// How is the way: role, default role, system, own, direct report, indirect
	// report, range, rule, share, parent, no owner, or what a module knows; deputy stands
	// before the links of whom the actor stands in for.
	How string
	// By names what it comes from: a role, an employee, a share, a record.
	By record.Ref
	// Level is how much the link allows.
	Level org.Level
	// Cause is why a share exists; empty for every other link.
	Cause org.Cause
	// Until is when a share or a rule ends; zero for never, and for every other link.
	Until time.Time
}

// Why explains whether the actor may do the verb to a record, naming every link that
// grants and what is missing. A record that the actor may not read is NotFound, as
// everywhere.
//
// The rights it knows all of. Of the state it tells what modules declare by Refusing, which
// is what refuses a verb altogether: that one field or one step of a verb is refused, as the
// amount of a closed opportunity is, only the verb itself tells.
//
// opened are links beside those that are known here, by which a module opens the record
// to the actor to read: there are none to those who have no right to read its kind.
func (s *Session) Why(ctx context.Context, v org.Verb, ref record.Ref, opened ...Link) (Explanation, error) {
	k := s.Registry().Kind(ref.Kind)
	if k == nil {
		return Explanation{}, fault.New(fault.Invalid, "there is no kind %.40q", ref.Kind)
	}
	if s.Unbound() {
		row, err := s.t.Get(ctx, k, ref.ID, nil)
		if err != nil {
			return Explanation{}, err
		}
		link := Link{How: "system", Level: org.FullAccess}
		e := Explanation{Allowed: true, Gate: []Link{link}, Access: []Link{link}}
		return e, s.explainState(ctx, &e, v, k, row)
	}
	row, err := s.Row(ctx, org.Read, k, ref.ID)
	if len(opened) > 0 && errors.Is(err, storage.ErrNotFound) {
		row, err = s.t.Get(ctx, k, ref.ID, nil)
	}
	if err != nil {
		return Explanation{}, err
	}
	if v != org.Read {
		opened = nil
	}
	people, dir, err := s.acting(ctx)
	if err != nil {
		return Explanation{}, err
	}
	var e Explanation
	for _, person := range people {
		gate := gateLinks(dir, person, v, k)
		access, err := s.accessLinks(ctx, dir, person, v, k, row)
		if err != nil {
			return Explanation{}, err
		}
		access = append(access, opened...)
		e.Allowed = e.Allowed || len(gate) > 0 && len(access) > 0
		if person != s.actor.Employee && len(gate) > 0 && len(access) > 0 {
			access = append([]Link{{How: "deputy", By: record.Ref{Kind: org.Employees.Name(), ID: person}, Level: access[0].Level}}, access...)
		}
		if person == s.actor.Employee || len(gate) > 0 && len(access) > 0 {
			e.Gate, e.Access = append(e.Gate, gate...), append(e.Access, access...)
		}
	}
	if !e.Allowed && len(e.Gate) == 0 {
		e.Missing = append(e.Missing, fmt.Sprintf("a role that grants %s on %s", v, k.Name()))
	}
	if !e.Allowed && len(e.Access) == 0 {
		e.Missing = append(e.Missing, missing(v))
	}
	if err := s.explainState(ctx, &e, v, k, row); err != nil {
		return Explanation{}, err
	}
	e.Fields, err = s.FieldRules(ctx, k)
	return e, err
}

// explainState adds what the state of the record refuses.
func (s *Session) explainState(ctx context.Context, e *Explanation, v org.Verb, k *schema.Kind, row driver.Row) error {
	err := s.core.hooks.fire(ctx, s, k.Name(), refusing, asked{v, row})
	var refused *fault.Error
	if errors.As(err, &refused) && refused.Code == fault.Precondition {
		e.Allowed, e.State = false, refused.Message
		return nil
	}
	return err
}

func missing(v org.Verb) string {
	switch v.Needs() {
	case org.FullAccess:
		return "ownership, a role whose range covers the record, or a share of level full"
	case org.EditAccess:
		return "ownership, being the owner's direct manager, a role whose range covers the record, or a share of level edit"
	}
	return "ownership, standing above the owner, a role whose range covers the record, a share, or a record of one's own that points to it"
}

func gateLinks(dir *org.Directory, person schema.ID, v org.Verb, k *schema.Kind) []Link {
	e := dir.Employee(person)
	if len(e.Roles) == 0 {
		if dir.Gate(person, v, k) {
			return []Link{{How: "default role"}}
		}
		return nil
	}
	var links []Link
	for _, id := range e.Roles {
		if r := dir.Role(id); r != nil && r.Covers(k.Name(), v) {
			links = append(links, Link{How: "role", By: record.Ref{Kind: org.Roles.Name(), ID: id}})
		}
	}
	return links
}

// accessLinks lists every link to the record that is wide enough.
func (s *Session) accessLinks(ctx context.Context, dir *org.Directory, person schema.ID, v org.Verb, k *schema.Kind, row driver.Row) ([]Link, error) {
	if k.Owner() == nil {
		whole := k.Whole()
		if whole == nil {
			return []Link{{How: "no owner", Level: org.FullAccess}}, nil
		}
		id, _ := row[whole.Field.Position].(schema.ID)
		parent, err := s.t.Get(ctx, whole.To, id, nil)
		if err != nil {
			return nil, err
		}
		return s.accessLinks(ctx, dir, person, v, whole.To, parent)
	}
	var links []Link
	at := placement(k, row)
	owner := record.Ref{Kind: org.Employees.Name(), ID: at.Owner}
	switch distance := dir.Distance(person, at.Owner); {
	case distance == 0:
		links = append(links, Link{How: "own", By: owner, Level: org.FullAccess})
	case distance == 1 && v.Needs() <= org.EditAccess:
		links = append(links, Link{How: "direct report", By: owner, Level: org.EditAccess})
	case distance > 1 && v.Needs() <= org.ReadAccess:
		links = append(links, Link{How: "indirect report", By: owner, Level: org.ReadAccess})
	}
	for _, id := range dir.Employee(person).Roles {
		if r := dir.Role(id); r != nil && dir.RangeCovers(person, r, v, k, at.Department) {
			links = append(links, Link{How: "range", By: record.Ref{Kind: org.Roles.Name(), ID: id}, Level: v.Needs()})
		}
	}
	id := row[k.ID().Position].(schema.ID)
	for _, rule := range dir.SharedByRule(person, v, k, at, s.Now()) {
		links = append(links, ruleLink(rule))
	}
	for _, ruled := range dir.RulesOn(person, v, k, s.Now()) {
		if ok, err := eval.Match(nil, s.t.Name(), k, row, ruled.Where); err != nil { //nolint:contextcheck // nothing is asked of a store
			return nil, err
		} else if ok {
			links = append(links, ruleLink(ruled.Rule))
		}
	}
	shared, err := s.shareLinks(ctx, dir, person, v, k, id)
	if err != nil {
		return nil, err
	}
	held, err := s.heldLinks(ctx, dir, person, v, k, id)
	return append(append(links, shared...), held...), err
}

func ruleLink(r *org.SharingRule) Link {
	return Link{How: "rule", By: record.Ref{Kind: org.SharingRules.Name(), ID: r.ID}, Level: r.Level, Until: r.Until}
}

func (s *Session) shareLinks(ctx context.Context, dir *org.Directory, person schema.ID, v org.Verb, k *schema.Kind, id schema.ID) ([]Link, error) {
	var links []Link
	where := query.All(
		query.Eq("kind", k.Name()), query.Eq("record_id", id), query.Ge("level", int64(v.Needs())),
		query.In("principal_id", dir.Principals(person)...),
		query.Any(query.Null("expires_at"), query.Gt("expires_at", s.Now())))
	for share, err := range storage.Of(s.t, org.Shares).All(ctx, query.Select{Where: where}) {
		if err != nil {
			return nil, err
		}
		links = append(links, Link{How: "share", By: record.Ref{Kind: org.Shares.Name(), ID: share.ID}, Level: share.Level, Cause: share.Cause, Until: share.ExpiresAt})
	}
	return links, nil
}

func (s *Session) heldLinks(ctx context.Context, dir *org.Directory, person schema.ID, v org.Verb, k *schema.Kind, id schema.ID) ([]Link, error) {
	if v.Needs() > org.ReadAccess {
		return nil, nil
	}
	var links []Link
	for _, rel := range k.Registry().PointingAt(k) {
		child := rel.From
		if !rel.Holds || child.Owner() == nil || !dir.Gate(person, org.Read, child) {
			continue
		}
		scope := dir.Scope(person, org.Read, child, s.Now())
		scope.Held = nil // holding goes one step
		row, err := s.t.Select(ctx, child, query.Select{Where: query.Eq(rel.Field.Name, id), Limit: 1}, scope)
		if err != nil {
			return nil, err
		}
		for _, r := range row.Rows {
			links = append(links, Link{How: "parent", By: record.Ref{Kind: child.Name(), ID: r[child.ID().Position].(schema.ID)}, Level: org.ReadAccess})
		}
	}
	return links, nil
}
