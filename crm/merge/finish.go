package merge

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Finish makes the merges final that still stand and of which one of some records was the
// winner or a loser, for a module that takes away what undoing them needs. It asks for no
// permission.
func Finish(ctx context.Context, s *session.Session, k *schema.Kind, records ...schema.ID) error {
	for some := range slices.Chunk(records, query.MaxValues) {
		var merges []schema.ID
		won := query.Select{Where: query.All(query.Eq("kind", k.Name()), query.In("winner_id", some...), query.Eq("state", Done))}
		for m, err := range storage.Of(s.Tenant(), Merges).All(ctx, won) {
			if err != nil {
				return err
			}
			merges = append(merges, m.ID)
		}
		// A loser that is not there has a tombstone, as long as the merge stands.
		lost := query.Select{Where: query.All(query.Eq("kind", k.Name()), query.In("record_id", some...))}
		for stone, err := range storage.Of(s.Tenant(), session.Tombstones).All(ctx, lost) {
			if err != nil {
				return err
			}
			merges = append(merges, stone.MergeID)
		}
		slices.SortFunc(merges, schema.ID.Compare)
		for _, id := range slices.Compact(merges) {
			_, err := session.Of(s, Merges).Trusted().EditAs(ctx, org.Update, "merge.final", id, 0, func(m *Merge) error {
				m.State = Final
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
