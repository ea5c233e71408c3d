package analytics

import (
	"github.com/shopspring/decimal"
)

// places is the number of decimal places of a ratio.
const places = 12

// sum returns a sum as it comes from an aggregation, where null is a sum over nothing.
func sum(v any) decimal.Decimal {
	d, _ := v.(decimal.Decimal)
	return d
}

// ratio returns total over n, null when n is 0.
func ratio(total decimal.Decimal, n int64) decimal.NullDecimal {
	if n == 0 {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(total.DivRound(decimal.NewFromInt(n), places))
}

// histogram is how often each value occurs, in ascending order of the values.
type histogram []bar

type bar struct{ value, n int64 }

// at returns the i-th smallest value, from 0.
func (h histogram) at(i int64) int64 {
	for _, b := range h {
		if i < b.n {
			return b.value
		}
		i -= b.n
	}
	return 0
}

// days sums up a histogram of days. The median of an even number is the mean of the
// two in the middle.
func (h histogram) days() Days {
	var d Days
	total := int64(0)
	for _, b := range h {
		if b.n == 0 {
			continue
		}
		if d.N == 0 {
			d.Min = b.value
		}
		d.Max = b.value
		d.N += b.n
		total += b.value * b.n
	}
	d.Mean = ratio(decimal.NewFromInt(total), d.N)
	if d.N > 0 {
		d.Median = ratio(decimal.NewFromInt(h.at((d.N-1)/2)+h.at(d.N/2)), 2)
	}
	return d
}
