package crm_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestADepartmentBecomesPartOfAnother closes a branch: its customers go to another one and
// stay with their owners, also with those that have left meanwhile.
func TestADepartmentBecomesPartOfAnother(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBranches(t, app)
		role := b.role(t, org.DepartmentRange)
		norther := b.hire(t, org.Employee{DepartmentID: b.north, Roles: []schema.ID{role}})
		souther := b.hire(t, org.Employee{DepartmentID: b.south, Roles: []schema.ID{role}})
		mine, team := b.customer(t, b.north), b.customer(t, b.team)
		b.reach(t, norther, mine, "range")
		b.reach(t, souther, mine, "")

		s := crmtest.System(t, app)
		require.Equal(t, []admin.Holding{{Kind: "customer", Records: 1}}, must(s.Admin.OwnedBy(t.Context(), b.north))(t))
		require.Equal(t, []admin.Holding{{Kind: "customer", Records: 2}}, must(s.Admin.OwnedBy(t.Context(), b.stranger))(t))
		require.Empty(t, must(crmtest.As(t, app, souther).Admin.OwnedBy(t.Context(), b.north))(t), "what the actor may not read is not counted")
		_, err := s.Admin.OwnedBy(t.Context(), mine)
		requireCode(t, err, storage.Invalid)
		job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromDepartmentID: b.north, Reason: "closed"},
			&admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.south}))(t)
		line := must(s.Admin.PreviewHandover(t.Context(), job.ID))(t).Lines[0]
		require.Equal(t, []int64{1, 0}, []int64{line.Movable, int64(len(line.Blocked))})
		require.Empty(t, line.Gains, "the owner stays")
		require.Empty(t, line.Loses)
		done := must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.Equal(t, admin.HandoverDone, done.State)

		c := must(s.Customers.Get(t.Context(), mine))(t)
		require.Equal(t, record.Owned{OwnerID: b.stranger, DepartmentID: b.south}, c.Owned)
		require.Equal(t, b.team, must(s.Customers.Get(t.Context(), team))(t).DepartmentID, "the team below is not the branch")
		b.reach(t, souther, mine, "range")
		b.reach(t, norther, mine, "")
		history := must(s.Admin.OwnershipHistory(t.Context(), record.Ref{Kind: "customer", ID: mine}, query.Select{}))(t).Items
		require.Len(t, history, 1)
		h := history[0]
		require.Equal(t, []any{b.stranger, b.stranger, b.north, b.south, "closed"}, []any{h.FromID, h.ToID, h.FromDepartmentID, h.ToDepartmentID, h.Reason})

		before := dump(t, app)
		must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.Equal(t, before, dump(t, app), "executing again does nothing")
		_, err = s.Admin.Employees.Edit(t.Context(), b.stranger, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		s = crmtest.System(t, app)
		must(s.Admin.UndoHandover(t.Context(), job.ID))(t)
		require.Equal(t, record.Owned{OwnerID: b.stranger, DepartmentID: b.north}, must(s.Customers.Get(t.Context(), mine))(t).Owned)
		b.reach(t, norther, mine, "range")
		b.reach(t, souther, mine, "")
		requireSound(t, app)
	})
}

// TestADepartmentThatIsNoMoreGetsNothingBack deletes a branch after all that it had has gone.
func TestADepartmentThatIsNoMoreGetsNothingBack(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBranches(t, app)
		b.customer(t, b.south)
		s := crmtest.System(t, app)
		job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromDepartmentID: b.south}, &admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.north}))(t)
		must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
		requireCode(t, s.Admin.Departments.Delete(t.Context(), b.south, 0), storage.Referenced)
		must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.NoError(t, s.Admin.Departments.Delete(t.Context(), b.south, 0))
		_, err := crmtest.System(t, app).Admin.UndoHandover(t.Context(), job.ID)
		requireCode(t, err, storage.Precondition)
		require.Equal(t, admin.HandoverDone, must(s.Admin.Handovers.Get(t.Context(), job.ID))(t).State)
	})
}

