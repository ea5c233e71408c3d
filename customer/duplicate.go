package customer

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
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
// customer, by a program that was given a matcher.
type MatchKey struct {
	ID         schema.ID // from customer and key
	CustomerID schema.ID `crm:"customer_id,required"`
	// Key is the kind of the key and its value, with a colon between them.
	Key string `crm:"key,personal"`
}

// MatchKeys is the kind of MatchKey.
var MatchKeys = schema.Define[MatchKey]("match_key", schema.Derived(), schema.IndexOn("key"),
	schema.BelongsTo("customer", "customer", "customer_id"))

// Duplicate is a stored customer that may be the same as another one, as the actor sees it.
type Duplicate struct {
	ID      schema.ID
	Name    string
	OwnerID schema.ID
	match.Verdict
}

// HiddenDuplicate is what the rules say about a stored customer that the actor may not read.
type HiddenDuplicate struct {
	// OwnerID is whom to talk to, the customer's owner, in a program that tells it
	// (Options.TellOwner); zero otherwise.
	OwnerID schema.ID
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
// blocks, and says nothing of what one warns of. It costs a few queries, however many
// customers there are. It is Precondition in a program that was given no matcher.
func (m Module) Duplicates(ctx context.Context, c *Customer) (Duplicates, error) {
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
	found, err := d.find(ctx, m.s, []*Customer{c})
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
	result := Duplicates{Dropped: found.dropped}
	hits := found.of(0)
	if len(hits) == 0 {
		return result, nil
	}
	seen, err := m.seen(ctx, hits)
	if err != nil {
		return Duplicates{}, err
	}
	for _, hit := range hits {
		if c := seen[hit.customer.ID]; c != nil {
			result.Visible = append(result.Visible, Duplicate{c.ID, c.Name, c.OwnerID, hit.Verdict})
			continue
		}
		hidden := HiddenDuplicate{Verdict: hit.Verdict}
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
			for _, id := range ids {
				if c := whole[id]; c != nil && !yield(subject(c), nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// RebuildMatchKeys makes the keys of up to a thousand customers behind one anew, for a
// program that is given a matcher for the first time, or one whose keys have changed
// (match.Version). It returns the customer to go on behind, zero when all are done. It
// may be run again at any time; it is for the system.
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
		var ids []schema.ID
		list := make([]*Customer, len(page.Items))
		for i := range page.Items {
			list[i] = &page.Items[i]
			ids = append(ids, page.Items[i].ID)
		}
		if err := forget(ctx, s, ids); err != nil {
			return err
		}
		if page.Next != "" {
			next = ids[len(ids)-1]
		}
		return duplicates{m.options.Matcher}.keep(ctx, s, list)
	})
	return next, err
}

// subject is a customer as it is compared.
func subject(c *Customer) match.Subject {
	s := match.Subject{
		ID: c.ID.String(), Kind: match.Organisation, Names: []string{c.Name, c.ShortName}, TaxID: c.TaxID,
		Phones: []string{c.Phone}, Emails: []string{c.Email}, Website: c.Website, Address: match.Address{Region: c.Region},
	}
	if c.Type == Individual {
		s.Kind, s.Given, s.Family, s.Names = match.Person, c.GivenName, c.FamilyName, []string{c.Name}
		if !c.Birthday.IsZero() {
			s.Birth = c.Birthday.String()
		}
	}
	return s
}

// duplicates finds and refuses duplicates, and keeps the keys.
type duplicates struct{ matcher *match.Matcher }

// DuplicateHooks returns the rules of a program that was given a matcher: customers that
// a rule blocks are refused with Exists, and the match keys follow the customers.
func DuplicateHooks(m *match.Matcher) []session.Hook {
	if m == nil {
		return nil
	}
	d := duplicates{m}
	return []session.Hook{session.Before(Customers, d.refuse), session.After(Customers, d.follow)}
}

// refuse refuses customers that a rule blocks: because of one that is stored, or of one in
// the same call. Transactions that may be refused wait for each other, so that of two
// duplicates that are stored at the same instant one is refused.
func (d duplicates) refuse(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var gone []schema.ID
	var list []*Customer
	for _, w := range writes {
		switch {
		case w.New == nil:
			gone = append(gone, w.Old.ID)
		case d.changed(w) && !byMerge(s, w.Event, EventAbsorbed, EventMoved, EventUnmerged) && !erased(s, Customers.Name(), w.Event):
			list = append(list, w.New)
		}
	}
	if err := forget(ctx, s, gone); err != nil || len(list) == 0 || !d.matcher.Blocks() {
		return err
	}
	if err := s.Serialize(ctx, "customer.duplicates"); err != nil {
		return err
	}
	found, err := d.find(ctx, s, list)
	if err != nil {
		return err
	}
	for i := range list {
		for _, hit := range found.of(i) {
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

// changed reports whether a write changes the keys.
func (d duplicates) changed(w session.Write[Customer]) bool {
	return w.Old == nil || !slices.Equal(d.matcher.Keys(subject(w.Old)), d.matcher.Keys(subject(w.New)))
}

// follow brings the keys up to date.
func (d duplicates) follow(ctx context.Context, s *session.Session, writes []session.Write[Customer]) error {
	var old []schema.ID
	var list []*Customer
	for _, w := range writes {
		if w.New == nil || !d.changed(w) {
			continue
		}
		if w.Old != nil {
			old = append(old, w.Old.ID)
		}
		list = append(list, w.New)
	}
	if err := forget(ctx, s, old); err != nil {
		return err
	}
	return d.keep(ctx, s, list)
}

func (d duplicates) keep(ctx context.Context, s *session.Session, list []*Customer) error {
	var rows []*MatchKey
	for _, c := range list {
		for _, key := range d.matcher.Keys(subject(c)) {
			text := keyText(key)
			rows = append(rows, &MatchKey{ID: schema.NameID("match_key", c.ID.String(), text), CustomerID: c.ID, Key: text})
		}
	}
	return storage.Of(s.Tenant(), MatchKeys).Insert(ctx, rows...)
}

// forget removes the keys of customers.
func forget(ctx context.Context, s *session.Session, customers []schema.ID) error {
	keys := storage.Of(s.Tenant(), MatchKeys)
	var gone []driver.Mutation
	for some := range slices.Chunk(customers, query.MaxValues) {
		for key, err := range keys.All(ctx, query.Select{Where: query.In("customer_id", some...)}) {
			if err != nil {
				return err
			}
			gone = append(gone, driver.Mutation{Kind: keys.Kind(), Delete: &driver.Delete{ID: key.ID}})
		}
	}
	return s.Tenant().Write(ctx, gone...)
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

// hit is a customer that may be the same, whole as it is stored: what is told of it is read
// again as the actor sees it.
type hit struct {
	customer *Customer
	match.Verdict
}

// findings are the hits of a list of customers.
type findings struct {
	hits    map[int][]hit
	dropped []match.Key
}

func (f findings) of(i int) []hit { return f.hits[i] }

// find judges each of some customers against the stored ones, and those of the list before
// it, that share a key with it.
func (d duplicates) find(ctx context.Context, s *session.Session, list []*Customer) (findings, error) {
	keys := make([][]match.Key, len(list))
	sharing := map[string][]string{} // ids by key
	for i, c := range list {
		keys[i] = d.matcher.Keys(subject(c))
		for _, key := range keys[i] {
			sharing[keyText(key)] = nil
		}
	}
	if err := stored(ctx, s, sharing); err != nil {
		return findings{}, err
	}
	inCall := map[string][]int{}
	candidates := make([][]schema.ID, len(list))
	before := make([][]int, len(list))
	var f findings
	var wanted []schema.ID
	for i := range list {
		hits := make([]match.Hit, len(keys[i]))
		for n, key := range keys[i] {
			text := keyText(key)
			hits[n] = match.Hit{Key: key, IDs: sharing[text]}
			if earlier := inCall[text]; len(earlier) <= match.MaxHits {
				before[i] = append(before[i], earlier...)
			}
			inCall[text] = append(inCall[text], i)
		}
		shared, dropped := match.Candidates(hits)
		f.dropped = append(f.dropped, dropped...)
		for _, text := range shared {
			id, err := schema.ParseID(text)
			if err != nil {
				return findings{}, err
			}
			candidates[i] = append(candidates[i], id)
		}
		wanted = append(wanted, candidates[i]...)
	}
	others, err := load(ctx, s, wanted)
	if err != nil {
		return findings{}, err
	}
	f.hits = map[int][]hit{}
	for i, c := range list {
		for _, id := range candidates[i] {
			if other := others[id]; other != nil && other.ID != c.ID {
				f.judge(d.matcher, i, c, other)
			}
		}
		slices.Sort(before[i])
		for _, n := range slices.Compact(before[i]) {
			f.judge(d.matcher, i, c, list[n])
		}
		slices.SortStableFunc(f.hits[i], func(a, b hit) int { return int(b.Action) - int(a.Action) })
	}
	return f, nil
}

func (f findings) judge(m *match.Matcher, i int, c, other *Customer) {
	if v := m.Judge(subject(c), subject(other)); v.Action >= match.Warn {
		f.hits[i] = append(f.hits[i], hit{other, v})
	}
}

// stored fills in the customers that have each of some keys: all of them, or more than
// match.MaxHits.
func stored(ctx context.Context, s *session.Session, sharing map[string][]string) error {
	texts := make([]string, 0, len(sharing))
	for text := range sharing {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	keys := storage.Of(s.Tenant(), MatchKeys)
	// So many that a page holds all that they should have.
	for some := range slices.Chunk(texts, query.MaxLimit/(match.MaxHits+1)) {
		page, err := keys.Find(ctx, query.Select{Where: query.In("key", some...), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		if page.Next == "" {
			for _, key := range page.Items {
				sharing[key.Key] = append(sharing[key.Key], key.CustomerID.String())
			}
			continue
		}
		for _, text := range some { // one of them is too common; which one, each tells
			page, err := keys.Find(ctx, query.Select{Where: query.Eq("key", text), Limit: match.MaxHits + 1})
			if err != nil {
				return err
			}
			for _, key := range page.Items {
				sharing[text] = append(sharing[text], key.CustomerID.String())
			}
		}
	}
	return nil
}

// load reads customers whole.
func load(ctx context.Context, s *session.Session, ids []schema.ID) (map[schema.ID]*Customer, error) {
	ids = slices.SortedFunc(slices.Values(ids), schema.ID.Compare)
	found := make(map[schema.ID]*Customer, len(ids))
	for some := range slices.Chunk(slices.Compact(ids), query.MaxValues) {
		page, err := storage.Of(s.Tenant(), Customers).Find(ctx, query.Select{Where: query.In("id", some...), Sort: query.By("id"), Limit: query.MaxLimit})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			found[page.Items[i].ID] = &page.Items[i]
		}
	}
	return found, nil
}
