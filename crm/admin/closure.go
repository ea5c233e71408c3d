package admin

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// above is the chain of those who stand above somebody, nearest first, beginning
// with the person.
type above []schema.ID

// followManagers brings the closure up to date after people were created, moved
// under another manager, or deleted. It runs with the organisation's version raised,
// so that no other change is under way.
func followManagers(ctx context.Context, s *session.Session, writes []session.Write[org.Employee]) error {
	var created []*org.Employee
	for _, w := range writes {
		var err error
		switch {
		case w.Old == nil:
			created = append(created, w.New)
		case w.New == nil:
			err = cut(ctx, s, w.Old.ID, true)
		case w.Old.ManagerID != w.New.ManagerID:
			err = move(ctx, s, w.New)
		}
		if err != nil {
			return err
		}
	}
	return grow(ctx, s, created)
}

// grow adds new people, who have nobody below them but each other.
func grow(ctx context.Context, s *session.Session, created []*org.Employee) error {
	managers := make(map[schema.ID]schema.ID, len(created))
	for _, e := range created {
		managers[e.ID] = e.ManagerID
	}
	var outside []schema.ID
	for _, manager := range managers {
		if _, inCall := managers[manager]; !inCall && !manager.IsZero() && !slices.Contains(outside, manager) {
			outside = append(outside, manager)
		}
	}
	chains, err := chainsOf(ctx, s, outside)
	if err != nil {
		return err
	}
	var rows []*org.Reach
	for _, e := range created {
		chain := above{e.ID}
		for manager := e.ManagerID; !manager.IsZero(); manager = managers[manager] {
			if _, inCall := managers[manager]; !inCall {
				chain = append(chain, chains[manager]...)
				break
			}
			chain = append(chain, manager)
		}
		rows = append(rows, chain.reaches(s)...)
	}
	return insert(ctx, s, rows)
}

// chainsOf reads the chains of people who are in the closure already.
func chainsOf(ctx context.Context, s *session.Session, people []schema.ID) (map[schema.ID]above, error) {
	chains := map[schema.ID]above{}
	for some := range slices.Chunk(people, query.MaxValues) {
		q := query.Select{Where: query.In("descendant_id", some...), Sort: query.By("descendant_id", "depth")}
		for r, err := range storage.Of(s.Tenant(), org.Reaches).All(ctx, q) {
			if err != nil {
				return nil, err
			}
			chains[r.DescendantID] = append(chains[r.DescendantID], r.AncestorID)
		}
	}
	return chains, nil
}

func (a above) reaches(s *session.Session) []*org.Reach {
	rows := make([]*org.Reach, len(a))
	for depth, ancestor := range a {
		rows[depth] = &org.Reach{ID: s.Tenant().NewID(), AncestorID: ancestor, DescendantID: a[0], Depth: int64(depth)}
	}
	return rows
}

func insert(ctx context.Context, s *session.Session, rows []*org.Reach) error {
	return storage.Of(s.Tenant(), org.Reaches).Insert(ctx, rows...)
}

// cut removes the links between those above a person and those below; with self,
// also the person.
func cut(ctx context.Context, s *session.Session, id schema.ID, self bool) error {
	reaches := storage.Of(s.Tenant(), org.Reaches)
	var below []schema.ID
	for r, err := range reaches.All(ctx, query.Select{Where: query.Eq("ancestor_id", id)}) {
		if err != nil {
			return err
		}
		below = append(below, r.DescendantID)
	}
	chains, err := chainsOf(ctx, s, []schema.ID{id})
	if err != nil {
		return err
	}
	ancestors := chains[id]
	if !self && len(ancestors) > 0 {
		ancestors = ancestors[1:]
	}
	var gone []driver.Mutation
	for some := range slices.Chunk(below, query.MaxValues) {
		if len(ancestors) == 0 {
			break
		}
		q := query.Select{Where: query.All(query.In("descendant_id", some...), query.In("ancestor_id", ancestors...))}
		for r, err := range reaches.All(ctx, q) {
			if err != nil {
				return err
			}
			gone = append(gone, driver.Mutation{Kind: reaches.Kind(), Delete: &driver.Delete{ID: r.ID}})
		}
	}
	return s.Tenant().Write(ctx, gone...)
}

// move hangs a person, with everyone below, under another manager.
func move(ctx context.Context, s *session.Session, e *org.Employee) error {
	if err := cut(ctx, s, e.ID, false); err != nil || e.ManagerID.IsZero() {
		return err
	}
	chains, err := chainsOf(ctx, s, []schema.ID{e.ManagerID})
	if err != nil {
		return err
	}
	var rows []*org.Reach
	for r, err := range storage.Of(s.Tenant(), org.Reaches).All(ctx, query.Select{Where: query.Eq("ancestor_id", e.ID)}) {
		if err != nil {
			return err
		}
		for depth, ancestor := range chains[e.ManagerID] {
			rows = append(rows, &org.Reach{ID: s.Tenant().NewID(), AncestorID: ancestor, DescendantID: r.DescendantID, Depth: r.Depth + int64(depth) + 1})
		}
	}
	return insert(ctx, s, rows)
}
