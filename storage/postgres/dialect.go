package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

func newDialect(s settings) *bunsql.Dialect {
	return &bunsql.Dialect{
		Bun:           pgdialect.New(),
		Prefix:        `"` + s.schema + `"."`,
		Encode:        encode,
		ColumnType:    columnType,
		CustomValue:   customValue,
		Position:      "strpos",
		Numbered:      true,
		Arrays:        true,
		NullsLast:     true,
		CanonicalJSON: true,
		OneStatement:  true,
		FewOwners:     200,
		Lateral:       true,
		BulkRows:      500,
		Copy:          s.copy,
		// One snapshot for each transaction, so that the second of two that change
		// a row they have read fails with Retry instead of losing the first's change.
		Isolation: sql.LevelRepeatableRead,
		Classify:  classify,
	}
}

// encode gives pgx text where its own types would have to be built.
func encode(_ *schema.Field, v any) any {
	switch v := v.(type) {
	case schema.Date:
		return v.String()
	case decimal.Decimal:
		return v.String()
	case schema.JSON:
		return string(v)
	case schema.ID:
		return v.String()
	}
	return v
}

func columnType(f *schema.Field) string {
	switch f.Type {
	case schema.TypeBool:
		return "boolean"
	case schema.TypeInt:
		return "bigint"
	case schema.TypeFloat:
		return "double precision"
	case schema.TypeBytes:
		return "bytea"
	case schema.TypeTime:
		return "timestamp with time zone"
	case schema.TypeDate:
		return "date"
	case schema.TypeDecimal:
		return "numeric"
	case schema.TypeJSON:
		return "jsonb"
	case schema.TypeID:
		return "uuid"
	}
	return "text"
}

// customValue takes only a value of the JSON type that the field's has. Numbers
// are numeric, because a cast to bigint fails beyond its range.
func customValue(column string, f *schema.Field) string {
	value, text := "("+column+" -> '"+f.Name+"')", "("+column+" ->> '"+f.Name+"')"
	switch f.Type {
	case schema.TypeBool:
		return "(CASE jsonb_typeof" + value + " WHEN 'boolean' THEN " + text + "::boolean END)"
	case schema.TypeInt, schema.TypeDecimal:
		return "(CASE WHEN jsonb_typeof" + value + " = 'number' AND strpos(" + text + ", '.') = 0 THEN " + text + "::numeric END)"
	}
	return "((CASE jsonb_typeof" + value + " WHEN 'string' THEN " + text + ` END) COLLATE "C")`
}

// copy streams rows into a table by COPY.
func (s settings) copy(ctx context.Context, raw any, k *schema.Kind, in *driver.Insert) error {
	columns := []string{"tenant_id"}
	for _, f := range k.Columns() {
		columns = append(columns, f.Name)
	}
	text := k.Search()
	if text != nil {
		columns = append(columns, "search_tokens")
	}
	values := make([]any, len(columns))
	values[0] = in.Tenant
	source := pgx.CopyFromSlice(len(in.Rows), func(i int) ([]any, error) {
		for n, v := range in.Rows[i] {
			values[n+1] = copyValue(v)
		}
		if text != nil {
			kept, _ := in.Rows[i][text.Text.Position].(string)
			values[len(values)-1] = search.Tokens(in.Tenant, kept)
		}
		return values, nil
	})
	_, err := raw.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{s.schema, k.Name()}, columns, source)
	return err
}

// copyValue returns a value in the types that COPY, which is binary, takes
// without parsing text.
func copyValue(v any) any {
	switch v := v.(type) {
	case schema.Date:
		return pgtype.Date{Time: v.Time(time.UTC), Valid: true}
	case decimal.Decimal:
		return pgtype.Numeric{Int: v.Coefficient(), Exp: v.Exponent(), Valid: true}
	case schema.JSON:
		return string(v)
	case schema.ID:
		return pgtype.UUID{Bytes: v, Valid: true}
	}
	return v
}
