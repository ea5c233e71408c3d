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

// FuzzDecodeRecord reads what a damaged store may hold: what is no record is Internal,
// and what is one is written and read again as the same.
func FuzzDecodeRecord(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", `{"id":["u","01890a5d-ac96-774b-bcce-b302099a8057"],"text":["s","É"],"text_fold":["s","x"],"gone":5}`,
		`{"bool":["b","true"],"float":["f","-0"],"decimal":["n","0"],"bytes":["x",""],"json":["j","{}"],"required":["t","0"]}`,
		`{"text":["",""]}`, `{"text":["i","5"]}`, `{"text":null}`, `{"text":[]}`, `{"int":["i","05"]}`,
	} {
		f.Add([]byte(seed))
	}
	k := alls.Kind
	f.Fuzz(func(t *testing.T, raw []byte) {
		row, err := driver.UnmarshalRecord(k, raw)
		if err != nil {
			if !errors.Is(err, fault.ErrInternal) || errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not Internal", err)
			}
			return
		}
		first, err := driver.MarshalRecord(k, row)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := driver.UnmarshalRecord(k, first)
		if err != nil {
			t.Fatalf("%s can't be read again: %v", first, err)
		}
		if second, err := driver.MarshalRecord(k, again); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s became %s (%v)", first, second, err)
		}
	})
}
