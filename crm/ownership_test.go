package crm_test

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// requireHands requires that the history of each record's owners leads without a gap from who
// got it, as the journal tells of its creation, to who has it now.
func requireHands(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	got := map[schema.ID]record.Owned{}
	for _, e := range all(t, tenant, journal.Entries) {
		if e.RecordVersion == 1 {
			got[e.RecordID] = createdFor(t, e)
		}
	}
	history := map[schema.ID][]session.OwnerChange{}
	for _, c := range all(t, tenant, session.OwnerChanges) {
		history[c.WasID] = append(history[c.WasID], c)
	}
	for _, k := range tenant.DB().Registry().Kinds() {
		if k.Owner() == nil {
			continue
		}
		q := query.Select{Limit: query.MaxLimit}
		for {
			page, err := tenant.Select(context.Background(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				id := row[k.ID().Position].(schema.ID)
				owner, _ := row[k.Owner().Position].(schema.ID)
				department, _ := row[k.Department().Position].(schema.ID)
				has, told := got[id]
				slices.SortFunc(history[id], func(a, b session.OwnerChange) int { return cmp.Compare(a.RecordVersion, b.RecordVersion) })
				for i, c := range history[id] {
					if told || i > 0 {
						require.Equal(t, record.Owned{OwnerID: c.FromID, DepartmentID: c.FromDepartmentID}, has, "before change %d of %s %s", i, k.Name(), id)
					}
					has, told = record.Owned{OwnerID: c.ToID, DepartmentID: c.ToDepartmentID}, true
					require.Equal(t, []any{k.Name(), id}, []any{c.Kind, c.RecordID})
					require.NotEmpty(t, c.Event)
				}
				if told {
					require.Equal(t, record.Owned{OwnerID: owner, DepartmentID: department}, has, "who has %s %s after %d changes", k.Name(), id, len(history[id]))
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
}

// createdFor returns who got what an entry tells was created.
func createdFor(t *testing.T, e journal.Entry) record.Owned {
	t.Helper()
	var o record.Owned
	for _, c := range e.Changes {
		to := map[string]*schema.ID{"owner_id": &o.OwnerID, "department_id": &o.DepartmentID}[c.Field]
		if to != nil && c.To != nil {
			require.NoError(t, json.Unmarshal(c.To, to))
		}
	}
	return o
}

// TestEveryWayOfGivingIsTold gives a customer to others in every way that there is.
func TestEveryWayOfGivingIsTold(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		clock.At = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		l := newLeaving(t, app, 2)
		sys := crmtest.System(t, app)
		boss := crmtest.As(t, app, l.boss)
		c, other := l.customers[0].ID, l.customers[1].ID
		ref := record.Ref{Kind: "customer", ID: c}
		sea := must(sys.Customers.Pools.Create(ctx, &customer.Pool{Name: "Sea", Recycle: []customer.RecycleRule{{Days: 7}}}))(t).ID
		must(sys.Customers.AssignmentRules.Create(ctx, &customer.AssignmentRule{Name: "Carol's", Strategy: customer.Fixed, Members: []customer.Member{{EmployeeID: l.carol}}}))(t)
		give := func(to schema.ID) func(*customer.Customer) error {
			return func(c *customer.Customer) error { c.OwnerID = to; return nil }
		}

		must(boss.Customers.Edit(ctx, c, give(l.bob)))(t)
		must(boss.Customers.EditAs(ctx, org.Assign, "customer.promoted", c, 0, func(c *customer.Customer) error { c.DepartmentID = l.south; return nil }))(t)
		must(boss.Customers.Edit(ctx, c, func(c *customer.Customer) error { c.Phone = "1"; return nil }))(t) // changes no hands
		must(boss.Customers.EditMany(ctx, org.Update, "", []schema.ID{c, other}, func(_ int, c *customer.Customer) error { return give(l.carol)(c) }))(t)
		now := must(boss.Customers.Get(ctx, c))(t)
		changed := *now
		changed.OwnerID = l.alice
		must(boss.Customers.Update(ctx, &changed))(t)
		require.NoError(t, l.as(t).Customers.Release(ctx, c, sea, "moves away"))
		must(crmtest.As(t, app, l.bob).Customers.Claim(ctx, c))(t)
		must(sys.Customers.Assign(ctx, c))(t)
		clock.At = clock.At.AddDate(0, 0, 9)
		require.Equal(t, 2, must(sys.Customers.RecyclePools(ctx))(t).Moved)
		must(sys.Admin.Transfer(ctx, ref, "for a fair", admin.HandoverLine{ToID: l.bob}))(t)
		job := must(boss.Admin.PlanHandover(ctx, &admin.Handover{FromID: l.bob, Reason: "leaves", EffectiveOn: schema.NewDate(2026, 5, 10)}, &admin.HandoverLine{Kind: "customer", ToID: l.alice}))(t)
		must(boss.Admin.PreviewHandover(ctx, job.ID))(t)
		must(boss.Admin.ExecuteHandover(ctx, job.ID))(t)
		must(boss.Admin.UndoHandover(ctx, job.ID))(t)

		type told struct {
			from, to      schema.ID
			event, reason string
			on            string
			undo          bool
		}
		var got []told
		history := must(crmtest.As(t, app, l.bob).Admin.OwnershipHistory(ctx, ref, query.Select{}))(t)
		slices.Reverse(history.Items)
		for _, c := range history.Items {
			got = append(got, told{c.FromID, c.ToID, c.Event, c.Reason, c.EffectiveOn.String(), c.Undo})
			require.Equal(t, c.Event == "customer.handed_over" && c.Reason == "leaves" || c.Undo, c.HandoverID == job.ID)
		}
		none, first, then := schema.ID{}, "2026-05-04", "2026-05-13"
		require.Equal(t, []told{
			{l.alice, l.bob, "customer.updated", "", first, false},
			{l.bob, l.bob, "customer.promoted", "", first, false}, // to another department
			{l.bob, l.carol, "customer.updated", "", first, false},
			{l.carol, l.alice, "customer.updated", "", first, false},
			{l.alice, none, "customer.released", "moves away", first, false},
			{none, l.bob, "customer.claimed", "", first, false},
			{l.bob, l.carol, "customer.assigned", "", first, false},
			{l.carol, none, "customer.recycled", "", then, false},
			{none, l.bob, "customer.handed_over", "for a fair", then, false},
			{l.bob, l.alice, "customer.handed_over", "leaves", "2026-05-10", false},
			{l.alice, l.bob, "customer.handover_undone", "leaves", then, true},
		}, got)
		_, err := l.as(t).Admin.OwnershipHistory(ctx, ref, query.Select{})
		requireCode(t, err, storage.NotFound)
		_, err = session.Of(boss.Session, session.OwnerChanges).Find(ctx, query.Select{})
		requireCode(t, err, storage.Invalid)
		requireSound(t, app)
	}, crm.WithClock(func() time.Time { return clock.Now() }))
}

// TestAMergeBringsTheHistoryOfOwners merges a record that has changed hands, and takes it back:
// the job that gave it away is undone for what was not merged only.
func TestAMergeBringsTheHistoryOfOwners(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		l := newLeaving(t, app, 3)
		s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		must(s.Admin.ExecuteHandover(ctx, preview.Handover.ID))(t)
		winner, loser := l.customers[0].ID, l.customers[1].ID
		sys := crmtest.System(t, app)
		done := must(sys.Customers.Merge(ctx, merge.Request{Winner: winner, Losers: []schema.ID{loser}}))(t)
		for _, id := range []schema.ID{winner, loser} { // the one leads to the other
			history := must(s.Admin.OwnershipHistory(ctx, record.Ref{Kind: "customer", ID: id}, query.Select{}))(t).Items
			require.Len(t, history, 2)
			require.ElementsMatch(t, []schema.ID{winner, loser}, []schema.ID{history[0].WasID, history[1].WasID})
		}
		requireSound(t, app)
		must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		require.Len(t, must(s.Admin.OwnershipHistory(ctx, record.Ref{Kind: "customer", ID: loser}, query.Select{}))(t).Items, 1)
		requireSound(t, app)

		must(sys.Customers.Merge(ctx, merge.Request{Winner: winner, Losers: []schema.ID{loser}}))(t)
		undone := must(s.Admin.UndoHandover(ctx, preview.Handover.ID))(t)
		require.LessOrEqual(t, l.lines(t, undone.ID)[0].Undone, int64(2))
		require.Equal(t, l.alice, must(sys.Customers.Get(ctx, l.customers[2].ID))(t).OwnerID)
		requireSound(t, app)
	})
}

// TestTheCreditIsTheOwnersOfThatDay wins deals of earlier days after they have changed hands.
func TestTheCreditIsTheOwnersOfThatDay(t *testing.T) {
	clock := &crmtest.Clock{}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		day := func(n int) schema.Date { return schema.NewDate(2026, 5, n) }
		on := func(n int) { clock.At = time.Date(2026, 5, n, 9, 0, 0, 0, time.UTC) }
		on(1)
		l := newLeaving(t, app, 0)
		sys := crmtest.System(t, app)
		var deals []schema.ID
		for range 5 {
			deals = append(deals, must(l.as(t).Opportunities.Create(ctx, l.deal()))(t).ID)
		}
		give := func(n int, to schema.ID) {
			on(n)
			for _, id := range deals {
				must(sys.Opportunities.Edit(ctx, id, func(o *opportunity.Opportunity) error { o.OwnerID = to; return nil }))(t)
			}
		}
		give(5, l.bob)
		give(7, l.carol)
		on(9)
		job := must(sys.Admin.PlanHandover(ctx, &admin.Handover{FromID: l.carol, EffectiveOn: day(8)}, &admin.HandoverLine{Kind: "opportunity", ToID: l.boss}))(t)
		must(sys.Admin.PreviewHandover(ctx, job.ID))(t)
		must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)

		want := map[int]schema.ID{4: l.alice, 5: l.bob, 7: l.carol, 8: l.boss, 9: l.boss}
		days := []int{4, 5, 7, 8, 9}
		for i, n := range days {
			ref := record.Ref{Kind: "opportunity", ID: deals[i]}
			require.Equal(t, want[n], must(sys.Admin.OwnedOn(ctx, ref, day(n)))(t).OwnerID, "on the %d", n)
			require.Equal(t, l.alice, must(sys.Admin.OwnedOn(ctx, ref, day(2)))(t).OwnerID)
			won := must(sys.Opportunities.Win(ctx, deals[i], opportunity.Outcome{On: day(n)}))(t)
			require.Equal(t, want[n], won.CreditOwnerID, "won on the %d", n)
		}
		// What they were credited for stays, whoever gets them now.
		credits := func() []schema.ID {
			var list []schema.ID
			for _, id := range deals {
				list = append(list, must(sys.Opportunities.Get(ctx, id))(t).CreditOwnerID)
			}
			return list
		}
		before := credits()
		give(11, l.alice)
		require.Equal(t, before, credits())
		_, err := crmtest.As(t, app, l.bob).Admin.OwnedOn(ctx, record.Ref{Kind: "opportunity", ID: deals[0]}, day(5))
		requireCode(t, err, storage.NotFound)
		requireSound(t, app)
	}, crm.WithClock(func() time.Time { return clock.Now() }))
}
