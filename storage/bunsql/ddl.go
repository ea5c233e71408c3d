package bunsql

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/storage/schema"
)

// DDL is how a database is told what the kinds need.
type DDL struct {
	// Before are statements that come first and do no harm when repeated.
	Before []string
	// Column returns a column's definition after its name.
	Column func(f *schema.Field) string
	// Default returns the literal that fills a not-null column added to a table
	// with rows.
	Default func(f *schema.Field) string
	// Include says that an index can carry columns that are no part of its key;
	// else they are added to the key.
	Include bool
	// NullsFirst is put after a nullable column of an index.
	NullsFirst string
	// Guards returns what guards a reference.
	Guards func(x *schema.Index) []Object
	// SearchColumns stand behind those of a kind that is searched, and Search returns the
	// index of its tokens.
	SearchColumns []*schema.Field
	Search        func(k *schema.Kind) []Object
	// Catalog reads what the database has, in the transaction.
	Catalog func(ctx context.Context, tx *sql.Tx) (*Catalog, error)
	// Lock is run at the start of a migrating transaction and waits for other
	// ones; empty where the transaction itself does so.
	Lock string
	// Marks is the table of steps done, without its constraints.
	Marks string
	// Now is the database's clock as Marks stores it.
	Now string
	// Analyze returns what refreshes the planner's statistics of tables, whose names are
	// quoted.
	Analyze func(tables []string) string
}

// Catalog is what a database has of ours.
type Catalog struct {
	// Columns holds each table's columns and their types, in lower case.
	Columns map[string]map[string]string
	// Objects holds the names of indexes, triggers and constraints.
	Objects map[string]bool
}

// Object is one thing that a database must have, and the statement that makes
// it.
type Object struct {
	// Table is the kind's name, or "migration".
	Table string
	// Column is set for a column, and Type is its type.
	Column, Type string
	// Name is set for an index, trigger or constraint.
	Name string
	SQL  string
}

// marks is the name of the table of steps done.
const marks = "migration"

// objects returns all that the registry needs, in the order in which it can be
// made: tables, the columns of tables that are there already, indexes, guards.
func (d *Dialect) objects(ddl *DDL, r *schema.Registry) []Object {
	list := []Object{{Table: marks, SQL: "CREATE TABLE " + d.Table(marks) + " (" + ddl.Marks + ")"}}
	for _, k := range r.Kinds() {
		list = append(list, Object{Table: k.Name(), SQL: d.createTable(ddl, k)})
	}
	for _, k := range r.Kinds() {
		for _, f := range ddl.columns(k) {
			list = append(list, Object{Table: k.Name(), Column: f.Name, Type: d.ColumnType(f), SQL: d.addColumn(ddl, k, f)})
		}
	}
	for _, k := range r.Kinds() {
		for _, x := range k.Indexes() {
			if k.Covered(x) {
				continue
			}
			list = append(list, Object{Table: k.Name(), Name: IndexName(x), SQL: d.createIndex(ddl, k, x)})
		}
	}
	for _, k := range r.Kinds() {
		for _, x := range k.Indexes() {
			if x.Reference != nil {
				list = append(list, ddl.Guards(x)...)
			}
		}
		if k.Search() != nil {
			list = append(list, ddl.Search(k)...)
		}
	}
	return list
}

// columns returns the columns of a kind's table, but for the tenant.
func (ddl *DDL) columns(k *schema.Kind) []*schema.Field {
	if k.Search() == nil {
		return k.Columns()
	}
	return slices.Concat(k.Columns(), ddl.SearchColumns)
}

// IndexName returns the name of an index in the database.
func IndexName(x *schema.Index) string { return "crm_" + x.Name }

func (d *Dialect) createTable(ddl *DDL, k *schema.Kind) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + d.Table(k.Name()) + " (\n\t\"" + tenantColumn + "\" " + ddl.Column(tenantField))
	for _, f := range ddl.columns(k) {
		b.WriteString(",\n\t\"" + f.Name + "\" " + ddl.Column(f))
	}
	b.WriteString(",\n\tPRIMARY KEY (\"" + tenantColumn + "\", \"id\")\n)")
	return b.String()
}

// tenantField stands for the tenant where a field is wanted.
var tenantField = &schema.Field{Name: tenantColumn, Type: schema.TypeText}

func (d *Dialect) addColumn(ddl *DDL, k *schema.Kind, f *schema.Field) string {
	text := "ALTER TABLE " + d.Table(k.Name()) + " ADD COLUMN \"" + f.Name + "\" " + ddl.Column(f)
	if !f.Nullable {
		text += " DEFAULT " + ddl.Default(f)
	}
	return text
}

func (d *Dialect) createIndex(ddl *DDL, k *schema.Kind, x *schema.Index) string {
	var keys, include, where []string
	seen := map[string]bool{}
	add := func(list *[]string, f *schema.Field) {
		text := `"` + f.Name + `"`
		if f.Custom {
			text = "(" + d.CustomValue(`"custom"`, f) + ")"
		}
		if seen[text] {
			return
		}
		seen[text] = true
		if list == &keys && f.Nullable && f.Name != "id" && !x.Unique {
			text += ddl.NullsFirst
		}
		*list = append(*list, text)
	}
	add(&keys, tenantField)
	for _, f := range x.Fields {
		add(&keys, f)
		if x.Unique {
			where = append(where, takesPart(f)...)
		}
	}
	if !x.Unique {
		add(&keys, k.ID())
	}
	for _, f := range x.Include {
		switch {
		case ddl.Include && k.Search() != nil && f == k.Search().Text: // which may be too long for an index
		case ddl.Include:
			add(&include, f)
		default:
			add(&keys, f)
		}
	}
	text := "CREATE "
	if x.Unique {
		text += "UNIQUE "
	}
	text += `INDEX "` + IndexName(x) + `" ON ` + d.Table(k.Name()) + " (" + strings.Join(keys, ", ") + ")"
	if len(include) > 0 {
		text += " INCLUDE (" + strings.Join(include, ", ") + ")"
	}
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	return text
}

// takesPart returns the conditions under which a row takes part in a unique
// index: null and empty text do not.
func takesPart(f *schema.Field) []string {
	var list []string
	if f.Nullable {
		list = append(list, `"`+f.Name+`" IS NOT NULL`)
	}
	if f.Type == schema.TypeText {
		list = append(list, `"`+f.Name+`" <> ''`)
	}
	return list
}
