package admin

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// OwnershipHistory returns a page of how one record changed hands, with reasons and dates,
// latest first; of the query only Limit and Cursor count. Whoever may read the record
// may see it. It has what was told of records that are part of this one now, as well.
func (m Module) OwnershipHistory(ctx context.Context, ref record.Ref, q query.Select) (storage.Page[session.OwnerChange], error) {
	k, row, err := m.owned(ctx, ref)
	if err != nil {
		return storage.Page[session.OwnerChange]{}, err
	}
	return storage.Of(m.s.Tenant(), session.OwnerChanges).Find(ctx, query.Select{
		Where: query.All(query.Eq("kind", k.Name()), query.Eq("record_id", row[k.ID().Position].(schema.ID))), Sort: query.By("-at", "-record_version"), Limit: q.Limit, Cursor: q.Cursor})
}

// OwnedOn returns who was responsible for a record on a day, at its end; of a day that is not
// over, who is. Whoever may read the record may ask; see session.Session.OwnedOn.
func (m Module) OwnedOn(ctx context.Context, ref record.Ref, day schema.Date) (record.Owned, error) {
	k, row, err := m.owned(ctx, ref)
	if err != nil {
		return record.Owned{}, err
	}
	owner, _ := row[k.Owner().Position].(schema.ID)
	department, _ := row[k.Department().Position].(schema.ID)
	return m.s.OwnedOn(ctx, k, row[k.ID().Position].(schema.ID), record.Owned{OwnerID: owner, DepartmentID: department}, day)
}

// Holding is how many records of a kind somebody is responsible for.
type Holding struct {
	Kind    string
	Records int64
}

// OwnedBy returns what an employee owns, or what belongs to a department, kind by kind in order
// of the registry, for who plans a handover: a kind without a line of it stays. It counts the
// records that the actor may read; a kind of which there are none is left out.
//
// Who reports to the employee, and where they stand in teams, assignment rules, pools and
// sharing rules, is no record that somebody owns: it is changed where it stands.
func (m Module) OwnedBy(ctx context.Context, who schema.ID) ([]Holding, error) {
	dir, err := m.s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	field := (*schema.Kind).Owner
	switch {
	case dir.Department(who) != nil:
		field = (*schema.Kind).Department
	case dir.Employee(who) == nil:
		return nil, fault.InvalidField("who", "reference", "is no employee and no department")
	}
	var list []Holding
	for _, k := range m.s.Registry().Kinds() {
		may, err := m.s.Can(ctx, org.Read, k)
		if err != nil {
			return nil, err
		}
		if k.Owner() == nil || field(k) == nil || !may {
			continue
		}
		scope, err := m.s.Scope(ctx, org.Read, k)
		if err != nil {
			return nil, err
		}
		count := query.Aggregate{Where: query.Eq(field(k).Name, who), Measures: []query.Measure{{Fn: query.Count}}}
		groups, err := m.s.Tenant().Aggregate(ctx, k, count, scope)
		if err != nil {
			return nil, err
		}
		if n, _ := groups.Rows[0][0].(int64); n > 0 {
			list = append(list, Holding{k.Name(), n})
		}
	}
	return list, nil
}

// owned returns kind and row of a record that the actor may read: of one that was merged into
// another, that of the other.
func (m Module) owned(ctx context.Context, ref record.Ref) (*schema.Kind, driver.Row, error) {
	k := m.s.Registry().Kind(ref.Kind)
	if k == nil || k.Owner() == nil {
		return nil, nil, fault.InvalidField("kind", "kind", "records of this kind have no owner")
	}
	row, err := m.s.Row(ctx, org.Read, k, ref.ID)
	return k, row, err
}
