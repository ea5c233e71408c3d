package admin

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Hooks returns the rules of the organisation and the settings that hold for every write.
func Hooks() []session.Hook {
	return append(settingsHooks(),

		session.Before(org.Employees, func(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
			return change(ctx, s, org.Employees, writes, func(e *org.Employee) (schema.ID, schema.ID) { return e.ID, e.ManagerID }, "manager_id")
		}),
		session.Before(org.Employees, knownRoles),
		session.Before(org.Employees, knownDepartments),
		session.After(org.Employees, followManagers),
		session.After(org.Employees, followPostings),
		session.Before(org.Shares, onlyByShare),
		session.Before(org.Departments, func(ctx context.Context, s *session.Session, writes []session.Write[org.Department]) error {
			return change(ctx, s, org.Departments, writes, func(d *org.Department) (schema.ID, schema.ID) { return d.ID, d.ParentID }, "parent_id")
		}),
		session.Before(org.Departments, func(ctx context.Context, s *session.Session, writes []session.Write[org.Department]) error {
			return unused(ctx, s, org.Departments, writes, func(d *org.Department) schema.ID { return d.ID },
				func(e *org.Employee) []schema.ID { return e.FurtherDepartments }, "employees still stand in the department")
		}),
		session.After(org.Departments, followSubordinations),
		session.Before(org.Roles, func(ctx context.Context, s *session.Session, writes []session.Write[org.Role]) error {
			for _, w := range writes {
				if err := checkGrants(s, w.New); err != nil {
					return err
				}
			}
			if err := raise(ctx, s); err != nil {
				return err
			}
			return unused(ctx, s, org.Roles, writes, func(r *org.Role) schema.ID { return r.ID },
				func(e *org.Employee) []schema.ID { return e.Roles }, "employees still have the role")
		}),
		session.Before(org.SharingRules, checkSharing),
		session.Before(org.Deputies, func(ctx context.Context, s *session.Session, _ []session.Write[org.Deputy]) error {
			return raise(ctx, s)
		}),
		session.Before(settings.Views, checkViews),
		session.Before(Handovers, onlyByHandover), session.Before(HandoverLines, onlyPlanned),
	)
}

// change raises the version of the organisation, which makes changes of it wait for
// each other, and then refuses circles.
func change[T any](ctx context.Context, s *session.Session, d schema.Definition[T], writes []session.Write[T],
	place func(*T) (id, above schema.ID), field string,
) error {
	if err := raise(ctx, s); err != nil {
		return err
	}
	given := make(map[schema.ID]schema.ID, len(writes))
	moved := false
	for _, w := range writes {
		if w.New != nil {
			id, above := place(w.New)
			given[id] = above
			moved = moved || w.Old != nil
		}
	}
	table := storage.Of(s.Tenant(), d)
	for id, above := range given {
		seen := map[schema.ID]bool{id: true}
		for !above.IsZero() {
			if seen[above] {
				return fault.InvalidField(field, "circle", "nobody and nothing can stand above itself")
			}
			seen[above] = true
			next, inCall := given[above]
			if !inCall && !moved {
				break // what is stored stands below nobody who is new
			}
			if !inCall {
				stored, err := table.Get(ctx, above)
				if errors.Is(err, storage.ErrNotFound) {
					break // the reference is refused when it is stored
				}
				if err != nil {
					return err
				}
				_, next = place(&stored)
			}
			above = next
		}
	}
	return nil
}

// raise raises the version of the tenant's organisation.
func raise(ctx context.Context, s *session.Session) error {
	s.Reorganised()
	return settings.Raise(ctx, s.Tenant(), "organisation")
}

func checkGrants(s *session.Session, r *org.Role) error {
	if r == nil {
		return nil
	}
	ranges := []org.Range{org.OwnRange, org.DepartmentRange, org.BelowRange, org.AllRange}
	for i, g := range r.Grants {
		if g.Kind != "*" && s.Registry().Kind(g.Kind) == nil {
			return fault.InvalidField("grants", "kind", "grant %d: there is no kind %.40q", i+1, g.Kind)
		}
		if !slices.Contains(ranges, g.Range) {
			return fault.InvalidField("grants", "range", "grant %d: unknown range %.40q", i+1, g.Range)
		}
		for _, v := range g.Verbs {
			if !slices.Contains(org.Verbs(), v) {
				return fault.InvalidField("grants", "verb", "grant %d: unknown verb %.40q", i+1, v)
			}
		}
	}
	return checkFields(s, r)
}

func checkFields(s *session.Session, r *org.Role) error {
	for i, rule := range r.Fields {
		k := s.Registry().Kind(rule.Kind)
		if k == nil {
			return fault.InvalidField("fields", "kind", "field rule %d: there is no kind %.40q", i+1, rule.Kind)
		}
		p, err := query.ResolvePath(k, rule.Field)
		if err != nil || len(p.Hops) > 0 {
			return fault.InvalidField("fields", "field", "field rule %d: %s has no field %.40q", i+1, rule.Kind, rule.Field)
		}
		if !rule.Access.Known() {
			return fault.InvalidField("fields", "access", "field rule %d: unknown access %.40q", i+1, rule.Access)
		}
		if p.Field == k.ID() || p.Field == k.Version() || p.Field == k.Owner() || p.Field == k.Department() {
			return fault.InvalidField("fields", "field", "field rule %d: %s is what records are known and permitted by", i+1, rule.Field)
		}
		if keys := k.SortKeys(); len(keys) > 0 && p.Field == keys[0] {
			return fault.InvalidField("fields", "field", "field rule %d: %s is what lists are ordered by", i+1, rule.Field)
		}
		if p.Field == k.CustomColumn() {
			return fault.InvalidField("fields", "field", "field rule %d: custom fields are ruled one by one, as custom.name", i+1)
		}
	}
	return nil
}

