package session

import (
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// departures returns what leads to a record that is being removed from those that it points
// at, beside the one whose story its entry belongs to. It is nothing for a record that says
// nothing about people, and what it points at when that doesn't.
func (s *Session) departures(k *schema.Kind, e *journal.Entry, row driver.Row) []*journal.Departure {
	if !aboutPeople(k) {
		return nil
	}
	var list []*journal.Departure
	seen := []schema.ID{e.SubjectID}
	lead := func(to *schema.Field) {
		if id, _ := row[to.Position].(schema.ID); !id.IsZero() && !slices.Contains(seen, id) {
			seen = append(seen, id)
			list = append(list, &journal.Departure{ID: s.t.NewID(), FromID: id, Kind: e.Kind, RecordID: e.RecordID})
		}
	}
	for _, rel := range k.Relations() {
		if !rel.Many && aboutPeople(rel.To) {
			lead(rel.Field)
		}
	}
	for _, ref := range k.Refs() {
		lead(ref.ID)
	}
	return list
}

// aboutPeople reports whether records of a kind say something about human beings.
func aboutPeople(k *schema.Kind) bool {
	return slices.ContainsFunc(k.Columns(), func(f *schema.Field) bool { return f.Personal })
}
