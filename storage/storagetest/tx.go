package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

func transactions(s *suite) {
	s.test("commit", func(t *tenant) {
		tx := t.begin(driver.TxOptions{})
		in := t.on(tx)
		in.insert("thing", record{"id": num(1)}, record{"id": num(2), "label": "a"})
		in.update("thing", num(2), record{"label": "b"})
		in.delete("thing", num(1))
		require.Equal(t, "2", in.where("thing", nil), "a transaction sees what it wrote")
		require.NoError(t, tx.Commit(t.ctx))
		t.holds("thing", record{"id": num(2), "label": "b"})
		require.NoError(t, tx.Rollback(t.ctx), "Rollback after Commit")
		t.holds("thing", record{"id": num(2), "label": "b"})
	})
	s.test("rollback", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "label": "a"}, record{"id": num(2)})
		tx := t.begin(driver.TxOptions{})
		in := t.on(tx)
		in.insert("thing", record{"id": num(3)})
		in.update("thing", num(1), record{"label": "b"})
		in.delete("thing", num(2))
		require.NoError(t, tx.Rollback(t.ctx))
		require.Equal(t, "1 2", t.where("thing", nil))
		t.holds("thing", record{"id": num(1), "label": "a"})
		require.NoError(t, tx.Rollback(t.ctx), "Rollback twice")
		t.insert("thing", record{"id": num(3)})
	})
	s.test("savepoint commits", func(t *tenant) {
		tx := t.begin(driver.TxOptions{})
		t.on(tx).insert("thing", record{"id": num(1)})
		sp := t.savepoint(tx)
		t.on(sp).insert("thing", record{"id": num(2)})
		require.NoError(t, sp.Commit(t.ctx))
		require.NoError(t, sp.Rollback(t.ctx), "Rollback after Commit")
		require.Equal(t, "1 2", t.on(tx).where("thing", nil))
		require.NoError(t, tx.Commit(t.ctx))
		require.Equal(t, "1 2", t.where("thing", nil))
	})
	s.test("savepoint rolls back", func(t *tenant) {
		tx := t.begin(driver.TxOptions{})
		t.on(tx).insert("thing", record{"id": num(1), "label": "a"})
		sp := t.savepoint(tx)
		t.on(sp).insert("thing", record{"id": num(2)})
		t.on(sp).update("thing", num(1), record{"label": "b"})
		require.NoError(t, sp.Rollback(t.ctx))
		require.NoError(t, sp.Rollback(t.ctx), "Rollback twice")
		t.on(tx).holds("thing", record{"id": num(1), "label": "a"})
		t.on(tx).insert("thing", record{"id": num(3)})
		require.NoError(t, tx.Commit(t.ctx))
		require.Equal(t, "1 3", t.where("thing", nil))
	})
	s.test("savepoint committed, transaction rolled back", func(t *tenant) {
		tx := t.begin(driver.TxOptions{})
		sp := t.savepoint(tx)
		t.on(sp).insert("thing", record{"id": num(1)})
		require.NoError(t, sp.Commit(t.ctx))
		require.NoError(t, tx.Rollback(t.ctx))
		require.Empty(t, t.where("thing", nil))
	})
	s.test("savepoints in savepoints", nested)
	s.test("a failed statement in a savepoint", failedInSavepoint)
	s.test("a failed transaction rolls back", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A"})
		tx := t.begin(driver.TxOptions{})
		t.on(tx).insert("thing", record{"id": num(2)})
		t.fails(t.on(tx).tryInsert("thing", record{"id": num(3)}, record{"id": num(4), "code": "A"}), fault.Exists, codeKey)
		require.NoError(t, tx.Rollback(t.ctx))
		require.Equal(t, "1", t.where("thing", nil))
	})
	s.test("read only sees one state", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "label": "a"})
		tx := t.begin(readOnly)
		in := t.on(tx)
		in.holds("thing", record{"id": num(1), "label": "a"})
		t.update("thing", num(1), record{"label": "b"}) // does not wait for the reader
		t.insert("thing", record{"id": num(2)})
		in.holds("thing", record{"id": num(1), "label": "a"})
		require.Equal(t, "1", in.where("thing", nil))
		require.NoError(t, tx.Commit(t.ctx))
		require.Equal(t, "1 2", t.where("thing", nil))
	})
	s.test("after the end", func(t *tenant) {
		for _, end := range []func(driver.Tx) error{func(tx driver.Tx) error { return tx.Commit(t.ctx) }, func(tx driver.Tx) error { return tx.Rollback(t.ctx) }} {
			tx := t.begin(driver.TxOptions{})
			require.NoError(t, end(tx))
			require.Error(t, t.on(tx).tryInsert("thing", record{"id": num(1)}), "insert through a transaction that has ended")
			_, err := t.on(tx).trySelect("thing", query.Select{})
			require.Error(t, err, "select through a transaction that has ended")
			require.Error(t, tx.Commit(t.ctx), "Commit of a transaction that has ended")
		}
		require.Empty(t, t.where("thing", nil))
	})
}