// checkSharing refuses rules that share nothing, or that nobody could follow.
func checkSharing(ctx context.Context, s *session.Session, writes []session.Write[org.SharingRule]) error {
	if err := raise(ctx, s); err != nil { // first, for no other to come in between
		return err
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return err
	}
	// Whom a rule named before, it may go on naming: a role may be gone, and the rule is still
	// to be disabled.
	unknown := func(ids, before []schema.ID) bool {
		return slices.ContainsFunc(ids, func(id schema.ID) bool {
			return dir.Employee(id) == nil && dir.Department(id) == nil && dir.Role(id) == nil && !slices.Contains(before, id)
		})
	}
	changed, kinds := map[schema.ID]*org.SharingRule{}, map[*schema.Kind]bool{}
	for _, w := range writes {
		if w.New == nil {
			changed[w.Old.ID] = nil
			continue
		}
		var old org.SharingRule
		if w.Old != nil {
			old = *w.Old
		}
		k := s.Registry().Kind(w.New.Kind)
		switch {
		case k == nil || k.Owner() == nil:
			return fault.InvalidField("kind", "kind", "records of this kind can't be shared")
		case unknown(w.New.From, old.From):
			return fault.InvalidField("from", "reference", "names what is no employee, department or role")
		case unknown(w.New.To, old.To):
			return fault.InvalidField("to", "reference", "names what is no employee, department or role")
		case slices.ContainsFunc(w.New.Within, func(id schema.ID) bool { return dir.Department(id) == nil && !slices.Contains(old.Within, id) }):
			return fault.InvalidField("within", "reference", "names what is no department")
		}
		where, err := w.New.Condition()
		if err == nil {
			where, err = query.ResolveExpr(k, where)
		}
		if err != nil {
			return err
		}
		if !query.Own(where) {
			return fault.InvalidField("where", "path", "a sharing rule goes by fields of the record itself")
		}
		changed[w.New.ID], kinds[k] = w.New, true
	}
	for k := range kinds {
		if n := dir.Values(k, changed); n > org.MostValues {
			return fault.InvalidField("where", "max", "the rules on %s would compare a record with %d values and people, at most %d are possible: take fewer rules, or none with a condition", k.Name(), n, org.MostValues)
		}
	}
	return nil
}

// knownRoles refuses roles that do not exist: whoever had only such would have no
// grant at all, not even the default ones.
func knownRoles(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
	return known(ctx, s, org.Roles, writes, func(e *org.Employee) []schema.ID { return e.Roles }, "roles", "there is no such role")
}

// knownDepartments refuses further departments that do not exist.
func knownDepartments(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
	return known(ctx, s, org.Departments, writes, func(e *org.Employee) []schema.ID { return e.FurtherDepartments }, "further_departments", "there is no such department")
}

// known refuses ids in a field of employees that are none of a kind.
func known[T any](ctx context.Context, s *session.Session, d schema.Definition[T], writes []session.Write[org.Employee],
	named func(*org.Employee) []schema.ID, field, message string,
) error {
	var ids []schema.ID
	for _, w := range writes {
		if w.New != nil && (w.Old == nil || !slices.Equal(named(w.Old), named(w.New))) {
			ids = append(ids, named(w.New)...)
		}
	}
	slices.SortFunc(ids, schema.ID.Compare)
	if len(ids) > 0 && ids[0].IsZero() {
		return fault.InvalidField(field, "reference", "%s", message)
	}
	for some := range slices.Chunk(slices.Compact(ids), query.MaxValues) {
		page, err := storage.Of(s.Tenant(), d).Find(ctx, query.Select{Where: query.In("id", some...), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		if len(page.Items) < len(some) {
			return fault.InvalidField(field, "reference", "%s", message)
		}
	}
	return nil
}

// unused refuses to delete what employees name in a list, which no reference guards.
func unused[T any](ctx context.Context, s *session.Session, d schema.Definition[T], writes []session.Write[T],
	id func(*T) schema.ID, named func(*org.Employee) []schema.ID, message string,
) error {
	gone := map[schema.ID]bool{}
	for _, w := range writes {
		if w.New == nil {
			gone[id(w.Old)] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for e, err := range storage.Of(s.Tenant(), org.Employees).All(ctx, query.Select{}) {
		if err != nil {
			return err
		}
		for _, has := range named(&e) {
			if gone[has] {
				return &fault.Error{Code: fault.Referenced, Kind: d.Name(), ID: has.String(), Message: message}
			}
		}
	}
	return nil
}

// onlyByShare keeps shares what Module.Share has checked: the right to share that
// record, and no more than one has.
func onlyByShare(_ context.Context, s *session.Session, _ []session.Write[org.Share]) error {
	if s.Unbound() {
		return nil
	}
	return fault.New(fault.Forbidden, "records are shared by Admin.Share and Admin.Unshare")
}
