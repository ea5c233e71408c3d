package eval

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Search returns what a resolved search finds, through the Select of an adapter: it is
// what driver.Searcher promises, and where an adapter has none, storage calls this.
func Search(ctx context.Context, c driver.Conn, k *schema.Kind, q *query.Search) ([]driver.Row, error) {
	var found []driver.Row
	if q.Found.Hits.Never() {
		return nil, ctx.Err()
	}
	for _, begins := range []bool{true, false} {
		half := q.Others(k)
		if begins {
			half = q.Begins(k)
		}
		if half.Limit -= len(found); half.Limit == 0 || !begins && q.Found.OnlyBegins {
			break
		}
		rows, err := c.Select(ctx, k, &half)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			found = append(found, append(row, begins))
		}
	}
	return found, nil
}
