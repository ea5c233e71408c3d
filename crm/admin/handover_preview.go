package admin

import (
	"context"
	"maps"
	"slices"

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
	// they stand than before, and Loses the owners and those above them who may do less (where
	// the line keeps the owners as readers, they read until that ends). Shares stay but for
	// those that the line ends, and ranges of roles follow the department. Both are in order of
	// the steps, owner by owner, and empty where nothing is movable or the owners stay.
	Gains, Loses []AccessChange
}

// AccessChange is how much somebody may do with records by where they stand, before and when
// the recipient owns them: with those of them, where they are of several owners, with which
// it changes most.
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
	// have; each record that is to be moved counts, unless it is theirs already.
	RecipientOverCapacity BlockReason = "recipient_over_capacity"
	// Refused: a rule (a hook of Before) has refused the move. That is found out by moving: no
	// preview tells it, since hooks may do more than to look.
	Refused BlockReason = "refused"
	// RecipientCannotRead: no role of the recipient lets them read records of the kind.
	RecipientCannotRead BlockReason = "recipient_cannot_read"
	// NotTheirs: a record that is named by its id is not one of the leaver's or the
	// department's, or is not there, or the actor may not read it.
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
				room, err := line.room(ctx, s, false)
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
			x, err := a.selects(k, job)
			if err != nil {
				return err
			}
			y, err := b.selects(k, job)
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
	owners := map[schema.ID]bool{}
	for {
		q, err := read.page(k, job)
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
			owner, _ := row[k.Owner().Position].(schema.ID)
			owners[owner] = true
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
	if p.Movable == 0 || l.ToID.IsZero() {
		return p, nil
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	p.compare(dir, slices.SortedFunc(maps.Keys(owners), schema.ID.Compare))
	return p, nil
}

// compare finds who may do more and who less when records of some owners are the recipient's.
func (p *LinePreview) compare(dir *org.Directory, owners []schema.ID) {
	type levels struct {
		of          int // how many of the owners
		least, most org.Level
	}
	before := map[schema.ID]levels{}
	var losers []schema.ID
	for _, owner := range owners {
		for _, above := range dir.Chain(owner) {
			level := dir.Standing(above, owner)
			l, known := before[above]
			if !known {
				l, losers = levels{least: level}, append(losers, above)
			}
			before[above] = levels{l.of + 1, min(l.least, level), max(l.most, level)}
		}
	}
	for _, above := range dir.Chain(p.Line.ToID) {
		least := before[above].least
		if before[above].of < len(owners) {
			least = org.NoAccess
		}
		if to := dir.Standing(above, p.Line.ToID); to > least {
			p.Gains = append(p.Gains, AccessChange{above, least, to})
		}
	}
	for _, above := range losers {
		if to := dir.Standing(above, p.Line.ToID); to < before[above].most {
			p.Loses = append(p.Loses, AccessChange{above, before[above].most, to})
		}
	}
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
		theirs := row[k.Owner().Position] == l.ToID // and takes no room
		if why == "" && *room == 0 && !theirs {
			why = RecipientOverCapacity
		}
		if why != "" {
			out.blocked = append(out.blocked, LeftRecord{ID: row[k.ID().Position].(schema.ID), Reason: why})
			continue
		}
		if out.movable = append(out.movable, row); *room > 0 && !theirs {
			*room--
		}
	}
	return out, nil
}

// room returns how many records more the recipient can take over; where the owners stay there
// is no limit.
func (l *HandoverLine) room(ctx context.Context, s *session.Session, hold bool) (int64, error) {
	if l.ToID.IsZero() {
		return session.Unlimited, nil
	}
	return s.Room(ctx, s.Registry().Kind(l.Kind), l.ToID, hold)
}

// unfit says why the recipient can take over no record of the kind now; empty where they
// can, and where the owners stay. The recipient is read, not looked up in the session's
// directory: a job may take longer than they stay.
func (l *HandoverLine) unfit(ctx context.Context, s *session.Session, k *schema.Kind) (BlockReason, error) {
	if l.ToID.IsZero() {
		return "", nil
	}
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
