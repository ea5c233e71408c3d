package opportunity

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Pipeline is a way of selling: an ordered list of stages (销售流程).
type Pipeline struct {
	record.Meta
	Name string `validate:"required"`
	// AllowSkip lets an opportunity advance over stages; without it, it moves
	// forward one stage at a time.
	AllowSkip bool
}

// Pipelines is the kind of Pipeline; names are unique.
var Pipelines = schema.Define[Pipeline]("pipeline", record.Standard(), schema.Unique("name"))

// Stage is one step of a pipeline (阶段).
type Stage struct {
	record.Meta
	PipelineID schema.ID
	Name       string `validate:"required"`
	// Position orders the stages of a pipeline, from 1.
	Position int64
	// State is that of the opportunities in the stage.
	State State `validate:"oneof=open won lost"`
	// Probability is the chance of winning from here, 0 to 1.
	Probability decimal.Decimal `validate:"min=0,max=1"`
	// StandardDays is how long an opportunity should stay (标准升迁时间); nil
	// where there is no standard.
	StandardDays *int64 `validate:"omitempty,min=0"`
}

// Stages is the kind of Stage.
var Stages = schema.Define[Stage]("stage", record.Standard(),
	schema.Unique("pipeline_id", "position"), schema.Unique("pipeline_id", "name"),
	schema.BelongsTo("pipeline", "pipeline", "pipeline_id", schema.Inverse("stages")))

// State is where an opportunity stands as a whole.
type State string

// The states.
const (
	Open State = "open"
	Won  State = "won"
	Lost State = "lost"
)

// CreatePipeline stores a pipeline with its stages, in the order given: one or more
// open stages, then exactly one won and one lost. Positions are set here. A repeated
// call with the same ids returns what is stored.
func (m Module) CreatePipeline(ctx context.Context, p *Pipeline, stages ...*Stage) (*Pipeline, []*Stage, error) {
	if err := checkStages(stages); err != nil {
		return nil, nil, err
	}
	var created *Pipeline
	var steps []*Stage
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		var err error
		if created, err = session.Of(s, Pipelines).Create(ctx, p); err != nil {
			return err
		}
		numbered := make([]*Stage, len(stages))
		for i, stage := range stages {
			step := *stage
			step.PipelineID, step.Position = created.ID, int64(i+1)
			numbered[i] = &step
		}
		steps, err = session.Of(s, Stages).CreateMany(ctx, eventPipeline, numbered...)
		return err
	})
	return created, steps, err
}

// eventPipeline is what happens to the stages of a new pipeline.
const eventPipeline = "stage.set_up"

// onlyAsAWhole keeps a pipeline what CreatePipeline made it: its stages may be renamed
// and revalued, and not be added, removed, moved or turned into others.
func onlyAsAWhole(_ context.Context, s *session.Session, writes []session.Write[Stage]) error {
	for _, w := range writes {
		if w.New != nil {
			s.Forget(stepsOf(w.New.PipelineID))
		}
		switch {
		case w.Event == eventPipeline:
		case w.Old == nil || w.New == nil:
			return fault.New(fault.Precondition, "the stages of a pipeline are created with it")
		case w.Old.PipelineID != w.New.PipelineID || w.Old.Position != w.New.Position || w.Old.State != w.New.State:
			return fault.New(fault.Precondition, "pipeline, position and state of a stage do not change")
		}
	}
	return nil
}

func checkStages(stages []*Stage) error {
	if len(stages) > maxStages {
		return fault.InvalidField("stages", "max", "a pipeline has at most %d stages", maxStages)
	}
	count := map[State]int{}
	for i, stage := range stages {
		if stage == nil {
			return fault.InvalidField("stages", "required", "stage %d is missing", i+1)
		}
		if stage.State == Open && i > 0 && stages[i-1].State != Open {
			return fault.InvalidField("stages", "order", "open stages stand before the won and the lost one")
		}
		count[stage.State]++
	}
	if count[Open] == 0 || count[Won] != 1 || count[Lost] != 1 || len(stages) != count[Open]+2 {
		return fault.InvalidField("stages", "states", "a pipeline has open stages, one won and one lost")
	}
	return nil
}

// steps are the stages of one pipeline in order.
type steps []Stage

// maxStages is the number of stages that a pipeline may have.
const maxStages = 100

// stepsOf is the key under which a transaction keeps the stages of a pipeline.
type stepsOf schema.ID

// loadSteps returns the stages of a pipeline, which are read once in a transaction.
func loadSteps(ctx context.Context, s *session.Session, pipeline schema.ID) (steps, error) {
	return session.Once(s, stepsOf(pipeline), func() (steps, error) {
		page, err := storage.Of(s.Tenant(), Stages).Find(ctx, query.Select{
			Where: query.Eq("pipeline_id", pipeline), Sort: query.By("position"), Limit: maxStages})
		if err != nil {
			return nil, err
		}
		if len(page.Items) == 0 {
			return nil, fault.InvalidField("pipeline_id", "reference", "there is no such pipeline")
		}
		return page.Items, nil
	})
}

func (st steps) byID(id schema.ID) *Stage {
	return st.find(func(s Stage) bool { return s.ID == id })
}

func (st steps) first(state State) *Stage {
	return st.find(func(s Stage) bool { return s.State == state })
}

func (st steps) find(is func(Stage) bool) *Stage {
	if i := slices.IndexFunc(st, is); i >= 0 {
		return &st[i]
	}
	return nil
}

// after returns the next open stage, nil behind the last.
func (st steps) after(at *Stage) *Stage {
	return st.find(func(s Stage) bool { return s.State == Open && s.Position > at.Position })
}
