// Package eval is the query algebra in plain Go. It states the one semantics
// that every adapter must have, and so plays three parts: it is the engine of
// package memory and of any adapter over a store without a query language; it
// aggregates for adapters that can't; and it is the oracle that storagetest
// compares adapters with.
//
// # Reading
//
// [Source] is what a store must offer: a record by id, the records of a tenant,
// the records of an index key. [Match], [InScope], [Select] and [Aggregate] do the
// rest; [Search] is two Selects, for any adapter. Their logic is two-valued, as package query says: a comparison with null
// is false and Not turns it round; null is the smallest value of a sort; text is
// ordered bytewise; a path over a reference that leads nowhere is null.
//
// # Writing
//
// [Conn] is a whole driver.Conn over a [Mutable]: it adds what a database does by
// itself, the checks of types, ids, uniques and references, each call all or
// nothing. [Tables] is the Mutable in memory; [Overlay] keeps the changes of a
// transaction apart from a store that can't take them back.
//
// Rows that a Source hands out and that a Mutable is given belong to the store:
// nobody changes them. Conn copies rows where they come in, Select and Aggregate
// where they go out.
package eval
