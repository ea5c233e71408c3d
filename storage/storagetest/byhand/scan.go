package byhand

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// A hand-written program scans into its fields themselves, under types that know how
// either database returns them. A pointer to a field is converted and not allocated:
// (*Time)(&c.CreatedAt).

// ID scans an id.
type ID schema.ID

// Time scans a time.
type Time time.Time

// Money scans a decimal that is never null.
type Money decimal.Decimal

// Amount scans a decimal.
type Amount decimal.NullDecimal

// Scan implements sql.Scanner.
func (id *ID) Scan(src any) error {
	text, _ := src.(string)
	parsed, err := schema.ParseID(text)
	*id = ID(parsed)
	return err
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*t = Time(time.UnixMicro(v).UTC())
	case time.Time:
		*t = Time(v.UTC())
	default:
		return fmt.Errorf("%T is no time", src)
	}
	return nil
}

// Scan implements sql.Scanner.
func (m *Money) Scan(src any) error {
	d, err := money(src)
	*m = Money(d)
	return err
}

// Scan implements sql.Scanner.
func (a *Amount) Scan(src any) error {
	*a = Amount{}
	if src == nil {
		return nil
	}
	d, err := money(src)
	*a = Amount(decimal.NewNullDecimal(d))
	return err
}

func money(src any) (decimal.Decimal, error) {
	switch v := src.(type) {
	case int64:
		return decimal.New(v, -schema.DefaultScale), nil
	case string:
		return decimal.NewFromString(v)
	}
	return decimal.Decimal{}, fmt.Errorf("%T is no amount", src)
}
