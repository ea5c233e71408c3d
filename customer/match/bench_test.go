package match_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/kehucrm/kehu/customer/match"
)

// BenchmarkScan scans made-up persons, one in three a copy with slips. Besides the time it
// tells how many pairs were compared for each subject, and the memory that is held
// when the scan is done.
func BenchmarkScan(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		list := people(n, 1)
		m := defaults(b)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			before := heap()
			var s *match.Scan
			for b.Loop() {
				s = scan(b, m, list)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/subject")
			b.ReportMetric(float64(s.Compared)/float64(n), "pairs/subject")
			b.ReportMetric(float64(heap()-before)/float64(n), "held-B/subject")
			runtime.KeepAlive(s)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkKeys(b *testing.B) {
	m, s := defaults(b), subjects()[0]
	for b.Loop() {
		m.Keys(s)
	}
}

func BenchmarkJudge(b *testing.B) {
	m, list := defaults(b), people(3, 1)
	for b.Loop() {
		m.Judge(list[0], list[2])
	}
}

func BenchmarkSimilarity(b *testing.B) {
	for name, like := range measures {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				like("maxhenrycrescent", "maxhenryvrescent")
			}
		})
	}
}
