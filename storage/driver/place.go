package driver

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// Set puts a driver value into a place of a Reader: an *any takes every value, and a
// pointer to the Go type of a column's values, or to a decimal.NullDecimal, takes those
// of that column, with its zero value for null. It fails for a value of another type.
func Set(place, value any) error {
	ok := true
	switch p := place.(type) {
	case *any:
		*p = value
	case *bool:
		*p, ok = as[bool](value)
	case *int64:
		*p, ok = as[int64](value)
	case *float64:
		*p, ok = as[float64](value)
	case *string:
		*p, ok = as[string](value)
	case *[]byte:
		*p, ok = as[[]byte](value)
	case *time.Time:
		*p, ok = as[time.Time](value)
	case *schema.Date:
		*p, ok = as[schema.Date](value)
	case *schema.JSON:
		*p, ok = as[schema.JSON](value)
	case *schema.ID:
		*p, ok = as[schema.ID](value)
	case *decimal.Decimal:
		*p, ok = as[decimal.Decimal](value)
	case *decimal.NullDecimal:
		p.Decimal, ok = as[decimal.Decimal](value)
		p.Valid = ok && value != nil
	default:
		return fmt.Errorf("driver: %T is no place", place)
	}
	if !ok {
		return fmt.Errorf("driver: a %T does not fit a place of type %T", value, place)
	}
	return nil
}

// as returns a value as its type, and the zero value for null.
func as[T any](value any) (T, bool) {
	v, ok := value.(T)
	return v, ok || value == nil
}

// Get returns the driver value that a place holds. An id, date or time that is zero is
// null, as in a record; a place of any other type but *any and *decimal.NullDecimal does
// not tell null from zero.
func Get(place any) any {
	switch p := place.(type) {
	case *any:
		return *p
	case *bool:
		return *p
	case *int64:
		return *p
	case *float64:
		return *p
	case *string:
		return *p
	case *[]byte:
		return *p
	case *schema.JSON:
		return *p
	case *decimal.Decimal:
		return *p
	case *time.Time:
		return unlessZero(*p, p.IsZero())
	case *schema.Date:
		return unlessZero(*p, p.IsZero())
	case *schema.ID:
		return unlessZero(*p, p.IsZero())
	case *decimal.NullDecimal:
		return unlessZero(p.Decimal, !p.Valid)
	}
	return nil
}

func unlessZero(v any, zero bool) any {
	if zero {
		return nil
	}
	return v
}
