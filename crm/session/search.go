package session

import (
	"context"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// SearchQuery asks for records by what somebody types (速查).
type SearchQuery struct {
	// Text is what was typed so far: Chinese, Latin letters, pinyin or its initials, or
	// digits; see storage/search. An empty one finds nothing.
	Text string
	// Kinds names the kinds of record that are looked for; nil is all that are searched.
	Kinds []string
	// Limit is the greatest number of hits in all: 0 is 10, more than 100 is refused.
	Limit int
}

// Hit is a record that was found.
type Hit struct {
	record.Ref
	// Text is what the record is called: the first of the fields it is found by that is
	// not empty and that the actor may see. It may be empty.
	Text string
	// Whole is what the record is part of, as a contact is of its customer; zero for what
	// stands alone.
	Whole record.Ref
	// Begins says that the record begins with the text, and does not only hold it.
	Begins bool
}

// Search returns the first of the records that are found by what somebody types and that
// the actor may read: those that begin with it, then the others, and among equals those
// that were used last in front. A date counts as the beginning of its day, and what was
// never used comes last.
//
// Fields that are hidden from the actor, or masked, neither find nor show anything. Kinds
// of which the actor may read nothing are passed over. A kind that is not searched, and a
// text of more than 100 characters, are Invalid.
func (s *Session) Search(ctx context.Context, q SearchQuery) ([]Hit, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	kinds, err := s.searched(q.Kinds)
	if err != nil {
		return nil, err
	}
	var found []ranked
	for _, k := range kinds {
		some, err := s.searchKind(ctx, k, q)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortStableFunc(found, ranked.compare)
	limit := q.Limit
	if limit == 0 {
		limit = query.DefaultHits
	}
	hits := make([]Hit, 0, min(len(found), limit))
	for _, f := range found[:min(len(found), limit)] {
		hits = append(hits, f.Hit)
	}
	return hits, nil
}

// searched returns the kinds of some names, or all that are searched.
func (s *Session) searched(names []string) ([]*schema.Kind, error) {
	var kinds []*schema.Kind
	for _, k := range s.Registry().Kinds() {
		if k.Search() != nil && (names == nil || slices.Contains(names, k.Name())) {
			kinds = append(kinds, k)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(kinds, func(k *schema.Kind) bool { return k.Name() == name }) {
			return nil, fault.InvalidField("kinds", "search", "there is no kind %.80q that is searched", name)
		}
	}
	return kinds, nil
}

// searchKind returns the hits of one kind, in their order.
func (s *Session) searchKind(ctx context.Context, k *schema.Kind, q SearchQuery) ([]ranked, error) {
	if able, err := s.Can(ctx, org.Read, k); err != nil || !able {
		return nil, err
	}
	scope, err := s.Scope(ctx, org.Read, k)
	if err != nil {
		return nil, err
	}
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return nil, err
	}
	rows, err := s.t.Search(ctx, k, query.Search{Text: q.Text, Fields: shownFields(k, rules), Limit: q.Limit}, scope)
	found := make([]ranked, len(rows))
	for i, row := range rows {
		found[i] = s.ranked(k, row, rules)
	}
	return found, err
}

// shownFields returns the fields by which somebody may search for whom rules hold; nil is
// all of them.
func shownFields(k *schema.Kind, rules map[string]org.FieldAccess) []string {
	shown := []string{}
	for _, f := range k.Search().Fields {
		if mayShow(rules, f.Field) {
			shown = append(shown, f.Field.Name)
		}
	}
	if len(shown) == len(k.Search().Fields) {
		return nil
	}
	return shown
}

func mayShow(rules map[string]org.FieldAccess, f *schema.Field) bool {
	access, ruled := rules[f.Name]
	return !ruled || access.Shown()
}

// ranked is a hit with the time of its last use; zero for none.
type ranked struct {
	Hit
	used time.Time
}

func (s *Session) ranked(k *schema.Kind, hit storage.Hit, rules map[string]org.FieldAccess) ranked {
	r := ranked{Hit: Hit{Ref: refOf(k, hit.Row, k.ID()), Begins: hit.Begins}}
	for _, f := range k.Search().Fields {
		if text, _ := hit.Row[f.Field.Position].(string); text != "" && mayShow(rules, f.Field) {
			r.Text = text
			break
		}
	}
	if whole := k.Whole(); whole != nil && mayShow(rules, whole.Field) {
		r.Whole = refOf(whole.To, hit.Row, whole.Field)
	}
	switch used := hit.Row[k.Search().Recent.Position].(type) {
	case time.Time:
		r.used = used
	case schema.Date:
		r.used = used.Time(s.core.location)
	}
	return r
}

// refOf names the record of a kind whose id stands in a field of a row; nothing where none
// does.
func refOf(k *schema.Kind, row driver.Row, f *schema.Field) record.Ref {
	id, ok := row[f.Position].(schema.ID)
	if !ok {
		return record.Ref{}
	}
	return record.Ref{Kind: k.Name(), ID: id}
}

// compare orders hits; those of one kind come in their order already.
func (r ranked) compare(other ranked) int {
	if r.Begins != other.Begins {
		if r.Begins {
			return -1
		}
		return 1
	}
	return other.used.Compare(r.used)
}
