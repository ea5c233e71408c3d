package session_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// fieldsOf returns the offences of an error by field name.
func fieldsOf(t *testing.T, err error) map[string]fault.Field {
	t.Helper()
	var e *crm.Error
	require.ErrorAs(t, err, &e)
	found := map[string]fault.Field{}
	for _, f := range e.Fields {
		found[f.Name] = f
	}
	return found
}

func TestEveryOffenceIsReportedInTheLanguageAsked(t *testing.T) {
	for language, want := range map[session.Language]string{session.English: "email must be a valid email address", session.Chinese: "email必须是一个有效的邮箱"} {
		app := crmtest.Open(t, memory.Open(), crm.WithLanguage(language))
		s := crmtest.System(t, app)
		_, err := s.Customers.Contacts.Create(t.Context(), &customer.Contact{Email: "no address", Phone: "1\x002"})
		require.ErrorIs(t, err, storage.ErrInvalid)
		offences := fieldsOf(t, err)
		require.Equal(t, want, offences["email"].Message)
		require.Equal(t, "required", offences["customer_id"].Code)
		require.Equal(t, "required", offences["name"].Code)
		require.Equal(t, "nul", offences["phone"].Code)
		require.Len(t, offences, 4)
	}
}

func TestTwoEditors(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		first, err := s.Customers.Create(ctx, &customer.Customer{Name: "One", Industry: "retail"})
		require.NoError(t, err)

		theirs := *first
		theirs.Industry = "medical"
		_, err = s.Customers.Update(ctx, &theirs)
		require.NoError(t, err)

		other := *first
		other.Country = "Kenya"
		both, err := s.Customers.Update(ctx, &other)
		require.NoError(t, err, "another field does not conflict")
		require.Equal(t, "medical", both.Industry)
		require.Equal(t, "Kenya", both.Country)

		same := *first
		same.Industry = "software"
		_, err = s.Customers.Update(ctx, &same)
		require.ErrorIs(t, err, storage.ErrConflict)
		f := fieldsOf(t, err)["industry"]
		require.Equal(t, []any{"retail", "medical", "software"}, []any{f.Base, f.Theirs, f.Mine})

		agreeing := *first
		agreeing.Industry = "medical"
		_, err = s.Customers.Update(ctx, &agreeing)
		require.NoError(t, err, "the same value twice is no conflict")

		stored, err := s.Customers.Get(ctx, first.ID)
		require.NoError(t, err)
		require.Equal(t, "medical", stored.Industry)
		require.EqualValues(t, 3, stored.Version, "what changed nothing was not written")

		_, err = s.Customers.Update(ctx, &customer.Customer{Meta: record.Meta{ID: first.ID, Version: 99}, Name: "One"})
		require.ErrorIs(t, err, storage.ErrConflict, "a version that never was")
		_, err = s.Customers.Update(ctx, &customer.Customer{Meta: record.Meta{ID: first.ID}, Name: "One"})
		require.ErrorIs(t, err, storage.ErrInvalid, "no version")
	})
}

func TestTwoEditorsOfCustomFields(t *testing.T) {
	declared := crm.WithCustomFields("customer", schema.CustomField{Name: "colour", Type: schema.TypeText}, schema.CustomField{Name: "grade", Type: schema.TypeInt},
		schema.CustomField{Name: "seen", Type: schema.TypeDate})
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		first, err := s.Customers.Create(ctx, &customer.Customer{Name: "One", Meta: record.Meta{Custom: schema.Values{"colour": "red", "grade": 1}}})
		require.NoError(t, err)
		edit := func(values schema.Values) (*customer.Customer, error) {
			mine := *first
			mine.Custom = values
			return s.Customers.Update(ctx, &mine)
		}
		_, err = edit(schema.Values{"colour": "blue", "grade": 1})
		require.NoError(t, err)
		both, err := edit(schema.Values{"colour": "red", "grade": 2})
		require.NoError(t, err, "another field does not conflict")
		require.Equal(t, schema.Values{"colour": "blue", "grade": int64(2)}, both.Custom)
		both, err = edit(schema.Values{"colour": "red", "grade": 1, "seen": "2026-11-26"})
		require.NoError(t, err, "a new field does not conflict")
		require.Len(t, both.Custom, 3)
		both, err = edit(schema.Values{"colour": "blue", "grade": 2, "seen": schema.NewDate(2026, 11, 26)})
		require.NoError(t, err, "the same values do not conflict")
		require.Len(t, both.Custom, 3)

		_, err = edit(schema.Values{"colour": "green", "grade": 1})
		require.ErrorIs(t, err, storage.ErrConflict)
		f := fieldsOf(t, err)["custom.colour"]
		require.Equal(t, []any{"red", "blue", "green"}, []any{f.Base, f.Theirs, f.Mine})
		_, err = edit(schema.Values{"grade": 1})
		require.ErrorIs(t, err, storage.ErrConflict, "removed here, changed there")
		require.Nil(t, fieldsOf(t, err)["custom.colour"].Mine)

		_, err = s.Customers.Edit(ctx, first.ID, func(c *customer.Customer) error { c.Custom = nil; return nil })
		require.NoError(t, err)
		last, err := edit(schema.Values{"colour": "red", "grade": 1, "seen": "2026-01-01"})
		require.NoError(t, err, "all were removed, one was added")
		require.Equal(t, schema.Values{"seen": schema.NewDate(2026, 1, 1)}, last.Custom)
	}, declared)
}

