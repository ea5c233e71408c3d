package crm_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// matching returns the option of a program that looks for duplicates, and blocks those of
// one name besides those of one tax id.
func matching(t *testing.T) crm.Option {
	t.Helper()
	rules := append([]match.Rule{{Name: "one name", Kind: match.Organisation, Action: match.Block, When: match.And{match.Equal{Field: match.Name}, match.Equal{Field: match.Phone}}}}, match.DefaultRules()...)
	m, err := match.New(rules, match.Options{Region: "CN"})
	require.NoError(t, err)
	return crm.WithMatcher(m)
}

func TestDuplicatesAreToldAndBlocked(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		boss, s := crmtest.As(t, app, w.boss), w.as(t)
		stored, err := boss.Customers.Create(ctx, &customer.Customer{Name: "华为技术有限公司", Phone: "0755-28780808", TaxID: "914403001922038216"})
		require.NoError(t, err)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "North River Press"})
		require.NoError(t, err)

		same := &customer.Customer{Name: "华为技术（有限公司）"}
		found, err := boss.Customers.Duplicates(ctx, same)
		require.NoError(t, err)
		require.Len(t, found.Visible, 1)
		require.Equal(t, stored.ID, found.Visible[0].ID)
		require.Equal(t, match.Warn, found.Action())
		hidden, err := s.Customers.Duplicates(ctx, same)
		require.NoError(t, err)
		require.Empty(t, hidden.Visible)
		require.Len(t, hidden.Hidden, 1, "that there is one is told, and not which")

		_, err = s.Customers.Create(ctx, same)
		require.NoError(t, err, "a warning blocks nobody")
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Huawei", TaxID: "9144 0300 1922 0382 16"})
		e := requireCode(t, err, storage.Exists)
		require.Equal(t, "duplicate", e.Fields[0].Code)
		require.NotContains(t, e.Error(), "华为")
		_, err = s.Customers.Edit(ctx, must(s.Customers.Create(ctx, &customer.Customer{Name: "Other"}))(t).ID, func(c *customer.Customer) error {
			c.Name, c.Phone = "华为技术有限公司", "0755 2878 0808"
			return nil
		})
		requireCode(t, err, storage.Exists)
		_, err = s.Customers.CreateMany(ctx, "", &customer.Customer{Name: "Twin Ltd.", Phone: "12345678"}, &customer.Customer{Name: "TWIN, Limited", Phone: "1234-5678"})
		requireCode(t, err, storage.Exists)
		n, err := crmtest.System(t, app).Customers.Count(ctx, query.HasPrefix("name", "twin"))
		require.NoError(t, err)
		require.Zero(t, n)

		_, err = boss.Customers.Edit(ctx, stored.ID, func(c *customer.Customer) error { c.Name, c.TaxID = "Renamed", ""; return nil })
		require.NoError(t, err)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Huawei", TaxID: "914403001922038216"})
		require.NoError(t, err, "the keys follow the customer")
		require.NoError(t, boss.Customers.Delete(ctx, stored.ID, 0))
	}, matching(t))
}

// clerk hires somebody who may store customers and reads the named ones, under rules for fields.
func clerk(t *testing.T, app *crm.App, reads []schema.ID, rules ...org.FieldRule) *crm.Session {
	t.Helper()
	sys := crmtest.System(t, app)
	role := must(sys.Admin.Roles.Create(t.Context(), &org.Role{Name: unique(), Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Create, org.Read}}}, Fields: rules}))(t)
	employee := must(sys.Admin.Employees.Create(t.Context(), &org.Employee{Name: unique(), Roles: []schema.ID{role.ID}}))(t)
	for _, id := range reads {
		must(sys.Admin.Share(t.Context(), record.Ref{Kind: "customer", ID: id}, employee.ID, org.ReadAccess, time.Time{}))(t)
	}
	return crmtest.As(t, app, employee.ID)
}

// TestDuplicatesShowWhatTheActorSees finds by fields that the actor does not see, and tells
// nothing of them.
func TestDuplicatesShowWhatTheActorSees(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		ours := must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Greenfield Works", Phone: "12345678"}))(t)
		must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Greenfield Works", Email: "a@greenfield.example"}))(t)
		again := &customer.Customer{Name: "Greenfield Works"}
		for access, want := range map[org.FieldAccess]string{org.Masked: "***ks", org.Hidden: "", org.ReadOnly: "Greenfield Works"} {
			s := clerk(t, app, []schema.ID{ours.ID}, org.FieldRule{Kind: "customer", Field: "name", Access: access})
			found := must(s.Customers.Duplicates(ctx, again))(t)
			require.Len(t, found.Visible, 1)
			require.Len(t, found.Hidden, 1)
			require.Equal(t, want, found.Visible[0].Name, access)
			require.Equal(t, must(s.Customers.Get(ctx, ours.ID))(t).OwnerID, found.Visible[0].OwnerID, access)
			require.Equal(t, ours.ID, found.Visible[0].ID)
			require.NotContains(t, fmt.Sprint(found.Hidden), w.alice.String())

			scan := must(s.Customers.ScanDuplicates(ctx, nil, match.ScanOptions{}))(t)
			require.Equal(t, 1, scan.Subjects)
		}
		// Names that look the same behind a mask are not.
		other := must(w.as(t).Customers.Create(ctx, &customer.Customer{Name: "Millstone Works"}))(t)
		s := clerk(t, app, []schema.ID{ours.ID, other.ID}, org.FieldRule{Kind: "customer", Field: "name", Access: org.Masked})
		scan := must(s.Customers.ScanDuplicates(ctx, nil, match.ScanOptions{}))(t)
		require.Equal(t, 2, scan.Subjects)
		for cluster := range scan.Clusters() {
			require.Fail(t, "not the same", "%v", cluster)
		}
	}, matching(t))
}

