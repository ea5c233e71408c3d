package document_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
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

// verbs are what can be done to a document.
var verbs = map[string]func(t *testing.T, s *crm.Session, d *document.Document) error{
	"get": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Get(t.Context(), d.ID))
	},
	"open": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(read(t.Context(), s, d.ID, 0))
	},
	"revisions": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Revisions(t.Context(), d.ID, query.Select{}))
	},
	"history": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.History(t.Context(), d.ID, query.Select{}))
	},
	"why": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Why(t.Context(), org.Read, d.ID))
	},
	"edit": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Edit(t.Context(), d.ID, func(d *document.Document) error { d.Title = "Offer"; return nil }))
	},
	"update": func(t *testing.T, s *crm.Session, d *document.Document) error {
		mine := *d
		mine.Category = "offer"
		return second(s.Documents.Update(t.Context(), &mine))
	},
	"revise": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Revise(t.Context(), d.ID, d.Version, upload("second")))
	},
	"move": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return second(s.Documents.Move(t.Context(), d.ID, d.Version, record.Ref{}))
	},
	"delete": func(t *testing.T, s *crm.Session, d *document.Document) error {
		return s.Documents.Delete(t.Context(), d.ID, d.Version)
	},
}

func second[T any](_ T, err error) error { return err }

func TestWhoMayDoWhat(t *testing.T) {
	reading, changing, deleting := []string{"get", "open", "revisions", "history", "why"}, []string{"edit", "update", "revise", "move"}, []string{"delete"}
	offices(t, func(t *testing.T, o *office) {
		sys := o.ofAll
		sharedTo := crmtest.Hire(t, o.app, "Shared to", schema.ID{}, schema.ID{})
		carolsBoss := crmtest.Hire(t, o.app, "Carol's boss", schema.ID{}, schema.ID{})
		_, err := sys.Admin.Employees.Edit(t.Context(), o.carol, func(e *org.Employee) error { e.ManagerID = carolsBoss; return nil })
		require.NoError(t, err)
		_, err = sys.Admin.Share(t.Context(), o.customer, sharedTo, org.ReadAccess, time.Time{})
		require.NoError(t, err)
		shut := clerk(t, o, "customers only", org.Grant{Kind: "customer", Verbs: org.Verbs(), Range: org.AllRange})
		archivist := clerk(t, o, "all documents", org.Grant{Kind: "document", Verbs: []org.Verb{org.Read}, Range: org.AllRange})
		crmtest.Hire(t, o.app.Tenant("elsewhere"), "Elsewhere", schema.ID{}, schema.ID{})

		const none, seen, all = fault.NotFound, fault.Forbidden, fault.Code(255)
		for name, c := range map[string]struct {
			s                    *crm.Session
			read, change, delete fault.Code
		}{
			"owner":                        {o.ofAlice, all, all, all},
			"system":                       {sys, all, all, all},
			"manager":                      {crmtest.As(t, o.app, o.boss), all, all, seen},
			"manager's manager":            {crmtest.As(t, o.app, o.director), all, seen, seen},
			"colleague":                    {o.ofBob, none, none, none},
			"owner of the subject":         {crmtest.As(t, o.app, o.carol), all, seen, seen},
			"manager of the subject":       {crmtest.As(t, o.app, carolsBoss), all, seen, seen},
			"whom the subject is shared":   {crmtest.As(t, o.app, sharedTo), all, seen, seen},
			"no right to documents at all": {crmtest.As(t, o.app, shut), none, none, none},
			"reads all documents":          {crmtest.As(t, o.app, archivist), all, seen, seen},
			"system of another tenant":     {crmtest.System(t, o.app.Tenant("elsewhere")), none, none, none},
		} {
			for _, group := range []struct {
				verbs []string
				want  fault.Code
			}{{reading, c.read}, {changing, c.change}, {deleting, c.delete}} {
				for _, verb := range group.verbs {
					d := o.about(t, o.customer, "first")
					err := verbs[verb](t, c.s, d)
					if group.want == all {
						require.NoErrorf(t, err, "%s: %s", name, verb)
						continue
					}
					require.Errorf(t, err, "%s: %s", name, verb)
					require.Equalf(t, group.want, fault.CodeOf(err), "%s: %s: %v", name, verb, err)
					after, err := sys.Documents.Get(t.Context(), d.ID)
					require.NoErrorf(t, err, "%s: %s", name, verb)
					require.Equalf(t, d, after, "%s: %s", name, verb)
				}
			}
		}
	})
}

