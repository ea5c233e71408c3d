package crm_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestHandoversKeepTheirPromises hands over random records by random lines, with edits of
// others between preview, execution and undoing, and compares with what is to be expected
// record by record.
func TestHandoversKeepTheirPromises(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		all := crmtest.Open(t, store)
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			rounds++
			if store.Name() != "memory" && rounds > 15 {
				return
			}
			randomHandover(t, r, all.Tenant("t"+strconv.Itoa(rounds)))
		})
	})
}

func randomHandover(t *testing.T, r *rapid.T, app *crm.App) {
	t.Helper()
	ctx := t.Context()
	people := make([]schema.ID, 5) // of whom the first leaves, and the last has left
	for i := range people {
		people[i] = crmtest.Hire(t, app, fmt.Sprint("Person ", i), schema.ID{}, schema.ID{})
	}
	sys := crmtest.System(t, app)
	from, active := people[0], people[:4]
	industries := []string{"a", "b", "c"}
	owner := map[schema.ID]schema.ID{}
	kind := map[schema.ID]string{}
	var list []*customer.Customer
	for i := range rapid.IntRange(0, 30).Draw(r, "records") {
		c := &customer.Customer{Name: fmt.Sprint(i), Industry: rapid.SampledFrom(industries).Draw(r, "industry")}
		c.ID, c.OwnerID = schema.NewID(), rapid.SampledFrom([]schema.ID{from, from, people[1]}).Draw(r, "owner")
		owner[c.ID], kind[c.ID] = c.OwnerID, c.Industry
		list = append(list, c)
	}
	createMany(t, sys, list)
	edited := map[schema.ID]bool{}
	edit := func(when string) {
		for _, c := range list {
			if rapid.IntRange(0, 5).Draw(r, when) == 0 {
				_, err := sys.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Phone = when; return nil })
				require.NoError(t, err)
				edited[c.ID] = true
			}
		}
	}
	_, err := sys.Admin.Employees.Edit(ctx, people[4], func(e *org.Employee) error { e.Inactive = true; return nil })
	require.NoError(t, err)

	to := map[string]schema.ID{} // by industry
	var lines []*admin.HandoverLine
	for _, name := range industries {
		if rapid.Bool().Draw(r, "line") {
			to[name] = rapid.SampledFrom(active[1:]).Draw(r, "to")
			lines = append(lines, &admin.HandoverLine{Kind: "customer", ToID: to[name], Where: must(query.MarshalExpr(query.Eq("industry", name)))(t)})
		}
	}
	if len(lines) == 0 {
		return
	}
	sys = crmtest.System(t, app)
	job := must(sys.Admin.PlanHandover(ctx, &admin.Handover{FromID: from}, lines...))(t)
	edit("before the preview")
	preview := must(sys.Admin.PreviewHandover(ctx, job.ID))(t)
	// A record that is given away before the execution is not handed over.
	conflicts := 0
	for _, c := range list {
		if owner[c.ID] == from && rapid.IntRange(0, 6).Draw(r, "given away") == 0 {
			_, err := sys.Customers.Edit(ctx, c.ID, func(v *customer.Customer) error { v.OwnerID = people[2]; return nil })
			require.NoError(t, err)
			if owner[c.ID] = people[2]; !to[kind[c.ID]].IsZero() {
				conflicts++
			}
		}
	}
	edit("before the execution")
	was := map[schema.ID]schema.ID{}
	for id, o := range owner {
		if was[id] = o; o == from && !to[kind[id]].IsZero() {
			owner[id] = to[kind[id]]
		}
	}
	must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)
	requireOwners(t, r, sys, owner, "after the execution")
	selected, moved := int64(0), int64(0)
	for i := range preview.Lines {
		selected += preview.Lines[i].Movable
	}
	linesNow := must(sys.Admin.HandoverLines.Find(ctx, query.Select{}))(t).Items
	for _, l := range linesNow {
		moved += l.Moved
	}
	require.Equal(r, selected-int64(conflicts), moved, "moved = previewed − conflicts")
	before := dump(t, app)
	must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)
	require.Equal(r, before, dump(t, app), "a second execution does nothing")

	clear(edited)
	edit("before the undoing")
	for id := range owner {
		if !edited[id] {
			owner[id] = was[id]
		}
	}
	must(sys.Admin.UndoHandover(ctx, job.ID))(t)
	requireOwners(t, r, sys, owner, "after the undoing")
	requireSound(t, app)
}

// requireOwners requires that customers belong to whom they should, all of them active.
func requireOwners(t *testing.T, r *rapid.T, s *crm.Session, want map[schema.ID]schema.ID, when string) {
	t.Helper()
	got := map[schema.ID]schema.ID{}
	for _, c := range all(t, s.Tenant(), customer.Customers) {
		got[c.ID] = c.OwnerID
	}
	require.Equal(r, want, got, when)
	dir := must(org.Load(context.Background(), s.Tenant()))(t)
	for _, owner := range got {
		require.False(r, dir.Employee(owner).Inactive, "an inactive owner %s", when)
	}
}

