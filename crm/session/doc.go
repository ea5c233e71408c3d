// Package session is acting: one actor, one tenant, one transaction or none. Modules
// are built on a [Session], and every record goes through a [Collection].
//
// A write has one way, and [Collection] is it: hooks that may change or veto, then
// validation with every offence at once, the permission to point where the record
// points, and at last record, journal entry and outbox row in one write to the store.
// A read has one way, too: the query, narrowed by what the actor may read.
//
// A write that gives a record to somebody else, whatever it is called, appends an
// [OwnerChange] along with the journal entry; [Session.Because] says why it does.
//
// One record is judged in Go where that is possible: who owns it or stands above its
// owner is known from the directory, without a query. Only when that says no, the
// store is asked about shares and parents.
//
// What a query says about other records (a field on a path, a condition on related
// ones) is guarded as well; see guard.go.
//
// Edits of two people at the same time are told apart by field: [Collection.Update]
// takes the version that a person saw, rebuilds from the journal what they started
// from, and stores both changes unless the same field was changed to two values. Verbs
// that move a state use [Collection.EditAs] and always go by the whole version.
package session
