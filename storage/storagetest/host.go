package storagetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// host works in transactions that belong to somebody else: nothing that the
// adapter does may end them.
func host(s *suite) {
	if s.h.Host == nil {
		s.Skip("the harness has no Host")
	}
	begin := func(t *tenant) (in *tenant, tx driver.Tx, commit, rollback func() error) {
		t.Helper()
		tx, commit, rollback = s.h.Host(t, t.b)
		t.Cleanup(func() { _ = rollback() })
		return t.on(tx), tx, commit, rollback
	}
	s.test("commit", func(t *tenant) {
		in, _, commit, _ := begin(t)
		in.insert("thing", record{"id": num(1), "label": "a"})
		in.update("thing", num(1), record{"label": "b"})
		in.holds("thing", record{"id": num(1), "label": "b"})
		require.NoError(t, commit())
		t.holds("thing", record{"id": num(1), "label": "b"})
	})
	s.test("rollback", func(t *tenant) {
		in, _, _, rollback := begin(t)
		in.insert("thing", record{"id": num(1)})
		require.NoError(t, rollback())
		require.Empty(t, t.where("thing", nil))
	})
	s.test("our Commit commits nothing", func(t *tenant) {
		in, tx, _, rollback := begin(t)
		in.insert("thing", record{"id": num(1)})
		require.NoError(t, tx.Commit(t.ctx))
		require.NoError(t, rollback())
		require.Empty(t, t.where("thing", nil))
	})
	s.test("our Rollback rolls nothing back", func(t *tenant) {
		in, tx, commit, _ := begin(t)
		in.insert("thing", record{"id": num(1)})
		require.NoError(t, tx.Rollback(t.ctx))
		require.NoError(t, commit())
		require.Equal(t, "1", t.where("thing", nil))
	})
	s.test("a failed statement in a savepoint", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A"})
		in, tx, commit, _ := begin(t)
		in.insert("thing", record{"id": num(2)})
		sp := t.savepoint(tx)
		t.fails(t.on(sp).tryInsert("thing", record{"id": num(3)}, record{"id": num(4), "code": "A"}), fault.Exists, codeKey)
		require.NoError(t, sp.Rollback(t.ctx))
		sp = t.savepoint(tx)
		t.on(sp).insert("thing", record{"id": num(5)})
		require.NoError(t, sp.Commit(t.ctx))
		in.insert("thing", record{"id": num(6)})
		require.NoError(t, commit())
		require.Equal(t, "1 2 5 6", t.where("thing", nil))
	})
	s.test("queries", func(t *tenant) {
		in, _, _, rollback := begin(t)
		in.insertGolden()
		in.checkSelects(goldenConditions)
		in.checkSelects(goldenRelations)
		in.checkScopes(goldenScopes)
		require.NoError(t, rollback())
		require.Empty(t, t.dump())
	})
}
