package storagetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
)

// wrong is a driver that breaks one promise, and the group that must find it
// out. Its bend is made anew for each run, since some keep state.
type wrong struct {
	name  string
	group string
	bend  func() *bend
}

// TestBent proves that neither the decorators nor the recorder find faults where
// there are none.
func TestBent(t *testing.T) {
	for _, f := range check(t, inMemory(new(bend).over)) {
		t.Errorf("%s: %s", f.test, f.text)
	}
}

// TestWrong runs each wrong driver through the group that must find it out.
func TestWrong(t *testing.T) {
	for _, w := range slices.Concat(wrongReads, wrongWrites) {
		t.Run(w.group+"/"+w.name, func(t *testing.T) {
			t.Parallel()
			found := check(t, inMemory(w.bend().over), w.group)
			// To be found out by a deadline proves nothing, but of what hangs.
			found = slices.DeleteFunc(found, func(f failure) bool {
				return w.group != "Cancel" && strings.Contains(f.text, "deadline exceeded")
			})
			if len(found) == 0 {
				t.Fatal("nothing in the group finds it out")
			}
			for _, f := range found {
				if !strings.HasPrefix(f.test, w.group) {
					t.Errorf("%s fails outside of the group: %s", f.test, f.text)
				}
			}
			t.Logf("%d failures, first in %s: %.300s", len(found), found[0].test, found[0].text)
		})
	}
}

// TestWrongHost lets an adapter end the transaction of its host.
func TestWrongHost(t *testing.T) {
	h := inMemory(honest)
	h.Host = func(t testing.TB, b driver.Backend) (driver.Tx, func() error, func() error) {
		tx, err := b.Begin(t.Context(), driver.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return tx, func() error { return tx.Commit(t.Context()) }, func() error { return tx.Rollback(t.Context()) }
	}
	if len(check(t, h, "Host")) == 0 {
		t.Fatal("nothing in the group finds it out")
	}
}