// TestADepartmentGoesToPeople gives what a department has to one person, who also becomes the
// maker of what its owners have made, and tells who gains and loses by it. The owners read
// on, what was shared ends, and both are taken back.
func TestADepartmentGoesToPeople(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w, s := newFirm(t, app), crmtest.System(t, app)
		north := must(s.Admin.Departments.Create(t.Context(), &org.Department{Name: "North"}))(t).ID
		south := must(s.Admin.Departments.Create(t.Context(), &org.Department{Name: "South"}))(t).ID
		chief := crmtest.Hire(t, app, "Chief", schema.ID{}, south)
		carol := crmtest.Hire(t, app, "Carol", chief, south)
		friend := crmtest.Hire(t, app, "Friend", schema.ID{}, schema.ID{})
		s = crmtest.System(t, app)
		paper := func(owner, maker schema.ID) schema.ID {
			return must(session.Of(s.Session, receipts).Create(t.Context(), &receipt{Owned: record.Owned{OwnerID: owner, DepartmentID: north}, MakerID: maker}))(t).ID
		}
		own, others, bosses := paper(w.alice, w.alice), paper(w.alice, w.boss), paper(w.boss, w.boss)
		carols, nobodys := paper(carol, w.alice), paper(schema.ID{}, schema.ID{})
		must(s.Admin.Share(t.Context(), record.Ref{Kind: receipts.Name(), ID: carols}, friend, org.ReadAccess, noTime))(t)
		readable := func(who schema.ID, ids ...schema.ID) {
			t.Helper()
			page := must(session.Of(crmtest.As(t, app, who).Session, receipts).Find(t.Context(), query.Select{Where: query.Not{Expr: query.Null("owner_id")}}))(t)
			var got []schema.ID
			for _, r := range page.Items {
				got = append(got, r.ID)
			}
			require.ElementsMatch(t, ids, got)
		}
		readable(friend, carols)
		job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromDepartmentID: north}, &admin.HandoverLine{Kind: receipts.Name(), ToID: carol,
			ReplaceDepartment: true, ReplaceMaker: true, KeepUntil: time.Now().Add(time.Hour), EndShares: []org.Cause{org.ByHand}}))(t)
		line := must(s.Admin.PreviewHandover(t.Context(), job.ID))(t).Lines[0]
		require.Equal(t, int64(5), line.Movable)
		require.Equal(t, []admin.AccessChange{{EmployeeID: carol, From: org.NoAccess, To: org.FullAccess}, {EmployeeID: chief, From: org.NoAccess, To: org.EditAccess}}, line.Gains)
		require.ElementsMatch(t, []admin.AccessChange{{EmployeeID: w.alice, From: org.FullAccess, To: org.NoAccess}, {EmployeeID: w.boss, From: org.FullAccess, To: org.NoAccess}}, line.Loses)
		must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		readable(w.alice, own, others)
		readable(w.boss, bosses)
		readable(friend)
		for id, maker := range map[schema.ID]schema.ID{own: carol, others: w.boss, bosses: carol, carols: w.alice, nobodys: {}} {
			r := must(session.Of(s.Session, receipts).Get(t.Context(), id))(t)
			require.Equal(t, []any{record.Owned{OwnerID: carol, DepartmentID: south}, maker}, []any{r.Owned, r.MakerID})
		}

		// Who has left meanwhile gets nothing back.
		_, err := s.Admin.Employees.Edit(t.Context(), w.boss, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		s = crmtest.System(t, app)
		must(s.Admin.UndoHandover(t.Context(), job.ID))(t)
		for id, want := range map[schema.ID]receipt{own: {Owned: record.Owned{OwnerID: w.alice, DepartmentID: north}, MakerID: w.alice},
			others: {Owned: record.Owned{OwnerID: w.alice, DepartmentID: north}, MakerID: w.boss}, bosses: {Owned: record.Owned{OwnerID: carol, DepartmentID: south}, MakerID: carol},
			carols: {Owned: record.Owned{OwnerID: carol, DepartmentID: north}, MakerID: w.alice}, nobodys: {Owned: record.Owned{DepartmentID: north}}} {
			r := must(session.Of(s.Session, receipts).Get(t.Context(), id))(t)
			require.Equal(t, []any{want.Owned, want.MakerID}, []any{r.Owned, r.MakerID})
		}
		readable(w.alice, own, others)
		readable(friend, carols)
		for _, share := range all(t, s.Tenant(), org.Shares) {
			require.False(t, share.Cause == org.ByHandover && share.RecordID != bosses && share.ExpiresAt.After(time.Now()), "nothing is left to read: it is theirs again")
		}
		requireSound(t, app)
	}, crm.WithKinds(receipts.Kind))
}

