package settings_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func kind(t *testing.T, name string) *schema.Kind {
	t.Helper()
	r, err := schema.NewRegistry(crm.Kinds())
	require.NoError(t, err)
	return r.Kind(name)
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	require.NoError(t, err)
	return l
}

// wednesday is the moment of these tests: in the last week of the last quarter but one
// month.
func wednesday() settings.Moment {
	return settings.Moment{Me: schema.NameID("me"), MyDepartment: schema.NameID("department"), Today: schema.NewDate(2026, time.November, 25)}
}

func TestRelativeDays(t *testing.T) {
	k := kind(t, "opportunity")
	for text, want := range map[string]string{
		"@today": "2026-11-25", "@today+7": "2026-12-02", "@today-25": "2026-10-31", "@today+0": "2026-11-25",
		"@week": "2026-11-23", "@week-1": "2026-11-16", "@week+6": "2027-01-04",
		"@month": "2026-11-01", "@month-1": "2026-10-01", "@month-11": "2025-12-01", "@month+1": "2026-12-01", "@month+14": "2028-01-01",
		"@quarter": "2026-10-01", "@quarter-4": "2025-10-01", "@quarter+1": "2027-01-01",
		"@year": "2026-01-01", "@year+1": "2027-01-01", "@year-2026": "", "@year+7974": "", "@today-10000": "1999-07-10",
		"@tomorrow": "", "@today+": "", "@today+1.5": "", "@today++1": "", "@today+10001": "", "@today-10001": "", "@today+99999999999999999999": "",
		"@": "", "@me+1": "", "@Today": "", "@to day": "", "@ｔoday": "",
	} {
		e, err := wednesday().Resolve(k, query.Ge("closed_on", text))
		if want == "" {
			require.ErrorIs(t, err, storage.ErrInvalid, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, query.Ge("closed_on", must(schema.ParseDate(want))(t)), e, text)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

func TestWeeksBeginWhereTheCompanySays(t *testing.T) {
	k := kind(t, "opportunity")
	monday := schema.NewDate(2026, time.November, 23)
	for start := range 7 {
		for off := range 14 {
			at := wednesday()
			at.Today, at.WeekStart = monday.AddDays(off), start
			e, err := at.Resolve(k, query.Eq("closed_on", "@week"))
			require.NoError(t, err)
			first := e.(query.Cmp).Value.(schema.Date)
			require.Equal(t, start, (first.Sub(monday)+70)%7, "begins on that day")
			require.False(t, first.After(at.Today))
			require.Less(t, at.Today.Sub(first), 7, "holds today")
		}
	}
	early := wednesday()
	early.Today = schema.NewDate(1969, time.December, 31) // a Wednesday, too
	e, err := early.Resolve(k, query.Eq("closed_on", "@week"))
	require.NoError(t, err)
	require.Equal(t, query.Eq("closed_on", schema.NewDate(1969, time.December, 29)), e)
}

// TestDaysBeginWhereTheCompanyIs holds that a day means its first instant, for a field of
// times: also where the clocks go over midnight.
func TestDaysBeginWhereTheCompanyIs(t *testing.T) {
	k := kind(t, "customer")
	for _, c := range []struct {
		zone, today, want string
	}{
		{"UTC", "2026-11-25", "2026-11-25T00:00:00Z"},
		{"Asia/Shanghai", "2026-11-25", "2026-11-24T16:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},     // put forward at two
		{"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"},     // the day after
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // midnight did not happen
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},    // the hour from midnight happened twice
	} {
		at := settings.Moment{Today: must(schema.ParseDate(c.today))(t), Location: zone(t, c.zone)}
		e, err := at.Resolve(k, query.Ge("created_at", "@today"))
		require.NoError(t, err)
		require.Equal(t, c.want, e.(query.Cmp).Value.(time.Time).UTC().Format(time.RFC3339), "%s %s", c.zone, c.today)
	}
	e, err := settings.Moment{Today: schema.NewDate(2026, time.November, 25)}.Resolve(k, query.Ge("created_at", "@today"))
	require.NoError(t, err)
	require.Equal(t, query.Ge("created_at", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)), e, "without a location, UTC")
}

func TestEveryValueIsResolved(t *testing.T) {
	k, at := kind(t, "customer"), wednesday()
	given := query.All(
		query.Eq("owner_id", "@me"),
		query.Any(query.In("department_id", "@my_department", "x"), query.Not{Expr: query.Eq("name", "@@home")}),
		query.Has("subsidiaries", query.Ge("created_at", "@year")),
		query.Has("no such relation", query.Eq("x", "@me")), // is refused when it is run
		query.HasText("name", "@gmail"),                     // texts that are searched for stand for themselves
		query.Eq("name", "me@home"), query.Eq("employees", 7), query.Null("email"),
	)
	want := query.All(
		query.Eq("owner_id", at.Me),
		query.Any(query.OneOf{Path: query.P("department_id"), Values: []any{at.MyDepartment, "x"}}, query.Not{Expr: query.Eq("name", "@home")}),
		query.Has("subsidiaries", query.Ge("created_at", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))),
		query.Has("no such relation", query.Eq("x", "@me")),
		query.HasText("name", "@gmail"),
		query.Eq("name", "me@home"), query.Eq("employees", 7), query.Null("email"),
	)
	before := query.String(given)
	e, err := at.Resolve(k, given)
	require.NoError(t, err)
	require.Equal(t, want, e)
	require.Equal(t, before, query.String(given), "the view keeps what it says")
	for _, deep := range []query.Expr{
		query.All(query.Any(query.Not{Expr: query.Eq("name", "@x")})), query.In("name", "a", "@x"), query.Has("subsidiaries", query.Eq("name", "@x")),
	} {
		_, err := at.Resolve(k, deep)
		require.ErrorIs(t, err, storage.ErrInvalid)
	}
	e, err = at.Resolve(k, nil)
	require.NoError(t, err)
	require.Nil(t, e)
}

// TestWhoHasNoDepartment holds that somebody without a department finds nothing by it, and
// not what belongs to no department.
func TestWhoHasNoDepartment(t *testing.T) {
	k, none := kind(t, "customer"), settings.Moment{Me: schema.NameID("me"), Today: schema.NewDate(2026, time.November, 25)}
	for _, c := range []struct{ given, want query.Expr }{
		{query.Eq("department_id", "@my_department"), query.In[any]("department_id")},
		{query.In("department_id", "@my_department"), query.In[any]("department_id")},
		{query.In("department_id", "x", "@my_department"), query.In[any]("department_id", "x")},
		{query.Not{Expr: query.Eq("department_id", "@my_department")}, query.Not{Expr: query.In[any]("department_id")}},
		{query.Eq("owner_id", "@me"), query.Eq("owner_id", none.Me)},
	} {
		e, err := none.Resolve(k, c.given)
		require.NoError(t, err)
		require.Equal(t, query.String(c.want), query.String(e))
	}
}

func TestViewsThatHoldNoQuery(t *testing.T) {
	k := kind(t, "customer")
	q, err := (&settings.View{}).Resolve(k, wednesday())
	require.NoError(t, err)
	require.Equal(t, query.Select{}, q, "no query is every record")
	deep := strings.Repeat(`{"op":"not","of":[`, 1000) + `{"op":"null","field":"name"}` + strings.Repeat(`]}`, 1000)
	for name, raw := range map[string]string{
		"list": `[]`, "number": `7`, "text": `"x"`, "cut off": `{"where":`, "two": `{} {}`, "unknown member": `{"select":1}`,
		"no condition": `{"where":[]}`, "deep": `{"where":` + deep + `}`, "as deep as JSON goes": `{"where":` + strings.Repeat("[", 100_000),
		"relative": `{"where":{"op":"eq","field":"name","value":"@x"}}`,
	} {
		_, err := (&settings.View{Query: schema.JSON(raw)}).Resolve(k, wednesday())
		require.ErrorIs(t, err, storage.ErrInvalid, name)
	}
}

func TestDefaultViewsFitTheirKinds(t *testing.T) {
	r, err := schema.NewRegistry(crm.Kinds())
	require.NoError(t, err)
	for _, part := range settings.Parts() {
		views := settings.DefaultViews(part)
		require.NotEmpty(t, views, part)
		names := map[string]bool{}
		for _, v := range views {
			for _, name := range []string{v.Label.EN, v.Label.ZH} {
				require.False(t, names[name], "%s has %q twice", part, name)
				names[name] = true
			}
			require.Regexp(t, `^[\p{Latin}:, ]+$`, v.Label.EN)
			require.Regexp(t, `^[\p{Han}（）]+$`, v.Label.ZH)
			k := r.Kind(v.Kind)
			require.NotNil(t, k, v.Label.EN)
			require.NotEmpty(t, v.Query, v.Label.EN)
			q, err := v.Resolve(k, wednesday())
			require.NoError(t, err, v.Label.EN)
			require.NotNil(t, q.Where, v.Label.EN)
			require.NotEmpty(t, q.Sort, v.Label.EN)
			_, err = query.ResolveSelect(k, q)
			require.NoError(t, err, v.Label.EN)
			require.NotEmpty(t, v.Columns, v.Label.EN)
			for _, column := range v.Columns {
				_, err := query.ResolvePath(k, column)
				require.NoError(t, err, v.Label.EN)
			}
		}
	}
	require.Empty(t, settings.DefaultViews("janitor"))
	require.Empty(t, settings.DefaultViews(""))
}
