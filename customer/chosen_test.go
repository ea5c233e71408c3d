package customer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// requireChosen requires that each customer with contacts has exactly one primary
// contact, and one default address of each kind that it has.
func requireChosen(t require.TestingT, s *crm.Session) {
	contacts, addresses := map[string]int{}, map[string]int{}
	for c, err := range s.Customers.Contacts.All(context.Background(), query.Select{}) {
		require.NoError(t, err)
		contacts[c.CustomerID.String()] += one(c.Primary)
	}
	for a, err := range s.Customers.Addresses.All(context.Background(), query.Select{}) {
		require.NoError(t, err)
		addresses[a.CustomerID.String()+" "+a.Kind] += one(a.Default)
	}
	for group, n := range contacts {
		require.Equal(t, 1, n, "primary contacts of %s", group)
	}
	for group, n := range addresses {
		require.Equal(t, 1, n, "default addresses of %s", group)
	}
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func newCustomer(t require.TestingT, s *crm.Session, name string) *customer.Customer {
	c, err := s.Customers.Create(context.Background(), &customer.Customer{Name: name})
	require.NoError(t, err)
	return c
}

func newContact(t require.TestingT, s *crm.Session, of schema.ID, name string) *customer.Contact {
	c, err := s.Customers.Contacts.Create(context.Background(), &customer.Contact{CustomerID: of, Name: name})
	require.NoError(t, err)
	return c
}

func TestThePrimaryContact(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		c := newCustomer(t, s, "Acme")
		first, second, third := newContact(t, s, c.ID, "First"), newContact(t, s, c.ID, "Second"), newContact(t, s, c.ID, "Third")
		require.Equal(t, []bool{true, false, false}, []bool{first.Primary, second.Primary, third.Primary}, "the first is primary")
		wish, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "Wish", Primary: true})
		require.NoError(t, err)
		require.False(t, wish.Primary, "a wish is not granted where there is one")

		_, err = s.Customers.Contacts.Edit(ctx, second.ID, func(c *customer.Contact) error { c.Primary = true; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition)
		_, err = s.Customers.Contacts.Edit(ctx, first.ID, func(c *customer.Contact) error { c.Primary = false; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition)

		third, err = s.Customers.MakePrimary(ctx, third.ID)
		require.NoError(t, err)
		require.True(t, third.Primary)
		again, err := s.Customers.MakePrimary(ctx, third.ID)
		require.NoError(t, err)
		require.Equal(t, third, again, "nothing happens the second time")
		requireChosen(t, s)

		require.NoError(t, s.Customers.Contacts.Delete(ctx, third.ID, 0))
		first, err = s.Customers.Contacts.Get(ctx, first.ID)
		require.NoError(t, err)
		require.True(t, first.Primary, "the oldest takes the place of who has gone")
		_, err = s.Customers.MakePrimary(ctx, third.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)

		other := newCustomer(t, s, "Other")
		many, err := s.Customers.Contacts.CreateMany(ctx, "", &customer.Contact{CustomerID: other.ID, Name: "A"},
			&customer.Contact{CustomerID: other.ID, Name: "B", Primary: true}, &customer.Contact{CustomerID: other.ID, Name: "C", Primary: true})
		require.NoError(t, err)
		require.Equal(t, []bool{false, true, false}, []bool{many[0].Primary, many[1].Primary, many[2].Primary}, "the first who asks")
		_, err = s.Customers.Contacts.Edit(ctx, many[0].ID, func(v *customer.Contact) error { v.CustomerID = c.ID; return nil })
		require.ErrorIs(t, err, storage.ErrPrecondition, "no edit moves a contact")
		requireChosen(t, s)
	})
}

func TestTheDefaultAddress(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		c := newCustomer(t, s, "Acme")
		add := func(kind, street string) *customer.Address {
			a, err := s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: c.ID, Kind: kind, Street: street})
			require.NoError(t, err)
			return a
		}
		bill, ship, second := add(customer.Billing, "1"), add(customer.Shipping, "2"), add(customer.Shipping, "3")
		require.Equal(t, []bool{true, true, false}, []bool{bill.Default, ship.Default, second.Default})
		second, err := s.Customers.MakeDefault(ctx, second.ID)
		require.NoError(t, err)
		require.True(t, second.Default)
		requireChosen(t, s)

		// The default becomes another kind, where there is one already.
		second, err = s.Customers.Addresses.Edit(ctx, second.ID, func(a *customer.Address) error { a.Kind = customer.Billing; return nil })
		require.NoError(t, err)
		require.False(t, second.Default)
		ship, err = s.Customers.Addresses.Get(ctx, ship.ID)
		require.NoError(t, err)
		require.True(t, ship.Default, "the other one takes its place")
		requireChosen(t, s)
	})
}

