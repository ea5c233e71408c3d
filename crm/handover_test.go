package crm_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// receipt is a kind of a host whose records have a maker.
type receipt struct {
	record.Meta
	record.Owned
	Note    string
	MakerID schema.ID
}

var receipts = schema.Define[receipt]("host_receipt", record.Responsible(), schema.BelongsTo("maker", "employee", "maker_id"))

// ownedKinds store a record of alice's of each kind that has an owner. A new kind is added here
// and so shown to take part in handovers.
var ownedKinds = map[string]func(t *testing.T, w *firm, s *crm.Session) schema.ID{
	"customer": func(t *testing.T, w *firm, _ *crm.Session) schema.ID { return w.customer(t).ID },
	"opportunity": func(t *testing.T, w *firm, s *crm.Session) schema.ID {
		return must(s.Opportunities.Create(t.Context(), w.deal()))(t).ID
	},
	"document": func(t *testing.T, _ *firm, s *crm.Session) schema.ID {
		return must(s.Documents.Add(t.Context(), &document.Document{Title: "Contract"}, document.Upload{Content: strings.NewReader("x"), FileName: "a.txt"}))(t).ID
	},
	"view": func(t *testing.T, _ *firm, s *crm.Session) schema.ID {
		return must(s.Admin.Views.Create(t.Context(), &settings.View{Name: "Mine", Kind: "customer", Query: schema.JSON(`{}`)}))(t).ID
	},
	"handover": func(t *testing.T, w *firm, s *crm.Session) schema.ID {
		return must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: w.alice}, &admin.HandoverLine{Kind: "customer", ToID: w.boss}))(t).ID
	},
	"merge": func(t *testing.T, w *firm, _ *crm.Session) schema.ID {
		require.NoError(t, w.mayMerge(t, w.alice))
		return must(w.as(t).Customers.Merge(t.Context(), merge.Request{Winner: w.customer(t).ID, Losers: []schema.ID{must(w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Twin"}))(t).ID}}))(t).Merge.ID
	},
	"import": func(t *testing.T, _ *firm, s *crm.Session) schema.ID {
		return must(s.Exchange.Start(t.Context(), planned(t, s, "customer", "code,name\n", "code")))(t).ID
	},
	"host_receipt": func(t *testing.T, w *firm, s *crm.Session) schema.ID {
		return must(session.Of(s.Session, receipts).Create(t.Context(), &receipt{Note: "1", MakerID: w.alice}))(t).ID
	},
}

// TestEveryKindWithAnOwnerIsHandedOver finds a kind that takes no part in handovers.
func TestEveryKindWithAnOwnerIsHandedOver(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w, s := newFirm(t, app), crmtest.System(t, app)
		bob := crmtest.Hire(t, app, "Bob", w.boss, schema.ID{})
		var lines []*admin.HandoverLine
		stored := map[string]schema.ID{}
		for _, k := range s.Registry().Kinds() {
			if k.Owner() == nil {
				continue
			}
			store := ownedKinds[k.Name()]
			require.NotNil(t, store, "tell ownedKinds how a %s is stored", k.Name())
			stored[k.Name()] = store(t, w, w.as(t))
			lines = append(lines, &admin.HandoverLine{Kind: k.Name(), ToID: bob, ReplaceMaker: k.Relation("maker") != nil})
		}
		owned := must(crmtest.As(t, app, w.boss).Admin.OwnedBy(t.Context(), w.alice))(t)
		var kinds []string
		for _, h := range owned {
			kinds = append(kinds, h.Kind)
			require.Positive(t, h.Records)
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(stored)), kinds, "all that she owns is told")
		job := must(w.as(t).Admin.PlanHandover(t.Context(), &admin.Handover{FromID: w.alice, Reason: "leaves"}, lines...))(t)
		must(w.as(t).Admin.PreviewHandover(t.Context(), job.ID))(t)
		done := must(w.as(t).Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.Equal(t, admin.HandoverDone, done.State)
		for kind, id := range stored {
			k := s.Registry().Kind(kind)
			row, err := s.Tenant().Get(t.Context(), k, id, nil)
			require.NoError(t, err)
			require.Equal(t, bob, row[k.Owner().Position], kind)
			n, err := s.Tenant().Aggregate(t.Context(), k, query.Aggregate{Where: query.Eq("owner_id", w.alice), Measures: []query.Measure{{Fn: query.Count}}}, nil)
			require.NoError(t, err)
			require.Zero(t, n.Rows[0][0], "%s still alice's", kind)
		}
		require.Empty(t, must(s.Admin.OwnedBy(t.Context(), w.alice))(t))
		made := must(session.Of(s.Session, receipts).Get(t.Context(), stored["host_receipt"]))(t)
		require.Equal(t, bob, made.MakerID)
		require.Equal(t, w.alice, made.CreatedBy, "who created it in truth")
		requireSound(t, app)
	}, crm.WithKinds(receipts.Kind))
}

// leaving is a firm in which alice has customers and colleagues.
type leaving struct {
	*firm
	bob, carol schema.ID
	south      schema.ID // carol's department
	customers  []*customer.Customer
}

func newLeaving(t *testing.T, app *crm.App, n int) *leaving {
	t.Helper()
	l := &leaving{firm: newFirm(t, app)}
	l.south = must(crmtest.System(t, app).Admin.Departments.Create(t.Context(), &org.Department{Name: "South"}))(t).ID
	l.bob = crmtest.Hire(t, app, "Bob", l.boss, schema.ID{})
	l.carol = crmtest.Hire(t, app, "Carol", l.boss, l.south)
	list := customers(n, false)
	for i, c := range list {
		c.Industry = []string{"printing", "media"}[i%2]
	}
	l.customers = createMany(t, l.as(t), list)
	return l
}

// plan stores a job of alice's records and previews it, as the boss.
func (l *leaving) plan(t *testing.T, lines ...*admin.HandoverLine) (*crm.Session, *admin.HandoverPreview) {
	t.Helper()
	s := crmtest.As(t, l.app, l.boss)
	job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.alice, Reason: "leaves"}, lines...))(t)
	return s, must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
}

