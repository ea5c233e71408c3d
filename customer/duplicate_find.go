package customer

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// subject is a customer as it is compared, with its main address; nil for none.
func subject(c *Customer, at *Address) match.Subject {
	s := match.Subject{
		ID: c.ID.String(), Kind: match.Organisation, Names: []string{c.Name, c.ShortName}, TaxID: c.TaxID,
		Phones: []string{c.Phone}, Emails: []string{c.Email}, Website: c.Website, Address: match.Address{Region: c.Region},
	}
	if at != nil {
		s.Address = match.Address{Street: at.Street, City: at.City, Postcode: at.Postcode, Region: at.Province}
	}
	if c.Type == Individual {
		s.Kind, s.Given, s.Family, s.Names = match.Person, c.GivenName, c.FamilyName, []string{c.Name}
		if !c.Birthday.IsZero() {
			s.Birth = c.Birthday.String()
		}
	}
	return s
}

// mainAddresses returns for each of some customers the address by which it is compared,
// where it has one; see mainAddress.
func mainAddresses(ctx context.Context, s *session.Session, list []*Customer) (map[schema.ID]*Address, error) {
	theirs := map[schema.ID][]*Address{}
	stored := slices.DeleteFunc(idsOf(list), schema.ID.IsZero)
	for some := range slices.Chunk(stored, query.MaxValues) {
		where := query.All(query.In("customer_id", some...), query.Eq("is_default", true))
		for a, err := range storage.Of(s.Tenant(), Addresses).All(ctx, query.Select{Where: where}) {
			if err != nil {
				return nil, err
			}
			theirs[a.CustomerID] = append(theirs[a.CustomerID], &a)
		}
	}
	main := make(map[schema.ID]*Address, len(theirs))
	for _, c := range list {
		main[c.ID] = mainAddress(c, theirs[c.ID])
	}
	return main, nil
}

// mainAddress returns the address by which a customer is compared, nil for none: of those
// that are the default of their kind, the one where a company has its office or a person
// lives, or else the first kind by name.
func mainAddress(c *Customer, list []*Address) *Address {
	first := Office
	if c.Type == Individual {
		first = Home
	}
	var main *Address
	for _, a := range list {
		if a != nil && (main == nil || main.Kind != first && (a.Kind == first || strings.Compare(a.Kind, main.Kind) < 0)) {
			main = a
		}
	}
	return main
}

// duplicates finds and refuses duplicates, and keeps the keys.
type duplicates struct{ matcher *match.Matcher }

// hit is a customer that may be the same, whole as it is stored: what is told of it is read
// again as the actor sees it.
type hit struct {
	customer *Customer
	former   bool
	match.Verdict
}

// findings are the hits of each of a list of customers, the gravest first.
type findings struct {
	hits    [][]hit
	dropped []match.Key
	// outdated is set where there are keys that another match.Version made.
	outdated bool
}

// finding is a search under way.
type finding struct {
	findings
	matcher  *match.Matcher
	list     []*Customer
	subjects []match.Subject
	// candidates are, for each of the list, the stored customers that share a key with it, and
	// before those of the list before it, by their places.
	candidates [][]schema.ID
	before     [][]int
	// former are those that went into the candidates and share a key with one of the list, by
	// the candidate.
	former map[schema.ID][]schema.ID
}

// find judges each of some customers against the stored ones, and those of the list before
// it, that share a key with it. Beside the addresses that are stored with a customer it may
// have others, which are about to be stored.
func (d duplicates) find(ctx context.Context, s *session.Session, list []*Customer, also []*Address) (findings, error) {
	f := &finding{matcher: d.matcher, list: list, former: map[schema.ID][]schema.ID{}}
	at, err := mainAddresses(ctx, s, list)
	if err != nil {
		return findings{}, err
	}
	for _, c := range list {
		f.subjects = append(f.subjects, subject(c, mainAddress(c, slices.Concat(also, []*Address{at[c.ID]}))))
	}
	if err := f.candidatesOf(ctx, s); err != nil {
		return findings{}, err
	}
	others, err := load(ctx, s, slices.Concat(f.candidates...))
	if err != nil {
		return findings{}, err
	}
	if err := f.judge(ctx, s, others); err != nil {
		return findings{}, err
	}
	return f.findings, nil
}