// TestWhatTheRecipientHasTakesNoRoom re-organises a branch to somebody who owns all of it but
// one, and has room for none.
func TestWhatTheRecipientHasTakesNoRoom(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBranches(t, app)
		to := b.hire(t, org.Employee{DepartmentID: b.south})
		s := crmtest.System(t, app)
		for range 2 {
			must(s.Customers.Create(t.Context(), &customer.Customer{Name: unique(), Owned: record.Owned{OwnerID: to, DepartmentID: b.north}}))(t)
		}
		other := b.customer(t, b.north)
		must(s.Customers.AssignmentRules.Create(t.Context(), &customer.AssignmentRule{Name: "R", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: to, Capacity: 2}}}))(t)
		job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromDepartmentID: b.north}, &admin.HandoverLine{Kind: "customer", ToID: to, ReplaceDepartment: true}))(t)
		line := must(s.Admin.PreviewHandover(t.Context(), job.ID))(t).Lines[0]
		require.Equal(t, int64(2), line.Movable)
		require.Equal(t, []admin.Blocked{{Reason: admin.RecipientOverCapacity, Count: 1, IDs: []schema.ID{other}}}, line.Blocked)
		require.Equal(t, admin.HandoverDoneWithErrors, must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t).State)
		require.Equal(t, b.north, must(s.Customers.Get(t.Context(), other))(t).DepartmentID)
		n := must(s.Customers.Count(t.Context(), query.Eq("department_id", b.south)))(t)
		require.Equal(t, int64(2), n)
	})
}

func TestAHandoverOfADepartmentIsRefused(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	b := newBranches(t, app)
	to := crmtest.Hire(t, app, "To", schema.ID{}, b.south)
	b.customer(t, b.north)
	good := admin.HandoverLine{Kind: "customer", ToID: to}
	for name, c := range map[string]struct {
		field string
		job   admin.Handover
		line  admin.HandoverLine
	}{
		"an employee and a department":   {"from_department_id", admin.Handover{FromID: b.stranger, FromDepartmentID: b.north}, good},
		"a strange department":           {"from_department_id", admin.Handover{FromDepartmentID: to}, good},
		"to nobody and nowhere":          {"department_id", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer"}},
		"to nobody's department":         {"department_id", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", ReplaceDepartment: true}},
		"to somebody who stands nowhere": {"department_id", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", ToID: b.stranger, ReplaceDepartment: true}},
		"to somebody, and stays":         {"department_id", admin.Handover{FromDepartmentID: b.north}, good},
		"to somebody who stands there":   {"department_id", admin.Handover{FromDepartmentID: b.south}, admin.HandoverLine{Kind: "customer", ToID: to, ReplaceDepartment: true}},
		"a department not to replace":    {"department_id", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", DepartmentID: b.south}},
		"to itself":                      {"department_id", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.north}},
		"a maker of nobody":              {"replace_maker", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.south, ReplaceMaker: true}},
		"an employee's to nobody":        {"to_id", admin.Handover{FromID: b.stranger}, admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.south}},
		"nobody's kept for its readers":  {"keep_until", admin.Handover{}, admin.HandoverLine{Kind: "customer", ToID: to, KeepUntil: time.Now().Add(time.Hour)}},
		"kept for owners who stay":       {"keep_until", admin.Handover{FromDepartmentID: b.north}, admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: b.south, KeepUntil: time.Now().Add(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			before := dump(t, app)
			_, err := crmtest.System(t, app).Admin.PlanHandover(t.Context(), &c.job, &c.line)
			e := requireCode(t, err, storage.Invalid)
			require.Equal(t, c.field, e.Fields[0].Name)
			require.Equal(t, before, dump(t, app))
		})
	}
}

// TestHandoversOfDepartmentsKeepTheirPromises re-organises random departments by random
// lines, and compares with what is to be expected record by record.
func TestHandoversOfDepartmentsKeepTheirPromises(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		app := crmtest.Open(t, store)
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			if rounds++; store.Name() != "memory" && rounds > 15 {
				return
			}
			randomReorganisation(t, r, app.Tenant("t"+strconv.Itoa(rounds)))
		})
	})
}

