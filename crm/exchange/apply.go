package exchange

import (
	"context"
	"errors"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Apply does what a job says with the lines of its list, some hundred of them in a
// transaction, which also moves the job forward; on a session in a transaction all of it is
// that one. When it is interrupted it is called again, in whatever process, with the list
// from its beginning, and goes on behind the last line done; several may be at it at once.
// A job that is done is returned as it is.
//
// A line that is wrong keeps no other: it is counted as refused and kept with what is wrong
// with it; see WriteRefused. Nothing is ever deleted.
//
// It is Invalid for a list with another header or with other lines than were done. An error
// of the source ends it behind the lines before.
func (m Module) Apply(ctx context.Context, id schema.ID, src sheet.Source) (*Import, error) {
	k := m.s.Registry().Kind(Imports.Name())
	if _, err := m.s.Row(ctx, org.Update, k, id); err != nil {
		return nil, err
	}
	job, err := load(ctx, m.s, id)
	if err != nil || job.State == ImportDone {
		return job, err
	}
	f, err := m.form(ctx, m.s, job.Plan)
	if err != nil {
		return nil, err
	}
	switch {
	case job.State == ImportLinking:
		return m.link(ctx, f, id)
	case job.State != ImportApplying:
		return nil, state(job)
	case !slices.Equal(src.Header(), job.Columns):
		return nil, otherList("its header is another")
	}
	l := f.lines(src)
	defer l.stop()
	if err := l.skip(job); err != nil {
		return nil, err
	}
	for {
		lines, err := l.batch()
		if err != nil {
			return nil, err
		}
		done := job.Lines
		job, err = m.advance(ctx, f, id, lines)
		if err == nil && grown(done, job.Lines) {
			_ = m.s.Tenant().Analyze(ctx) // what is stored is stored; without it, the rest takes longer
		}
		switch {
		case err != nil:
			return nil, err
		case job.State == ImportLinking:
			return m.link(ctx, f, id)
		case job.State != ImportApplying:
			return job, nil
		}
	}
}

// grown reports whether the lines done have reached 4,096 or, after that, four times as many.
// Then the database had better be told: what the lines behind look up, it otherwise plans as
// if the tenant had nothing. At every doubling from 1,024 on, it took half of an import.
func grown(before, now int64) bool {
	times := func(lines int64) int { return (bits.Len64(uint64(lines)>>12) + 1) / 2 }
	return times(before) < times(now)
}

func otherList(why string) error {
	return fault.InvalidField("list", "list", "this is not the list that was begun: %s", why)
}

// numbered is a line with its place in the list and the fingerprint up to it.
type numbered struct {
	sheet.Line
	n     int64
	after fingerprint
}

// lines are those of a source, in batches.
type lines struct {
	next  func() (sheet.Line, error, bool)
	stop  func()
	n     int64
	after fingerprint
	err   error // of the source
}

func (f *form) lines(src sheet.Source) *lines {
	next, stop := iter.Pull2(src.Lines())
	return &lines{next: next, stop: stop, after: f.start()}
}

func (l *lines) one() (numbered, bool) {
	line, err, ok := l.next()
	if !ok || err != nil {
		l.err = err
		return numbered{}, false
	}
	l.n++
	l.after = l.after.and(line.Cells)
	return numbered{line, l.n, l.after}, true
}

// skip passes over the lines that a job has done.
func (l *lines) skip(job *Import) error {
	for l.n < job.Lines {
		if _, ok := l.one(); !ok {
			if l.err != nil {
				return l.err
			}
			return otherList("it has fewer lines")
		}
	}
	return l.fits(job, l.after)
}

func (*lines) fits(job *Import, here fingerprint) error {
	if here.String() != job.Fingerprint {
		return otherList("a line that was done is another")
	}
	return nil
}

// batch returns the next lines; none are the end of the list. An error of the source comes
// when the lines before it have been returned.
func (l *lines) batch() ([]numbered, error) {
	var list []numbered
	for len(list) < batchLines && l.err == nil {
		line, ok := l.one()
		if !ok {
			break
		}
		list = append(list, line)
	}
	if len(list) == 0 {
		return nil, l.err
	}
	return list, nil
}

// advance does lines of a job that nobody has done yet, or, for none, ends it.
func (m Module) advance(ctx context.Context, f *form, id schema.ID, list []numbered) (*Import, error) {
	seen := int64(-1)
	for {
		job, err := careful(func(careful bool) (job *Import, err error) {
			err = m.s.Tx(ctx, func(ctx context.Context, s *session.Session) (err error) {
				job, err = m.do(ctx, s, f, id, list, careful)
				return err
			})
			return job, err
		})
		if !errors.Is(err, storage.ErrRetry) || m.s.Tenant().InTx() {
			return job, err
		}
		// As long as somebody else brings the job forward, there is no reason to give up.
		now, stood := load(ctx, m.s, id)
		if stood != nil || now.progress == seen {
			return nil, err
		}
		seen = now.progress
	}
}

// careful does something, and once more with care when a rule has refused a part of it.
func careful[T any](do func(careful bool) (T, error)) (T, error) {
	v, err := do(false)
	if session.Refused(err) {
		return do(true)
	}
	return v, err
}

func (m Module) do(ctx context.Context, s *session.Session, f *form, id schema.ID, list []numbered, careful bool) (*Import, error) {
	job, err := load(ctx, s, id)
	if err != nil || job.State != ImportApplying {
		return job, err
	}
	if len(list) == 0 {
		to := ImportDone
		if f.links() {
			to = ImportLinking
		}
		return job.turned(ctx, s, to, ImportApplying)
	}
	for len(list) > 0 && list[0].n <= job.Lines { // somebody else has done it
		if list[0].n == job.Lines && list[0].after.String() != job.Fingerprint {
			return nil, otherList("somebody else is importing another one")
		}
		list = list[1:]
	}
	if len(list) == 0 {
		return job, nil
	}
	b := &batch{form: f}
	for _, line := range list {
		b.list = append(b.list, f.read(line.Line))
	}
	if err := b.run(ctx, s, careful); err != nil {
		return nil, err
	}
	if err := b.tell(ctx, s, job); err != nil {
		return nil, err
	}
	job.Fingerprint = list[len(list)-1].after.String()
	return job, forward(ctx, s, job)
}

// tell counts what was done in the job, and stores it.
func (b *batch) tell(ctx context.Context, s *session.Session, job *Import) error {
	var rows []*ImportLine
	for _, e := range b.list {
		job.Lines++
		job.count(e.outcome)
		if e.result == "" {
			e.told = []*ImportLine{{Line: int64(e.Number), Action: Refused, Kind: job.Target, Cells: e.keepable(), Problems: e.problems}}
		} else if len(e.links) > 0 && !e.record.IsZero() {
			e.told = append(e.told, &ImportLine{Line: int64(e.Number), Action: Linking, Kind: job.Target, RecordID: e.record, Cells: e.Cells, Links: e.links})
		}
		for _, line := range e.told {
			job.Told++
			line.ID, line.ImportID, line.Seq = s.Tenant().NewID(), job.ID, job.Told
		}
		rows = append(rows, e.told...)
	}
	return storage.Of(s.Tenant(), ImportLines).Insert(ctx, rows...)
}

// keepable returns the cells of a refused line, but those that would keep what was erased;
// see package privacy.
func (e *entry) keepable() []string {
	if slices.ContainsFunc(e.problems, func(p Problem) bool { return p.Code == "erased" }) {
		return nil
	}
	return e.Cells
}

func (job *Import) count(o outcome) {
	switch o.result {
	case Created:
		job.Created++
	case Updated:
		job.Updated++
	case unchanged:
		job.Unchanged++
	case skipped:
		job.Skipped++
	default:
		job.Refused++
	}
}

// ProblemColumn is the column that an error list has behind those of the list.
const ProblemColumn = "Problem"

// WriteRefused writes the error list of a job: the lines that were refused, or not linked, as
// they stood, with what is wrong with them in a last column. It can be corrected and
// imported as it is: the mapping takes no notice of that column. The sink is not closed.
func (m Module) WriteRefused(ctx context.Context, id schema.ID, sink sheet.Sink) error {
	job, err := m.Imports.Get(ctx, id)
	if err != nil {
		return err
	}
	names := job.Columns
	if n := len(names); n > 0 && names[n-1] == ProblemColumn { // the list was an error list itself
		names = names[:n-1]
	}
	columns := make([]sheet.Column, len(names), len(names)+1)
	for i, name := range names {
		columns[i].Name = name
	}
	if err := sink.Header(append(columns, sheet.Column{Name: ProblemColumn})); err != nil {
		return err
	}
	for line, err := range m.told(ctx, id, Refused, Unlinked) {
		if err != nil {
			return err
		}
		cells := make([]string, len(names)+1)
		copy(cells[:len(names)], line.Cells)
		var why []string
		for _, p := range line.Problems {
			why = append(why, p.String())
		}
		cells[len(names)] = strings.Join(why, "; ")
		if err := sink.Write(cells); err != nil {
			return err
		}
	}
	return nil
}
