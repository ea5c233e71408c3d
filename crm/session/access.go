package session

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Row returns one record for a verb, as a row of its kind: NotFound when the actor may not even read it,
// Forbidden when they may read it but not do the verb. To read one that was merged into
// another is to read that one.
//
// Who owns the record or stands above its owner is seen without a further query;
// only where that says no, the database is asked about shares, parents and wholes.
func (s *Session) Row(ctx context.Context, v org.Verb, k *schema.Kind, id schema.ID) (driver.Row, error) {
	row, err := s.t.Get(ctx, k, id, nil)
	if v == org.Read && errors.Is(err, storage.ErrNotFound) {
		row, err = s.mergedInto(ctx, k, id, err)
	}
	if err != nil || s.Unbound() {
		return row, err
	}
	if err := s.allowed(ctx, v, k, row); err != nil {
		return nil, err
	}
	return row, nil
}

// allowed decides whether the actor may do the verb to a record that was read.
func (s *Session) allowed(ctx context.Context, v org.Verb, k *schema.Kind, row driver.Row) error {
	verdicts, err := s.judge(ctx, v, k, []driver.Row{row})
	if err != nil {
		return err
	}
	return verdicts[0]
}

// judge decides for each of some records whether the actor may do the verb: nil, Forbidden,
// or NotFound where they may not even read it. It asks the database at most twice for each
// thousand records.
func (s *Session) judge(ctx context.Context, v org.Verb, k *schema.Kind, rows []driver.Row) ([]error, error) {
	verdicts := make([]error, len(rows))
	able, err := s.access(ctx, v, k, rows)
	if err != nil {
		return nil, err
	}
	var refused []driver.Row
	for i, row := range rows {
		if !able[i] {
			refused = append(refused, row)
		}
	}
	readable := make([]bool, len(refused))
	if v != org.Read && len(refused) > 0 {
		if readable, err = s.access(ctx, org.Read, k, refused); err != nil {
			return nil, err
		}
	}
	n := 0
	for i, row := range rows {
		if able[i] {
			continue
		}
		if id := row[k.ID().Position].(schema.ID); readable[n] {
			verdicts[i] = forbidden(v, k.Name(), id.String())
		} else {
			verdicts[i] = notFound(k, id)
		}
		n++
	}
	return verdicts, nil
}

func notFound(k *schema.Kind, id schema.ID) error {
	return &storage.Error{Code: storage.NotFound, Kind: k.Name(), ID: id.String(), Message: "there is no such record"}
}

// access reports for each of some records whether gate and access are open.
func (s *Session) access(ctx context.Context, v org.Verb, k *schema.Kind, rows []driver.Row) ([]bool, error) {
	able := make([]bool, len(rows))
	people, dir, err := s.acting(ctx)
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(people, func(person schema.ID) bool { return !dir.Gate(person, v, k) })
	if len(people) == 0 {
		return able, nil
	}
	var asked []schema.ID
	for i, row := range rows {
		able[i] = k.Owner() != nil && slices.ContainsFunc(people, func(person schema.ID) bool { return dir.Access(person, v, k, placement(k, row), s.Now()) })
		if !able[i] {
			asked = append(asked, row[k.ID().Position].(schema.ID))
		}
	}
	if len(asked) == 0 {
		return able, nil
	}
	scope, err := s.scope(ctx, v, k)
	if err != nil {
		return nil, err
	}
	inside, err := s.rowsByID(ctx, k, asked, scope)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		able[i] = able[i] || scope.All || inside[row[k.ID().Position].(schema.ID)] != nil
	}
	return able, nil
}

// rowsByID returns those of some records that are there and lie inside a scope, in one
// query for each thousand; a nil scope is everything.
func (s *Session) rowsByID(ctx context.Context, k *schema.Kind, ids []schema.ID, scope *query.Scope) (map[schema.ID]driver.Row, error) {
	found := make(map[schema.ID]driver.Row, len(ids))
	for some := range slices.Chunk(ids, query.MaxLimit) {
		page, err := s.t.Select(ctx, k, query.Select{Where: query.In("id", some...), Sort: query.By("id"), Limit: query.MaxLimit}, scope)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			found[row[k.ID().Position].(schema.ID)] = row
		}
	}
	return found, nil
}

// placement returns owner and department in a row of an owned kind.
func placement(k *schema.Kind, row driver.Row) org.Placement {
	owner, _ := row[k.Owner().Position].(schema.ID)
	department, _ := row[k.Department().Position].(schema.ID)
	return org.Placement{Owner: owner, Department: department}
}

// Readable reports which of some records are there and may be read by the actor.
func (s *Session) Readable(ctx context.Context, k *schema.Kind, ids []schema.ID) (map[schema.ID]bool, error) {
	readable := make(map[schema.ID]bool, len(ids))
	found, err := s.rowsByID(ctx, k, ids, nil)
	if err != nil || s.Unbound() {
		for id := range found {
			readable[id] = true
		}
		return readable, err
	}
	var rows []driver.Row
	for _, id := range ids {
		if found[id] != nil {
			rows = append(rows, found[id])
		}
	}
	verdicts, err := s.judge(ctx, org.Read, k, rows)
	for i, verdict := range verdicts {
		readable[rows[i][k.ID().Position].(schema.ID)] = verdict == nil
	}
	return readable, err
}

// mayPoint checks the references of new or changed records that would give their owners
// something: pointing to a whole, or to a record that is held, needs the right to change
// the whole or to read what is held. Otherwise anyone could open a record by pointing at
// it.
func (s *Session) mayPoint(ctx context.Context, k *schema.Kind, moves []move) error {
	if s.Unbound() {
		return nil
	}
	for _, rel := range k.Relations() {
		if rel.Many || !rel.Part && !rel.Holds {
			continue
		}
		need := org.Read
		if rel.Part {
			need = org.Update
		}
		if err := s.mayPointAlong(ctx, rel, need, moves); err != nil {
			return err
		}
	}
	return nil
}

// move is a record before, nil for a new one, and after a change.
type move struct{ before, after driver.Row }

func (s *Session) mayPointAlong(ctx context.Context, rel *schema.Relation, need org.Verb, moves []move) error {
	var targets []schema.ID
	for _, m := range moves {
		at := rel.Field.Position
		target, _ := m.after[at].(schema.ID)
		if !target.IsZero() && (m.before == nil || m.before[at] != m.after[at]) && !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	found, err := s.rowsByID(ctx, rel.To, targets, nil)
	if err != nil {
		return err
	}
	var rows []driver.Row
	for _, target := range targets {
		if found[target] == nil {
			return noTarget(rel)
		}
		rows = append(rows, found[target])
	}
	verdicts, err := s.judge(ctx, need, rel.To, rows)
	if err != nil {
		return err
	}
	for _, verdict := range verdicts {
		if errors.Is(verdict, storage.ErrNotFound) {
			return noTarget(rel)
		}
		if verdict != nil {
			return verdict
		}
	}
	return nil
}

// noTarget is what a reference to a record that is not there, or is hidden, returns.
func noTarget(rel *schema.Relation) error {
	return &storage.Error{Code: storage.Referenced, Kind: rel.From.Name(), Message: rel.Field.Name + ": there is no such " + rel.ToName,
		Fields: []storage.FieldError{{Name: rel.Field.Name, Code: "reference", Message: "there is no such " + rel.ToName}}}
}
