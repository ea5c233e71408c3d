package eval_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestSelectSorts(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	for name, c := range map[string]struct {
		sort []query.Sort
		want []int
	}{
		"by nothing is by id":       {nil, []int{1, 2, 3, 4}},
		"by id downward":            {query.By("-id"), []int{4, 3, 2, 1}},
		"null first, ties by id":    {query.By("employees"), []int{3, 2, 1, 4}},
		"null last, ties by -id":    {query.By("-employees"), []int{4, 1, 2, 3}},
		"text bytewise":             {query.By("name"), []int{3, 4, 2, 1}},
		"empty text after null":     {query.By("region"), []int{3, 2, 1, 4}},
		"decimals equal in value":   {query.By("revenue", "-code"), []int{3, 2, 4, 1}},
		"over a reference":          {query.By("-parent.code", "code"), []int{4, 1, 2, 3}},
		"custom, other type null":   {query.By("-custom.stars", "id"), []int{1, 2, 3, 4}},
		"bool":                      {query.By("-active", "id"), []int{1, 2, 3, 4}},
		"keys after the id dropped": {query.By("active", "-id", "code"), []int{4, 3, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ask(t, tables, w.company, query.Select{Sort: c.sort}))
		})
	}
}

func TestSelectColumns(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	q, err := query.ResolveSelect(w.company, query.Select{Where: query.Eq("code", "D"), Sort: query.By("parent.custom.budget", "parent.name")})
	require.NoError(t, err)
	q.Tenant = tenant
	q.Columns = q.Columns[len(q.Columns)-2:]
	rows, err := eval.Select(t.Context(), tables, w.company, &q)
	require.NoError(t, err)
	require.Equal(t, []string{"#12.5 Ａcmé  GmbH "}, text(rows))
}

func TestSelectReturnsCopies(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	q := query.Select{Where: query.Eq("id", num(1))}
	row := selectRows(t, tables, w.company, q)[0]
	row[w.company.Field("logo").Position].([]byte)[0] = 99
	row[w.company.Field("custom").Position].(schema.JSON)[0] = 'x'
	row[0] = nil
	again := selectRows(t, tables, w.company, q)[0]
	require.Equal(t, []byte{1}, again[w.company.Field("logo").Position])
	require.Equal(t, byte('{'), again[w.company.Field("custom").Position].(schema.JSON)[0])
	require.Equal(t, num(1), again[0])
}

func TestSelectRefuses(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	_, err := eval.Select(t.Context(), tables, w.company, &query.Select{Tenant: tenant})
	require.ErrorIs(t, err, fault.ErrInvalid)
	q, err := query.ResolveSelect(w.company, query.Select{})
	require.NoError(t, err)
	q.Tenant, q.After = tenant, []any{num(1), nil}
	_, err = eval.Select(t.Context(), tables, w.company, &q)
	require.ErrorIs(t, err, fault.ErrInvalid)
}

func TestSelectStopsWhenCancelled(t *testing.T) {
	w := testWorld(t)
	tables := eval.NewTables()
	for i := range 2000 {
		put(t, tables, w.contact, vals{"id": num(i + 1)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	src := &countdown{Source: tables, left: 500, then: cancel}
	q, err := query.ResolveSelect(w.contact, query.Select{Where: query.Eq("company.code", "A")})
	require.NoError(t, err)
	q.Tenant = tenant
	for i := range 2000 {
		put(t, tables, w.contact, vals{"id": num(i + 1), "company_id": num(9)})
	}
	_, err = eval.Select(ctx, src, w.contact, &q)
	require.ErrorIs(t, err, context.Canceled)
	require.Greater(t, src.left, -500, "it stops soon")
}

// countdown does something after a number of gets.
type countdown struct {
	eval.Source
	left int
	then func()
}

func (c *countdown) Get(k *schema.Kind, tenant string, id schema.ID) ([]any, bool, error) {
	if c.left--; c.left == 0 {
		c.then()
	}
	return c.Source.Get(k, tenant, id)
}

// TestPagesMeetEveryRowOnce walks random data in random orders by pages and
// compares with a plain sort of the whole.
func TestPagesMeetEveryRowOnce(t *testing.T) {
	w := testWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		tables := eval.NewTables()
		n := rapid.IntRange(0, 40).Draw(rt, "rows")
		for i := range n {
			v := vals{"id": num(i + 1)}
			if e := rapid.IntRange(0, 3).Draw(rt, "employees"); e > 0 {
				v["employees"] = int64(e)
			}
			if r := rapid.IntRange(0, 3).Draw(rt, "revenue"); r > 0 {
				v["revenue"] = dec(fmt.Sprintf("%d.%d0", r, r))
			}
			v["region"] = rapid.SampledFrom([]any{nil, "", "a", "B"}).Draw(rt, "region")
			v["active"] = rapid.Bool().Draw(rt, "active")
			if p := rapid.IntRange(0, i).Draw(rt, "parent"); p > 0 {
				v["parent_id"] = num(p)
			}
			if s := rapid.IntRange(0, 3).Draw(rt, "stars"); s > 0 {
				v["custom"] = schema.JSON(fmt.Sprintf(`{"stars":%d}`, s))
			}
			put(t, tables, w.company, v)
		}
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"employees", "revenue", "region", "active",
			"parent.employees", "parent_id", "custom.stars", "id"}), 0, 4, rapid.ID).Draw(rt, "sort")
		for i := range names {
			if rapid.Bool().Draw(rt, "desc") {
				names[i] = "-" + names[i]
			}
		}
		q, err := query.ResolveSelect(w.company, query.Select{Sort: query.By(names...), Limit: rapid.IntRange(1, 7).Draw(rt, "limit")})
		require.NoError(t, err)
		q.Tenant = tenant
		for _, s := range q.Sort {
			q.Columns = append(q.Columns, s.Path)
		}
		var got [][]any
		for {
			rows, err := eval.Select(t.Context(), tables, w.company, &q)
			require.NoError(t, err)
			got = append(got, rows...)
			if len(rows) < q.Limit {
				break
			}
			last := rows[len(rows)-1]
			q.After = last[len(last)-len(q.Sort):]
		}
		require.Len(t, got, n)
		require.True(t, slices.IsSortedFunc(got, func(a, b []any) int {
			a, b = a[len(a)-len(q.Sort):], b[len(b)-len(q.Sort):]
			for i, s := range q.Sort {
				c := query.CompareValues(a[i], b[i])
				if s.Desc {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
			return 0
		}))
		seen := map[any]bool{}
		for _, row := range got {
			require.False(t, seen[row[0]], "a row stands twice")
			seen[row[0]] = true
		}
	})
}

func TestSelectKeepsTheFirstOfMany(t *testing.T) {
	w := testWorld(t)
	tables := eval.NewTables()
	const n = 5000
	want := make([]int, n)
	for i := range n {
		value := i * 7919 % n
		put(t, tables, w.company, vals{"id": num(i + 1), "employees": int64(value)})
		want[value] = i + 1
	}
	require.Equal(t, want[:10], ask(t, tables, w.company, query.Select{Sort: query.By("employees"), Limit: 10}))
	slices.SortFunc(want, func(a, b int) int { return cmp.Compare(b, a) })
	require.Equal(t, want[:3], ask(t, tables, w.company, query.Select{Sort: query.By("-id"), Limit: 3}))
}
