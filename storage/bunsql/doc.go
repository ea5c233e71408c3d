// Package bunsql is what the two SQL adapters share: everything between a
// resolved query and the rows of a database/sql driver. Only the adapters
// import it; what sets their databases apart is a [Dialect].
//
// # The way of a statement
//
// A statement is asked for as a request: a select, an insert, an aggregation.
// Two walks over a request make it SQL.
//
//   - collect visits the request and notes its shape, a few bytes, and its
//     arguments, in one canonical order. It is cheap and runs every time.
//   - compile visits the request in the same order and composes the text with
//     bun's builders. It runs once for each shape; every value is a placeholder
//     that knows which argument it stands for, so no value is ever part of the
//     text.
//
// Text and prepared statement stay in a small LRU cache beside their pool, so a
// repeated query costs its collect, one look-up and the database's own work.
// Rows are scanned into driver values without a struct in between.
//
// bun's own way to run a query writes the arguments into the text, which makes
// each text new and costs two to four times a prepared get; that is why its
// builders are used here and its execution is not.
//
// # The tenant
//
// Argument 0 is the tenant, and every alias of every statement, in joins and
// sub-selects too, is compared with it. A test reads the text of many shapes to
// be sure.
package bunsql