// TestWhyTellsOfTheSubject holds that whoever may read a document is told by what, and that
// its subject opens it to nothing more.
func TestWhyTellsOfTheSubject(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		d := o.about(t, o.customer, "first")
		carol := crmtest.As(t, o.app, o.carol)
		why := func(s *crm.Session, v org.Verb) ([]session.Link, bool) {
			t.Helper()
			e, err := s.Documents.Why(t.Context(), v, d.ID)
			require.NoError(t, err)
			require.NotEmpty(t, e.Gate)
			require.Equal(t, e.Allowed, len(e.Missing) == 0)
			return e.Access, e.Allowed
		}
		subject := session.Link{How: "subject", By: o.customer, Level: org.ReadAccess}
		links, allowed := why(carol, org.Read)
		require.True(t, allowed)
		require.Equal(t, []session.Link{subject}, links)
		for _, v := range []org.Verb{org.Update, org.Delete, org.ShareIt} {
			links, allowed = why(carol, v)
			require.False(t, allowed, v)
			require.Empty(t, links, v)
		}
		for _, s := range []*crm.Session{o.ofAlice, o.ofAll} {
			links, allowed = why(s, org.Read)
			require.True(t, allowed)
			require.NotContains(t, links, subject, "they may not read it for the subject's sake")
		}
		_, err := o.ofAll.Admin.Share(t.Context(), record.Ref{Kind: "document", ID: d.ID}, o.carol, org.EditAccess, time.Time{})
		require.NoError(t, err)
		links, allowed = why(carol, org.Read)
		require.True(t, allowed)
		require.Len(t, links, 2, "a share and the subject")
		require.Contains(t, links, subject)
		_, allowed = why(carol, org.Update)
		require.True(t, allowed)
	})
}

// clerk hires somebody with a role of one grant.
func clerk(t *testing.T, o *office, role string, grant org.Grant) schema.ID {
	t.Helper()
	r, err := o.ofAll.Admin.Roles.Create(t.Context(), &org.Role{Name: role, Grants: []org.Grant{grant}})
	require.NoError(t, err)
	e, err := o.ofAll.Admin.Employees.Create(t.Context(), &org.Employee{Name: role, Roles: []schema.ID{r.ID}})
	require.NoError(t, err)
	return e.ID
}

// TestHiddenFields keeps a role from a field of documents: no way shows it, and the subject
// opens none.
func TestHiddenFields(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, o := t.Context(), newOffice(t, app, document.Database{})
		d, err := o.ofAlice.Documents.Add(ctx, &document.Document{Title: "T", Keywords: "secret"}, upload("x"))
		require.NoError(t, err)
		about := o.about(t, o.customer, "x")
		role, err := o.ofAll.Admin.Roles.Create(ctx, &org.Role{Name: "temp", Fields: []org.FieldRule{{Kind: "document", Field: "keywords", Access: org.Hidden}},
			Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read}, Range: org.AllRange}, {Kind: "document", Verbs: []org.Verb{org.Read}}}})
		require.NoError(t, err)
		temp, err := o.ofAll.Admin.Employees.Create(ctx, &org.Employee{Name: "Temp", Roles: []schema.ID{role.ID}})
		require.NoError(t, err)
		_, err = o.ofAll.Admin.Share(ctx, record.Ref{Kind: "document", ID: d.ID}, temp.ID, org.ReadAccess, time.Time{})
		require.NoError(t, err)
		s := crmtest.As(t, app, temp.ID)
		got, err := s.Documents.Get(ctx, d.ID)
		require.NoError(t, err)
		require.Empty(t, got.Keywords)
		history, err := s.Documents.History(ctx, d.ID, query.Select{})
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprint(history.Items), "keywords")
		_, err = s.Documents.About(ctx, record.Ref{}, query.Select{Where: query.HasText("keywords", "secret")})
		require.ErrorIs(t, err, storage.ErrForbidden)
		require.NoError(t, second(s.Customers.Get(ctx, o.customer.ID)))
		require.ErrorIs(t, second(s.Documents.Get(ctx, about.ID)), storage.ErrNotFound)
	})
}

// TestHiddenAndAbsentLookAlike compares what somebody is told about a document that they
// may not read with what they are told about none.
func TestHiddenAndAbsentLookAlike(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		o := newOffice(t, app, document.Database{})
		d := o.about(t, o.customer, "first")
		absent := *d
		absent.ID = schema.NewID()
		for name, verb := range verbs {
			hidden, none := verb(t, o.ofBob, d), verb(t, o.ofBob, &absent)
			require.Equal(t, fault.CodeOf(none), fault.CodeOf(hidden), name)
			require.Equal(t, withoutID(t, none), withoutID(t, hidden), name)
		}
		hidden := second(o.ofBob.Documents.Add(t.Context(), &document.Document{Title: "T", SubjectKind: "customer", SubjectID: o.customer.ID}, upload("x")))
		none := second(o.ofBob.Documents.Add(t.Context(), &document.Document{Title: "T", SubjectKind: "customer", SubjectID: absent.ID}, upload("x")))
		require.ErrorIs(t, none, storage.ErrReferenced)
		require.Equal(t, withoutID(t, none), withoutID(t, hidden))
		for _, id := range []schema.ID{o.customer.ID, absent.ID} {
			page, err := o.ofBob.Documents.About(t.Context(), record.Ref{Kind: "customer", ID: id}, query.Select{})
			require.NoError(t, err)
			require.Empty(t, page.Items)
		}
	})
}

func withoutID(t *testing.T, err error) crm.Error {
	t.Helper()
	var e *crm.Error
	require.ErrorAs(t, err, &e)
	plain := *e
	plain.ID, plain.Err = "", nil
	return plain
}