// TestOneIsChosenWhateverHappens drives two customers through random verbs and checks
// after each, refused or not, that the right number is chosen.
func TestOneIsChosenWhateverHappens(t *testing.T) {
	ctx, app, tenant := t.Context(), crmtest.Open(t, memory.Open()), 0
	rapid.Check(t, func(r *rapid.T) {
		tenant++
		s := crmtest.System(t, app.Tenant(fmt.Sprint(tenant)))
		owners := []schema.ID{newCustomer(r, s, "A").ID, newCustomer(r, s, "B").ID}
		var contacts, addresses []schema.ID
		pick := func(list []schema.ID) schema.ID {
			if len(list) == 0 {
				return schema.NameID("nobody")
			}
			return rapid.SampledFrom(list).Draw(r, "which")
		}
		owner, kind, wish := rapid.SampledFrom(owners), rapid.SampledFrom([]string{customer.Office, customer.Home}), rapid.Bool()
		r.Repeat(map[string]func(*rapid.T){
			"": func(r *rapid.T) { requireChosen(r, s) },
			"create": func(r *rapid.T) {
				if c, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: owner.Draw(r, "of"), Name: "C", Primary: wish.Draw(r, "wish")}); err == nil {
					contacts = append(contacts, c.ID)
				}
				if a, err := s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: owner.Draw(r, "of"), Kind: kind.Draw(r, "kind"), Default: wish.Draw(r, "wish")}); err == nil {
					addresses = append(addresses, a.ID)
				}
			},
			"create many": func(r *rapid.T) {
				list := make([]*customer.Contact, rapid.IntRange(1, 4).Draw(r, "n"))
				for i := range list {
					list[i] = &customer.Contact{CustomerID: owner.Draw(r, "of"), Name: "C", Primary: wish.Draw(r, "wish")}
				}
				created, err := s.Customers.Contacts.CreateMany(ctx, "", list...)
				require.NoError(r, err)
				for _, c := range created {
					contacts = append(contacts, c.ID)
				}
			},
			"delete": func(r *rapid.T) {
				_ = s.Customers.Contacts.Delete(ctx, pick(contacts), 0)
				_ = s.Customers.Addresses.Delete(ctx, pick(addresses), 0)
			},
			"choose": func(r *rapid.T) {
				_, _ = s.Customers.MakePrimary(ctx, pick(contacts))
				_, _ = s.Customers.MakeDefault(ctx, pick(addresses))
			},
			"edit": func(r *rapid.T) {
				_, _ = s.Customers.Contacts.Edit(ctx, pick(contacts), func(c *customer.Contact) error { c.Primary = wish.Draw(r, "wish"); return nil })
				_, _ = s.Customers.Addresses.Edit(ctx, pick(addresses), func(a *customer.Address) error {
					a.Kind, a.CustomerID = kind.Draw(r, "kind"), owner.Draw(r, "of")
					return nil
				})
			},
			"merge": func(r *rapid.T) {
				_, _ = s.Customers.Contacts.EditAs(ctx, org.Update, customer.EventContactMoved, pick(contacts), 0, func(c *customer.Contact) error {
					c.CustomerID = owner.Draw(r, "of")
					return nil
				})
			},
			"fail": func(r *rapid.T) {
				_ = s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
					_ = s.Customers.Contacts.Delete(ctx, pick(contacts), 0)
					return errors.New("no")
				})
			},
		})
	})
}

// TestOneIsChosenByManyAtOnce lets many create, delete and choose contacts and addresses
// of one customer at once, one by one and together with those of another customer.
func TestOneIsChosenByManyAtOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		sys := crmtest.System(t, app)
		for round := range 8 {
			a, b := newCustomer(t, sys, fmt.Sprint("A", round)), newCustomer(t, sys, fmt.Sprint("B", round))
			first, second := newContact(t, sys, a.ID, "First"), newContact(t, sys, a.ID, "Second")
			verbs := []func(ctx context.Context, s *crm.Session) error{
				func(ctx context.Context, s *crm.Session) error { return s.Customers.Contacts.Delete(ctx, first.ID, 0) },
				func(ctx context.Context, s *crm.Session) error { return s.Customers.Contacts.Delete(ctx, second.ID, 0) },
				func(ctx context.Context, s *crm.Session) error {
					_, err := s.Customers.MakePrimary(ctx, second.ID)
					return err
				},
				func(ctx context.Context, s *crm.Session) error {
					_, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: a.ID, Name: "New", Primary: true})
					return err
				},
				func(ctx context.Context, s *crm.Session) error {
					_, err := s.Customers.Contacts.CreateMany(ctx, "", &customer.Contact{CustomerID: b.ID, Name: "B"}, &customer.Contact{CustomerID: a.ID, Name: "A"})
					return err
				},
				func(ctx context.Context, s *crm.Session) error {
					_, err := s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: b.ID, Name: "First of B"})
					return err
				},
				func(ctx context.Context, s *crm.Session) error {
					_, err := s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: a.ID, Kind: customer.Office})
					return err
				},
				func(ctx context.Context, s *crm.Session) error {
					return s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
						_, err := s.Customers.Addresses.Create(ctx, &customer.Address{CustomerID: a.ID, Kind: customer.Office})
						return err
					})
				},
			}
			for i, err := range atOnce(verbs, func(verb func(context.Context, *crm.Session) error) error {
				s, err := app.System("test")
				if err != nil {
					return err
				}
				return verb(t.Context(), s)
			}) {
				if err != nil {
					require.Contains(t, []storage.Code{storage.Retry, storage.Conflict, storage.NotFound}, codeOf(err), "verb %d: %v", i, err)
				}
			}
			requireChosen(t, sys)
		}
	})
}

// atOnce runs fn for each of a list at the same time and returns the errors.
func atOnce[T any](list []T, fn func(T) error) []error {
	errs := make([]error, len(list))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, v := range list {
		wg.Go(func() {
			<-start
			errs[i] = fn(v)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func codeOf(err error) storage.Code {
	if e, ok := errors.AsType[*crm.Error](err); ok {
		return e.Code
	}
	return storage.Internal
}
