package crm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// asked is why people are erased in these tests.
var asked = privacy.Options{Reason: "asked by letter"}

// persons are the ways in which somebody is a person.
var persons = map[string]func(b *biography, t *testing.T){"contact": (*biography).contact, "individual": (*biography).individual}

func eachPerson(t *testing.T, test func(t *testing.T, b *biography)) {
	t.Helper()
	for name, live := range persons {
		t.Run(name, func(t *testing.T) {
			crmtest.Apps(t, func(t *testing.T, app *crm.App) {
				b := newBiography(t, app, everything)
				live(b, t)
				test(t, b)
			}, planted(t)...)
		})
	}
}

// told returns what Data writes, decoded.
func told(t *testing.T, s *crm.Session, of record.Ref) (data struct {
	Kind     string
	ID       schema.ID
	Records  []struct{ Kind string }
	Journal  []struct{ Event string }
	Withheld map[string]int64
}, text string,
) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, s.Privacy.Data(t.Context(), of, &out))
	require.NoError(t, json.Unmarshal(out.Bytes(), &data), out.String())
	return data, out.String()
}

func TestEveryMarkOfAPersonIsToldAndErased(t *testing.T) {
	eachPerson(t, func(t *testing.T, b *biography) {
		require.NotEmpty(t, b.found(t), "or nothing is shown by their absence")
		b.requireTold(t)
		b.requireErased(t)
	})
}

// TestRandomPersonsAreErased does it for persons who have some of what one can have.
func TestRandomPersonsAreErased(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		rapid.Check(t, func(r *rapid.T) {
			b := newBiography(t, app.Tenant(unique()), func(what string) bool { return rapid.Bool().Draw(r, what) })
			persons[rapid.SampledFrom([]string{"contact", "individual"}).Draw(r, "kind")](b, t)
			b.requireTold(t)
			b.requireErased(t)
		})
	}, planted(t)...)
}

// requireTold requires that what is handed out holds every mark.
func (b *biography) requireTold(t *testing.T) {
	t.Helper()
	before := dump(t, b.app)
	data, text := told(t, b.s, b.person)
	require.Equal(t, b.person.ID, data.ID)
	require.Empty(t, data.Withheld)
	for _, mark := range b.marks {
		require.Contains(t, text, mark)
	}
	if !b.deal.IsZero() {
		require.Contains(t, text, b.deal.String())
	}
	if !b.file.IsZero() {
		require.Contains(t, text, b.file.String())
	}
	_, again := told(t, b.s, b.person)
	_, text, _ = strings.Cut(text, "records")
	_, again, _ = strings.Cut(again, "records")
	require.Equal(t, text, again, "in the same order")
	after := dump(t, b.app)
	for _, kind := range []string{"journal_entry", "outbox"} {
		n := len(before[kind])
		require.Equal(t, before[kind], after[kind][:n])
		require.Len(t, after[kind], n+2, "each time the journal tells that it went out")
		delete(before, kind)
		delete(after, kind)
	}
	require.Equal(t, before, after)
}

// requireErased erases the person and requires that nothing is left of the marks, and all
// else.
func (b *biography) requireErased(t *testing.T) *privacy.Erasure {
	t.Helper()
	before, outs := sizes(t, b.app), b.optOuts(t)
	kept := content(t, b.app)
	done := must(b.s.Privacy.Erase(t.Context(), b.person, asked))(t)
	require.Empty(t, b.found(t))
	requireSound(t, b.app)

	after := sizes(t, b.app)
	for _, kind := range []string{"journal_entry", "outbox", "turn", "erasure", "erased_key", "match_key"} {
		delete(before, kind)
		delete(after, kind)
	}
	require.Equal(t, before, after, "nothing is gone")
	require.Equal(t, outs, b.optOuts(t), "who has opted out has opted out")
	now := content(t, b.app)
	for _, kind := range []string{"opportunity", "stage_log", "document", "document_revision", "share", "tombstone"} {
		require.Equal(t, kept[kind], now[kind], kind)
	}
	if b.file.IsZero() {
		require.Empty(t, done.Documents)
	} else {
		require.Equal(t, []schema.ID{b.file}, done.Documents)
	}
	b.requireBlank(t, done.Erasure.Pseudonym)
	return done.Erasure
}

