package bunsql

import (
	"context"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

var _ driver.Gatherer = (*Conn)(nil)

// mostGathered is the number of queries of one statement: SQLite takes 500.
const mostGathered = 100

// Gather implements driver.Gatherer.
func (c *Conn) Gather(ctx context.Context, k *schema.Kind, list []query.Select) ([]driver.Row, error) {
	var rows []driver.Row
	for len(list) > 0 {
		some := list[:min(len(list), mostGathered)]
		list = list[len(some):]
		r, most := gathering{k: k}, 0
		for i := range some {
			r.list = append(r.list, selecting{k: k, q: &some[i]})
			most += some[i].Limit
		}
		found := newRowList(len(some[0].Columns), most)
		if err := c.read.read(ctx, r, some[0].Tenant, most, found.next); err != nil {
			return nil, err
		}
		rows = append(rows, found.rows...)
	}
	return rows, nil
}

// gathering is the request of several pages.
type gathering struct {
	k    *schema.Kind
	list []selecting
}

func (r gathering) kind() *schema.Kind { return r.k }

func (r gathering) collect(s *shape) {
	s.mark('G')
	s.count(len(r.list))
	for _, one := range r.list {
		one.collect(s)
	}
}

func (r gathering) compile(c *compiler) (fragment, []decoder) {
	members, decoders := make([]fragment, len(r.list)), []decoder(nil)
	for i, one := range r.list {
		var page fragment
		page, decoders = one.compile(c)
		members[i] = sqlf("SELECT * FROM (?) AS "+c.alias(), page)
	}
	return join(" UNION ALL ", members), decoders
}
