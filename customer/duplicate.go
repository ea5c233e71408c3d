package customer

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Duplicate is a stored customer that may be the same as another one, as the actor sees it.
type Duplicate struct {
	ID      schema.ID
	Name    string
	OwnerID schema.ID
	// Former is set where it goes by what a customer was called or reached by that was merged
	// into this one (曾用名).
	Former bool
	match.Verdict
}

// HiddenDuplicate is what the rules say about a stored customer that the actor may not read.
type HiddenDuplicate struct {
	// OwnerID is whom to talk to, the customer's owner, in a program that tells it
	// (Options.TellOwner); zero otherwise.
	OwnerID schema.ID
	Former  bool // see Duplicate
	match.Verdict
}

// Duplicates are the stored customers that may be the same as one: those of which a rule
// warns, or that it blocks. What is for the report only, ScanDuplicates tells.
type Duplicates struct {
	// Visible are those that the actor may read, the gravest first.
	Visible []Duplicate
	// Hidden are those that they may not read, in the same order: it is told that there is
	// one, and on what grounds, and not which.
	Hidden []HiddenDuplicate
	// Dropped are keys that too many share to say anything.
	Dropped []match.Key
	// Incomplete is set where the store has keys that another match.Version made: what they
	// would have found may be missing here, and storing is not refused because of it. It ends
	// with Module.RebuildMatchKeys.
	Incomplete bool
}

// Action returns what the gravest of the rules that hold asks for: match.Block when storing
// it would be refused, match.Warn when it would not, match.None for no duplicate.
func (d Duplicates) Action() match.Action {
	action := match.None
	for _, v := range d.Visible {
		action = max(action, v.Action)
	}
	for _, v := range d.Hidden {
		action = max(action, v.Action)
	}
	return action
}

// Duplicates looks for customers that may be the same as one that is about to be stored,
// or is stored already (查重). A host asks before it stores one: storing refuses what a rule
// blocks, and says nothing of what one warns of. Addresses are those that shall be stored with
// it, beside those that it has. A customer is compared by its own fields, by its default
// address, of its office or home where there is one, and by what those were called and reached
// by that were merged into it. It costs a few queries, however many customers there are. The
// actor needs the right to create customers. It is Precondition in a program that was given
// no matcher.
func (m Module) Duplicates(ctx context.Context, c *Customer, addresses ...*Address) (Duplicates, error) {
	d := duplicates{m.options.Matcher}
	if d.matcher == nil {
		return Duplicates{}, errNoMatcher()
	}
	if c == nil {
		return Duplicates{}, fault.New(fault.Invalid, "no customer was given")
	}
	if err := m.s.Require(ctx, org.Create, storage.Of(m.s.Tenant(), Customers).Kind()); err != nil {
		return Duplicates{}, err
	}
	found, err := d.find(ctx, m.s, []*Customer{c}, addresses)
	if err != nil {
		return Duplicates{}, err
	}
	return m.shown(ctx, found)
}

func errNoMatcher() error {
	return fault.New(fault.Precondition, "the program was opened without a matcher")
}

// shown returns the hits of a single customer as the actor may see them.
func (m Module) shown(ctx context.Context, found findings) (Duplicates, error) {
	result := Duplicates{Dropped: found.dropped, Incomplete: found.outdated}
	hits := found.hits[0]
	if len(hits) == 0 {
		return result, nil
	}
	seen, err := m.seen(ctx, hits)
	if err != nil {
		return Duplicates{}, err
	}
	for _, hit := range hits {
		if c := seen[hit.customer.ID]; c != nil {
			result.Visible = append(result.Visible, Duplicate{c.ID, c.Name, c.OwnerID, hit.former, hit.Verdict})
			continue
		}
		hidden := HiddenDuplicate{Former: hit.former, Verdict: hit.Verdict}
		if m.options.TellOwner {
			hidden.OwnerID = hit.customer.OwnerID
		}
		result.Hidden = append(result.Hidden, hidden)
	}
	return result, nil
}

// seen reads those of the hits that the actor may read, with the fields as they may see them.
func (m Module) seen(ctx context.Context, hits []hit) (map[schema.ID]*Customer, error) {
	seen := make(map[schema.ID]*Customer, len(hits))
	ids := make([]schema.ID, len(hits))
	for i, hit := range hits {
		ids[i] = hit.customer.ID
		if m.s.Unbound() {
			seen[ids[i]] = hit.customer
		}
	}
	if m.s.Unbound() {
		return seen, nil
	}
	for some := range slices.Chunk(ids, query.MaxValues) {
		page, err := m.Find(ctx, query.Select{Where: query.In("id", some...), Sort: query.By("id"), Limit: query.MaxLimit})
		if errors.Is(err, storage.ErrForbidden) {
			return nil, nil // may store customers, and read none
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			seen[page.Items[i].ID] = &page.Items[i]
		}
	}
	return seen, nil
}

// ScanDuplicates compares all customers that a condition finds and the actor may read, each with
// each that shares something with it, and returns the clusters of the same with the
// reasons (批量查重), also what is for the report only. They are compared whole, fields that
// the actor does not see included. It holds them in memory; see match.ScanOptions.
func (m Module) ScanDuplicates(ctx context.Context, where query.Expr, o match.ScanOptions) (*match.Scan, error) {
	if m.options.Matcher == nil {
		return nil, errNoMatcher()
	}
	return m.options.Matcher.Scan(ctx, m.subjects(ctx, where), o)
}

// subjects yields the customers of a scan, page by page.
func (m Module) subjects(ctx context.Context, where query.Expr) iter.Seq2[match.Subject, error] {
	return func(yield func(match.Subject, error) bool) {
		q := query.Select{Where: where, Limit: query.MaxLimit}
		for {
			page, err := m.Find(ctx, q)
			if err != nil {
				yield(match.Subject{}, err)
				return
			}
			ids := make([]schema.ID, len(page.Items))
			for i := range page.Items {
				ids[i] = page.Items[i].ID
			}
			whole, err := load(ctx, m.s, ids)
			if err != nil {
				yield(match.Subject{}, err)
				return
			}
			at, err := mainAddresses(ctx, m.s, slices.Collect(maps.Values(whole)))
			if err != nil {
				yield(match.Subject{}, err)
				return
			}
			for _, id := range ids {
				if c := whole[id]; c != nil && !yield(subject(c, at[id]), nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}
