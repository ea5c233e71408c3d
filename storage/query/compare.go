package query

import (
	"cmp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// CompareValues orders two driver values of the same type: -1, 0 or 1. Nil is
// smaller than everything, text is ordered bytewise, false is before true. It is
// the order of every sort, comparison and band. Values that have no order, or of
// different types, are equal.
func CompareValues(a, b any) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case a == nil:
			return -1
		}
		return 1
	}
	switch a := a.(type) {
	case bool:
		if b, ok := b.(bool); ok && a != b {
			if b {
				return -1
			}
			return 1
		}
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	case schema.Date:
		if b, ok := b.(schema.Date); ok {
			return a.Compare(b)
		}
	case decimal.Decimal:
		if b, ok := b.(decimal.Decimal); ok {
			return a.Cmp(b)
		}
	case schema.ID:
		if b, ok := b.(schema.ID); ok {
			return a.Compare(b)
		}
	}
	return 0
}
