// Package org is the organisation: who works here, in which department, under
// whom, with which roles, and what follows from it for records. It holds the
// records ([Department], [Employee], [Role], [Share], [SharingRule], [Deputy]), who and
// which department stood where at what time ([Posting], [Subordination]), a snapshot of one
// tenant's people in memory, now ([Load]) or as of a day ([LoadAt]), and the rule of
// permission as pure functions.
//
// # The rule
//
// A verb on a record needs a gate and an access, and both must hold.
//
// The gate asks the person's roles whether they grant the verb on the kind. Who has
// no role has the default one: all verbs but export and merge on business records,
// and reading on everything else (departments, products, pipelines), which is for
// administrators to change.
//
// Access is the widest of these:
//
//   - own: whoever owns the record may do everything;
//   - direct report: the manager of the owner may do everything but delete and merge;
//   - indirect report: whoever stands further above may read (query only: the rule
//     权限规则 of the product's seeds);
//   - range: a role grants its verbs on the records of one's departments, of those and
//     the ones below, or on all;
//   - share: the record is shared to the person, to one of their roles, to one of their
//     departments or to one above, with a level and perhaps until a time;
//   - rule: a sharing rule shares the records of some people, or that meet a condition, to
//     others, who may be a role within a department; it is part of the query, so it holds at
//     once for what is there and for what comes, and nothing is written for each record;
//   - parent: whoever may read a record that points to another through a relation
//     declared as holding (an opportunity to its customer) may read that other. It
//     must not be less than that: a report over opportunities by their customers'
//     industry would show a manager what they may not read.
//
// Records that are part of a whole (a contact of a customer) have no access of
// their own: they follow the whole. Kinds without an owner and without a whole need
// the gate alone.
//
// Deleting and merging need full access, export needs reading: an export shows
// nothing that the person could not read page by page, and its gate is never open
// by default. A vacant place is not skipped: reports of an inactive manager stay
// indirect reports of the manager above.
//
// A deputy has, for a time, the rights of whom they stand in for, besides their own: gate
// and access must hold for one of the two together. What a role may not see of a record
// ([FieldRule]) is decided after all this: of several roles of one person the one that
// leaves most decides, of several people the strictest ([Directory.FieldRules]).
//
// The same rule exists in two forms, [Directory.Access] for one record that is in
// hand and [Directory.Scope] for queries. The tests of package crm hold both against the
// rule said once more in a page of plain Go: for every organisation of up to four people,
// and for random companies in which everything above meets.
//
// The tree of managers and its two depths are part of the rule and can't be switched off; a
// company in which managers shall see nothing leaves the managers empty and goes by ranges and
// sharing rules. Approve and Urge are verbs that roles may already grant; nothing asks for them yet.
//
// # What more rights do
//
// A grant, a range, a share, a rule, a deputy, a place below somebody, a further role: each
// only ever adds to what a person may read and do. There is one exception: the first role
// replaces the default role, and so may take away. Who gives somebody a role for the first
// time gives them all that they need.
//
// # In two places at once
//
// Somebody who works in several departments has one, to which the records they make belong,
// and further ones (Employee.FurtherDepartments). Ranges and what is shared to a department
// are the union over all of them: nothing that one of the places gives is taken by another.
//
// There is one tree of managers. Who has a second superior for a product or a project is not
// below them in it: such a one sees records by a sharing rule that names the people, or by
// standing in their department, too. There are no users of a portal here: a customer who is
// to look in is no employee, and would come with a module and a rule of their own.
package org
