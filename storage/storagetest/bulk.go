package storagetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// batches is for adapters with a Batcher. What it can do in a transaction it need
// not do on the pool, which storage gives inserts only.
func batches(s *suite) {
	if _, ok := s.b.Conn().(driver.Batcher); !ok {
		s.Skip("the adapter has no Batcher")
	}
	s.test("none", func(t *tenant) {
		n, err := t.tryBatch()
		require.NoError(t, err)
		require.Empty(t, n)
	})
	s.test("inserts on the pool", func(t *tenant) {
		_, err := t.tryBatch(
			t.inserting("thing", record{"id": num(1), "code": "A"}, record{"id": num(2)}),
			t.inserting("part", record{"id": num(1), "thing_id": num(1)}, record{"id": num(2), "thing_id": num(2)}),
			t.inserting("thing", record{"id": num(3), "parent_id": num(2)}),
		)
		require.NoError(t, err)
		t.holds("thing", record{"id": num(1), "code": "A"})
		require.Equal(t, "1 2 3", t.where("thing", nil))
		require.Equal(t, "1 2", t.where("part", nil))
	})
	s.test("all or none on the pool", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A"})
		_, err := t.tryBatch(
			t.inserting("part", record{"id": num(1)}),
			t.inserting("thing", record{"id": num(2)}),
			t.inserting("thing", record{"id": num(3), "code": "A"}),
			t.inserting("thing", record{"id": num(4)}),
		)
		t.fails(err, fault.Exists, codeKey)
		require.Equal(t, "1", t.where("thing", nil))
		require.Empty(t, t.where("part", nil))
	})
	s.test("changes in order", func(t *tenant) {
		t.inTx(func(in *tenant) {
			n, err := in.tryBatch(
				in.inserting("thing", record{"id": num(1), "code": "A"}, record{"id": num(2)}),
				in.inserting("part", record{"id": num(1), "thing_id": num(1)}, record{"id": num(2), "thing_id": num(2)}),
				in.updating("thing", num(1), 0, record{"favourite_id": num(1), "code": "B", "version": 2}),
				in.inserting("thing", record{"id": num(3), "code": "A"}),
				in.updating("thing", num(1), 2, record{"label": "again"}),
				in.deleting("part", num(2), 0),
				in.deleting("thing", num(2), 0),
			)
			require.NoError(t, err)
			require.Len(t, n, 7)
			for _, i := range []int{2, 4, 5, 6} {
				require.EqualValues(t, 1, n[i], "matched by change %d", i)
			}
		})
		t.holds("thing", record{"id": num(1), "code": "B", "favourite_id": num(1), "label": "again", "version": 2})
		require.Equal(t, "1 3", t.where("thing", nil))
		require.Equal(t, "1", t.where("part", nil))
	})
	s.test("what matches nothing stops nothing", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "version": 3}, record{"id": num(2)})
		t.inTx(func(in *tenant) {
			n, err := in.tryBatch(
				in.updating("thing", num(1), 2, record{"label": "wrong version"}),
				in.deleting("thing", num(9), 0),
				in.updating("thing", num(1), 3, record{"label": "right version"}),
				in.deleting("thing", num(2), 7),
				in.deleting("thing", num(2), 0),
			)
			require.NoError(t, err)
			require.Equal(t, []int64{0, 0, 1, 0, 1}, n)
		})
		t.holds("thing", record{"id": num(1), "version": 3, "label": "right version"})
		require.Equal(t, "1", t.where("thing", nil))
	})
	s.test("a failed batch in a savepoint", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A"}, record{"id": num(2), "parent_id": num(1)})
		t.inTx(func(in *tenant) {
			for _, last := range []driver.Mutation{in.inserting("thing", record{"id": num(4), "code": "A"}), in.updating("thing", num(3), 0, record{"code": "A"}), in.deleting("thing", num(1), 0)} {
				sp := t.savepoint(in.conn.(driver.Tx))
				_, err := t.on(sp).tryBatch(in.inserting("thing", record{"id": num(3)}), in.updating("thing", num(1), 0, record{"label": "b"}), last)
				require.Error(t, err)
				require.NoError(t, sp.Rollback(t.ctx))
			}
			in.insert("thing", record{"id": num(5)})
		})
		t.holds("thing", record{"id": num(1), "code": "A"})
		require.Equal(t, "1 2 5", t.where("thing", nil))
	})
	s.test("rolled back", func(t *tenant) {
		tx := t.begin(driver.TxOptions{})
		in := t.on(tx)
		_, err := in.tryBatch(in.inserting("thing", record{"id": num(1)}), in.inserting("thing", record{"id": num(2), "parent_id": num(1)}))
		require.NoError(t, err)
		require.Equal(t, "1 2", in.where("thing", nil))
		require.NoError(t, tx.Rollback(t.ctx))
		require.Empty(t, t.where("thing", nil))
	})
}