// TestAnInterruptedHandoverGoesOn fails every write of a job and its undoing in turn, then
// calls it again: the end is the same as of one that was not interrupted.
func TestAnInterruptedHandoverGoesOn(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		f := &faults{}
		opened := crmtest.Open(t, storage.New(&faulty{store.Driver(), f}))
		for _, commit := range []bool{false, true} {
			for n := 1; ; n++ {
				app := opened.Tenant(fmt.Sprint("t", n, commit))
				l := newLeaving(t, app, 9)
				s, preview := l.plan(t,
					&admin.HandoverLine{Kind: "customer", Where: industry(t, "printing"), ToID: l.bob},
					&admin.HandoverLine{Kind: "customer", Where: industry(t, "media"), ToID: l.carol, ReplaceDepartment: true})
				interrupted := func(do func(context.Context, schema.ID) (*admin.Handover, error)) {
					again := func() error { _, err := do(t.Context(), preview.Handover.ID); return err }
					write := n
					if commit {
						write = 0
					}
					if err := f.during(again, write, commit, errDisk); err != nil {
						require.ErrorIs(t, requireCode(t, err, storage.Internal), errDisk)
						requireSound(t, app)
						require.NoError(t, again())
					}
				}
				interrupted(s.Admin.ExecuteHandover)
				hit := f.hit
				require.Equal(t, map[schema.ID]int{l.bob: 5, l.carol: 4}, l.owners(t))
				for _, line := range l.lines(t, preview.Handover.ID) {
					require.Equal(t, []int64{line.Selected, 0}, []int64{line.Moved, line.Left})
				}
				require.Len(t, all(t, s.Tenant(), session.OwnerChanges), 9, "each move is told once")
				interrupted(s.Admin.UndoHandover)
				require.Equal(t, map[schema.ID]int{l.alice: 9}, l.owners(t))
				require.Len(t, all(t, s.Tenant(), session.OwnerChanges), 18)
				requireSound(t, app)
				if commit || !hit && !f.hit {
					require.True(t, commit || n > 10, "only %d writes", n)
					break
				}
			}
		}
	})
}

// TestTwoExecuteOneHandover executes a job from several sessions at once, while others
// edit the same records: each is moved once, no edit is lost.
func TestTwoExecuteOneHandover(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		const n = 2500 // three pages
		l := newLeaving(t, app, 0)
		for range 5 {
			createMany(t, l.as(t), customers(n/5, false))
		}
		_, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		edited := must(crmtest.System(t, app).Customers.Find(t.Context(), query.Select{Sort: query.By("name"), Limit: 40}))(t).Items
		errs := together(4, func(i int) error {
			if i < 2 {
				s, err := app.As(t.Context(), l.boss)
				if err != nil {
					return err
				}
				_, err = s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID)
				return err
			}
			for _, c := range edited[20*(i-2) : 20*(i-1)] {
				s, err := app.System("edits")
				if err != nil {
					return err
				}
				if _, err := s.Customers.Edit(t.Context(), c.ID, func(c *customer.Customer) error { c.Phone = "1"; return nil }); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(t, errors.Join(errs...))
		require.Equal(t, map[schema.ID]int{l.bob: n}, l.owners(t))
		line := l.lines(t, preview.Handover.ID)[0]
		require.Equal(t, []int64{n, 0}, []int64{line.Moved, line.Left})
		require.Len(t, all(t, crmtest.System(t, app).Tenant(), session.OwnerChanges), n)
		count := must(crmtest.System(t, app).Customers.Count(t.Context(), query.Eq("phone", "1")))(t)
		require.Equal(t, int64(40), count)
		requireSound(t, app)
	})
}

// TestAHandoverIsUndoneWhileItIsExecuted executes a job and takes it back at once: in the
// end it is done or undone, and all of it.
func TestAHandoverIsUndoneWhileItIsExecuted(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 300)
		var lines []*admin.HandoverLine
		for i := range 10 { // each of them a page
			ids := make([]schema.ID, 30)
			for j := range ids {
				ids[j] = l.customers[30*i+j].ID
			}
			lines = append(lines, &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: ids})
		}
		s, preview := l.plan(t, lines...)
		errs := together(2, func(i int) error {
			s, err := app.As(t.Context(), l.boss)
			if err != nil {
				return err
			}
			if i == 0 {
				_, err = s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID)
			} else {
				_, err = s.Admin.UndoHandover(t.Context(), preview.Handover.ID)
			}
			return err
		})
		for _, err := range errs {
			if err != nil {
				requireCode(t, err, storage.Precondition) // not executed yet, or undone before it was begun
			}
		}
		want := map[admin.HandoverState]map[schema.ID]int{admin.HandoverDone: {l.bob: 300}, admin.HandoverUndone: {l.alice: 300}}
		state := must(s.Admin.Handovers.Get(t.Context(), preview.Handover.ID))(t).State
		require.Contains(t, want, state)
		require.Equal(t, want[state], l.owners(t))
		requireSound(t, app)
	})
}

