package admin

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Transfer hands over one record from whoever owns it (业务移交), at once: it is a job of
// one line. Of the line ToID counts, and what is replaced, kept and ended. The actor needs
// the rights to assign the record and to create handovers. It returns the job, which can be
// undone. Where the recipient can't take the record over, it is Invalid for "to_id" with the
// BlockReason as its code, or as PlanHandover is: "active" for no active employee, "self" for
// the owner.
func (m Module) Transfer(ctx context.Context, ref record.Ref, reason string, how HandoverLine) (*Handover, error) {
	if err := ownedKind(m.s, ref.Kind); err != nil {
		return nil, err
	}
	var job *Handover
	err := m.s.Tx(ctx, func(ctx context.Context, s *session.Session) error {
		if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
			return err
		}
		k := s.Registry().Kind(ref.Kind)
		row, err := s.Row(ctx, org.Assign, k, ref.ID)
		if err != nil {
			return err
		}
		from, _ := row[k.Owner().Position].(schema.ID)
		how.Kind, how.Where, how.IDs = ref.Kind, nil, []schema.ID{ref.ID}
		if job, err = New(s).PlanHandover(ctx, &Handover{FromID: from, Reason: reason}, &how); err != nil {
			return err
		}
		lines, err := linesOf(ctx, s, job.ID)
		if err != nil {
			return err
		}
		line := next(lines)
		if line == nil {
			return fault.New(fault.Internal, "the job has no line")
		}
		why, err := line.unfit(ctx, s, k)
		if err != nil {
			return err
		}
		room, err := line.room(ctx, s, true)
		switch {
		case err != nil:
			return err
		case room == 0:
			why = RecipientOverCapacity
			fallthrough
		case why != "":
			return fault.InvalidField("to_id", string(why), "can't take over records of this kind")
		}
		if err := line.take(ctx, s, k, job, []driver.Row{row}); err != nil {
			return err
		}
		line.Selected, line.Moved, line.Finished = 1, 1, true
		if err := line.forward(ctx, s); err != nil {
			return err
		}
		job, err = turn(ctx, s, job.ID, HandoverDone, HandoverDraft)
		return err
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

func ownedKind(s *session.Session, name string) error {
	if k := s.Registry().Kind(name); k == nil || k.Owner() == nil {
		return fault.InvalidField("kind", "kind", "there is no kind of that name whose records have an owner")
	}
	return nil
}
