package storagetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// goldenAggregate is an aggregation and its rows, worked out by hand: cells with
// a blank between them, rows with a bar; "-" is null, text is quoted, ids are
// numbers.
type goldenAggregate struct {
	name string
	kind string // thing when empty
	a    query.Aggregate
	want string
}

func key(path string, edges ...any) query.Key {
	return query.Key{Name: "by_" + path, Path: query.P(path), Edges: edges}
}

func measure(fn query.Fn, path string) query.Measure {
	return query.Measure{Fn: fn, Path: query.P(path)}
}

func measures(list ...query.Measure) []query.Measure { return list }

func keys(list ...query.Key) []query.Key { return list }

var counted = query.Measure{Fn: query.Count}

var goldenAggregates = []goldenAggregate{
	{name: "count", a: query.Aggregate{Measures: measures(counted)}, want: "8"},
	{name: "nothing", a: query.Aggregate{Where: query.Or{}, Measures: measures(counted, measure(query.Sum, "amount"), measure(query.Max, "label"),
		measure(query.CountDistinct, "label"))}, want: "0 - - 0"},
	{name: "no groups of nothing", a: query.Aggregate{Where: query.Or{}, Keys: keys(key("flag")), Measures: measures(counted)}, want: ""},
	{name: "sum of ints beyond int64", a: query.Aggregate{Measures: measures(measure(query.Sum, "count"), measure(query.Sum, "count_n"))},
		want: "9223372036854775914 9223372036854775815"},
	{name: "sum of decimals beyond int64", a: query.Aggregate{Measures: measures(measure(query.Sum, "amount"))}, want: "1844674407370976.1615"},
	{name: "null is left out", a: query.Aggregate{Measures: measures(measure(query.Sum, "rate"), measure(query.Min, "tiny"),
		measure(query.CountDistinct, "rate"))}, want: "- - 0"},
	{name: "min and max of dates and times", a: query.Aggregate{Measures: measures(measure(query.Min, "day"), measure(query.Max, "day"),
		measure(query.Min, "moment"), measure(query.Max, "moment"))},
		want: "2025-12-31 2026-03-01 2025-12-31T23:59:59Z 2026-03-01T00:00:00.000001Z"},
	{name: "min and max of text", a: query.Aggregate{Measures: measures(measure(query.Min, "label_n"), measure(query.Max, "label_n"))}, want: `"" "中"`},
	{name: "min and max of numbers", a: query.Aggregate{Measures: measures(measure(query.Min, "ratio"), measure(query.Max, "ratio"), measure(query.Min, "amount_n"),
		measure(query.Max, "amount"), measure(query.Min, "count"))}, want: "-0.5 1e+09 -3.25 " + maxAmount + " -5"},
	{name: "distinct", a: query.Aggregate{Measures: measures(measure(query.CountDistinct, "label"), measure(query.CountDistinct, "label_n"),
		measure(query.CountDistinct, "amount_n"), measure(query.CountDistinct, "flag_n"), measure(query.CountDistinct, "owner_id"))}, want: "7 5 5 2 4"},
	{name: "null is a key", a: query.Aggregate{Keys: keys(key("flag_n")), Measures: measures(counted, measure(query.Sum, "count"))},
		want: "- 3 106 | false 2 9223372036854775812 | true 3 -4"},
	{name: "keys bytewise", a: query.Aggregate{Keys: keys(key("label")), Measures: measures(counted)},
		want: `"" 1 | "X" 2 | "a b" 1 | "x" 1 | "z" 1 | "é" 1 | "中" 1`},
	{name: "sort and limit", a: query.Aggregate{Keys: keys(key("label")), Measures: measures(counted), Sort: query.By("-count"), Limit: 2}, want: `"X" 2 | "" 1`},
	{name: "two keys", a: query.Aggregate{Keys: keys(key("flag"), key("flag_n")), Measures: measures(counted)},
		want: "false - 1 | false false 1 | false true 2 | true - 2 | true false 1 | true true 1"},
	{name: "sort by a key, down", a: query.Aggregate{Keys: keys(key("flag"), key("flag_n")), Sort: query.By("-by_flag_n", "by_flag")},
		want: "false true | true true | false false | true false | false - | true -"},
	{name: "keys only", a: query.Aggregate{Keys: keys(key("flag"))}, want: "false | true"},
	{name: "sort by a sum, null last when down", a: query.Aggregate{Keys: keys(key("owner_id")), Measures: measures(measure(query.Sum, "count_n")), Sort: query.By("-sum_count_n")},
		want: "103 9223372036854775800 | - 7 | 102 7 | 104 1 | 101 -"},
	{name: "bands of ints", a: query.Aggregate{Keys: keys(key("count", 0, 5, 100)), Measures: measures(counted)}, want: "0 1 | 1 3 | 2 2 | 3 2"},
	{name: "bands of dates", a: query.Aggregate{Keys: keys(key("day", "2026-01-01", "2026-02-01", "2026-03-01")), Measures: measures(counted)},
		want: "- 2 | 0 1 | 1 1 | 2 3 | 3 1"},
	{name: "bands of times", a: query.Aggregate{Keys: keys(key("moment", "2026-02-01T00:00:00Z")), Measures: measures(counted)}, want: "- 2 | 0 2 | 1 4"},
	{name: "bands of decimals", a: query.Aggregate{Keys: keys(key("amount_n", "0", "2.5")), Measures: measures(counted)}, want: "- 2 | 0 1 | 1 2 | 2 3"},
	{name: "a measure with a condition", a: query.Aggregate{Keys: keys(key("parent.label")), Measures: measures(counted,
		query.Measure{Name: "flags", Fn: query.Count, Where: query.Eq("flag", true)}, query.Measure{Fn: query.Sum, Path: query.P("count"), Where: query.Eq("flag", true)})},
		want: `- 2 1 5 | "X" 2 1 100 | "a b" 1 1 1 | "x" 2 1 5 | "z" 1 0 -`},
	{name: "custom key", a: query.Aggregate{Keys: keys(key("custom.colour")), Measures: measures(counted, measure(query.Sum, "amount"))},
		want: `- 2 3.25 | "" 1 922337203685477.5807 | "Red" 1 0.0001 | "blue" 1 10.5 | "red" 2 7.25 | "red " 1 922337203685477.5807`},
	{name: "custom measures", a: query.Aggregate{Measures: measures(measure(query.Sum, "custom.worth"), measure(query.Sum, "custom.grade"),
		measure(query.Max, "custom.grade"), measure(query.Min, "custom.worth"))}, want: "2.99 15 10 -0.01"},
	{name: "key over a relation", kind: "part", a: query.Aggregate{Keys: keys(key("thing.flag")), Measures: measures(counted, measure(query.Sum, "quantity"))},
		want: "- 1 7 | false 2 1 | true 3 5"},
	{name: "measure over a relation", kind: "part", a: query.Aggregate{Keys: keys(key("name")), Measures: measures(measure(query.Sum, "thing.count"))},
		want: `"" 5 | "Nut" 5 | "bolt" 0 | "orphan" -`},
	{name: "condition over many", a: query.Aggregate{Where: query.Has("parts", nil), Keys: keys(key("flag")), Measures: measures(counted)}, want: "false 2 | true 2"},
	{name: "a measure's condition over many", a: query.Aggregate{Measures: measures(counted,
		query.Measure{Name: "with", Fn: query.Count, Where: query.Has("parts", query.HasPrefix("name", "bolt"))})}, want: "8 3"},
}

