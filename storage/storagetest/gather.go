package storagetest

import (
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
)

// gathers asks an adapter several random queries at once and one by one, which must find the
// same.
func (p *pair) gathers() {
	gatherer, ok := p.conn.(driver.Gatherer)
	if !ok {
		p.Skip("the adapter leaves asking several queries to package storage")
	}
	for round := range *roundsFlag {
		kind := p.gen.kind()
		k := p.kind(kind)
		n := p.gen.IntN(6)
		if round == 0 {
			n = 250 // more than a database may take in one statement
		}
		// One query of several, each for another value, is what an adapter may know better.
		alike, limit, path, sort := round%2 == 1, 1+p.gen.IntN(6), p.gen.path(k), p.gen.sort(k)
		sort = slices.DeleteFunc(sort, func(key query.Sort) bool { return strings.Contains(key.Path.Name, ".") }) // it would be a column more
		list := make([]query.Select, n)
		var want []driver.Row
		for i := range list {
			q := query.Select{Where: p.gen.expr(k, 0), Limit: 1 + p.gen.IntN(6)}
			switch {
			case n > 6:
				q.Where = query.Eq("id", num(i%80))
			case alike:
				q = query.Select{Where: query.Cmp{Path: query.P(path.Name), Op: query.OpEq, Value: p.gen.value(path.Field, false)}, Sort: sort, Limit: limit}
			}
			if alike && p.gen.one(12) {
				q = query.Select{Where: p.gen.expr(k, 0), Limit: limit}
			}
			list[i] = *p.resolved(kind, q)
			rows, err := p.conn.Select(p.ctx, k, &list[i])
			require.NoError(p, err)
			want = append(want, rows...)
		}
		got, err := gatherer.Gather(p.ctx, k, list)
		if err != nil {
			p.differf(kind, "Gather of %d queries fails: %v", n, err)
			continue
		}
		if slices.SortFunc(want, byText); !sameRows(want, slices.SortedFunc(slices.Values(got), byText)) {
			p.differf(kind, "Gather of %d queries finds %s, one after the other %s", n, numbers(k, got), numbers(k, want))
		}
	}
}

// byText orders rows, whatever is in them.
func byText(a, b driver.Row) int {
	text := func(row driver.Row) string {
		var s strings.Builder
		for _, v := range row {
			s.WriteString(show(v))
		}
		return s.String()
	}
	return strings.Compare(text(a), text(b))
}