// TestGetAndAboutAgree makes companies by chance, and compares what Get returns to each
// person with the rule, and with what the lists return.
func TestGetAndAboutAgree(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	tenant := 0
	rapid.Check(t, func(r *rapid.T) {
		tenant++
		agree(t, r, app.Tenant(fmt.Sprint("company ", tenant)))
	})
}

// TestGetAndAboutAgreeEverywhere does so with one company on every adapter.
func TestGetAndAboutAgreeEverywhere(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		tenant := 0
		rapid.Custom(func(r *rapid.T) bool {
			tenant++
			agree(t, r, app.Tenant(fmt.Sprint("company ", tenant)))
			return true
		}).Example(20261126)
	})
}

func agree(t *testing.T, r *rapid.T, app *crm.App) {
	ctx, sys := t.Context(), crmtest.System(t, app)
	var people []schema.ID
	for i := range 4 {
		above := schema.ID{}
		if i > 0 && rapid.Bool().Draw(r, "managed") {
			above = people[rapid.IntRange(0, i-1).Draw(r, "manager")]
		}
		people = append(people, crmtest.Hire(t, app, fmt.Sprint("Person ", i), above, schema.ID{}))
	}
	person := rapid.SampledFrom(people)
	subjects := []record.Ref{{}}
	for i := range 3 {
		c, err := sys.Customers.Create(ctx, &customer.Customer{Name: fmt.Sprint("Customer ", i), Owned: record.Owned{OwnerID: person.Draw(r, "owner")}})
		require.NoError(r, err)
		contact, err := sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Contact", CustomerID: c.ID})
		require.NoError(r, err)
		subjects = append(subjects, record.Ref{Kind: "customer", ID: c.ID}, record.Ref{Kind: "contact", ID: contact.ID})
		if rapid.Bool().Draw(r, "shared") {
			_, err = sys.Admin.Share(ctx, record.Ref{Kind: "customer", ID: c.ID}, person.Draw(r, "to"), org.ReadAccess, time.Time{})
			require.NoError(r, err)
		}
	}
	p, err := sys.Products.Create(ctx, &catalog.Product{Name: "Pump"})
	require.NoError(r, err)
	gone, err := sys.Customers.Create(ctx, &customer.Customer{Name: "Gone"})
	require.NoError(r, err)
	subjects = append(subjects, record.Ref{Kind: "product", ID: p.ID}, record.Ref{Kind: "customer", ID: gone.ID})
	subject := rapid.SampledFrom(subjects)

	var docs []*document.Document
	for range rapid.IntRange(1, 8).Draw(r, "documents") {
		about := subject.Draw(r, "subject")
		d, err := sys.Documents.Add(ctx, &document.Document{Title: "D", SubjectKind: about.Kind, SubjectID: about.ID,
			Owned: record.Owned{OwnerID: person.Draw(r, "owner")}}, upload("x"))
		require.NoError(r, err)
		docs = append(docs, d)
		subjects = append(subjects, record.Ref{Kind: "document", ID: d.ID})
		subject = rapid.SampledFrom(subjects)
		if rapid.Bool().Draw(r, "shared") {
			_, err = sys.Admin.Share(ctx, record.Ref{Kind: "document", ID: d.ID}, person.Draw(r, "to"), org.ReadAccess, time.Time{})
			require.NoError(r, err)
		}
	}
	require.NoError(r, sys.Customers.Delete(ctx, gone.ID, 0))

	for _, id := range people {
		s := crmtest.As(t, app, id)
		readable := func(ref record.Ref) bool {
			if ref.IsZero() {
				return false
			}
			_, err := s.Row(ctx, org.Read, s.Registry().Kind(ref.Kind), ref.ID)
			return err == nil
		}
		got := map[record.Ref][]schema.ID{}
		for _, d := range docs {
			_, err := s.Documents.Get(ctx, d.ID)
			own := readable(record.Ref{Kind: "document", ID: d.ID})
			require.Equal(r, own || readable(d.Subject()), err == nil, "get: %v", err)
			_, opened := read(ctx, s, d.ID, 0)
			require.Equal(r, err == nil, opened == nil, "open: %v", opened)
			if err == nil {
				got[d.Subject()] = append(got[d.Subject()], d.ID)
			} else {
				require.ErrorIs(r, err, storage.ErrNotFound)
			}
		}
		for _, about := range subjects {
			var listed []schema.ID
			for q := (query.Select{Limit: 2}); ; {
				page, err := s.Documents.About(ctx, about, q)
				require.NoError(r, err)
				for _, d := range page.Items {
					listed = append(listed, d.ID)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			require.Equal(r, sorted(got[about]), sorted(listed), "about %v", about)
		}
		for d, err := range s.Documents.All(ctx, query.Select{}) {
			require.NoError(r, err)
			require.Contains(r, got[d.Subject()], d.ID, "found, and not to be got")
		}
	}
}

func sorted(ids []schema.ID) []schema.ID {
	return slices.SortedFunc(slices.Values(ids), schema.ID.Compare)
}
