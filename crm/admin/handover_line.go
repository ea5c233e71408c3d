package admin

import (
	"context"
	"errors"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// HandoverLine says which records of one kind a job hands over, to whom and how: all those of
// the employee or the department, those of them that meet Where, or those of IDs.
type HandoverLine struct {
	record.Meta
	// HandoverID is the job, and Position the number of the line in it, from 1.
	HandoverID schema.ID `crm:"handover_id,required"`
	Position   int64
	// Kind is the name of a kind whose records have an owner.
	Kind string `crm:"kind,max=60" validate:"required"`
	// Where is the JSON form of a condition; nil is none. Where closed records stay with
	// the leaver, it says so.
	Where schema.JSON
	// IDs are at most query.MaxValues records; none means no choice by id.
	IDs []schema.ID `crm:"ids,json"`
	// ToID is the employee who will own the records; zero, in a job of a department, leaves
	// them with their owners.
	ToID schema.ID
	// ReplaceDepartment gives the records to DepartmentID or, where that is zero, to the
	// recipient's department; without it the department stays, which it can't in a job of a
	// department.
	ReplaceDepartment bool
	DepartmentID      schema.ID
	// ReplaceMaker makes the recipient the maker (制单人) of what its owner has made. It is for
	// documents with a maker whom people see: orders, contracts and other papers of sales, and
	// kinds of a host. Such a kind has a relation session.Maker to an employee; who created a
	// record in truth stays in its Meta. For other kinds it is Invalid.
	ReplaceMaker bool
	// EndShares are the causes of shares of the records that end with the move; none keeps all
	// shares. Undoing gives back those that nobody has touched since.
	EndShares []org.Cause `crm:"end_shares,json"`
	// KeepUntil lets who owned a record read it until that instant; zero is not at all.
	KeepUntil time.Time

	// Selected and Blocked are the numbers of records that the last preview has counted:
	// those to be moved, and those that can't be.
	Selected, Blocked int64
	// Moved and Left are the numbers of records that were moved so far, and that could not
	// be; Undone that of those that were moved back. They and the cursor are brought
	// forward page by page, and the journal does not tell of it.
	Moved, Left, Undone int64
	// LeftRecords are the first of those that could not be moved, at most 20.
	LeftRecords []LeftRecord `crm:"left_records,json"`
	Cursor      string       `crm:"cursor,max=4000"`
	Finished    bool
}

// LeftRecord is a record that stayed with the leaver.
type LeftRecord struct {
	ID     schema.ID   `json:"id"`
	Reason BlockReason `json:"reason"`
	// Message is what the rule said that has refused it, in at most 200 bytes.
	Message string `json:"message,omitempty"`
}

// leave counts a record that could not be moved.
func (l *HandoverLine) leave(r LeftRecord) {
	if l.Left++; len(l.LeftRecords) < maxBlockedIDs {
		l.LeftRecords = append(l.LeftRecords, r)
	}
}

// HandoverLines is the kind of HandoverLine: part of its job.
var HandoverLines = schema.Define[HandoverLine]("handover_line",
	record.Standard(), schema.Unique("handover_id", "position"),
	schema.BelongsTo("handover", "handover", "handover_id", schema.Part(), schema.Inverse("lines")),
	schema.BelongsTo("to", "employee", "to_id"),
	schema.BelongsTo("department", "department", "department_id"))

func onlyPlanned(_ context.Context, s *session.Session, _ []session.Write[HandoverLine]) error {
	if s.Unbound() {
		return nil
	}
	return fault.New(fault.Precondition, "the lines of a handover are written by PlanHandover")
}

// selects returns the condition of the records that the line selects now.
func (l *HandoverLine) selects(k *schema.Kind, job *Handover) (query.Expr, error) {
	owned := query.Eq(k.Owner().Name, job.FromID)
	switch {
	case !job.FromDepartmentID.IsZero():
		owned = query.Eq(k.Department().Name, job.FromDepartmentID)
	case job.FromID.IsZero():
		owned = query.Null(k.Owner().Name)
	}
	switch {
	case len(l.IDs) > 0:
		return query.All(owned, query.In("id", l.IDs...)), nil
	case len(l.Where) == 0:
		return owned, nil
	}
	where, err := query.ParseExpr(l.Where)
	return query.All(owned, where), err
}

// page returns the query of the line's next page.
func (l *HandoverLine) page(k *schema.Kind, job *Handover) (query.Select, error) {
	where, err := l.selects(k, job)
	q := query.Select{Where: where, Limit: query.MaxLimit, Cursor: l.Cursor}
	if keys := k.SortKeys(); len(keys) > 0 {
		q.Sort = query.By(keys[0].Name)
	}
	return q, err
}

// forward stores the line's progress. It is Retry when somebody else has brought the line
// forward since it was read.
func (l *HandoverLine) forward(ctx context.Context, s *session.Session) error {
	err := storage.Of(s.Tenant(), HandoverLines).Update(ctx, l)
	if errors.Is(err, storage.ErrConflict) {
		return &fault.Error{Code: fault.Retry, Kind: HandoverLines.Name(), ID: l.ID.String(), Message: "somebody else is executing the handover", Err: err}
	}
	return err
}

// linesOf returns the lines of a job in order.
func linesOf(ctx context.Context, s *session.Session, job schema.ID) ([]HandoverLine, error) {
	page, err := storage.Of(s.Tenant(), HandoverLines).Find(ctx, query.Select{Where: query.Eq("handover_id", job), Sort: query.By("position"), Limit: maxLines})
	return page.Items, err
}

// next returns the first line that is not finished, nil when all are.
func next(lines []HandoverLine) *HandoverLine {
	for i := range lines {
		if !lines[i].Finished {
			return &lines[i]
		}
	}
	return nil
}

// progress returns a number that grows whenever a job is brought forward.
func progress(ctx context.Context, s *session.Session, job schema.ID) (int64, error) {
	lines, err := linesOf(ctx, s, job)
	n := int64(0)
	for _, l := range lines {
		n += l.Version
	}
	return n, err
}
