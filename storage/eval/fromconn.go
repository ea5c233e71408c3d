package eval

import (
	"context"
	"iter"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// FromConn returns a source that reads through an adapter by its Select, page by
// page. storage aggregates with it where the adapter can't.
//
// It keeps the records that it got by id, since many lead to the same one; so it
// belongs to one call and one goroutine and is then thrown away. Outside a
// transaction, pages are read at different times.
func FromConn(ctx context.Context, c driver.Conn) Source {
	return &connSource{ctx, c, map[string]driver.Row{}}
}

type connSource struct {
	ctx  context.Context //nolint:containedctx // Source has none, and a connSource lives for one call
	conn driver.Conn
	got  map[string]driver.Row
}

// maxGot is the number of records kept before forgetting them all.
const maxGot = 10_000

func (s *connSource) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	key := recordKey(k, tenant, id)
	if row, ok := s.got[key]; ok {
		return row, row != nil, nil
	}
	where := query.Cmp{Path: idPath(k), Op: query.OpEq, Value: id}
	rows, err := s.conn.Select(s.ctx, k, pageOf(k, tenant, where, nil, 1))
	if err != nil {
		return nil, false, err
	}
	var row driver.Row
	if len(rows) > 0 {
		row = rows[0]
	}
	if len(s.got) >= maxGot {
		clear(s.got)
	}
	s.got[key] = row
	return row, row != nil, nil
}

func (s *connSource) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return s.pages(k, tenant, nil, nil)
}

func (s *connSource) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	if len(key) != len(x.Fields) {
		return failed(wrongKey(x, key))
	}
	var where query.And
	for i, f := range x.Fields {
		path := ownPath(f)
		if key[i] == nil {
			where = append(where, query.IsNull{Path: path})
		} else {
			where = append(where, query.Cmp{Path: path, Op: query.OpEq, Value: key[i]})
		}
	}
	return s.pages(k, tenant, where, nil)
}

// pages yields all records of a condition and scope in order of id.
func (s *connSource) pages(k *schema.Kind, tenant string, where query.Expr, scope *query.Scope) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) {
		q := pageOf(k, tenant, where, scope, query.MaxLimit)
		for {
			rows, err := s.conn.Select(s.ctx, k, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if len(rows) < q.Limit {
				return
			}
			q.After = []any{idOf(k, rows[len(rows)-1])}
		}
	}
}

// pageOf returns the resolved query of whole rows in order of id.
func pageOf(k *schema.Kind, tenant string, where query.Expr, scope *query.Scope, limit int) *query.Select {
	columns := make([]query.Path, len(k.Columns()))
	for i, f := range k.Columns() {
		columns[i] = ownPath(f)
	}
	return &query.Select{Where: where, Sort: []query.Sort{{Path: idPath(k)}}, Limit: limit,
		Tenant: tenant, Columns: columns, Scope: scope}
}

func idPath(k *schema.Kind) query.Path { return ownPath(k.ID()) }

func ownPath(f *schema.Field) query.Path {
	if f.Custom {
		return query.Path{Name: "custom." + f.Name, Field: f}
	}
	return query.Path{Name: f.Name, Field: f}
}
