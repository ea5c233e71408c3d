package session

import (
	"context"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func (s *Session) guardSelect(_ context.Context, _ *schema.Kind, q query.Select) (query.Select, error) {
	return q, nil
}

func (s *Session) guardAggregate(_ context.Context, _ *schema.Kind, a query.Aggregate) (query.Aggregate, error) {
	return a, nil
}
