package exchange

import (
	"context"
	"iter"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ImportLine tells what was done for a line: one for each record that was created or
// updated, one for a line that was refused.
type ImportLine struct {
	ID       schema.ID
	ImportID schema.ID `crm:"import_id,required"`
	// Seq numbers what the job has done, from 1.
	Seq int64
	// Line is the line of the file.
	Line   int64
	Action Action `crm:"action,max=20"`
	Kind   string `crm:"kind,max=60"`
	// RecordID is the record, zero for a refused line, and RecordVersion its version
	// afterwards.
	RecordID      schema.ID
	RecordVersion int64
	// Former tells what an update has changed, as the journal does.
	Former schema.JSON `crm:"former,personal"`
	// Cells are those of a line that was refused or not linked, and Problems why. Of a line
	// that was refused for a person who was erased there are none.
	Cells    []string  `crm:"cells,json,personal"`
	Problems []Problem `crm:"problems,json"`
	// Links are the names of records of the list that the record is to lead to, by field.
	Links map[string]string `crm:"links,json,personal"`
	// Undone says that it was taken back, or could not be.
	Undone bool
}

// Action is what was done for a line.
type Action string

// The actions.
const (
	Created  Action = "created"
	Updated  Action = "updated"
	Refused  Action = "refused"
	Linking  Action = "linking"  // waits for the records that it leads to
	Linked   Action = "linked"   // they were found; an update tells of it
	Unlinked Action = "unlinked" // they were not
)

// ImportLines is the kind of ImportLine: part of its job.
var ImportLines = schema.Define[ImportLine]("import_line",
	schema.Unique("import_id", "seq"), schema.SortKeys("seq"), schema.PolymorphicRef("record", "kind", "record_id"),
	schema.BelongsTo("import", "import", "import_id", schema.Part(), schema.Inverse("import_lines")))

// Problem is what is wrong with a line.
type Problem struct {
	// Line is the line of the file, and Column the name of the column, empty where it is
	// the line as a whole.
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	// Field is the field as the mapping names it.
	Field string `json:"field,omitempty"`
	// Code is a stable word for the rule that was broken; Message is for a person.
	Code    string `json:"code"`
	Message string `json:"message"`
}

// String returns the problem as it stands in an error list.
func (p Problem) String() string {
	switch {
	case p.Column != "":
		return p.Column + ": " + p.Message
	case p.Field != "":
		return p.Field + ": " + p.Message
	}
	return p.Message
}

// Lines returns a page of what a job has done, in order; of the query the condition, Limit
// and Cursor count. Whoever may read the job may see it.
func (m Module) Lines(ctx context.Context, id schema.ID, q query.Select) (storage.Page[ImportLine], error) {
	if _, err := m.Imports.Get(ctx, id); err != nil {
		return storage.Page[ImportLine]{}, err
	}
	return storage.Of(m.s.Tenant(), ImportLines).Find(ctx, query.Select{
		Where: query.All(query.Eq("import_id", id), q.Where), Sort: query.By("seq"), Limit: q.Limit, Cursor: q.Cursor})
}

// told returns the lines of a job with some actions, in order.
func (m Module) told(ctx context.Context, id schema.ID, actions ...Action) iter.Seq2[ImportLine, error] {
	return storage.Of(m.s.Tenant(), ImportLines).All(ctx, query.Select{
		Where: query.All(query.Eq("import_id", id), query.In("action", actions...)), Sort: query.By("seq")})
}

// distinct returns the first lines in which no record stands twice, so that they can be
// worked on together.
func distinct(list []ImportLine) []ImportLine {
	seen := map[schema.ID]bool{}
	for i, line := range list {
		if seen[line.RecordID] {
			return list[:i]
		}
		seen[line.RecordID] = true
	}
	return list
}
