// Package privacy finds, hands out and erases what is kept about a person (个人信息).
//
// Nobody keeps a list of where that is. Modules say which of their records are persons
// ([Subject]) and tag the fields that say something about one (schema.Field.Personal); the
// registry of kinds tells the rest: the parts of a person's record, what points at it, and
// the histories that hold copies. A kind that is added later, or by a host, is no special
// case.
//
// # Handing out
//
// [Module.Data] writes all of it as JSON: the record, its parts, whatever points at them,
// such as deals and documents, and the journal of what is about the person alone.
//
// # Erasing
//
// [Module.Erase] takes what identifies the person away and leaves the company's documents
// whole: a name becomes a pseudonym, every other personal field is empty, custom fields go,
// and the journal says who changed which field when, and not to what. Deals, figures, files
// and what somebody does not allow stay as they are. An Erase that removes deletes the person's record
// itself, where nothing else needs it. Either way no merge brings back what has gone, and an
// [Erasure] tells that it was done, by whom and why.
//
// Only fields are known. What people have written into a field that is about something
// else (the name of a deal, the reason of a merge), into a file, or what a host's hooks
// have sent elsewhere, is theirs to look after; Erase names the files. What was sent to the
// outbox and published is published.
//
// # Staying erased
//
// A list that is imported again would bring everybody back. So an erasure keeps keys: by
// them a record that has the e-mail address, the mobile or messenger, or the name and
// birthday of an erased person, or had them once as the journal told, is refused, however it
// is spelled, until somebody who may says otherwise ([Module.Readmit]). A key is a hash, of which nothing can be read back; but
// there are few telephone numbers, and who has the database can hash them all. A host that
// gives a secret at Open, and keeps it elsewhere, closes that door.
package privacy
