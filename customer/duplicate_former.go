package customer

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A customer that was merged into another goes on being found: its keys go to the winner as
// former ones (曾用名), and whoever would store it again, under the name and the telephone
// that it had, is told of the winner. What it was called and reached by is read from what is
// kept to undo the merge, and so is gone when a person is erased, as the keys are. This file is
// about that.

// passOn gives the winner of a merge the keys of the losers. It comes before the merge,
// which removes them, and holds in every program; see forgetKeys.
func passOn(ctx context.Context, s *session.Session, req merge.Request) error {
	ids := append([]schema.ID{req.Winner}, req.Losers...)
	if len(req.Losers) > merge.MaxLosers || slices.ContainsFunc(ids, schema.ID.IsZero) {
		return nil // is refused
	}
	now, err := s.MergedInto(ctx, Customers.Kind, ids...)
	if err != nil {
		return err
	}
	winner := cmp.Or(now[req.Winner], req.Winner)
	var losers []schema.ID
	for _, id := range req.Losers {
		if id = cmp.Or(now[id], id); id != winner {
			losers = append(losers, id)
		}
	}
	if len(losers) == 0 {
		return nil
	}
	old, err := keysOf(ctx, s, losers, nil)
	if err != nil || len(old) == 0 {
		return err
	}
	fresh := make([]*MatchKey, len(old))
	for i, key := range old {
		fresh[i] = &MatchKey{CustomerID: winner, FormerID: cmp.Or(key.FormerID, key.CustomerID), Key: key.Key, Normaliser: key.Normaliser}
	}
	return replaceKeys(ctx, s, old, fresh)
}

// takeBack gives customers that are there again, because a merge was undone, the keys that
// they had of their own.
func takeBack(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	k := storage.Of(s.Tenant(), MatchKeys).Kind()
	for _, w := range writes {
		if w.Old != nil || !byMerge(s, w.Event, EventUnmerged) {
			continue
		}
		own := []driver.Assign{{Field: k.Field("customer_id"), Value: w.New.ID}, {Field: k.Field("former_id")}}
		if _, err := s.Tenant().UpdateWhere(ctx, k, query.Eq("former_id", w.New.ID), nil, own); err != nil {
			return err
		}
	}
	return nil
}

// takeBackFormer gives the losers of a merge that was undone the keys of those that had been
// merged into them before.
func takeBackFormer(ctx context.Context, s *session.Session, writes []session.Write[merge.Merge]) error {
	k := storage.Of(s.Tenant(), MatchKeys).Kind()
	for _, w := range writes {
		if w.New == nil || w.New.State != merge.Undone || w.New.Kind != Customers.Name() {
			continue
		}
		theirs := map[schema.ID][]schema.ID{}
		into := query.Select{Where: query.All(query.Eq("kind", Customers.Name()), query.In("into_id", w.New.LoserIDs...))}
		for stone, err := range storage.Of(s.Tenant(), session.Tombstones).All(ctx, into) {
			if err != nil {
				return err
			}
			theirs[stone.IntoID] = append(theirs[stone.IntoID], stone.RecordID)
		}
		for loser, gone := range theirs {
			for some := range slices.Chunk(gone, query.MaxValues) {
				back := []driver.Assign{{Field: k.Field("customer_id"), Value: loser}}
				if _, err := s.Tenant().UpdateWhere(ctx, k, query.In("former_id", some...), nil, back); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// forgetFormer removes the keys of the losers of a merge that nobody can undo any more: it is
// made final when the person is erased, who may have been erased before the merge, so that
// nothing else was left to take away.
func forgetFormer(ctx context.Context, s *session.Session, writes []session.Write[merge.Merge]) error {
	for _, w := range writes {
		if w.New == nil || w.New.State != merge.Final || w.New.Kind != Customers.Name() {
			continue
		}
		var gone []*MatchKey
		for key, err := range storage.Of(s.Tenant(), MatchKeys).All(ctx, query.Select{Where: query.In("former_id", w.New.LoserIDs...)}) {
			if err != nil {
				return err
			}
			gone = append(gone, &key)
		}
		if err := replaceKeys(ctx, s, gone, nil); err != nil {
			return err
		}
	}
	return nil
}

// formers returns customers that were merged into others as they were then, by id. Those of
// whom that was erased are left out.
func formers[V any](ctx context.Context, s *session.Session, ids map[schema.ID]V) (map[schema.ID]*Customer, error) {
	table, found := storage.Of(s.Tenant(), Customers), map[schema.ID]*Customer{}
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(ids), schema.ID.Compare), query.MaxValues) {
		steps := query.Select{Where: query.All(query.Eq("kind", Customers.Name()), query.In("record_id", some...))}
		for step, err := range storage.Of(s.Tenant(), merge.Steps).All(ctx, steps) {
			if err != nil {
				return nil, err
			}
			if step.Removed == nil {
				continue
			}
			row, err := driver.UnmarshalRecord(table.Kind(), step.Removed)
			if err != nil {
				return nil, err
			}
			c, err := table.Decode(row)
			if err != nil {
				return nil, err
			}
			if was := found[step.RecordID]; was == nil || was.Version < c.Version { // merged, undone and merged again
				found[step.RecordID] = &c
			}
		}
	}
	return found, nil
}

// asFormer returns a customer as it is compared under what one was called and reached by that
// went into it. A person has one name: it is compared under either.
func asFormer(now, was match.Subject) []match.Subject {
	was.Phones, was.Emails = append(was.Phones, now.Phones...), append(was.Emails, now.Emails...)
	was.TaxID, was.Website = cmp.Or(was.TaxID, now.TaxID), cmp.Or(was.Website, now.Website)
	was.Address = now.Address
	if now.Kind == match.Organisation {
		was.Names = append(was.Names, now.Names...)
		return []match.Subject{was}
	}
	now.Phones, now.Emails = was.Phones, was.Emails
	return []match.Subject{was, now}
}
