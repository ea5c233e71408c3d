package driver_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

// FuzzDecodeRow reads rows from outside: what is none is Invalid, and what is one is
// written and read again as the same.
func FuzzDecodeRow(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", `[["",""]]`, `[["b","true"],["i","-9223372036854775808"],["f","NaN"],["f","-0"],["s","\u0000"],["x","AA=="]]`,
		`[["t","9223372036854775807"],["d","0000-00-00"],["d","9999-12-31"],["n","1e1000000000"],["n","-.5"],["j","{"],["u","x"]]`, `[["n","1e-2147483648"]]`, `[["?","1"]]`, `[[]]`,
		`[["u","01890a5d-ac96-774b-bcce-b302099a8057"]]`, `[["x","AB=="]]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		row, err := driver.UnmarshalRow(raw)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		first, err := driver.MarshalRow(row)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := driver.UnmarshalRow(first)
		if err != nil {
			t.Fatalf("%s can't be read again: %v", first, err)
		}
		if second, err := driver.MarshalRow(again); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s became %s (%v)", first, second, err)
		}
	})
}
