package journal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Publisher takes entries to wherever a host wants them: a broker, a queue, a log.
type Publisher interface {
	// Publish is given entries in order. When it returns nil they count as
	// delivered; after an error all of them are given again later. The same entry
	// may come twice: its ID tells. Record and version don't: entries of exports have none.
	Publish(ctx context.Context, tenant string, entries []Entry) error
}

// relayBatch is the number of entries published at once, and relayLease how long
// one process may take for a batch before another may think it dead.
const (
	relayBatch = 200
	relayLease = time.Minute
)

// Relay publishes what waits in a tenant's outbox and returns the number of
// entries delivered. When another process is at it, it returns 0 at once. It ends
// when the outbox is empty, at the first error, or when ctx is done.
func Relay(ctx context.Context, t *storage.Tenant, p Publisher) (int, error) {
	holder := t.NewID()
	delivered := 0
	for {
		held, err := claim(ctx, t, "relay", holder, relayLease)
		if err != nil || !held {
			return delivered, err
		}
		n, err := relayOnce(ctx, t, p)
		delivered += n
		if err != nil || n == 0 {
			return delivered, errors.Join(err, release(context.WithoutCancel(ctx), t, "relay", holder))
		}
	}
}

// relayOnce publishes one batch, then deletes it from the outbox.
func relayOnce(ctx context.Context, t *storage.Tenant, p Publisher) (int, error) {
	outbox := storage.Of(t, Outbox)
	// By record and version, so that no version is published before an earlier
	// one that waits in a later batch.
	page, err := outbox.Find(ctx, query.Select{Sort: query.By("record_id", "version"), Limit: relayBatch})
	if err != nil || len(page.Items) == 0 {
		return 0, err
	}
	ids := make([]schema.ID, len(page.Items))
	for i, pending := range page.Items {
		ids[i] = pending.ID
	}
	found, err := storage.Of(t, Entries).Find(ctx, query.Select{Where: query.In("id", ids...), Limit: relayBatch})
	if err != nil {
		return 0, err
	}
	entries := found.Items
	inOrder(entries)
	if err := p.Publish(ctx, t.Name(), entries); err != nil {
		return 0, err
	}
	gone := make([]driver.Mutation, len(ids))
	for i, id := range ids {
		gone[i] = driver.Mutation{Kind: outbox.Kind(), Delete: &driver.Delete{ID: id}}
	}
	err = t.Write(ctx, gone...)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil // our lease ran out while publishing, and another relay went on from here
	}
	return len(entries), err
}

// inOrder sorts entries by id, which follows the clock, and then puts the entries
// of each record, within the places they have, in order of their versions: the
// clocks of two processes may differ.
func inOrder(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return a.ID.Compare(b.ID) })
	places := map[schema.ID][]int{}
	for i, e := range entries {
		places[e.RecordID] = append(places[e.RecordID], i)
	}
	for _, at := range places {
		same := make([]Entry, len(at))
		for i, place := range at {
			same[i] = entries[place]
		}
		slices.SortStableFunc(same, func(a, b Entry) int { return int(a.RecordVersion - b.RecordVersion) })
		for i, place := range at {
			entries[place] = same[i]
		}
	}
}

// claim takes or prolongs the lease of a job. It returns false when another holder
// has it.
func claim(ctx context.Context, t *storage.Tenant, job string, holder schema.ID, d time.Duration) (bool, error) {
	leases := storage.Of(t, Leases)
	id := schema.NameID("lease", job)
	lease, err := leases.Get(ctx, id)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		err = leases.Insert(ctx, &Lease{ID: id, Version: 1, Job: job, Holder: holder, Until: t.Now().Add(d)})
	case err != nil:
		return false, err
	case lease.Holder != holder && lease.Until.After(t.Now()):
		return false, nil
	default:
		lease.Holder, lease.Until = holder, t.Now().Add(d)
		err = leases.Update(ctx, &lease)
	}
	if errors.Is(err, storage.ErrExists) || errors.Is(err, storage.ErrConflict) {
		return false, nil // another was faster
	}
	return err == nil, err
}

// release gives a lease back before its time, if the holder still has it.
func release(ctx context.Context, t *storage.Tenant, job string, holder schema.ID) error {
	leases := storage.Of(t, Leases)
	lease, err := leases.Get(ctx, schema.NameID("lease", job))
	if err != nil || lease.Holder != holder {
		return err
	}
	lease.Until = t.Now()
	if err = leases.Update(ctx, &lease); errors.Is(err, storage.ErrConflict) {
		return nil
	}
	return err
}
