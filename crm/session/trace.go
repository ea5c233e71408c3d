package session

import (
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Written is one change that was written.
type Written struct {
	*journal.Entry
	// Removed is the record as it was, where it was removed; nil where it was not.
	Removed driver.Row
}

// Traced runs fn with the session and returns everything that was written and journalled
// through it, by hooks as well, in the order in which it was written; what was rolled back is
// not among it. It is for verbs that can be undone, and is called anew when the transaction
// is run again.
func (s *Session) Traced(fn func(s *Session) error) ([]Written, error) {
	traced := *s
	traced.trace = &trace{removed: map[schema.ID]driver.Row{}}
	if err := fn(&traced); err != nil {
		return nil, err
	}
	list := make([]Written, len(traced.trace.entries))
	for i, e := range traced.trace.entries {
		list[i] = Written{e, traced.trace.removed[e.ID]}
	}
	return list, nil
}

// trace collects what is written. A nil trace collects nothing.
type trace struct {
	entries []*journal.Entry
	removed map[schema.ID]driver.Row // by entry
}

func (t *trace) add(entries []*journal.Entry) {
	if t != nil {
		t.entries = append(t.entries, entries...)
	}
}

// remove notes what a record was of whose removal an entry tells.
func (t *trace) remove(e *journal.Entry, row driver.Row) {
	if t != nil {
		t.removed[e.ID] = row
	}
}

// mark returns how far the trace has come, for back.
func (t *trace) mark() int {
	if t == nil {
		return 0
	}
	return len(t.entries)
}

// back forgets what has come since the mark.
func (t *trace) back(mark int) {
	if t != nil {
		t.entries = t.entries[:mark]
	}
}
