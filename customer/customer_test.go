package customer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func amount(n int64) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.NewFromInt(n)) }

// counts returns how many records of each kind a session sees.
func counts(t *testing.T, s *crm.Session) map[string]int64 {
	t.Helper()
	n := map[string]int64{}
	for kind, count := range map[string]func() (int64, error){
		"customers": func() (int64, error) { return s.Customers.Count(t.Context(), nil) }, "contacts": func() (int64, error) { return s.Customers.Contacts.Count(t.Context(), nil) },
		"addresses": func() (int64, error) { return s.Customers.Addresses.Count(t.Context(), nil) }, "team": func() (int64, error) { return s.Customers.Team.Count(t.Context(), nil) },
		"relations": func() (int64, error) { return s.Customers.Relations.Count(t.Context(), nil) }, "consents": func() (int64, error) { return s.Customers.Consents.Count(t.Context(), nil) },
		"ledger": func() (int64, error) { return s.Customers.ConsentLedger.Count(t.Context(), nil) },
	} {
		var err error
		n[kind], err = count()
		require.NoError(t, err)
	}
	return n
}

func TestACustomerWithContacts(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.As(t, app, crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}))
		given := []*customer.Contact{{Name: "Zhang"}, {Name: "Li", Primary: true}}
		address := func(ctx context.Context, s *session.Session, c *customer.Customer) error {
			_, err := customer.New(s, customer.Options{}).Addresses.Create(ctx, &customer.Address{CustomerID: c.ID, Kind: customer.Office})
			return err
		}
		c, people, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "Acme"}, given, address)
		require.NoError(t, err)
		require.Equal(t, []any{c.ID, c.ID, false, true}, []any{people[0].CustomerID, people[1].CustomerID, people[0].Primary, people[1].Primary})
		require.True(t, given[0].CustomerID.IsZero(), "what was given is not touched")
		whole := counts(t, s)
		require.Equal(t, []int64{1, 2, 1}, []int64{whole["customers"], whole["contacts"], whole["addresses"]})

		for name, create := range map[string]func() error{
			"a nameless contact": func() error {
				_, _, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "B"}, []*customer.Contact{{Name: "A"}, {}})
				return err
			},
			"a contact left out": func() error {
				_, _, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "B"}, []*customer.Contact{nil})
				return err
			},
			"a failing extra": func() error {
				_, _, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Name: "B"}, given, address,
					func(context.Context, *session.Session, *customer.Customer) error { return errors.New("no stock") })
				return err
			},
			"no customer": func() error {
				_, _, err := s.Customers.CreateWithContacts(ctx, nil, given)
				return err
			},
		} {
			require.Error(t, create(), name)
			require.Equal(t, whole, counts(t, s), name)
		}

		// A repeated call with the same ids returns what is there.
		again := func() schema.ID {
			c, people, err := s.Customers.CreateWithContacts(ctx, &customer.Customer{Meta: record.Meta{ID: schema.NameID("c")}, Name: "Twice"},
				[]*customer.Contact{{Meta: record.Meta{ID: schema.NameID("p")}, Name: "Once"}})
			require.NoError(t, err)
			require.True(t, people[0].Primary)
			return c.ID
		}
		require.Equal(t, again(), again())
	})
}

