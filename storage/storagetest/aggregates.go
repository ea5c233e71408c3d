package storagetest

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func (t *tenant) checkAggregates(list []goldenAggregate) {
	t.Helper()
	for _, g := range list {
		kind := g.kind
		if kind == "" {
			kind = "thing"
		}
		if got := cells(t.aggregate(kind, g.a)); got != g.want {
			t.Errorf("%s: aggregation is\n\t%s\nwant\n\t%s", g.name, got, g.want)
		}
	}
}

func aggregates(s *suite) {
	s.test("golden", func(t *tenant) {
		t.insertGolden()
		t.checkAggregates(goldenAggregates)
	})
	s.test("in a transaction", func(t *tenant) {
		t.insertGolden()
		t.on(t.begin(readOnly)).checkAggregates(goldenAggregates)
	})
	s.test("exact sums", func(t *tenant) {
		// Floats lose all but the greatest of these.
		t.insert("thing", record{"id": num(1), "amount": maxAmount, "whole": "9007199254740993", "tiny": "0.000000000001"},
			record{"id": num(2), "amount": "0.0001", "whole": "1", "tiny": "9223372.036854775806"},
			record{"id": num(3), "amount": "-" + maxAmount, "whole": "9223372036854775807", "tiny": "0.1"})
		got := cells(t.aggregate("thing", query.Aggregate{Measures: measures(measure(query.Sum, "amount"), measure(query.Sum, "whole"), measure(query.Sum, "tiny"))}))
		require.Equal(t, "0.0001 9232379236109516801 9223372.136854775807", got)
	})
	s.test("distinct values of some", func(t *tenant) {
		// Of each value, the first records are left out, along whatever index they are read.
		const n, departments, owners = 120, 5, 3
		records := make([]record, n)
		for i := range records {
			records[i] = record{"id": num(i), "department_id": num(200 + i%departments), "owner_id": num(100 + i%owners)}
		}
		t.insert("part", records...)
		check := func(t *tenant) {
			for field, want := range map[string]string{"department_id": "5 2 0", "owner_id": "3 2 0"} {
				var got []string
				for _, first := range []int{n / 2, n - 2, n} {
					distinct := query.Measure{Fn: query.CountDistinct, Path: query.P(field), Where: query.Ge("id", num(first))}
					got = append(got, cells(t.aggregate("part", query.Aggregate{Measures: []query.Measure{distinct}})))
				}
				require.Equal(t, want, strings.Join(got, " "), field)
			}
		}
		check(t)
		t.analyze()
		if _, ok := driver.Find[driver.Analyzer](t.b); ok && t.suite.h.Reopen != nil { // other plans, with statistics
			b := t.suite.h.Reopen(t, t.b, t.r)
			now := *t
			now.b, now.conn, now.classify = b, b.Conn(), b.Classify
			check(&now)
		}
	})
	s.test("many bands and groups", func(t *tenant) {
		const n = 300
		records, edges := make([]record, n), make([]any, n-1)
		for i := range records {
			records[i] = record{"id": num(i), "count": i, "day": schema.DateFromDays(int64(20000 + i)), "amount": decimal.New(int64(i), -2)}
			if i > 0 {
				edges[i-1] = int64(i)
			}
		}
		t.insert("thing", records...)
		for _, k := range []query.Key{key("count", edges...), key("day"), key("amount")} {
			rows := t.aggregate("thing", query.Aggregate{Keys: keys(k), Measures: measures(counted, measure(query.Sum, "count"))})
			require.Len(t, rows, n, "groups by %s", k.Path.Name)
			for i, row := range rows {
				require.Equal(t, fmt.Sprintf("1 %d", i), cells([][]any{row[1:]}))
			}
		}
	})
}
