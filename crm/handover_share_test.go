package crm_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestALineSaysWhichSharesEnd hands over customers that are shared by hand and have teams.
func TestALineSaysWhichSharesEnd(t *testing.T) {
	for name, c := range map[string]struct {
		end         []org.Cause
		dave, carol bool // who still sees the customer: by hand, and as a teammate
	}{
		"none":    {nil, true, true},
		"by hand": {[]org.Cause{org.ByHand}, false, true},
		"teams":   {[]org.Cause{org.ByTeam}, true, false},
		"both":    {[]org.Cause{org.ByTeam, org.ByHand, org.ByHandover}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			crmtest.Apps(t, func(t *testing.T, app *crm.App) {
				ctx := t.Context()
				l := newLeaving(t, app, 3)
				dave := crmtest.Hire(t, app, "Dave", schema.ID{}, schema.ID{})
				until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
				for i, customers := range l.customers {
					end := until
					if i == 1 {
						end = noTime
					}
					must(l.as(t).Admin.Share(ctx, record.Ref{Kind: "customer", ID: customers.ID}, dave, org.EditAccess, end))(t)
					must(l.as(t).Customers.Team.Create(ctx, &customer.Teammate{CustomerID: customers.ID, EmployeeID: l.carol, Level: org.ReadAccess, Until: end}))(t)
				}
				sees := func(who schema.ID, want bool) {
					t.Helper()
					n := 0
					if want {
						n = len(l.customers)
					}
					require.Len(t, must(crmtest.As(t, app, who).Customers.Find(ctx, query.Select{}))(t).Items, n)
				}
				before := shareEnds(t, app)
				s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob, EndShares: c.end, KeepUntil: until})
				require.Equal(t, before, shareEnds(t, app))
				must(s.Admin.ExecuteHandover(ctx, preview.Handover.ID))(t)
				sees(dave, c.dave)
				sees(l.carol, c.carol)
				sees(l.alice, true) // kept as a reader by this very job
				requireSound(t, app)

				// A share that is given anew stays as it is given, also when the job is undone.
				again := record.Ref{Kind: "customer", ID: l.customers[2].ID}
				must(crmtest.As(t, app, l.bob).Admin.Share(ctx, again, dave, org.ReadAccess, until.Add(time.Hour)))(t)
				must(s.Admin.UndoHandover(ctx, preview.Handover.ID))(t)
				after := shareEnds(t, app)
				for at, end := range after {
					switch {
					case at.cause == org.ByHandover:
						require.False(t, end.After(time.Now()))
					case at.record == again.ID && at.cause == org.ByHand:
						require.WithinDuration(t, until.Add(time.Hour), end, 0)
					default:
						require.WithinDuration(t, before[at], end, 0, "%v", at)
					}
				}
				for _, mate := range all(t, crmtest.System(t, app).Tenant(), customer.Teammates) {
					require.WithinDuration(t, after[sharedBy{mate.CustomerID, org.ByTeam}], mate.Until, 0, "a teammate goes with their share")
				}
				sees(dave, true)
				sees(l.carol, true)
				requireSound(t, app)
			})
		})
	}
}

type sharedBy struct {
	record schema.ID
	cause  org.Cause
}

// shareEnds returns when shares end.
func shareEnds(t *testing.T, app *crm.App) map[sharedBy]time.Time {
	t.Helper()
	at := map[sharedBy]time.Time{}
	for _, share := range all(t, crmtest.System(t, app).Tenant(), org.Shares) {
		at[sharedBy{share.RecordID, share.Cause}] = share.ExpiresAt
	}
	return at
}

