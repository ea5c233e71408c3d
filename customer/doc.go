// Package customer holds the companies and people that one sells to: [Customer], and what
// belongs to it: [Contact]s, [Address]es, the [Teammate]s who work on it, the [Relation]s
// between people, and what they allow ([Consent]).
//
// A customer has an owner, and with that everything that package org says about who
// may see and change it. All that belongs to a customer is part of it and follows it:
// whoever may read the customer reads its contacts, whoever may change it changes them.
// A teammate has a share of the customer beside its owner. What is not a field here, such
// as a style of investment or a club, is a custom field of the host.
//
// # States
//
// A customer is potential until it trades, by hand ([Module.StartTrading]) or with the
// first order that a later module sees ([StartTrading]), and does not go back silently. A
// sealed customer is put away: it is not edited, and lists of whom to call leave it out.
// Both machines are data ([StatusMachine], [StandingMachine]): what they do not list is
// refused, and they can be drawn. [Customer.Lifecycle] is derived from them.
//
// # One of several
//
// A customer with contacts has exactly one primary contact, and one default address of
// each kind that it has; see chosen.go. Customers form trees (a group and its
// subsidiaries) without circles. These rules hold for every way of writing, and for many
// who write at once, because they are hooks of the package ([Hooks]) and not checks in
// one verb.
//
// # Two that are one
//
// A program that was given a matcher refuses to store what a rule blocks, tells whoever asks
// before storing of that and of what a rule warns of ([Module.Duplicates]), and in a scan of
// the whole list of what is for the report as well ([Module.ScanDuplicates]). What is
// the same is merged ([Module.Merge]), with all that belongs to it, and an old id leads to
// the one that is left; a merge can be undone ([Module.Unmerge]). This package says of whom each
// field is taken, and what becomes of teams, relations and consents; the rest is that of
// package merge.
//
// # Consent
//
// Who was asked, and what they said, is a ledger ([ConsentEntry]) to which
// [Module.RecordConsent] adds and from which nothing is taken; beside it stands what holds
// now ([Consent]). Who may be mailed is therefore a condition in a query
// ([ContactsWhoAllow]). When two become one, [MostRestrictive] decides.
//
// # Public pools
//
// A customer that nobody owns may wait in a [Pool] for somebody to claim it. It comes in by
// [Module.Release] and by [Module.RecyclePools], the job that takes back those with which
// nobody keeps in contact, and leaves by [Module.Claim], or when whatever else gives it an
// owner: an assignment, an edit, a handover of what nobody owns. Each stay is on record ([PoolStay]).
//
// In a pool a customer has neither owner nor department, and its team and shares have
// ended, whatever their cause. So whoever owned it, and their managers, see it only as the
// pool shows it ([Module.Waiting]): to its members, without the fields that it hides.
// What reads every customer still does: a role whose range is all, a sharing rule that is
// not about some owners, and whoever has a record of their own that points to it, such as a
// closed opportunity.
//
// # Assignment
//
// [AssignmentRule]s say who gets customers of some sort, and [Module.Assign] follows them:
// for each customer the first rule whose condition it meets picks one of its members, by
// turns or by load, within their capacity. The same state gives the same answer, which
// [Module.PreviewAssign] tells beforehand. A rule knows of load and turns and of nothing
// else: it may give a customer back to whom a pool took it from.
//
// # Personal data
//
// Every contact is a person, and so is a customer who is an individual ([Persons]): what is
// kept about them can be handed out and erased, see package privacy. A field that says
// something about who they are is tagged personal.
package customer
