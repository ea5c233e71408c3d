package storage_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestCursorsAreBound(t *testing.T) {
	ctx := t.Context()
	db := memory.Open().Bind(registry(t), storage.Options{})
	acme, other := tenant(t, db, "acme"), tenant(t, db, "other")
	for _, tn := range []*storage.Tenant{acme, other} {
		require.NoError(t, insert(ctx, tn, 1, 2, 3, 4, 5))
	}
	q := query.Select{Where: query.Gt("rank", 1), Sort: query.By("rank"), Limit: 2}
	first, err := storage.Of(acme, accounts).Find(ctx, q)
	require.NoError(t, err)
	require.NotEmpty(t, first.Next)
	with := func(change func(q *query.Select)) query.Select {
		changed := q
		changed.Cursor = first.Next
		change(&changed)
		return changed
	}
	next, err := storage.Of(acme, accounts).Find(ctx, with(func(q *query.Select) { q.Limit = 1 }))
	require.NoError(t, err, "a page may have another size")
	require.Equal(t, int64(4), next.Items[0].Rank)
	_, err = storage.Of(acme, accounts).Find(ctx, with(func(q *query.Select) { q.Where = query.Gt("rank", int64(1)) }))
	require.NoError(t, err, "the same condition, spelled otherwise")

	refused := func(name string, tn *storage.Tenant, q query.Select) {
		t.Run(name, func(t *testing.T) {
			_, err := storage.Of(tn, accounts).Find(ctx, q)
			require.Equal(t, map[string]string{"cursor": "cursor"}, fieldCodes(t, err))
		})
	}
	refused("another tenant", other, with(func(*query.Select) {}))
	refused("another condition", acme, with(func(q *query.Select) { q.Where = query.Gt("rank", 2) }))
	refused("no condition", acme, with(func(q *query.Select) { q.Where = nil }))
	refused("another order", acme, with(func(q *query.Select) { q.Sort = query.By("-rank") }))
	refused("another sort", acme, with(func(q *query.Select) { q.Sort = query.By("name") }))
	refused("no sort", acme, with(func(q *query.Select) { q.Sort = nil }))
	refused("cut", acme, with(func(q *query.Select) { q.Cursor = q.Cursor[:len(q.Cursor)-1] }))
	refused("longer", acme, with(func(q *query.Select) { q.Cursor += "A" }))
	refused("padded", acme, with(func(q *query.Select) { q.Cursor += "=" }))
	refused("a new line in it", acme, with(func(q *query.Select) { q.Cursor = q.Cursor[:8] + "\n" + q.Cursor[8:] }))
	for _, cursor := range []string{"x", "!", strings.Repeat("A", 16), strings.Repeat("A", 1000)} {
		refused(cursor[:1], acme, with(func(q *query.Select) { q.Cursor = cursor }))
	}
	_, err = storage.Of(acme, contacts).Find(ctx, query.Select{Cursor: first.Next})
	require.Equal(t, map[string]string{"cursor": "cursor"}, fieldCodes(t, err), "another kind")

	raw, err := base64.RawURLEncoding.DecodeString(first.Next)
	require.NoError(t, err)
	for i := range raw { // every bit of it counts
		tampered := slices.Clone(raw)
		tampered[i] ^= 1
		_, err := storage.Of(acme, accounts).Find(ctx, with(func(q *query.Select) { q.Cursor = base64.RawURLEncoding.EncodeToString(tampered) }))
		require.Equal(t, map[string]string{"cursor": "cursor"}, fieldCodes(t, err))
	}
}

// TestPagesMeetEveryRecord: over random records and sorts, pages of any size hold
// each record once, in order, whatever is inserted and deleted between them.
func TestPagesMeetEveryRecord(t *testing.T) {
	r := registry(t)
	sorts := []string{"rank", "-rank", "name", "-amount", "parent.name", "-parent.rank", "custom.stars", "-custom.budget", "-id", "code"}
	rapid.Check(t, func(t *rapid.T) {
		tn, err := memory.Open().Bind(r, storage.Options{}).Tenant("acme")
		require.NoError(t, err)
		table := storage.Of(tn, accounts)
		n := rapid.IntRange(0, 15).Draw(t, "records")
		for i := range n {
			a := account{ID: num(10 * (i + 1)), Version: 1, Rank: rapid.Int64Range(0, 3).Draw(t, "rank"), Name: rapid.SampledFrom([]string{"", "a", "é"}).Draw(t, "name"), Custom: schema.Values{}}
			if i > 0 && rapid.Bool().Draw(t, "child") {
				a.ParentID = num(10)
			}
			if rapid.Bool().Draw(t, "known") {
				a.Amount = decimal.NewNullDecimal(decimal.New(rapid.Int64Range(0, 2).Draw(t, "amount"), -1))
				a.Custom = schema.Values{"stars": rapid.Int64Range(0, 2).Draw(t, "stars"), "budget": a.Amount.Decimal}
			}
			require.NoError(t, table.Insert(t.Context(), &a))
		}
		q := query.Select{Sort: query.By(rapid.SliceOfN(rapid.SampledFrom(sorts), 0, 3).Draw(t, "sort")...), Limit: query.MaxLimit}
		whole, err := table.Find(t.Context(), q)
		require.NoError(t, err)
		var order []schema.ID
		for _, a := range whole.Items {
			order = append(order, a.ID)
		}

		q.Limit = rapid.IntRange(1, 5).Draw(t, "limit")
		var met []schema.ID
		for added := 1; ; added++ {
			page, err := table.Find(t.Context(), q)
			require.NoError(t, err)
			for _, a := range page.Items {
				met = append(met, a.ID)
			}
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
			if rapid.Bool().Draw(t, "insert") {
				require.NoError(t, table.Insert(t.Context(), &account{ID: num(10*added + 1), Version: 1, Rank: rapid.Int64Range(0, 3).Draw(t, "new rank")}))
			}
			if last := page.Items[len(page.Items)-1]; last.ID != num(10) && rapid.Bool().Draw(t, "delete") {
				require.NoError(t, table.Delete(t.Context(), last.ID, 0), "the very record of the cursor")
			}
		}
		met = slices.DeleteFunc(met, func(id schema.ID) bool { return !slices.Contains(order, id) }) // those inserted meanwhile
		require.Equal(t, order, met, "all are met once and in order")
	})
}
