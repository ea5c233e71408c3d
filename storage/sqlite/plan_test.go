package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/storagetest"
)

// TestIndexesServe asks SQLite how it would run the statements that bunsql's
// golden file holds: what must not grow with the number of records has to go
// through the index named here.
func TestIndexesServe(t *testing.T) {
	b := openTest(t)
	require.NoError(t, b.Migrate(t.Context(), storagetest.Registry(), nil))
	golden, err := os.ReadFile(filepath.Join("..", "bunsql", "testdata", "sqlite.sql"))
	require.NoError(t, err)
	want := map[string][]string{
		"get":                         {"sqlite_autoindex_crm_thing_1 (tenant_id=? AND id=?)"},
		"by a unique text":            {"crm_thing_code_key (tenant_id=? AND code=?)"},
		"page":                        {"crm_thing_created_at_idx (tenant_id=?)"},
		"page after a value":          {"crm_thing_created_at_idx (tenant_id=? AND (created_at,id)<(?,?))"},
		"page after null":             {"crm_thing_created_at_idx (tenant_id=? AND created_at=? AND id<?)"},
		"by a custom field":           {"crm_thing_colour_custom_idx (tenant_id=? AND <expr>=?)"},
		"scope, union by another key": {"crm_thing_owner_id_amount_n_idx (tenant_id=? AND owner_id=?)", "crm_thing_department_id_amount_n_idx (tenant_id=? AND department_id=?)"},
		"scope, union": {"crm_share_kind_principal_id_created_at_record_id_idx (tenant_id=? AND kind=? AND principal_id=? AND (created_at,record_id)<(?,?))",
			"crm_reach_ancestor_id_descendant_id_key (tenant_id=? AND ancestor_id=?"},
		"scope, walk then union":       {"crm_thing_created_at_idx (tenant_id=?)"},
		"aggregate within a scope":     {"_idx (tenant_id=? AND department_id=?)", "crm_reach_ancestor_id_descendant_id_key (tenant_id=? AND ancestor_id=?"},
		"update where, by a condition": {"crm_thing_label_count_idx (tenant_id=? AND label=?)"},
	}
	for block := range strings.SplitSeq(string(golden), "\n\n") {
		name, texts, _ := strings.Cut(strings.TrimPrefix(block, "-- "), "\n")
		text, _, _ := strings.Cut(texts, ";\n")
		for _, detail := range want[name] {
			plan := explain(t, b, text)
			require.Contains(t, plan, detail, "%s\n%s", name, text)
			if strings.HasPrefix(name, "page") {
				require.NotContains(t, plan, "TEMP B-TREE", name)
			}
		}
		delete(want, name)
	}
	require.Empty(t, want, "not in the golden file")
}

func explain(t *testing.T, b *backend, text string) string {
	t.Helper()
	// What the arguments are does not decide the plan; there must be enough.
	rows, err := b.own[1].Query("EXPLAIN QUERY PLAN "+strings.TrimSuffix(text, ";"), make([]any, strings.Count(text, "?"))...)
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		plan.WriteString(detail + "\n")
	}
	require.NoError(t, rows.Err())
	return plan.String()
}
