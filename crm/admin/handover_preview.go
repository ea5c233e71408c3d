package admin

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// HandoverPreview is what a job would do now.
type HandoverPreview struct {
	Handover *Handover
	// Lines are the job's lines in order.
	Lines []LinePreview
}

// LinePreview is what one line would do now.
type LinePreview struct {
	Line HandoverLine
	// Movable is the number of records that would be moved.
	Movable int64
	// Blocked are the records that would not be, by reason.
	Blocked []Blocked
	// Gains are the recipient and those above them who may do more with the records by where
	// they stand than before, and Loses the leaver and those above them who may do less (where
	// the line keeps the leaver as a reader, they read until that ends). Shares stay but for
	// those that the line ends, and ranges of roles follow the department. Both are in order of
	// the steps, and empty where nothing is movable.
	Gains, Loses []AccessChange
}

// AccessChange is how much somebody may do with records by where they stand, as long as the
// leaver owns them and when the recipient does.
type AccessChange struct {
	EmployeeID schema.ID
	From, To   org.Level
}

// Blocked are records of a line that can't be moved for one reason.
type Blocked struct {
	Reason BlockReason
	Count  int64
	// IDs are the first of them, at most 20.
	IDs []schema.ID
}

// BlockReason says why a record can't be moved.
type BlockReason string

// The reasons.
const (
	// NoRight: the actor may read the record, but not assign it.
	NoRight BlockReason = "no_right"
	// RecipientInactive: the recipient is no active employee any more.
	RecipientInactive BlockReason = "recipient_inactive"
	// RecipientOverCapacity: the recipient has as many records of the kind as a module lets them
	// have; each record that is to be moved counts.
	RecipientOverCapacity BlockReason = "recipient_over_capacity"
	// Refused: a rule (a hook of Before) has refused the move. That is found out by moving: no
	// preview tells it, since hooks may do more than to look.
	Refused BlockReason = "refused"
	// RecipientCannotRead: no role of the recipient lets them read records of the kind.
	RecipientCannotRead BlockReason = "recipient_cannot_read"
	// NotTheirs: a record that is named by its id does not belong to the leaver, or is not
	// there, or the actor may not read it.
	NotTheirs BlockReason = "not_theirs"
)

const maxBlockedIDs = 20