// owners counts the customers of each owner.
func (l *leaving) owners(t *testing.T) map[schema.ID]int {
	t.Helper()
	n := map[schema.ID]int{}
	for _, c := range all(t, crmtest.System(t, l.app).Tenant(), customer.Customers) {
		n[c.OwnerID]++
	}
	return n
}

func (l *leaving) lines(t *testing.T, job schema.ID) []admin.HandoverLine {
	t.Helper()
	page := must(crmtest.System(t, l.app).Admin.HandoverLines.Find(t.Context(), query.Select{Where: query.Eq("handover_id", job), Sort: query.By("position")}))(t)
	return page.Items
}

func industry(t *testing.T, name string) schema.JSON {
	t.Helper()
	return must(query.MarshalExpr(query.Eq("industry", name)))(t)
}

func TestAHandoverInLinesToDifferentPeople(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 7)
		media := l.customers[1] // by its id; the condition takes printing alone
		until := time.Now().Add(time.Hour)
		s, preview := l.plan(t,
			&admin.HandoverLine{Kind: "customer", Where: industry(t, "printing"), ToID: l.carol, ReplaceDepartment: true, KeepUntil: until},
			&admin.HandoverLine{Kind: "customer", IDs: []schema.ID{media.ID, schema.NewID()}, ToID: l.bob})
		require.Equal(t, []int64{4, 1}, []int64{preview.Lines[0].Movable, preview.Lines[1].Movable})
		require.Empty(t, preview.Lines[0].Blocked)
		require.Equal(t, admin.NotTheirs, preview.Lines[1].Blocked[0].Reason)

		done := must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
		require.Equal(t, admin.HandoverDone, done.State)
		require.Equal(t, map[schema.ID]int{l.carol: 4, l.bob: 1, l.alice: 2}, l.owners(t))
		after := must(s.Customers.Get(t.Context(), l.customers[0].ID))(t)
		require.Equal(t, l.south, after.DepartmentID)
		require.Equal(t, l.boss, after.UpdatedBy)
		require.Equal(t, l.alice, after.CreatedBy)
		require.Equal(t, l.customers[0].Version+1, after.Version)

		// Alice reads on what went to carol, and nothing of what went to bob.
		mine := crmtest.As(t, app, l.alice)
		must(mine.Customers.Get(t.Context(), after.ID))(t)
		_, err := mine.Customers.Edit(t.Context(), after.ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
		requireCode(t, err, storage.Forbidden)
		_, err = mine.Customers.Get(t.Context(), media.ID)
		requireCode(t, err, storage.NotFound)

		history := must(s.Admin.OwnershipHistory(t.Context(), record.Ref{Kind: "customer", ID: after.ID}, query.Select{}))(t)
		require.Len(t, history.Items, 1)
		require.Equal(t, []schema.ID{l.alice, l.carol, l.south, done.ID}, []schema.ID{history.Items[0].FromID, history.Items[0].ToID, history.Items[0].ToDepartmentID, history.Items[0].HandoverID})

		before := dump(t, app)
		must(s.Admin.ExecuteHandover(t.Context(), done.ID))(t)
		require.Equal(t, before, dump(t, app), "executing again does nothing")

		must(s.Admin.UndoHandover(t.Context(), done.ID))(t)
		require.Equal(t, map[schema.ID]int{l.alice: 7}, l.owners(t))
		back := must(s.Customers.Get(t.Context(), after.ID))(t)
		require.Equal(t, l.customers[0].DepartmentID, back.DepartmentID)
		for _, share := range all(t, s.Tenant(), org.Shares) {
			require.False(t, share.ExpiresAt.After(time.Now()), "nothing is left to read: it is hers again")
		}
		requireSound(t, app)
	})
}

