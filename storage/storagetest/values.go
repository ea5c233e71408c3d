package storagetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ladder is a field with values of it that ascend strictly: the extremes, what
// lies next to each other, what an adapter could take for something else.
type ladder struct {
	field  string
	values []any
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func day(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// texts ascend bytewise: upper case before lower, no locale, no folding, blanks
// at the end count, and nothing in them is a pattern.
var texts = []any{
	"", "\t", " ", " a", "\"", "%", "'; DROP TABLE thing; --", "*", "0", "10", "2", "?", "A", "AA", "B", "\\", "_",
	"a", "a ", "aa", "b", "e\u0301", "z", "ß", "é", "ı", "中文", "，", "\ufffd", "😀", "😀😀",
}

var ladders = []ladder{
	{"flag", []any{false, true}},
	{"flag_n", []any{nil, false, true}},
	{"count", ints[1:]},
	{"count_n", ints},
	{"ratio", floats[1:]},
	{"ratio_n", floats},
	{"label", texts},
	{"label_n", append([]any{nil}, texts...)},
	{"moment", moments},
	{"day", dates},
	{"amount", decimals(4)[1:]},
	{"amount_n", decimals(4)},
	{"whole", decimals(0)[1:]},
	{"price", decimals(6)},
	{"rate", decimals(8)},
	{"tiny", decimals(12)},
	{"other", []any{nil, num(0), num(1), num(256), schema.ID{0: 0x80}, schema.ID{0: 0xff, 15: 0xff}}},
	{"custom.colour", append([]any{nil}, texts...)},
	{"custom.grade", ints},
	{"custom.worth", decimals(2)},
	{"custom.active", []any{nil, false, true}},
	{"custom.since", dates},
	{"custom.seen", moments},
	{"custom.mate", []any{nil, num(0), num(256), schema.ID{0: 0xff, 15: 0xff}}},
}

var ints = []any{
	nil, int64(math.MinInt64), int64(math.MinInt64 + 1), int64(-1 << 53), int64(-10), int64(-9), int64(-1), int64(0), int64(1), int64(9), int64(10),
	int64(1 << 53), int64(1<<53 + 1), int64(math.MaxInt64 - 1), int64(math.MaxInt64),
}

var floats = []any{
	nil, -math.MaxFloat64, -1e300, -1.5, -math.SmallestNonzeroFloat64, 0.0, math.SmallestNonzeroFloat64, 0.1, 0.2, 0.1 + 0.2,
	1.0 / 3, 1.0, math.Nextafter(1, 2), 1e15, 1e300, math.MaxFloat64,
}

var moments = []any{
	nil, at("0001-01-01T00:00:00.000001Z"), at("0999-12-31T00:00:00Z"), at("1969-12-31T23:59:59.999999Z"), at("1970-01-01T00:00:00Z"),
	at("2026-03-29T00:59:59.999999Z"), at("2026-03-29T01:00:00Z"), at("2026-03-29T01:00:00.000001Z"), at("2026-03-29T01:00:00.001Z"),
	at("2026-11-01T06:00:00.1Z"), at("2026-11-01T06:00:00.12Z"), at("9999-12-31T23:59:59.999999Z"),
}

var dates = []any{
	nil, day("0001-01-01"), day("0999-12-31"), day("1582-10-10"), day("1969-12-31"), day("1970-01-01"), day("2024-02-29"), day("2024-03-01"), day("9999-12-31"),
}

// decimals ascend from the smallest to the greatest that a field of a scale
// holds, by way of its smallest steps.
func decimals(scale int32) []any {
	list := []any{nil}
	for _, n := range []int64{-math.MaxInt64, -math.MaxInt64 + 1, -1 << 53, -10, -9, -1, 0, 1, 9, 10, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64} {
		list = append(list, decimal.New(n, -scale))
	}
	return list
}

func values(s *suite) {
	for _, l := range ladders {
		s.test(l.field, func(t *tenant) { climb(t, l) })
	}
	s.test("decimal places", decimalPlaces)
	s.test("bytes", func(t *tenant) {
		roundTrip(t, "blob", nil, []byte{}, []byte{0}, []byte("plain"), []byte{0xff, 0xfe, 0, 1, '\'', '\\'}, long(900_000, 7))
	})
	s.test("long text", func(t *tenant) {
		roundTrip(t, "long", "", strings.Repeat("长", 300_000), strings.Repeat("\n\r\t'\"\\", 1000))
	})
	s.test("json", canonicalJSON)
	s.test("empty text is not null", emptyText)
}

func long(n int, step byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i) * step
	}
	return b
}

