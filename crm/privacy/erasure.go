package privacy

import (
	"context"
	"strings"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Erasure is the record of one erasing (删除记录): who did it and when stands in its Meta.
// It says nothing about the person but which record they were; a reason should not, either.
type Erasure struct {
	record.Meta
	// Kind and PersonID are those of the person's record.
	Kind     string    `crm:"kind,max=60"`
	PersonID schema.ID `crm:"person_id,required"`
	Reason   string
	// Pseudonym stands where names stood.
	Pseudonym string
	// Removed says that the record was deleted.
	Removed bool
	State   State `crm:"state,max=20"`
	// ReadmitReason says why the person may be stored again; empty while they may not.
	ReadmitReason string
	// Counts tell what was erased, in order of the registry.
	Counts []Count `crm:"counts,json,max=1000000"`
}

// State says whether an erased person stays erased.
type State string

// The states.
const (
	Erased     State = "erased"
	Readmitted State = "readmitted"
)

// Count tells of the records of one kind that say something about a person.
type Count struct {
	Kind string `json:"kind"`
	// Erased are there without what they said, Removed are gone, Kept are as they were.
	Erased  int64 `json:"erased,omitempty"`
	Removed int64 `json:"removed,omitempty"`
	Kept    int64 `json:"kept,omitempty"`
}

// Erasures is the kind of Erasure. It belongs to nobody: to erase needs the right to
// create one, and to readmit the right to change one, neither of which the default role has.
var Erasures = schema.Define[Erasure]("erasure", record.Standard(), schema.IndexOn("kind", "person_id"))

// onlyByErasing keeps the records of erasures what happened.
func onlyByErasing(_ context.Context, s *session.Session, writes []session.Write[Erasure]) error {
	for _, w := range writes {
		if w.New == nil || !s.Unbound() || w.Event != eventErased && w.Event != eventReadmitted {
			return fault.New(fault.Precondition, "an erasure is written by Erase and by Readmit")
		}
	}
	return nil
}

const (
	eventErased     = "erasure.done"
	eventReadmitted = "erasure.readmitted"
)

// Readmit lets somebody who was erased be stored again (恢复录入): the keys of the erasure
// are forgotten, and nothing is brought back. The same person may have been erased more than
// once, from several records; each erasure is readmitted by itself. The actor needs the
// right to change erasures.
//
// It is Invalid without a reason, and Precondition for one that was readmitted already.
func (m Module) Readmit(ctx context.Context, erasure schema.ID, reason string) (*Erasure, error) {
	if strings.TrimSpace(reason) == "" {
		return nil, fault.InvalidField("reason", "required", "readmitting needs a reason")
	}
	var readmitted *Erasure
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if _, err := s.Row(ctx, org.Update, storage.Of(s.Tenant(), Erasures).Kind(), erasure); err != nil {
			return err
		}
		var err error
		readmitted, err = session.Of(s, Erasures).Trusted().EditAs(ctx, org.Update, eventReadmitted, erasure, 0, func(e *Erasure) error {
			if e.State != Erased {
				return &fault.Error{Code: fault.Precondition, Kind: Erasures.Name(), ID: erasure.String(), Message: "the person was readmitted already"}
			}
			e.State, e.ReadmitReason = Readmitted, reason
			return nil
		})
		if err != nil {
			return err
		}
		keys := storage.Of(s.Tenant(), Keys)
		var gone []driver.Mutation
		for key, err := range keys.All(ctx, query.Select{Where: query.Eq("erasure_id", erasure)}) {
			if err != nil {
				return err
			}
			gone = append(gone, driver.Mutation{Kind: keys.Kind(), Delete: &driver.Delete{ID: key.ID}})
		}
		return s.Tenant().Write(ctx, gone...)
	})
	if err != nil {
		return nil, err
	}
	return readmitted, nil
}
