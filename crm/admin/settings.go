package admin

import (
	"context"
	"reflect"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// settingsHooks are the rules of dictionaries, custom fields and numbering. A change
// raises the version of the settings in the same transaction, so that the next session in
// any process goes by it.
func settingsHooks() []session.Hook {
	return []session.Hook{
		session.Before(settings.Entries, func(ctx context.Context, s *session.Session, writes []session.Write[settings.Entry]) error {
			return retireOnly(ctx, s, writes, func(a, b *settings.Entry) bool { return a.Dictionary == b.Dictionary && a.Code == b.Code })
		}),
		session.Before(settings.Fields, func(ctx context.Context, s *session.Session, writes []session.Write[settings.Field]) error {
			if err := fits(s, writes); err != nil {
				return err
			}
			return retireOnly(ctx, s, writes, func(a, b *settings.Field) bool {
				return a.Kind == b.Kind && a.Name == b.Name && a.Type == b.Type && a.Scale == b.Scale
			})
		}),
		session.Before(settings.NumberRules, func(ctx context.Context, s *session.Session, writes []session.Write[settings.NumberRule]) error {
			for _, w := range writes {
				if w.New == nil {
					continue
				}
				if err := canBeNumbered(s, w.New); err != nil {
					return err
				}
			}
			return reset(ctx, s)
		}),
	}
}

// reset raises the version of the tenant's settings.
func reset(ctx context.Context, s *session.Session) error {
	s.Reset()
	return settings.Raise(ctx, s.Tenant(), "settings")
}

// retireOnly refuses to delete what data may refer to, and to turn it into something else.
func retireOnly[T any](ctx context.Context, s *session.Session, writes []session.Write[T], same func(a, b *T) bool) error {
	for _, w := range writes {
		switch {
		case w.New == nil:
			return fault.New(fault.Precondition, "records may refer to it: retire it instead of deleting it")
		case w.Old != nil && !same(w.Old, w.New):
			return fault.New(fault.Precondition, "what records know it by does not change: retire it and create another")
		}
	}
	return reset(ctx, s)
}

// fits refuses fields of kinds that can't have any, and names that are taken.
func fits(s *session.Session, writes []session.Write[settings.Field]) error {
	for _, w := range writes {
		if w.New == nil || w.Old != nil {
			continue
		}
		k := s.Registry().Kind(w.New.Kind)
		if k == nil || k.CustomColumn() == nil {
			return fault.InvalidField("kind", "kind", "records of this kind take no custom fields")
		}
		if k.CustomField(w.New.Name) != nil {
			return &fault.Error{Code: fault.Exists, Kind: settings.Fields.Name(), Message: "the field is there already",
				Fields: []fault.Field{{Name: "name", Code: "unique", Message: "the field is there already"}}}
		}
		// The name alone: what else may be wrong with it, the field itself says.
		named := schema.CustomField{Name: w.New.Name, Type: schema.TypeText}
		if _, err := s.Registry().Extend(schema.Extension{Kind: k.Name(), Fields: []schema.CustomField{named}}); err != nil {
			return &fault.Error{Code: fault.Invalid, Kind: settings.Fields.Name(), Err: err,
				Fields: []fault.Field{{Name: "name", Code: "name", Message: "is no name: lower case letters, digits and underscores"}}}
		}
	}
	return nil
}

func canBeNumbered(s *session.Session, r *settings.NumberRule) error {
	k := s.Registry().Kind(r.Kind)
	if k == nil {
		return fault.InvalidField("kind", "kind", "there is no such kind")
	}
	f := k.Field(r.Field)
	if f == nil || f.Derived() || f.Type != schema.TypeText || k.GoType().FieldByIndex(f.Index).Type.Kind() != reflect.String {
		return fault.InvalidField("field", "field", "is no text field of the kind")
	}
	return nil
}
