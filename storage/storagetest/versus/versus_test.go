package versus

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRaceTakesTurnsAndComparesWithinRounds runs by a clock that goes on only where a way sleeps.
func TestRaceTakesTurnsAndComparesWithinRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls [2]int
		way := func(i int, d time.Duration) Way {
			return func(call int) error {
				require.Equal(t, calls[i], call)
				calls[i]++
				time.Sleep(d)
				return nil
			}
		}
		result, err := Race{Rounds: 5, Turn: 8 * time.Millisecond}.Run(way(0, 4*time.Millisecond), way(1, time.Millisecond))
		require.NoError(t, err)
		require.Equal(t, [2]int{13, 13}, calls, "three to warm up, two in each round")
		require.InDelta(t, 4, result.Ratio(0, 1), 1e-9)
		require.InDelta(t, 4000, result.Micros(0), 1e-9)
		require.InDelta(t, 1000, result.Micros(1), 1e-9)
	})
}

func TestRaceEndsAtTheFirstError(t *testing.T) {
	failed := errors.New("no")
	_, err := Race{Rounds: 3}.Run(func(int) error { return nil }, func(int) error { return failed })
	require.ErrorIs(t, err, failed)
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, median([]float64{9, 1, 2}), 0)
	require.InDelta(t, 1.5, median([]float64{2, 1}), 0)
	require.InDelta(t, 0, median(nil), 0)
}
