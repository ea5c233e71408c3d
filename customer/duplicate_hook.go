package customer

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// DuplicateHooks returns the rules of a program that was given a matcher: customers that
// a rule blocks are refused with Exists, also when it is their address that makes them the
// same, and the match keys follow the customers and their addresses.
func DuplicateHooks(m *match.Matcher) []session.Hook {
	if m == nil {
		return nil
	}
	d := duplicates{m}
	return []session.Hook{session.Before(Customers, d.refuse), session.After(Customers, d.follow), session.After(Addresses, d.followAddresses)}
}

// refuse refuses customers that a rule blocks.
func (d duplicates) refuse(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var list []*Customer
	for _, w := range writes {
		if d.changed(w) && !byMerge(s, w.Event, EventAbsorbed, EventMoved, EventUnmerged) && !erased(s, Customers.Name(), w.Event) {
			list = append(list, w.New)
		}
	}
	return d.check(ctx, s, list)
}

// check refuses what a rule blocks: because of one that is stored, or of one in the list.
// Transactions that may be refused wait for each other, so that of two duplicates that are
// stored at the same instant one is refused.
func (d duplicates) check(ctx context.Context, s *session.Session, list []*Customer) error {
	if len(list) == 0 || !d.matcher.Blocks() {
		return nil
	}
	if err := s.Serialize(ctx, "customer.duplicates"); err != nil {
		return err
	}
	found, err := d.find(ctx, s, list, nil)
	if err != nil {
		return err
	}
	for i := range list {
		for _, hit := range found.hits[i] {
			if hit.Action == match.Block {
				return blocked(hit.Verdict)
			}
		}
	}
	return nil
}

func blocked(v match.Verdict) error {
	e := &fault.Error{Code: fault.Exists, Kind: Customers.Name(), Message: "there is such a customer already: " + v.Rule}
	for _, r := range v.Reasons {
		e.Fields = append(e.Fields, fault.Field{Name: string(r.Field), Code: "duplicate", Message: r.String()})
	}
	return e
}

// changed reports whether a write changes the keys. What was called a person is no company.
func (d duplicates) changed(w session.Write[Customer]) bool {
	switch {
	case w.New == nil:
		return false
	case w.Old == nil || (w.Old.Type == Individual) != (w.New.Type == Individual):
		return true
	}
	return !slices.Equal(d.matcher.Keys(subject(w.Old, nil)), d.matcher.Keys(subject(w.New, nil)))
}

// follow brings the keys up to date.
func (d duplicates) follow(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var fresh []*MatchKey
	var list []*Customer
	for _, w := range writes {
		switch {
		case !d.changed(w):
		case w.Old == nil && !byMerge(s, w.Event, EventUnmerged): // has no keys and no address yet
			fresh = append(fresh, d.keys(w.New.ID, schema.ID{}, subject(w.New, nil))...)
		default:
			list = append(list, w.New)
		}
	}
	if err := replaceKeys(ctx, s, nil, fresh); err != nil {
		return err
	}
	return d.renew(ctx, s, list)
}

// followAddresses brings the keys of customers up to date whose main address may be another
// one now. What a rule blocks is refused where somebody writes an address, and not where one
// of several is chosen.
func (d duplicates) followAddresses(ctx context.Context, s *session.Session, writes []session.Write[Address]) error {
	name := Addresses.Name()
	var touched, saved []schema.ID
	for _, w := range writes {
		for _, a := range []*Address{w.Old, w.New} {
			if a != nil && (a.Default || w.Event == EventDefault) {
				touched = append(touched, a.CustomerID)
			}
		}
		if w.New != nil && w.New.Default && w.Event != EventDefault && !byMerge(s, w.Event, name+".moved", name+".unmerged") && !erased(s, name, w.Event) {
			saved = append(saved, w.New.CustomerID)
		}
	}
	if len(touched) == 0 {
		return nil
	}
	customers, err := load(ctx, s, touched)
	if err != nil {
		return err
	}
	var list, fresh []*Customer
	for id, c := range customers {
		list = append(list, c)
		if slices.Contains(saved, id) {
			fresh = append(fresh, c)
		}
	}
	if err := d.check(ctx, s, fresh); err != nil {
		return err
	}
	return d.renew(ctx, s, list)
}