// TestAnInterruptedHandoverIsUndone interrupts a job after each of its writes, and takes
// back what it has done.
func TestAnInterruptedHandoverIsUndone(t *testing.T) {
	f := &faults{}
	opened := crmtest.Open(t, storage.New(&faulty{memory.Open().Driver(), f}))
	for n := 1; n == 1 || f.hit; n++ {
		app := opened.Tenant(fmt.Sprint("t", n))
		l := newLeaving(t, app, 9)
		s, preview := l.plan(t,
			&admin.HandoverLine{Kind: "customer", Where: industry(t, "printing"), ToID: l.bob},
			&admin.HandoverLine{Kind: "customer", Where: industry(t, "media"), ToID: l.carol})
		err := f.during(func() error { _, err := s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID); return err }, n, false, errDisk)
		require.Equal(t, f.hit, err != nil)
		if _, err := s.Admin.UndoHandover(t.Context(), preview.Handover.ID); err != nil {
			requireCode(t, err, storage.Precondition)
			require.Equal(t, admin.HandoverPreviewed, must(s.Admin.Handovers.Get(t.Context(), preview.Handover.ID))(t).State)
		}
		require.Equal(t, map[schema.ID]int{l.alice: 9}, l.owners(t))
		requireSound(t, app)
	}
}

// TestAChainOfHandovers hands over A to B while B is handed over to C.
func TestAChainOfHandovers(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 600)
		createMany(t, crmtest.As(t, app, l.bob), customers(600, false))
		_, first := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		boss := crmtest.As(t, app, l.boss)
		second := must(boss.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.bob}, &admin.HandoverLine{Kind: "customer", ToID: l.carol}))(t)
		must(boss.Admin.PreviewHandover(t.Context(), second.ID))(t)
		errs := together(2, func(i int) error {
			s, err := app.As(t.Context(), l.boss)
			if err == nil {
				_, err = s.Admin.ExecuteHandover(t.Context(), []schema.ID{first.Handover.ID, second.ID}[i])
			}
			return err
		})
		require.NoError(t, errors.Join(errs...))
		owners := l.owners(t)
		require.Zero(t, owners[l.alice], "all of A's have gone")
		require.Equal(t, 1200, owners[l.bob]+owners[l.carol])
		require.GreaterOrEqual(t, owners[l.carol], 600, "all that was B's has gone, and perhaps what came")
		requireSound(t, app)
	})
}

// TestAPageOfAHandoverIsFewCalls counts the calls for a few records and for many.
func TestAPageOfAHandoverIsFewCalls(t *testing.T) {
	count := func(n int, keep bool) (executed, undone int) {
		store, calls := crmtest.Counted(memory.Open())
		l := newLeaving(t, crmtest.Open(t, store), n)
		line := &admin.HandoverLine{Kind: "customer", ToID: l.bob, ReplaceDepartment: true}
		if keep {
			line.KeepUntil = crmtest.System(t, l.app).Now().AddDate(0, 0, 7)
		}
		s, preview := l.plan(t, line)
		calls()
		must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
		executed = calls()
		must(s.Admin.UndoHandover(t.Context(), preview.Handover.ID))(t)
		return executed, calls()
	}
	for _, keep := range []bool{false, true} {
		few, fewBack := count(3, keep)
		many, manyBack := count(900, keep)
		require.Equal(t, few, many)
		require.Equal(t, fewBack, manyBack)
		t.Logf("keep %v: %d calls to execute one page, %d to undo it", keep, many, manyBack)
	}
}

// TestABulkChangeIsOfWhatWasRead changes a page that somebody else has changed since it
// was read.
func TestABulkChangeIsOfWhatWasRead(t *testing.T) {
	store := memory.Open()
	l := newLeaving(t, crmtest.Open(t, store), 3)
	s := crmtest.System(t, l.app)
	k := s.Registry().Kind("customer")
	page, err := s.Tenant().Select(t.Context(), k, query.Select{}, nil)
	require.NoError(t, err)
	give := func(ctx context.Context, s *crm.Session) error {
		return s.ChangeMany(ctx, k, "customer.given", session.Bulk{Rows: page.Rows, Set: []driver.Assign{{Field: k.Owner(), Value: l.bob}}})
	}
	requireCode(t, give(t.Context(), s), storage.Precondition)
	_, err = s.Customers.Edit(t.Context(), l.customers[1].ID, func(c *customer.Customer) error { c.Phone = "1"; return nil })
	require.NoError(t, err)
	before, runs := dump(t, l.app), 0
	requireCode(t, s.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		runs++
		return give(ctx, s)
	}), storage.Retry)
	require.Equal(t, storage.Attempts, runs, "the transaction runs again")
	require.Equal(t, before, dump(t, l.app))

	page, err = s.Tenant().Select(t.Context(), k, query.Select{}, nil) // of different versions
	require.NoError(t, err)
	require.NoError(t, s.Tx(t.Context(), give))
	require.Equal(t, map[schema.ID]int{l.bob: 3}, l.owners(t))
	before = dump(t, l.app)
	page, err = s.Tenant().Select(t.Context(), k, query.Select{}, nil)
	require.NoError(t, err)
	require.NoError(t, s.Tx(t.Context(), give))
	require.Equal(t, before, dump(t, l.app), "they are bob's already: nothing happens")
	requireSound(t, l.app)
}
