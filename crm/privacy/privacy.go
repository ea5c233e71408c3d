package privacy

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Rules say who is a person.
type Rules struct {
	Subjects []Subject
	// Secret goes into the keys of erased persons; empty is none. With another one, the keys
	// that are stored find nobody any more.
	Secret []byte
}

// subject returns the subject of a kind.
func (r Rules) subject(kind string) (Subject, error) {
	for _, of := range r.Subjects {
		if of.kind.Name() == kind {
			return of, nil
		}
	}
	return Subject{}, fault.InvalidField("kind", "person", "records of kind %.40q are no persons", kind)
}

// find returns the subject and the id of a person to whom the actor may do the verb: that of
// what they were merged into.
func (r Rules) find(ctx context.Context, s *session.Session, v org.Verb, person record.Ref) (Subject, schema.ID, error) {
	none := schema.ID{}
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return Subject{}, none, err
	}
	of, err := r.subject(person.Kind)
	if err != nil {
		return of, none, err
	}
	k := s.Registry().Kind(person.Kind)
	row, err := s.Row(ctx, org.Read, k, person.ID)
	if err != nil {
		return of, none, err
	}
	id := row[k.ID().Position].(schema.ID)
	if _, err := s.Row(ctx, v, k, id); err != nil {
		return of, none, err
	}
	is, _, err := of.read(s.Tenant(), row)
	if err == nil && !is {
		err = fault.InvalidField("id", "person", "the %s is no person", k.Name())
	}
	return of, id, err
}

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Erasures.Kind, Keys.Kind} }

// Hooks returns the rules of this package that hold for every write. Those that keep erased
// persons out come last in a program: they judge a record as it will be stored.
func Hooks(r Rules) []session.Hook {
	hooks := []session.Hook{session.Before(Erasures, onlyByErasing)}
	for _, of := range r.Subjects {
		hooks = append(hooks, of.stayErased(r))
	}
	return hooks
}

// Module is personal data as a session sees it.
type Module struct {
	// Erasures are for reading.
	Erasures session.Collection[Erasure]

	s     *session.Session
	rules Rules
}

// New returns the module for a session.
func New(s *session.Session, r Rules) Module { return Module{session.Of(s, Erasures), s, r} }
