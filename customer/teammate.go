package customer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Teammate is an employee who works on a customer beside its owner (协作员工). The owner
// stays the one who is responsible.
//
// Each teammate has a share of the customer (org.Share) with the cause org.ByTeam, which
// is what gives them access; it comes, changes and ends with the teammate. To create or
// change one, the actor needs the right to share the customer, and to give full access
// that to delete it. See RemoveTeammate for how one goes.
type Teammate struct {
	record.Meta
	// CustomerID and EmployeeID do not change. Nobody is in a team twice.
	CustomerID schema.ID `crm:"customer_id,required" validate:"required"`
	EmployeeID schema.ID `crm:"employee_id,required" validate:"required"`
	// Role is what they do there, a code of a dictionary.
	Role string `crm:"role,list=customer.team_role"`
	// Level is how much they may do.
	Level org.Level `validate:"min=1,max=3"`
	// Until ends their access at that instant; zero is never. The teammate stays on record.
	Until time.Time
	// ShareID is their share.
	ShareID schema.ID
}

// Teammates is the kind of Teammate: part of its customer.
var Teammates = schema.Define[Teammate]("teammate",
	record.Standard(), schema.Unique("customer_id", "employee_id"),
	schema.BelongsTo("customer", "customer", "customer_id", schema.Part(), schema.Inverse("team")),
	schema.BelongsTo("employee", "employee", "employee_id", schema.Inverse("teams")),
	schema.BelongsTo("share", "share", "share_id"))

// RemoveTeammate takes an employee out of a team, and their access with it. The actor needs
// the right to share the customer; for Team.Delete they need full access, as for every
// deletion.
func (m Module) RemoveTeammate(ctx context.Context, id schema.ID) error {
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		team := session.Of(s, Teammates)
		t, err := team.Get(ctx, id)
		if err != nil {
			return err
		}
		if _, err := s.Row(ctx, org.ShareIt, storage.Of(s.Tenant(), Customers).Kind(), t.CustomerID); err != nil {
			return err
		}
		return team.Trusted().Delete(ctx, id, t.Version)
	})
}

// eventTeamMoved is what happens to teammates whose customer is merged into another.
const eventTeamMoved = "teammate.moved"

// mergeTeams leaves of somebody who is in both teams the teammate of the winner, with the
// access that lasts longer.
func mergeTeams(ctx context.Context, s *session.Session, writes []session.Write[Teammate]) error {
	var employees []schema.ID
	for _, w := range writes {
		employees = append(employees, w.New.EmployeeID)
	}
	there := map[schema.ID]Teammate{}
	where := query.All(query.Eq("customer_id", writes[0].New.CustomerID), query.In("employee_id", employees...))
	for t, err := range storage.Of(s.Tenant(), Teammates).All(ctx, query.Select{Where: where}) {
		if err != nil {
			return err
		}
		there[t.EmployeeID] = t
	}
	for i, w := range writes {
		mine, both := there[w.New.EmployeeID]
		if !both {
			continue
		}
		if merge.Longer(w.New.Level, w.New.Until, mine.Level, mine.Until) && (w.New.Until.IsZero() || w.New.Until.After(s.Now())) {
			_, err := session.Of(s, Teammates).Trusted().Edit(ctx, mine.ID, func(t *Teammate) error {
				t.Level, t.Until = w.New.Level, w.New.Until
				return nil
			})
			if err != nil {
				return err
			}
		}
		writes[i].New = nil
	}
	return nil
}

