package storage_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// both returns two stores with the same random records: one over all that the
// adapter can, one over what it must.
func both(t *rapid.T, bind func(driver.Backend) *storage.Tenant) (full, least *storage.Tenant) {
	full, least = bind(memory.New()), bind(modest{memory.New(), 0})
	for i := range rapid.IntRange(0, 12).Draw(t, "records") {
		a := account{ID: num(i + 1), Version: 1, Rank: rapid.Int64Range(-1, 3).Draw(t, "rank"), Name: rapid.SampledFrom([]string{"", "a", "Á"}).Draw(t, "name")}
		if i > 0 {
			a.ParentID = num(rapid.IntRange(0, i).Draw(t, "parent"))
		}
		if rapid.Bool().Draw(t, "known") {
			a.Amount = decimal.NewNullDecimal(decimal.New(rapid.Int64Range(-2, 3).Draw(t, "amount"), -1))
		}
		for _, tn := range []*storage.Tenant{full, least} {
			require.NoError(t, storage.Of(tn, accounts).Insert(t.Context(), &a))
		}
	}
	return full, least
}

// shownRows spells rows so that decimals that are equal in value look alike.
func shownRows(rows []driver.Row) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = fmt.Sprint(row...)
	}
	return out
}

var wheres = rapid.SampledFrom([]query.Expr{
	nil, query.Gt("rank", 0), query.Null("amount"), query.HasText("name", "a"), query.Eq("parent.rank", 1), query.Has("contacts", nil), query.Not{Expr: query.Null("parent.name")},
})

func TestAggregateFallback(t *testing.T) {
	r := registry(t)
	keys := []query.Key{{Path: query.P("name")}, {Path: query.P("parent.name")}, {Name: "band", Path: query.P("amount"), Edges: []any{"0", "0.2"}}, {Path: query.P("rank")}}
	rapid.Check(t, func(t *rapid.T) {
		full, least := both(t, func(b driver.Backend) *storage.Tenant {
			tn, err := storage.New(b).Bind(r, storage.Options{}).Tenant("acme")
			require.NoError(t, err)
			return tn
		})
		a := query.Aggregate{
			Where: wheres.Draw(t, "where"),
			Keys:  rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 2, query.Key.Column).Draw(t, "keys"),
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}, {Fn: query.CountDistinct, Path: query.P("parent_id")},
				{Fn: query.Min, Path: query.P("parent.rank")}, {Name: "high", Fn: query.Max, Path: query.P("amount"), Where: wheres.Draw(t, "measured")}},
			Sort: query.By("-sum_amount"), Limit: rapid.IntRange(1, 4).Draw(t, "limit"),
		}
		want, err := storage.Of(full, accounts).Aggregate(t.Context(), a)
		require.NoError(t, err)
		got, err := storage.Of(least, accounts).Aggregate(t.Context(), a)
		require.NoError(t, err)
		require.Equal(t, shownRows(want.Rows), shownRows(got.Rows))
		require.Equal(t, want.More, got.More)
		require.LessOrEqual(t, len(want.Rows), a.Limit)
	})
}

func TestUpdateWhereFallback(t *testing.T) {
	r := registry(t)
	rapid.Check(t, func(t *rapid.T) {
		full, least := both(t, func(b driver.Backend) *storage.Tenant {
			tn, err := storage.New(b).Bind(r, storage.Options{}).Tenant("acme")
			require.NoError(t, err)
			return tn
		})
		where := wheres.Draw(t, "where")
		k := storage.Of(full, accounts).Kind()
		set := []driver.Assign{{Field: k.Field("amount"), Value: dec("0.5"), Add: true}, {Field: k.Field("rank"), Value: int64(1), Add: true}}
		hit, err := storage.Of(full, accounts).Find(t.Context(), query.Select{Where: where})
		require.NoError(t, err)
		var after [2][]string
		for i, tn := range []*storage.Tenant{full, least} {
			changed, err := tn.UpdateWhere(t.Context(), k, where, nil, set)
			require.NoError(t, err)
			require.Equal(t, int64(len(hit.Items)), changed)
			rows, err := tn.Select(t.Context(), k, query.Select{}, nil)
			require.NoError(t, err)
			after[i] = shownRows(rows.Rows)
		}
		require.Equal(t, after[0], after[1])
		for _, a := range hit.Items {
			got, err := storage.Of(full, accounts).Get(t.Context(), a.ID)
			require.NoError(t, err)
			require.Equal(t, int64(2), got.Version, "versions go up")
			require.Equal(t, a.Rank+1, got.Rank)
			require.Equal(t, a.Amount.Valid, got.Amount.Valid, "null stays null")
		}
	})
}

func TestUpdateWhere(t *testing.T) {
	ctx := t.Context()
	for name, tn := range map[string]*storage.Tenant{"full": open(t), "least": over(t, modest{memory.New(), 0})} {
		t.Run(name, func(t *testing.T) {
			table := storage.Of(tn, accounts)
			k := table.Kind()
			numbers := make([]int, query.MaxLimit+5) // more than a page
			for i := range numbers {
				numbers[i] = i + 1
			}
			require.NoError(t, insert(ctx, tn, numbers...))
			rank := func(v any) []driver.Assign { return []driver.Assign{{Field: k.Field("rank"), Value: v}} }
			changed, err := tn.UpdateWhere(ctx, k, query.Ge("rank", 1), nil, rank(int64(-1)))
			require.NoError(t, err)
			require.Equal(t, int64(len(numbers)), changed, "each is met though the condition is true no more")

			_, err = tn.UpdateWhere(ctx, k, query.Eq("nope", 1), nil, nil)
			require.ErrorIs(t, err, fault.ErrInvalid)
			_, err = tn.UpdateWhere(ctx, k, nil, nil, []driver.Assign{{Field: k.Field("rank"), Value: int64(5)}, {Field: k.Field("parent_id"), Value: num(99999)}})
			require.ErrorIs(t, err, fault.ErrReferenced)
			require.Equal(t, map[string]string{"parent_id": "reference"}, fieldCodes(t, err))
			got, err := table.Get(ctx, num(1))
			require.NoError(t, err)
			require.Equal(t, int64(-1), got.Rank, "all or none")
		})
	}
}

// TestUpdateWhereKeepsSearchRight: what is written can be found by its new text
// and no more by its old one.
func TestUpdateWhereKeepsSearchRight(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	table := storage.Of(tn, accounts)
	require.NoError(t, table.Insert(ctx, &account{ID: num(1), Version: 1, Name: "Old"}))
	_, err := tn.UpdateWhere(ctx, table.Kind(), nil, nil, []driver.Assign{{Field: table.Kind().Field("name"), Value: "New"}})
	if err != nil {
		require.ErrorIs(t, err, fault.ErrInvalid)
		return
	}
	page, err := table.Find(ctx, query.Select{Where: query.HasText("name", "new")})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
}

func TestGroupsMore(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	require.NoError(t, insert(ctx, tn, 1, 2, 3))
	a := query.Aggregate{Keys: []query.Key{{Path: query.P("rank")}}, Limit: 2}
	groups, err := storage.Of(tn, accounts).Aggregate(ctx, a)
	require.NoError(t, err)
	require.Equal(t, []driver.Row{{int64(1)}, {int64(2)}}, groups.Rows)
	require.True(t, groups.More)
	a.Limit = 3
	groups, err = storage.Of(tn, accounts).Aggregate(ctx, a)
	require.NoError(t, err)
	require.Len(t, groups.Rows, 3)
	require.False(t, groups.More)
	require.Equal(t, 3, groups.Query.Limit, "the query is as it was asked")
}
