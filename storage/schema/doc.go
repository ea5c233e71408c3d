// Package schema describes what is kept: kinds of records with typed fields,
// references, uniques and indexes. It imports nothing of the library but its
// error type, and knows no database.
//
// A kind is declared once, beside its Go struct:
//
//	var Customers = schema.Define[Customer]("customer",
//		schema.BelongsTo("parent", "customer", "parent_id"),
//		schema.HasMany("contacts", "contact", "customer"),
//		schema.Unique("code"))
//
// All that a program keeps is then collected in a [Registry], which resolves the
// relations. From it come the tables of every adapter, the joins of queries, the
// guards of deletion; no list of tables is kept by hand anywhere.
//
// Null has one rule: a zero [ID], [Date] or time.Time is null, pointers and
// decimal.NullDecimal can be null, and nothing else can. An unknown amount is
// therefore a NullDecimal, and not 0.
//
// The tenant is not a field. It stands in front of every key, unique and index,
// and every operation names it: a record can't be moved to another tenant by
// writing a field.
package schema
