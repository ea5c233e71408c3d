package admin

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// HandoverMove tells that one record changed hands by a job (负责人变更历史): it is written
// with the change and stays as it is. The reason stands in the job.
type HandoverMove struct {
	ID         schema.ID
	At         time.Time `crm:"at,required"`
	HandoverID schema.ID `crm:"handover_id,required"`
	LineID     schema.ID `crm:"line_id,required"`
	ActorID    schema.ID // zero for the system
	Kind       string    `crm:"kind,max=60"`
	RecordID   schema.ID `crm:"record_id,required"`
	// RecordVersion is that of the record after the move.
	RecordVersion int64
	// Owner and department before and after; zero for none.
	FromID, FromDepartmentID schema.ID
	ToID, ToDepartmentID     schema.ID
	// Maker says that the maker changed, too, from the one owner to the other.
	Maker bool
	// Undo says that the move took back an earlier one of the job.
	Undo bool
}

// HandoverMoves is the kind of HandoverMove.
var HandoverMoves = schema.Define[HandoverMove]("handover_move",
	schema.IndexOn("line_id", "id"), schema.PolymorphicRef("record", "kind", "record_id"),
	schema.BelongsTo("line", "handover_line", "line_id"),
	schema.BelongsTo("from", "employee", "from_id"), schema.BelongsTo("to", "employee", "to_id"))

// OwnershipHistory returns a page of the moves of one record, the oldest first; of the
// query only Limit and Cursor count. Whoever may read the record may see them.
func (m Module) OwnershipHistory(ctx context.Context, ref record.Ref, q query.Select) (storage.Page[HandoverMove], error) {
	k := m.s.Registry().Kind(ref.Kind)
	if k == nil || k.Owner() == nil {
		return storage.Page[HandoverMove]{}, fault.InvalidField("kind", "kind", "records of this kind have no owner")
	}
	if _, err := m.s.Row(ctx, org.Read, k, ref.ID); err != nil {
		return storage.Page[HandoverMove]{}, err
	}
	return storage.Of(m.s.Tenant(), HandoverMoves).Find(ctx, query.Select{
		Where: query.All(query.Eq("kind", ref.Kind), query.Eq("record_id", ref.ID)), Sort: query.By("at"), Limit: q.Limit, Cursor: q.Cursor})
}

// moved returns the move of a record that is about to be handed over from who owns it.
func (l *HandoverLine) moved(s *session.Session, k *schema.Kind, row driver.Row, department schema.ID, made bool) *HandoverMove {
	from, _ := row[k.Owner().Position].(schema.ID)
	was, _ := row[k.Department().Position].(schema.ID)
	if !l.ReplaceDepartment {
		department = was
	}
	return &HandoverMove{ID: s.Tenant().NewID(), At: s.Now(), HandoverID: l.HandoverID, LineID: l.ID, ActorID: s.Actor().Employee,
		Kind: k.Name(), RecordID: row[k.ID().Position].(schema.ID), RecordVersion: row[k.Version().Position].(int64) + 1,
		FromID: from, FromDepartmentID: was, ToID: l.ToID, ToDepartmentID: department, Maker: made}
}
