package crm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage/query"
)

// TestTheStageLogIsForReading writes to the stage log beside the verbs.
func TestTheStageLogIsForReading(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		s, ctx := w.as(t), t.Context()
		o := must(s.Opportunities.Create(ctx, w.deal()))(t)
		must(s.Opportunities.Advance(ctx, o.ID, opportunity.Move{}))(t)
		visits := must(s.Opportunities.Log.Find(ctx, query.Select{Sort: query.By("seq")}))(t).Items
		before := dump(t, app)
		_, edited := s.Opportunities.Log.Edit(ctx, visits[0].ID, func(l *opportunity.StageLog) error { l.Seq = 9; return nil })
		_, added := s.Opportunities.Log.Create(ctx, &opportunity.StageLog{OpportunityID: o.ID, Seq: 3, StageID: w.stages[0].ID})
		deleted := s.Opportunities.Log.Delete(ctx, visits[1].ID, 0)
		require.Equal(t, before, dump(t, app), "edit: %v, create: %v, delete: %v", edited, added, deleted)
	})
}

// TestAPipelineStaysWhole changes stages one by one: a pipeline keeps its open stages,
// one won and one lost.
func TestAPipelineStaysWhole(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		s, ctx := crmtest.System(t, app), t.Context()
		must(w.as(t).Opportunities.Create(ctx, w.deal()))(t)
		before := dump(t, app)
		_, second := s.Opportunities.Stages.Create(ctx, &opportunity.Stage{PipelineID: w.pipeline, Name: "Won again", Position: 9, State: opportunity.Won})
		_, turned := s.Opportunities.Stages.Edit(ctx, w.stages[0].ID, func(st *opportunity.Stage) error { st.State = opportunity.Lost; return nil })
		none := s.Opportunities.Stages.Delete(ctx, w.stages[2].ID, 0)
		require.Equal(t, before, dump(t, app), "a second won stage: %v, an open stage turned lost under an open deal: %v, no won stage: %v", second, turned, none)
	})
}