func TestRepeatedCreation(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		given := customer.Customer{Meta: record.Meta{ID: schema.NameID("one")}, Name: "One", Code: "C1"}
		first, err := s.Customers.Create(ctx, &given)
		require.NoError(t, err)
		_, err = s.Customers.Edit(ctx, first.ID, func(c *customer.Customer) error { c.Name = "One, renamed"; return nil })
		require.NoError(t, err)

		again, err := s.Customers.Create(ctx, &given)
		require.NoError(t, err)
		require.Equal(t, "One, renamed", again.Name)
		given.Name = "Two"
		_, err = s.Customers.Create(ctx, &given)
		require.ErrorIs(t, err, storage.ErrExists)

		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Three", Code: "C1"})
		require.ErrorIs(t, err, storage.ErrExists)
		require.Equal(t, "unique", fieldsOf(t, err)["code"].Code)
		n, err := s.Customers.Count(ctx, nil)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestHooksMayChangeVetoAndFollow(t *testing.T) {
	var committed []string
	veto := errors.New("vetoed")
	options := []crm.Option{crm.WithHooks(
		session.Before(customer.Customers, func(_ context.Context, _ *session.Session, writes []session.Write[customer.Customer]) error {
			for _, w := range writes {
				if w.New != nil && w.New.Name == "bad" {
					return veto
				}
				if w.New != nil && w.Old == nil {
					w.New.Industry = "set by a hook"
				}
			}
			return nil
		}),
		session.After(customer.Customers, func(ctx context.Context, s *session.Session, writes []session.Write[customer.Customer]) error {
			for _, w := range writes {
				if w.Event == "customer.created" {
					if _, err := session.Of(s, customer.Contacts).Create(ctx, &customer.Contact{CustomerID: w.New.ID, Name: "Reception"}); err != nil {
						return err
					}
				}
			}
			return nil
		}),
		session.Committed(customer.Customers, func(_ context.Context, writes []session.Write[customer.Customer]) {
			for _, w := range writes {
				committed = append(committed, w.Event)
			}
		}),
	)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		committed = nil
		ctx := t.Context()
		s := crmtest.System(t, app)
		c, err := s.Customers.Create(ctx, &customer.Customer{Name: "good"})
		require.NoError(t, err)
		require.Equal(t, "set by a hook", c.Industry)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "bad"})
		require.ErrorIs(t, err, veto)
		require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "undone"}); err != nil {
				return err
			}
			return veto
		}), veto)
		require.Equal(t, []string{"customer.created"}, committed, "only what was committed")
		contacts, err := s.Customers.Contacts.Count(ctx, nil)
		require.NoError(t, err)
		require.EqualValues(t, 1, contacts)
	}, options...)
}

