package storagetest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

func concurrency(s *suite) {
	s.test("no lost update", noLostUpdate)
	s.test("adding is atomic", func(t *tenant) {
		const workers, times = 8, 20
		t.insert("thing", record{"id": num(1)})
		var wg sync.WaitGroup
		var done atomic.Int64
		for range workers {
			wg.Go(func() {
				for range times {
					for t.ctx.Err() == nil {
						n, err := t.tryUpdate("thing", num(1), 0, record{"+count": 1, "+amount": "0.0001"})
						if !t.mayRetry(err) {
							return
						}
						if err == nil {
							done.Add(n)
							break
						}
					}
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, workers*times, done.Load())
		t.holds("thing", record{"id": num(1), "count": workers * times, "amount": fmt.Sprintf("0.%04d", workers*times)})
	})
	s.test("one of many wins a unique value", uniqueRace)
	s.test("one of many wins a deletion", func(t *tenant) {
		t.insert("thing", record{"id": num(1)})
		var won atomic.Int64
		t.race(8, func(int) {
			for t.ctx.Err() == nil {
				n, err := t.tryDelete("thing", num(1), 0)
				if !t.mayRetry(err) {
					return
				}
				if err == nil {
					won.Add(n)
					return
				}
			}
		})
		require.EqualValues(t, 1, won.Load())
	})
	s.test("readers during a write", readersDuringWrite)
	s.test("many tenants at once", func(t *tenant) {
		t.race(8, func(int) {
			mine := t.sibling()
			for i := range 10 {
				for {
					err := mine.tryInsert("thing", record{"id": num(i), "code": fmt.Sprint(i)})
					if !t.mayRetry(err) {
						return
					}
					if err == nil {
						break
					}
				}
			}
			rows, err := mine.trySelect("thing", query.Select{})
			if err != nil || len(rows) != 10 {
				t.Errorf("%d records, %v; want 10", len(rows), err)
			}
		})
	})
}

// race runs f for 0 to n-1 at once, and waits for all. f must not end the test,
// which only its own goroutine may.
func (t *tenant) race(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// noLostUpdate reads and writes in transactions, without asking for a version.
func noLostUpdate(t *tenant) {
	const workers, times = 8, 10
	t.insert("thing", record{"id": num(1)})
	t.race(workers, func(int) {
		for range times {
			for {
				done, err := t.increment()
				if done {
					break
				}
				if t.ctx.Err() != nil {
					t.Errorf("a worker was not done in time: %v", err)
					return
				}
				if !t.mayRetry(err) {
					return
				}
			}
		}
	})
	t.holds("thing", record{"id": num(1), "count": workers * times})
}

func (t *tenant) increment() (done bool, err error) {
	tx, err := t.b.Begin(t.ctx, driver.TxOptions{})
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(t.ctx) }()
	rows, err := t.on(tx).trySelect("thing", one(1))
	if err != nil || len(rows) != 1 {
		return false, err
	}
	n, _ := rows[0][t.kind("thing").Field("count").Position].(int64)
	if _, err = t.on(tx).tryUpdate("thing", num(1), 0, record{"count": n + 1}); err != nil {
		return false, err
	}
	err = tx.Commit(t.ctx)
	return err == nil, err
}

func uniqueRace(t *tenant) {
	const workers = 16
	var won atomic.Int64
	t.race(workers, func(i int) {
		for t.ctx.Err() == nil {
			err := t.tryInsert("thing", record{"id": num(i), "code": "the one"})
			if err == nil {
				won.Add(1)
				return
			}
			if f := t.classify(err); f == (driver.Fault{Code: fault.Exists, Index: codeKey}) {
				return
			}
			if !t.mayRetry(err) {
				return
			}
		}
	})
	require.EqualValues(t, 1, won.Load(), "inserts of one unique value that succeeded")
	require.Len(t, t.rows("thing", query.Select{Where: query.Eq("code", "the one")}), 1)
}

// readersDuringWrite reads outside while a transaction has written: readers need
// not wait and see nothing of it.
func readersDuringWrite(t *tenant) {
	t.insert("thing", record{"id": num(1), "label": "a"})
	tx := t.begin(driver.TxOptions{})
	in := t.on(tx)
	in.update("thing", num(1), record{"label": "b"})
	in.insert("thing", record{"id": num(2)})
	t.holds("thing", record{"id": num(1), "label": "a"})
	require.Equal(t, "1", t.where("thing", nil))
	reader := t.begin(readOnly)
	require.Equal(t, "1", t.on(reader).where("thing", nil))
	require.NoError(t, tx.Commit(t.ctx))
	require.Equal(t, "1 2", t.where("thing", nil))
	require.Equal(t, "1", t.on(reader).where("thing", nil), "a read-only transaction sees one state")

	// Whole transactions or nothing, however often one looks.
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				rows, err := t.trySelect("thing", query.Select{Where: query.Eq("code", ""), Limit: query.MaxLimit})
				if err != nil || len(rows)%2 != 0 {
					t.Errorf("a reader sees %d of records written in pairs, %v", len(rows), err)
					return
				}
			}
		})
	}
	for i := range 20 {
		t.insert("thing", record{"id": num(10 + 2*i)}, record{"id": num(11 + 2*i)})
	}
	close(stop)
	wg.Wait()
}
