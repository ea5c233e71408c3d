package session

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Delete removes a record that nothing refers to any more. version is the one that
// was read; 0 takes any. It returns Conflict, or Referenced while others refer to it.
func (c Collection[T]) Delete(ctx context.Context, id schema.ID, version int64) error {
	return c.delete(ctx, map[schema.ID]int64{id: version}, id)
}

// DeleteMany is Delete for many records of any version, all or none, in few queries.
func (c Collection[T]) DeleteMany(ctx context.Context, ids ...schema.ID) error {
	return c.delete(ctx, nil, ids...)
}

// delete removes records; versions are those that were read, 0 for any.
func (c Collection[T]) delete(ctx context.Context, versions map[schema.ID]int64, ids ...schema.ID) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	rows, err := c.s.rows(ctx, org.Delete, c.kind, ids)
	if err != nil {
		return err
	}
	changes := make([]change[T], len(ids))
	for i, row := range rows {
		old := new(T)
		if err := c.table.DecodeInto(row, old); err != nil {
			return err
		}
		if version := versions[ids[i]]; version != 0 && header(old).Version != version {
			return c.stale(old, version)
		}
		changes[i] = change[T]{event: c.event("deleted"), old: old, before: row, id: ids[i], version: header(old).Version + 1}
	}
	return c.s.Whole(ctx, func(ctx context.Context, s *Session) error {
		if err := s.unshare(ctx, c.kind, ids); err != nil {
			return err
		}
		return c.on(s).apply(ctx, changes)
	})
}

// unshare removes the shares of records that are being deleted.
func (s *Session) unshare(ctx context.Context, k *schema.Kind, ids []schema.ID) error {
	shares := storage.Of(s.t, org.Shares)
	if k.Owner() == nil || shares.Kind() == nil {
		return nil
	}
	var gone []driver.Mutation
	for share, err := range shares.All(ctx, query.Select{Where: query.All(query.Eq("kind", k.Name()), query.In("record_id", ids...))}) {
		if err != nil {
			return err
		}
		gone = append(gone, driver.Mutation{Kind: shares.Kind(), Delete: &driver.Delete{ID: share.ID}})
	}
	return s.t.Write(ctx, gone...)
}
