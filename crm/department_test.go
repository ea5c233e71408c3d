package crm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// branches is a company of two branches, north and south, with a team below north.
type branches struct {
	app                     *crm.App
	sys                     *crm.Session
	top, north, south, team schema.ID
	stranger                schema.ID // owns the customers, stands nowhere
}

func newBranches(t *testing.T, app *crm.App) branches {
	t.Helper()
	b := branches{app: app, sys: crmtest.System(t, app)}
	b.top = b.department(t, "Company", schema.ID{})
	b.north, b.south = b.department(t, "North", b.top), b.department(t, "South", b.top)
	b.team = b.department(t, "Team", b.north)
	b.stranger = crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{})
	return b
}

func (b branches) department(t *testing.T, name string, parent schema.ID) schema.ID {
	t.Helper()
	return must(b.sys.Admin.Departments.Create(t.Context(), &org.Department{Name: name, ParentID: parent}))(t).ID
}

func (b branches) move(t *testing.T, department, to schema.ID) error {
	t.Helper()
	_, err := crmtest.System(t, b.app).Admin.Departments.Edit(t.Context(), department, func(d *org.Department) error { d.ParentID = to; return nil })
	return err
}

// role returns a role that may read customers, as far as a range.
func (b branches) role(t *testing.T, reach org.Range) schema.ID {
	t.Helper()
	return must(b.sys.Admin.Roles.Create(t.Context(), &org.Role{Name: unique(), Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read}, Range: reach}}}))(t).ID
}

func (b branches) hire(t *testing.T, e org.Employee) schema.ID {
	t.Helper()
	e.Name = "Somebody"
	return must(b.sys.Admin.Employees.Create(t.Context(), &e))(t).ID
}

// customer stores a customer of the stranger's in a department.
func (b branches) customer(t *testing.T, department schema.ID) schema.ID {
	t.Helper()
	return must(b.sys.Customers.Create(t.Context(), &customer.Customer{Name: "c", Owned: record.Owned{OwnerID: b.stranger, DepartmentID: department}}))(t).ID
}

// reach requires how somebody may read a customer, in every way of asking; empty is that
// they may not.
func (b branches) reach(t *testing.T, person, c schema.ID, how string) {
	t.Helper()
	ctx, s := t.Context(), crmtest.As(t, b.app, person)
	page := must(s.Customers.Find(ctx, query.Select{Where: query.Eq("id", c)}))(t)
	require.EqualValues(t, len(page.Items), must(s.Customers.Count(ctx, query.Eq("id", c)))(t))
	_, err := s.Customers.Get(ctx, c)
	if how == "" {
		require.Empty(t, page.Items)
		require.ErrorIs(t, err, storage.ErrNotFound)
		return
	}
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	var ways []string
	for _, link := range must(s.Why(ctx, org.Read, record.Ref{Kind: "customer", ID: c}))(t).Access {
		ways = append(ways, link.How)
	}
	require.Equal(t, []string{how}, ways)
}