// requireBlank requires that the person's personal fields hold nothing.
func (b *biography) requireBlank(t *testing.T, pseudonym string) {
	t.Helper()
	k := b.s.Registry().Kind(b.person.Kind)
	row := must(b.s.Row(t.Context(), org.Read, k, b.person.ID))(t)
	for _, f := range k.Columns() {
		switch {
		case f.Name == "name":
			require.Equal(t, pseudonym, row[f.Position])
		case f.Personal, f.Name == "custom":
			require.Equal(t, f.Absent(), row[f.Position], f.Name)
		case f.Of != nil && f.Of.Name == "name":
			require.Equal(t, schema.Fold(pseudonym), row[f.Position])
		}
	}
}

func TestTheJournalTellsWhoWhenAndWhich(t *testing.T) {
	eachPerson(t, func(t *testing.T, b *biography) {
		history := func() []string {
			var lines []string
			k := b.s.Registry().Kind(b.person.Kind)
			for _, e := range must(b.s.Told(t.Context(), k, query.Select{Where: query.Eq("record_id", b.person.ID), Sort: query.By("record_version"), Limit: 100}))(t).Items {
				for _, ch := range e.Changes {
					lines = append(lines, fmt.Sprint(e.At, e.Actor, e.ActorID, e.Event, ch.Field))
				}
			}
			return lines
		}
		before := history()
		must(b.s.Privacy.Erase(t.Context(), b.person, asked))(t)
		after := history()
		require.Equal(t, before, after[:len(before)])
		require.Contains(t, after[len(after)-1], b.person.Kind+".erased")
		entry := must(crmtest.System(t, b.app).Privacy.Erasures.Find(t.Context(), query.Select{}))(t).Items
		require.Len(t, entry, 1)
		for _, mark := range b.marks {
			require.NotContains(t, fmt.Sprint(entry[0]), mark)
		}
	})
}

// TestNoUndoBringsBackWhoWasErased undoes what can be undone.
func TestNoUndoBringsBackWhoWasErased(t *testing.T) {
	eachPerson(t, func(t *testing.T, b *biography) {
		done := b.requireErased(t)
		before := content(t, b.app)
		_, err := b.s.Customers.Unmerge(t.Context(), b.merged)
		requireCode(t, err, storage.Precondition)
		require.Equal(t, before, content(t, b.app))
		left, err := b.s.Privacy.Erase(t.Context(), record.Ref{Kind: b.person.Kind, ID: b.loser}, asked)
		require.NoError(t, err, "the loser is the winner")
		require.Equal(t, done.ID, left.Erasure.ID)
	})
}

// TestAMergeThatMovedAnErasedContactIsUndone: the company's merge is not the person's.
func TestAMergeThatMovedAnErasedContactIsUndone(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBiography(t, app, func(what string) bool { return what != "a double" })
		b.contact(t)
		same := &customer.Relation{CustomerID: b.company, FromContactID: b.person.ID, ToCustomerID: b.company, Kind: customer.Referred}
		b.fill(customer.Relations.Kind, same)
		must(b.s.Customers.Relations.Create(t.Context(), same))(t)
		merged := must(b.s.Customers.Merge(t.Context(), merge.Request{Winner: b.company, Losers: []schema.ID{b.elsewhere}}))(t)
		b.requireErased(t)
		undone := must(b.s.Customers.Unmerge(t.Context(), merged.Merge.ID))(t)
		require.Empty(t, b.found(t))
		requireSound(t, app)
		require.Len(t, undone.Left, 1, "a relation was given up, and can't come back")
		require.Equal(t, b.company, must(b.s.Customers.Contacts.Get(t.Context(), b.person.ID))(t).CustomerID)
	}, planted(t)...)
}

func TestAHandoverOfAnErasedPersonIsUndone(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBiography(t, app, everything)
		b.individual(t)
		job := b.handover(t)
		must(b.s.Admin.PreviewHandover(t.Context(), job))(t)
		must(b.s.Admin.ExecuteHandover(t.Context(), job))(t)
		b.requireErased(t)
		must(b.s.Admin.UndoHandover(t.Context(), job))(t)
		require.Empty(t, b.found(t))
	}, planted(t)...)
}

