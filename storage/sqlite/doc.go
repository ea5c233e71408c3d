// Package sqlite keeps records in an SQLite database, in pure Go, by the driver
// modernc.org/sqlite.
//
// [Open] opens a file and owns it: one connection writes, several read. Writers
// queue in Go and not in SQLite's busy handler, readers never wait for them. The
// settings are those that PERFORMANCE.md measured: a write-ahead log with
// synchronous=NORMAL (a power cut may lose the last commits and never corrupts;
// see [WithSynchronousFull]), memory-mapped reads (see [WithoutMmap]), a page
// cache of 64 MB for each connection.
//
// [New] works on a handle that the host opened, with the host's settings, and
// [Join] in a transaction that the host began, so that its writes and ours commit
// together. Both want a handle of the same driver.
//
// All stands in tables whose names begin with crm_, so that it never meets the
// host's. Texts compare bytewise; decimals are integers scaled by their field,
// times are microseconds, dates are days, ids are text. References are guarded by
// triggers and not by foreign keys: whether those are enforced is decided by each
// connection, and SQLite does not name the one that was broken.
package sqlite
