package session

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Joins reports whether a hook of Joining decides about records of a kind.
func (s *Session) Joins(k *schema.Kind) bool { return s.core.hooks.any(k.Name(), joining) }

// JoinMany is ChangeMany, under the event "KIND.moved", for records that pointed at a record
// which is being merged into another, and shall point at that one: the hooks of Joining are asked first, and
// what they give up is removed under the event "KIND.merged". It returns how many were given
// up.
func (s *Session) JoinMany(ctx context.Context, k *schema.Kind, list ...Bulk) (given int, err error) {
	if k, err = s.paged(ctx, k, 0); err != nil {
		return 0, err
	}
	page := newChanges(s, k, list)
	if _, err := s.paged(ctx, k, len(page.moves)); err != nil || len(page.moves) == 0 {
		return 0, err
	}
	err = s.Whole(ctx, func(ctx context.Context, s *Session) error {
		s = s.trusted()
		gone, err := s.join(ctx, k, page)
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

// join asks the hooks, leaves in the page what they keep and returns the rest.
func (s *Session) join(ctx context.Context, k *schema.Kind, page *changes) ([]driver.Row, error) {
	if !s.Joins(k) {
		return nil, nil
	}
	typed, err := s.typed(k, k.Name()+".moved", page.moves)
	if err != nil {
		return nil, err
	}
	if err := s.core.hooks.fire(ctx, s, k.Name(), joining, typed.writes()); err != nil {
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
