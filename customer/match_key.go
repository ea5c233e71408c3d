package customer

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// MatchKey is one of the keys by which a customer is found when another one may be the
// same (查重键); see package match. Keys are kept in the transaction that writes the
// customer or its address, by a program that was given a matcher.
type MatchKey struct {
	ID         schema.ID // from the customer whose key it is or was, and the key
	CustomerID schema.ID `crm:"customer_id,required"`
	// FormerID is the customer whose key it was until that was merged into this one; zero for
	// a key of the customer's own.
	FormerID schema.ID
	// Key is the kind of the key and its value, with a colon between them.
	Key string `crm:"key,personal"`
	// Normaliser is the match.Version that made the key.
	Normaliser int64
}

// MatchKeys is the kind of MatchKey.
var MatchKeys = schema.Define[MatchKey]("match_key", schema.Derived(),
	schema.IndexOn("key"), schema.IndexOn("normaliser"), schema.IndexOn("former_id"),
	schema.BelongsTo("customer", "customer", "customer_id"))

// RebuildMatchKeys makes the keys of up to a thousand customers behind one anew, for a
// program that is given a matcher for the first time, or one whose keys have changed
// (match.Version). It returns the customer to go on behind, zero when all are done. It
// may be run again at any time, also while others work; it is for the system.
func (m Module) RebuildMatchKeys(ctx context.Context, after schema.ID) (schema.ID, error) {
	if m.options.Matcher == nil {
		return after, errNoMatcher()
	}
	if !m.s.Actor().IsSystem() {
		return after, fault.New(fault.Forbidden, "rebuilding keys is for the system")
	}
	var next schema.ID
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		q := query.Select{Sort: query.By("id"), Limit: query.MaxLimit}
		if !after.IsZero() {
			q.Where = query.Gt("id", after)
		}
		page, err := storage.Of(s.Tenant(), Customers).Find(ctx, q)
		if err != nil || len(page.Items) == 0 {
			return err
		}
		list := make([]*Customer, len(page.Items))
		for i := range page.Items {
			list[i] = &page.Items[i]
		}
		next = schema.ID{}
		if page.Next != "" {
			next = list[len(list)-1].ID
		}
		return duplicates{m.options.Matcher}.rebuild(ctx, s, list)
	})
	return next, err
}

func (d duplicates) rebuild(ctx context.Context, s *session.Session, list []*Customer) error {
	old, err := keysOf(ctx, s, idsOf(list), nil)
	if err != nil {
		return err
	}
	into := map[schema.ID]schema.ID{} // by former customer
	for _, key := range old {
		if !key.FormerID.IsZero() {
			into[key.FormerID] = key.CustomerID
		}
	}
	gone, err := formers(ctx, s, into)
	if err != nil {
		return err
	}
	fresh, err := d.own(ctx, s, list)
	if err != nil {
		return err
	}
	for id, c := range gone {
		fresh = append(fresh, d.keys(into[id], id, subject(c, nil))...)
	}
	return replaceKeys(ctx, s, old, fresh)
}

// renew makes the keys of customers anew, but for former ones, which stay.
func (d duplicates) renew(ctx context.Context, s *session.Session, list []*Customer) error {
	old, err := keysOf(ctx, s, idsOf(list), query.Null("former_id"))
	if err != nil {
		return err
	}
	fresh, err := d.own(ctx, s, list)
	if err != nil {
		return err
	}
	return replaceKeys(ctx, s, old, fresh)
}

// own returns the keys that customers have of their own.
func (d duplicates) own(ctx context.Context, s *session.Session, list []*Customer) ([]*MatchKey, error) {
	at, err := mainAddresses(ctx, s, list)
	var rows []*MatchKey
	for _, c := range list {
		rows = append(rows, d.keys(c.ID, schema.ID{}, subject(c, at[c.ID]))...)
	}
	return rows, err
}