// TestQueriesDoNotLookBehindTheScope tries to learn about a hidden customer through a
// visible one that has it as its parent.
func TestQueriesDoNotLookBehindTheScope(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		agent, other := crmtest.Hire(t, app, "Agent", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		hidden, err := sys.Customers.Create(ctx, &customer.Customer{Name: "Hidden Group", Industry: "secret", Owned: record.Owned{OwnerID: other}})
		require.NoError(t, err)
		_, err = sys.Customers.Create(ctx, &customer.Customer{Name: "Visible", ParentID: hidden.ID, Owned: record.Owned{OwnerID: agent}})
		require.NoError(t, err)
		for person, sees := range map[schema.ID]bool{agent: false, other: true} {
			s := crmtest.As(t, app, person)
			for _, where := range []query.Expr{
				query.Eq("parent.industry", "secret"), query.HasText("parent.name", "hidden"), query.In("parent.industry", "secret"),
				query.Has("parent", query.Eq("industry", "secret")), query.Ne("parent.industry", nil),
				query.Not{Expr: query.Null("parent.industry")}, query.Not{Expr: query.Ne("parent.industry", "secret")}, query.Gt("parent.industry", "a"),
			} {
				_, err := crmtest.System(t, app).Admin.Share(ctx, record.Ref{Kind: "customer", ID: mustFind(t, sys, "Visible")}, other, org.ReadAccess, sys.Now().AddDate(1, 0, 0))
				require.NoError(t, err)
				n, err := s.Customers.Count(ctx, query.All(query.Eq("name", "Visible"), where))
				require.NoError(t, err)
				require.Equalf(t, sees, n == 1, "%s", query.String(where))
			}
			_, err := s.Customers.Find(ctx, query.Select{Sort: query.By("parent.name")})
			require.ErrorIs(t, err, storage.ErrForbidden)
			_, err = s.Customers.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("parent.industry")}}})
			require.ErrorIs(t, err, storage.ErrForbidden)
		}
	})
}

func mustFind(t *testing.T, s *crm.Session, name string) schema.ID {
	t.Helper()
	page, err := s.Customers.Find(t.Context(), query.Select{Where: query.Eq("name", name)})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0].ID
}

// TestPointingOpensNothing: holding a record opens what it points to, so pointing at a
// record needs the right to read it.
func TestPointingOpensNothing(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		agent, other := crmtest.Hire(t, app, "Agent", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		hidden, err := sys.Customers.Create(ctx, &customer.Customer{Name: "Hidden", Owned: record.Owned{OwnerID: other}})
		require.NoError(t, err)
		s := crmtest.As(t, app, agent)
		_, err = s.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Spy", CustomerID: hidden.ID})
		require.ErrorIs(t, err, storage.ErrReferenced)
		_, err = s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: hidden.ID}, agent, org.ReadAccess, sys.Now().AddDate(1, 0, 0))
		require.ErrorIs(t, err, storage.ErrNotFound)
	})
}

func TestHistoryTellsWhatChanged(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		agent := crmtest.Hire(t, app, "Agent", schema.ID{}, schema.ID{})
		s := crmtest.As(t, app, agent)
		c, err := s.Customers.Create(ctx, &customer.Customer{Name: "One"})
		require.NoError(t, err)
		_, err = s.Customers.Edit(ctx, c.ID, func(c *customer.Customer) error { c.Name = "Two"; return nil })
		require.NoError(t, err)
		page, err := s.Customers.History(ctx, c.ID, query.Select{Limit: 1})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.NotEmpty(t, page.Next)
		entry := page.Items[0]
		require.Equal(t, "customer.updated", entry.Event)
		require.Equal(t, agent, entry.ActorID)
		require.EqualValues(t, 2, entry.RecordVersion)
		require.Len(t, entry.Changes, 1)
		require.Equal(t, "name", entry.Changes[0].Field)
		require.JSONEq(t, `"One"`, string(entry.Changes[0].From))
		require.JSONEq(t, `"Two"`, string(entry.Changes[0].To))
	})
}

// TestADeletedRecordStaysDeleted: its id is not used again, so that nobody comes into
// its history or its shares by creating another one of that id.
func TestADeletedRecordStaysDeleted(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		agent, other := crmtest.Hire(t, app, "Agent", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		s := crmtest.As(t, app, agent)
		c, err := s.Customers.Create(ctx, &customer.Customer{Name: "One"})
		require.NoError(t, err)
		share, err := s.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c.ID}, other, org.ReadAccess, s.Now().AddDate(1, 0, 0))
		require.NoError(t, err)
		require.NoError(t, s.Customers.Delete(ctx, c.ID, c.Version))
		_, err = storage.Of(s.Tenant(), org.Shares).Get(ctx, share.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = crmtest.As(t, app, other).Customers.Create(ctx, &customer.Customer{Meta: record.Meta{ID: c.ID}, Name: "Two"})
		require.ErrorIs(t, err, storage.ErrExists)
	})
}

