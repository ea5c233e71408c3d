package crm_test

import (
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestAHandoverMovesAccessAsThePreviewSays hands over in random companies, and compares what
// the preview says with what everybody may do before and after. No sum by customer changes.
func TestAHandoverMovesAccessAsThePreviewSays(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		all := crmtest.Open(t, store)
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			if rounds++; store.Name() == "memory" || rounds <= 5 {
				randomAccess(t, r, all.Tenant("t"+strconv.Itoa(rounds)))
			}
		})
	})
}

func randomAccess(t *testing.T, r *rapid.T, app *crm.App) {
	t.Helper()
	ctx := t.Context()
	people := []schema.ID{crmtest.Hire(t, app, "P", schema.ID{}, schema.ID{})}
	for range rapid.IntRange(1, 6).Draw(r, "people") {
		above := rapid.SampledFrom(append(people, schema.ID{})).Draw(r, "superior")
		people = append(people, crmtest.Hire(t, app, "P", above, schema.ID{}))
	}
	from := rapid.SampledFrom(people).Draw(r, "from")
	to := rapid.SampledFrom(people).Filter(func(id schema.ID) bool { return id != from }).Draw(r, "to")
	sys := crmtest.System(t, app)
	p, _, err := sys.Opportunities.CreatePipeline(ctx, &opportunity.Pipeline{Name: "Direct"}, stages()...)
	require.NoError(t, err)
	var own []schema.ID
	for i := range rapid.IntRange(1, 4).Draw(r, "customers") {
		owner := from
		if i > 0 {
			owner = rapid.SampledFrom(people).Draw(r, "owner")
		}
		c := must(sys.Customers.Create(ctx, &customer.Customer{Owned: record.Owned{OwnerID: owner}, Name: "C", Industry: fmt.Sprint(i % 2)}))(t)
		if owner == from {
			own = append(own, c.ID)
		}
		for range rapid.IntRange(0, 2).Draw(r, "deals") {
			amount := decimal.NewNullDecimal(decimal.NewFromInt(int64(rapid.IntRange(1, 99).Draw(r, "amount"))))
			must(sys.Opportunities.Create(ctx, &opportunity.Opportunity{Owned: record.Owned{OwnerID: owner}, Name: "D", PipelineID: p.ID, CustomerID: c.ID, Amount: amount}))(t)
		}
	}
	sums := func() [][]any {
		groups, err := sys.Opportunities.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("customer_id")}, {Path: query.P("customer.industry")}},
			Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}}})
		require.NoError(t, err)
		return groups.Rows
	}
	before, levels := sums(), levelsOf(t, app, people, own[0])

	lines := []*admin.HandoverLine{{Kind: "customer", ToID: to}, {Kind: "opportunity", ToID: to}}
	job := must(sys.Admin.PlanHandover(ctx, &admin.Handover{FromID: from}, lines...))(t)
	preview := must(sys.Admin.PreviewHandover(ctx, job.ID))(t).Lines[0]
	must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)
	require.Equal(r, before, sums(), "no sum by customer changes")

	want := maps.Clone(levels)
	for _, c := range append(preview.Gains, preview.Loses...) {
		require.Equal(r, levels[c.EmployeeID], c.From, "before")
		want[c.EmployeeID] = c.To
	}
	for _, id := range own {
		require.Equal(r, want, levelsOf(t, app, people, id), "after")
	}
	dir := must(org.Load(ctx, sys.Tenant()))(t)
	if above := dir.Employee(to).ManagerID; !above.IsZero() && above != from {
		require.GreaterOrEqual(r, want[above], org.EditAccess, "the direct superior of the recipient")
	}
	if above := dir.Employee(from).ManagerID; !above.IsZero() && above != to && dir.Employee(to).ManagerID != above {
		require.Less(r, want[above], org.EditAccess, "the direct superior of the leaver")
	}
	for _, c := range all(t, sys.Tenant(), customer.Customers) {
		require.False(r, c.OwnerID.IsZero() && c.PoolID.IsZero() || dir.Employee(c.OwnerID).Inactive, "nobody's")
	}
	requireSound(t, app)
}

