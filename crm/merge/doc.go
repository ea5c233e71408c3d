// Package merge makes one record of several that turned out to be the same (合并), and takes
// that back: the half of it that is the same for every kind. A module says in a [Policy] of
// which record each field is taken, and offers the verbs to its users.
//
// A merge has a winner, which stays, and losers, which go. Everything that points at a loser points at the
// winner afterwards: the registry of kinds tells what there is, so that a kind which is
// added later, or by a host, is no special case. Where two records can't both point at the
// winner, because a unique says so, the winner's own stays; a kind for which something
// better can be done says so by a hook ([session.Merging]), such as the wider of two shares.
// Histories stay with the id under which things happened.
//
// A loser leaves a [session.Tombstone]: whoever reads it by its id reads the winner. What was
// written, by hooks as well, is noted step by step ([Step]), and so a merge can be undone:
// field by field as far as nobody has changed it since.
//
// A merge is one transaction. It waits for its turn at each of the records, in the order
// of their ids, so that two merges of the same records don't wait for each other for ever;
// what it has read is guarded by versions, and what points at a loser by references.
package merge
