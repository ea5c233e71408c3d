package bunsql

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
	bunschema "github.com/uptrace/bun/schema"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Dialect is what sets one SQL database apart from another. It is filled in
// once by an adapter and not changed afterwards.
type Dialect struct {
	// Bun is bun's own dialect, which quotes and composes.
	Bun bunschema.Dialect
	// Prefix stands before the name of a kind to make its table, with the quote
	// that Table closes: `"crm_` or `"crm"."`.
	Prefix string
	// Encode returns the argument that stands for a driver value, which is not
	// nil, of a column that is no custom field.
	Encode func(f *schema.Field, v any) any
	// ColumnType is the type of a column in DDL.
	ColumnType func(f *schema.Field) string
	// CustomValue is the SQL that reads a custom field out of the JSON column,
	// spelled as the index on it is. A value of another JSON type is null.
	CustomValue func(column string, f *schema.Field) string
	// TokenTable says that the tokens of records that are searched are kept in a table of
	// FTS5 beside that of the kind; else they are a column, indexed as a tsvector.
	TokenTable bool
	// Position is the function that finds a text in another, from 1.
	Position string
	// Numbered says that placeholders are $1, $2 and may repeat; else they are ?.
	Numbered bool
	// Prepare says that statements are prepared through database/sql; else the
	// driver keeps prepared statements itself.
	Prepare bool
	// Arrays says that a list is one argument, compared by = ANY; else it is an
	// IN list, padded so that there are few shapes.
	Arrays bool
	// LongList is the number of values beyond which an IN list is one argument, an array in
	// JSON; 0 is none. A planner whose statistics are of a smaller table would rather read all of
	// it than look up so many.
	LongList int
	// FewOwners is the number of owners up to which a reach is a list of them; for more
	// they are looked up.
	FewOwners int
	// NullsLast says that null is the greatest value unless the order says
	// otherwise.
	NullsLast bool
	// CanonicalJSON says that the database changes the text of JSON.
	CanonicalJSON bool
	// OneStatement says that several changes can be one statement, with CTEs.
	OneStatement bool
	// Lateral says that what many have, such as owners or principals, is read for each
	// with LATERAL, and not with a forced index and an IN list or an arm for each.
	Lateral bool
	// BulkRows is the number of rows in one INSERT; 1 repeats the statement.
	BulkRows int
	// Copy streams many rows over a raw connection of the driver; nil where
	// there is nothing faster than Insert.
	Copy func(ctx context.Context, raw any, k *schema.Kind, in *driver.Insert) error
	// SumOverflow reports that a sum left 64 bits; nil where sums can't.
	SumOverflow func(error) bool
	// Isolation is the level of a transaction that a Backend begins.
	Isolation sql.IsolationLevel
	// Classify tells what an error of the database means; Internal for any other.
	Classify func(error) driver.Fault
}

// Table returns the quoted name of a kind's table.
func (d *Dialect) Table(name string) string { return d.Prefix + name + `"` }

// fragment is a piece of SQL that bun's builders take as an argument. It is a
// func, because bun reflects on an only argument that is a struct.
type fragment func(gen bunschema.QueryGen, b []byte) ([]byte, error)

// AppendQuery implements bun's QueryAppender.
func (f fragment) AppendQuery(gen bunschema.QueryGen, b []byte) ([]byte, error) { return f(gen, b) }

// sqlf returns the text with each ? replaced by an argument: a fragment, a
// builder, or a bun.Safe, never a value.
func sqlf(text string, args ...any) fragment {
	return func(gen bunschema.QueryGen, b []byte) ([]byte, error) {
		return gen.AppendQuery(b, text, args...), nil
	}
}

// column returns alias.name, quoted.
func column(alias, name string) bun.Safe { return bun.Safe(quoted(alias, name)) }

func quoted(alias, name string) string { return `"` + alias + `"."` + name + `"` }

// tokensColumn takes the tokens of a record that is searched.
const tokensColumn bun.Safe = `"search_tokens"`

// TokenTable returns the quoted name of the table of tokens of a kind.
func (d *Dialect) tokenTable(k *schema.Kind) bun.Safe { return bun.Safe(d.Table(k.Name() + "_fts")) }

// tenantColumn is the first column of every table.
const tenantColumn = "tenant_id"