func TestHiddenDuplicatesNameTheirOwnerWhereTheHostSaysSo(t *testing.T) {
	for name, tells := range map[string]bool{"told": true, "not told": false} {
		t.Run(name, func(t *testing.T) {
			options := []crm.Option{matching(t)}
			if tells {
				options = append(options, crm.WithOwnersTold())
			}
			crmtest.Apps(t, func(t *testing.T, app *crm.App) {
				w := newFirm(t, app)
				must(w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Greenfield Works"}))(t)
				again := &customer.Customer{Name: "Greenfield Works"}
				found := must(clerk(t, app, nil).Customers.Duplicates(t.Context(), again))(t)
				require.Empty(t, found.Visible)
				require.Len(t, found.Hidden, 1)
				want := schema.ID{}
				if tells {
					want = w.alice
				}
				require.Equal(t, want, found.Hidden[0].OwnerID)
			}, options...)
		})
	}
}

// TestActionsSayWhereADuplicateIsTold holds what each action promises.
func TestActionsSayWhereADuplicateIsTold(t *testing.T) {
	for _, tt := range []struct {
		action               match.Action
		told, saved, scanned bool
	}{{match.Report, false, true, true}, {match.Warn, true, true, true}, {match.Block, true, false, false}} {
		t.Run(tt.action.String(), func(t *testing.T) {
			m, err := match.New([]match.Rule{{Name: "phone", Action: tt.action, When: match.Equal{Field: match.Phone}}}, match.Options{Region: "CN"})
			require.NoError(t, err)
			crmtest.Apps(t, func(t *testing.T, app *crm.App) {
				ctx, s := t.Context(), crmtest.System(t, app).Customers
				must(s.Create(ctx, &customer.Customer{Name: "First", Phone: "12345678"}))(t)
				second := &customer.Customer{Name: "Second", Phone: "12345678"}
				found := must(s.Duplicates(ctx, second))(t)
				require.Len(t, found.Visible, map[bool]int{true: 1}[tt.told])
				require.Equal(t, map[bool]match.Action{true: tt.action}[tt.told], found.Action())
				if _, err := s.Create(ctx, second); tt.saved {
					require.NoError(t, err)
				} else {
					requireCode(t, err, storage.Exists)
				}
				clusters := 0
				for cluster := range must(s.ScanDuplicates(ctx, nil, match.ScanOptions{}))(t).Clusters() {
					clusters++
					require.Equal(t, tt.action, cluster.Edges[0].Verdict.Action)
				}
				require.Equal(t, map[bool]int{true: 1}[tt.scanned], clusters)
			}, crm.WithMatcher(m))
		})
	}
}

// TestOfTwoDuplicatesStoredAtOnceOneIsBlocked stores the same customer from many sides.
func TestOfTwoDuplicatesStoredAtOnceOneIsBlocked(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		for round := range 5 {
			var mu sync.Mutex
			created := 0
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					s, err := app.System("writer")
					if err == nil {
						_, err = s.Customers.Create(context.Background(), &customer.Customer{Name: fmt.Sprint("Racing ", round), Phone: "12345678"})
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						created++
					} else if e, ok := err.(*crm.Error); !ok || e.Code != storage.Exists && e.Code != storage.Retry { //nolint:errorlint // as it was returned
						t.Errorf("neither stored nor blocked: %v", err)
					}
				})
			}
			wg.Wait()
			require.Equal(t, 1, created)
		}
	}, matching(t))
}

func TestADuplicateCheckCostsTheSame(t *testing.T) {
	count := func(others int) int {
		store, calls := crmtest.Counted(memory.Open())
		s := crmtest.System(t, crmtest.Open(t, store, matching(t)))
		for i := range others {
			_, err := s.Customers.Create(t.Context(), &customer.Customer{Name: fmt.Sprintf("Company %d of the same town", i)})
			require.NoError(t, err)
		}
		calls()
		_, err := s.Customers.Duplicates(t.Context(), &customer.Customer{Name: "Company 1 of the same town"})
		require.NoError(t, err)
		return calls()
	}
	require.Equal(t, count(3), count(300))
}

func TestMatchKeysAreRebuiltAndScanned(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		before := crmtest.System(t, crmtest.Open(t, store))
		for _, name := range []string{"North River Press", "North River Press Ltd.", "Another"} {
			_, err := before.Customers.Create(ctx, &customer.Customer{Name: name, Meta: record.Meta{ID: schema.NameID(name)}})
			require.NoError(t, err)
		}
		_, err := before.Customers.Duplicates(ctx, &customer.Customer{Name: "North River Press"})
		require.ErrorIs(t, err, storage.ErrPrecondition, "no matcher")

		s := crmtest.System(t, crmtest.Open(t, store, matching(t)))
		for range 2 {
			next, err := s.Customers.RebuildMatchKeys(ctx, schema.ID{})
			require.NoError(t, err)
			require.True(t, next.IsZero())
		}
		found, err := s.Customers.Duplicates(ctx, &customer.Customer{Name: "North River Press"})
		require.NoError(t, err)
		require.Len(t, found.Visible, 2)
		scan, err := s.Customers.ScanDuplicates(ctx, nil, match.ScanOptions{})
		require.NoError(t, err)
		for cluster := range scan.Clusters() {
			require.Len(t, cluster.Members, 2)
			require.NotEmpty(t, cluster.Edges[0].Verdict.Reasons)
		}
	})
}