// candidatesOf finds who shares a key.
func (f *finding) candidatesOf(ctx context.Context, s *session.Session) error {
	keys := make([][]match.Key, len(f.list))
	var texts []string
	for i := range f.list {
		keys[i] = f.matcher.Keys(f.subjects[i])
		for _, key := range keys[i] {
			texts = append(texts, keyText(key))
		}
	}
	stored, outdated, err := sharing(ctx, s, texts)
	f.outdated = outdated
	if err != nil {
		return err
	}
	f.candidates, f.before = make([][]schema.ID, len(f.list)), make([][]int, len(f.list))
	inCall := map[string][]int{}
	for i := range f.list {
		hits := make([]match.Hit, len(keys[i]))
		for n, key := range keys[i] {
			text := keyText(key)
			hits[n].Key = key
			for _, row := range stored[text] {
				hits[n].IDs = append(hits[n].IDs, row.CustomerID.String())
				if gone := f.former[row.CustomerID]; !row.FormerID.IsZero() && !slices.Contains(gone, row.FormerID) {
					f.former[row.CustomerID] = append(gone, row.FormerID)
				}
			}
			if earlier := inCall[text]; len(earlier) <= match.MaxHits {
				f.before[i] = append(f.before[i], earlier...)
			}
			inCall[text] = append(inCall[text], i)
		}
		shared, dropped := match.Candidates(hits)
		f.dropped = append(f.dropped, dropped...)
		for _, text := range shared {
			id, err := schema.ParseID(text)
			if err != nil {
				return err
			}
			f.candidates[i] = append(f.candidates[i], id)
		}
	}
	return nil
}

// judge compares each of the list with its candidates.
func (f *finding) judge(ctx context.Context, s *session.Session, others map[schema.ID]*Customer) error {
	was := map[schema.ID]bool{}
	for id, gone := range f.former {
		for _, one := range gone {
			was[one] = others[id] != nil
		}
	}
	gone, err := formers(ctx, s, was)
	if err != nil {
		return err
	}
	at := map[schema.ID]*Address{}
	if slices.ContainsFunc(f.subjects, func(s match.Subject) bool { return s.Address != match.Address{Region: s.Address.Region} }) {
		if at, err = mainAddresses(ctx, s, slices.Collect(maps.Values(others))); err != nil {
			return err
		}
	}
	f.hits = make([][]hit, len(f.list))
	for i, c := range f.list {
		for _, id := range f.candidates[i] {
			other := others[id]
			if other == nil || id == c.ID {
				continue
			}
			now := subject(other, at[id])
			h := hit{customer: other, Verdict: f.matcher.Judge(f.subjects[i], now)}
			for _, one := range f.former[id] {
				if gone[one] != nil {
					h.orFormer(f.matcher, f.subjects[i], asFormer(now, subject(gone[one], nil)))
				}
			}
			f.add(i, h)
		}
		slices.Sort(f.before[i])
		for _, n := range slices.Compact(f.before[i]) {
			f.add(i, hit{customer: f.list[n], Verdict: f.matcher.Judge(f.subjects[i], f.subjects[n])})
		}
		slices.SortStableFunc(f.hits[i], func(a, b hit) int { return int(b.Action) - int(a.Action) })
	}
	return nil
}

// orFormer makes the hit one by what the customer was called or reached by, where that says
// more.
func (h *hit) orFormer(m *match.Matcher, s match.Subject, former []match.Subject) {
	for _, was := range former {
		if v := m.Judge(s, was); v.Action > h.Action {
			h.Verdict, h.former = v, true
		}
	}
}

// add adds a hit, unless only a scan tells of it.
func (f *finding) add(i int, h hit) {
	if h.Action >= match.Warn {
		f.hits[i] = append(f.hits[i], h)
	}
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
