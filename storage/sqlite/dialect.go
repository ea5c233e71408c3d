package sqlite

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/schema"
)

func newDialect() *bunsql.Dialect {
	return &bunsql.Dialect{
		Bun:         sqlitedialect.New(),
		Prefix:      `"crm_`,
		Encode:      encode,
		ColumnType:  columnType,
		CustomValue: customValue,
		LongList:    20,
		FewOwners:   5,
		Position:    "instr",
		TokenTable:  true,
		BulkRows:    1,
		Prepare:     true,
		SumOverflow: func(err error) bool { return strings.Contains(err.Error(), "integer overflow") },
		Classify:    classify,
	}
}

func encode(f *schema.Field, v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return v.UnixMicro()
	case schema.Date:
		return v.Days()
	case decimal.Decimal:
		return f.Scaled(v)
	case schema.JSON:
		return string(v)
	case schema.ID:
		return v.String()
	}
	return v
}

func columnType(f *schema.Field) string {
	switch f.Type {
	case schema.TypeBool, schema.TypeInt, schema.TypeTime, schema.TypeDate, schema.TypeDecimal:
		return "INTEGER"
	case schema.TypeFloat:
		return "REAL"
	case schema.TypeBytes:
		return "BLOB"
	}
	return "TEXT"
}

// customValue takes only a value of the JSON type that the field's has; ->> would
// turn any of them into something.
func customValue(column string, f *schema.Field) string {
	path := "'$." + f.Name + "'"
	when := "WHEN 'text' THEN " + column + " ->> " + path
	switch f.Type {
	case schema.TypeBool:
		when = "WHEN 'true' THEN 1 WHEN 'false' THEN 0"
	case schema.TypeInt, schema.TypeDecimal:
		when = "WHEN 'integer' THEN " + column + " ->> " + path
	}
	return "CASE json_type(" + column + ", " + path + ") " + when + " END"
}

func newDDL() *bunsql.DDL {
	return &bunsql.DDL{
		Column:  columnDefinition,
		Default: defaultValue,
		Guards:  guards,
		Catalog: catalog,

		SearchColumns: searchColumns,
		Search:        searchObjects,

		Marks:   `"number" INTEGER PRIMARY KEY, "name" TEXT NOT NULL, "applied_at" INTEGER NOT NULL`,
		Now:     "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		Analyze: analyze,
	}
}

// analyze reads at most about a thousand entries of each index. All of it is one text, which
// runs on one connection: the limit is the connection's. Others that are open go by what they
// have read when they were opened.
func analyze(tables []string) string {
	return "PRAGMA analysis_limit = 1000; ANALYZE " + strings.Join(tables, "; ANALYZE ") + "; PRAGMA analysis_limit = 0"
}

// columnDefinition checks integers, because an addition that leaves 64 bits
// would silently become a REAL.
func columnDefinition(f *schema.Field) string {
	text := columnType(f)
	name := `"` + f.Name + `"`
	notNull := !f.Nullable || f.Name == "id"
	if notNull {
		text += " NOT NULL"
	}
	switch {
	case f.Type == schema.TypeInt && notNull:
		text += " CHECK (typeof(" + name + ") = 'integer')"
	case f.Type == schema.TypeInt:
		text += " CHECK (typeof(" + name + ") IN ('integer', 'null'))"
	case f.Type == schema.TypeDecimal && notNull:
		text += " CHECK (typeof(" + name + ") = 'integer' AND " + name + " >= -9223372036854775807)"
	case f.Type == schema.TypeDecimal:
		text += " CHECK (typeof(" + name + ") IN ('integer', 'null') AND " + name + " >= -9223372036854775807)"
	}
	return text
}

func defaultValue(f *schema.Field) string {
	switch f.Type {
	case schema.TypeText:
		return "''"
	case schema.TypeFloat:
		return "0.0"
	}
	return "0"
}

// guards returns the triggers that stand for a foreign key. They raise the
// index's name. A row may refer to itself: it is inserted and deleted freely.
func guards(x *schema.Index) []bunsql.Object {
	from, to := x.Reference.From.Name(), x.Reference.To.Name()
	field := `"` + x.Reference.Field.Name + `"`
	selfNew, selfOld := "", ""
	if from == to {
		selfNew = " AND NEW." + field + ` <> NEW."id"`
		selfOld = ` AND "id" <> OLD."id"`
	}
	missing := "NEW." + field + ` IS NOT NULL` + selfNew + ` AND NOT EXISTS (SELECT 1 FROM "crm_` + to +
		`" WHERE "tenant_id" = NEW."tenant_id" AND "id" = NEW.` + field + ")"
	referred := `EXISTS (SELECT 1 FROM "crm_` + from + `" WHERE "tenant_id" = OLD."tenant_id" AND ` + field + ` = OLD."id"` + selfOld + ")"
	trigger := func(suffix, event, table, when string) bunsql.Object {
		name := bunsql.IndexName(x) + suffix
		return bunsql.Object{Table: table, Name: name, SQL: `CREATE TRIGGER "` + name + `" BEFORE ` + event + ` ON "crm_` + table +
			`" WHEN ` + when + " BEGIN SELECT RAISE(ABORT, '" + x.Name + "'); END"}
	}
	return []bunsql.Object{
		trigger("_ins", "INSERT", from, missing),
		trigger("_upd", "UPDATE OF "+field, from, missing),
		trigger("_del", "DELETE", to, referred),
	}
}

// catalog reads the tables that begin with crm_, and their indexes and triggers. A virtual
// table is an object like an index, and what it keeps its own in is none of ours.
func catalog(ctx context.Context, tx *sql.Tx) (*bunsql.Catalog, error) {
	c := &bunsql.Catalog{Columns: map[string]map[string]string{}, Objects: map[string]bool{}}
	rows, err := tx.QueryContext(ctx, `WITH
		special AS MATERIALIZED (SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('virtual', 'shadow')),
		objects AS (SELECT m.name, coalesce(s.type, m.type) AS type FROM sqlite_master m LEFT JOIN special s ON s.name = m.name
			WHERE m.name LIKE 'crm\_%' ESCAPE '\')
		SELECT o.type, o.name, coalesce(p.name, ''), coalesce(lower(p.type), '')
		FROM objects o LEFT JOIN pragma_table_info(iif(o.type = 'table', o.name, NULL)) p WHERE o.type <> 'shadow'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var object, name, column, columnType string
		if err := rows.Scan(&object, &name, &column, &columnType); err != nil {
			return nil, err
		}
		if object != "table" {
			c.Objects[name] = true
			continue
		}
		table := strings.TrimPrefix(name, "crm_")
		if c.Columns[table] == nil {
			c.Columns[table] = map[string]string{}
		}
		c.Columns[table][column] = columnType
	}
	return c, rows.Err()
}
