// Package versus times several ways of doing the same thing against each other, on a
// machine that has other things to do as well. The ways take turns in short rounds,
// and what counts is the median over the rounds of the ratio within a round: a
// neighbour who takes the processor for a second spoils one round and no result.
//
// Times of a busy machine say little; ratios of 1.1 and more can be trusted from
// about fifteen rounds on.
package versus

import (
	"runtime"
	"slices"
	"time"
)

// Way is one way of doing it. It is told the number of the call, which grows from 0
// and is the same for all ways, so that all of them meet the same records.
type Way func(call int) error

// Race says how long ways are timed.
type Race struct {
	// Rounds is the number of rounds, in each of which every way has its turn.
	Rounds int
	// Turn is about how long a turn takes; it is at least one call.
	Turn time.Duration
}

// Result holds the time of a call and the allocations of a call, by way and round.
type Result struct {
	times  [][]float64 // in seconds
	allocs [][]float64
}

// Run times the ways. The first to speak changes from round to round.
func (r Race) Run(ways ...Way) (*Result, error) {
	calls, next, err := r.calls(ways)
	if err != nil {
		return nil, err
	}
	result := &Result{make([][]float64, len(ways)), make([][]float64, len(ways))}
	for round := range r.Rounds {
		for i := range ways {
			w := (round + i) % len(ways)
			seconds, allocs, err := turn(ways[w], next, calls)
			if err != nil {
				return nil, err
			}
			result.times[w] = append(result.times[w], seconds)
			result.allocs[w] = append(result.allocs[w], allocs)
		}
		next += calls
	}
	return result, nil
}

// calls warms all ways up, those slower than a turn by one call alone, and returns how
// many calls of the slowest fill a turn, and the number of the first call that is timed.
func (r Race) calls(ways []Way) (calls, next int, err error) {
	const warmUp = 3
	slowest := time.Nanosecond
	for _, w := range ways {
		var took time.Duration
		for call := 0; call < warmUp && took <= r.Turn; call++ {
			start := time.Now()
			if err := w(call); err != nil {
				return 0, 0, err
			}
			took = time.Since(start)
		}
		slowest = max(slowest, took)
	}
	return max(1, int(r.Turn/slowest)), warmUp, nil
}

func turn(w Way, next, calls int) (seconds, allocs float64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for call := range calls {
		if err := w(next + call); err != nil {
			return 0, 0, err
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	n := float64(calls)
	return took.Seconds() / n, float64(after.Mallocs-before.Mallocs) / n, nil
}

// Ratio returns the median of the time of one way over that of another in the same
// round.
func (r *Result) Ratio(way, other int) float64 {
	ratios := make([]float64, len(r.times[way]))
	for round, t := range r.times[way] {
		ratios[round] = t / r.times[other][round]
	}
	return median(ratios)
}

// Micros returns the median time of a call in microseconds.
func (r *Result) Micros(way int) float64 { return 1e6 * median(r.times[way]) }

// Allocs returns the median number of allocations of a call.
func (r *Result) Allocs(way int) float64 { return median(r.allocs[way]) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}
