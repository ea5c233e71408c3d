package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
)

// closing has a database of its own, and comes last.
func closing(s *suite) {
	open := func(t runner) *tenant {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		t.Cleanup(cancel)
		return s.tenantOf(ctx, t, s.h.Open(t, s.r))
	}
	s.run("calls afterwards fail", func(r runner) {
		t := open(r)
		t.insert("thing", record{"id": num(1)})
		require.NoError(t, t.b.Close())
		require.Error(t, t.tryInsert("thing", record{"id": num(2)}), "Insert")
		_, err := t.tryUpdate("thing", num(1), 0, record{"label": "b"})
		require.Error(t, err, "Update")
		_, err = t.tryDelete("thing", num(1), 0)
		require.Error(t, err, "Delete")
		_, err = t.trySelect("thing", query.Select{})
		require.Error(t, err, "Select")
		for _, o := range []driver.TxOptions{{}, readOnly} {
			_, err = t.b.Begin(t.ctx, o)
			require.Error(t, err, "Begin")
		}
		_ = t.b.Classify(err)
		_ = t.b.Info()
		_ = t.b.Close() // may complain, must not panic
	})
	s.run("what was committed stays", func(r runner) {
		if s.h.Reopen == nil {
			r.Skip("the harness has no Reopen")
		}
		t := open(r)
		t.insertGolden()
		tx := t.begin(driver.TxOptions{})
		t.on(tx).insert("thing", record{"id": num(50)})
		require.NoError(t, tx.Rollback(t.ctx))
		require.NoError(t, t.b.Close())
		b := s.h.Reopen(t, t.b, s.r)
		again := *t
		again.b, again.conn, again.classify = b, b.Conn(), b.Classify
		again.checkSelects(goldenConditions)
		again.checkSelects(goldenRelations)
	})
}
