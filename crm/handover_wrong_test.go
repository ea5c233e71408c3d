package crm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
)

// TestNobodyTurnsAJobByAName writes jobs under the names of what their verbs do, which lets
// nobody skip a preview, or give an import another list.
func TestNobodyTurnsAJobByAName(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		l := newLeaving(t, app, 2)
		s := crmtest.As(t, app, l.boss)
		job := must(s.Admin.PlanHandover(ctx, &admin.Handover{FromID: l.bob}, &admin.HandoverLine{Kind: "customer", ToID: l.carol}))(t)
		list := must(s.Exchange.Start(ctx, planned(t, s, "customer", "code,name\n", "code")))(t)
		before := dump(t, app)
		for _, state := range []admin.HandoverState{admin.HandoverDraft, admin.HandoverPreviewed, admin.HandoverExecuting, admin.HandoverDone, admin.HandoverUndoing, admin.HandoverUndone} {
			event := "handover." + string(state)
			_, err := s.Admin.Handovers.EditAs(ctx, org.Update, event, job.ID, 0, func(h *admin.Handover) error {
				h.State, h.FromID = state, l.alice
				return nil
			})
			requireCode(t, err, storage.Precondition)
			_, err = s.Admin.Handovers.CreateAs(ctx, event, &admin.Handover{FromID: l.alice, State: state})
			requireCode(t, err, storage.Precondition)
		}
		for _, state := range []exchange.ImportState{exchange.ImportApplying, exchange.ImportLinking, exchange.ImportDone, exchange.ImportUndoing, exchange.ImportUndone} {
			event := "import." + string(state)
			_, err := s.Exchange.Imports.EditAs(ctx, org.Update, event, list.ID, 0, func(i *exchange.Import) error {
				i.State, i.Key = state, "name"
				return nil
			})
			requireCode(t, err, storage.Precondition)
			_, err = s.Exchange.Imports.CreateAs(ctx, event, &exchange.Import{Plan: list.Plan, State: state})
			requireCode(t, err, storage.Precondition)
		}
		require.Equal(t, before, dump(t, app))
	})
}
