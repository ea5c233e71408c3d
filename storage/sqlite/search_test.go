package sqlite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

type firm struct {
	ID   schema.ID
	Name string
	Rank int64
}

var firms = schema.Define[firm]("firm", schema.SortKeys("rank"), schema.Search("rank", schema.Words("name")))

// TestSearchOutlivesVacuum holds that the tokens of a record are found again when SQLite has
// numbered the rows of the table anew, and that they are kept once.
func TestSearchOutlivesVacuum(t *testing.T) {
	b := openTest(t)
	r, err := schema.NewRegistry([]*schema.Kind{firms.Kind})
	require.NoError(t, err)
	require.NoError(t, b.Migrate(t.Context(), r, nil))
	k, conn := r.Kind("firm"), b.Conn()
	in := &driver.Insert{Tenant: "acme"}
	for i := range 50 {
		row := driver.Row{schema.ID{0: 1, 15: byte(i)}, fmt.Sprintf("华为%d技术", i), int64(i), ""}
		search.Derive(k, row)
		in.Rows = append(in.Rows, row)
	}
	require.NoError(t, conn.Insert(t.Context(), k, in))
	for i := range 40 {
		_, err := conn.Delete(t.Context(), k, &driver.Delete{Tenant: "acme", ID: schema.ID{0: 1, 15: byte(i)}})
		require.NoError(t, err)
	}
	find := func(text string) []any {
		q, err := query.ResolveSearch(k, query.Search{Text: text, Limit: 100})
		require.NoError(t, err)
		q.Tenant = "acme"
		rows, err := conn.(driver.Searcher).Search(t.Context(), k, &q)
		require.NoError(t, err)
		var ranks []any
		for _, row := range rows {
			ranks = append(ranks, row[2])
		}
		return ranks
	}
	want := []any{int64(49), int64(48), int64(47), int64(46), int64(45), int64(44), int64(43), int64(42), int64(41), int64(40)}
	require.Equal(t, want, find("技术"))
	for _, text := range []string{"VACUUM", `INSERT INTO "crm_firm_fts"("crm_firm_fts") VALUES ('optimize')`} {
		_, err := b.own[0].Exec(text)
		require.NoError(t, err)
	}
	require.Equal(t, want, find("技术"))
	require.Equal(t, want[2:3], find("华为47"))
	var left, tokens int
	require.NoError(t, b.own[0].QueryRow(`SELECT count(*) FROM "crm_firm" WHERE "search_tokens" IS NOT NULL`).Scan(&left))
	require.Zero(t, left, "tokens that are kept beside the index")
	require.NoError(t, b.own[0].QueryRow(`SELECT count(*) FROM "crm_firm_fts_docsize"`).Scan(&tokens))
	require.Equal(t, 10, tokens)
}
