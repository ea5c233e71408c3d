package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestCanonicalJSON(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"null", " null ", "null"},
		{"white space", " [ 1 ,\n\ttrue , {\"a\" : null } ] ", `[1,true,{"a":null}]`},
		{"keys", `{"b":1,"a":{"d":1,"c":2},"B":3,"":4}`, `{"":4,"B":3,"a":{"c":2,"d":1},"b":1}`},
		{"keys in Chinese", `{"华":1,"a":2}`, `{"a":2,"华":1}`},
		{"a key twice", `{"a":1,"b":2,"a":{"x":3}}`, `{"a":{"x":3},"b":2}`},
		{"a key twice, once escaped", `{"a":1,"\u0061":2}`, `{"a":2}`},
		{"trailing zeros", `[1.0,1.50,10,100,0.10]`, `[1,1.5,10,100,0.1]`},
		{"exponents", `[1e2,1E+2,1.5e1,100e-2,12e-4]`, `[100,100,15,1,0.0012]`},
		{"zero", `[0,-0,0.0,-0.0,0e9]`, `[0,0,0,0,0]`},
		{"a number beyond a float", `[12345678901234567890.123456789]`, `[12345678901234567890.123456789]`},
		{"HTML", `"<a&b>"`, `"<a&b>"`},
		{"escapes", `"\u00e9\/\u4e2d\uD83D\uDE00\n"`, `"é/中😀\n"`},
		{"a backslash before u0000", `"\\u0000"`, `"\\u0000"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := schema.CanonicalJSON([]byte(c.text))
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
		})
	}
}

func TestCanonicalJSONRefuses(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"nothing", ""}, {"white space", " "}, {"an open object", "{"}, {"a word", "nul"}, {"two values", "1 2"}, {"a comma behind", "[1,]"},
		{"a brace behind", "{}}"}, {"a bracket behind", "1]"}, {"a comment", "1 // one"}, {"a leading zero", "01"}, {"NaN", "NaN"},
		{"NUL", `"\u0000"`}, {"NUL in a key", `{"\u0000":1}`}, {"NUL deep inside", `[{"a":["x\u0000y"]}]`}, {"NUL behind a backslash", `"\\\u0000"`},
		{"invalid UTF-8", "\"\xff\""}, {"invalid UTF-8 in a key", "{\"\xff\":1}"},
		{"a large exponent", "1e1000000000"}, {"a small exponent", "[1e-1000000000]"}, {"an exponent beyond 32 bits", "1e99999999999"},
		{"many digits", strings.Repeat("9", 401)}, {"many digits when written out", "1e401"},
		{"deep", strings.Repeat("[", 20000) + strings.Repeat("]", 20000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := schema.CanonicalJSON([]byte(c.text))
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
	}
}

// anyJSON draws JSON values of some depth, written with needless white space and
// unusual numbers.
func anyJSON(depth int) *rapid.Generator[string] {
	quoted := rapid.Custom(func(t *rapid.T) string {
		raw, err := json.Marshal(rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune(`"\u0/<`)))).
			Filter(func(s string) bool { return !strings.ContainsRune(s, 0) }).Draw(t, "text"))
		require.NoError(t, err)
		return string(raw)
	})
	leaf := rapid.OneOf(rapid.SampledFrom([]string{"null", "true", "false"}), quoted, rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?`))
	if depth == 0 {
		return leaf
	}
	inner := anyJSON(depth - 1)
	return rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) string {
		return " [" + strings.Join(rapid.SliceOfN(inner, 0, 4).Draw(t, "list"), " ,") + "] "
	}), rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for i := range rapid.IntRange(0, 4).Draw(t, "members") {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "\n%s : %s", quoted.Draw(t, "key"), inner.Draw(t, "member"))
		}
		return "{" + b.String() + "}"
	}))
}

// TestCanonicalJSONProperties: the canonical form is a value's own, so what was
// stored can always be stored again.
func TestCanonicalJSONProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := anyJSON(3).Draw(t, "json")
		first, err := schema.CanonicalJSON([]byte(raw))
		if err != nil {
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.ErrorContains(t, err, "400 digits", "nothing else is wrong with it")
			return
		}
		second, err := schema.CanonicalJSON(first)
		require.NoError(t, err, "what it returned is taken again")
		require.Equal(t, string(first), string(second))
		require.True(t, json.Valid(first))
		var want, got any
		if json.Unmarshal([]byte(raw), &want) == nil { // all numbers fit a float
			require.NoError(t, json.Unmarshal(first, &got))
			require.Equal(t, want, got, "the value is the same")
		}
	})
}

func TestCanonicalJSONTakesItsOwnNumbers(t *testing.T) {
	for _, text := range []string{"1e399", "1e400", "-1e399", "1e-398", "1e-400", "123e-400"} {
		t.Run(text, func(t *testing.T) {
			first, err := schema.CanonicalJSON([]byte(text))
			if err != nil {
				return
			}
			_, err = schema.CanonicalJSON(first)
			require.NoError(t, err)
		})
	}
}
