package eval_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// broken is a store that fails once, after so many reads and writes.
type broken struct {
	m    eval.Mutable
	left int
}

func (b *broken) step() error {
	if b.left--; b.left == -1 {
		return errDisk
	}
	return nil
}

func (b *broken) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	if err := b.step(); err != nil {
		return nil, false, err
	}
	return b.m.Get(k, tenant, id)
}

func (b *broken) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return b.steps(b.m.Scan(k, tenant))
}

func (b *broken) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	return b.steps(b.m.Find(k, tenant, x, key))
}

func (b *broken) steps(seq iter.Seq2[driver.Row, error]) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) {
		for row, err := range seq {
			if broke := b.step(); broke != nil {
				yield(nil, broke)
				return
			}
			if !yield(row, err) {
				return
			}
		}
		if err := b.step(); err != nil {
			yield(nil, err)
		}
	}
}

func (b *broken) Put(k *schema.Kind, tenant string, row driver.Row) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.m.Put(k, tenant, row)
}

func (b *broken) Remove(k *schema.Kind, tenant string, id schema.ID) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.m.Remove(k, tenant, id)
}

// TestFailuresComeThrough lets each single read and write of each call fail: the
// call must report it, and never take it for an answer.
func TestFailuresComeThrough(t *testing.T) {
	w := testWorld(t)
	scope := &query.Scope{Reach: &query.Reach{Root: num(101), MaxDepth: -1}, Shared: &query.Shared{Principals: []schema.ID{num(101)}, Now: at("2026-01-01T00:00:00Z")},
		Held: []query.Held{{Child: w.deal.Relation("company"), Scope: &query.Scope{Reach: &query.Reach{Root: num(103)}}}}}
	part := *scope
	part.Whole = []*schema.Relation{w.contact.Relation("company")}
	q, err := query.ResolveSelect(w.company, query.Select{Sort: query.By("parent.code"),
		Where: query.Any(query.Has("contacts", query.Has("company", nil)), query.Eq("parent.name", "a"), query.In("parent.code", "b"), query.Null("parent.code"))})
	require.NoError(t, err)
	q.Tenant, q.Scope = tenant, scope
	byIDs, err := query.ResolveSelect(w.contact, query.Select{Where: query.In("id", num(21), num(22))})
	require.NoError(t, err)
	byIDs.Tenant, byIDs.Scope = tenant, &part
	a, err := query.ResolveAggregate(w.contact, query.Aggregate{Keys: []query.Key{{Path: query.P("company.code")}},
		Measures: []query.Measure{{Fn: query.Sum, Path: query.P("company.employees"), Where: query.Ne("company.name", "x")}}})
	require.NoError(t, err)
	a.Tenant = tenant
	set := []driver.Assign{{Field: w.company.Field("parent_id"), Value: num(1)}}
	ctx := t.Context()

	for name, call := range map[string]func(c *eval.Conn) error{
		"select":    func(c *eval.Conn) error { _, err := c.Select(ctx, w.company, &q); return err },
		"ids":       func(c *eval.Conn) error { _, err := c.Select(ctx, w.contact, &byIDs); return err },
		"aggregate": func(c *eval.Conn) error { _, err := c.Aggregate(ctx, w.contact, &a); return err },
		"insert": func(c *eval.Conn) error {
			return insert(t, c, w.company, vals{"id": num(8), "code": "H"}, vals{"id": num(9), "code": "I", "parent_id": num(1)})
		},
		"update": func(c *eval.Conn) error {
			_, err := c.Update(ctx, w.company, &driver.Update{Tenant: tenant, ID: num(2), Set: set})
			return err
		},
		"update where": func(c *eval.Conn) error {
			_, err := c.UpdateWhere(ctx, w.company, &driver.UpdateWhere{Tenant: tenant, Where: q.Where, Set: set})
			return err
		},
		"delete": func(c *eval.Conn) error {
			_, err := c.Delete(ctx, w.company, &driver.Delete{Tenant: tenant, ID: num(3)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			failures := 0
			for ; ; failures++ {
				store := &broken{staff(t, w), failures}
				err := call(eval.NewConn(store))
				if store.left >= 0 {
					require.NoError(t, err, "it reached its end")
					break
				}
				require.ErrorIs(t, err, errDisk, "failure %d", failures)
			}
			require.Greater(t, failures, 2)
		})
	}
}
