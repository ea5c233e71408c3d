package session

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Row returns one record for a verb, as a row of its kind: NotFound when the actor may not even read it,
// Forbidden when they may read it but not do the verb.
//
// Who owns the record or stands above its owner is seen without a further query;
// only where that says no, the database is asked about shares, parents and wholes.
func (s *Session) Row(ctx context.Context, v org.Verb, k *schema.Kind, id schema.ID) (driver.Row, error) {
	row, err := s.t.Get(ctx, k, id, nil)
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
	id := row[k.ID().Position].(schema.ID)
	ok, err := s.access(ctx, v, k, row)
	if err != nil || ok {
		return err
	}
	if v != org.Read {
		if readable, err := s.access(ctx, org.Read, k, row); err != nil {
			return err
		} else if readable {
			return forbidden(v, k.Name(), id.String())
		}
	}
	return &storage.Error{Code: storage.NotFound, Kind: k.Name(), ID: id.String(), Message: "there is no such record"}
}

func (s *Session) access(ctx context.Context, v org.Verb, k *schema.Kind, row driver.Row) (bool, error) {
	dir, err := s.Directory(ctx)
	if err != nil || !dir.Gate(s.actor.Employee, v, k) {
		return false, err
	}
	if k.Owner() != nil && dir.Access(s.actor.Employee, v, k, placement(k, row)) {
		return true, nil
	}
	scope := dir.Scope(s.actor.Employee, v, k, s.Now())
	if scope.All {
		return true, nil
	}
	_, err = s.t.Get(ctx, k, row[k.ID().Position].(schema.ID), scope)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// placement returns owner and department in a row of an owned kind.
func placement(k *schema.Kind, row driver.Row) org.Placement {
	owner, _ := row[k.Owner().Position].(schema.ID)
	department, _ := row[k.Department().Position].(schema.ID)
	return org.Placement{Owner: owner, Department: department}
}

// mayPoint checks the references of a new or changed record that would give its
// owner something: pointing to a whole, or to a record that is held, needs the right
// to change the whole or to read what is held. Otherwise anyone could open a record
// by pointing at it.
func (s *Session) mayPoint(ctx context.Context, k *schema.Kind, before, after driver.Row) error {
	if s.Unbound() {
		return nil
	}
	for _, rel := range k.Relations() {
		if rel.Many || !rel.Part && !rel.Holds {
			continue
		}
		target, _ := after[rel.Field.Position].(schema.ID)
		if target.IsZero() || before != nil && before[rel.Field.Position] == after[rel.Field.Position] {
			continue
		}
		need := org.Read
		if rel.Part {
			need = org.Update
		}
		_, err := s.Row(ctx, need, rel.To, target)
		if errors.Is(err, storage.ErrNotFound) {
			return &storage.Error{Code: storage.Referenced, Kind: k.Name(), Message: rel.Field.Name + ": there is no such " + rel.ToName,
				Fields: []storage.FieldError{{Name: rel.Field.Name, Code: "reference", Message: "there is no such " + rel.ToName}}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