// TestEachPartNeedsItsPermission creates customers with contacts as people whose roles
// lack something.
func TestEachPartNeedsItsPermission(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		hire := func(name string, grants ...org.Grant) *crm.Session {
			role, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: name, Grants: grants})
			require.NoError(t, err)
			e, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: name, Roles: []schema.ID{role.ID}})
			require.NoError(t, err)
			return crmtest.As(t, app, e.ID)
		}
		create := []org.Verb{org.Read, org.Create, org.Update}
		other := crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		for name, c := range map[string]struct {
			s    *crm.Session
			of   *customer.Customer
			want error
		}{
			"both":            {hire("both", org.Grant{Kind: "customer", Verbs: create}, org.Grant{Kind: "contact", Verbs: create}), &customer.Customer{Name: "A"}, nil},
			"no contacts":     {hire("no contacts", org.Grant{Kind: "customer", Verbs: create}), &customer.Customer{Name: "B"}, storage.ErrForbidden},
			"no customers":    {hire("no customers", org.Grant{Kind: "contact", Verbs: create}), &customer.Customer{Name: "C"}, storage.ErrForbidden},
			"not to assign":   {hire("not to assign", org.Grant{Kind: "*", Verbs: create}), &customer.Customer{Name: "D", Owned: record.Owned{OwnerID: other}}, storage.ErrForbidden},
			"not to a friend": {hire("not to a friend", org.Grant{Kind: "*", Verbs: append(create, org.Assign)}), &customer.Customer{Name: "E", Owned: record.Owned{OwnerID: other}}, storage.ErrReferenced},
		} {
			_, _, err := c.s.Customers.CreateWithContacts(ctx, c.of, []*customer.Contact{{Name: "Zhang"}})
			if c.want == nil {
				require.NoError(t, err, name)
			} else {
				require.ErrorIs(t, err, c.want, name)
			}
		}
		require.EqualValues(t, 1, counts(t, sys)["customers"], "nothing is half done")
	})
}

// TestPartsFollowTheCustomer lets people with every kind of access to a customer read,
// change, add and delete what belongs to it.
func TestPartsFollowTheCustomer(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		top := crmtest.Hire(t, app, "Top", schema.ID{}, schema.ID{})
		boss := crmtest.Hire(t, app, "Boss", top, schema.ID{})
		owner := crmtest.Hire(t, app, "Owner", boss, schema.ID{})
		people := map[org.Level][]schema.ID{org.FullAccess: {owner}, org.EditAccess: {boss}, org.ReadAccess: {top}, org.NoAccess: {crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{})}}
		for level := org.ReadAccess; level <= org.FullAccess; level++ {
			people[level] = append(people[level], crmtest.Hire(t, app, fmt.Sprint("Helper ", level), schema.ID{}, schema.ID{}))
		}
		s := crmtest.As(t, app, owner)
		c := newCustomer(t, s, "Acme")
		var mate *customer.Teammate
		for level := org.ReadAccess; level <= org.FullAccess; level++ {
			var err error
			mate, err = s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: people[level][len(people[level])-1], Role: "presales", Level: level})
			require.NoError(t, err)
		}
		zhang, li := newContact(t, s, c.ID, "Zhang"), newContact(t, s, c.ID, "Li")
		office, err := s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: c.ID, Kind: customer.Office})
		require.NoError(t, err)
		knows, err := s.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: c.ID, FromContactID: zhang.ID, ToCustomerID: c.ID, ToContactID: li.ID, Kind: customer.ReportsTo})
		require.NoError(t, err)
		consent := customer.ConsentEntry{CustomerID: c.ID, Channel: customer.Email, Purpose: "x", State: customer.ConsentGiven}
		_, err = s.Customers.RecordConsent(ctx, &consent)
		require.NoError(t, err)

		everything, nothing := counts(t, s), map[string]int64{}
		for kind := range everything {
			nothing[kind] = 0
		}
		n := 0
		for level, list := range people {
			for _, person := range list {
				n++
				s := crmtest.As(t, app, person)
				if level == org.NoAccess {
					require.Equal(t, nothing, counts(t, s))
				} else {
					require.Equal(t, everything, counts(t, s))
				}
				writes := map[string]func(ctx context.Context, s *crm.Session) error{
					"edit contact": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Contacts.Edit(ctx, zhang.ID, func(c *customer.Contact) error { c.Title += "x"; return nil })
						return err
					},
					"choose contact": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.MakePrimary(ctx, li.ID)
						return err
					},
					"add contact": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "New"})
						return err
					},
					"edit address": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Addresses.Edit(ctx, office.ID, func(a *customer.Address) error { a.City += "x"; return nil })
						return err
					},
					"choose address": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.MakeDefault(ctx, office.ID)
						return err
					},
					"edit relation": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Relations.Edit(ctx, knows.ID, func(r *customer.Relation) error { r.Note += "x"; return nil })
						return err
					},
					"add relation": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: c.ID, ToCustomerID: c.ID, ToContactID: li.ID, Kind: customer.Influences})
						return err
					},
					"consent": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.RecordConsent(ctx, &consent)
						return err
					},
					"join": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: top, Level: org.EditAccess})
						return err
					},
					"leave": func(ctx context.Context, s *crm.Session) error { return s.Customers.RemoveTeammate(ctx, mate.ID) },
					"seal": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Seal(ctx, c.ID, "x")
						return err
					},
					"trade": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.StartTrading(ctx, c.ID, schema.Date{})
						return err
					},
					"contacted": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Contacted(ctx, c.ID, schema.Date{})
						return err
					},
				}
				whole := map[string]func(ctx context.Context, s *crm.Session) error{
					"delete teammate": func(ctx context.Context, s *crm.Session) error { return s.Customers.Team.Delete(ctx, mate.ID, 0) },
					"delete relation": func(ctx context.Context, s *crm.Session) error { return s.Customers.Relations.Delete(ctx, knows.ID, 0) },
					"delete address": func(ctx context.Context, s *crm.Session) error {
						return s.Customers.Addresses.Delete(ctx, office.ID, 0)
					},
					"give all": func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Team.Create(ctx, &customer.Teammate{CustomerID: c.ID, EmployeeID: top, Level: org.FullAccess})
						return err
					},
				}
				for needs, verbs := range map[org.Level]map[string]func(context.Context, *crm.Session) error{org.EditAccess: writes, org.FullAccess: whole} {
					for name, verb := range verbs {
						err := undone(ctx, s, verb)
						if level >= needs {
							require.NoError(t, err, "%s with access %d", name, level)
							continue
						}
						require.Contains(t, []storage.Code{storage.Forbidden, storage.NotFound, storage.Referenced, storage.Invalid}, codeOf(err), "%s with access %d", name, level)
						if level == org.NoAccess {
							require.NotErrorIs(t, err, storage.ErrForbidden, "%s: nobody learns of what they may not read", name)
						}
					}
				}
			}
		}
		require.Equal(t, 7, n)
		require.Equal(t, everything, counts(t, s))
	})
}