func TestUndoLeavesWhatOthersHaveChanged(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 5)
		s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
		_, err := crmtest.As(t, app, l.bob).Customers.Edit(t.Context(), l.customers[2].ID, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
		require.NoError(t, err)

		_, err = crmtest.System(t, app).Admin.Employees.Edit(t.Context(), l.alice, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		_, err = s.Admin.UndoHandover(t.Context(), preview.Handover.ID)
		requireCode(t, err, storage.Precondition)
		_, err = crmtest.System(t, app).Admin.Employees.Edit(t.Context(), l.alice, func(e *org.Employee) error { e.Inactive = false; return nil })
		require.NoError(t, err)

		undone := must(s.Admin.UndoHandover(t.Context(), preview.Handover.ID))(t)
		require.Equal(t, admin.HandoverUndone, undone.State)
		require.Equal(t, map[schema.ID]int{l.alice: 4, l.bob: 1}, l.owners(t))
		require.Equal(t, int64(4), l.lines(t, undone.ID)[0].Undone)
		before := dump(t, app)
		must(s.Admin.UndoHandover(t.Context(), undone.ID))(t)
		require.Equal(t, before, dump(t, app), "undoing again does nothing")
		_, err = s.Admin.ExecuteHandover(t.Context(), undone.ID)
		requireCode(t, err, storage.Precondition)
		requireSound(t, app)
	})
}