func randomReorganisation(t *testing.T, r *rapid.T, app *crm.App) {
	t.Helper()
	ctx, b := t.Context(), newBranches(t, app)
	departments := []schema.ID{b.north, b.south, b.team, {}}
	people := []schema.ID{b.stranger}
	for i := range 3 {
		people = append(people, crmtest.Hire(t, app, "Person", schema.ID{}, departments[i]))
	}
	industries := []string{"a", "b", "c"}
	want, was := map[schema.ID]record.Owned{}, map[schema.ID]record.Owned{}
	kind := map[schema.ID]string{}
	var list []*customer.Customer
	for i := range rapid.IntRange(0, 25).Draw(r, "records") {
		c := &customer.Customer{Name: strconv.Itoa(i), Industry: rapid.SampledFrom(industries).Draw(r, "industry")}
		c.ID, c.OwnerID = schema.NewID(), rapid.SampledFrom(people).Draw(r, "owner")
		c.DepartmentID = rapid.SampledFrom(departments[:3]).Draw(r, "range")
		want[c.ID], kind[c.ID] = c.Owned, c.Industry
		list = append(list, c)
	}
	s := crmtest.System(t, app)
	createMany(t, s, list)
	change := map[string]func(*record.Owned){} // by industry
	var lines []*admin.HandoverLine
	dir := must(org.Load(ctx, s.Tenant()))(t)
	for _, name := range industries {
		line := &admin.HandoverLine{Kind: "customer", Where: must(query.MarshalExpr(query.Eq("industry", name)))(t)}
		switch rapid.IntRange(0, 3).Draw(r, "line") {
		case 0:
			continue
		case 1: // some of them stand in the department that is given
			line.ToID, line.DepartmentID = rapid.SampledFrom(people).Draw(r, "to"), b.south
		case 2:
			line.ToID = rapid.SampledFrom(people[2:]).Draw(r, "to")
		case 3:
			line.DepartmentID = b.south
		}
		line.ReplaceDepartment = true
		lines = append(lines, line)
		change[name] = func(o *record.Owned) {
			if !line.ToID.IsZero() {
				o.OwnerID = line.ToID
			}
			if !line.DepartmentID.IsZero() {
				o.DepartmentID = line.DepartmentID
			} else if line.ReplaceDepartment {
				o.DepartmentID = dir.Employee(line.ToID).DepartmentID
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	job := must(s.Admin.PlanHandover(ctx, &admin.Handover{FromDepartmentID: b.north}, lines...))(t)
	selected := int64(0)
	for _, p := range must(s.Admin.PreviewHandover(ctx, job.ID))(t).Lines {
		selected += p.Movable
	}
	n := int64(0)
	for id, o := range want {
		if was[id] = o; o.DepartmentID == b.north && change[kind[id]] != nil {
			change[kind[id]](&o)
			want[id] = o
			n++
		}
	}
	require.Equal(r, n, selected)
	require.Equal(r, admin.HandoverDone, must(s.Admin.ExecuteHandover(ctx, job.ID))(t).State)
	requirePlaces(t, r, s, want, "after the execution")
	before := dump(t, app)
	must(s.Admin.ExecuteHandover(ctx, job.ID))(t)
	require.Equal(r, before, dump(t, app), "a second execution does nothing")

	for _, c := range list {
		if rapid.IntRange(0, 4).Draw(r, "edited") == 0 {
			_, err := s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Phone = "1"; return nil })
			require.NoError(t, err)
			continue
		}
		want[c.ID] = was[c.ID]
	}
	must(s.Admin.UndoHandover(ctx, job.ID))(t)
	requirePlaces(t, r, s, want, "after the undoing")
	requireSound(t, app)
}

// requirePlaces requires whose customers are, and in which department.
func requirePlaces(t *testing.T, r *rapid.T, s *crm.Session, want map[schema.ID]record.Owned, when string) {
	t.Helper()
	got := map[schema.ID]record.Owned{}
	for _, c := range all(t, s.Tenant(), customer.Customers) {
		got[c.ID] = c.Owned
	}
	require.Equal(r, want, got, when)
}
