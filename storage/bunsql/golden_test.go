package bunsql_test

import (
	"context"
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
	"github.com/kehucrm/kehu/storage/storagetest"
)

var update = flag.Bool("update", false, "write the golden files")

// asks are requests of every sort; their SQL stands in testdata.
type ask struct {
	name string
	do   func(c caller)
}

var asks = []ask{
	{"get", func(c caller) { c.find(query.Select{Where: query.Eq("id", id(1)), Limit: 1}) }},
	{"by a unique text", func(c caller) { c.find(query.Select{Where: query.Eq("code", "A-1"), Limit: 1}) }},
	{"several at once", func(c caller) {
		c.gather(query.Select{Where: query.Eq("label", "a"), Limit: 3}, query.Select{Where: query.All(query.Eq("count", 1), query.Ne("name", "x")), Limit: 1})
	}},
	{"several at once that differ by a value", func(c caller) {
		c.gather(query.Select{Where: query.Eq("count", 1), Limit: 3, Sort: query.By("-label")}, query.Select{Where: query.Eq("count", 2), Limit: 3, Sort: query.By("-label")})
	}},
	{"page", func(c caller) { c.find(query.Select{Sort: query.By("-created_at")}) }},
	{"page after a value", func(c caller) { c.find(query.Select{Sort: query.By("-created_at"), After: []any{noon, id(1)}}) }},
	{"page after null", func(c caller) { c.find(query.Select{Sort: query.By("-created_at"), After: []any{nil, id(1)}}) }},
	{"page up after null", func(c caller) { c.find(query.Select{Sort: query.By("created_at"), After: []any{nil, id(1)}}) }},
	{"page both ways", func(c caller) {
		c.find(query.Select{Sort: query.By("label", "-count", "amount_n"), After: []any{"a", int64(1), nil, id(1)}})
	}},
	{"and, or, not", func(c caller) {
		c.find(query.Select{Where: query.All(query.Ne("label", "x"), query.Any(query.Lt("count", 3), query.Null("moment")), query.Not{Expr: query.Ge("day", "2026-01-01")})})
	}},
	{"lists", func(c caller) {
		c.find(query.Select{Where: query.All(query.In("label", "a", "b"), query.In[string]("name"), query.In("code", "a", "b", "c", "d", "e", "f"))})
	}},
	{"a long list", func(c caller) { c.find(query.Select{Where: query.In("count", slices.Repeat([]int64{1, 2}, 11)...)}) }},
	{"text", func(c caller) {
		c.find(query.Select{Where: query.Any(query.HasPrefix("name", "100%"), query.HasText("name", "_x"), query.HasText("parent.name", "y"))})
	}},
	{"paths", func(c caller) {
		c.find(query.Select{Where: query.Eq("parent.parent.label", "a"), Sort: query.By("favourite.name", "-parent.label")})
	}},
	{"custom fields", func(c caller) {
		c.find(query.Select{Where: query.All(query.Eq("custom.colour", "red"), query.Gt("custom.grade", 3), query.Le("custom.worth", "1.5"), query.Eq("custom.active", true),
			query.Lt("parent.custom.since", "2026-01-01")), Sort: query.By("custom.seen")})
	}},
	{"by a custom field", func(c caller) { c.find(query.Select{Where: query.Eq("custom.colour", "red")}) }},
	{"relations", func(c caller) {
		c.find(query.Select{Where: query.All(query.Has("parts", query.Gt("thing.count", 1)), query.Has("parent", nil), query.Not{Expr: query.Has("notes", query.HasText("body", "x"))})})
	}},
	{"scope, predicate", func(c caller) { c.find(query.Select{Where: query.Eq("id", id(1)), Scope: scope(20)}) }},
	{"scope, union", func(c caller) {
		c.find(query.Select{Where: query.Eq("parent.label", "a"), Sort: query.By("-created_at"), After: []any{noon, id(1)}, Scope: scope(20)})
	}},
	{"scope, union by another key", func(c caller) { c.find(query.Select{Sort: query.By("amount_n"), Scope: few()}) }},
	{"scope, walk then union", func(c caller) { c.find(query.Select{Sort: query.By("-created_at"), Scope: scope(2000)}) }},
	{"scope, walk with a condition", func(c caller) {
		c.find(query.Select{Where: query.Eq("label", "a"), Sort: query.By("-created_at"), Scope: scope(2000)})
	}},
	{"scope, a condition that may find few", func(c caller) {
		c.find(query.Select{Where: query.All(query.Eq("label", "a"), query.In("count", 1, 2)), Sort: query.By("-created_at"), Scope: scope(2000)})
	}},
	{"scope of the whole", func(c caller) {
		s := scope(20)
		s.Whole = []*schema.Relation{c.r.Kind("part").Relation("thing")}
		c.findIn("part", query.Select{Scope: s})
	}},
	{"scope, held", func(c caller) {
		held := query.Held{Child: c.r.Kind("part").Relation("thing"), Scope: scope(20)}
		c.find(query.Select{Sort: query.By("-created_at"), Scope: &query.Scope{Held: []query.Held{held}}})
	}},
	{"scope of nothing", func(c caller) { c.find(query.Select{Scope: &query.Scope{}}) }},
	{"aggregate", func(c caller) {
		c.aggregate(query.Aggregate{
			Where: query.Eq("parent.label", "a"),
			Keys:  []query.Key{{Path: query.P("label")}, {Name: "band", Path: query.P("amount"), Edges: []any{"0", "10"}}},
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount_n"), Where: query.Gt("count", 1)},
				{Fn: query.CountDistinct, Path: query.P("owner_id")}, {Fn: query.Max, Path: query.P("custom.worth")}},
			Sort: query.By("-sum_amount_n"),
		})
	}},
	{"aggregate within a scope", func(c caller) {
		c.aggregate(query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}, Where: query.Eq("label", "a"), Scope: scope(20)})
	}},
	{"search", func(c caller) { c.search("thing", query.Search{Text: "华为 0808", Scope: scope(20)}) }},
	{"search in some fields", func(c caller) { c.search("thing", query.Search{Text: "华为", Fields: []string{"label", "code"}}) }},
	{"search, many", func(c caller) { c.searchMany("thing", query.Search{Text: "上海", Scope: scope(20)}) }},
	{"search, many in a large scope", func(c caller) {
		c.searchMany("thing", query.Search{Text: "上海", Where: query.Eq("label", "a"), Scope: scope(2000)})
	}},
	{"search, many everywhere", func(c caller) { c.searchMany("thing", query.Search{Text: "上海"}) }},
	{"search, many parts", func(c caller) {
		s := scope(20)
		s.Whole = []*schema.Relation{c.r.Kind("part").Relation("thing")}
		c.searchMany("part", query.Search{Text: "上海", Scope: s})
	}},
	{"search, many parts in a large scope", func(c caller) {
		s := scope(2000)
		s.Whole = []*schema.Relation{c.r.Kind("part").Relation("thing")}
		c.searchMany("part", query.Search{Text: "上海", Scope: s})
	}},
	{"insert what is searched", func(c caller) {
		k := c.r.Kind("part")
		require.NoError(c.t, c.conn.Insert(c.ctx, k, &driver.Insert{Tenant: "acme", Rows: []driver.Row{make(driver.Row, len(k.Columns()))}}))
	}},
	{"update what is searched", func(c caller) {
		k := c.r.Kind("part")
		_, err := c.conn.Update(c.ctx, k, &driver.Update{Tenant: "acme", ID: id(1), Set: []driver.Assign{{Field: k.Search().Text, Value: ""}}})
		require.NoError(c.t, err)
	}},
	{"update", func(c caller) { c.update(3, "label", "amount") }},
	{"update of any version", func(c caller) { c.update(0, "label") }},
	{"update where", func(c caller) { c.updateWhere(query.Eq("label", "a"), scope(20)) }},
	{"update where, by a condition", func(c caller) { c.updateWhere(query.Eq("label", "a"), nil) }},
	{"update where, by a path", func(c caller) { c.updateWhere(query.Eq("parent.label", "a"), nil) }},
	{"delete", func(c caller) {
		_, err := c.conn.Delete(c.ctx, c.k, &driver.Delete{Tenant: "acme", ID: id(1), IfVersion: 2})
		require.NoError(c.t, err)
	}},
	{"insert", func(c caller) {
		require.NoError(c.t, c.conn.Insert(c.ctx, c.r.Kind("reach"), &driver.Insert{Tenant: "acme", Rows: []driver.Row{{id(1), id(2), id(3), int64(0)}}}))
	}},
	{"batch", func(c caller) {
		row := driver.Row{id(1), id(2), id(3), int64(0)}
		_, _ = c.conn.(driver.Batcher).Batch(c.ctx, []driver.Mutation{
			{Kind: c.k, Update: &driver.Update{Tenant: "acme", ID: id(1), IfVersion: 1, Set: []driver.Assign{{Field: c.k.Field("label"), Value: "b"}}}},
			{Kind: c.r.Kind("reach"), Insert: &driver.Insert{Tenant: "acme", Rows: []driver.Row{row}}},
		}) // the recorder has no counts to return
	}},
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func id(n byte) schema.ID { return schema.ID{15: n} }

