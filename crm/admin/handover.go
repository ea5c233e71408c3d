package admin

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Handover is the job by which the records of one employee go to others (员工异动交接), or
// those of a department that is re-organised. Its owner is who planned it; what it does is
// said by its lines.
type Handover struct {
	record.Meta
	record.Owned
	// FromID is whose records are handed over; zero are those of FromDepartmentID or, where
	// that is zero too, the records that nobody owns.
	FromID schema.ID
	// FromDepartmentID is the department whose records go to other departments, whoever owns
	// them, but not those of departments below.
	FromDepartmentID schema.ID
	Reason           string
	// EffectiveOn is the first day on which the job may be executed; zero is at once. Nothing
	// executes it by itself: the host calls ExecuteHandover, from its scheduler for those that
	// DueHandovers returns.
	EffectiveOn schema.Date
	State       HandoverState `crm:"state,max=20"`
}

// HandoverState says how far a handover has got.
type HandoverState string

// The states, in their order. The last two follow on executing or either kind of done only.
const (
	HandoverDraft     HandoverState = "draft"
	HandoverPreviewed HandoverState = "previewed"
	HandoverExecuting HandoverState = "executing"
	HandoverDone      HandoverState = "done"
	// HandoverDoneWithErrors is done, with records left that could not be moved: the lines tell
	// which, and why.
	HandoverDoneWithErrors HandoverState = "done_with_errors"
	HandoverUndoing        HandoverState = "undoing"
	HandoverUndone         HandoverState = "undone"
)

// Handovers is the kind of Handover.
var Handovers = schema.Define[Handover]("handover",
	record.Responsible(), schema.BelongsTo("from", "employee", "from_id"))

// onlyByHandover keeps a job what its verbs have made it. It may itself be handed over.
func onlyByHandover(_ context.Context, s *session.Session, writes []session.Write[Handover]) error {
	for _, w := range writes {
		same := w.Old != nil && w.New != nil && w.Old.FromID == w.New.FromID && w.Old.FromDepartmentID == w.New.FromDepartmentID && w.Old.EffectiveOn == w.New.EffectiveOn && w.Old.State == w.New.State
		if !same && (w.New == nil || !s.Unbound()) {
			return fault.New(fault.Precondition, "a handover is written by PlanHandover, PreviewHandover, ExecuteHandover and UndoHandover")
		}
	}
	return nil
}

// turnBy is turn for an actor who has to have the right to change the job.
func turnBy(ctx context.Context, s *session.Session, id schema.ID, to HandoverState, from ...HandoverState) (*Handover, error) {
	if _, err := s.Row(ctx, org.Update, s.Registry().Kind(Handovers.Name()), id); err != nil {
		return nil, err
	}
	return turn(ctx, s, id, to, from...)
}

// turn brings a job into another state, if it is in one of some now.
func turn(ctx context.Context, s *session.Session, id schema.ID, to HandoverState, from ...HandoverState) (*Handover, error) {
	return session.Of(s, Handovers).Trusted().EditAs(ctx, org.Update, "handover."+string(to), id, 0, func(h *Handover) error {
		if slices.Contains(from, h.State) {
			h.State = to
			return nil
		}
		e := fault.New(fault.Precondition, "it is %s", h.State)
		e.Kind, e.ID = Handovers.Name(), id.String()
		return e
	})
}

// step does a page of a line of a job, and sets the line's progress. When it is careful,
// it leaves out what rules refuse; otherwise that is its error.
type step func(ctx context.Context, s *session.Session, job *Handover, line *HandoverLine, careful bool) error

// work does page after page of a job, each in a transaction, until nothing is left, and
// then turns the job into done. Several may be at it at once: a page is done by who is
// first to bring the line forward. A page of which a rule refuses a part is done again,
// carefully.
func (m Module) work(ctx context.Context, id schema.ID, doing HandoverState, done func(lines []HandoverLine) HandoverState, do step) (*Handover, error) {
	seen, careful := int64(-1), false
	for {
		var job *Handover
		err := m.s.Tx(ctx, func(ctx context.Context, s *session.Session) (err error) {
			job, err = session.Of(s, Handovers).Trusted().Get(ctx, id) // it may itself have been handed over
			if err != nil || job.State != doing {
				return err
			}
			lines, err := linesOf(ctx, s, id)
			if err != nil {
				return err
			}
			line := next(lines)
			if line == nil {
				job, err = turn(ctx, s, id, done(lines), doing)
				return err
			}
			if err := do(ctx, s, job, line, careful); err != nil {
				return err
			}
			return line.forward(ctx, s)
		})
		if session.Refused(err) && !careful {
			careful = true
			continue
		}
		if errors.Is(err, storage.ErrRetry) && !m.s.Tenant().InTx() {
			// As long as somebody else brings the job forward, there is no reason to give up.
			at, stood := progress(ctx, m.s, id)
			if stood != nil || at == seen {
				return nil, err
			}
			seen = at
			continue
		}
		if err != nil {
			return nil, err
		}
		if job.State != doing {
			return job, nil
		}
		careful = false
	}
}
