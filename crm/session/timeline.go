package session

import (
	"context"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// subjectOf returns the record whose story a change of a record belongs to.
func subjectOf(k *schema.Kind, row driver.Row) schema.ID {
	if whole := k.Whole(); whole != nil {
		if id, _ := row[whole.Field.Position].(schema.ID); !id.IsZero() {
			return id
		}
	}
	for _, rel := range k.Relations() {
		if !rel.Holds {
			continue
		}
		if id, _ := row[rel.Field.Position].(schema.ID); !id.IsZero() {
			return id
		}
	}
	for _, ref := range k.Refs() {
		if id, _ := row[ref.ID.Position].(schema.ID); !id.IsZero() {
			return id
		}
	}
	return row[k.ID().Position].(schema.ID)
}

// Timeline returns one page of what happened to a record and to what belongs to it, latest
// first (时间线): to its parts, to what holds it, such as the opportunities of a customer, and to
// what is about it, such as documents; of those, what the actor may read now, and of parts
// also what is gone. It tells of the records that were merged into it as well. A page may
// hold fewer entries than its limit, or none, and have a next one.
//
// Whoever may read the record may read its timeline. q may carry a limit and a cursor; its
// condition and sort are ignored.
func (s *Session) Timeline(ctx context.Context, ref record.Ref, q query.Select) (storage.Page[journal.Entry], error) {
	none := storage.Page[journal.Entry]{}
	if err := s.ready(ctx); err != nil {
		return none, err
	}
	k := s.Registry().Kind(ref.Kind)
	if k == nil {
		return none, fault.InvalidField("kind", "kind", "there is no kind %.40q", ref.Kind)
	}
	row, err := s.Row(ctx, org.Read, k, ref.ID)
	if err != nil {
		return none, err
	}
	id := row[k.ID().Position].(schema.ID)
	told := []schema.ID{id}
	// The losers of merges that stand; a record has few.
	stones, err := storage.Of(s.t, Tombstones).Find(ctx, query.Select{Where: query.All(query.Eq("kind", k.Name()), query.Eq("into_id", id)), Sort: query.By("id"), Limit: maxMerged})
	if err != nil {
		return none, err
	}
	for _, stone := range stones.Items {
		told = append(told, stone.RecordID)
	}
	page, err := storage.Of(s.t, journal.Entries).Find(ctx, query.Select{
		Where: query.In("subject_id", told...), Sort: query.By("-at", "-id"), Limit: q.Limit, Cursor: q.Cursor})
	if err != nil {
		return none, err
	}
	page.Items, err = s.tellable(ctx, page.Items, told)
	return page, err
}

// maxMerged is the number of merged records of which a timeline tells.
const maxMerged = 100

// tellable returns the entries that the actor may read, with the fields that they may see.
// told are the records whose story it is, which they may read.
func (s *Session) tellable(ctx context.Context, entries []journal.Entry, told []schema.ID) ([]journal.Entry, error) {
	byKind := map[string][]schema.ID{}
	for _, e := range entries {
		byKind[e.Kind] = append(byKind[e.Kind], e.RecordID)
	}
	mine := make(map[schema.ID]bool, len(told))
	for _, id := range told {
		mine[id] = true
	}
	readable, rules := map[string]map[schema.ID]bool{}, map[string]map[string]org.FieldAccess{}
	for name, ids := range byKind {
		k := s.Registry().Kind(name)
		if k == nil {
			continue // no longer kept
		}
		open, err := s.Can(ctx, org.Read, k)
		if err != nil {
			return nil, err
		}
		if !open {
			continue
		}
		if k.Whole() == nil {
			if readable[name], err = s.Readable(ctx, k, ids); err != nil {
				return nil, err
			}
		}
		if rules[name], err = s.FieldRules(ctx, k); err != nil {
			return nil, err
		}
		if readable[name] == nil {
			readable[name] = map[schema.ID]bool{}
		}
	}
	kept := entries[:0]
	for _, e := range entries {
		k := s.Registry().Kind(e.Kind)
		if seen := readable[e.Kind]; seen == nil || k.Whole() == nil && !seen[e.RecordID] && !mine[e.RecordID] {
			continue
		}
		e.Changes = blankChanges(e.Changes, rules[e.Kind])
		kept = append(kept, e)
	}
	return kept, nil
}