// aggregate computes in the database; without an Aggregator it ends the test.
func (t *tenant) aggregate(kind string, a query.Aggregate) []driver.Row {
	t.Helper()
	k := t.kind(kind)
	a.Tenant = t.name
	resolved, err := query.ResolveAggregate(k, a)
	if err != nil {
		panic(err)
	}
	agg, ok := t.conn.(driver.Aggregator)
	if !ok {
		t.Skip("the adapter leaves aggregating to package eval")
	}
	rows, err := agg.Aggregate(t.ctx, k, &resolved)
	require.NoError(t, err)
	var types []schema.Type
	for _, key := range resolved.Keys {
		types = append(types, key.ResultType())
	}
	for _, m := range resolved.Measures {
		types = append(types, m.ResultType())
	}
	for _, row := range rows {
		require.Len(t, row, len(types), "columns of a group")
		for i, v := range row {
			if !isOf(v, types[i]) {
				t.Errorf("column %d of a group is %s, want type %s", i, show(v), types[i])
			}
		}
	}
	return rows
}

// isOf reports whether v is null or a driver value of a type.
func isOf(v any, t schema.Type) bool {
	switch v.(type) {
	case nil:
		return true
	case bool:
		return t == schema.TypeBool
	case int64:
		return t == schema.TypeInt
	case float64:
		return t == schema.TypeFloat
	case string:
		return t == schema.TypeText
	case time.Time:
		return t == schema.TypeTime
	case schema.Date:
		return t == schema.TypeDate
	case decimal.Decimal:
		return t == schema.TypeDecimal
	case schema.ID:
		return t == schema.TypeID
	}
	return false
}

// cells writes rows as goldenAggregate.want does.
func cells(rows []driver.Row) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		list := make([]string, len(row))
		for j, v := range row {
			switch v := v.(type) {
			case nil:
				list[j] = "-"
			case string:
				list[j] = strconv.Quote(v)
			case schema.ID:
				list[j] = strconv.Itoa(number(v))
			case float64:
				list[j] = strconv.FormatFloat(v, 'g', -1, 64)
			case time.Time:
				list[j] = v.Format(time.RFC3339Nano)
			case decimal.Decimal:
				list[j] = v.String()
				if strings.Contains(list[j], ".") {
					list[j] = strings.TrimRight(strings.TrimRight(list[j], "0"), ".")
				}
			default:
				list[j] = fmt.Sprint(v)
			}
		}
		lines[i] = strings.Join(list, " ")
	}
	return strings.Join(lines, " | ")
}
