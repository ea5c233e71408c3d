package merge

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Merge is the record of one merge (合并记录). Its owner is who did it. Outside, its event
// "merge.created" tells that the losers are the winner now, and "merge.undone" that they are
// not any more.
type Merge struct {
	record.Meta
	record.Owned
	// Kind is that of the records, WinnerID the one that stayed and LoserIDs those that went.
	Kind     string      `crm:"kind,max=60"`
	WinnerID schema.ID   `crm:"winner_id,required"`
	LoserIDs []schema.ID `crm:"loser_ids,json"`
	Reason   string
	State    State `crm:"state,max=20"`
	// Counts tell what pointed at the losers, in order of the registry.
	Counts []Count `crm:"counts,json,max=1000000"`
}

// State says whether a merge stands.
type State string

// The states.
const (
	Done   State = "done"
	Undone State = "undone"
	// Final is a merge that can't be undone any more; see Finish.
	Final State = "final"
)

// Count tells of the records of one kind that pointed at losers.
type Count struct {
	Kind string `json:"kind"`
	// Moved point at the winner now; GivenUp are gone, because the winner had the same.
	Moved   int64 `json:"moved"`
	GivenUp int64 `json:"given_up,omitempty"`
}

// Step is one thing that a merge has written, in the order of Seq.
type Step struct {
	ID       schema.ID
	MergeID  schema.ID `crm:"merge_id,required"`
	Seq      int64
	Kind     string    `crm:"kind,max=60"`
	RecordID schema.ID `crm:"record_id,required"`
	// EntryID is the journal entry that tells of it.
	EntryID schema.ID `crm:"entry_id,required"`
	// Removed is the record as it was, where it was removed; nil where it was not.
	Removed schema.JSON `crm:"removed,personal,max=16000000"`
}

// Merges is the kind of Merge, and Steps that of Step.
var (
	Merges = schema.Define[Merge]("merge", record.Responsible(), schema.IndexOn("kind", "winner_id"))
	Steps  = schema.Define[Step]("merge_step", schema.Unique("merge_id", "seq"),
		schema.BelongsTo("merge", "merge", "merge_id"), schema.PolymorphicRef("record", "kind", "record_id"))
)

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Merges.Kind, Steps.Kind} }

// Hooks returns the rules of this package that hold for every write.
func Hooks() []session.Hook {
	return []session.Hook{session.Before(Merges, onlyByMerging), session.Merging(org.Shares, widerShares)}
}

// onlyByMerging keeps the records of merges what happened. They may be handed over.
func onlyByMerging(_ context.Context, s *session.Session, writes []session.Write[Merge]) error {
	for _, w := range writes {
		same := w.Old != nil && w.New != nil && w.Old.WinnerID == w.New.WinnerID && w.Old.State == w.New.State
		if !same && (w.New == nil || !s.Unbound()) {
			return fault.New(fault.Precondition, "a merge is written by merging, and by undoing it")
		}
	}
	return nil
}
