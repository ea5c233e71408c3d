package crm_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bare runs a test on a database of each adapter that needs tables, and has none.
func bare(t *testing.T, test func(t *testing.T, store *storage.Store)) {
	t.Helper()
	for name, open := range map[string]func(t *testing.T) (*storage.Store, error){
		"sqlite": func(t *testing.T) (*storage.Store, error) {
			return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "crm.db"))
		},
		"postgres": func(t *testing.T) (*storage.Store, error) { return postgres.Open(t.Context(), pgtest.DSN(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			store, err := open(t)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			test(t, store)
		})
	}
}

// TestSchema keeps what a new database is created with in the tree, so that a review
// sees it change.
func TestSchema(t *testing.T) {
	bare(t, func(t *testing.T, store *storage.Store) {
		plan, err := crm.Plan(t.Context(), store)
		require.NoError(t, err)
		require.NotEmpty(t, plan)
		var b strings.Builder
		for _, change := range plan {
			if change.Step == nil {
				b.WriteString(change.SQL + ";\n")
			}
		}
		golden := filepath.Join("testdata", "schema."+store.Name()+".sql")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o750))
			require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o600))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), "run go test ./crm -run TestSchema -update and read the difference")
	})
}

// TestEveryKindIsRegistered finds a Define whose kind is missing in Kinds: nothing else
// would, since a kind that nobody registers is merely not kept.
func TestEveryKindIsRegistered(t *testing.T) {
	registered := map[string]bool{}
	for _, k := range crm.Kinds() {
		registered[k.Name()] = true
	}
	define := `schema.Define[`
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "../storage") || strings.HasPrefix(path, "../examples") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, part := range strings.Split(string(source), define)[1:] {
			_, after, _ := strings.Cut(part, `](`)
			name, _, _ := strings.Cut(strings.TrimPrefix(after, `"`), `"`)
			if constant, _, named := strings.Cut(after, ","); named && !strings.HasPrefix(after, `"`) {
				_, value, _ := strings.Cut(string(source), "const "+constant+` = "`)
				name, _, _ = strings.Cut(value, `"`)
			}
			require.Truef(t, registered[name], "kind %q of %s is not in crm.Kinds", name, path)
		}
		return nil
	})
	require.NoError(t, err)
}

// TestOpenRefusesWhatDoesNotFit opens a database that is older, and one that is newer.
func TestOpenRefusesWhatDoesNotFit(t *testing.T) {
	bare(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		_, err := crm.Open(ctx, store)
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.ErrorContains(t, err, "older")
		require.NoError(t, crm.Migrate(ctx, store))
		_, err = crm.Open(ctx, store)
		require.NoError(t, err)

		extended := crm.WithCustomFields("customer", schema.CustomField{Name: "colour", Type: schema.TypeText, Indexed: true})
		_, err = crm.Open(ctx, store, extended)
		require.ErrorContains(t, err, "older", "an index is missing")
		require.NoError(t, crm.Migrate(ctx, store, extended))
		_, err = crm.Open(ctx, store, extended)
		require.NoError(t, err)

		future := crm.WithSteps(crm.Step{Number: 2_000_000, Name: "of a later release"})
		require.NoError(t, crm.Migrate(ctx, store, extended, future))
		_, err = crm.Open(ctx, store, extended)
		require.ErrorIs(t, err, storage.ErrPrecondition)
		require.ErrorContains(t, err, "newer")
	})
}