// levelsOf reads how much each of some people may do with a customer.
func levelsOf(t *testing.T, app *crm.App, people []schema.ID, id schema.ID) map[schema.ID]org.Level {
	t.Helper()
	levels := map[schema.ID]org.Level{}
	for _, who := range people {
		s := crmtest.As(t, app, who)
		k := s.Registry().Kind("customer")
		for level, verb := range map[org.Level]org.Verb{org.ReadAccess: org.Read, org.EditAccess: org.Update, org.FullAccess: org.Delete} {
			if _, err := s.Row(t.Context(), verb, k, id); err == nil {
				levels[who] = max(levels[who], level)
			} else {
				requireCode(t, err, storage.NotFound, storage.Forbidden)
			}
		}
		levels[who] += org.NoAccess
	}
	return levels
}

// TestTheRecipientIsTheSuperior hands over to who stood above the leaver.
func TestTheRecipientIsTheSuperior(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 2)
		s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.boss})
		require.Equal(t, []admin.AccessChange{{EmployeeID: l.boss, From: org.EditAccess, To: org.FullAccess}}, preview.Lines[0].Gains)
		require.Equal(t, []admin.AccessChange{{EmployeeID: l.alice, From: org.FullAccess, To: org.NoAccess}}, preview.Lines[0].Loses)
		must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
		require.Equal(t, map[schema.ID]int{l.boss: 2}, l.owners(t))
		_, err := l.as(t).Customers.Get(t.Context(), l.customers[0].ID)
		requireCode(t, err, storage.NotFound)
		must(s.Admin.UndoHandover(t.Context(), preview.Handover.ID))(t)
		require.Equal(t, map[schema.ID]int{l.alice: 2}, l.owners(t))
		requireSound(t, app)
	})
}

// TestATransferToOneself is refused, and does nothing.
func TestATransferToOneself(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 1)
		before := dump(t, app)
		_, err := l.as(t).Admin.Transfer(t.Context(), record.Ref{Kind: "customer", ID: l.customers[0].ID}, "", admin.HandoverLine{ToID: l.alice})
		require.Equal(t, "self", requireCode(t, err, storage.Invalid).Fields[0].Code)
		require.Equal(t, before, dump(t, app))
	})
}

// TestAChainOneAfterTheOther hands over from one to the next, and takes back: the first job
// can't be undone past the second, and can be after it.
func TestAChainOneAfterTheOther(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		l := newLeaving(t, app, 3)
		s, first := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob, EndShares: []org.Cause{org.ByHand}})
		ref := record.Ref{Kind: "customer", ID: l.customers[0].ID}
		must(l.as(t).Admin.Share(ctx, ref, l.carol, org.EditAccess, noTime))(t)
		must(s.Admin.ExecuteHandover(ctx, first.Handover.ID))(t)
		second := must(s.Admin.PlanHandover(ctx, &admin.Handover{FromID: l.bob, Reason: "leaves, too"}, &admin.HandoverLine{Kind: "customer", ToID: l.boss, EndShares: []org.Cause{org.ByHand}}))(t)
		must(s.Admin.PreviewHandover(ctx, second.ID))(t)
		must(s.Admin.ExecuteHandover(ctx, second.ID))(t)

		must(s.Admin.UndoHandover(ctx, second.ID))(t)
		require.Equal(t, map[schema.ID]int{l.bob: 3}, l.owners(t))
		_, err := crmtest.As(t, app, l.carol).Customers.Get(ctx, ref.ID)
		requireCode(t, err, storage.NotFound) // it was the first job that has ended the share
		undone := must(s.Admin.UndoHandover(ctx, first.Handover.ID))(t)
		require.Zero(t, l.lines(t, undone.ID)[0].Undone, "they have been changed since, be it back")
		require.Equal(t, map[schema.ID]int{l.bob: 3}, l.owners(t))
		requireSound(t, app)
	})
}

// TestTenThousandInOneJob hands over more records than any page holds.
func TestTenThousandInOneJob(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	const n = 10_000
	l := newLeaving(t, app, 0)
	tenant := crmtest.System(t, app).Tenant()
	list := customers(n, false)
	for i, c := range list {
		c.Meta, c.Owned = fresh(epoch.Add(time.Duration(i)*time.Second)), record.Owned{OwnerID: l.alice}
		c.Status, c.Type, c.Standing = customer.Potential, customer.Direct, customer.Normal
	}
	require.NoError(t, storage.Of(tenant, customer.Customers).Insert(t.Context(), list...))
	s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
	require.EqualValues(t, n, preview.Lines[0].Movable)
	done := must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
	require.Equal(t, admin.HandoverDone, done.State)
	require.Equal(t, map[schema.ID]int{l.bob: n}, l.owners(t))
	require.Len(t, all(t, tenant, session.OwnerChanges), n)
}