func TestErasingTwice(t *testing.T) {
	eachPerson(t, func(t *testing.T, b *biography) {
		first := b.requireErased(t)
		before := dump(t, b.app)
		again := must(b.s.Privacy.Erase(t.Context(), b.person, asked))(t)
		require.Equal(t, first.ID, again.Erasure.ID)
		require.Equal(t, before["erasure"], dump(t, b.app)["erasure"])
		require.Equal(t, before["journal_entry"], dump(t, b.app)["journal_entry"])

		// Somebody has typed something in again.
		if b.person.Kind == "contact" {
			must(b.s.Customers.Contacts.Edit(t.Context(), b.person.ID, func(c *customer.Contact) error { c.Hobbies = b.mark(); return nil }))(t)
		} else {
			must(b.s.Customers.Edit(t.Context(), b.person.ID, func(c *customer.Customer) error { c.Hobbies = b.mark(); return nil }))(t)
		}
		second := must(b.s.Privacy.Erase(t.Context(), b.person, asked))(t)
		require.NotEqual(t, first.ID, second.Erasure.ID)
		require.Equal(t, first.Pseudonym, second.Erasure.Pseudonym)
		require.Empty(t, b.found(t))
	})
}

func TestTwoEraseAtOnce(t *testing.T) {
	eachPerson(t, func(t *testing.T, b *biography) {
		errs := together(2, func(int) error {
			s, err := b.app.System("erasing")
			if err != nil {
				return err
			}
			_, err = s.Privacy.Erase(t.Context(), b.person, asked)
			return err
		})
		require.GreaterOrEqual(t, succeeded(errs), 1)
		for _, err := range errs {
			require.True(t, err == nil || codeIs(err, storage.Retry), "%v", err)
		}
		require.Empty(t, b.found(t))
		require.Len(t, must(b.s.Privacy.Erasures.Find(t.Context(), query.Select{}))(t).Items, 1)
	})
}

func TestRemoving(t *testing.T) {
	remove := privacy.Options{Reason: "asked by letter", Remove: true}
	eachPerson(t, func(t *testing.T, b *biography) {
		ctx := t.Context()
		if b.person.Kind == "customer" {
			before := dump(t, b.app)
			_, err := b.s.Privacy.Erase(ctx, b.person, remove)
			requireCode(t, err, storage.Referenced)
			require.Equal(t, before, dump(t, b.app), "a deal and a subsidiary need the person, and nothing was done")
			must(b.s.Customers.Edit(ctx, b.elsewhere, func(c *customer.Customer) error { c.ParentID = schema.ID{}; return nil }))(t)
			must(b.s.Opportunities.Edit(ctx, b.deal, func(o *opportunity.Opportunity) error { o.CustomerID = schema.ID{}; return nil }))(t)
		}
		done := must(b.s.Privacy.Erase(ctx, b.person, remove))(t)
		require.True(t, done.Erasure.Removed)
		require.Empty(t, b.found(t))
		requireSound(t, b.app)
		after := content(t, b.app)
		for _, kind := range []string{"relation", "consent_entry"} {
			require.Empty(t, after[kind], kind)
		}
		require.Zero(t, sizes(t, b.app)["consent"])
		require.Empty(t, after["contact"])
		require.Len(t, after["document"], 1, "the file is there, and was named")
		require.Equal(t, []schema.ID{b.file}, done.Documents)
		_, err := b.s.Privacy.Erase(ctx, b.person, remove)
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = b.s.Customers.Unmerge(ctx, b.merged)
		require.Error(t, err)
	})
}

func TestASealedIndividualIsErased(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBiography(t, app, everything)
		b.individual(t)
		must(b.s.Customers.Seal(t.Context(), b.person.ID, "has left"))(t)
		b.requireErased(t)
		require.Equal(t, customer.Sealed, must(b.s.Customers.Get(t.Context(), b.person.ID))(t).Standing)
		_, err := session.Of(b.s.Session, customer.Customers).EditAs(t.Context(), org.Update, "customer.edited", b.person.ID, 0, func(c *customer.Customer) error { c.Name = "X"; return nil })
		requireCode(t, err, storage.Precondition)
	}, planted(t)...)
}