func scope(size int) *query.Scope {
	return &query.Scope{
		Reach:       &query.Reach{Root: id(10), MaxDepth: -1, Size: size, Population: 5000},
		Departments: []schema.ID{id(20), id(21)},
		Shared:      &query.Shared{Principals: []schema.ID{id(30), id(31)}, MinLevel: 1, Now: noon},
	}
}

func few() *query.Scope {
	s := scope(2)
	s.Reach.IDs = []schema.ID{id(10), id(11)}
	return s
}

// caller calls one adapter.
type caller struct {
	t    *testing.T
	ctx  context.Context
	conn driver.Conn
	r    *schema.Registry
	k    *schema.Kind
	rec  *recorder
}

func (c caller) searchMany(kind string, q query.Search) {
	c.rec.many = true
	c.search(kind, q)
}

func (c caller) search(kind string, q query.Search) {
	k := c.r.Kind(kind)
	resolved, err := query.ResolveSearch(k, q)
	require.NoError(c.t, err)
	resolved.Tenant = "acme"
	_, err = c.conn.(driver.Searcher).Search(c.ctx, k, &resolved)
	require.NoError(c.t, err)
}

func (c caller) find(q query.Select) { c.findIn("thing", q) }

func (c caller) findIn(kind string, q query.Select) {
	k := c.r.Kind(kind)
	resolved, err := query.ResolveSelect(k, q)
	require.NoError(c.t, err)
	resolved.Tenant = "acme"
	_, err = c.conn.Select(c.ctx, k, &resolved)
	require.NoError(c.t, err)
}

