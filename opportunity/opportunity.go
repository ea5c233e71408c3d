package opportunity

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Opportunity is a chance to sell something (商机).
type Opportunity struct {
	record.Meta
	record.Owned
	record.Credit
	Name       string    `crm:"name,search" validate:"required"`
	CustomerID schema.ID // zero while unknown
	ProductID  schema.ID // zero while unknown
	PipelineID schema.ID `validate:"required"`
	// Amount is what the customer will pay, in the company's currency; null
	// while unknown. What is won has one.
	Amount        decimal.NullDecimal `validate:"omitempty,min=0"`
	ExpectedClose schema.Date
	// StageID is the present stage. At Create it may name an open stage to begin
	// in; zero is the first. OpenedOn is the business date of the beginning; zero
	// at Create is today. Both are changed by verbs only from then on.
	StageID  schema.ID
	OpenedOn schema.Date
	Track
}

// Track is where an opportunity stands and how it got there. Verbs change it, and
// nothing else does.
type Track struct {
	State State
	// StageSince is the date on which the present stage was entered.
	StageSince schema.Date
	// ClosedOn is the date on which it was won or lost; zero while open.
	ClosedOn schema.Date
	// DaysToClose is ClosedOn minus OpenedOn in days; nil while open.
	DaysToClose *int64
	// LastStageID is the last open stage, kept after the end: where it was lost.
	LastStageID schema.ID
	// Furthest is the greatest position of an open stage ever entered.
	Furthest int64
	// Reason says why it was won or lost; empty while open.
	Reason string
	// Visits is the number of rows in its stage log.
	Visits int64
}

// Opportunities is the kind of Opportunity. Whoever may read an opportunity may read
// its customer.
var Opportunities = schema.Define[Opportunity]("opportunity",
	record.Responsible(), record.Credited(),
	schema.IndexOn("state", "closed_on"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Holds(), schema.Inverse("opportunities")),
	schema.BelongsTo("product", "product", "product_id"),
	schema.BelongsTo("pipeline", "pipeline", "pipeline_id"),
	schema.BelongsTo("stage", "stage", "stage_id"),
	schema.BelongsTo("last_stage", "stage", "last_stage_id"))

// StageLog is one visit of an opportunity to a stage. The visits of an opportunity,
// in order of Seq, follow each other without a gap: each LeftOn is the next
// EnteredOn. The last one is open exactly while the opportunity is.
type StageLog struct {
	record.Meta
	record.Credit
	OpportunityID schema.ID `crm:"opportunity_id,required"`
	Seq           int64     // from 1
	StageID       schema.ID
	EnteredOn     schema.Date
	LeftOn        schema.Date // zero while the visit is open
	Days          *int64      // LeftOn minus EnteredOn; nil while open
	// Reason is what the verb was given that began the visit.
	Reason string
}

// StageLogs is the kind of StageLog: part of its opportunity.
var StageLogs = schema.Define[StageLog]("stage_log",
	record.Standard(), record.Credited(),
	schema.Unique("opportunity_id", "seq"),
	schema.BelongsTo("opportunity", "opportunity", "opportunity_id", schema.Part(), schema.Inverse("stage_logs")),
	schema.BelongsTo("stage", "stage", "stage_id"))

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{Pipelines.Kind, Stages.Kind, Opportunities.Kind, StageLogs.Kind}
}

// Module is opportunities and pipelines as a session sees them.
type Module struct {
	session.Collection[Opportunity]
	Pipelines session.Collection[Pipeline]
	Stages    session.Collection[Stage]
	// Log is the stage log, for reading.
	Log session.Collection[StageLog]

	s *session.Session
}

// New returns the module for a session.
func New(s *session.Session) Module {
	return Module{session.Of(s, Opportunities), session.Of(s, Pipelines), session.Of(s, Stages), session.Of(s, StageLogs), s}
}

// Create opens an opportunity in the first open stage of its pipeline, or in the
// open stage that StageID names, on OpenedOn or today.
func (m Module) Create(ctx context.Context, o *Opportunity) (*Opportunity, error) {
	if o == nil {
		return nil, fault.New(fault.Invalid, "no opportunity was given")
	}
	var created *Opportunity
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		var err error
		created, err = create(ctx, s, *o)
		return err
	})
	return created, err
}

func create(ctx context.Context, s *session.Session, o Opportunity) (*Opportunity, error) {
	if !o.ID.IsZero() {
		// Before anything is filled in that depends on today or on who leads whom.
		if stored, err := session.Of(s, Opportunities).Existing(ctx, &o); err != nil || stored != nil {
			return stored, err
		}
	}
	list, err := loadSteps(ctx, s, o.PipelineID)
	if err != nil {
		return nil, err
	}
	stage := list.first(Open)
	if !o.StageID.IsZero() {
		stage = list.byID(o.StageID)
	}
	if stage == nil || stage.State != Open {
		return nil, fault.InvalidField("stage_id", "stage", "is no open stage of the pipeline")
	}
	if o.OpenedOn.IsZero() {
		o.OpenedOn = s.Today()
	}
	if err := notFar(o.OpenedOn, "opened_on", s); err != nil {
		return nil, err
	}
	o.State, o.StageID, o.LastStageID, o.StageSince = Open, stage.ID, stage.ID, o.OpenedOn
	o.ClosedOn, o.DaysToClose, o.Reason, o.Furthest, o.Visits = schema.Date{}, nil, "", stage.Position, 1
	owned, err := s.Owned(ctx, o.Owned)
	if err != nil {
		return nil, err
	}
	if o.Credit, err = s.Credit(ctx, owned); err != nil {
		return nil, err
	}
	if o.ID.IsZero() {
		o.ID = s.Tenant().NewID()
	}
	visit, err := enter(s, &o, "")
	if err != nil {
		return nil, err
	}
	return session.Of(s, Opportunities).CreateNew(ctx, "", &o, visit)
}

// Delete removes an opportunity with its stage log; see session.Collection.Delete.
func (m Module) Delete(ctx context.Context, id schema.ID, version int64) error {
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		all := session.Of(s, Opportunities)
		if _, err := s.Row(ctx, org.Delete, s.Registry().Kind(Opportunities.Name()), id); err != nil {
			return err
		}
		o, err := all.Trusted().Get(ctx, id)
		if err != nil {
			return err
		}
		gone := make([]driver.Mutation, o.Visits)
		for i := range gone {
			gone[i] = driver.Mutation{Kind: storage.Of(s.Tenant(), StageLogs).Kind(), Delete: &driver.Delete{ID: visitID(id, int64(i+1))}}
		}
		if err := s.Tenant().Write(ctx, gone...); err != nil {
			return err
		}
		return all.Delete(ctx, id, version)
	})
}

// Hooks returns the rules of this package that hold for every write.
func Hooks() []session.Hook {
	return []session.Hook{session.Before(Opportunities, onlyByVerbs), session.Before(StageLogs, neverByHand), session.Before(Stages, onlyAsAWhole)}
}
