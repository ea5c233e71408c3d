package eval_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestCustomCodec(t *testing.T) {
	w := testWorld(t)
	for name, list := range map[string]map[string]any{
		"vip":     {`true`: true, `false`: false},
		"stars":   {`0`: int64(0), `-7`: int64(-7), `9223372036854775807`: int64(math.MaxInt64)},
		"budget":  {`1250`: dec("12.5"), `-1`: dec("-0.01")},
		"colour":  {`""`: "", `"<red> & \"blue\""`: `<red> & "blue"`, `"华为"`: "华为"},
		"due":     {`"0001-01-01"`: day("0001-01-01"), `"2026-02-28"`: day("2026-02-28")},
		"visited": {`"2026-01-01T08:00:00.000000Z"`: at("2026-01-01T08:00:00Z"), `"0999-01-01T00:00:00.000001Z"`: at("0999-01-01T00:00:00.000001Z")},
		"rival":   {`"00000000-0000-0000-0000-000000000102"`: num(258)},
	} {
		f := w.company.CustomField(name)
		for raw, v := range list {
			require.Equal(t, raw, string(eval.CustomJSON(f, v)))
			require.Zero(t, query.CompareValues(v, eval.CustomValue(f, json.RawMessage(raw))), "%s %s", name, raw)
		}
		for _, raw := range []string{"", "null", "{}", "[1]", `"?"`, "1.5", "99999999999999999999", "tru", `"`} {
			if name != "colour" || raw != `"?"` {
				require.Nil(t, eval.CustomValue(f, json.RawMessage(raw)), "%s %s", name, raw)
			}
		}
		require.Nil(t, eval.CustomJSON(f, nil))
		require.Nil(t, eval.CustomJSON(f, struct{}{}))
	}
	require.Nil(t, eval.CustomJSON(w.company.CustomField("stars"), "5"), "a value of another type")
}

// TestCustomTextKeepsOrder: what is kept as text orders bytewise as its values do.
func TestCustomTextKeepsOrder(t *testing.T) {
	w := testWorld(t)
	first, last := at("0001-01-01T00:00:00.000001Z").UnixMicro(), at("9999-12-31T23:59:59.999999Z").UnixMicro()
	draw := func(rt *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(first, last).Draw(rt, "time")).UTC()
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := draw(rt), draw(rt)
		for name, pair := range map[string][2]any{"visited": {a, b}, "due": {schema.DateOf(a), schema.DateOf(b)}} {
			f := w.company.CustomField(name)
			x, y := string(eval.CustomJSON(f, pair[0])), string(eval.CustomJSON(f, pair[1]))
			require.Equal(t, query.CompareValues(pair[0], pair[1]), query.CompareValues(x, y))
			require.Equal(t, pair[0], eval.CustomValue(f, json.RawMessage(x)))
		}
		n := decimal.New(rapid.Int64().Draw(rt, "budget"), -2)
		f := w.company.CustomField("budget")
		require.True(t, n.Equal(eval.CustomValue(f, eval.CustomJSON(f, n)).(decimal.Decimal)))
	})
}