func (c caller) gather(list ...query.Select) {
	for i, q := range list {
		resolved, err := query.ResolveSelect(c.k, q)
		require.NoError(c.t, err)
		list[i] = resolved
		list[i].Tenant = "acme"
	}
	_, err := c.conn.(driver.Gatherer).Gather(c.ctx, c.k, list)
	require.NoError(c.t, err)
}

func (c caller) aggregate(a query.Aggregate) {
	resolved, err := query.ResolveAggregate(c.k, a)
	require.NoError(c.t, err)
	resolved.Tenant = "acme"
	_, err = c.conn.(driver.Aggregator).Aggregate(c.ctx, c.k, &resolved)
	require.NoError(c.t, err)
}

func (c caller) update(version int64, fields ...string) {
	u := &driver.Update{Tenant: "acme", ID: id(1), IfVersion: version}
	for _, name := range fields {
		u.Set = append(u.Set, driver.Assign{Field: c.k.Field(name), Add: name == "amount"})
	}
	_, err := c.conn.Update(c.ctx, c.k, u)
	require.NoError(c.t, err)
}

func (c caller) updateWhere(e query.Expr, s *query.Scope) {
	where, err := query.ResolveExpr(c.k, e)
	require.NoError(c.t, err)
	_, err = c.conn.(driver.BulkUpdater).UpdateWhere(c.ctx, c.k, &driver.UpdateWhere{Tenant: "acme", Where: where, Scope: s,
		Set: []driver.Assign{{Field: c.k.Field("count"), Value: int64(1), Add: true}}})
	require.NoError(c.t, err)
}

