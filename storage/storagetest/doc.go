// Package storagetest is the suite that every adapter must pass: [Run] holds a
// driver.Backend to all that package driver demands. Nothing else says what a
// right adapter is.
//
// The whole test of an adapter is this:
//
//	package mydb_test
//
//	import (
//		"testing"
//
//		"github.com/kehucrm/kehu/storage/driver"
//		"github.com/kehucrm/kehu/storage/schema"
//		"github.com/kehucrm/kehu/storage/storagetest"
//
//		"example.com/mydb"
//	)
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, storagetest.Harness{
//			Open: func(t testing.TB, r *schema.Registry) driver.Backend {
//				store, err := mydb.Open(t.Context(), t.TempDir()+"/test.db")
//				if err != nil {
//					t.Fatal(err)
//				}
//				t.Cleanup(func() { store.Close() })
//				storagetest.Migrate(t, store.Driver(), r)
//				return store.Driver()
//			},
//			Host: func(t testing.TB, b driver.Backend) (driver.Tx, func() error, func() error) {
//				tx, err := b.(*mydb.Backend).DB().Begin()
//				if err != nil {
//					t.Fatal(err)
//				}
//				return mydb.Bind(b, tx), tx.Commit, tx.Rollback
//			},
//			Reopen: func(t testing.TB, b driver.Backend, r *schema.Registry) driver.Backend {
//				store, err := mydb.Open(context.Background(), b.(*mydb.Backend).Path())
//				if err != nil {
//					t.Fatal(err)
//				}
//				t.Cleanup(func() { store.Close() })
//				return store.Driver()
//			},
//		})
//	}
//
// Begin with Open alone. What the harness does not give, and optional interfaces
// that the backend does not have, are skipped and say so.
//
// # How it judges
//
// Three ways of knowing what is right stand beside each other. Results worked out
// by hand over a few fixed records are asked of the adapter, and of package eval
// in this package's own test. Values of every type climb ladders, from the least
// to the greatest, with every comparison. Random records and queries are then
// given to the adapter and to package eval, which must agree; the seed is logged:
//
//	go test -run TestConformance/Random -storagetest.rounds=20000
//	go test -run TestConformance/Random -storagetest.seed=1795439163175170908
//
// The suite itself is held, too: more than eighty drivers that each break one
// promise must be found out by the group that speaks of it.
//
// # What is not judged
//
// Three things are left open, because databases differ and storage does not
// depend on them: which of two offences an error names when a row commits both;
// the name of the index for a broken reference, which may be missing (a wrong one
// is an error); and what a transaction that promised to read only does with a
// write.
package storagetest