// keys returns the keys of a subject as they are kept with a customer: its own, or those of
// a former one.
func (d duplicates) keys(customer, former schema.ID, subject match.Subject) []*MatchKey {
	var rows []*MatchKey
	for _, key := range d.matcher.Keys(subject) {
		rows = append(rows, &MatchKey{CustomerID: customer, FormerID: former, Key: keyText(key), Normaliser: match.Version})
	}
	return rows
}

// keysOf returns the stored keys of customers, narrowed by a condition, nil for all.
func keysOf(ctx context.Context, s *session.Session, customers []schema.ID, also query.Expr) ([]*MatchKey, error) {
	var rows []*MatchKey
	for some := range slices.Chunk(customers, query.MaxValues) {
		where := query.All(query.In("customer_id", some...))
		if also != nil {
			where = query.All(where, also)
		}
		for key, err := range storage.Of(s.Tenant(), MatchKeys).All(ctx, query.Select{Where: where}) {
			if err != nil {
				return nil, err
			}
			rows = append(rows, &key)
		}
	}
	return rows, nil
}

// replaceKeys stores keys in place of others. It is Retry where somebody else has just done
// so: the transaction runs again, and reads again.
func replaceKeys(ctx context.Context, s *session.Session, old, fresh []*MatchKey) error {
	keys := storage.Of(s.Tenant(), MatchKeys)
	list := make([]driver.Mutation, len(old))
	for i, key := range old {
		list[i] = driver.Mutation{Kind: keys.Kind(), Delete: &driver.Delete{ID: key.ID}}
	}
	for _, key := range fresh {
		key.ID = schema.NameID("match_key", key.CustomerID.String(), key.Key)
		if !key.FormerID.IsZero() {
			key.ID = schema.NameID("match_key", key.FormerID.String(), key.Key, "former")
		}
	}
	err := s.Tenant().Write(ctx, list...)
	if err == nil {
		err = keys.Insert(ctx, fresh...)
	}
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrExists) {
		return &fault.Error{Code: fault.Retry, Kind: MatchKeys.Name(), Message: "somebody else changed the customer at the same time", Err: err}
	}
	return err
}

// forgetKeys removes the keys of customers that are deleted, in every program: one that was
// given no matcher may have a store whose keys another one keeps.
func forgetKeys(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var gone []schema.ID
	for _, w := range writes {
		if w.New == nil {
			gone = append(gone, w.Old.ID)
		}
	}
	old, err := keysOf(ctx, s, gone, nil)
	if err != nil {
		return err
	}
	return replaceKeys(ctx, s, old, nil)
}

// keyText is a key as it is stored; the longest that match makes is cut to what an index
// holds, which finds no less.
func keyText(k match.Key) string {
	text := string(k.Kind) + ":" + k.Value
	if len(text) <= schema.DefaultMax {
		return text
	}
	cut := schema.DefaultMax
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut]
}

// sharing returns the stored keys that are one of some texts, by text: all of them, or more
// than match.MaxHits. It reports whether there is a key, of any text, that another version of
// package match has made.
func sharing(ctx context.Context, s *session.Session, texts []string) (found map[string][]MatchKey, outdated bool, err error) {
	slices.Sort(texts)
	list := []query.Select{
		{Where: query.Lt("normaliser", int64(match.Version)), Sort: query.By("normaliser"), Limit: 1},
		{Where: query.Gt("normaliser", int64(match.Version)), Sort: query.By("normaliser"), Limit: 1},
	}
	found = map[string][]MatchKey{}
	for _, text := range slices.Compact(texts) { // each by itself: of one that many share, a database would sort all
		found[text] = nil
		list = append(list, query.Select{Where: query.Eq("key", text), Sort: query.By("id"), Limit: match.MaxHits + 1})
	}
	rows, err := storage.Of(s.Tenant(), MatchKeys).Gather(ctx, list...)
	for _, row := range rows {
		outdated = outdated || row.Normaliser != match.Version
		if same, asked := found[row.Key]; asked && len(same) <= match.MaxHits {
			found[row.Key] = append(same, row)
		}
	}
	return found, outdated, err
}

func idsOf(list []*Customer) []schema.ID {
	ids := make([]schema.ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}