// mayErase gives somebody the right to verbs on erasures, and all that the default role has.
func (w *firm) mayErase(t *testing.T, who schema.ID, verbs ...org.Verb) *crm.Session {
	t.Helper()
	sys := crmtest.System(t, w.app)
	grants := []org.Grant{{Kind: "erasure", Verbs: verbs}}
	for _, k := range crm.Kinds() {
		if k.Name() != "erasure" {
			grants = append(grants, org.DefaultGrants(k)...)
		}
	}
	role := must(sys.Admin.Roles.Create(t.Context(), &org.Role{Name: unique(), Grants: grants}))(t)
	must(sys.Admin.Employees.Edit(t.Context(), who, func(e *org.Employee) error { e.Roles = []schema.ID{role.ID}; return nil }))(t)
	return crmtest.As(t, w.app, who)
}

func TestErasingNeedsRights(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		w := newFirm(t, app)
		hers, _ := w.contacts(t)
		her := record.Ref{Kind: "contact", ID: hers}
		company := record.Ref{Kind: "customer", ID: w.customer(t).ID}
		refused := func(s *crm.Session, of record.Ref, o privacy.Options, code storage.Code) {
			t.Helper()
			before := dump(t, app)
			_, err := s.Privacy.Erase(ctx, of, o)
			requireCode(t, err, code)
			require.Equal(t, before, dump(t, app))
		}
		sys := crmtest.System(t, app)
		refused(w.as(t), her, asked, storage.Forbidden) // her owner, without the right to erase
		eve := w.mayErase(t, crmtest.Hire(t, app, "Eve", schema.ID{}, schema.ID{}), org.Create)
		refused(eve, her, asked, storage.NotFound)
		must(sys.Admin.Share(ctx, company, eve.Actor().Employee, org.EditAccess, sys.Now().AddDate(1, 0, 0)))(t)
		contact := must(sys.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: company.ID, Name: "Wu"}))(t)
		refused(eve, record.Ref{Kind: "contact", ID: contact.ID}, asked, storage.Forbidden) // may edit, and not delete
		other := crmtest.System(t, app.Tenant("other"))
		refused(other, her, asked, storage.NotFound)
		refused(sys, record.Ref{Kind: "contact"}, asked, storage.NotFound)
		refused(sys, company, asked, storage.Invalid)
		refused(sys, record.Ref{Kind: "opportunity", ID: hers}, asked, storage.Invalid)
		refused(sys, record.Ref{Kind: "unicorn", ID: hers}, asked, storage.Invalid)
		refused(sys, her, privacy.Options{Reason: " "}, storage.Invalid)
		refused(sys, her, privacy.Options{Reason: strings.Repeat("x", 2000)}, storage.Invalid)

		var out bytes.Buffer
		requireCode(t, w.as(t).Privacy.Data(ctx, her, &out), storage.Forbidden)
		requireCode(t, eve.Privacy.Data(ctx, her, &out), storage.NotFound)
		requireCode(t, other.Privacy.Data(ctx, her, &out), storage.NotFound)
		requireCode(t, sys.Privacy.Data(ctx, company, &out), storage.Invalid)
		require.Empty(t, out.String())

		alice := w.mayErase(t, w.alice, org.Read, org.Create)
		done := must(alice.Privacy.Erase(ctx, her, asked))(t)
		require.Equal(t, w.alice, done.Erasure.CreatedBy)
		_, err := alice.Privacy.Readmit(ctx, done.Erasure.ID, "back")
		requireCode(t, err, storage.Forbidden)
		_, err = eve.Privacy.Readmit(ctx, done.Erasure.ID, "back")
		require.Error(t, err)
		_, err = other.Privacy.Readmit(ctx, done.Erasure.ID, "back")
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = sys.Privacy.Readmit(ctx, done.Erasure.ID, "")
		requireCode(t, err, storage.Invalid)
		for _, s := range []*crm.Session{alice, sys} { // by hand
			_, err = s.Privacy.Erasures.Create(ctx, &privacy.Erasure{Kind: "contact", PersonID: hers})
			requireCode(t, err, storage.Precondition, storage.Invalid)
			err = s.Privacy.Erasures.Delete(ctx, done.Erasure.ID, 0)
			requireCode(t, err, storage.Precondition, storage.Forbidden)
		}
		bob := w.mayErase(t, w.boss, org.Read, org.Update)
		readmitted := must(bob.Privacy.Readmit(ctx, done.Erasure.ID, "back"))(t)
		require.Equal(t, []any{privacy.Readmitted, "back", w.boss}, []any{readmitted.State, readmitted.ReadmitReason, readmitted.UpdatedBy})
		_, err = bob.Privacy.Readmit(ctx, done.Erasure.ID, "back")
		requireCode(t, err, storage.Precondition)
		require.Equal(t, "erasure.readmitted", must(sys.Privacy.Erasures.History(ctx, done.Erasure.ID, query.Select{}))(t).Items[0].Event)
		require.Zero(t, sizes(t, app)["erased_key"])
	})
}