// climb stores each value of a ladder in a record of its own, in an order that
// is not the values', and then reads, sorts and compares.
func climb(t *tenant, l ladder) {
	n := len(l.values)
	records := make([]record, n)
	for i := range n {
		r := record{"id": num(i), l.field: l.values[i]}
		if name, ok := strings.CutPrefix(l.field, "custom."); ok {
			r = record{"id": num(i)}
			if l.values[i] != nil {
				r["custom"] = schema.Values{name: l.values[i]}
			}
		}
		records[i] = r
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { records[i], records[j] = records[j], records[i] })
	t.insert("thing", records...)
	for _, r := range records {
		t.holds("thing", r)
	}

	up, down := span(0, n), backwards(n)
	require.Equal(t, up, t.ids("thing", query.Select{Sort: query.By(l.field)}), "ascending")
	require.Equal(t, down, t.ids("thing", query.Select{Sort: query.By("-" + l.field)}), "descending")

	first := 0 // the first value that is not null
	if l.values[0] == nil {
		first = 1
		require.Equal(t, "0", t.where("thing", query.Null(l.field)), "null")
	}
	require.Equal(t, span(first, n), t.where("thing", query.Not{Expr: query.Null(l.field)}), "not null")
	for i := first; i < n; i++ {
		v := l.values[i]
		for _, c := range []struct {
			what string
			e    query.Expr
			want string
		}{
			{"=", query.Eq(l.field, v), span(i, i+1)},
			{"<>", query.Ne(l.field, v), join(span(0, i), span(i+1, n))},
			{"<", query.Lt(l.field, v), span(first, i)},
			{"<=", query.Le(l.field, v), span(first, i+1)},
			{">", query.Gt(l.field, v), span(i+1, n)},
			{">=", query.Ge(l.field, v), span(i, n)},
			{"in", query.In(l.field, v), span(i, i+1)},
			{"in a long list", query.In(l.field, slices.Repeat([]any{v}, 200)...), span(i, i+1)},
		} {
			if got := t.where("thing", c.e); got != c.want {
				t.Errorf("%s %s %s finds %q, want %q", l.field, c.what, show(v), got, c.want)
			}
		}
	}
}

// span is the numbers from i to j-1 as ids returns them.
func span(i, j int) string {
	var list []string
	for ; i < j; i++ {
		list = append(list, fmt.Sprint(i))
	}
	return strings.Join(list, " ")
}

func backwards(n int) string {
	var list []string
	for i := n - 1; i >= 0; i-- {
		list = append(list, fmt.Sprint(i))
	}
	return strings.Join(list, " ")
}

func join(a, b string) string { return strings.TrimSpace(a + " " + b) }

// roundTrip stores values of a field that has no order.
func roundTrip(t *tenant, field string, values ...any) {
	for i, v := range values {
		r := record{"id": num(i), field: v}
		t.insert("thing", r)
		t.holds("thing", r)
		t.update("thing", num(i), record{field: values[(i+1)%len(values)]})
		t.holds("thing", r.with(record{field: values[(i+1)%len(values)]}))
	}
}

// decimalPlaces holds that equal decimals are equal however they are written.
func decimalPlaces(t *tenant) {
	t.insert("thing", record{"id": num(1), "amount": dec("1.5"), "price": dec("2")}, record{"id": num(2), "amount": dec("1.5000"), "price": dec("2.000000")},
		record{"id": num(3), "amount": dec("15e-1"), "price": dec("0.2e1")})
	for _, v := range []string{"1.5", "1.50", "1.5000"} {
		require.Equal(t, "1 2 3", t.where("thing", query.Eq("amount", dec(v))))
	}
	require.Equal(t, "1 2 3", t.where("thing", query.Eq("price", dec("2.0"))))
	t.holds("thing", record{"id": num(3), "amount": dec("1.5"), "price": dec("2")})
}

// canonicalJSON holds that JSON is read as the one text that stands for it,
// whatever the database makes of keys, numbers and escapes.
func canonicalJSON(t *tenant) {
	var list []any
	for _, text := range []string{
		`null`, `{}`, `[]`, `""`, `0`, `true`, `"text"`, `[null]`, `{"b":1,"a":{"d":[1,2,{"z":null,"y":false}],"c":"x"}}`,
		`{"":1,"long key":2,"ab":3,"b":4,"a":5,"中":6,"A":7}`, `[1.10,0.1e1,1e2,-0.0,12345678901234567890123456789.123456789,1e-30]`,
		`"<script>&\u2028\u2029\u00e9é\ud83d\ude00\\\"\/\b\f\n\r\t"`, `[[[[[[[[[[]]]]]]]]]]`, `  { "a" : 1 }  `,
	} {
		list = append(list, schema.JSON(text))
	}
	roundTrip(t, "extra", list...)

	t.insert("thing", record{"id": num(100), "custom": schema.Values{"colour": "<é>", "grade": 3, "worth": "1.50", "seen": at("2026-01-01T00:00:00Z")}})
	t.holds("thing", record{"id": num(100), "custom": schema.JSON(`{"colour":"<é>","grade":3,"seen":"2026-01-01T00:00:00.000000Z","worth":150}`)})
	// What no field declares, and null in place of a value, must come through.
	t.insert("thing", record{"id": num(101), "custom": schema.JSON(`{"colour":null,"free":{"x":[1]}}`)})
	t.holds("thing", record{"id": num(101), "custom": schema.JSON(`{"colour":null,"free":{"x":[1]}}`)})
	require.NotContains(t, " "+t.where("thing", query.Null("custom.colour"))+" ", " 100 ")
	require.Contains(t, " "+t.where("thing", query.Null("custom.colour"))+" ", " 101 ")
}

func emptyText(t *tenant) {
	t.insert("thing", record{"id": num(1), "label_n": nil}, record{"id": num(2), "label_n": ""}, record{"id": num(3), "custom": schema.Values{"colour": ""}})
	require.Equal(t, "2", t.where("thing", query.Eq("label_n", "")))
	require.Equal(t, "1 3", t.where("thing", query.Null("label_n")))
	require.Equal(t, "3", t.where("thing", query.Eq("custom.colour", "")))
	require.Equal(t, "1 2", t.where("thing", query.Null("custom.colour")))
	t.update("thing", num(2), record{"label_n": nil})
	require.Equal(t, "1 2 3", t.where("thing", query.Null("label_n")))
}
