// Package vsraw measures what storage costs above the database: the operations of a
// program through storage.Table and storage.Tenant, against the same written by hand
// with database/sql on the same pools, the same tables and with prepared statements,
// into the same Go types. An adapter's benchmark calls [Run]:
//
//	go test -run '^$' -bench VsRaw -benchtime 1x ./storage/sqlite
//	go test -run '^$' -bench VsRaw -benchtime 1x ./storage/sqlite -vsraw.customers 100000 -vsraw.lines 1000000 -vsraw.rounds 21 -vsraw.turn 50ms
//
// The metric is x-raw, the median over the rounds of our time over the hand-written
// one's; PERFORMANCE.md, section 6, has the goals.
package vsraw