// admit checks what becomes of teams and writes the shares that go with it, but for those
// that end.
func admit(ctx context.Context, s *session.Session, writes []session.Write[Teammate]) error {
	createdAt, err := mayLead(ctx, s, writes)
	if err != nil {
		return err
	}
	var shares []*org.Share
	for _, w := range writes {
		if w.New == nil || byMerge(s, w.Event, eventTeamMoved) {
			continue // the share of one who has come by a merge comes as well
		}
		if err := works(ctx, s, w); err != nil {
			return err
		}
		switch {
		case w.Old == nil:
			w.New.ShareID = schema.NameID("teammate", w.New.ID.String())
			shares = append(shares, &org.Share{Meta: record.Meta{ID: w.New.ShareID}, Kind: Customers.Name(), RecordID: w.New.CustomerID,
				RecordCreatedAt: createdAt[w.New.CustomerID], PrincipalID: w.New.EmployeeID, Level: w.New.Level, Cause: org.ByTeam, ExpiresAt: w.New.Until})
		case byShares(s, w.Event): // it was their shares that came first
		case w.New.CustomerID != w.Old.CustomerID || w.New.EmployeeID != w.Old.EmployeeID || w.New.ShareID != w.Old.ShareID:
			return fault.New(fault.Precondition, "a teammate stays who they are: delete this one and create another")
		case w.New.Level != w.Old.Level || !w.New.Until.Equal(w.Old.Until):
			_, err := session.Of(s, org.Shares).Trusted().Edit(ctx, w.Old.ShareID, func(share *org.Share) error {
				share.Level, share.ExpiresAt = w.New.Level, w.New.Until
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	_, err = session.Of(s, org.Shares).Trusted().CreateMany(ctx, "", shares...)
	if errors.Is(err, storage.ErrExists) {
		return &fault.Error{Code: fault.Exists, Kind: Teammates.Name(), Message: "the employee is in the team already", Err: err,
			Fields: []fault.Field{{Name: "employee_id", Code: "unique", Message: "is in the team already"}}}
	}
	return err
}

// byShares reports whether a teammate follows what has become of their share.
func byShares(s *session.Session, event string) bool { return s.Unbound() && event == eventTeamEnded }

// teamsFollow has the teammates follow whose shares a handover has ended, or given back.
func teamsFollow(ctx context.Context, s *session.Session, writes []session.Write[org.Share]) error {
	until := map[schema.ID]time.Time{}
	var ids []schema.ID
	for _, w := range writes {
		if (w.Event == org.EventShareHandedOver || w.Event == org.EventShareGivenBack) && w.New.Cause == org.ByTeam {
			ids = append(ids, w.New.ID)
			until[w.New.ID] = w.New.ExpiresAt
		}
	}
	if len(ids) == 0 {
		return nil
	}
	k := storage.Of(s.Tenant(), Teammates).Kind()
	page, err := s.Tenant().Select(ctx, k, query.Select{Where: query.In("share_id", ids...), Limit: query.MaxLimit}, nil)
	if err != nil {
		return err
	}
	byEnd := map[time.Time][]driver.Row{}
	for _, row := range page.Rows {
		end := until[row[k.Field("share_id").Position].(schema.ID)].UTC()
		byEnd[end] = append(byEnd[end], row)
	}
	var list []session.Bulk
	for _, end := range slices.SortedFunc(maps.Keys(byEnd), time.Time.Compare) {
		var value any
		if !end.IsZero() {
			value = end
		}
		list = append(list, session.Bulk{Rows: byEnd[end], Set: []driver.Assign{{Field: k.Field("until"), Value: value}}})
	}
	return s.ChangeMany(ctx, k, eventTeamEnded, list...)
}

// dismiss ends the shares of teammates who have gone.
func dismiss(ctx context.Context, s *session.Session, writes []session.Write[Teammate]) error {
	for _, w := range writes {
		if w.New != nil {
			continue
		}
		if err := session.Of(s, org.Shares).Trusted().Delete(ctx, w.Old.ShareID, 0); err != nil {
			return err
		}
	}
	return nil
}

// works checks that a teammate can begin, or go on, to work.
func works(ctx context.Context, s *session.Session, w session.Write[Teammate]) error {
	if byShares(s, w.Event) {
		return nil
	}
	fresh := w.Old == nil
	if until := w.New.Until; !until.IsZero() && !until.After(s.Now()) && (fresh || !until.Equal(w.Old.Until)) {
		return fault.InvalidField("until", "past", "would have ended already")
	}
	dir, err := s.Directory(ctx)
	if err != nil {
		return err
	}
	if e := dir.Employee(w.New.EmployeeID); fresh && (e == nil || e.Inactive) {
		return fault.InvalidField("employee_id", "active", "is no active employee")
	}
	return nil
}

// mayLead asks for the rights that changing the teams of customers needs, and returns
// when each customer was created.
func mayLead(ctx context.Context, s *session.Session, writes []session.Write[Teammate]) (map[schema.ID]time.Time, error) {
	var all, whole []schema.ID
	for _, w := range writes {
		for _, t := range []*Teammate{w.Old, w.New} {
			if t == nil || t.CustomerID.IsZero() {
				continue
			}
			all = append(all, t.CustomerID)
			if t == w.New && t.Level >= org.FullAccess {
				whole = append(whole, t.CustomerID)
			}
		}
	}
	if _, err := may(ctx, s, org.Delete, whole); err != nil {
		return nil, err
	}
	rows, err := may(ctx, s, org.ShareIt, all)
	if err != nil {
		return nil, err
	}
	at := storage.Of(s.Tenant(), Customers).Kind().Field("created_at").Position
	createdAt := make(map[schema.ID]time.Time, len(rows))
	for id, row := range rows {
		createdAt[id], _ = row[at].(time.Time)
	}
	return createdAt, nil
}

// may returns the rows of customers, or what session.Session.Row returns for the first of
// them to which the actor may not do the verb.
func may(ctx context.Context, s *session.Session, v org.Verb, ids []schema.ID) (map[schema.ID]driver.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), schema.ID.Compare))
	k := storage.Of(s.Tenant(), Customers).Kind()
	scope, err := s.Scope(ctx, v, k)
	if err != nil {
		return nil, err
	}
	rows := make(map[schema.ID]driver.Row, len(ids))
	for some := range slices.Chunk(ids, query.MaxValues) {
		page, err := s.Tenant().Select(ctx, k, query.Select{Where: query.In("id", some...), Limit: query.MaxLimit}, scope)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			rows[row[k.ID().Position].(schema.ID)] = row
		}
	}
	for _, id := range ids {
		if rows[id] == nil {
			if rows[id], err = s.Row(ctx, v, k, id); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}
