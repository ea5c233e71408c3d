package schema_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones of the test must not depend on the machine

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

var (
	firstDate = schema.NewDate(1, time.January, 1)
	lastDate  = schema.NewDate(9999, time.December, 31)
)

// anyDate draws every date there is, the ends and leap days often.
var anyDate = rapid.OneOf(
	rapid.Map(rapid.Int64Range(firstDate.Days(), lastDate.Days()), schema.DateFromDays),
	rapid.Map(rapid.IntRange(1, 9999), func(year int) schema.Date { return schema.NewDate(year, time.February, 29) }),
	rapid.SampledFrom([]schema.Date{firstDate, lastDate, schema.NewDate(1970, time.January, 1)}),
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func TestDateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate.Draw(t, "date")
		require.False(t, d.IsZero())
		parsed, err := schema.ParseDate(d.String())
		require.NoError(t, err)
		require.Equal(t, d, parsed)
		require.Len(t, d.String(), 10)
		require.Equal(t, d, schema.NewDate(d.Date()))
		require.Equal(t, d, schema.DateFromDays(d.Days()))
		if d != firstDate { // whose midnight in UTC is the zero time
			require.Equal(t, d, schema.DateOf(d.Time(time.UTC)))
		}
		raw, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Date
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, d, back)
	})
}

func TestDateOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate.Draw(t, "a"), anyDate.Draw(t, "b")
		want := a.Time(time.UTC).Compare(b.Time(time.UTC))
		require.Equal(t, want, a.Compare(b))
		require.Equal(t, want, strings.Compare(a.String(), b.String()), "the text has the same order")
		require.Equal(t, want < 0, a.Before(b))
		require.Equal(t, want > 0, a.After(b))
		require.Equal(t, b, a.AddDays(b.Sub(a)))
		require.Equal(t, a.Time(time.UTC).AddDate(0, 0, b.Sub(a)), b.Time(time.UTC))
		require.Equal(t, -1, schema.Date{}.Compare(a), "no date is smaller than every date")
	})
}

func TestZeroDate(t *testing.T) {
	var zero schema.Date
	require.True(t, zero.IsZero())
	require.Empty(t, zero.String())
	require.True(t, zero.Time(time.Local).IsZero()) //nolint:gosmopolitan // any zone
	require.Equal(t, zero, zero.AddDays(1))
	require.Equal(t, zero, schema.DateOf(time.Time{}))
	require.Equal(t, zero, schema.DateOf(time.Time{}.In(zone(t, "Asia/Shanghai"))))
	parsed, err := schema.ParseDate("")
	require.NoError(t, err)
	require.Equal(t, zero, parsed)
}

func TestDatesOutOfRange(t *testing.T) {
	for _, d := range []schema.Date{
		firstDate.AddDays(-1), lastDate.AddDays(1), firstDate.AddDays(math.MinInt), lastDate.AddDays(math.MaxInt),
		schema.NewDate(0, time.December, 31), schema.NewDate(10000, time.January, 1), schema.NewDate(-1, time.January, 1),
		schema.DateFromDays(math.MaxInt64), schema.DateFromDays(math.MinInt64), schema.DateFromDays(math.MaxInt32), schema.DateFromDays(math.MinInt32),
		schema.DateOf(time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)), schema.DateOf(time.Unix(math.MaxInt64, 0)),
	} {
		require.Equal(t, schema.Date{}, d, d.String())
	}
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.Int().Filter(func(y int) bool { return y < 1 || y > 9999 }).Draw(t, "year")
		require.Equal(t, schema.Date{}, schema.NewDate(year, time.June, 15))
	})
}

func TestNewDateNormalises(t *testing.T) {
	require.Equal(t, "2026-03-02", schema.NewDate(2026, time.February, 30).String())
	require.Equal(t, "2024-02-29", schema.NewDate(2024, time.February, 29).String())
	require.Equal(t, "1900-03-01", schema.NewDate(1900, time.February, 29).String())
	require.Equal(t, "2000-02-29", schema.NewDate(2000, time.February, 29).String())
	require.Equal(t, "2027-01-31", schema.NewDate(2026, 13, 31).String())
}

func TestDateOfZones(t *testing.T) {
	at := time.Date(2026, time.June, 30, 18, 30, 0, 0, time.UTC)
	require.Equal(t, "2026-07-01", schema.DateOf(at.In(zone(t, "Asia/Shanghai"))).String())
	require.Equal(t, "2026-06-30", schema.DateOf(at.In(zone(t, "America/New_York"))).String())
	require.Equal(t, "2026-07-01", schema.DateOf(at.In(zone(t, "Pacific/Kiritimati"))).String())
}

// TestMidnights shows that a date survives being turned into an instant of a
// zone, also where clocks are put forward at midnight: else the buckets of a
// report would begin a day early.
func TestMidnights(t *testing.T) {
	for _, c := range []struct{ zone, date string }{
		{"America/Sao_Paulo", "2018-11-04"},
		{"Asia/Beirut", "2024-03-31"},
		{"Africa/Cairo", "2024-04-26"},
		{"America/Havana", "2024-03-10"},
		{"America/Havana", "2024-11-03"},
		{"Asia/Amman", "2021-10-29"},
		{"America/Scoresbysund", "1981-03-29"},
		{"Asia/Shanghai", "1940-06-01"},
		{"Asia/Shanghai", "2026-07-01"},
		{"Europe/Berlin", "2026-03-29"},
	} {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			d, err := schema.ParseDate(c.date)
			require.NoError(t, err)
			begin := d.Time(zone(t, c.zone))
			require.Equal(t, d.String(), schema.DateOf(begin).String())
			require.Equal(t, d.AddDays(-1).String(), schema.DateOf(begin.Add(-time.Nanosecond)).String(), "the instant before is of the day before")
		})
	}
}

func TestDateSurvivesZones(t *testing.T) {
	zones := []*time.Location{zone(t, "Asia/Shanghai"), zone(t, "Europe/Berlin"), zone(t, "America/New_York"), time.UTC}
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.Custom(func(t *rapid.T) schema.Date {
			return schema.NewDate(rapid.IntRange(1990, 2100).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"))
		}).Draw(t, "date")
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		require.Equal(t, d, schema.DateOf(d.Time(loc)))
	})
}

func TestParseDateRefuses(t *testing.T) {
	for _, s := range []string{
		"0000-01-01", "10000-01-01", "-001-01-01", "2026-02-30", "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "20260101",
		"2026-01-01T00:00:00Z", " 2026-01-01", "2026/01/01", "today", "\x00",
	} {
		_, err := schema.ParseDate(s)
		require.ErrorIs(t, err, fault.ErrInvalid, "%q", s)
		d := lastDate
		require.ErrorIs(t, d.UnmarshalText([]byte(s)), fault.ErrInvalid)
		require.Equal(t, lastDate, d, "unchanged")
	}
}
