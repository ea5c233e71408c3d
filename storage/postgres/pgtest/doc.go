// Package pgtest gives tests a PostgreSQL to run against, without one having to be set up.
//
// [DSN] answers with a fresh, empty database. All test binaries of one `go test` share one server, which the first
// of them starts from the PostgreSQL installed on the machine: on a Unix socket in a directory of its own, without
// fsync, under an unprivileged user when the tests run as root. It ends with that `go test`, however that ends.
// [Prepared] answers with one that has tables already, and gives it to one test after the other.
// [Server] answers with a server that belongs to one test alone, which may stop it, kill it and start it again.
//
// The environment decides what happens otherwise:
//
//   - KEHU_POSTGRES is the DSN of a server to use instead, as a role that may create databases.
//   - CI=true makes a test fail where no PostgreSQL is found; without it the test is skipped.
//
// It serves the tests of kehu and those of its hosts; nothing outside of tests imports it.
package pgtest
