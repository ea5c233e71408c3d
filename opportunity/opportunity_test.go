package opportunity_test

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// sale is a pipeline with three open stages.
type sale struct {
	s        *crm.Session
	pipeline *opportunity.Pipeline
	stages   []*opportunity.Stage
}

func newSale(t *testing.T, s *crm.Session, skip bool) sale {
	t.Helper()
	p, stages, err := s.Opportunities.CreatePipeline(t.Context(), &opportunity.Pipeline{Name: "Direct", AllowSkip: skip},
		&opportunity.Stage{Name: "Requirement", State: opportunity.Open}, &opportunity.Stage{Name: "Solution", State: opportunity.Open},
		&opportunity.Stage{Name: "Bidding", State: opportunity.Open},
		&opportunity.Stage{Name: "Won", State: opportunity.Won}, &opportunity.Stage{Name: "Lost", State: opportunity.Lost})
	require.NoError(t, err)
	return sale{s, p, stages}
}

func day(n int) schema.Date { return schema.NewDate(2026, 1, 1).AddDays(n) }

func amount(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }

func TestADealFromFirstStageToWonAndBack(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		d, err := crmtest.System(t, app).Admin.Departments.Create(ctx, &org.Department{Name: "East"})
		require.NoError(t, err)
		manager := crmtest.Hire(t, app, "Manager", schema.ID{}, d.ID)
		agent := crmtest.Hire(t, app, "Agent", manager, d.ID)
		newSale(t, crmtest.System(t, app), false)
		s := crmtest.As(t, app, agent)
		p, err := s.Opportunities.Pipelines.Find(ctx, query.Select{})
		require.NoError(t, err)

		o, err := s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", PipelineID: p.Items[0].ID, OpenedOn: day(0)})
		require.NoError(t, err)
		require.Equal(t, opportunity.Open, o.State)
		require.Equal(t, []schema.ID{agent, manager, d.ID}, []schema.ID{o.CreditOwnerID, o.CreditManagerID, o.CreditDepartmentID})
		o, err = s.Opportunities.Advance(ctx, o.ID, opportunity.Move{On: day(3)})
		require.NoError(t, err)
		require.EqualValues(t, 2, o.Furthest)

		_, err = s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{On: day(10)})
		require.ErrorIs(t, err, storage.ErrInvalid, "what is won has an amount")
		won, err := s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{On: day(10), Amount: amount(500), Reason: "price"})
		require.NoError(t, err)
		require.Equal(t, opportunity.Won, won.State)
		require.EqualValues(t, 10, *won.DaysToClose)
		require.Equal(t, o.StageID, won.LastStageID)
		for name, verb := range map[string]func() error{
			"win":     func() error { _, err := s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{}); return err },
			"lose":    func() error { _, err := s.Opportunities.Lose(ctx, o.ID, opportunity.Outcome{Reason: "x"}); return err },
			"advance": func() error { _, err := s.Opportunities.Advance(ctx, o.ID, opportunity.Move{}); return err },
		} {
			require.ErrorIs(t, verb(), storage.ErrPrecondition, name)
		}
		_, err = s.Opportunities.Reopen(ctx, o.ID, opportunity.Move{On: day(12)})
		require.ErrorIs(t, err, storage.ErrInvalid, "reopening needs a reason")
		again, err := s.Opportunities.Reopen(ctx, o.ID, opportunity.Move{On: day(12), Reason: "they called"})
		require.NoError(t, err)
		require.Equal(t, opportunity.Open, again.State)
		require.Equal(t, o.StageID, again.StageID)
		require.Nil(t, again.DaysToClose)
		require.True(t, again.ClosedOn.IsZero())
		checkLog(t, s, again)
	})
}

func TestWhatAdvanceRefuses(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := newSale(t, crmtest.System(t, app), false)
		o, err := s.s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", PipelineID: s.pipeline.ID, OpenedOn: day(5)})
		require.NoError(t, err)
		for name, c := range map[string]struct {
			move opportunity.Move
			want error
		}{
			"over a stage":             {opportunity.Move{To: s.stages[2].ID, On: day(6)}, storage.ErrInvalid},
			"to the stage it is in":    {opportunity.Move{To: s.stages[0].ID, On: day(6)}, storage.ErrPrecondition},
			"to a closing stage":       {opportunity.Move{To: s.stages[3].ID, On: day(6)}, storage.ErrInvalid},
			"to a stage of nowhere":    {opportunity.Move{To: schema.NameID("nowhere"), On: day(6)}, storage.ErrInvalid},
			"before it began":          {opportunity.Move{On: day(4)}, storage.ErrInvalid},
			"from a version long gone": {opportunity.Move{On: day(6), Version: 7}, storage.ErrConflict},
		} {
			_, err := s.s.Opportunities.Advance(ctx, o.ID, c.move)
			require.ErrorIs(t, err, c.want, name)
		}
		_, err = s.s.Opportunities.Advance(ctx, o.ID, opportunity.Move{On: day(6)})
		require.NoError(t, err)
		_, err = s.s.Opportunities.Advance(ctx, o.ID, opportunity.Move{To: s.stages[0].ID, On: day(7)})
		require.ErrorIs(t, err, storage.ErrInvalid, "going back needs a reason")
		back, err := s.s.Opportunities.Advance(ctx, o.ID, opportunity.Move{To: s.stages[0].ID, On: day(7), Reason: "new requirement"})
		require.NoError(t, err)
		require.EqualValues(t, 2, back.Furthest, "the furthest stage is kept")

		_, err = s.s.Opportunities.Edit(ctx, o.ID, func(o *opportunity.Opportunity) error { o.StageID = s.stages[2].ID; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition, "a stage is not edited")
		_, err = s.s.Opportunities.Edit(ctx, o.ID, func(o *opportunity.Opportunity) error { o.Name = "Renamed"; return nil })
		require.NoError(t, err)
	})
}

