package journal

import "github.com/kehucrm/kehu/storage/schema"

// Departure leads from a record to one that pointed at it and is gone (已删除记录的指向),
// where the entry of its going can't be found by SubjectID, since it is another's story: to
// a relation from the person at its other end. It is kept of what says something about
// people, for package privacy, and tells no more than the entry does.
type Departure struct {
	ID schema.ID
	// FromID is the record that was pointed at.
	FromID schema.ID `crm:"from_id,required"`
	// Kind and RecordID name the record that is gone.
	Kind     string    `crm:"kind,max=60"`
	RecordID schema.ID `crm:"record_id,required"`
}

// Departures is the kind of Departure.
var Departures = schema.Define[Departure]("departure", schema.IndexOn("from_id"))
