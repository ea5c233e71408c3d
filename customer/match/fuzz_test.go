package match_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/fault"
)

// FuzzNormalise looks for a text of which one of the normal forms has another normal form.
func FuzzNormalise(f *testing.F) {
	for _, form := range forms {
		for _, seed := range form.table {
			f.Add(seed.text)
		}
	}
	f.Add(strings.Repeat("华+", 100)) // the signs become words
	f.Fuzz(func(t *testing.T, s string) {
		for name, form := range forms {
			normal := form.normalise(s)
			if again := form.normalise(normal); again != normal {
				t.Fatalf("%s: %+q is %+q, and that is %+q", name, s, normal, again)
			}
		}
	})
}

func FuzzDigits(f *testing.F) {
	for _, seed := range []string{"0755-28780808转8001", "0086 755", "０７５５－２８７８０８０８", "000000", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		digits, err := match.Digits{}.Normalise(s, "")
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		if again, err := (match.Digits{}).Normalise(digits, ""); err != nil || again != digits {
			t.Fatalf("%+q is %q, and that is %q (%v)", s, digits, again, err)
		}
	})
}

// FuzzSplitName parts names of any kind into normal forms.
func FuzzSplitName(f *testing.F) {
	for _, seed := range []string{"", "欧阳娜娜", "Li, Na", ",", "mr mr,mr", "张先生"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		given, family := match.SplitName(s)
		if match.NormaliseName(given) != given || match.NormaliseName(family) != family {
			t.Fatalf("%+q is %+q and %+q", s, given, family)
		}
	})
}

// FuzzParseRules reads rules from outside: what is none is Invalid, and what is one is
// written and read again as the same.
func FuzzParseRules(f *testing.F) {
	seed, err := json.Marshal(match.DefaultRules())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for _, s := range []string{"", "null", "[]", "[{}]", `[{"name":"n","action":"warn","when":{"op":"and","of":[null]}}]`,
		`[{"name":"n","action":"warn","when":{"op":"similar","field":"name","min":1e400}}]`, `[] []`, `[{"name":"n","action":"none","when":{"op":"eq","field":"name"}}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rules, err := match.ParseRules(raw)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		first, err := json.Marshal(rules)
		if err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := match.ParseRules(first)
		if err != nil {
			t.Fatalf("%s can't be read again: %v", first, err)
		}
		if second, err := json.Marshal(again); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s became %s (%v)", first, second, err)
		}
	})
}
