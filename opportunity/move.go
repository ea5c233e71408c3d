package opportunity

import (
	"context"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Move says how an opportunity goes to another stage.
type Move struct {
	// To is an open stage of the pipeline; zero is the next one.
	To schema.ID
	// On is the business date; zero is today. It does not lie before the date
	// on which the present stage was entered. It may lie ahead, as far as a hundred
	// years: whoever writes down what is agreed for a later day.
	On schema.Date
	// Reason is required to go back.
	Reason string
	// Version, if not 0, is the version that the caller saw; another one is
	// Conflict.
	Version int64
}

// Outcome says how an opportunity ended.
type Outcome struct {
	On schema.Date // as in Move
	// Amount replaces the opportunity's when it is not null. What is won must
	// have an amount in the end.
	Amount decimal.NullDecimal
	// Reason is required to lose.
	Reason  string
	Version int64 // as in Move
}

// The business names of what the verbs do.
const (
	EventAdvanced = "opportunity.advanced"
	EventWon      = "opportunity.won"
	EventLost     = "opportunity.lost"
	EventReopened = "opportunity.reopened"
)

// Advance moves an open opportunity to another open stage: forward by one, further
// where the pipeline allows to skip, or back with a reason. It returns Precondition
// for an opportunity that is not open or has no next stage.
func (m Module) Advance(ctx context.Context, id schema.ID, move Move) (*Opportunity, error) {
	return m.move(ctx, EventAdvanced, id, move.Version, move.Reason, func(ctx context.Context, s *session.Session, o *Opportunity, list steps) error {
		if o.State != Open {
			return closed(o)
		}
		from, to := list.byID(o.StageID), list.byID(move.To)
		if move.To.IsZero() {
			to = list.after(from)
		}
		switch {
		case to == nil && move.To.IsZero():
			return state(o, "it stands in the last open stage")
		case to == nil || to.State != Open:
			return fault.InvalidField("to", "stage", "is no open stage of the pipeline")
		case to.ID == from.ID:
			return state(o, "it stands in that stage already")
		case to.Position < from.Position && move.Reason == "":
			return fault.InvalidField("reason", "required", "going back needs a reason")
		case to.Position > from.Position+1:
			p, err := storage.Of(s.Tenant(), Pipelines).Get(ctx, o.PipelineID)
			if err != nil {
				return err
			}
			if !p.AllowSkip {
				return fault.InvalidField("to", "skip", "the pipeline does not allow to skip stages")
			}
		}
		o.Furthest = max(o.Furthest, to.Position)
		o.LastStageID = to.ID
		return o.enter(to, move.On, s)
	})
}

// Win ends an open opportunity as won (赢单). It is Invalid without an amount, its
// own or the outcome's, or for a date that can't be, and Precondition for one that has ended.
func (m Module) Win(ctx context.Context, id schema.ID, out Outcome) (*Opportunity, error) {
	return m.move(ctx, EventWon, id, out.Version, out.Reason, func(_ context.Context, s *session.Session, o *Opportunity, list steps) error {
		if out.Amount.Valid {
			o.Amount = out.Amount
		}
		if !o.Amount.Valid {
			return fault.InvalidField("amount", "required", "what is won has an amount")
		}
		return o.close(list.first(Won), out, s)
	})
}

// Lose ends an open opportunity as lost (输单). It is Invalid without a reason, or for a
// date that can't be, and Precondition for one that has ended.
func (m Module) Lose(ctx context.Context, id schema.ID, out Outcome) (*Opportunity, error) {
	return m.move(ctx, EventLost, id, out.Version, out.Reason, func(_ context.Context, s *session.Session, o *Opportunity, list steps) error {
		if out.Reason == "" {
			return fault.InvalidField("reason", "required", "losing needs a reason")
		}
		if out.Amount.Valid {
			o.Amount = out.Amount
		}
		return o.close(list.first(Lost), out, s)
	})
}

// Reopen takes back the end of an opportunity: it is open again in its last open
// stage, from the date of the move on. Why it had ended stays in the stage log. The
// reason is required; To is ignored. It is Precondition for an open one.
func (m Module) Reopen(ctx context.Context, id schema.ID, move Move) (*Opportunity, error) {
	return m.move(ctx, EventReopened, id, move.Version, move.Reason, func(_ context.Context, s *session.Session, o *Opportunity, list steps) error {
		if o.State == Open {
			return state(o, "it is open")
		}
		if move.Reason == "" {
			return fault.InvalidField("reason", "required", "reopening needs a reason")
		}
		o.ClosedOn, o.DaysToClose, o.Reason = schema.Date{}, nil, ""
		return o.enter(list.byID(o.LastStageID), move.On, s)
	})
}

// move is what all verbs share: the opportunity at its whole version, the change,
// the credit, the stage log.
func (m Module) move(ctx context.Context, event string, id schema.ID, version int64, reason string,
	change func(context.Context, *session.Session, *Opportunity, steps) error,
) (*Opportunity, error) {
	var moved *Opportunity
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		var err error
		moved, err = session.Of(s, Opportunities).EditAlong(ctx, org.Update, event, id, version, func(o *Opportunity) ([]driver.Mutation, error) {
			list, err := loadSteps(ctx, s, o.PipelineID)
			if err != nil {
				return nil, err
			}
			entered := o.StageSince
			if err := change(ctx, s, o, list); err != nil {
				return nil, err
			}
			o.Visits++
			owned, err := s.OwnedOn(ctx, storage.Of(s.Tenant(), Opportunities).Kind(), o.ID, o.Owned, o.StageSince)
			if err != nil {
				return nil, err
			}
			if o.Credit, err = s.Credit(ctx, owned); err != nil {
				return nil, err
			}
			visit, err := enter(s, o, reason)
			return []driver.Mutation{leave(s, o, entered), visit}, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}

// farDays is how far ahead a business date may lie: a typing error further off would
// stretch every report by month.
const farDays = 36525

func notFar(on schema.Date, field string, s *session.Session) error {
	if on.AddDays(-farDays).After(s.Today()) {
		return fault.InvalidField(field, "date", "lies more than a hundred years ahead")
	}
	return nil
}

// enter puts the opportunity into a stage from a date on.
func (o *Opportunity) enter(to *Stage, on schema.Date, s *session.Session) error {
	if on.IsZero() {
		on = s.Today()
	}
	if err := notFar(on, "on", s); err != nil {
		return err
	}
	if on.Before(o.StageSince) {
		return fault.InvalidField("on", "date", "lies before %s, when the present stage was entered", o.StageSince)
	}
	o.State, o.StageID, o.StageSince = to.State, to.ID, on
	return nil
}

func (o *Opportunity) close(to *Stage, out Outcome, s *session.Session) error {
	if o.State != Open {
		return closed(o)
	}
	if err := o.enter(to, out.On, s); err != nil {
		return err
	}
	days := int64(o.StageSince.Sub(o.OpenedOn))
	o.ClosedOn, o.DaysToClose, o.Reason = o.StageSince, &days, out.Reason
	return nil
}

// enter returns what writes the visit that the opportunity has just begun. A closing
// stage is left on the day it is entered; Reopen stretches it to the day of reopening.
func enter(s *session.Session, o *Opportunity, reason string) (driver.Mutation, error) {
	visit := StageLog{Meta: s.NewMeta(), Credit: o.Credit, OpportunityID: o.ID, Seq: o.Visits, StageID: o.StageID, EnteredOn: o.StageSince, Reason: reason}
	visit.ID = visitID(o.ID, o.Visits)
	if o.State != Open {
		none := int64(0)
		visit.LeftOn, visit.Days = o.StageSince, &none
	}
	logs := storage.Of(s.Tenant(), StageLogs)
	row, err := logs.Encode(&visit)
	return driver.Mutation{Kind: logs.Kind(), Insert: &driver.Insert{Rows: []driver.Row{row}}}, err
}

// leave returns what ends the visit before the one that the opportunity has just
// begun, which was entered on a date.
func leave(s *session.Session, o *Opportunity, entered schema.Date) driver.Mutation {
	k := storage.Of(s.Tenant(), StageLogs).Kind()
	update := &driver.Update{ID: visitID(o.ID, o.Visits-1), IfVersion: 0, Set: []driver.Assign{
		{Field: k.Field("left_on"), Value: o.StageSince},
		{Field: k.Field("days"), Value: int64(o.StageSince.Sub(entered))},
		{Field: k.Field("updated_at"), Value: s.Now()},
		{Field: k.Field("updated_by"), Value: nil},
		{Field: k.Version(), Value: int64(1), Add: true},
	}}
	if by := s.Actor().Employee; !by.IsZero() {
		update.Set[3].Value = by
	}
	return driver.Mutation{Kind: k, Update: update}
}

// visitID is the id of a visit: from the opportunity and the number of the visit, so
// that it is found without being searched for.
func visitID(opportunity schema.ID, seq int64) schema.ID {
	return schema.NameID("visit", opportunity.String(), strconv.FormatInt(seq, 10))
}

func state(o *Opportunity, why string) error {
	return &fault.Error{Code: fault.Precondition, Kind: Opportunities.Name(), ID: o.ID.String(), Message: why}
}

func closed(o *Opportunity) error { return state(o, "it is "+string(o.State)+" already") }
