package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
)

// cancelled gives up before and during calls, and then wants the backend to be
// as good as new.
func cancelled(s *suite) {
	s.test("before the call", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "label": "a"})
		gone := *t
		var cancel context.CancelFunc
		gone.ctx, cancel = context.WithCancel(t.ctx)
		cancel()
		gaveUp(t, "Insert", gone.tryInsert("thing", record{"id": num(2)}))
		_, err := gone.tryUpdate("thing", num(1), 0, record{"label": "b"})
		gaveUp(t, "Update", err)
		_, err = gone.tryDelete("thing", num(1), 0)
		gaveUp(t, "Delete", err)
		_, err = gone.trySelect("thing", query.Select{})
		gaveUp(t, "Select", err)
		for _, o := range []driver.TxOptions{{}, readOnly} {
			tx, err := t.b.Begin(gone.ctx, o)
			gaveUp(t, "Begin", err)
			if tx != nil && err == nil {
				_ = tx.Rollback(t.ctx)
			}
		}
		t.holds("thing", record{"id": num(1), "label": "a"})
		require.Equal(t, "1", t.where("thing", nil))
	})
	s.test("a deadline that has passed", func(t *tenant) {
		ctx, cancel := context.WithDeadline(t.ctx, time.Now().Add(-time.Second))
		defer cancel()
		gone := *t
		gone.ctx = ctx
		_, err := gone.trySelect("thing", query.Select{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	s.test("during a query", func(t *tenant) {
		insertTree(t, 1500)
		q := t.resolved("thing", query.Select{Where: slow(), Sort: query.By("-parent.parent.label")})
		t.giveUpAlong("Select", func(t *tenant, _ int) error {
			_, err := t.conn.Select(t.ctx, t.kind("thing"), q)
			return err
		})
		t.asGoodAsNew()
	})
	s.test("during an insert", cancelledInsert)
	s.test("during a transaction", cancelledTransaction)
	s.test("at commit", func(t *tenant) {
		ctx, cancel := context.WithCancel(t.ctx)
		tx, err := t.b.Begin(ctx, driver.TxOptions{})
		require.NoError(t, err)
		t.on(tx).insert("thing", record{"id": num(1)})
		cancel()
		want := "1"
		if err := tx.Commit(ctx); err != nil {
			require.ErrorIs(t, err, context.Canceled)
			want = ""
		}
		require.NoError(t, tx.Rollback(ctx))
		require.Equal(t, want, t.where("thing", nil), "Commit must tell what has become of it")
		t.asGoodAsNew()
	})
}

func insertTree(t *tenant, n int) {
	records := make([]record, n)
	for i := range records {
		records[i] = record{"id": num(i), "label": string(rune('a' + i%7)), "count": i}
		if i > 0 {
			records[i]["parent_id"] = num(i / 2)
		}
	}
	t.insert("thing", records...)
}

// slow is a condition that takes a while.
func slow() query.Expr {
	return query.Has("children", query.Any(query.HasText("name", "never"), query.Has("children", query.All(query.Ne("parent.parent.label", "a"), query.Gt("count", 1000)))))
}

// gaveUp demands the context's own error.
func gaveUp(t *tenant, call string, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%s with a cancelled context: %v, want context.Canceled", call, err)
	}
}

// giveUpAlong calls f once to its end and then again and again, giving up sooner or
// later on the way. f may be done before; else its error is the context's. The
// number counts the calls. It returns the errors.
func (t *tenant) giveUpAlong(call string, f func(t *tenant, n int) error) []error {
	t.Helper()
	start := time.Now()
	require.NoError(t, f(t, 0), call)
	whole := time.Since(start)
	errs := []error{nil}
	for n := range 5 {
		inner := *t
		var cancel context.CancelFunc
		inner.ctx, cancel = context.WithCancel(t.ctx)
		timer := time.AfterFunc(whole*time.Duration(n)/5, cancel)
		err := f(&inner, n+1)
		timer.Stop()
		cancel()
		if err != nil {
			gaveUp(t, call, err)
		}
		errs = append(errs, err)
	}
	return errs
}

func cancelledInsert(t *tenant) {
	const rows, calls = 800, 6
	k := t.kind("thing")
	var inserts [calls]driver.Insert // made before, so that the time is the insert's
	for i := range inserts {
		inserts[i].Tenant = t.name
		for j := range rows {
			inserts[i].Rows = append(inserts[i].Rows, rowOf(k, record{"id": num(i*rows + j), "count": i}))
		}
	}
	errs := t.giveUpAlong("Insert", func(t *tenant, n int) error { return t.conn.Insert(t.ctx, k, &inserts[n]) })
	for i, err := range errs {
		// A network may lose the answer of an insert that was done.
		got := len(t.walk("thing", query.Select{Where: query.Eq("count", i)}, query.MaxLimit, nil))
		if got != rows && (got != 0 || err == nil) {
			t.Errorf("an insert of %d rows that was given up with error %v has stored %d", rows, err, got)
		}
	}
	t.asGoodAsNew()
}

// cancelledTransaction rolls back with the cancelled context, many times over:
// whoever leaves a connection or a lock behind has none left in the end.
func cancelledTransaction(t *tenant) {
	t.insert("thing", record{"id": num(1), "label": "a"})
	for i := range 40 {
		ctx, cancel := context.WithCancel(t.ctx)
		tx, err := t.b.Begin(ctx, driver.TxOptions{ReadOnly: i%4 == 3})
		require.NoError(t, err)
		in := t.on(tx)
		in.ctx = ctx
		if i%4 != 3 {
			in.update("thing", num(1), record{"label": "b"})
			in.insert("thing", record{"id": num(2)})
		}
		if i%4 == 1 {
			_, err := tx.Savepoint(ctx)
			require.NoError(t, err)
		}
		cancel()
		if i%4 == 2 {
			gaveUp(t, "Insert in a transaction", in.tryInsert("thing", record{"id": num(3)}))
		}
		require.NoError(t, tx.Rollback(ctx), "Rollback with a cancelled context")
		t.holds("thing", record{"id": num(1), "label": "a"})
	}
	require.Equal(t, "1", t.where("thing", nil))
	t.asGoodAsNew()
}

// asGoodAsNew uses the backend in every way, from many goroutines.
func (t *tenant) asGoodAsNew() {
	t.Helper()
	fresh := t.sibling()
	t.race(16, func(i int) {
		mine := fresh.sibling()
		for {
			err := mine.tryInsert("thing", record{"id": num(1), "label": "a"})
			if err == nil {
				break
			}
			if !t.mayRetry(err) {
				return
			}
		}
		rows, err := mine.trySelect("thing", query.Select{})
		if err != nil || len(rows) != 1 {
			t.Errorf("afterwards: %d records, %v; want 1", len(rows), err)
		}
	})
	tx := fresh.begin(driver.TxOptions{})
	fresh.on(tx).insert("thing", record{"id": num(1)})
	require.NoError(t, tx.Commit(t.ctx))
	require.Equal(t, "1", fresh.where("thing", nil))
}
