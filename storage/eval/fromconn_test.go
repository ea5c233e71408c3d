package eval_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// counted counts the pages read, and fails after some.
type counted struct {
	driver.Conn
	pages, failAt int
}

var errDisk = errors.New("disk")

func (c *counted) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	if c.pages++; c.pages == c.failAt {
		return nil, errDisk
	}
	return c.Conn.Select(ctx, k, q)
}

func TestFromConnReadsPages(t *testing.T) {
	w := testWorld(t)
	tables := eval.NewTables()
	put(t, tables, w.company, vals{"id": num(1), "name": "Acme"})
	const n = 2*query.MaxLimit + 1
	for i := range n {
		put(t, tables, w.contact, vals{"id": num(i + 2), "company_id": num(1)})
	}
	byName := query.Aggregate{Keys: []query.Key{{Path: query.P("company.name")}}, Measures: []query.Measure{{Fn: query.Count}}}
	conn := &counted{Conn: eval.NewConn(tables)}
	require.Equal(t, []string{"Acme 2001 "}, aggregate(t, eval.FromConn(t.Context(), conn), w.contact, byName))
	require.Equal(t, 4, conn.pages, "three pages, and the company once")

	conn.pages = 0
	byName.Where = query.Eq("id", num(5))
	require.Equal(t, []string{"Acme 1 "}, aggregate(t, eval.FromConn(t.Context(), conn), w.contact, byName))
	require.Equal(t, 2, conn.pages, "the condition goes with the page")

	conn.pages, conn.failAt = 0, 2
	q, err := query.ResolveAggregate(w.contact, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})
	require.NoError(t, err)
	q.Tenant = tenant
	_, err = eval.Aggregate(t.Context(), eval.FromConn(t.Context(), conn), w.contact, &q)
	require.ErrorIs(t, err, errDisk)
}

func TestFromConnIsASource(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	require.Equal(t, everything(t, w, tables), everything(t, w, eval.FromConn(t.Context(), eval.NewConn(tables))))
}

func TestWrongKeyIsAnError(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	for _, src := range []eval.Source{tables, plain{tables}, eval.NewOverlay(tables), eval.FromConn(t.Context(), eval.NewConn(tables))} {
		for _, err := range src.Find(w.company, tenant, w.company.Index("company_code_key"), nil) {
			require.Error(t, err)
		}
	}
}
