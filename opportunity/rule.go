package opportunity

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

// Exemption exempts customers with an open opportunity from being taken back by a public
// pool.
func Exemption() customer.Exemption {
	return customer.Exemption{Name: "open_opportunity", Where: query.Has("opportunities", query.Eq("state", Open))}
}

// onlyByVerbs keeps an edit from changing what the verbs keep in step with the stage
// log.
func onlyByVerbs(_ context.Context, _ *session.Session, writes []session.Write[Opportunity]) error {
	for _, w := range writes {
		if w.New == nil {
			continue
		}
		switch w.Event {
		case EventAdvanced, EventWon, EventLost, EventReopened:
			continue
		}
		if w.Old == nil {
			if w.New.Visits != 1 || w.New.State != Open {
				return fault.New(fault.Precondition, "an opportunity is created by the module's Create")
			}
			continue
		}
		if w.Old.State != Open && !sameAmount(w.New.Amount, w.Old.Amount) {
			return fault.New(fault.Precondition, "the amount of a closed opportunity does not change; reopen it")
		}
		if !sameTrack(w.New, w.Old) {
			return fault.New(fault.Precondition, "stage, state, dates and credit of an opportunity change by Advance, Win, Lose and Reopen")
		}
	}
	return nil
}

// neverByHand keeps the stage log what the verbs have written: they write it beside the
// collections, and nothing else may.
func neverByHand(context.Context, *session.Session, []session.Write[StageLog]) error {
	return fault.New(fault.Precondition, "the stage log is written by Create, Advance, Win, Lose and Reopen")
}

func sameAmount(a, b decimal.NullDecimal) bool {
	return a.Valid == b.Valid && a.Decimal.Equal(b.Decimal)
}

// sameTrack compares by what the pointers point to.
func sameTrack(a, b *Opportunity) bool {
	x, y := a.Track, b.Track
	sameDays := x.DaysToClose == nil && y.DaysToClose == nil || x.DaysToClose != nil && y.DaysToClose != nil && *x.DaysToClose == *y.DaysToClose
	x.DaysToClose, y.DaysToClose = nil, nil
	return sameDays && x == y && a.Credit == b.Credit && a.PipelineID == b.PipelineID && a.StageID == b.StageID && a.OpenedOn == b.OpenedOn
}
