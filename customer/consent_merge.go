package customer

import (
	"context"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// The business names of what merging, and undoing it, does to the ledger.
const (
	eventLedgerMoved    = "consent_entry.moved"
	eventLedgerUnmerged = "consent_entry.unmerged"
)

// mergeSource is the Source of an entry that a merge has added.
const mergeSource = "merge"

// mergeLedgers adds to the ledger of the winner what is to hold for the one who was two,
// where the entries of both by their dates would say less: nobody who has opted out is opted
// in by a merge.
func mergeLedgers(ctx context.Context, s *session.Session, writes []session.Write[ConsentEntry]) error {
	type subject struct {
		of      end
		channel Channel
		purpose string
	}
	now := map[schema.ID]*Consent{} // as it stands at winner and losers
	var ids []schema.ID
	pairs := map[subject][2]schema.ID{}
	var order []subject
	for _, w := range writes {
		from, to := end{w.Old.CustomerID, w.Old.ContactID}, end{w.New.CustomerID, w.New.ContactID}
		if from.id() == to.id() {
			continue // a contact who goes to another customer is who they were
		}
		at := subject{to, w.New.Channel, w.New.Purpose}
		if _, known := pairs[at]; known {
			continue
		}
		pairs[at] = [2]schema.ID{
			consentID(from.customer, from.contact, at.channel, at.purpose), consentID(to.customer, to.contact, at.channel, at.purpose)}
		order, ids = append(order, at), append(ids, pairs[at][0], pairs[at][1])
	}
	if err := eachByID(ctx, session.Of(s, Consents).Trusted(), ids, func(c *Consent) { one := *c; now[c.ID] = &one }); err != nil {
		return err
	}
	for _, at := range order {
		theirs, mine := now[pairs[at][0]], now[pairs[at][1]]
		if theirs == nil || mine == nil || theirs.State == mine.State {
			continue
		}
		most, latest := MostRestrictive(theirs.State, mine.State), mine
		if theirs.Since.After(mine.Since) {
			latest = theirs
		}
		if latest.State == most || theirs.Since.Equal(mine.Since) {
			continue // the ledger says so by itself
		}
		e := &ConsentEntry{CustomerID: at.of.customer, ContactID: at.of.contact, Channel: at.channel, Purpose: at.purpose, State: most, At: s.Now(), Source: mergeSource}
		if _, err := session.Of(s, ConsentEntries).Trusted().CreateNew(ctx, eventConsent+string(most), e); err != nil {
			return err
		}
	}
	return nil
}

// settleConsents makes the present consents anew of those whose part of the ledger was moved.
func settleConsents(ctx context.Context, s *session.Session, writes []session.Write[ConsentEntry]) error {
	customers, contacts := map[schema.ID]bool{}, map[schema.ID]bool{}
	for _, w := range writes {
		if w.Event != eventLedgerMoved && w.Event != eventLedgerUnmerged {
			continue
		}
		for _, e := range []*ConsentEntry{w.Old, w.New} {
			switch {
			case e == nil:
			case e.ContactID.IsZero():
				customers[e.CustomerID] = true
			default:
				contacts[e.ContactID] = true
			}
		}
	}
	if len(customers)+len(contacts) == 0 {
		return nil
	}
	theirs := query.Any(
		query.All(query.Null("contact_id"), query.In("customer_id", slices.Collect(maps.Keys(customers))...)),
		query.In("contact_id", slices.Collect(maps.Keys(contacts))...))
	want := map[schema.ID]*Consent{}
	for e, err := range storage.Of(s.Tenant(), ConsentEntries).All(ctx, query.Select{Where: theirs}) {
		if err != nil {
			return err
		}
		id := consentID(e.CustomerID, e.ContactID, e.Channel, e.Purpose)
		if c := want[id]; c == nil || e.At.After(c.Since) || e.At.Equal(c.Since) && MostRestrictive(c.State, e.State) != c.State {
			want[id] = &Consent{Meta: s.NewMeta(), CustomerID: e.CustomerID, ContactID: e.ContactID, Channel: e.Channel, Purpose: e.Purpose, State: e.State, Since: e.At}
			want[id].ID = id
		}
	}
	return replaceConsents(ctx, s, theirs, want)
}

// replaceConsents makes the stored consents under a condition those that are wanted.
func replaceConsents(ctx context.Context, s *session.Session, where query.Expr, want map[schema.ID]*Consent) error {
	table := storage.Of(s.Tenant(), Consents)
	var gone []driver.Mutation
	for c, err := range table.All(ctx, query.Select{Where: where}) {
		if err != nil {
			return err
		}
		now := want[c.ID]
		if now != nil && now.CustomerID == c.CustomerID && now.State == c.State && now.Since.Equal(c.Since) {
			delete(want, c.ID)
			continue
		}
		gone = append(gone, driver.Mutation{Kind: table.Kind(), Delete: &driver.Delete{ID: c.ID}})
	}
	if err := s.Tenant().Write(ctx, gone...); err != nil {
		return err
	}
	return table.Insert(ctx, slices.Collect(maps.Values(want))...)
}