// TestADepartmentMovesWithAllThatFollowsIt moves a team from one branch to the other, with
// those who stand in it and the records that belong to it.
func TestADepartmentMovesWithAllThatFollowsIt(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, b := t.Context(), newBranches(t, app)
		sys, plain := b.sys, b.role(t, org.OwnRange)
		has := func(department, role schema.ID) schema.ID {
			return b.hire(t, org.Employee{DepartmentID: department, Roles: []schema.ID{role}})
		}
		below := b.role(t, org.BelowRange)
		northern, southern := has(b.north, below), has(b.south, below)
		alone := has(b.north, b.role(t, org.DepartmentRange))
		member := has(b.team, plain)
		theirs, other := b.customer(t, b.team), b.customer(t, b.top)
		ruledNorth, ruledSouth := has(schema.ID{}, plain), has(schema.ID{}, plain)
		rule := func(from, to schema.ID, where schema.JSON) {
			must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: org.ReadAccess, From: []schema.ID{from}, To: []schema.ID{to}, Where: where}))(t)
		}
		rule(b.north, ruledNorth, nil)
		rule(b.south, ruledSouth, must(query.MarshalExpr(query.Eq("name", "c")))(t))
		toNorth, toSouth := b.customer(t, b.top), b.customer(t, b.top)
		must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: toNorth}, b.north, org.ReadAccess, noTime))(t)
		must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: toSouth}, b.south, org.ReadAccess, noTime))(t)
		ruled := b.customer(t, b.top)
		must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "to", Kind: "customer", Level: org.ReadAccess, To: []schema.ID{b.south},
			Where: must(query.MarshalExpr(query.Eq("id", ruled)))(t)}))(t)

		stands := func(inNorth bool) {
			t.Helper()
			how := func(yes bool, how string) string {
				if yes {
					return how
				}
				return ""
			}
			b.reach(t, northern, theirs, how(inNorth, "range"))
			b.reach(t, southern, theirs, how(!inNorth, "range"))
			b.reach(t, alone, theirs, "")
			b.reach(t, ruledNorth, theirs, how(inNorth, "rule"))
			b.reach(t, ruledSouth, theirs, how(!inNorth, "rule"))
			b.reach(t, member, toNorth, how(inNorth, "share"))
			b.reach(t, member, toSouth, how(!inNorth, "share"))
			b.reach(t, member, ruled, how(!inNorth, "rule"))
			b.reach(t, member, other, "")
		}
		stands(true)
		require.NoError(t, b.move(t, b.team, b.south))
		stands(false)
		require.NoError(t, b.move(t, b.team, b.north))
		stands(true)
		require.NoError(t, b.move(t, b.team, schema.ID{}))
		b.reach(t, northern, theirs, "")
		b.reach(t, southern, theirs, "")
		requireSound(t, app)
	})
}

// TestDepartmentsCloseNoCircle tries each way of moving a department below itself.
func TestDepartmentsCloseNoCircle(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBranches(t, app)
		refused := func(err error) {
			t.Helper()
			e := requireCode(t, err, storage.Invalid)
			require.Equal(t, []string{"parent_id", "circle"}, []string{e.Fields[0].Name, e.Fields[0].Code})
		}
		refused(b.move(t, b.north, b.north))
		refused(b.move(t, b.north, b.team))
		refused(b.move(t, b.top, b.team))
		requireCode(t, b.move(t, b.north, schema.NameID("nothing")), storage.Referenced)
		page := func(ids []schema.ID, to ...schema.ID) error {
			_, err := crmtest.System(t, app).Admin.Departments.EditMany(t.Context(), org.Update, "", ids, func(i int, d *org.Department) error { d.ParentID = to[i]; return nil })
			return err
		}
		refused(page([]schema.ID{b.north, b.south}, b.south, b.north))
		refused(page([]schema.ID{b.team, b.north, b.south}, b.south, b.team, b.north))
		require.Equal(t, b.top, must(b.sys.Admin.Departments.Get(t.Context(), b.south))(t).ParentID, "nothing of a refused page is done")
		require.NoError(t, page([]schema.ID{b.north, b.team}, b.team, b.top), "they change places")
		refused(second(b.sys.Admin.Departments.CreateMany(t.Context(), "", &org.Department{Meta: record.Meta{ID: schema.NameID("x")}, Name: "x", ParentID: schema.NameID("y")},
			&org.Department{Meta: record.Meta{ID: schema.NameID("y")}, Name: "y", ParentID: schema.NameID("x")})))

		pair := [2]schema.ID{b.north, b.south}
		requireOneRefused(t, together(2, func(i int) error {
			s, err := app.System("moves")
			if err == nil {
				_, err = s.Admin.Departments.Edit(t.Context(), pair[i], func(d *org.Department) error { d.ParentID = pair[1-i]; return nil })
			}
			return err
		}), "parent_id")
		requireSound(t, app)
	})
}

