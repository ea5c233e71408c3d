package exchange

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhenTheDatabaseIsTold goes through an import line by line.
func TestWhenTheDatabaseIsTold(t *testing.T) {
	var told []int64
	for n := range int64(300_000) {
		if grown(n, n+1) {
			told = append(told, n+1)
		}
	}
	require.Equal(t, []int64{4_096, 16_384, 65_536, 262_144}, told)
	require.True(t, grown(4_000, 4_500), "a batch across the line")
	require.False(t, grown(4_500, 5_000))
	require.False(t, grown(5_000, 5_000))
}
