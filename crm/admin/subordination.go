package admin

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/schema"
)

// followSubordinations writes down below which others departments stand from today on.
func followSubordinations(ctx context.Context, s *session.Session, writes []session.Write[org.Department]) error {
	var moved []schema.ID
	var begun []*org.Subordination
	for _, w := range writes {
		switch {
		case w.New == nil:
			moved = append(moved, w.Old.ID)
		case w.Old == nil || w.Old.ParentID != w.New.ParentID:
			moved = append(moved, w.New.ID)
			begun = append(begun, &org.Subordination{Meta: s.NewMeta(), DepartmentID: w.New.ID, ParentID: w.New.ParentID, From: s.Today()})
		}
	}
	return succeed(ctx, s, org.Subordinations, "department_id", moved, begun,
		func(v *org.Subordination) (schema.ID, schema.Date) { return v.ID, v.From })
}