// TestARecipientHasAsMuchRoomAsTheRulesGive hands over to somebody whose capacity the
// assignment rules say.
func TestARecipientHasAsMuchRoomAsTheRulesGive(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		l := newLeaving(t, app, 6)
		sys := crmtest.System(t, app)
		rule := func(capacity int64) {
			must(sys.Customers.AssignmentRules.Create(ctx, &customer.AssignmentRule{Name: "R", Strategy: customer.Fixed,
				Members: []customer.Member{{EmployeeID: l.bob, Capacity: capacity}, {EmployeeID: l.alice}}}))(t)
		}
		rule(2)
		rule(4) // the greatest counts
		must(crmtest.As(t, app, l.bob).Customers.Create(ctx, &customer.Customer{Name: "Bob's"}))(t)
		s, preview := l.plan(t,
			&admin.HandoverLine{Kind: "customer", Where: industry(t, "printing"), ToID: l.bob},
			&admin.HandoverLine{Kind: "customer", IDs: []schema.ID{l.customers[1].ID}, ToID: l.bob},
			&admin.HandoverLine{Kind: "customer", IDs: []schema.ID{l.customers[3].ID}, ToID: l.carol})
		require.Equal(t, []int64{3, 0, 1}, []int64{preview.Lines[0].Movable, preview.Lines[1].Movable, preview.Lines[2].Movable})
		require.Equal(t, []admin.Blocked{{Reason: admin.RecipientOverCapacity, Count: 1, IDs: []schema.ID{l.customers[1].ID}}}, preview.Lines[1].Blocked)

		done := must(s.Admin.ExecuteHandover(ctx, preview.Handover.ID))(t)
		require.Equal(t, admin.HandoverDoneWithErrors, done.State)
		require.Equal(t, map[schema.ID]int{l.bob: 4, l.carol: 1, l.alice: 2}, l.owners(t))
		left := l.lines(t, done.ID)[1]
		require.Equal(t, []admin.LeftRecord{{ID: l.customers[1].ID, Reason: admin.RecipientOverCapacity}}, left.LeftRecords)
		before := dump(t, app)
		require.Equal(t, done.State, must(s.Admin.ExecuteHandover(ctx, done.ID))(t).State)
		require.Equal(t, before, dump(t, app), "executing again does nothing")

		_, err := s.Admin.Transfer(ctx, record.Ref{Kind: "customer", ID: l.customers[1].ID}, "", admin.HandoverLine{ToID: l.bob})
		require.Equal(t, string(admin.RecipientOverCapacity), requireCode(t, err, storage.Invalid).Fields[0].Code)
		must(s.Admin.Transfer(ctx, record.Ref{Kind: "customer", ID: l.customers[1].ID}, "", admin.HandoverLine{ToID: l.carol}))(t)

		must(s.Admin.UndoHandover(ctx, done.ID))(t)
		require.Equal(t, map[schema.ID]int{l.bob: 1, l.carol: 1, l.alice: 5}, l.owners(t))
		rule(0)
		must(s.Admin.Transfer(ctx, record.Ref{Kind: "customer", ID: l.customers[1].ID}, "", admin.HandoverLine{ToID: l.bob}))(t)
		requireSound(t, app)
	})
}

// TestOfManyThatAreLeftTheFirstAreNamed leaves more than a line names.
func TestOfManyThatAreLeftTheFirstAreNamed(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	l := newLeaving(t, app, 30)
	must(crmtest.System(t, app).Customers.AssignmentRules.Create(t.Context(), &customer.AssignmentRule{Name: "R", Strategy: customer.Fixed,
		Members: []customer.Member{{EmployeeID: l.bob, Capacity: 2}}}))(t)
	s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
	done := must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
	line := l.lines(t, done.ID)[0]
	require.Equal(t, []int64{2, 28}, []int64{line.Moved, line.Left})
	require.Len(t, line.LeftRecords, 20)
}

// TestDueHandovers finds the jobs whose day has come.
func TestDueHandovers(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	app := crmtest.Open(t, memory.Open(), crm.WithClock(clock.Now))
	ctx := t.Context()
	l := newLeaving(t, app, 1)
	s := crmtest.As(t, app, l.boss)
	plan := func(day int, previewed bool) schema.ID {
		h := &admin.Handover{FromID: l.alice}
		if day > 0 {
			h.EffectiveOn = schema.NewDate(2026, 5, day)
		}
		job := must(s.Admin.PlanHandover(ctx, h, &admin.HandoverLine{Kind: "customer", ToID: l.bob}))(t)
		if previewed {
			must(s.Admin.PreviewHandover(ctx, job.ID))(t)
		}
		return job.ID
	}
	plan(0, true) // at once: whoever has planned it executes it
	plan(6, false)
	plan(9, true)
	want := plan(6, true)
	due := func(s *crm.Session) (ids []schema.ID) {
		for _, h := range must(s.Admin.DueHandovers(ctx, query.Select{}))(t).Items {
			ids = append(ids, h.ID)
		}
		return ids
	}
	require.Empty(t, due(s))
	clock.At = clock.At.AddDate(0, 0, 2)
	require.Equal(t, []schema.ID{want}, due(crmtest.System(t, app)))
	require.Empty(t, due(crmtest.As(t, app, l.bob)), "not his to see")
	must(crmtest.System(t, app).Admin.ExecuteHandover(ctx, want))(t)
	require.Empty(t, due(s))
}
