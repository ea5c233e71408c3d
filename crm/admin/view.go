package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Query returns the kind of a saved view and its query, as it is for the actor now. Run it
// with the collection of that kind: what the actor may not see, it does not show.
func (m Module) Query(ctx context.Context, view schema.ID) (string, query.Select, error) {
	v, err := m.Views.Get(ctx, view)
	if err != nil {
		return "", query.Select{}, err
	}
	k := m.s.Registry().Kind(v.Kind)
	if k == nil {
		return "", query.Select{}, fault.New(fault.Precondition, "the view is of kind %.40q, which the program no longer keeps", v.Kind)
	}
	at, err := m.Moment(ctx)
	if err != nil {
		return "", query.Select{}, err
	}
	q, err := v.Resolve(k, at)
	return v.Kind, q, err
}

// Moment returns what relative values stand for, for the actor now.
func (m Module) Moment(ctx context.Context) (settings.Moment, error) {
	at := settings.Moment{Me: m.s.Actor().Employee, Today: m.s.Today(), Location: m.s.Location(), WeekStart: m.s.WeekStart()}
	dir, err := m.s.Directory(ctx)
	if err != nil {
		return at, err
	}
	if e := dir.Employee(at.Me); e != nil {
		at.MyDepartment = e.DepartmentID
	}
	return at, nil
}

// Pin pins a view for the actor at a position; one that is pinned already moves.
func (m Module) Pin(ctx context.Context, view schema.ID, position int64) error {
	if m.s.Actor().IsSystem() {
		return fault.New(fault.Precondition, "views are pinned by people")
	}
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if _, err := session.Of(s, settings.Views).Get(ctx, view); err != nil {
			return err
		}
		page, err := pinned(ctx, s, query.Select{Where: query.Eq("view_id", view), Limit: 1})
		if err != nil {
			return err
		}
		pins := session.Of(s, settings.Pins).Trusted()
		if len(page.Items) > 0 {
			_, err = pins.Edit(ctx, page.Items[0].ID, func(p *settings.Pin) error { p.Position = position; return nil })
			return err
		}
		_, err = pins.Create(ctx, &settings.Pin{EmployeeID: s.Actor().Employee, ViewID: view, Position: position})
		return again(err)
	})
}

// Unpin takes a view off the actor's pins; one that is not pinned stays so.
func (m Module) Unpin(ctx context.Context, view schema.ID) error {
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		page, err := pinned(ctx, s, query.Select{Where: query.Eq("view_id", view), Limit: 1})
		if err != nil || len(page.Items) == 0 {
			return err
		}
		return session.Of(s, settings.Pins).Trusted().Delete(ctx, page.Items[0].ID, 0)
	})
}

// Pinned returns a page of the actor's pins in their order. q may carry a limit and a
// cursor.
func (m Module) Pinned(ctx context.Context, q query.Select) (storage.Page[settings.Pin], error) {
	return pinned(ctx, m.s, query.Select{Sort: query.By("position"), Limit: q.Limit, Cursor: q.Cursor})
}

func pinned(ctx context.Context, s *session.Session, q query.Select) (storage.Page[settings.Pin], error) {
	q.Where = query.All(query.Eq("employee_id", s.Actor().Employee), q.Where)
	return session.Of(s, settings.Pins).Trusted().Find(ctx, q)
}

func unpinAll(ctx context.Context, s *session.Session, view schema.ID) error {
	pins := storage.Of(s.Tenant(), settings.Pins)
	var gone []driver.Mutation
	for p, err := range pins.All(ctx, query.Select{Where: query.Eq("view_id", view)}) {
		if err != nil {
			return err
		}
		gone = append(gone, driver.Mutation{Kind: pins.Kind(), Delete: &driver.Delete{ID: p.ID}})
	}
	return s.Tenant().Write(ctx, gone...)
}

// checkViews refuses views that could not be run, and takes those that are deleted off
// everybody's pins.
func checkViews(ctx context.Context, s *session.Session, writes []session.Write[settings.View]) error {
	for _, w := range writes {
		if w.New == nil {
			if err := unpinAll(ctx, s, w.Old.ID); err != nil {
				return err
			}
			continue
		}
		k := s.Registry().Kind(w.New.Kind)
		if k == nil {
			return fault.InvalidField("kind", "kind", "there is no such kind")
		}
		q, err := w.New.Resolve(k, settings.Moment{Me: schema.NameID("somebody"), MyDepartment: schema.NameID("somewhere"), Today: s.Today()})
		if err != nil {
			return err
		}
		if q.Cursor != "" {
			return fault.InvalidField("query", "cursor", "a view begins at its first page")
		}
		if _, err := query.ResolveSelect(k, q); err != nil {
			return err
		}
		for _, name := range w.New.Columns {
			if _, err := query.ResolvePath(k, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// GiveViews creates the views that the library has for a part in a company and shares them
// with the employees of a role, to which they point. Their names are in the language of the
// program (crm.WithLanguage). The actor owns them and needs the rights to create and to share.
// Those that the role was given before stay as they have become, and are returned too; those
// that were deleted since stay so. It is Invalid for an unknown part, and for what is no role.
func (m Module) GiveViews(ctx context.Context, part settings.Part, role schema.ID) ([]*settings.View, error) {
	if !slices.Contains(settings.Parts(), part) {
		return nil, fault.InvalidField("part", "part", "is none of the parts that the library has views for")
	}
	dir, err := m.s.Directory(ctx)
	if err != nil {
		return nil, err
	}
	if dir.Role(role) == nil {
		return nil, fault.InvalidField("role", "reference", "there is no such role")
	}
	var given []*settings.View
	err = m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		given = nil
		if err := s.Require(ctx, org.Create, settings.Views.Kind); err != nil {
			return err
		}
		for _, v := range settings.DefaultViews(part) {
			if s.Registry().Kind(v.Kind) == nil {
				continue
			}
			v.ID, v.RoleID = schema.NameID("view", string(part), role.String(), v.Label.EN), role // in any language the same
			v.Name = v.Label.In(string(s.Language()))
			one, err := give(ctx, s, &v.View, role)
			if err != nil {
				return err
			}
			if one != nil {
				given = append(given, one)
			}
		}
		return nil
	})
	return given, err
}

// give creates a view and shares it with a role, unless it is there, whoever gave it. It
// returns nil for one that was deleted.
func give(ctx context.Context, s *session.Session, v *settings.View, role schema.ID) (*settings.View, error) {
	views := session.Of(s, settings.Views)
	there, err := views.Trusted().Get(ctx, v.ID)
	if !errors.Is(err, storage.ErrNotFound) {
		return there, err
	}
	past, err := storage.Of(s.Tenant(), journal.Entries).Find(ctx, query.Select{Limit: 1,
		Where: query.All(query.Eq("kind", settings.Views.Name()), query.Eq("record_id", v.ID))})
	if err != nil || len(past.Items) > 0 {
		return nil, err
	}
	created, err := views.Create(ctx, v)
	if err != nil {
		return nil, again(err)
	}
	_, err = New(s).Share(ctx, record.Ref{Kind: settings.Views.Name(), ID: created.ID}, role, org.ReadAccess, time.Time{})
	return created, err
}