// onHandle makes the backend of each adapter over a handle of the host.
var onHandle = map[string]func(t *testing.T, db *sql.DB) driver.Backend{
	"sqlite": func(_ *testing.T, db *sql.DB) driver.Backend { return sqlite.New(db).Driver() },
	"postgres": func(t *testing.T, db *sql.DB) driver.Backend {
		s, err := postgres.New(db)
		require.NoError(t, err)
		return s.Driver()
	},
}

func TestSQL(t *testing.T) {
	for name, open := range onHandle {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := storagetest.Registry()
			for _, a := range asks {
				rec := &recorder{}
				db := rec.open()
				t.Cleanup(func() { _ = db.Close() })
				a.do(caller{t, t.Context(), open(t, db).Conn(), r, r.Kind("thing"), rec})
				out.WriteString("-- " + a.name + "\n")
				for _, text := range rec.texts {
					out.WriteString(text + ";\n")
					namesTheTenant(t, text)
				}
				out.WriteString("\n")
			}
			requireGolden(t, name+".sql", out.String())
		})
	}
}

// TestDDL shows a change of the tables to whoever reviews it. The recorder has none yet.
func TestDDL(t *testing.T) {
	for name, open := range onHandle {
		t.Run(name, func(t *testing.T) {
			db := (&recorder{}).open()
			t.Cleanup(func() { _ = db.Close() })
			plan, err := storage.New(open(t, db)).Plan(t.Context(), storagetest.Registry(), nil)
			require.NoError(t, err)
			var out strings.Builder
			for _, change := range plan {
				out.WriteString(change.SQL + ";\n")
			}
			requireGolden(t, name+"_ddl.sql", out.String())
		})
	}
}

func requireGolden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run with -update to take the new SQL")
}

var (
	ours    = regexp.MustCompile(`"crm_\w+"|"crm"\."\w+"`)
	aliased = regexp.MustCompile(`^ AS "(t\d+)"`)
	hints   = regexp.MustCompile(`INDEXED BY "\w+"`)
)

// namesTheTenant fails unless every table in a statement has an alias, and every
// alias is compared with the tenant.
func namesTheTenant(t *testing.T, text string) {
	t.Helper()
	text = hints.ReplaceAllString(text, "")
	for _, at := range ours.FindAllStringIndex(text, -1) {
		if name := text[:at[1]]; strings.HasSuffix(name, `_fts"`) || strings.HasSuffix(name, `_settle"`) || strings.HasSuffix(name, `max("search_no"), 0) + 1 FROM "crm_part"`) {
			continue // tokens are the tenant's own, and their numbers are nobody's
		}
		if strings.HasSuffix(text[:at[0]], "INSERT INTO ") {
			require.True(t, strings.HasPrefix(text[at[1]:], ` ("tenant_id", `), text)
			continue
		}
		alias := aliased.FindStringSubmatch(text[at[1]:])
		require.NotNil(t, alias, "a table without an alias: %s", text)
		require.Regexp(t, `"`+alias[1]+`"\."tenant_id" = [?$]`, text)
	}
}
