package session

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Readers returns who of the active employees may read at least one of some records, in
// order of their ids. It asks once for each employee whose place in the organisation does
// not decide it, and is for previews.
func (s *Session) Readers(ctx context.Context, k *schema.Kind, ids ...schema.ID) ([]schema.ID, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	k = s.Registry().Kind(k.Name())
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.rowsByID(ctx, k, ids, nil)
	if err != nil {
		return nil, err
	}
	rows := make([]driver.Row, 0, len(found))
	for _, id := range ids {
		if found[id] != nil {
			rows = append(rows, found[id])
		}
	}
	var readers []schema.ID
	for _, person := range dir.Active() {
		as := *s
		as.actor, as.free = Actor{Employee: person}, false
		able, err := as.access(ctx, org.Read, k, rows)
		if err != nil {
			return nil, err
		}
		if slices.Contains(able, true) {
			readers = append(readers, person)
		}
	}
	return readers, nil
}
