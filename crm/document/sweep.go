package document

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

const (
	// sweepPage is how many blobs one Sweep looks at.
	sweepPage = query.MaxValues
	// sweepAge is how old an orphan is before it is removed: the transaction that will
	// write its record may still be open.
	sweepAge = 24 * time.Hour
)

// Sweep removes bytes without a revision: what transactions that were rolled back and
// processes that died have left in a store outside of the database. It looks at up to a
// thousand blobs of the tenant behind a key, and leaves alone those of the last 24 hours,
// by the session's clock and the store's. It returns how many it has removed, and the key
// to go on behind; zero when there is nothing more, and to begin with:
//
//	for after, more := (schema.ID{}), true; more; more = !after.IsZero() {
//		if _, after, err = s.Documents.Sweep(ctx, after); err != nil {
//			return err
//		}
//	}
//
// It may be run at any time, by several processes, and again after it has failed. It is
// for the system: Forbidden to people, and Precondition in a transaction, in which a
// deleted document may come back. A store that joins the transaction has no orphans.
func (m Module) Sweep(ctx context.Context, after schema.ID) (removed int, next schema.ID, err error) {
	t := m.s.Tenant()
	switch {
	case !m.s.Actor().IsSystem():
		return 0, next, fault.New(fault.Forbidden, "sweeping is for the system")
	case t.InTx():
		return 0, next, fault.New(fault.Precondition, "sweeping has no place in a transaction")
	case m.blobs.Info().Joins:
		return 0, next, nil
	}
	blobs, err := m.blobs.List(ctx, t, after, sweepPage)
	if err != nil {
		return 0, next, wrap(err)
	}
	var keys []schema.ID
	for _, b := range blobs {
		if b.At.Before(m.s.Now().Add(-sweepAge)) {
			keys = append(keys, b.Key)
		}
	}
	orphans, err := m.orphans(ctx, keys)
	if err == nil {
		err = wrap(m.blobs.Delete(ctx, t, orphans...))
	}
	if err != nil {
		return 0, next, err
	}
	if len(blobs) == sweepPage {
		next = blobs[sweepPage-1].Key
	}
	return len(orphans), next, nil
}

// orphans returns those of some keys, at most sweepPage, that no revision has.
func (m Module) orphans(ctx context.Context, keys []schema.ID) ([]schema.ID, error) {
	named := make(map[schema.ID]bool, len(keys))
	if len(keys) > 0 {
		page, err := storage.Of(m.s.Tenant(), Revisions).Find(ctx, query.Select{Where: query.In("id", keys...), Sort: query.By("id"), Limit: sweepPage})
		if err != nil {
			return nil, err
		}
		for _, rev := range page.Items {
			named[rev.ID] = true
		}
	}
	var orphans []schema.ID
	for _, key := range keys {
		if !named[key] {
			orphans = append(orphans, key)
		}
	}
	return orphans, nil
}