// undone does something in a transaction that is taken back.
func undone(ctx context.Context, s *crm.Session, verb func(context.Context, *crm.Session) error) error {
	enough := errors.New("enough")
	err := s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		if err := verb(ctx, s); err != nil {
			return err
		}
		return enough
	})
	if errors.Is(err, enough) {
		return nil
	}
	return err
}

// TestNoOtherTenantIsTouched uses the ids of one tenant in another.
func TestNoOtherTenantIsTouched(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, here, there := t.Context(), crmtest.System(t, app.Tenant("here")), crmtest.System(t, app.Tenant("there"))
		c := newCustomer(t, there, "Acme")
		zhang := newContact(t, there, c.ID, "Zhang")
		mine := newCustomer(t, here, "Mine")
		_, primary := here.Customers.MakePrimary(ctx, zhang.ID)
		_, sealed := here.Customers.Seal(ctx, c.ID, "x")
		_, graph := here.Customers.RelationGraph(ctx, c.ID)
		_, consent := here.Customers.RecordConsent(ctx, &customer.ConsentEntry{CustomerID: c.ID, Channel: customer.Email, Purpose: "x", State: customer.ConsentGiven})
		_, asked := here.Customers.Consent(ctx, c.ID, zhang.ID, customer.Email, "x")
		for what, err := range map[string]error{"primary": primary, "seal": sealed, "graph": graph, "consent": consent, "asked": asked} {
			require.ErrorIs(t, err, storage.ErrNotFound, what)
		}
		_, err := here.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: mine.ID, ToCustomerID: c.ID, Kind: customer.Referred})
		require.ErrorIs(t, err, storage.ErrInvalid)
		require.NoError(t, customer.StartTrading(ctx, here.Session, schema.Date{}, c.ID))
		page, err := there.Customers.Find(ctx, query.Select{})
		require.NoError(t, err)
		require.Equal(t, []customer.Customer{*c}, page.Items)
	})
}
