package query_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

// FuzzParseExpr reads conditions from outside: what is none is Invalid, and what is one
// is written and read again as the same.
func FuzzParseExpr(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{}", "[]", `{"op":"and"}`, `{"op":"not","of":[null]}`, `{"op":"eq","field":"name","value":"x"}`, `{"op":"in","field":"n","values":[1,"a",true,null,1e400]}`,
		`{"op":"or","of":[{"op":"null","field":"custom.x"},{"op":"has","relation":"contacts","where":{"op":"contains","field":"name","value":"华"}}]}`,
		`{"op":"eq","field":"a","value":{"b":[1]}}`, `{"op":"has"}{}`, `{"op":"prefix","value":1}`, `{"op":"eq","value":1e1000000000}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := query.ParseExpr(raw)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		first, err := query.MarshalExpr(e)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := query.ParseExpr(first)
		if err != nil {
			t.Fatalf("%s can't be read again: %v", first, err)
		}
		if second, err := query.MarshalExpr(again); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s became %s (%v)", first, second, err)
		}
	})
}
