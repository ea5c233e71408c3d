package customer

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// The business names of what merging does to customers. The contacts, addresses and all
// else that belonged to a loser have the event "KIND.moved".
const (
	EventMerged   = "customer.merged"   // it is part of another now, and gone
	EventAbsorbed = "customer.absorbed" // it has taken over what others had
	EventMoved    = "customer.moved"    // what it stands below was merged into another
	EventUnmerged = "customer.unmerged" // it is back, or as it was, because a merge was undone
)

// byMerge reports whether merging, or undoing it, writes a record, under one of some events:
// nobody else's writes are let through for their name.
func byMerge(s *session.Session, event string, of ...string) bool {
	return s.Unbound() && slices.Contains(of, event)
}

// Merge makes customers that turned out to be the same one (客户合并): the losers go, what
// points at them points at the winner, and whoever reads them by their ids reads it. See
// merge.Policy for the rights that it needs and for what it refuses.
//
// Fields are the winner's or, where they are empty there, those of the first loser that has
// them; the customer trades when one of them does, since the first date, and is sealed when
// one of them is, unless req.Take says otherwise; the last contact is the last with any. A
// code or tax id that two of them have must be chosen. What somebody has withdrawn stays
// withdrawn, whatever was given elsewhere. Contacts and addresses are all kept, the winner's
// primary and default ones stay so; what pools know is the winner's; of a teammate who is in both teams the access that lasts
// longer is kept. The winner is found as a duplicate of what the losers were called, too.
//
// It is also Precondition for a person and a company, and for a trading customer that would go
// into a potential one.
func (m Module) Merge(ctx context.Context, req merge.Request) (*merge.Result, error) {
	var result *merge.Result
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if err := passOn(ctx, s, req); err != nil {
			return err
		}
		var err error
		result, err = policy().Merge(ctx, s, req)
		return err
	})
	return result, err
}

// PreviewMerge returns what Merge would do, and who would see more or less of it, and
// changes nothing.
func (m Module) PreviewMerge(ctx context.Context, req merge.Request) (*merge.Result, error) {
	return policy().Preview(ctx, m.s, req)
}

// MergeContacts makes contacts of one customer that turned out to be the same person one, in
// the same way. The winner is the primary contact when one of them was, and is still at the
// customer when one of them is.
func (m Module) MergeContacts(ctx context.Context, req merge.Request) (*merge.Result, error) {
	return contactPolicy().Merge(ctx, m.s, req)
}

// PreviewMergeContacts returns what MergeContacts would do, and changes nothing.
func (m Module) PreviewMergeContacts(ctx context.Context, req merge.Request) (*merge.Result, error) {
	return contactPolicy().Preview(ctx, m.s, req)
}

// Unmerge takes a merge of customers or of contacts back; see merge.Undo.
func (m Module) Unmerge(ctx context.Context, merged schema.ID) (*merge.UndoResult, error) {
	return merge.Undo(ctx, m.s, merged)
}

// together are names and hours, of which half of one and half of another make none.
func together() [][]string {
	return [][]string{{"given_name", "family_name"}, {"contact_from", "contact_until"}}
}

func policy() merge.Policy[Customer] {
	return merge.Policy[Customer]{
		Of: Customers,
		Fields: map[string]merge.Choose{
			"trading_since": merge.Least, "standing": merge.Rank(Sealed, Active, Normal), "last_contact_on": merge.Greatest,
		},
		Together: together(),
		Keep:     []string{"pool_id", "pooled_at", "pool_reason", "quiet_since", "reserved_until", "taken_from_id"},
		Check: func(winner *Customer, losers []*Customer) error {
			for _, loser := range losers {
				switch {
				case (winner.Type == Individual) != (loser.Type == Individual):
					return refuseMerge(Customers.Name(), loser.ID, "a person and a company are not the same")
				case winner.Status == Potential && loser.Status == Trading:
					return refuseMerge(Customers.Name(), loser.ID, "a customer that trades stays: make it the winner")
				}
			}
			return nil
		},
	}
}

func contactPolicy() merge.Policy[Contact] {
	return merge.Policy[Contact]{
		Of:       Contacts,
		Fields:   map[string]merge.Choose{"inactive": merge.Least},
		Together: together(),
		Prepare:  leadOn,
		Keep:     []string{"is_primary"},
		Check: func(winner *Contact, losers []*Contact) error {
			for _, loser := range losers {
				if loser.CustomerID != winner.CustomerID {
					return refuseMerge(Contacts.Name(), loser.ID, "the contacts are of different customers")
				}
			}
			return nil
		},
	}
}

// leadOn makes the winner the primary contact where a loser is.
func leadOn(ctx context.Context, s *session.Session, winner schema.ID, losers []schema.ID) error {
	var lead bool
	if err := eachByID(ctx, session.Of(s, Contacts).Trusted(), losers, func(c *Contact) { lead = lead || c.Primary }); err != nil || !lead {
		return err
	}
	_, err := primary().choose(ctx, s, winner)
	return err
}

func refuseMerge(kind string, id schema.ID, why string) error {
	return &fault.Error{Code: fault.Precondition, Kind: kind, ID: id.String(), Message: why}
}
