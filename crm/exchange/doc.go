// Package exchange brings lists in as records and records out as lists (数据交换): what
// package sheet reads and writes, turned into customers, contacts, employees, products.
//
// # In
//
// Lists bring customers, contacts, addresses, products, departments, employees and entries of
// dictionaries, and what a host offers; opportunities go by their verbs. What lists may bring is
// offered by the modules as a [Target]; its fields are derived from the kind, so that a column of
// a record, or a field that a tenant declares, stands in lists without anybody's doing.
// References are spelled by code or name, dictionaries by code or by what people call the entry.
//
// A list is mapped ([Module.Suggest]), tried ([Module.Check]), started ([Module.Start]) and
// applied ([Module.Apply]): some hundred lines in a transaction, which stores the records,
// tells what was done for each line ([ImportLine]) and moves the job forward. So an import
// that was interrupted goes on behind the last line done, in whatever process; a list that
// is not the same is known by its fingerprint. What comes out is as if the lines were done
// one after the other, wherever they are cut into batches.
//
// A line that is wrong keeps no other. It is stored with what is wrong with it, and not
// only given to whoever happens to be applying: so no crash loses it, and the error list
// ([Module.WriteRefused]) is there for who comes later. Corrected, it is a list like any
// other. With a key, a list may be imported again and makes no second copy; records are
// created and updated, and nothing is deleted. A whole import can be taken back
// ([Module.Undo]).
//
// Records are written by the collections of the session: with validation, hooks and the
// journal, under the ordinary events ("customer.created", "customer.updated"), since rules
// go by them. Which import did it stands in its lines. Every right is asked for as if the
// person had typed it.
//
// Records that lead to others of the same list, as people do to those above them, may stand
// in any order: where they lead is set when all lines are done.
//
// # Out
//
// [Module.Export] goes by the registry and not by types: any kind, any field, over to-one
// relations, as the actor may export and see it. The journal tells who has taken out how many
// records of which kind, page by page ("customer.exported"). What went out comes in elsewhere as
// the same records; with an empty Language also where names are not unique.
package exchange
