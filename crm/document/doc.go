// Package document holds files: contracts, quotes, tenders, templates, drawings. A
// [Document] is about a subject, a record of any kind, or it is the company's own; its
// content comes in [Revision]s, numbered from 1 without a gap and never changed. What is
// known of a file is in the record; its bytes are behind a [BlobStore].
//
// # Who may see it
//
// A document has an owner of its own, and with that everything that package org says.
// Besides, whoever may read the subject may read the document, its revisions and its
// history, and may do nothing else to it: documents about a customer are there for all
// who work with the customer. It goes one step, and by the subject's own rules: a
// document about a document is not opened by the subject of the latter.
//
// [Module.About], the list by subject, asks for the subject once, and agrees with
// [Module.Get]: it lists the documents of the subject that Get returns, all of them and
// no others. A subject that the person may not read, or that is not there any more, opens
// nothing, and the documents about it are listed by their own rules. Find, Count and the
// other queries over all documents go by the documents' own rules only.
//
// The database does not guard the reference to the subject: when a subject is deleted,
// its documents stay with their owners, who can [Module.Move] them to another one.
//
// # Where the bytes are
//
// The default is [Database]: the bytes are rows of the same database and are written in
// the transaction of the record, the host's own included, so that both are there or
// neither. [Folder] keeps files. A host gives either of them, or a store of its own, with
// crm.WithBlobs. One that encrypts, for example, stands around another one: size and hash
// of a revision are those of the content, and are checked when it is read.
//
// A store outside of the database can't be part of a transaction, so the order of things
// has to do: bytes are put before their record is written, and deleted after it has been
// deleted. Never is there a record without its bytes. When a transaction is rolled back,
// or the process dies in between, there are bytes without a record, which nobody can
// reach, and which [Module.Sweep] removes.
//
// The content is read to its end before the transaction begins: a slow reader holds no
// lock, and a transaction that is run again has its content still. In a transaction of
// the caller's this is the caller's concern: give a new reader in each run.
package document