// TestOnlyWhatTheActorMayAssignIsHandedOver hands over what belongs to two teams, as the
// head of one of them.
func TestOnlyWhatTheActorMayAssignIsHandedOver(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 3)
		sys := crmtest.System(t, app)
		role := must(sys.Admin.Roles.Create(t.Context(), &org.Role{Name: "Head of the South", Grants: []org.Grant{
			{Kind: "customer", Verbs: []org.Verb{org.Read, org.Assign}, Range: org.DepartmentRange},
			{Kind: "handover", Verbs: org.Verbs()}}}))(t)
		head := must(sys.Admin.Employees.Create(t.Context(), &org.Employee{Name: "Head", DepartmentID: l.south, Roles: []schema.ID{role.ID}}))(t).ID
		move := func(i int) {
			_, err := sys.Customers.Edit(t.Context(), l.customers[i].ID, func(c *customer.Customer) error { c.DepartmentID = l.south; return nil })
			require.NoError(t, err)
		}
		move(0)
		_, err := sys.Admin.Share(t.Context(), record.Ref{Kind: "customer", ID: l.customers[1].ID}, head, org.ReadAccess, noTime)
		require.NoError(t, err)

		s := crmtest.As(t, app, head)
		job := must(s.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.alice}, &admin.HandoverLine{Kind: "customer", ToID: l.bob}))(t)
		preview := must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
		require.Equal(t, int64(1), preview.Lines[0].Movable)
		require.Equal(t, []admin.Blocked{{Reason: admin.NoRight, Count: 1, IDs: []schema.ID{l.customers[1].ID}}}, preview.Lines[0].Blocked, "the third is not shown")
		must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.Equal(t, map[schema.ID]int{l.bob: 1, l.alice: 2}, l.owners(t))
		line := l.lines(t, job.ID)[0]
		require.Equal(t, []int64{1, 1, 1, 1}, []int64{line.Selected, line.Blocked, line.Moved, line.Left})
		require.Equal(t, []admin.LeftRecord{{ID: l.customers[1].ID, Reason: admin.NoRight}}, line.LeftRecords)

		_, err = crmtest.As(t, app, l.bob).Admin.ExecuteHandover(t.Context(), job.ID)
		requireCode(t, err, storage.NotFound)
		_, err = s.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.alice}, &admin.HandoverLine{Kind: "opportunity", ToID: l.bob})
		requireCode(t, err, storage.Forbidden)
		_, err = s.Admin.Transfer(t.Context(), record.Ref{Kind: "customer", ID: l.customers[1].ID}, "", admin.HandoverLine{ToID: l.bob})
		requireCode(t, err, storage.Forbidden)
		_, err = s.Admin.Transfer(t.Context(), record.Ref{Kind: "customer", ID: l.customers[2].ID}, "", admin.HandoverLine{ToID: l.bob})
		requireCode(t, err, storage.NotFound)
		_, err = crmtest.System(t, app.Tenant("other")).Admin.PreviewHandover(t.Context(), job.ID)
		requireCode(t, err, storage.NotFound)
	})
}

// TestTheCreditStays hands over what alice has won: her figures stay hers.
func TestTheCreditStays(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 0)
		for range 3 {
			o := must(l.as(t).Opportunities.Create(t.Context(), l.deal()))(t)
			must(l.as(t).Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{}))(t)
		}
		won := func() storage.Groups {
			groups, err := crmtest.System(t, app).Opportunities.Aggregate(t.Context(), query.Aggregate{Keys: []query.Key{{Path: query.P("credit_owner_id")}, {Path: query.P("credit_manager_id")}},
				Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("amount")}}})
			require.NoError(t, err)
			groups.Query = query.Aggregate{}
			return groups
		}
		before := won()
		require.Equal(t, decimal.NewFromInt(300).String(), before.Rows[0][3].(decimal.Decimal).String())
		s, preview := l.plan(t, &admin.HandoverLine{Kind: "opportunity", ToID: l.carol, ReplaceDepartment: true})
		must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
		require.Equal(t, int64(3), l.lines(t, preview.Handover.ID)[0].Moved)
		require.Equal(t, before, won())
		requireSound(t, app)
	})
}

