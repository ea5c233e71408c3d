package session

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Tombstone stands where a record was that is now part of another one (合并记录): whoever
// reads the one reads the other. Package merge sets it. Nobody has rights on it, and none
// points at another tombstone.
type Tombstone struct {
	ID      schema.ID
	Version int64
	// Kind and RecordID name the record that is gone, and IntoID is that of the same kind
	// which it was merged into.
	Kind      string    `crm:"kind,max=60"`
	RecordID  schema.ID `crm:"record_id,required"`
	IntoID    schema.ID `crm:"into_id,required"`
	MergeID   schema.ID `crm:"merge_id,required"`
	UpdatedAt time.Time `crm:"updated_at,required"`
	UpdatedBy schema.ID
}

// Tombstones is the kind of Tombstone.
var Tombstones = schema.Define[Tombstone]("tombstone",
	schema.Unique("kind", "record_id"), schema.IndexOn("merge_id"),
	schema.PolymorphicRef("into", "kind", "into_id"))

// MergedInto returns for those of some records which were merged into another the id of that.
func (s *Session) MergedInto(ctx context.Context, k *schema.Kind, ids ...schema.ID) (map[schema.ID]schema.ID, error) {
	page, err := storage.Of(s.t, Tombstones).Find(ctx, query.Select{Limit: query.MaxLimit,
		Where: query.All(query.Eq("kind", k.Name()), query.In("record_id", ids...))})
	into := make(map[schema.ID]schema.ID, len(page.Items))
	for _, t := range page.Items {
		into[t.RecordID] = t.IntoID
	}
	return into, err
}

// mergedInto returns the row of what a missing record was merged into, or the error by
// which it was missed.
func (s *Session) mergedInto(ctx context.Context, k *schema.Kind, id schema.ID, missed error) (driver.Row, error) {
	if id.IsZero() || storage.Of(s.t, Tombstones).Kind() == nil {
		return nil, missed
	}
	into, err := s.MergedInto(ctx, k, id)
	if err != nil {
		return nil, err
	}
	if into[id].IsZero() {
		return nil, missed
	}
	return s.t.Get(ctx, k, into[id], nil)
}
