// Package query is the language in which all of the library asks a store for
// records: conditions ([Expr]), pages ([Select]) and figures ([Aggregate]). It is
// closed and small on purpose, so that one meaning can be proved for every
// adapter; package eval states that meaning in plain Go.
//
// A query is first written with names, [Eq]("customer.industry", "retail"), and
// needs no kind to be built, stored or read back from JSON. Resolving it against
// a kind finds what the names mean, refuses what does not exist, and turns every
// value into the driver value of its field. Adapters see resolved queries only.
//
// Names are those of the columns, in snake case: the field OwnerID of a struct is "owner_id",
// unless its tag says otherwise (crm:"is_primary"). A path goes through relations to one, by their
// names ("customer.owner.name"), and ends in "custom.NAME" for a custom field. What a kind has,
// schema.Kind tells: Columns and Relations; those of the library are printed in crm/KINDS.md.
//
// What it leaves out: arithmetic (what a report needs is stored when written),
// locks (check-then-write goes by version), offsets and total counts in pages
// (both cost more the more records there are).
package query
