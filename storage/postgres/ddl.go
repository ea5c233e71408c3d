package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/schema"
)

func newDDL(s settings) *bunsql.DDL {
	return &bunsql.DDL{
		Before:     []string{`CREATE SCHEMA IF NOT EXISTS "` + s.schema + `"`},
		Column:     columnDefinition,
		Default:    defaultValue,
		Include:    true,
		NullsFirst: " NULLS FIRST",
		Guards:     s.guards,
		Catalog:    s.catalog,

		SearchColumns: []*schema.Field{{Name: "search_tokens", Type: schema.TypeText, Nullable: true}},
		Search:        s.searchObjects,

		Lock:    "SELECT pg_advisory_xact_lock(hashtextextended('kehu migrates " + s.schema + "', 0))",
		Marks:   `"number" bigint PRIMARY KEY, "name" text NOT NULL, "applied_at" timestamp with time zone NOT NULL`,
		Now:     "clock_timestamp()",
		Analyze: func(tables []string) string { return "ANALYZE " + strings.Join(tables, ", ") },
	}
}

// columnDefinition holds decimals to the range that all adapters share: what,
// without its point, fits 64 bits.
func columnDefinition(f *schema.Field) string {
	text := columnType(f)
	if f.Type == schema.TypeText {
		text += ` COLLATE "C"`
	}
	if !f.Nullable || f.Name == "id" {
		text += " NOT NULL"
	}
	if f.Type == schema.TypeDecimal {
		text += ` CHECK (abs("` + f.Name + `") <= ` + greatest(int(f.Scale)) + ")"
	}
	return text
}

// greatest returns 9223372036854775807 with its last digits behind a point.
func greatest(scale int) string {
	digits := strconv.FormatInt(1<<63-1, 10)
	if scale == 0 {
		return digits
	}
	return digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

func defaultValue(f *schema.Field) string {
	switch f.Type {
	case schema.TypeText:
		return "''"
	case schema.TypeBool:
		return "false"
	}
	return "0"
}

// reference is put before a foreign key's name in the catalog: it has the name of
// its index.
const reference = "reference "

func (s settings) guards(x *schema.Index) []bunsql.Object {
	from, to := x.Reference.From.Name(), x.Reference.To.Name()
	name := bunsql.IndexName(x)
	return []bunsql.Object{{Table: from, Name: reference + name, SQL: s.alter(from) + ` ADD CONSTRAINT "` + name +
		`" FOREIGN KEY ("tenant_id", "` + x.Reference.Field.Name + `") REFERENCES "` + s.schema + `"."` + to + `" ("tenant_id", "id")`}}
}

// searchObjects returns the index of the tokens of a kind that is searched. It takes new
// ones in by and by (fastupdate), which is five times as fast.
func (s settings) searchObjects(k *schema.Kind) []bunsql.Object {
	name := bunsql.TokenIndex(k)
	return []bunsql.Object{{Table: k.Name(), Name: name, SQL: `CREATE INDEX "` + name + `" ON "` + s.schema + `"."` + k.Name() +
		`" USING gin (` + bunsql.Vector(`"search_tokens"`) + ") WITH (fastupdate = on)"}}
}

func (s settings) alter(table string) string { return `ALTER TABLE "` + s.schema + `"."` + table + `"` }

// catalog reads the tables, indexes and foreign keys of the schema.
func (s settings) catalog(ctx context.Context, tx *sql.Tx) (*bunsql.Catalog, error) {
	c := &bunsql.Catalog{Columns: map[string]map[string]string{}, Objects: map[string]bool{}}
	rows, err := tx.QueryContext(ctx, `SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = to_regnamespace($1::text) AND c.relkind IN ('r', 'p')
		UNION ALL SELECT c.relname::text, '', '' FROM pg_class c WHERE c.relnamespace = to_regnamespace($1::text) AND c.relkind IN ('i', 'I')
		UNION ALL SELECT '`+reference+`' || conname::text, '', '' FROM pg_constraint WHERE connamespace = to_regnamespace($1::text) AND contype = 'f'`, s.schema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, column, columnType string
		if err := rows.Scan(&name, &column, &columnType); err != nil {
			return nil, err
		}
		if column == "" {
			c.Objects[name] = true
			continue
		}
		if c.Columns[name] == nil {
			c.Columns[name] = map[string]string{}
		}
		c.Columns[name][column] = strings.ToLower(columnType)
	}
	return c, rows.Err()
}
