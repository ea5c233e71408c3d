package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestTheTreeOfDepartmentsAsOfADay moves departments with people in them and asks who stood
// where on each day.
func TestTheTreeOfDepartmentsAsOfADay(t *testing.T) {
	clock := &crmtest.Clock{}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		on := func(day, hour int) *crm.Session { // by UTC
			clock.At = time.Date(2026, 5, day, hour, 0, 0, 0, time.UTC)
			return crmtest.System(t, app)
		}
		found := func(s *crm.Session, name string, parent schema.ID) schema.ID {
			return must(s.Admin.Departments.Create(ctx, &org.Department{Name: name, ParentID: parent}))(t).ID
		}
		move := func(s *crm.Session, id, to schema.ID) {
			must(s.Admin.Departments.Edit(ctx, id, func(d *org.Department) error { d.ParentID = to; return nil }))(t)
		}
		s := on(1, 3)
		top := found(s, "Company", schema.ID{})
		north, gone := found(s, "North", top), found(s, "Gone", top)
		team := found(s, "Team", north)
		brief := found(s, "Brief", north)
		require.NoError(t, s.Admin.Departments.Delete(ctx, brief, 0))
		anna := crmtest.Hire(t, app, "Anna", schema.ID{}, team)
		ben := crmtest.Hire(t, app, "Ben", schema.ID{}, gone)
		s = on(3, 3)
		south := found(s, "South", top)
		s = on(5, 3) // several moves on one day: the last counts
		move(s, team, south)
		move(s, team, schema.ID{})
		must(s.Admin.Departments.Edit(ctx, team, func(d *org.Department) error { d.Name = "Crew"; return nil }))(t)
		move(s, team, south)
		must(s.Admin.Employees.Edit(ctx, ben, func(e *org.Employee) error {
			e.DepartmentID, e.FurtherDepartments = team, []schema.ID{north}
			return nil
		}))(t)
		s = on(6, 17) // where the company is, the 7th
		move(s, team, top)
		require.NoError(t, s.Admin.Departments.Delete(ctx, gone, 0))

		at := func(day int) *org.Directory {
			return must(on(20, 3).Admin.DirectoryAt(ctx, schema.NewDate(2026, 5, day)))(t)
		}
		for day, want := range map[int][2][]schema.ID{
			0: {nil, nil},
			1: {{anna, team, north, top}, {ben, gone, top}},
			4: {{anna, team, north, top}, {ben, gone, top}},
			5: {{anna, team, south, top}, {ben, team, south, top, north}},
			6: {{anna, team, south, top}, {ben, team, south, top, north}},
			7: {{anna, team, top}, {ben, team, top, north}},
			9: {{anna, team, top}, {ben, team, top, north}},
		} {
			d := at(day)
			require.Equal(t, want[0], d.Principals(anna), "Anna on day %d", day)
			require.Equal(t, want[1], d.Principals(ben), "Ben on day %d", day)
			require.Equal(t, day >= 3, d.Department(south) != nil, "South on day %d", day)
			require.Equal(t, day >= 1 && day < 7, d.Department(gone) != nil, "what was deleted, on day %d", day)
			require.Nil(t, d.Department(brief), "it outlived no day")
		}
		require.Equal(t, "Crew", at(4).Department(team).Name, "names are those of now")
		require.Empty(t, at(4).Department(gone).Name, "and of what is gone there are none")
		require.ElementsMatch(t, []schema.ID{top, north, gone, team}, at(2).DepartmentsBelow(top))
		require.ElementsMatch(t, []schema.ID{south, team}, at(6).DepartmentsBelow(south))

		// The clock was wrong: what began later is replaced.
		move(on(4, 3), team, schema.ID{})
		require.Equal(t, []schema.ID{anna, team, north, top}, at(3).Principals(anna))
		for _, day := range []int{4, 5, 7, 9} {
			require.Equal(t, []schema.ID{anna, team}, at(day).Principals(anna), "day %d", day)
		}
		requireSound(t, app)
	}, crm.WithClock(clock.Now), crm.WithLocation(shanghai))
}

// TestWhoIsGoneStoodWhereTheyStood deletes a manager below whom people stood before.
func TestWhoIsGoneStoodWhereTheyStood(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		on := func(day int) *crm.Session {
			clock.At = time.Date(2026, 5, day, 12, 0, 0, 0, time.UTC)
			return crmtest.System(t, app)
		}
		on(1)
		boss := crmtest.Hire(t, app, "Boss", schema.ID{}, schema.ID{})
		middle := crmtest.Hire(t, app, "Middle", boss, schema.ID{})
		agent := crmtest.Hire(t, app, "Agent", middle, schema.ID{})
		must(on(4).Admin.Employees.Edit(ctx, agent, func(e *org.Employee) error { e.ManagerID = boss; return nil }))(t)
		require.NoError(t, on(6).Admin.Employees.Delete(ctx, middle, 0))
		brief := crmtest.Hire(t, app, "Brief", boss, schema.ID{})
		require.NoError(t, on(6).Admin.Employees.Delete(ctx, brief, 0))
		at := func(day int) *org.Directory {
			return must(on(9).Admin.DirectoryAt(ctx, schema.NewDate(2026, 5, day)))(t)
		}
		require.Equal(t, []schema.ID{agent, middle, boss}, at(3).Chain(agent))
		require.Equal(t, []schema.ID{agent, boss}, at(4).Chain(agent))
		require.Equal(t, []schema.ID{middle, boss}, at(5).Chain(middle))
		require.Equal(t, 3, at(5).Size())
		require.Empty(t, at(5).Employee(middle).Name)
		for _, day := range []int{6, 9} {
			require.Nil(t, at(day).Employee(middle))
			require.Nil(t, at(day).Employee(brief))
			require.Equal(t, 2, at(day).Size())
		}
		requireSound(t, app)
	}, crm.WithClock(clock.Now))
}