// PreviewHandover counts what a draft would do, for the records that the actor may read,
// and keeps the numbers in its lines; it may be repeated until the job is executed. It is
// Invalid when two lines select the same record.
//
// It reads all that is selected, page by page, and holds nothing: what others change until
// the job is executed, the execution finds as it is then.
func (m Module) PreviewHandover(ctx context.Context, id schema.ID) (*HandoverPreview, error) {
	if _, err := m.s.Row(ctx, org.Update, m.s.Registry().Kind(Handovers.Name()), id); err != nil {
		return nil, err
	}
	preview := &HandoverPreview{}
	err := m.s.Tenant().Read(ctx, func(ctx context.Context, t *storage.Tenant) error {
		preview.Lines = nil
		s := m.s.On(t)
		job, err := storage.Of(t, Handovers).Get(ctx, id)
		if err != nil {
			return err
		}
		lines, err := linesOf(ctx, s, id)
		if err != nil {
			return err
		}
		if err := disjoint(ctx, s, &job, lines); err != nil {
			return err
		}
		rooms := map[seat]*int64{} // of which one line leaves less to the next
		for _, line := range lines {
			at := seat{line.Kind, line.ToID}
			if rooms[at] == nil {
				room, err := s.Room(ctx, s.Registry().Kind(line.Kind), line.ToID, false)
				if err != nil {
					return err
				}
				rooms[at] = &room
			}
			p, err := line.preview(ctx, s, &job, rooms[at])
			if err != nil {
				return err
			}
			preview.Lines = append(preview.Lines, *p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return preview, m.s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		if preview.Handover, err = turnBy(ctx, s, id, HandoverPreviewed, HandoverDraft, HandoverPreviewed); err != nil {
			return err
		}
		lines, err := linesOf(ctx, s, id)
		if err != nil {
			return err
		}
		for i := range lines { // which are those that were counted: lines never change
			lines[i].Selected, lines[i].Blocked = preview.Lines[i].Line.Selected, preview.Lines[i].Line.Blocked
			if err := lines[i].forward(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// seat is who gets records of a kind.
type seat struct {
	kind string
	to   schema.ID
}

// disjoint refuses two lines of a job that select the same record.
func disjoint(ctx context.Context, s *session.Session, job *Handover, lines []HandoverLine) error {
	for i, a := range lines {
		for _, b := range lines[:i] {
			if a.Kind != b.Kind {
				continue
			}
			k := s.Registry().Kind(a.Kind)
			x, err := a.selects(k, job.FromID)
			if err != nil {
				return err
			}
			y, err := b.selects(k, job.FromID)
			if err != nil {
				return err
			}
			page, _, err := s.Judged(ctx, org.Read, k, query.Select{Where: query.All(x, y), Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Rows) > 0 {
				e := fault.InvalidField("lines", "twice", "lines %d and %d select the same record", b.Position, a.Position)
				e.Kind, e.ID = k.Name(), page.Rows[0][k.ID().Position].(schema.ID).String()
				return e
			}
		}
	}
	return nil
}

// preview counts what the line would do now, and how much room that leaves.
func (l *HandoverLine) preview(ctx context.Context, s *session.Session, job *Handover, room *int64) (*LinePreview, error) {
	k := s.Registry().Kind(l.Kind)
	p := &LinePreview{Line: *l}
	read := *l
	named := make(map[schema.ID]bool, len(l.IDs))
	for {
		q, err := read.page(k, job.FromID)
		if err != nil {
			return nil, err
		}
		all, err := l.sift(ctx, s, k, q, room)
		if err != nil {
			return nil, err
		}
		p.Movable += int64(len(all.movable))
		for _, row := range all.movable {
			named[row[k.ID().Position].(schema.ID)] = len(l.IDs) > 0
		}
		for _, b := range all.blocked {
			named[b.ID] = true
			p.block(b.Reason, b.ID)
		}
		if read.Cursor = all.next; read.Cursor == "" {
			break
		}
		if len(l.IDs) == 0 {
			clear(named)
		}
	}
	for _, id := range l.IDs {
		if !named[id] {
			p.block(NotTheirs, id)
		}
	}
	p.Line.Selected, p.Line.Blocked = p.Movable, 0
	for _, b := range p.Blocked {
		p.Line.Blocked += b.Count
	}
	if p.Movable == 0 {
		return p, nil
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	for _, above := range dir.Chain(l.ToID) {
		if from, to := dir.Standing(above, job.FromID), dir.Standing(above, l.ToID); to > from {
			p.Gains = append(p.Gains, AccessChange{above, from, to})
		}
	}
	for _, above := range dir.Chain(job.FromID) {
		if from, to := dir.Standing(above, job.FromID), dir.Standing(above, l.ToID); to < from {
			p.Loses = append(p.Loses, AccessChange{above, from, to})
		}
	}
	return p, nil
}

func (p *LinePreview) block(why BlockReason, id schema.ID) {
	for i := range p.Blocked {
		if b := &p.Blocked[i]; b.Reason == why {
			if b.Count++; len(b.IDs) < maxBlockedIDs {
				b.IDs = append(b.IDs, id)
			}
			return
		}
	}
	p.Blocked = append(p.Blocked, Blocked{why, 1, []schema.ID{id}})
}

// sifted is a page of what a line selects: what can be moved, and what can't.
type sifted struct {
	movable []driver.Row
	blocked []LeftRecord
	next    string
}

// sift reads a page and says of each record whether the actor can move it now, as far as the
// recipient has room, of which it takes.
func (l *HandoverLine) sift(ctx context.Context, s *session.Session, k *schema.Kind, q query.Select, room *int64) (*sifted, error) {
	page, verdicts, err := s.Judged(ctx, org.Assign, k, q)
	if err != nil {
		return nil, err
	}
	unfit, err := l.unfit(ctx, s, k)
	if err != nil {
		return nil, err
	}
	out := &sifted{next: page.Next}
	for i, row := range page.Rows {
		why := unfit
		if verdicts[i] != nil {
			why = NoRight
		}
		if why == "" && *room == 0 {
			why = RecipientOverCapacity
		}
		if why != "" {
			out.blocked = append(out.blocked, LeftRecord{ID: row[k.ID().Position].(schema.ID), Reason: why})
			continue
		}
		if out.movable = append(out.movable, row); *room > 0 {
			*room--
		}
	}
	return out, nil
}

// unfit says why the recipient can take over no record of the kind now; empty where they
// can. The recipient is read, not looked up in the session's directory: a job may take
// longer than they stay.
func (l *HandoverLine) unfit(ctx context.Context, s *session.Session, k *schema.Kind) (BlockReason, error) {
	to, err := storage.Of(s.Tenant(), org.Employees).Get(ctx, l.ToID)
	if err != nil {
		return "", err
	}
	dir, err := s.Directory(ctx)
	switch {
	case err != nil:
		return "", err
	case to.Inactive:
		return RecipientInactive, nil
	case !dir.Gate(l.ToID, org.Read, k):
		return RecipientCannotRead, nil
	}
	return "", nil
}