func TestATransferIsAHandoverOfOne(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		l := newLeaving(t, app, 2)
		ref := record.Ref{Kind: "customer", ID: l.customers[0].ID}
		job := must(l.as(t).Admin.Transfer(t.Context(), ref, "illness", admin.HandoverLine{ToID: l.bob, KeepUntil: time.Now().Add(time.Hour)}))(t)
		require.Equal(t, map[schema.ID]int{l.alice: 1, l.bob: 1}, l.owners(t))
		must(crmtest.As(t, app, l.bob).Admin.Transfer(t.Context(), ref, "health", admin.HandoverLine{ToID: l.alice}))(t)
		must(l.as(t).Admin.Transfer(t.Context(), ref, "illness again", admin.HandoverLine{ToID: l.bob, KeepUntil: time.Now().Add(2 * time.Hour)}))(t)
		shares := all(t, crmtest.System(t, app).Tenant(), org.Shares)
		require.Len(t, shares, 1, "prolonged, not given twice")
		require.Equal(t, org.ByHandover, shares[0].Cause)

		history := must(crmtest.As(t, app, l.bob).Admin.OwnershipHistory(t.Context(), ref, query.Select{Limit: 2}))(t)
		require.Len(t, history.Items, 2)
		require.NotEmpty(t, history.Next)
		history = must(crmtest.As(t, app, l.bob).Admin.OwnershipHistory(t.Context(), ref, query.Select{Cursor: history.Next}))(t)
		require.Equal(t, job.ID, history.Items[len(history.Items)-1].HandoverID, "latest first")
		_, err := crmtest.As(t, app, l.carol).Admin.OwnershipHistory(t.Context(), ref, query.Select{})
		requireCode(t, err, storage.NotFound)

		// What nobody owns is given to somebody, and taken back.
		orphan := must(crmtest.System(t, app).Customers.Create(t.Context(), &customer.Customer{Name: "Nobody's"}))(t)
		given := must(crmtest.System(t, app).Admin.Transfer(t.Context(), record.Ref{Kind: "customer", ID: orphan.ID}, "", admin.HandoverLine{ToID: l.bob}))(t)
		require.Equal(t, 2, l.owners(t)[l.bob])
		must(crmtest.System(t, app).Admin.UndoHandover(t.Context(), given.ID))(t)
		require.Equal(t, 1, l.owners(t)[schema.ID{}])
		requireSound(t, app)
	})
}

