// Package memory keeps records in the memory of the process: for tests, examples
// and tools that need no database. It is the reference adapter: it does what
// package eval says and adds only transactions.
//
// The state is one immutable snapshot. Reading takes the snapshot and waits for
// nobody. Writing takes the place of the only writer, works on a copy-on-write copy
// of the snapshot, and puts that in its place at commit; so transactions are
// serializable, and none is ever asked to be repeated. Records are gone when the
// store is.
package memory
