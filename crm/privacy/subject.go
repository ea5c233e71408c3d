package privacy

import (
	"context"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Subject says which records of a kind are persons (数据主体), and by what one is known.
// It is made by SubjectOf.
type Subject struct {
	kind *schema.Kind
	// read returns whether a row is a person, and their keys.
	read func(t *storage.Tenant, row driver.Row) (bool, []Key, error)
	// stayErased returns the hook that refuses who was erased.
	stayErased func(Rules) session.Hook
}

// SubjectOf says that those records of a kind are persons for which isPerson is true, nil
// for all, and gives the keys by which one is known again. Both are asked about every write
// and do nothing but look at the record.
func SubjectOf[T any](d schema.Definition[T], isPerson func(*T) bool, keys func(*T) []Key) Subject {
	is := func(v *T) bool { return v != nil && (isPerson == nil || isPerson(v)) }
	of := func(v *T) []Key {
		if !is(v) {
			return nil
		}
		return keys(v)
	}
	return Subject{
		kind: d.Kind,
		read: func(t *storage.Tenant, row driver.Row) (bool, []Key, error) {
			v := new(T)
			err := storage.Of(t, d).DecodeInto(row, v)
			return is(v), of(v), err
		},
		stayErased: func(r Rules) session.Hook {
			return session.Before(d, func(ctx context.Context, s *session.Session, writes []session.Write[T]) error {
				var fresh []Key
				for _, w := range writes {
					fresh = append(fresh, without(of(w.New), of(w.Old))...)
				}
				return r.refuse(ctx, s, d.Name(), fresh)
			})
		},
	}
}
