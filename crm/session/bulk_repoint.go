package session

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// HasMerging reports whether a hook of Merging decides about records of a kind.
func (s *Session) HasMerging(k *schema.Kind) bool { return s.core.hooks.any(k.Name(), merging) }

// RepointMany is ChangeMany, under the event "KIND.moved", for records that pointed at a record
// which is being merged into another, and shall point at that one: the hooks of Merging are asked first, and
// what they give up is removed under the event "KIND.merged". It returns how many were given
// up.
func (s *Session) RepointMany(ctx context.Context, k *schema.Kind, list ...Bulk) (given int, err error) {
	if k, err = s.bulkKind(ctx, k); err != nil {
		return 0, err
	}
	page := newChanges(s, k, list)
	if err := fitsPage(len(page.moves)); err != nil || len(page.moves) == 0 {
		return 0, err
	}
	err = s.Whole(ctx, func(ctx context.Context, s *Session) error {
		s = s.trusted()
		gone, err := s.askMerging(ctx, k, page)
		if err != nil {
			return err
		}
		given = len(gone)
		if err := s.RemoveMany(ctx, k, k.Name()+".merged", gone); err != nil || len(page.moves) == 0 {
			return err
		}
		return s.changeMany(ctx, k, k.Name()+".moved", page)
	})
	return given, err
}

// askMerging asks the hooks, leaves in the page what they keep and returns the rest.
func (s *Session) askMerging(ctx context.Context, k *schema.Kind, page *changes) ([]driver.Row, error) {
	if !s.HasMerging(k) {
		return nil, nil
	}
	typed, err := s.typed(k, k.Name()+".moved", page.moves)
	if err != nil {
		return nil, err
	}
	if err := s.core.hooks.fire(ctx, s, k.Name(), merging, typed.writes()); err != nil {
		return nil, err
	}
	if err := typed.revise(ctx, s, page); err != nil {
		return nil, err
	}
	var gone []driver.Row
	kept := &changes{sets: page.sets}
	for i, given := range typed.given(page) {
		if given {
			gone = append(gone, page.moves[i].before)
			continue
		}
		kept.moves, kept.by, kept.own = append(kept.moves, page.moves[i]), append(kept.by, page.by[i]), append(kept.own, page.own[i])
	}
	*page = *kept
	return gone, nil
}
