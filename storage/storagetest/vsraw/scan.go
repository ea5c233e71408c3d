package vsraw

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// What a hand-written program scans into: the fields themselves, under types that
// know how either database returns them. A pointer to a field is converted and not
// allocated.
type (
	scanID     schema.ID
	scanTime   time.Time
	scanMoney  decimal.Decimal
	scanAmount decimal.NullDecimal
)

// Scan implements sql.Scanner.
func (id *scanID) Scan(src any) error {
	text, _ := src.(string)
	parsed, err := schema.ParseID(text)
	*id = scanID(parsed)
	return err
}

// Scan implements sql.Scanner.
func (t *scanTime) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*t = scanTime(time.UnixMicro(v).UTC())
	case time.Time:
		*t = scanTime(v.UTC())
	default:
		return fmt.Errorf("%T is no time", src)
	}
	return nil
}

// Scan implements sql.Scanner.
func (m *scanMoney) Scan(src any) error {
	d, err := money(src)
	*m = scanMoney(d)
	return err
}

// Scan implements sql.Scanner.
func (a *scanAmount) Scan(src any) error {
	*a = scanAmount{}
	if src == nil {
		return nil
	}
	d, err := money(src)
	*a = scanAmount(decimal.NewNullDecimal(d))
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
