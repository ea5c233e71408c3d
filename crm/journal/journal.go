// Package journal is the memory of what happened: one [Entry] for every change of a record and
// for every page of records that was exported, written in the same transaction and never changed
// (but see [Redact]), and one [Pending] row that waits in the outbox until [Relay] has published
// it.
//
// Delivery is at least once, and in order per record: a record's versions are
// published in their order. A lease keeps two relays of one tenant from working at
// the same time; when a process dies, another takes over after the lease has run
// out. The library starts no goroutine for it: the host calls Relay from its own
// scheduler or after its writes.
package journal

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Entry tells one change of one record, or that some were exported.
type Entry struct {
	ID schema.ID
	At time.Time `crm:"at,required"` // the instant of the transaction
	// ActorID is the employee who acted; zero for the system, whose job Actor
	// names.
	ActorID schema.ID
	Actor   string
	Kind    string
	// RecordID and RecordVersion are those of the record after the change; of a
	// deleted record, its last version plus one. They are zero where no record changed:
	// records of the kind were exported, and "records" under Changes is their number.
	RecordID      schema.ID
	RecordVersion int64
	// SubjectID is the record whose story this belongs to: the whole of a part, what the
	// record holds or is about, or else the record itself. It is as it was then.
	SubjectID schema.ID
	// Event is the business name of what happened: "opportunity.won".
	Event string
	// Changes lists the fields that changed, in order of the kind's columns.
	Changes []Change `crm:"changes,json"`
}

// Entries is the kind of Entry.
var Entries = schema.Define[Entry]("journal_entry",
	schema.IndexOn("kind", "record_id", "record_version"), schema.IndexOn("subject_id", "at"), schema.SortKeys("at"))

// Change is one field's change. Values are in their JSON form; null is nil.
type Change struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from,omitempty"`
	To    json.RawMessage `json:"to,omitempty"`
}

// Pending is an entry that is still to be published.
type Pending struct {
	ID       schema.ID // the same as the entry's, so that it ascends with time
	Kind     string
	RecordID schema.ID
	Version  int64
}

// Outbox is the kind of Pending.
var Outbox = schema.Define[Pending]("outbox", schema.IndexOn("record_id", "version"))

// Lease is the right of one process to do a job of one tenant until a time.
type Lease struct {
	ID      schema.ID // from the job's name
	Version int64
	Job     string
	Holder  schema.ID
	Until   time.Time
}

// Leases is the kind of Lease.
var Leases = schema.Define[Lease]("lease")

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{Entries.Kind, Departures.Kind, Outbox.Kind, Leases.Kind}
}

// housekeeping are the columns that every change touches and that no diff tells.
var housekeeping = map[string]bool{"id": true, "version": true, "created_at": true, "created_by": true, "updated_at": true, "updated_by": true}

// Diff returns what changed between two rows of a kind; a nil row has null in
// every field. Derived columns and those of record.Meta but the custom fields are
// left out.
func Diff(k *schema.Kind, before, after driver.Row) []Change {
	var changes []Change
	for i, f := range k.Columns() {
		if f.Derived() || housekeeping[f.Name] {
			continue
		}
		var from, to any
		if before != nil {
			from = before[i]
		}
		if after != nil {
			to = after[i]
		}
		if before == nil && to == "" {
			continue // an empty text says nothing about a new record
		}
		if !Same(from, to) {
			changes = append(changes, Change{f.Name, Wire(from), Wire(to)})
		}
	}
	return changes
}

// Same reports whether two driver values of one field are equal.
func Same(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case schema.JSON:
		y, ok := b.(schema.JSON)
		return ok && bytes.Equal(x, y)
	case []byte:
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return b != nil && query.CompareValues(a, b) == 0
}

// Wire returns a driver value in the JSON form that changes have; nil for null.
func Wire(v any) json.RawMessage {
	switch v := v.(type) {
	case nil:
		return nil
	case schema.JSON:
		return json.RawMessage(v)
	case decimal.Decimal:
		return json.RawMessage(`"` + v.String() + `"`)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // no driver value but a float that is not finite, which can't be stored
	}
	return raw
}

// Restore returns the value of a change's From as a driver value of the field: what
// the field held before the change.
func Restore(f *schema.Field, c Change) (any, error) {
	if c.From == nil {
		return nil, nil
	}
	if f.Type == schema.TypeJSON {
		return f.Comparable(schema.JSON(c.From))
	}
	dec := json.NewDecoder(bytes.NewReader(c.From))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return f.Comparable(v)
}
