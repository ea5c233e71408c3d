// Package storage is the contract with whatever keeps the records, and the
// portable half of keeping them: what is the same for every database is done
// here once, above the small interface of package driver that adapters implement.
//
// A [Store] is an opened database. [Store.Bind] joins it with a registry of kinds,
// a clock and an id source to a [DB], and [DB.Tenant] is the only way to data: every
// call goes to one tenant. [Of] gives typed access to one kind.
//
//	db, err := store.Bind(registry, storage.Options{})
//	acme, err := db.Tenant("acme")
//	err = acme.Tx(ctx, func(ctx context.Context, tx *storage.Tenant) error {
//		return storage.Of(tx, Customers).Insert(ctx, &Customer{Name: "…"})
//	})
//
// Promises that hold for every adapter:
//
//   - Values are checked before they reach a database, and all offences come back
//     in one Invalid error. What is refused is refused alike everywhere.
//   - Errors are *[Error], context errors excepted. A database's own text is
//     never part of a message.
//   - A write happens whole or not at all. Transactions of ours are repeated when
//     the database asks for it; in a transaction of the host nothing is repeated,
//     committed or rolled back, and each write stands in a savepoint.
//   - After a failed write a transaction of ours takes no more calls: return the
//     error, or make attempts in a nested Tx. (On Postgres it could not go on;
//     here it can't go on anywhere.)
//   - [Tenant.Search] finds records as somebody types, and the same ones in the same order
//     everywhere; package search says what that is.
//   - Times are UTC to the microsecond, text is ordered bytewise, null is the
//     smallest value, sums are exact.
//
// The tenant is an argument of every operation and not a field of the records,
// where DESIGN first had it: what is no field can't be set wrong.
package storage
