package session

import (
	"context"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// OperationLog returns one page of what was done to records of all kinds, latest first (操作日志):
// who created, changed or deleted what, and when, and who took how many records out
// ("customer.exported", of no record, with their number as the change of "records"). q.Where is
// on the fields of journal.Entry, such as actor_id, kind, event and at; a condition that few
// entries meet is answered by reading all of a period, so give one. The sort is ignored.
//
// It is for who watches over others, and so tells also of records that the actor may not
// see, or that are gone. A role gives it by reading "journal_entry", named: "*" does not.
// Entries of a kind that the actor's roles do not let them read at all are left out, and
// fields that are not shown to them.
func (s *Session) OperationLog(ctx context.Context, q query.Select) (storage.Page[journal.Entry], error) {
	none := storage.Page[journal.Entry]{}
	if err := s.ready(ctx); err != nil {
		return none, err
	}
	if err := s.Require(ctx, org.Read, s.Registry().Kind(journal.Entries.Name())); err != nil {
		return none, err
	}
	var open []string
	rules := map[string]map[string]org.FieldAccess{}
	for _, k := range s.Registry().Kinds() {
		may, err := s.Can(ctx, org.Read, k)
		if err != nil {
			return none, err
		}
		if !may {
			continue
		}
		open = append(open, k.Name())
		if rules[k.Name()], err = s.FieldRules(ctx, k); err != nil {
			return none, err
		}
	}
	if len(open) == 0 {
		return none, nil
	}
	q.Where, q.Sort = query.All(q.Where, query.In("kind", open...)), query.By("-at")
	page, err := storage.Of(s.t, journal.Entries).Find(ctx, q)
	for i, e := range page.Items {
		page.Items[i].Changes = blankChanges(e.Changes, rules[e.Kind])
	}
	return page, err
}

// Exported appends to the journal that the actor takes n records of a kind out, for a module that
// writes them where no permission reaches. In a transaction that is rolled back, it is gone.
func (s *Session) Exported(ctx context.Context, k *schema.Kind, n int) error {
	noted, err := s.note([]*journal.Entry{{ID: s.t.NewID(), At: s.Now(), ActorID: s.actor.Employee, Actor: s.actor.Job,
		Kind: k.Name(), Event: k.Name() + ".exported", Changes: []journal.Change{{Field: "records", To: journal.Wire(int64(n))}}}})
	if err != nil {
		return err
	}
	return s.t.Write(ctx, noted...)
}
