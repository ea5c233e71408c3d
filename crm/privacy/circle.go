package privacy

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// circle is what is about one person and nobody else, by kind, in the order in which it was
// found: the person's record, those that were merged into it, their parts, and whatever
// points at one of these and has a personal field, unless it is a person of its own.
type circle struct {
	rules  Rules
	groups []*group
}

// group is the records of one kind in a circle. Some may be gone, deleted or merged into
// another, so that only histories tell of them.
type group struct {
	kind *schema.Kind
	ids  []schema.ID
}

// pointer is a way in which records of a kind lead to those of another.
type pointer struct {
	id, named *schema.Field // named holds the name of the other kind, nil where there is none
	part      bool
}

// pointers returns the ways from one kind to another.
func pointers(from, to *schema.Kind) []pointer {
	var list []pointer
	for _, rel := range from.Relations() {
		if !rel.Many && rel.ToName == to.Name() {
			list = append(list, pointer{id: rel.Field, part: rel.Part})
		}
	}
	for _, ref := range from.Refs() {
		if len(ref.KindNames) == 0 || slices.Contains(ref.KindNames, to.Name()) {
			list = append(list, pointer{id: ref.ID, named: ref.Kind})
		}
	}
	return list
}

// where is the condition that a record points at some of a kind.
func (p pointer) where(to *schema.Kind, ids []schema.ID) query.Expr {
	if p.named == nil {
		return query.In(p.id.Name, ids...)
	}
	return query.All(query.Eq(p.named.Name, to.Name()), query.In(p.id.Name, ids...))
}

// personal returns the fields of a kind that say something about a person.
func personal(k *schema.Kind) []*schema.Field {
	return slices.DeleteFunc(slices.Clone(k.Columns()), func(f *schema.Field) bool { return !f.Personal })
}

// isRecord reports whether a kind is one of records, and not a history or what is made from
// other records.
func isRecord(k *schema.Kind) bool {
	return k.Version() != nil && k.Field("updated_by") != nil && !k.Derived()
}

// draw finds the circle of a person and of the records that were merged into them.
func (r Rules) draw(ctx context.Context, s *session.Session, k *schema.Kind, person schema.ID) (*circle, error) {
	c := &circle{rules: r}
	into := query.Select{Where: query.All(query.Eq("kind", k.Name()), query.Eq("into_id", person)), Sort: query.By("id")}
	ids := []schema.ID{person}
	for stone, err := range storage.Of(s.Tenant(), session.Tombstones).All(ctx, into) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, stone.RecordID)
	}
	c.groups = []*group{{k, ids}}
	return c, c.widen(ctx, s, k, ids)
}

// widen adds what points at records that are the person or parts.
func (c *circle) widen(ctx context.Context, s *session.Session, to *schema.Kind, ids []schema.ID) error {
	for _, from := range s.Registry().Kinds() {
		if !isRecord(from) {
			continue
		}
		ways := slices.DeleteFunc(pointers(from, to), func(p pointer) bool { return !p.part && !c.tells(from) })
		if len(ways) == 0 {
			continue
		}
		there, err := pointing(ctx, s, from, to, ways, ids)
		if err != nil {
			return err
		}
		gone, err := departed(ctx, s, from, ways, ids)
		if err != nil {
			return err
		}
		fresh := c.add(from, append(there, gone...))
		if parts := slices.ContainsFunc(ways, func(p pointer) bool { return p.part }); parts && len(fresh) > 0 {
			if err := c.widen(ctx, s, from, fresh); err != nil {
				return err
			}
		}
	}
	return nil
}

// tells reports whether records of a kind that point at a person say something about them.
func (c *circle) tells(k *schema.Kind) bool {
	_, err := c.rules.subject(k.Name())
	return err != nil && len(personal(k)) > 0
}

// add takes records in and returns those that were not in the circle.
func (c *circle) add(k *schema.Kind, ids []schema.ID) []schema.ID {
	if len(ids) == 0 {
		return nil
	}
	at := slices.IndexFunc(c.groups, func(g *group) bool { return g.kind == k })
	if at < 0 {
		at, c.groups = len(c.groups), append(c.groups, &group{kind: k})
	}
	g := c.groups[at]
	known := make(map[schema.ID]bool, len(g.ids))
	for _, id := range g.ids {
		known[id] = true
	}
	var fresh []schema.ID
	for _, id := range ids {
		if !known[id] {
			known[id], fresh = true, append(fresh, id)
		}
	}
	g.ids = append(g.ids, fresh...)
	return fresh
}

// pointing returns the records of a kind that point at some of another.
func pointing(ctx context.Context, s *session.Session, from, to *schema.Kind, ways []pointer, ids []schema.ID) ([]schema.ID, error) {
	var found []schema.ID
	for _, way := range ways {
		for some := range slices.Chunk(ids, query.MaxValues) {
			err := eachPage(ctx, s, from, way.where(to, some), func(page storage.Rows) error {
				for _, row := range page.Rows {
					found = append(found, row[from.ID().Position].(schema.ID))
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// eachPage calls fn with each page of the records that a condition finds, in order of
// their ids.
func eachPage(ctx context.Context, s *session.Session, k *schema.Kind, where query.Expr, fn func(storage.Rows) error) error {
	q := query.Select{Where: where, Sort: query.By("id"), Limit: query.MaxLimit}
	for {
		page, err := s.Tenant().Select(ctx, k, q, nil)
		if err != nil {
			return err
		}
		if err := fn(page); err != nil {
			return err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// departed returns the records of a kind that pointed at some of another when they were
// deleted or given up. Only the journal tells of them: in the stories of the others, and by
// what leads there from elsewhere.
func departed(ctx context.Context, s *session.Session, from *schema.Kind, ways []pointer, ids []schema.ID) ([]schema.ID, error) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id.String()] = true
	}
	var found []schema.ID
	for some := range slices.Chunk(ids, query.MaxValues) {
		ends := query.Select{Sort: query.By("subject_id", "at"), Where: query.All(query.In("subject_id", some...), query.Eq("kind", from.Name()),
			query.In("event", from.Name()+".deleted", from.Name()+".merged", from.Name()+".unmerged"))}
		for e, err := range storage.Of(s.Tenant(), journal.Entries).All(ctx, ends) {
			if err != nil {
				return nil, err
			}
			if slices.ContainsFunc(ways, func(way pointer) bool { return wanted[was(e, way.id.Name)] }) {
				found = append(found, e.RecordID)
			}
		}
		led := query.Select{Where: query.All(query.In("from_id", some...), query.Eq("kind", from.Name()))}
		for d, err := range storage.Of(s.Tenant(), journal.Departures).All(ctx, led) {
			if err != nil {
				return nil, err
			}
			found = append(found, d.RecordID)
		}
	}
	return found, nil
}

// was returns the id that a field held before a change, empty for none.
func was(e journal.Entry, field string) string {
	for _, ch := range e.Changes {
		var id string
		if ch.Field == field && ch.To == nil && ch.From != nil && json.Unmarshal(ch.From, &id) == nil {
			return id
		}
	}
	return ""
}
