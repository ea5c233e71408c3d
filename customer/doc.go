// Package customer holds the companies and people that one sells to: [Customer] and
// their [Contact]s.
//
// A customer has an owner, and with that everything that package org says about who
// may see and change it. Contacts belong to their customer as parts to a whole and
// follow it: whoever may read the customer reads its contacts, whoever may change it
// changes them.
//
// Customers form trees (a group and its subsidiaries). The rule that a tree has no
// circle holds for every way of writing, because it is a hook of the package
// ([Hooks]) and not a check in one verb.
package customer
