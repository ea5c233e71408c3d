package storagetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// after returns what storage puts into Select.After to continue behind a row.
func after(q *query.Select, row driver.Row) []any {
	keys := make([]any, len(q.Sort))
	for i, s := range q.Sort {
		at := slices.IndexFunc(q.Columns, func(p query.Path) bool { return p.Name == s.Path.Name })
		keys[i] = row[at]
	}
	return keys
}

// walk reads a query to its end, page by page. between, if not nil, is called
// behind each full page with its rows.
func (t *tenant) walk(kind string, q query.Select, size int, between func(page []driver.Row)) []driver.Row {
	t.Helper()
	const most = 500 // pages; more is a walk that does not get on
	q.Limit = size
	resolved := t.resolved(kind, q)
	var all []driver.Row
	for range most {
		page, err := t.conn.Select(t.ctx, t.kind(kind), resolved)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), size, "rows of one page")
		all = append(all, page...)
		if len(page) < size {
			return all
		}
		if between != nil {
			between(page)
		}
		resolved.After = after(resolved, page[len(page)-1])
	}
	t.Fatalf("%d pages of %d and no end", most, size)
	return nil
}

func paging(s *suite) {
	for _, sort := range [][]string{
		nil, {"-id"}, {"label"}, {"-label"}, {"label_n"}, {"-label_n"}, {"label_n", "-count"}, {"-amount_n", "label"}, {"flag_n", "-flag", "ratio_n"},
		{"moment"}, {"-day", "label_n"}, {"parent.label_n"}, {"-parent.parent.label", "amount_n"}, {"custom.colour", "-custom.worth"}, {"-created_at"}, {"owner_id", "-label_n", "flag"},
	} {
		name := strings.Join(sort, ",")
		if sort == nil {
			name = "id"
		}
		s.test(name, func(t *tenant) { everyRowOnce(t, sort) })
	}
	s.test("inserts and deletes between pages", whileItChanges)
	s.test("with a condition", func(t *tenant) {
		insertTies(t, 60)
		q := query.Select{Where: query.All(query.Ne("label", "b"), query.Not{Expr: query.Null("parent.label")}), Sort: query.By("-label_n", "count")}
		whole := t.ids("thing", query.Select{Where: q.Where, Sort: q.Sort, Limit: query.MaxLimit})
		require.Equal(t, whole, numbers(t.kind("thing"), t.walk("thing", q, 4, nil)))
	})
}

// insertTies stores n things whose values repeat far beyond a page and are null
// in every third.
func insertTies(t *tenant, n int) {
	records := make([]record, n)
	for i := range records {
		r := record{"id": num(i), "label": string(rune('a' + i%3)), "count": i % 4, "flag": i%2 == 0, "created_at": at("2026-01-01T00:00:00Z")}
		if i%3 != 1 {
			r["label_n"] = strings.Repeat("z", i%2)
			r["amount_n"] = fmt.Sprintf("%d.5", i%5-2)
			r["flag_n"] = i%5 == 0
			r["ratio_n"] = float64(i%3) / 3
			r["moment"] = at("2026-01-01T00:00:00.000001Z")
			r["day"] = schema.DateFromDays(int64(i % 2))
			r["owner_id"] = num(100 + i%3)
			r["custom"] = schema.Values{"colour": string(rune('x' + i%2)), "worth": fmt.Sprintf("-%d.25", i%4)}
		}
		if i > 2 {
			r["parent_id"] = num(i / 3)
		}
		records[i] = r
	}
	t.insert("thing", records...)
}

// everyRowOnce walks with pages of several sizes and compares with one read of
// all, which must ascend by the sort keys.
func everyRowOnce(t *tenant, sort []string) {
	const n = 60
	insertTies(t, n)
	q := query.Select{Sort: query.By(sort...), Limit: query.MaxLimit}
	resolved := t.resolved("thing", q)
	whole := t.rows("thing", q)
	require.Len(t, whole, n)
	for i := 1; i < n; i++ {
		if c := compareAt(resolved, whole[i-1], whole[i]); c >= 0 {
			t.Fatalf("rows %d and %d are in the wrong order:\n%v\n%v", i-1, i, after(resolved, whole[i-1]), after(resolved, whole[i]))
		}
	}
	want := numbers(t.kind("thing"), whole)
	for _, size := range []int{1, 7, 20, n - 1, n, n + 1} {
		if got := numbers(t.kind("thing"), t.walk("thing", q, size, nil)); got != want {
			t.Errorf("pages of %d:\n\t%s\nat once:\n\t%s", size, got, want)
		}
	}
}

func compareAt(q *query.Select, a, b driver.Row) int {
	x, y := after(q, a), after(q, b)
	for i, s := range q.Sort {
		if c := query.CompareValues(x[i], y[i]); c != 0 {
			if s.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// whileItChanges deletes the very record that a page ended with, and inserts
// before and behind it. What was there throughout comes exactly once.
func whileItChanges(t *tenant) {
	const n = 40
	insertTies(t, n)
	t.update("thing", num(39), record{"parent_id": nil})
	k := t.kind("thing")
	pages, behind := 0, n
	rows := t.walk("thing", query.Select{Where: query.Ge("id", num(14)), Sort: query.By("label")}, 5, func(page []driver.Row) {
		pages++
		last := page[len(page)-1]
		label, _ := last[k.Field("label").Position].(string)
		t.delete("thing", last[k.ID().Position].(schema.ID)) // none above 13 is a parent
		t.insert("thing", record{"id": num(1000 - pages), "label": "A"})
		if pages < 4 {
			t.insert("thing", record{"id": num(2000 + behind), "label": label + "z"})
			behind++
		}
	})
	seen := map[int]int{}
	for _, row := range rows {
		seen[number(row[k.ID().Position].(schema.ID))]++
	}
	for i := 14; i < n; i++ {
		require.Equal(t, 1, seen[i], "record %d, which was there from the beginning", i)
	}
	for i := n; i < behind; i++ {
		require.Equal(t, 1, seen[2000+i], "record %d, inserted behind the page", i)
	}
	require.Len(t, seen, n-14+behind-n, "records inserted before the page are not found")
}
