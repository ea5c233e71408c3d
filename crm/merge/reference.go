package merge

import (
	"cmp"
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// reference is a field by which records of a kind point at those that are merged.
type reference struct {
	kind *schema.Kind
	id   *schema.Field
	// named is the field that holds the name of the other kind, nil where there is none.
	named *schema.Field
	// copied is a field that holds a copy of the other's created_at, nil where none does.
	copied *schema.Field
}

// references returns which kinds point at records of a kind, with the field, in the order in
// which a merge moves them: those that a database guards, those of subjects, shares. Left out are
// rows that follow other records, and those that tell of the past and are never changed.
//
// It is Precondition where a guarded reference stands in a kind that can't be moved, having
// neither a version nor been declared as derived.
func references(r *schema.Registry, k *schema.Kind) ([]reference, error) {
	var list []reference
	for _, rel := range r.PointingAt(k) {
		switch {
		case rel.From.Derived():
		case !changes(rel.From):
			return nil, fault.New(fault.Precondition, "%s points at %s and can't be moved: it has no version", rel.From.Name(), k.Name())
		default:
			list = append(list, reference{kind: rel.From, id: rel.Field})
		}
	}
	for _, from := range r.Kinds() {
		for _, ref := range from.Refs() {
			if changes(from) && !from.Derived() && (len(ref.KindNames) == 0 || slices.Contains(ref.KindNames, k.Name())) {
				list = append(list, reference{kind: from, id: ref.ID, named: ref.Kind})
			}
		}
	}
	if kept, role := r.Shares(); kept != nil && k.Owner() != nil {
		list = append(list, reference{kind: kept, id: role.Record, named: role.Kind, copied: role.CreatedAt})
	}
	return list, nil
}

// changes reports whether records of a kind are ever changed.
func changes(k *schema.Kind) bool { return k.Version() != nil && k.Field("updated_by") != nil }

// move makes everything that points at a loser through the reference point at the winner,
// page by page. The records that are merged are left out.
func (m *merging) move(ctx context.Context, s *session.Session, ref reference, loser schema.ID) error {
	k := s.Registry().Kind(ref.kind.Name())
	where := query.All(query.Eq(ref.id.Name, loser))
	if ref.named != nil {
		where = query.All(query.Eq(ref.named.Name, m.kind.Name()), where)
	}
	if k == m.kind {
		where = query.All(where, query.Not{Expr: query.In("id", m.ids...)})
	}
	for {
		page, err := s.Tenant().Select(ctx, k, query.Select{Where: where, Sort: query.By("id"), Limit: query.MaxLimit}, nil)
		if err != nil || len(page.Rows) == 0 {
			return err
		}
		rows, twice, err := m.collide(ctx, s, k, ref, page.Rows)
		if err != nil {
			return err
		}
		if err := s.RemoveMany(ctx, k, k.Name()+".merged", twice); err != nil {
			return err
		}
		set := []driver.Assign{{Field: ref.id, Value: m.winner}}
		if ref.copied != nil {
			set = append(set, driver.Assign{Field: ref.copied, Value: m.rows[0][m.kind.Field("created_at").Position]})
		}
		given, err := s.RepointMany(ctx, k, session.Bulk{Rows: rows, Set: set})
		if err != nil {
			return err
		}
		m.count(k, int64(len(rows)-given), int64(len(twice)+given))
	}
}

// collide parts rows into those that can point at the winner and those that a unique keeps
// from it, because the winner has the same. Where a hook decides that, it is asked instead.
func (m *merging) collide(ctx context.Context, s *session.Session, k *schema.Kind, ref reference, rows []driver.Row) (fit, twice []driver.Row, err error) {
	if s.HasMerging(k) {
		return rows, nil, nil
	}
	for _, x := range k.Indexes() {
		if !x.Unique || !slices.Contains(x.Fields, ref.id) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(x.Fields), func(f *schema.Field) bool { return f == ref.id || f == ref.named })
		held, err := m.held(ctx, s, k, ref, others, rows)
		if err != nil {
			return nil, nil, err
		}
		fit = nil
		for _, row := range rows {
			if held(row) {
				twice = append(twice, row)
			} else {
				fit = append(fit, row)
			}
		}
		rows = fit
	}
	return rows, twice, nil
}

// held returns what tells whether the winner has a record with the same values in fields.
func (m *merging) held(ctx context.Context, s *session.Session, k *schema.Kind, ref reference, fields []*schema.Field, rows []driver.Row) (func(driver.Row) bool, error) {
	where := query.All(query.Eq(ref.id.Name, m.winner))
	if ref.named != nil {
		where = query.All(query.Eq(ref.named.Name, m.kind.Name()), where)
	}
	var there []driver.Row
	for some := range slices.Chunk(rows, query.MaxValues) {
		narrow := where
		if len(fields) > 0 {
			narrow = query.All(where, query.In(fields[0].Name, valuesOf(fields[0], some)...))
		}
		q := query.Select{Where: narrow, Sort: query.By("id"), Limit: query.MaxLimit}
		for {
			page, err := s.Tenant().Select(ctx, k, q, nil)
			if err != nil {
				return nil, err
			}
			there = append(there, page.Rows...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return func(row driver.Row) bool {
		return slices.ContainsFunc(there, func(other driver.Row) bool {
			return !slices.ContainsFunc(fields, func(f *schema.Field) bool {
				return empty(row[f.Position]) || !journal.Same(row[f.Position], other[f.Position])
			})
		})
	}, nil
}

// valuesOf returns the values of a field, each once, without those that no unique compares.
func valuesOf(f *schema.Field, rows []driver.Row) []any {
	var values []any
	for _, row := range rows {
		if v := row[f.Position]; !empty(v) && !slices.ContainsFunc(values, func(other any) bool { return journal.Same(v, other) }) {
			values = append(values, v)
		}
	}
	return values
}

// climb returns what the winner stands below in a tree when the losers are part of it, as if
// they came one after the other. A winner at the top goes below what the loser stands below,
// unless that is below the winner itself; a winner below the loser goes below what is above
// that one. So no circle is closed.
func (m *merging) climb(ctx context.Context, s *session.Session, rel *schema.Relation) (any, error) {
	at, id := rel.Field.Position, m.kind.ID().Position
	above, _ := m.rows[0][at].(schema.ID)
	parents := map[schema.ID]schema.ID{}
	for i, loser := range m.rows[1:] {
		parent, _ := loser[at].(schema.ID)
		line, err := m.line(ctx, s, rel, cmp.Or(above, parent), parents)
		if err != nil {
			return nil, err
		}
		if above.IsZero() {
			if !slices.ContainsFunc(m.ids[:i+1], func(in schema.ID) bool { return slices.Contains(line, in) }) {
				above = parent
			}
		} else if slices.Contains(line, loser[id].(schema.ID)) {
			above = parent
		}
	}
	if above.IsZero() {
		return nil, nil
	}
	return above, nil
}

// line returns a record and what it stands below, upwards. Parents are those that were read.
func (m *merging) line(ctx context.Context, s *session.Session, rel *schema.Relation, id schema.ID, parents map[schema.ID]schema.ID) ([]schema.ID, error) {
	var line []schema.ID
	for !id.IsZero() && !slices.Contains(line, id) { // a circle can't be stored
		line = append(line, id)
		parent, known := parents[id]
		if !known {
			row, err := s.Tenant().Get(ctx, m.kind, id, nil)
			if err != nil {
				return nil, err
			}
			parent, _ = row[rel.Field.Position].(schema.ID)
			parents[id] = parent
		}
		id = parent
	}
	return line, nil
}
