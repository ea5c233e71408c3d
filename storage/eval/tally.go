package eval

import (
	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

// tally is one measure of one group in the making.
type tally struct {
	count int64               // records, or different values
	value any                 // sum, least or greatest; nil over nothing
	seen  map[string]struct{} // for CountDistinct
}

// add takes a record into the measure; v is the value measured, nil for Count.
func (t *tally) add(fn query.Fn, v any) error {
	if fn == query.Count {
		t.count++
		return nil
	}
	if v == nil {
		return nil
	}
	switch fn {
	case query.CountDistinct:
		if t.seen == nil {
			t.seen = map[string]struct{}{}
		}
		t.seen[string(appendValue(nil, v))] = struct{}{}
		t.count = int64(len(t.seen))
	case query.Sum:
		d, ok := v.(decimal.Decimal)
		if n, whole := v.(int64); whole {
			d, ok = decimal.NewFromInt(n), true
		}
		if !ok {
			return fault.New(fault.Invalid, "values of type %T have no sum", v)
		}
		if sum, ok := t.value.(decimal.Decimal); ok {
			d = sum.Add(d)
		}
		t.value = d
	case query.Min:
		if t.value == nil || query.CompareValues(v, t.value) < 0 {
			t.value = v
		}
	case query.Max:
		if t.value == nil || query.CompareValues(v, t.value) > 0 {
			t.value = v
		}
	default:
		return fault.New(fault.Invalid, "unknown function %d of a measure", fn)
	}
	return nil
}

func (t *tally) result(fn query.Fn) any {
	if fn == query.Count || fn == query.CountDistinct {
		return t.count
	}
	return t.value
}