// inTx does something in a transaction and commits it.
func (t *tenant) inTx(f func(in *tenant)) {
	t.Helper()
	tx := t.begin(driver.TxOptions{})
	f(t.on(tx))
	require.NoError(t, tx.Commit(t.ctx))
}

func (t *tenant) tryBatch(list ...driver.Mutation) ([]int64, error) {
	b, ok := t.conn.(driver.Batcher)
	if !ok {
		t.Fatal("the pool has a Batcher, a transaction has none")
	}
	return b.Batch(t.ctx, list)
}

func (t *tenant) inserting(kind string, records ...record) driver.Mutation {
	k := t.kind(kind)
	in := &driver.Insert{Tenant: t.name}
	for _, r := range records {
		in.Rows = append(in.Rows, rowOf(k, r))
	}
	return driver.Mutation{Kind: k, Insert: in}
}

func (t *tenant) updating(kind string, id schema.ID, ifVersion int64, set record) driver.Mutation {
	return driver.Mutation{Kind: t.kind(kind), Update: &driver.Update{Tenant: t.name, ID: id, IfVersion: ifVersion, Set: t.assigns(kind, set)}}
}

func (t *tenant) deleting(kind string, id schema.ID, ifVersion int64) driver.Mutation {
	return driver.Mutation{Kind: t.kind(kind), Delete: &driver.Delete{Tenant: t.name, ID: id, IfVersion: ifVersion}}
}

// updatesWhere is for adapters with a BulkUpdater.
func updatesWhere(s *suite) {
	if _, ok := s.b.Conn().(driver.BulkUpdater); !ok {
		s.Skip("the adapter has no BulkUpdater")
	}
	for _, g := range goldenUpdates {
		s.test(g.name, func(t *tenant) {
			t.insertGolden()
			scopes := []*query.Scope{nil}
			if g.scoped != nil {
				scopes = nil
				for _, plan := range plans(g.scoped.scopeFor(t.r)) {
					scopes = append(scopes, &plan)
				}
			}
			for _, scope := range scopes {
				t.updateWhere(g.kind, g.where, scope, record{"version": 7})
				if got := t.where(g.kind, query.Eq("version", 7)); got != g.want {
					t.Errorf("changed %q, want %q, for %s", got, g.want, showScope(scope))
				}
				t.updateWhere(g.kind, nil, nil, record{"version": 0})
			}
		})
	}
	s.test("sets and adds", func(t *tenant) {
		t.insertGolden()
		where := query.All(query.Eq("label", "X"), query.Ge("count", -5))
		require.EqualValues(t, 2, t.updateWhere("thing", where, nil, record{"name": "Größe", "label": "Y", "+count": 6, "+count_n": 1, "+amount": "-0.5", "amount_n": nil, "custom": nil}))
		require.Equal(t, "2 8", t.where("thing", query.HasPrefix("name", "grosse")))
		require.Equal(t, `"Y" 1 1 10 - - | "Y" 7 - 2.75 - -`, cells(t.project("thing", query.Eq("label", "Y"), "label", "count", "count_n", "amount", "amount_n", "custom.grade")))
		require.Zero(t, t.updateWhere("thing", where, nil, record{"label": "Z"}), "nothing is labelled X any more")
	})
	s.test("the condition is read first", func(t *tenant) {
		t.insertGolden()
		// Each record follows its parent's old label, not the new one.
		require.EqualValues(t, 4, t.updateWhere("thing", query.In("parent.label", "x", "X"), nil, record{"label": "x"}))
		require.Equal(t, "1 2 3 4 5", t.where("thing", query.Eq("label", "x")))
	})
	s.test("all or none", func(t *tenant) {
		t.insertGolden()
		before := t.dump()
		_, err := t.tryUpdateWhere("thing", query.Ge("count", 1), nil, record{"code": "same"})
		t.fails(err, fault.Exists, codeKey)
		_, err = t.tryUpdateWhere("part", query.Gt("quantity", 0), nil, record{"thing_id": num(77)})
		t.fails(err, fault.Referenced, thingIdx)
		require.True(t, sameRows(before, t.dump()), "an update that failed has changed something")
	})
	s.test("in a transaction", func(t *tenant) {
		t.insertGolden()
		tx := t.begin(driver.TxOptions{})
		if _, ok := tx.(driver.BulkUpdater); !ok {
			t.Fatal("the pool has a BulkUpdater, a transaction has none")
		}
		require.EqualValues(t, 8, t.on(tx).updateWhere("thing", nil, nil, record{"label": "all"}))
		require.NoError(t, tx.Rollback(t.ctx))
		require.Empty(t, t.where("thing", query.Eq("label", "all")))
	})
}