func TestAHandoverIsRefused(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	l := newLeaving(t, app, 2)
	gone := crmtest.Hire(t, app, "Gone", l.boss, schema.ID{})
	_, err := crmtest.System(t, app).Admin.Employees.Edit(t.Context(), gone, func(e *org.Employee) error { e.Inactive = true; return nil })
	require.NoError(t, err)
	many := make([]schema.ID, query.MaxValues+1)
	for i := range many {
		many[i] = schema.NewID()
	}
	one := l.customers[0].ID
	for name, c := range map[string]struct {
		field string
		line  *admin.HandoverLine
	}{
		"no line":                {"lines", nil},
		"no kind":                {"kind", &admin.HandoverLine{ToID: l.bob}},
		"a kind without owner":   {"kind", &admin.HandoverLine{Kind: "contact", ToID: l.bob}},
		"a kind with a NUL":      {"kind", &admin.HandoverLine{Kind: "customer\x00", ToID: l.bob}},
		"no recipient":           {"to_id", &admin.HandoverLine{Kind: "customer"}},
		"an inactive recipient":  {"to_id", &admin.HandoverLine{Kind: "customer", ToID: gone}},
		"the leaver":             {"to_id", &admin.HandoverLine{Kind: "customer", ToID: l.alice}},
		"both selectors":         {"where", &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: []schema.ID{one}, Where: industry(t, "media")}},
		"no condition":           {"where", &admin.HandoverLine{Kind: "customer", ToID: l.bob, Where: schema.JSON(`{"nothing":`)}},
		"a field that is not":    {"where", &admin.HandoverLine{Kind: "opportunity", ToID: l.bob, Where: industry(t, "media")}},
		"an id twice":            {"ids", &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: []schema.ID{one, l.customers[1].ID, one}}},
		"a zero id":              {"ids", &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: []schema.ID{{}}}},
		"too many ids":           {"ids", &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: many}},
		"a department for once":  {"department_id", &admin.HandoverLine{Kind: "customer", ToID: l.bob, DepartmentID: l.south}},
		"a strange department":   {"department_id", &admin.HandoverLine{Kind: "customer", ToID: l.bob, ReplaceDepartment: true, DepartmentID: one}},
		"a kind without a maker": {"replace_maker", &admin.HandoverLine{Kind: "customer", ToID: l.bob, ReplaceMaker: true}},
		"no cause of shares":     {"end_shares", &admin.HandoverLine{Kind: "customer", ToID: l.bob, EndShares: []org.Cause{"weather"}}},
		"a cause twice":          {"end_shares", &admin.HandoverLine{Kind: "customer", ToID: l.bob, EndShares: []org.Cause{org.ByHand, org.ByHand}}},
		"kept until the past":    {"keep_until", &admin.HandoverLine{Kind: "customer", ToID: l.bob, KeepUntil: time.Now().Add(-time.Second)}},
	} {
		t.Run(name, func(t *testing.T) {
			before := dump(t, app)
			_, err := crmtest.As(t, app, l.boss).Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.alice}, c.line)
			e := requireCode(t, err, storage.Invalid)
			require.Equal(t, c.field, e.Fields[0].Name)
			require.Equal(t, before, dump(t, app))
		})
	}
	s := crmtest.As(t, app, l.boss)
	plan := func(h *admin.Handover, lines ...*admin.HandoverLine) *admin.Handover {
		return must(s.Admin.PlanHandover(t.Context(), h, lines...))(t)
	}
	t.Run("without lines", func(t *testing.T) {
		_, err := s.Admin.PlanHandover(t.Context(), &admin.Handover{FromID: l.alice})
		requireCode(t, err, storage.Invalid)
		_, err = s.Admin.PlanHandover(t.Context(), nil, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		requireCode(t, err, storage.Invalid)
	})
	t.Run("two lines with one record", func(t *testing.T) {
		job := plan(&admin.Handover{FromID: l.alice}, &admin.HandoverLine{Kind: "customer", ToID: l.bob, IDs: []schema.ID{one}}, &admin.HandoverLine{Kind: "customer", ToID: l.carol})
		_, err := s.Admin.PreviewHandover(t.Context(), job.ID)
		e := requireCode(t, err, storage.Invalid)
		require.Equal(t, one.String(), e.ID)
		_, err = s.Admin.ExecuteHandover(t.Context(), job.ID)
		requireCode(t, err, storage.Precondition)
	})
	t.Run("not yet", func(t *testing.T) {
		job := plan(&admin.Handover{FromID: l.alice, EffectiveOn: s.Today().AddDays(1)}, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
		_, err := s.Admin.ExecuteHandover(t.Context(), job.ID)
		requireCode(t, err, storage.Precondition)
		_, err = s.Admin.UndoHandover(t.Context(), job.ID)
		requireCode(t, err, storage.Precondition)
	})
	t.Run("by hand", func(t *testing.T) {
		job := plan(&admin.Handover{FromID: l.alice}, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
		_, err := s.Admin.Handovers.Edit(t.Context(), job.ID, func(h *admin.Handover) error { h.State = admin.HandoverPreviewed; return nil })
		requireCode(t, err, storage.Precondition)
		_, err = s.Admin.Handovers.Create(t.Context(), &admin.Handover{FromID: l.alice, State: admin.HandoverDone})
		requireCode(t, err, storage.Precondition)
		_, err = s.Admin.HandoverLines.Edit(t.Context(), l.lines(t, job.ID)[0].ID, func(l *admin.HandoverLine) error { l.Moved = 7; return nil })
		requireCode(t, err, storage.Precondition)
	})
	t.Run("the recipient has left since", func(t *testing.T) {
		job := plan(&admin.Handover{FromID: l.alice}, &admin.HandoverLine{Kind: "customer", ToID: l.carol})
		must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
		_, err := crmtest.System(t, app).Admin.Employees.Edit(t.Context(), l.carol, func(e *org.Employee) error { e.Inactive = true; return nil })
		require.NoError(t, err)
		preview := must(s.Admin.PreviewHandover(t.Context(), job.ID))(t)
		require.Equal(t, admin.RecipientInactive, preview.Lines[0].Blocked[0].Reason)
		must(s.Admin.ExecuteHandover(t.Context(), job.ID))(t)
		require.Equal(t, map[schema.ID]int{l.alice: 2}, l.owners(t))
	})
}

// TestHooksSeeAHandoverByThePage has hooks of a host that count, change and refuse.
func TestHooksSeeAHandoverByThePage(t *testing.T) {
	var before, after, committed []int
	handedOver := func(writes []session.Write[customer.Customer]) bool {
		return len(writes) > 0 && writes[0].Event == "customer.handed_over"
	}
	app := crmtest.Open(t, memory.Open(), crm.WithHooks(
		session.Before(customer.Customers, func(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
			if !handedOver(writes) {
				return nil
			}
			for _, w := range writes {
				if w.New.Name == "Customer 3" {
					return &crm.Error{Code: storage.Precondition, Message: "that one stays"}
				}
				if w.New.Name == "Customer 5" {
					w.New.Country = "Kenya"
				}
				if w.New.OwnerID == w.Old.OwnerID || w.New.Version != w.Old.Version+1 {
					return &crm.Error{Code: storage.Internal, Message: "before and after are mixed up"}
				}
			}
			before = append(before, len(writes))
			return nil
		}),
		session.After(customer.Customers, func(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
			if handedOver(writes) {
				after = append(after, len(writes))
			}
			return nil
		}),
		session.Committed(customer.Customers, func(_ context.Context, writes []session.Write[customer.Customer]) {
			if handedOver(writes) {
				committed = append(committed, len(writes))
			}
		})))
	l := newLeaving(t, app, 8)
	s, preview := l.plan(t, &admin.HandoverLine{Kind: "customer", ToID: l.bob})
	must(s.Admin.ExecuteHandover(t.Context(), preview.Handover.ID))(t)
	require.Equal(t, map[schema.ID]int{l.alice: 1, l.bob: 7}, l.owners(t))
	require.Equal(t, []int{2, 1, 4}, before, "halved around the one that is refused")
	require.Equal(t, before, after)
	require.Equal(t, before, committed)
	kenya := must(s.Customers.Get(t.Context(), l.customers[5].ID))(t)
	require.Equal(t, "Kenya", kenya.Country)
	require.Equal(t, int64(2), kenya.Version)
	history := must(s.Customers.History(t.Context(), kenya.ID, query.Select{}))(t)
	fields := []string{}
	for _, e := range history.Items {
		if e.Event == "customer.handed_over" {
			for _, change := range e.Changes {
				fields = append(fields, change.Field)
			}
		}
	}
	slices.Sort(fields)
	require.Equal(t, []string{"country", "owner_id"}, fields)
	line := l.lines(t, preview.Handover.ID)[0]
	require.Equal(t, []int64{8, 7, 1}, []int64{line.Selected, line.Moved, line.Left})
	require.Equal(t, []admin.LeftRecord{{ID: l.customers[3].ID, Reason: admin.Refused, Message: "that one stays"}}, line.LeftRecords)
	require.Equal(t, admin.HandoverDoneWithErrors, must(s.Admin.Handovers.Get(t.Context(), preview.Handover.ID))(t).State)
	requireSound(t, app)
}

// TestAPreviewTellsWhoWillSee compares what a preview says with what people can read before
// and after.
func TestAPreviewTellsWhoWillSee(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		other := crmtest.Hire(t, app, "Other boss", schema.ID{}, schema.ID{})
		bob := crmtest.Hire(t, app, "Bob", other, schema.ID{})
		id := w.customer(t).ID
		readers := func() []schema.ID {
			return must(crmtest.System(t, app).Readers(ctx, customer.Customers.Kind, id))(t)
		}
		before := readers()
		sys := crmtest.System(t, app)
		job := must(sys.Admin.PlanHandover(ctx, &admin.Handover{FromID: w.alice}, &admin.HandoverLine{Kind: "customer", ToID: bob}))(t)
		line := must(sys.Admin.PreviewHandover(ctx, job.ID))(t).Lines[0]
		require.Equal(t, []admin.AccessChange{{EmployeeID: bob, From: org.NoAccess, To: org.FullAccess}, {EmployeeID: other, From: org.NoAccess, To: org.EditAccess}}, line.Gains)
		require.Equal(t, []admin.AccessChange{{EmployeeID: w.alice, From: org.FullAccess, To: org.NoAccess}, {EmployeeID: w.boss, From: org.EditAccess, To: org.NoAccess}}, line.Loses)
		must(sys.Admin.ExecuteHandover(ctx, job.ID))(t)
		require.ElementsMatch(t, before, []schema.ID{w.alice, w.boss})
		require.ElementsMatch(t, readers(), []schema.ID{bob, other})
	})
}
