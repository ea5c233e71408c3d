package eval_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// many returns tables of n companies, each below the one before it.
func many(t testing.TB, w world, n int) *eval.Tables {
	t.Helper()
	tables := eval.NewTables()
	for i := range n {
		put(t, tables, w.company, vals{"id": num(i + 1), "code": fmt.Sprint("c", i), "employees": int64(i % 100),
			"revenue": dec("12.5"), "parent_id": num(max(i, 1)), "owner_id": num(i % 7), "custom": schema.JSON(`{"stars":3}`)})
	}
	return tables
}

func BenchmarkConnInsert(b *testing.B) {
	w := testWorld(b)
	conn := eval.NewConn(many(b, w, 10_000))
	n := 10_000
	for b.Loop() {
		n++
		id := schema.ID{12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
		require.NoError(b, insert(b, conn, w.company, vals{"id": id, "code": fmt.Sprint("c", n), "parent_id": num(1)}))
	}
}

func BenchmarkSelect(b *testing.B) {
	w := testWorld(b)
	tables := many(b, w, 10_000)
	for name, q := range map[string]query.Select{
		"by id":            {Where: query.Eq("id", num(500))},
		"by index":         {Where: query.Eq("code", "c500")},
		"by scan":          {Where: query.Gt("employees", 97)},
		"by scan and path": {Where: query.Eq("parent.employees", 97)},
		"sorted":           {Sort: query.By("-employees")},
		"custom":           {Where: query.Gt("custom.stars", 3)},
		"first page":       {},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				selectRows(b, tables, w.company, q)
			}
		})
	}
	b.Run("last page by id", func(b *testing.B) {
		q, err := query.ResolveSelect(w.company, query.Select{})
		require.NoError(b, err)
		q.Tenant, q.After = tenant, []any{num(9_990)}
		for b.Loop() {
			rows, err := eval.Select(b.Context(), tables, w.company, &q)
			require.NoError(b, err)
			require.Len(b, rows, 10)
		}
	})
}

func BenchmarkAggregate(b *testing.B) {
	w := testWorld(b)
	tables := many(b, w, 10_000)
	for b.Loop() {
		aggregate(b, tables, w.company, query.Aggregate{Keys: []query.Key{{Path: query.P("employees")}},
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("revenue")}}})
	}
}