// goldenUpdates set the version of golden records; none has one before.
var goldenUpdates = []struct {
	name, kind string
	where      query.Expr
	scoped     *goldenScope
	want       string
}{
	{name: "all", kind: "thing", want: "1 2 3 4 5 6 7 8"},
	{name: "none", kind: "thing", where: query.Or{}, want: ""},
	{name: "by a condition", kind: "thing", where: query.Ne("label_n", "a"), want: "1 2 4 5 6 7"},
	{name: "by a path", kind: "thing", where: query.Eq("parent.parent.label", "x"), want: "4 5"},
	{name: "by many", kind: "thing", where: query.Has("parts", query.HasPrefix("name", "bolt")), want: "1 2 4"},
	{name: "by a custom field", kind: "thing", where: query.Gt("custom.grade", 1), want: "2 5 7"},
	{name: "in reach", kind: "thing", scoped: &goldenScope{scope: query.Scope{Reach: reachOf(101, -1, 101, 102, 103)}}, where: query.Eq("flag", true), want: "1 3 8"},
	{name: "in any branch", kind: "thing", scoped: &goldenScope{scope: query.Scope{Reach: reachOf(101, 0, 101), Departments: nums(203), Shared: sharedTo(1, 102)},
		held: []held{{"part", "thing", ownedBy(104)}}}, want: "1 4 6 7 8"},
	{name: "in reach of the whole", kind: "part", scoped: &goldenScope{scope: query.Scope{Reach: reachOf(102, -1, 102, 103)}, whole: []string{"thing"}}, want: "3 4 6"},
	{name: "in no reach", kind: "thing", scoped: &goldenScope{}, want: ""},
}

func (t *tenant) tryUpdateWhere(kind string, where query.Expr, scope *query.Scope, set record) (int64, error) {
	e, err := query.ResolveExpr(t.kind(kind), where)
	if err != nil {
		panic(err)
	}
	return t.conn.(driver.BulkUpdater).UpdateWhere(t.ctx, t.kind(kind), &driver.UpdateWhere{Tenant: t.name, Where: e, Scope: scope, Set: t.assigns(kind, set)})
}

func (t *tenant) updateWhere(kind string, where query.Expr, scope *query.Scope, set record) int64 {
	t.Helper()
	n, err := t.tryUpdateWhere(kind, where, scope, set)
	require.NoError(t, err)
	return n
}

// project returns chosen columns.
func (t *tenant) project(kind string, where query.Expr, names ...string) []driver.Row {
	t.Helper()
	q := t.resolved(kind, query.Select{Where: where})
	q.Columns = nil
	for _, name := range names {
		p, err := query.ResolvePath(t.kind(kind), name)
		require.NoError(t, err)
		q.Columns = append(q.Columns, p)
	}
	rows, err := t.conn.Select(t.ctx, t.kind(kind), q)
	require.NoError(t, err)
	return rows
}
