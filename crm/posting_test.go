package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestTheOrganisationAsOfADay(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		on := func(day int) *crm.Session {
			clock.At = time.Date(2026, 5, day, 12, 0, 0, 0, time.UTC)
			return crmtest.System(t, app)
		}
		move := func(s *crm.Session, id schema.ID, change func(*org.Employee)) {
			_, err := s.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { change(e); return nil })
			require.NoError(t, err)
		}
		on(1)
		boss := crmtest.Hire(t, app, "Boss", schema.ID{}, schema.ID{})
		anna := crmtest.Hire(t, app, "Anna", boss, schema.ID{})
		on(3)
		late := crmtest.Hire(t, app, "Late", anna, schema.ID{})
		s := on(5)
		move(s, late, func(e *org.Employee) { e.ManagerID = boss })
		move(s, late, func(e *org.Employee) { e.Name = "Renamed" })
		move(s, late, func(e *org.Employee) { e.ManagerID = schema.ID{} })
		move(on(7), anna, func(e *org.Employee) { e.Inactive = true })

		above := func(day int, who schema.ID) []schema.ID {
			d, err := on(9).Admin.DirectoryAt(ctx, schema.NewDate(2026, 5, day))
			require.NoError(t, err)
			return d.Chain(who)
		}
		require.Empty(t, above(2, late), "not hired yet")
		require.Equal(t, []schema.ID{late, anna, boss}, above(3, late))
		require.Equal(t, []schema.ID{late, anna, boss}, above(4, late))
		require.Equal(t, []schema.ID{late}, above(5, late), "the last of one day counts")
		require.Equal(t, []schema.ID{late}, above(9, late))
		d, err := on(9).Admin.DirectoryAt(ctx, schema.NewDate(2026, 5, 6))
		require.NoError(t, err)
		require.False(t, d.Employee(anna).Inactive)

		n, err := storage.Of(s.Tenant(), org.Postings).Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})
		require.NoError(t, err)
		require.EqualValues(t, 5, n.Rows[0][0])
		require.NoError(t, on(9).Admin.Employees.Delete(ctx, late, 0))
	}, crm.WithClock(clock.Now))
}
