package storage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type person struct {
	ID    schema.ID
	Name  string
	Phone string
	Note  string
	Rank  int64
}

var persons = schema.Define[person]("person", schema.SortKeys("rank"), schema.Search("rank", schema.Words("name"), schema.Digits("phone")))

// phoneBook returns a table with a few persons, over a backend.
func phoneBook(t *testing.T, b driver.Backend) (*storage.Tenant, *schema.Kind) {
	t.Helper()
	r, err := schema.NewRegistry([]*schema.Kind{persons.Kind})
	require.NoError(t, err)
	tn := tenant(t, storage.New(b).Bind(r, storage.Options{}), "acme")
	require.NoError(t, storage.Of(tn, persons).Insert(t.Context(), &person{num(1), "王小明", "138 0013 8000", "", 1},
		&person{num(2), "王大明", "139", "", 2}, &person{num(3), "小王", "", "", 3}))
	return tn, r.Kind("person")
}

// found spells hits: a caret marks what begins with the text.
func found(t *testing.T, tn *storage.Tenant, k *schema.Kind, q query.Search) string {
	t.Helper()
	hits, err := tn.Search(t.Context(), k, q, nil)
	require.NoError(t, err)
	list := make([]string, len(hits))
	for i, hit := range hits {
		require.Len(t, hit.Row, len(k.Columns()))
		if list[i] = hit.Row[k.Field("name").Position].(string); hit.Begins {
			list[i] = "^" + list[i]
		}
	}
	return strings.Join(list, " ")
}

func TestSearch(t *testing.T) {
	for name, b := range map[string]driver.Backend{"memory": memory.New(), "the least": modest{memory.New(), 0}} {
		t.Run(name, func(t *testing.T) {
			tn, k := phoneBook(t, b)
			require.Equal(t, "^王大明 ^王小明", found(t, tn, k, query.Search{Text: "王"}))
			require.Equal(t, "^王大明", found(t, tn, k, query.Search{Text: "王", Limit: 1}))
			require.Equal(t, "王大明", found(t, tn, k, query.Search{Text: "大明"}))
			require.Equal(t, "^王小明", found(t, tn, k, query.Search{Text: "wxm"}))
			require.Equal(t, "王小明", found(t, tn, k, query.Search{Text: "0013"}))
			require.Empty(t, found(t, tn, k, query.Search{Text: "0013", Fields: []string{"name"}}))
			require.Equal(t, "^王小明", found(t, tn, k, query.Search{Text: "王", Where: query.Lt("rank", 2)}))
			require.Empty(t, found(t, tn, k, query.Search{}))

			_, err := storage.Of(tn, persons).Find(t.Context(), query.Select{Where: query.Eq("search_text", "x")})
			require.ErrorIs(t, err, fault.ErrInvalid, "the column has no name")
			for _, bad := range []query.Search{{Text: "a", Limit: 101}, {Text: "a", Limit: -1}, {Text: "a", Fields: []string{"note"}}, {Text: "a", Where: query.Eq("x", 1)}, {Text: strings.Repeat("a", 101)}} {
				_, err := tn.Search(t.Context(), k, bad, nil)
				require.ErrorIs(t, err, fault.ErrInvalid, "%+v", bad)
			}
		})
	}
	tn := open(t)
	_, err := tn.Search(t.Context(), tn.Registry().Kind("account"), query.Search{Text: "a"}, nil)
	require.ErrorIs(t, err, fault.ErrInvalid, "a kind that is not searched")
}

// TestUpdateWhereKeepsSearch holds that a change of many records at once leaves no search
// text behind.
func TestUpdateWhereKeepsSearch(t *testing.T) {
	for name, b := range map[string]driver.Backend{"memory": memory.New(), "the least": modest{memory.New(), 0}} {
		t.Run(name, func(t *testing.T) {
			tn, k := phoneBook(t, b)
			n, err := tn.UpdateWhere(t.Context(), k, query.Gt("rank", 1), nil, []driver.Assign{{Field: k.Field("name"), Value: "李"}, {Field: k.Field("note"), Value: "x"}})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			require.Equal(t, "^李 ^李", found(t, tn, k, query.Search{Text: "li"}))
			require.Equal(t, "^李", found(t, tn, k, query.Search{Text: "139"}), "the rest of the text is each record's own")
			require.Equal(t, "^王小明", found(t, tn, k, query.Search{Text: "王"}))
			n, err = tn.UpdateWhere(t.Context(), k, nil, nil, []driver.Assign{{Field: k.Field("rank"), Value: int64(10), Add: true}})
			require.NoError(t, err)
			require.EqualValues(t, 3, n)
			require.Equal(t, "^李 ^李", found(t, tn, k, query.Search{Text: "li"}))
		})
	}
}
