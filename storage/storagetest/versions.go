package storagetest

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

func versions(s *suite) {
	s.test("update asks for the version", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "version": 1, "label": "a"})
		for _, wrong := range []int64{2, 7} {
			n, err := t.tryUpdate("thing", num(1), wrong, record{"label": "b", "version": wrong + 1})
			require.NoError(t, err)
			require.Zero(t, n, "updated version 1 though version %d was asked for", wrong)
		}
		t.holds("thing", record{"id": num(1), "version": 1, "label": "a"})
		n, err := t.tryUpdate("thing", num(1), 1, record{"label": "b", "version": 2})
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		n, err = t.tryUpdate("thing", num(1), 1, record{"label": "c", "version": 2})
		require.NoError(t, err)
		require.Zero(t, n, "updated with a version of the past")
		t.holds("thing", record{"id": num(1), "version": 2, "label": "b"})
	})
	s.test("delete asks for the version", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "version": 5})
		n, err := t.tryDelete("thing", num(1), 4)
		require.NoError(t, err)
		require.Zero(t, n, "deleted version 5 though version 4 was asked for")
		n, err = t.tryDelete("thing", num(1), 5)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.Empty(t, t.where("thing", nil))
	})
	s.test("version 0 asks for none", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "version": 5})
		t.update("thing", num(1), record{"label": "b"})
		t.holds("thing", record{"id": num(1), "version": 5, "label": "b"})
		t.insert("reach", record{"id": num(1), "ancestor_id": num(1), "descendant_id": num(1)}) // has no version at all
		t.update("reach", num(1), record{"depth": 1})
		t.delete("reach", num(1))
		t.delete("thing", num(1))
	})
	s.test("contiguous counter", contiguousCounter)
}

// contiguousCounter has many workers count one record up by compare-and-set.
// Each success must be counted once and each value be written once; a worker
// may fail for no reason but another version or Retry.
func contiguousCounter(t *tenant) {
	const workers = 100
	t.insert("thing", record{"id": num(1), "version": 1})
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		written []int64
	)
	for range workers {
		wg.Go(func() {
			if v, ok := countUp(t); ok {
				mu.Lock()
				defer mu.Unlock()
				written = append(written, v)
			}
		})
	}
	wg.Wait()
	slices.Sort(written)
	want := make([]int64, workers)
	for i := range want {
		want[i] = int64(i + 2)
	}
	require.Equal(t, want, written, "the versions that workers believe to have written")
	t.holds("thing", record{"id": num(1), "version": workers + 1, "count": workers})
}

// countUp tries until it has written the next version, and returns that.
func countUp(t *tenant) (int64, bool) {
	k := t.kind("thing")
	for t.ctx.Err() == nil {
		rows, err := t.trySelect("thing", one(1))
		if err == nil && len(rows) != 1 {
			t.Errorf("%d records of one id", len(rows))
			return 0, false
		}
		var n int64
		if err == nil {
			v, ok := rows[0][k.Version().Position].(int64)
			if !ok || v < 1 {
				t.Errorf("version %v", rows[0][k.Version().Position])
				return 0, false
			}
			n, err = t.tryUpdate("thing", num(1), v, record{"version": v + 1, "count": v})
			if err == nil && n == 1 {
				return v + 1, true
			}
		}
		if !t.mayRetry(err) {
			return 0, false
		}
		runtime.Gosched()
	}
	t.Errorf("a worker was not done in time: %v", t.ctx.Err())
	return 0, false
}

// mayRetry reports whether err is nil or asks for another try, and then waits a
// little, as storage does; any other fails the test.
func (t *tenant) mayRetry(err error) bool {
	if err == nil {
		return true
	}
	if f := t.classify(err); f != (driver.Fault{Code: fault.Retry}) {
		t.Errorf("failed with %q, where only Retry is allowed: %v", f.Code, err)
		return false
	}
	time.Sleep(rand.N(3 * time.Millisecond))
	return true
}