// TestSomebodyInTwoDepartments has the ranges and the shares of both.
func TestSomebodyInTwoDepartments(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, b := t.Context(), newBranches(t, app)
		sys := b.sys
		west := b.department(t, "West", b.top)
		in := func(reach org.Range) schema.ID {
			return b.hire(t, org.Employee{DepartmentID: west, FurtherDepartments: []schema.ID{b.north}, Roles: []schema.ID{b.role(t, reach)}})
		}
		narrow, wide, plain := in(org.DepartmentRange), in(org.BelowRange), in(org.OwnRange)
		further := b.hire(t, org.Employee{FurtherDepartments: []schema.ID{b.north, b.south}, Roles: []schema.ID{b.role(t, org.BelowRange)}})
		for department, c := range map[schema.ID]struct{ narrow, wide, further string }{
			west: {"range", "range", ""}, b.north: {"range", "range", "range"}, b.team: {"", "range", "range"}, b.south: {"", "", "range"}, b.top: {},
		} {
			id := b.customer(t, department)
			b.reach(t, narrow, id, c.narrow)
			b.reach(t, wide, id, c.wide)
			b.reach(t, further, id, c.further)
			b.reach(t, plain, id, "")
		}
		for principal, how := range map[schema.ID]string{b.north: "share", west: "share", b.top: "share", b.south: "", b.team: ""} {
			id := b.customer(t, schema.ID{})
			must(sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: id}, principal, org.ReadAccess, noTime))(t)
			b.reach(t, plain, id, how)
		}
		ruled := b.customer(t, schema.ID{})
		must(sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "r", Kind: "customer", Level: org.ReadAccess, To: []schema.ID{b.north}, Where: must(query.MarshalExpr(query.Eq("id", ruled)))(t)}))(t)
		b.reach(t, plain, ruled, "rule")

		writer := b.hire(t, org.Employee{DepartmentID: west, FurtherDepartments: []schema.ID{b.north}})
		made := must(crmtest.As(t, app, writer).Customers.Create(ctx, &customer.Customer{Name: "n"}))(t)
		require.Equal(t, west, made.DepartmentID, "one department is responsible")
		requireSound(t, app)
	})
}

// TestFurtherDepartmentsAreDepartments refuses what is none, and deleting one in which
// somebody stands.
func TestFurtherDepartmentsAreDepartments(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, b := t.Context(), newBranches(t, app)
		foreign := newBranches(t, app.Tenant("other"))
		for name, bad := range map[string][]schema.ID{"their own": {b.south}, "twice": {b.north, b.north}, "none": {{}}, "nothing": {schema.NameID("nothing")},
			"a person": {b.stranger}, "another tenant's": {foreign.north}} {
			_, err := b.sys.Admin.Employees.Create(ctx, &org.Employee{Name: "n", DepartmentID: b.south, FurtherDepartments: bad})
			require.Equal(t, "further_departments", requireCode(t, err, storage.Invalid).Fields[0].Name, name)
		}
		// Both ways of standing in a department keep it.
		main := b.hire(t, org.Employee{DepartmentID: b.south})
		further := b.hire(t, org.Employee{DepartmentID: b.top, FurtherDepartments: []schema.ID{b.team}})
		requireCode(t, b.sys.Admin.Departments.Delete(ctx, b.south, 0), storage.Referenced)
		requireCode(t, b.sys.Admin.Departments.Delete(ctx, b.team, 0), storage.Referenced)
		requireCode(t, b.sys.Admin.Departments.DeleteMany(ctx, b.team, b.north), storage.Referenced)
		leave := func(id schema.ID, change func(*org.Employee)) {
			must(b.sys.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { change(e); return nil }))(t)
		}
		leave(main, func(e *org.Employee) { e.DepartmentID = b.top })
		leave(further, func(e *org.Employee) { e.FurtherDepartments = nil })
		require.NoError(t, b.sys.Admin.Departments.Delete(ctx, b.south, 0))

		// One goes in while the department is deleted: one of the two is refused.
		errs := together(2, func(i int) error {
			s, err := app.System("at once")
			switch {
			case err != nil:
			case i == 0:
				err = s.Admin.Departments.Delete(ctx, b.team, 0)
			default:
				_, err = s.Admin.Employees.Edit(ctx, further, func(e *org.Employee) error { e.FurtherDepartments = []schema.ID{b.team}; return nil })
			}
			return err
		})
		require.Equal(t, 1, succeeded(errs), "%v", errs)
		requireSound(t, app)
	})
}