// TestWhatOneMayNotReadIsWithheld hands out to somebody who may not read everything.
func TestWhatOneMayNotReadIsWithheld(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		b := newBiography(t, app, everything)
		b.individual(t)
		sys := crmtest.System(t, app)
		var grants []org.Grant
		for _, k := range crm.Kinds() {
			if k.Name() != "address" {
				grants = append(grants, org.DefaultGrants(k)...)
			}
		}
		grants = append(grants, org.Grant{Kind: "customer", Verbs: []org.Verb{org.Export}})
		role := must(sys.Admin.Roles.Create(t.Context(), &org.Role{Name: "export", Grants: grants, Fields: []org.FieldRule{{Kind: "customer", Field: "tax_id", Access: org.Hidden}}}))(t)
		must(sys.Admin.Employees.Edit(t.Context(), b.alice, func(e *org.Employee) error { e.Roles = []schema.ID{role.ID}; return nil }))(t)
		full, _ := told(t, b.s, b.person)
		hers, text := told(t, b.as(t), b.person)
		count := func(kinds []struct{ Kind string }) map[string]int64 {
			n := map[string]int64{}
			for _, r := range kinds {
				n[r.Kind]++
			}
			return n
		}
		all, seen := count(full.Records), count(hers.Records)
		require.NotZero(t, hers.Withheld["address"])
		require.NotZero(t, hers.Withheld["relation"], "those of a customer that she does not see")
		for kind, n := range all {
			require.Equal(t, n, seen[kind]+hers.Withheld[kind], kind)
		}
		require.Equal(t, int64(1), seen["document"], "about what she may read")
		require.NotContains(t, text, `"tax_id"`)
	}, planted(t)...)
}

// TestSomebodyHasDecidedWhatIsPersonal names the texts and dates of persons and their parts
// that say nothing about who they are, so that whoever adds a field decides.
func TestSomebodyHasDecidedWhatIsPersonal(t *testing.T) {
	impersonal := map[string][]string{
		"customer": {"code", "type", "status", "standing", "trading_since", "state_reason", "last_contact_on", "source", "value", "industry",
			"relation_level", "region", "importance", "country", "preferred_channel", "language", "pool_reason", "quiet_since", "reserved_until"},
		"contact":       {"role", "attitude", "relation_level", "preferred_channel", "language"},
		"address":       {"kind", "country", "province", "city", "district"},
		"teammate":      {"role"},
		"relation":      {"kind", "ends"},
		"consent":       {"channel", "purpose", "state"},
		"consent_entry": {"channel", "purpose", "state", "source"},
		"pool_stay":     {"came_by", "left_by", "reason"},
	}
	registry := must(schema.NewRegistry(crm.Kinds()))(t)
	people := map[string]bool{"customer": true, "contact": true}
	for _, k := range registry.Kinds() {
		whole := k.Whole()
		if !people[k.Name()] && (whole == nil || !people[whole.ToName]) {
			continue
		}
		var undecided []string
		for _, f := range k.Columns() {
			if !f.Derived() && (f.Type == schema.TypeText || f.Type == schema.TypeDate) && !f.Personal {
				undecided = append(undecided, f.Name)
			}
		}
		slices.Sort(undecided)
		known := impersonal[k.Name()]
		slices.Sort(known)
		require.Equal(t, known, undecided, "%s: does it say something about a person? tag it personal, or name it here", k.Name())
		require.Equal(t, reflect.Struct, k.GoType().Kind())
	}
}
