package bunsql

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// aggregating is the request of one aggregation.
type aggregating struct {
	k *schema.Kind
	a *query.Aggregate
	// split computes sums in two halves of 32 bits, for a database whose sum
	// of integers ends at 64.
	split bool
}

func (r aggregating) kind() *schema.Kind { return r.k }

func (r aggregating) collect(s *shape) {
	s.mark('G')
	if r.split {
		s.mark('/')
	}
	for _, key := range r.a.Keys {
		s.mark('k')
		s.path(key.Path)
		s.count(len(key.Edges))
		for _, edge := range key.Edges {
			s.arg(key.Path.Field, edge)
		}
	}
	for _, m := range r.a.Measures {
		s.mark('m', byte(m.Fn))
		if m.Fn != query.Count {
			s.path(m.Path)
		}
		s.expr(m.Where)
	}
	for _, key := range r.a.Sort {
		s.mark('s')
		s.direction(key.Desc)
		s.count(r.column(key.Path.Name))
	}
	s.mark('w')
	s.expr(r.a.Where)
	s.scope(r.k, r.a.Scope)
	s.raw(int64(r.a.Limit))
}

// column returns the place of a key or measure in the result, -1 for none.
func (r aggregating) column(name string) int {
	for i, key := range r.a.Keys {
		if key.Column() == name {
			return i
		}
	}
	at := slices.IndexFunc(r.a.Measures, func(m query.Measure) bool { return m.Column() == name })
	if at < 0 {
		return -1
	}
	return len(r.a.Keys) + at
}

func (r aggregating) compile(c *compiler) (fragment, []decoder) {
	l := c.level(r.k)
	var results []result
	for _, key := range r.a.Keys {
		results = append(results, result{value: l.key(key), field: resultField(key.Path, key.ResultType())})
	}
	for _, m := range r.a.Measures {
		results = append(results, l.measure(m, r.split))
	}
	condition := l.expr(r.a.Where)
	q := l.scopedQuery(r.a.Scope, condition)
	var decoders []decoder
	for i, res := range results {
		q.ColumnExpr("? AS ?", res.value, bun.Safe(columnName(i)))
		decoders = append(decoders, res.decoder(c.d))
	}
	for i := range r.a.Keys {
		q.GroupExpr(strconv.Itoa(i + 1))
	}
	r.order(q, c.d, results)
	return limited(q, c.arg()), decoders
}

// result is a column of an aggregation.
type result struct {
	value fragment
	field *schema.Field
	// high and low, if set, are the halves of a sum; value is then a text of
	// both.
	high, low fragment
}

func (r result) decoder(d *Dialect) decoder {
	if r.high != nil {
		return decoder{decode: decodeHalves(r.field.Scale)}
	}
	return d.decoder(r.field)
}

// columnName is what a column of the result is called inside the statement.
func columnName(i int) string { return `"c` + strconv.Itoa(i) + `"` }

// resultField stands for a column of the result where a decoder wants a field.
func resultField(p query.Path, t schema.Type) *schema.Field {
	f := &schema.Field{Type: t}
	if p.Field != nil {
		f.Custom = p.Field.Custom
		if p.Field.Type == schema.TypeDecimal {
			f.Scale = p.Field.Scale
		}
	}
	return f
}

func (l *level) key(key query.Key) fragment {
	col := l.value(key.Path)
	if key.Edges == nil {
		return safe(col)
	}
	parts := make([]fragment, len(key.Edges))
	for i := range key.Edges {
		parts[i] = sqlf("WHEN ? < ? THEN "+strconv.Itoa(i), col, l.c.arg())
	}
	return sqlf("CASE WHEN ? IS NULL THEN NULL ? ELSE "+strconv.Itoa(len(key.Edges))+" END", col, join(" ", parts))
}

func (l *level) measure(m query.Measure, split bool) result {
	r := result{field: resultField(m.Path, m.ResultType())}
	var col bun.Safe
	if m.Fn != query.Count {
		col = l.value(m.Path)
	}
	condition, filter := l.expr(m.Where), safe("")
	if condition != nil {
		filter = sqlf(" FILTER (WHERE ?)", condition)
	}
	switch {
	case m.Fn == query.Count:
		r.value = join("", []fragment{safe("count(*)"), filter})
	case m.Fn == query.CountDistinct && condition != nil:
		// With a filter, SQLite does not count a value whose first record is left out, where it
		// reads the records in order of the values (as of 3.53).
		r.value = sqlf("count(DISTINCT CASE WHEN ? THEN ? END)", condition, col)
	case m.Fn == query.CountDistinct:
		r.value = sqlf("count(DISTINCT ?)", col)
	case m.Fn == query.Sum && split:
		high, low := sqlf("sum(? >> 32)?", col, filter), sqlf("sum(? & 4294967295)?", col, filter)
		r.value = sqlf("? || ':' || ?", high, low)
		r.high, r.low = sqlf("? + (? >> 32)", high, low), sqlf("? & 4294967295", low)
	default:
		r.value = sqlf(m.Fn.String()+"(?)?", col, filter)
	}
	return r
}

// order sorts by what was asked, then by the keys.
func (r aggregating) order(q *bun.SelectQuery, d *Dialect, results []result) {
	add := func(i int, desc bool) {
		direction := d.direction(desc, true)
		if res := results[i]; res.high != nil {
			q.OrderExpr("?"+direction+", ?"+direction, res.high, res.low)
		} else {
			q.OrderExpr(columnName(i) + direction)
		}
	}
	for _, key := range r.a.Sort {
		add(r.column(key.Path.Name), key.Desc)
	}
	for i := range r.a.Keys {
		add(i, false)
	}
}

// decodeHalves reads a sum that was computed in two halves.
func decodeHalves(scale int32) func(any) (any, error) {
	return func(src any) (any, error) {
		text, _ := src.(string)
		high, low, _ := strings.Cut(text, ":")
		h, err := strconv.ParseInt(high, 10, 64)
		if err != nil {
			return nil, unexpected(src, "sum")
		}
		l, err := strconv.ParseInt(low, 10, 64)
		if err != nil {
			return nil, unexpected(src, "sum")
		}
		sum := new(big.Int).Lsh(big.NewInt(h), 32)
		return decimal.NewFromBigInt(sum.Add(sum, big.NewInt(l)), -scale), nil
	}
}
