package eval

import (
	"context"
	"slices"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// InScope reports whether a row of the kind lies inside a scope: whether one of
// its branches takes the row or, where the scope speaks of the row's whole, takes
// that. A nil scope takes everything, one without branches nothing, and a part
// without its whole is outside.
//
// What stands above whom and what is shared is read from the registry's reach
// and share kinds; the estimates in query.Reach are not looked at.
func InScope(src Source, tenant string, k *schema.Kind, row driver.Row, s *query.Scope) (bool, error) {
	return newMatcher(context.Background(), src, tenant).inScope(k, row, s)
}

func (m *matcher) inScope(k *schema.Kind, row driver.Row, s *query.Scope) (bool, error) {
	if s.IsAll() {
		return true, nil
	}
	for _, hop := range s.Whole {
		next, ok, err := m.follow(row, hop)
		if !ok || err != nil {
			return false, err
		}
		k, row = hop.To, next
	}
	if f := k.Department(); f != nil {
		if id, ok := column(row, f).(schema.ID); ok && slices.Contains(s.Departments, id) {
			return true, nil
		}
	}
	if f := k.Owner(); f != nil {
		if id, ok := column(row, f).(schema.ID); ok && slices.Contains(s.Owners, id) {
			return true, nil
		}
	}
	for _, e := range s.Matching {
		if ok, err := m.match(k, row, e); ok || err != nil {
			return ok, err
		}
	}
	if ok, err := m.reached(k, row, s.Reach); ok || err != nil {
		return ok, err
	}
	if ok, err := m.shared(k, row, s.Shared); ok || err != nil {
		return ok, err
	}
	for _, h := range s.Held {
		if ok, err := m.held(idOf(k, row), h); ok || err != nil {
			return ok, err
		}
	}
	for _, also := range s.Also {
		own := *also
		own.Whole = nil // k and row are the whole already
		if ok, err := m.inScope(k, row, &own); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// reachKey is one question to the reach kind. Many records have the same owner,
// so that the answers are kept for the length of a call.
type reachKey struct {
	root, owner schema.ID
	depth       int
}

func (m *matcher) reached(k *schema.Kind, row driver.Row, r *query.Reach) (bool, error) {
	if r == nil || k.Owner() == nil || k.Registry() == nil {
		return false, nil
	}
	owner, ok := column(row, k.Owner()).(schema.ID)
	kind, role := k.Registry().Reach()
	if !ok || kind == nil {
		return false, nil
	}
	key := reachKey{r.Root, owner, r.MaxDepth}
	if known, ok := m.reach[key]; ok {
		return known, nil
	}
	found := false
	fields := []*schema.Field{role.Ancestor, role.Descendant}
	for pair, err := range findBy(m.src, kind, m.tenant, fields, []any{r.Root, owner}) {
		if err != nil {
			return false, err
		}
		depth, ok := column(pair, role.Depth).(int64)
		if ok && (r.MaxDepth < 0 || depth <= int64(r.MaxDepth)) {
			found = true
			break
		}
	}
	m.reach[key] = found
	return found, nil
}

func (m *matcher) shared(k *schema.Kind, row driver.Row, s *query.Shared) (bool, error) {
	if s == nil || k.Registry() == nil {
		return false, nil
	}
	kind, role := k.Registry().Shares()
	if kind == nil {
		return false, nil
	}
	fields := []*schema.Field{role.Kind, role.Record, role.Principal}
	for _, principal := range s.Principals {
		key := []any{k.Name(), idOf(k, row), principal}
		for share, err := range findBy(m.src, kind, m.tenant, fields, key) {
			if err != nil {
				return false, err
			}
			if grants(share, role, s) {
				return true, nil
			}
		}
	}
	return false, nil
}

func grants(share driver.Row, role *schema.ShareRole, s *query.Shared) bool {
	level, ok := column(share, role.Level).(int64)
	if !ok || level < s.MinLevel {
		return false
	}
	ends, ok := column(share, role.Expires).(time.Time)
	return !ok || ends.After(s.Now)
}

func (m *matcher) held(id schema.ID, h query.Held) (bool, error) {
	if h.Child == nil {
		return false, nil
	}
	child := h.Child.From
	for row, err := range findBy(m.src, child, m.tenant, []*schema.Field{h.Child.Field}, []any{id}) {
		if err == nil {
			err = m.tick()
		}
		if err != nil {
			return false, err
		}
		if ok, err := m.inScope(child, row, h.Scope); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}
