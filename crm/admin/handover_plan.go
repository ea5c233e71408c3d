package admin

import (
	"context"
	"slices"
	"strconv"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// maxLines is the greatest number of lines of a job.
const maxLines = 100

// PlanHandover stores a job as a draft: FromID or FromDepartmentID, Reason and EffectiveOn are
// taken from h, the rest of it is set, and the lines are numbered in their order. The actor
// needs the rights to create handovers and to assign records of each kind; which of the
// records they may assign is for the preview to tell.
//
// It is Invalid for an employee and a department at once, without lines or with more than
// 100, and where a line names no kind whose records have an owner, a recipient who is no
// active employee or is the leaver, both a condition and ids, or a condition that does not
// fit the kind. The lines of a department's job replace the department, by one that is given or
// that the recipient stands in now; they alone may name no recipient.
func (m Module) PlanHandover(ctx context.Context, h *Handover, lines ...*HandoverLine) (*Handover, error) {
	if h == nil || len(lines) == 0 || len(lines) > maxLines {
		return nil, fault.InvalidField("lines", "count", "a handover has 1 to %d lines", maxLines)
	}
	var job *Handover
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		dir, err := s.Directory(ctx)
		if err != nil {
			return err
		}
		if err := h.check(dir); err != nil {
			return err
		}
		if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
			return err
		}
		given := &Handover{FromID: h.FromID, FromDepartmentID: h.FromDepartmentID, Reason: h.Reason, EffectiveOn: h.EffectiveOn, State: HandoverDraft}
		if given.ID = h.ID; given.ID.IsZero() {
			given.ID = s.Tenant().NewID()
		}
		list := make([]*HandoverLine, len(lines))
		for i, line := range lines {
			if line == nil {
				return fault.InvalidField("lines", "required", "line %d is missing", i+1)
			}
			l := &HandoverLine{HandoverID: given.ID, Position: int64(i + 1), Kind: line.Kind, Where: line.Where, IDs: line.IDs, ToID: line.ToID,
				ReplaceDepartment: line.ReplaceDepartment, DepartmentID: line.DepartmentID, ReplaceMaker: line.ReplaceMaker, EndShares: line.EndShares, KeepUntil: line.KeepUntil}
			l.ID = schema.NameID("handover_line", given.ID.String(), strconv.Itoa(i+1))
			if err := l.check(ctx, s, dir, given); err != nil {
				return err
			}
			list[i] = l
		}
		if err := s.Require(ctx, org.Create, Handovers.Kind); err != nil {
			return err
		}
		if job, err = session.Of(s, Handovers).Trusted().CreateAs(ctx, "handover.draft", given); err != nil {
			return err
		}
		if !h.ID.IsZero() { // which may be that of another's, with the same in it
			if _, err := s.Row(ctx, org.Read, s.Registry().Kind(Handovers.Name()), h.ID); err != nil {
				return err
			}
		}
		_, err = session.Of(s, HandoverLines).Trusted().CreateMany(ctx, "handover_line.planned", list...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

// check refuses a job of who can't hand over.
func (h *Handover) check(dir *org.Directory) error {
	switch {
	case !h.FromID.IsZero() && dir.Employee(h.FromID) == nil:
		return fault.InvalidField("from_id", "reference", "is no employee")
	case h.FromDepartmentID.IsZero():
		return nil
	case !h.FromID.IsZero():
		return fault.InvalidField("from_department_id", "both", "is given with an employee: a job is of one or the other")
	case dir.Department(h.FromDepartmentID) == nil:
		return fault.InvalidField("from_department_id", "reference", "is no department")
	}
	return nil
}

// check refuses a line that could never be executed.
func (l *HandoverLine) check(ctx context.Context, s *session.Session, dir *org.Directory, job *Handover) error {
	wrong := func(field, code, why string) error {
		return fault.InvalidField(field, code, "line %d: %s", l.Position, why)
	}
	k := s.Registry().Kind(l.Kind)
	if k == nil || k.Owner() == nil {
		return wrong("kind", "kind", "there is no kind of that name whose records have an owner")
	}
	if err := s.Require(ctx, org.Assign, k); err != nil {
		return err
	}
	to := dir.Employee(l.ToID)
	switch {
	case l.ToID.IsZero() && !job.FromDepartmentID.IsZero():
		if l.ReplaceMaker {
			return wrong("replace_maker", "to", "nobody is given who would be the maker")
		}
	case to == nil || to.Inactive:
		return wrong("to_id", "active", "is no active employee")
	case l.ToID == job.FromID:
		return wrong("to_id", "self", "is who hands over")
	case !job.FromDepartmentID.IsZero() && l.ReplaceDepartment && l.DepartmentID.IsZero():
		l.DepartmentID = to.DepartmentID // as it is now, so that what has moved is the department's no more
	}
	switch {
	case l.DepartmentID.IsZero() && job.FromDepartmentID.IsZero():
	case l.DepartmentID.IsZero():
		return wrong("department_id", "required", "no department is given to which the records go")
	case !l.ReplaceDepartment:
		return wrong("department_id", "department", "a department is given and not to be replaced")
	case l.DepartmentID == job.FromDepartmentID:
		return wrong("department_id", "self", "is the department that hands over")
	case dir.Department(l.DepartmentID) == nil:
		return wrong("department_id", "reference", "is no department")
	}
	if rel := k.Relation(session.Maker); l.ReplaceMaker && (rel == nil || rel.ToName != org.Employees.Name()) {
		return wrong("replace_maker", "maker", "records of this kind have no maker")
	}
	for i, cause := range l.EndShares {
		if !slices.Contains(org.Causes(), cause) || slices.Contains(l.EndShares[:i], cause) {
			return wrong("end_shares", "cause", "names what is no cause of shares, or one twice")
		}
	}
	switch {
	case l.KeepUntil.IsZero():
	case job.FromID.IsZero() && job.FromDepartmentID.IsZero():
		return wrong("keep_until", "from", "nobody owns the records, so nobody goes on reading them")
	case l.ToID.IsZero():
		return wrong("keep_until", "to", "the records stay with their owners")
	case !l.KeepUntil.After(s.Now()):
		return wrong("keep_until", "past", "would have ended already")
	}
	return l.checkSelector(k, job, wrong)
}

func (l *HandoverLine) checkSelector(k *schema.Kind, job *Handover, wrong func(field, code, why string) error) error {
	ids := slices.SortedFunc(slices.Values(l.IDs), schema.ID.Compare)
	switch {
	case len(ids) > 0 && len(l.Where) > 0:
		return wrong("where", "selector", "a line has a condition or ids, not both")
	case len(ids) > query.MaxValues:
		return wrong("ids", "max", "names more than "+strconv.Itoa(query.MaxValues)+" records")
	case len(ids) > 0 && ids[0].IsZero():
		return wrong("ids", "required", "an id is zero")
	case len(slices.Compact(ids)) < len(l.IDs):
		return wrong("ids", "twice", "a record stands twice")
	}
	where, err := l.selects(k, job)
	if err == nil {
		_, err = query.ResolveExpr(k, where)
	}
	if err != nil {
		return &fault.Error{Code: fault.Invalid, Kind: HandoverLines.Name(), Message: "line " + strconv.FormatInt(l.Position, 10) + ": the condition does not fit the kind", Err: err,
			Fields: []fault.Field{{Name: "where", Code: "condition", Message: "does not fit the kind"}}}
	}
	return nil
}
