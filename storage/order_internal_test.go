package storage

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestParentsFirstOfTwo: with two references to its own kind, the rows are the
// same ones, each behind those it refers to; only a circle is refused.
func TestParentsFirstOfTwo(t *testing.T) {
	type part struct{ ID, MotherID, FatherID schema.ID }
	r, err := schema.NewRegistry([]*schema.Kind{schema.Define[part]("part",
		schema.BelongsTo("mother", "part", "mother_id"), schema.BelongsTo("father", "part", "father_id")).Kind})
	require.NoError(t, err)
	k := r.Kind("part")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "rows")
		ahead := rapid.IntRange(0, 4).Draw(t, "circles") == 0 // may a row refer to a later one
		var rows []driver.Row
		for i := range n {
			row := driver.Row{schema.ID{15: byte(i + 1)}, nil, nil}
			for at := 1; at <= 2; at++ {
				most := i
				if ahead {
					most = n
				}
				if to := rapid.IntRange(0, most).Draw(t, "to"); to > 0 {
					row[at] = schema.ID{15: byte(to)}
				} else if rapid.Bool().Draw(t, "elsewhere") {
					row[at] = schema.ID{0: 1}
				}
			}
			rows = append(rows, row)
		}
		given := rapid.Permutation(rows).Draw(t, "given")
		out, err := parentsFirst(k, given)
		if err != nil {
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.True(t, ahead, "there is no circle")
			return
		}
		require.ElementsMatch(t, rows, out)
		if n < 2 {
			return
		}
		behind := map[any]bool{}
		inBatch := map[any]bool{}
		for _, row := range rows {
			inBatch[row[0]] = true
		}
		for _, row := range out {
			for _, to := range row[1:] {
				require.True(t, to == nil || to == row[0] || !inBatch[to] || behind[to], "%v stands before %v", row[0], to)
			}
			behind[row[0]] = true
		}
	})
}

func TestPausesGrow(t *testing.T) {
	for attempt := 1; attempt < Attempts+5; attempt++ {
		short, long := pause(attempt, [16]byte{}), pause(attempt, [16]byte{15: 255})
		require.Equal(t, long, 2*short, "between half and all")
		require.LessOrEqual(t, long.Milliseconds(), int64(512))
		require.Positive(t, short)
	}
	require.Greater(t, pause(5, [16]byte{}), pause(3, [16]byte{15: 255}))
}
