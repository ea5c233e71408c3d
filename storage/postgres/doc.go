// Package postgres keeps records in PostgreSQL 15 or newer, by the driver
// github.com/jackc/pgx through database/sql.
//
// [Open] connects and owns its pool; [New] works on a pool that the host opened,
// and [Join] in a transaction that the host began, so that its writes and ours
// commit together. Handles of the host must be of the driver pgx.
//
// All stands in one schema, crm unless [WithSchema] says otherwise, so that it
// never meets the host's tables. The tenant is in every primary key, unique
// index, foreign key and join, which is also what Citus asks of a distributed
// table. Text columns have COLLATE "C": texts compare bytewise, whatever the
// database's locale.
//
// The pool plans each statement with its arguments (plan_cache_mode =
// force_custom_plan): a plan made without them reads a manager's page up to fifty
// times slower. A host's pool should set it too, and random_page_cost = 1.1 where
// the data is on an SSD. Behind a pooler that gives each transaction another
// connection, see [WithSimpleProtocol].
//
// Before it uses a connection again the pool looks whether the server has hung up (not on
// Windows), so that a restart of the server between two calls is not noticed. In a pool of
// the host's the first call on each connection may fail then.
//
// With its arguments, a statement is also planned by what the statistics know of its
// tenant. Of one that none of the analysed rows belongs to they know that it has nothing,
// and every plan is as good as another; autovacuum looks again only when a tenth of a table
// has changed. [storage.Tenant.Analyze] tells it, and an import calls that.
//
// Transactions of ours run at REPEATABLE READ: each sees one state throughout, and
// where two change the same row, the second is repeated. A single call outside a
// transaction, and one in a transaction of the host, has the database's default.
package postgres