// TestConflictInsideATransaction: a conflict that the two editors have is told, and not
// taken for a race that another attempt would win.
func TestConflictInsideATransaction(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		seen, err := s.Customers.Create(ctx, &customer.Customer{Name: "One", Industry: "a"})
		require.NoError(t, err)
		_, err = s.Customers.Edit(ctx, seen.ID, func(c *customer.Customer) error { c.Industry = "b"; return nil })
		require.NoError(t, err)
		attempts := 0
		err = s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			attempts++
			mine := *seen
			mine.Industry = "c"
			_, err := s.Customers.Update(ctx, &mine)
			return err
		})
		require.ErrorIs(t, err, storage.ErrConflict)
		require.Contains(t, fieldsOf(t, err), "industry")
		require.Equal(t, 1, attempts)
	})
}

// TestAFailingHookLeavesNothing: neither when its error is passed over.
func TestAFailingHookLeavesNothing(t *testing.T) {
	veto := errors.New("vetoed")
	options := crm.WithHooks(session.After(customer.Customers, func(context.Context, *session.Session, []session.Write[customer.Customer]) error { return veto }))
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			_, err := s.Customers.Create(ctx, &customer.Customer{Name: "One"})
			require.ErrorIs(t, err, veto)
			return nil // the transaction can't stand all the same
		}), veto)
		require.NoError(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
				_, err := s.Customers.Create(ctx, &customer.Customer{Name: "One"})
				return err
			}), veto)
			return nil // a nested one was undone
		}))
		n, err := s.Customers.Count(ctx, nil)
		require.NoError(t, err)
		require.Zero(t, n)
	}, options)
}

// TestAForgottenKind: a host that forgets to register its kind is told so.
func TestAForgottenKind(t *testing.T) {
	type thing struct{ record.Meta }
	s := crmtest.System(t, crmtest.Open(t, memory.Open()))
	things := session.Of(s.Session, schema.Define[thing]("thing"))
	_, created := things.Create(t.Context(), &thing{})
	_, edited := things.Edit(t.Context(), schema.NewID(), func(*thing) error { return nil })
	_, got := session.Of(s.Session, schema.Definition[thing]{}).Get(t.Context(), schema.NewID())
	for _, err := range []error{created, edited, got, things.Delete(t.Context(), schema.NewID(), 0)} {
		require.ErrorIs(t, err, storage.ErrInvalid)
	}
}

// TestGrantsOnAPartDoNotOpenItsWhole: nor the other way round.
func TestGrantsOnAPartDoNotOpenItsWhole(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		sys := crmtest.System(t, app)
		owner := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{})
		c, err := sys.Customers.Create(ctx, &customer.Customer{Name: "Hidden", Owned: record.Owned{OwnerID: owner}})
		require.NoError(t, err)
		_, err = sys.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: c.ID, Name: "Somebody"})
		require.NoError(t, err)
		role, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: "r", Grants: []org.Grant{{Kind: "contact", Verbs: []org.Verb{org.Read}, Range: org.AllRange}, {Kind: "customer", Verbs: []org.Verb{org.Read}}}})
		require.NoError(t, err)
		clerk, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: []schema.ID{role.ID}})
		require.NoError(t, err)
		s := crmtest.As(t, app, clerk.ID)
		n, err := s.Customers.Contacts.Count(ctx, query.Eq("customer.name", "Hidden"))
		require.NoError(t, err)
		require.Zero(t, n, "a contact follows its customer")
		_, err = sys.Admin.Employees.Create(ctx, &org.Employee{Name: "X", Roles: []schema.ID{schema.NewID()}})
		require.ErrorIs(t, err, storage.ErrInvalid, "a role that is not there")
		require.ErrorIs(t, sys.Admin.Roles.Delete(ctx, role.ID, 0), storage.ErrReferenced, "a role that somebody has")
	})
}