// savepoint starts one that is rolled back at the end of the test.
func (t *tenant) savepoint(tx driver.Tx) driver.Tx {
	t.Helper()
	sp, err := tx.Savepoint(t.ctx)
	require.NoError(t, err, "Savepoint")
	t.Cleanup(func() { _ = sp.Rollback(context.WithoutCancel(t.ctx)) })
	return sp
}

func nested(t *tenant) {
	tx := t.begin(driver.TxOptions{})
	t.on(tx).insert("thing", record{"id": num(1)})
	a := t.savepoint(tx)
	t.on(a).insert("thing", record{"id": num(2)})
	b := t.savepoint(a)
	t.on(b).insert("thing", record{"id": num(3)})
	c := t.savepoint(b)
	t.on(c).insert("thing", record{"id": num(4)})
	require.NoError(t, c.Commit(t.ctx))
	require.Equal(t, "1 2 3 4", t.on(b).where("thing", nil))
	require.NoError(t, b.Rollback(t.ctx))
	require.Equal(t, "1 2", t.on(a).where("thing", nil))
	d := t.savepoint(a) // one after another, at the same depth
	t.on(d).insert("thing", record{"id": num(3)})
	require.NoError(t, d.Commit(t.ctx))
	require.NoError(t, a.Commit(t.ctx))
	e := t.savepoint(tx)
	t.on(e).insert("thing", record{"id": num(5)})
	require.NoError(t, e.Rollback(t.ctx))
	require.NoError(t, tx.Commit(t.ctx))
	require.Equal(t, "1 2 3", t.where("thing", nil))
}

// failedInSavepoint fails in each way a statement can, and goes on outside.
func failedInSavepoint(t *tenant) {
	t.insert("thing", record{"id": num(1), "code": "A"}, record{"id": num(2), "parent_id": num(1)})
	tx := t.begin(driver.TxOptions{})
	in := t.on(tx)
	in.insert("thing", record{"id": num(3)})
	for _, fail := range []func(*tenant) (fault.Code, string, error){
		func(t *tenant) (fault.Code, string, error) {
			return fault.Exists, codeKey, t.tryInsert("thing", record{"id": num(8)}, record{"id": num(9), "code": "A"})
		},
		func(t *tenant) (fault.Code, string, error) {
			return fault.Exists, "", t.tryInsert("thing", record{"id": num(1)})
		},
		func(t *tenant) (fault.Code, string, error) {
			return fault.Referenced, parentIdx, t.tryInsert("thing", record{"id": num(9), "parent_id": num(99)})
		},
		func(t *tenant) (fault.Code, string, error) {
			_, err := t.tryUpdate("thing", num(3), 0, record{"code": "A"})
			return fault.Exists, codeKey, err
		},
		func(t *tenant) (fault.Code, string, error) {
			_, err := t.tryDelete("thing", num(1), 0)
			return fault.Referenced, parentIdx, err
		},
	} {
		sp := t.savepoint(tx)
		inner := t.on(sp)
		inner.insert("thing", record{"id": num(7)})
		code, index, err := fail(inner)
		t.fails(err, code, index)
		require.NoError(t, sp.Rollback(t.ctx))
		require.Equal(t, "1 2 3", in.where("thing", nil), "the outer transaction goes on without what the savepoint did")
	}
	in.insert("thing", record{"id": num(4)})
	require.NoError(t, tx.Commit(t.ctx))
	require.Equal(t, "1 2 3 4", t.where("thing", nil))
}
