package schema

import (
	"time"

	"github.com/kehucrm/kehu/storage/fault"
)

// Date is a civil date without zone or time of day, from 0001-01-01 to
// 9999-12-31. The zero Date is no date and is stored as null; it is smaller
// than every other. Dates are comparable with == and order with Compare.
type Date struct {
	n int32 // days since 0000-12-31, so that 0001-01-01 is 1 and the zero value is no date
}

// maxDate is 9999-12-31.
const maxDate = 3652059

// unixEpoch is the n of 1970-01-01.
const unixEpoch = 719163

// NewDate returns the date of a year, month and day, which are normalised as
// time.Date does: 2026-02-30 is 2026-03-02. A result outside the range of Date
// is the zero Date.
func NewDate(year int, month time.Month, day int) Date {
	return DateFromDays(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// DateOf returns the date that t shows on the clock of its own location. The
// zero time, and a time outside the range of Date, give the zero Date.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return NewDate(t.Date())
}

// DateFromDays returns the date that lies days after 1970-01-01, the zero Date
// where that is out of range. It is the inverse of Days.
func DateFromDays(days int64) Date {
	if days < 1-unixEpoch || days > maxDate-unixEpoch {
		return Date{}
	}
	return Date{int32(days + unixEpoch)}
}

// ParseDate reads the form 2006-01-02. Empty text is the zero Date; anything
// else is refused with Invalid.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fault.New(fault.Invalid, "a date has the form 2006-01-02")
	}
	return NewDate(t.Date()), nil
}

// Days returns the number of days since 1970-01-01. It must not be asked of the
// zero Date.
func (d Date) Days() int64 { return int64(d.n) - unixEpoch }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d.n == 0 }

// Compare returns -1, 0 or 1 as d is before, the same as or after other.
func (d Date) Compare(other Date) int {
	switch {
	case d.n < other.n:
		return -1
	case d.n > other.n:
		return 1
	}
	return 0
}

// Before reports whether d is before other.
func (d Date) Before(other Date) bool { return d.n < other.n }

// After reports whether d is after other.
func (d Date) After(other Date) bool { return d.n > other.n }

// AddDays returns the date n days later; the zero Date stays zero, and a result
// out of range is zero.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return d
	}
	return DateFromDays(d.Days() + int64(n))
}

// Sub returns the number of days from other to d.
func (d Date) Sub(other Date) int { return int(d.n - other.n) }

// Time returns the first instant of d in loc: midnight, the first of two where the
// clocks were put back over it, and the end of the gap where they were put forward
// over it. The zero Date gives the zero time.
func (d Date) Time(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	y, m, day := time.Unix(d.Days()*86400, 0).UTC().Date()
	t := time.Date(y, m, day, 0, 0, 0, 0, loc)
	start, end := t.ZoneBounds()
	if DateOf(t).Before(d) && !end.IsZero() {
		return end // the gap swallowed midnight
	}
	if !start.IsZero() && DateOf(start.Add(-time.Nanosecond).In(loc)) == d {
		_, offset := start.Add(-time.Nanosecond).In(loc).Zone()
		return time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Add(-time.Duration(offset) * time.Second).In(loc)
	}
	return t
}

// Date returns year, month and day, as time.Time.Date does.
func (d Date) Date() (year int, month time.Month, day int) { return d.Time(time.UTC).Date() }

// String returns the form 2006-01-02, and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Time(time.UTC).Format(time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler with the form of String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; it reads what ParseDate reads.
func (d *Date) UnmarshalText(b []byte) error {
	parsed, err := ParseDate(string(b))
	if err == nil {
		*d = parsed
	}
	return err
}
