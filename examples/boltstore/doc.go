// Package boltstore keeps records in one bbolt file. It is an example: the text to
// read for who wants the library on a store of their own. It stands in a module of
// its own, uses nothing but exported packages, and passes the suite that every adapter
// must pass.
//
// bbolt offers little: ordered keys in buckets, snapshots to read from, one writer at
// a time. Most stores offer that, and no more is needed. Package eval brings the rest:
// conditions, sorting, figures, and the checks that an SQL database makes by itself
// (ids, uniques, references).
//
// # To write an adapter
//
//  1. Say where a record lies and how it looks there. Here: in the bucket of its kind,
//     in that the bucket of its tenant, under the bytes of its id, as the text that
//     driver.MarshalRecord writes. A row has its values by position, but positions hold
//     only for one version of the program: a field that is added, or moved within its
//     struct, shifts the others. So the text has the names of the columns, and what an
//     older version wrote can be read (boltstore_test.go). Who keeps rows in a form of
//     their own must see to that themselves.
//  2. Read (snapshot.go): eval.Source asks for the record of an id, for all records of
//     a tenant in order of id, and for those with one index key.
//  3. Write (tx.go). An eval.Conn over an eval.Overlay over a Source is a whole
//     driver.Conn whose changes wait in memory. That makes a transaction of it:
//     Rollback forgets the overlay, Savepoint copies it, Commit writes its changes to
//     the store, where they must become visible and durable all at once.
//  4. Begin transactions (boltstore.go). Two that write must not lose each other's
//     updates: the second one waits, as here, or a call of it fails with an error that
//     Classify calls fault.Retry; storage then runs it again.
//  5. Offer the calls outside of transactions (pool.go): each is a transaction.
//  6. Classify errors: those of eval explain themselves; add what the store says.
//  7. Run storagetest.Run until it is green (conformance_test.go), with -race: it is
//     the whole of what "right" means. Then kill the process while it writes, which no
//     suite within the process can do (crash_test.go).
//
// # What it leaves out
//
// Indexes in the file. A transaction that finds by something else than the id (and each
// new unique value asks whether it is there) reads all records of the kind and tenant:
// fine for thousands, not for millions. Add next a bucket for each index, with the
// values of its fields and then the id as key, written in Commit beside the record; Find
// then is a walk. Its price is driver.Migrator: to a new index the records that are there
// must be added, since a Find that misses records is not slow, but wrong. Who reads
// everything needs no migration.
//
// Without a Migrator nothing notices, either, that a newer release wrote the file. What
// an older one does not know, it forgets when it writes the record.
package boltstore