// TestARuleToARoleWithinADepartment reaches whoever has the role there, now and later.
func TestARuleToARoleWithinADepartment(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, b := t.Context(), newBranches(t, app)
		assistant, other := b.role(t, org.OwnRange), b.role(t, org.OwnRange)
		c := b.customer(t, b.north)
		rule := must(b.sys.Admin.Rules.Create(ctx, &org.SharingRule{Name: "Orders", Kind: "customer", Level: org.ReadAccess, From: []schema.ID{b.north},
			To: []schema.ID{assistant}, Within: []schema.ID{b.north}}))(t)
		for name, x := range map[string]struct {
			e   org.Employee
			how string
		}{
			"in it":                {org.Employee{DepartmentID: b.north, Roles: []schema.ID{assistant}}, "rule"},
			"below it":             {org.Employee{DepartmentID: b.team, Roles: []schema.ID{other, assistant}}, "rule"},
			"in it too":            {org.Employee{DepartmentID: b.south, FurtherDepartments: []schema.ID{b.team}, Roles: []schema.ID{assistant}}, "rule"},
			"elsewhere":            {org.Employee{DepartmentID: b.south, Roles: []schema.ID{assistant}}, ""},
			"above it":             {org.Employee{DepartmentID: b.top, Roles: []schema.ID{assistant}}, ""},
			"nowhere":              {org.Employee{Roles: []schema.ID{assistant}}, ""},
			"with another role":    {org.Employee{DepartmentID: b.north, Roles: []schema.ID{other}}, ""},
			"with no role, in one": {org.Employee{DepartmentID: b.north}, ""},
		} {
			t.Run(name, func(t *testing.T) { b.reach(t, b.hire(t, x.e), c, x.how) })
		}

		last := b.hire(t, org.Employee{DepartmentID: b.north, Roles: []schema.ID{assistant}})
		change := func(id schema.ID, change func(*org.Employee)) {
			must(b.sys.Admin.Employees.Edit(ctx, id, func(e *org.Employee) error { change(e); return nil }))(t)
		}
		change(last, func(e *org.Employee) { e.DepartmentID = b.south })
		b.reach(t, last, c, "")
		b.reach(t, b.hire(t, org.Employee{DepartmentID: b.north, Roles: []schema.ID{assistant}}), c, "rule")
		change(last, func(e *org.Employee) { e.FurtherDepartments = []schema.ID{b.north} })
		b.reach(t, last, c, "rule")

		for name, bad := range map[string]schema.ID{"a role": assistant, "a person": last, "nothing": schema.NameID("nothing")} {
			_, err := b.sys.Admin.Rules.Edit(ctx, rule.ID, func(r *org.SharingRule) error { r.Within = []schema.ID{bad}; return nil })
			require.Equal(t, "within", requireCode(t, err, storage.Invalid).Fields[0].Name, name)
		}

		// A department that is gone holds nobody; the rule can still be changed.
		gone := b.department(t, "Gone", b.top)
		must(b.sys.Admin.Rules.Edit(ctx, rule.ID, func(r *org.SharingRule) error { r.Within = []schema.ID{gone}; return nil }))(t)
		require.NoError(t, b.sys.Admin.Departments.Delete(ctx, gone, 0))
		b.reach(t, last, c, "")
		must(crmtest.System(t, app).Admin.Rules.Edit(ctx, rule.ID, func(r *org.SharingRule) error { r.Disabled = true; return nil }))(t)
	})
}