func TestWhatCreatePipelineRefuses(t *testing.T) {
	s := crmtest.System(t, crmtest.Open(t, memory.Open()))
	stage := func(state opportunity.State) *opportunity.Stage {
		return &opportunity.Stage{Name: string(state), State: state}
	}
	for name, stages := range map[string][]*opportunity.Stage{
		"no stage":          nil,
		"no open stage":     {stage("won"), stage("lost")},
		"no lost stage":     {stage("open"), stage("won")},
		"open after won":    {stage("won"), stage("open"), stage("lost")},
		"an unknown state":  {stage("open"), stage("won"), stage("lost"), stage("other")},
		"a stage left out":  {stage("open"), nil, stage("won"), stage("lost")},
		"two stages alike":  {stage("open"), stage("open"), stage("won"), stage("lost")},
		"a chance above 1":  {{Name: "a", State: "open", Probability: decimal.NewFromInt(2)}, stage("won"), stage("lost")},
		"a stage nameless":  {{State: "open"}, stage("won"), stage("lost")},
		"two of won states": {stage("open"), stage("won"), {Name: "w", State: "won"}, stage("lost")},
	} {
		_, _, err := s.Opportunities.CreatePipeline(t.Context(), &opportunity.Pipeline{Name: name}, stages...)
		require.Error(t, err, name)
		n, err := s.Opportunities.Pipelines.Count(t.Context(), nil)
		require.NoError(t, err)
		require.Zero(t, n, name)
	}
}

// TestStageLogHasNoGaps drives an opportunity through random verbs and checks after
// each, refused or not, what must always hold.
func TestStageLogHasNoGaps(t *testing.T) {
	s := newSale(t, crmtest.System(t, crmtest.Open(t, memory.Open())), true)
	ctx := t.Context()
	rapid.Check(t, func(r *rapid.T) {
		o, err := s.s.Opportunities.Create(ctx, &opportunity.Opportunity{Name: "Deal", PipelineID: s.pipeline.ID, OpenedOn: day(0), Amount: amount(1)})
		require.NoError(r, err)
		furthest, at := int64(1), 0
		for range rapid.IntRange(1, 12).Draw(r, "verbs") {
			on := day(at + rapid.IntRange(-1, 4).Draw(r, "days"))
			to := s.stages[rapid.IntRange(0, 4).Draw(r, "to")].ID
			var err error
			switch rapid.SampledFrom([]string{"next", "to", "win", "lose", "reopen"}).Draw(r, "verb") {
			case "next":
				_, err = s.s.Opportunities.Advance(ctx, o.ID, opportunity.Move{On: on})
			case "to":
				_, err = s.s.Opportunities.Advance(ctx, o.ID, opportunity.Move{To: to, On: on, Reason: "x"})
			case "win":
				_, err = s.s.Opportunities.Win(ctx, o.ID, opportunity.Outcome{On: on})
			case "lose":
				_, err = s.s.Opportunities.Lose(ctx, o.ID, opportunity.Outcome{On: on, Reason: "x"})
			case "reopen":
				_, err = s.s.Opportunities.Reopen(ctx, o.ID, opportunity.Move{On: on, Reason: "x"})
			}
			if err == nil {
				at = on.Sub(day(0))
			}
			o, err = s.s.Opportunities.Get(ctx, o.ID)
			require.NoError(r, err)
			require.GreaterOrEqual(r, o.Furthest, furthest, "the furthest stage never goes back")
			furthest = o.Furthest
			checkLog(r, s.s, o)
		}
	})
}

// checkLog checks a stage log: contiguous, one open visit exactly while the
// opportunity is open, days as the dates say.
func checkLog(t require.TestingT, s *crm.Session, o *opportunity.Opportunity) {
	var visits []opportunity.StageLog
	for v, err := range s.Opportunities.Log.All(context.Background(), query.Select{Where: query.Eq("opportunity_id", o.ID), Sort: query.By("seq")}) {
		require.NoError(t, err)
		visits = append(visits, v)
	}
	require.Len(t, visits, int(o.Visits))
	for i, v := range visits {
		require.EqualValues(t, i+1, v.Seq)
		last := i == len(visits)-1
		require.Equal(t, last && o.State == opportunity.Open, v.LeftOn.IsZero())
		if !last {
			require.Equal(t, visits[i+1].EnteredOn, v.LeftOn)
		}
		if !v.LeftOn.IsZero() {
			require.EqualValues(t, v.LeftOn.Sub(v.EnteredOn), *v.Days)
		}
	}
	end := visits[len(visits)-1]
	require.Equal(t, o.StageID, end.StageID)
	require.Equal(t, o.StageSince, end.EnteredOn)
	require.Equal(t, o.State == opportunity.Open, o.ClosedOn.IsZero())
	require.Equal(t, o.State == opportunity.Open, o.DaysToClose == nil)
}
