package crm_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// planted returns the options of a program in which people have custom fields.
func planted(t *testing.T) []crm.Option {
	options := []crm.Option{matching(t)}
	for _, kind := range []string{"customer", "contact", "address", "relation", "consent_entry", "teammate"} {
		options = append(options, crm.WithCustomFields(kind, schema.CustomField{Name: "club", Type: schema.TypeText}))
	}
	return options
}

// biography is a person with what can belong to them, a mark in every field that says
// something about them.
type biography struct {
	*firm
	s *crm.Session
	// has says whether the person has something.
	has func(what string) bool
	n   int
	// marks are what must be gone, gone those that were deleted before, of which only
	// histories tell.
	marks []string

	person    record.Ref
	company   schema.ID // whose contact the person is
	elsewhere schema.ID // another customer
	merged    schema.ID // the merge, where there was one
	loser     schema.ID
	deal      schema.ID
	file      schema.ID
}

func everything(string) bool { return true }

func newBiography(t *testing.T, app *crm.App, has func(string) bool) *biography {
	t.Helper()
	b := &biography{firm: newFirm(t, app), s: crmtest.System(t, app), has: has}
	b.company = must(b.s.Customers.Create(t.Context(), &customer.Customer{Name: "Works " + unique()}))(t).ID
	b.elsewhere = must(b.s.Customers.Create(t.Context(), &customer.Customer{Name: "Elsewhere " + unique()}))(t).ID
	return b
}

// mark returns a text that stands nowhere else.
func (b *biography) mark() string {
	b.n++
	text := fmt.Sprintf("zq%dqz", b.n)
	b.marks = append(b.marks, text)
	return text
}

// fill marks every personal field of a record, and its custom field.
func (b *biography) fill(k *schema.Kind, v any) {
	at := reflect.ValueOf(v).Elem()
	for _, f := range k.Columns() {
		if !f.Personal {
			continue
		}
		field := at.FieldByIndex(f.Index)
		switch f.Name {
		case "gender":
			field.SetString(string(customer.Female))
		case "email":
			field.SetString(b.mark() + "@mail.example")
		case "phone", "mobile", "assistant_phone":
			b.n++
			number := fmt.Sprintf("1390%07d", b.n)
			b.marks = append(b.marks, number)
			field.SetString("+86 " + number)
		case "birthday":
			b.n++
			on := schema.NewDate(1931, 1, 1).AddDays(b.n)
			b.marks = append(b.marks, on.String())
			field.Set(reflect.ValueOf(on))
		default:
			field.SetString(b.mark())
		}
	}
	v.(record.Holder).Header().Custom = schema.Values{"club": b.mark()}
}

// contact makes the person a contact.
func (b *biography) contact(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), b.s
	c := &customer.Contact{CustomerID: b.company, Role: customer.DecisionMaker}
	b.fill(customer.Contacts.Kind, c)
	c = must(s.Customers.Contacts.Create(ctx, c))(t)
	b.person = record.Ref{Kind: "contact", ID: c.ID}
	if b.has("a past") {
		must(s.Customers.Contacts.Edit(ctx, c.ID, func(c *customer.Contact) error { b.fill(customer.Contacts.Kind, c); return nil }))(t)
	}
	b.knows(t, b.company, c.ID)
	if b.has("a double") {
		other := &customer.Contact{CustomerID: b.company}
		b.fill(customer.Contacts.Kind, other)
		b.loser = must(s.Customers.Contacts.Create(ctx, other))(t).ID
		b.knows(t, b.company, b.loser)
		done := must(s.Customers.MergeContacts(ctx, merge.Request{Winner: c.ID, Losers: []schema.ID{b.loser}}))(t)
		b.merged = done.Merge.ID
	}
	b.about(t)
}

// individual makes the person a customer.
func (b *biography) individual(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), b.s
	alone := func() schema.ID {
		c := &customer.Customer{Type: customer.Individual, Source: "fair"}
		b.fill(customer.Customers.Kind, c)
		c = must(crmtest.As(t, b.app, b.alice).Customers.Create(ctx, c))(t)
		if b.has("contacts") {
			for range 2 {
				p := &customer.Contact{CustomerID: c.ID}
				b.fill(customer.Contacts.Kind, p)
				p = must(s.Customers.Contacts.Create(ctx, p))(t)
				b.knows(t, c.ID, p.ID)
			}
		}
		if b.has("addresses") {
			for i, kind := range []string{customer.Home, customer.Billing} {
				a := &customer.Address{CustomerID: c.ID, Kind: kind, City: "Xiamen"}
				b.fill(customer.Addresses.Kind, a)
				a = must(s.Customers.Addresses.Create(ctx, a))(t)
				if i == 1 && b.has("moved out") {
					require.NoError(t, s.Customers.Addresses.Delete(ctx, a.ID, 0))
				}
			}
		}
		b.knows(t, c.ID, schema.ID{})
		return c.ID
	}
	id := alone()
	b.person = record.Ref{Kind: "customer", ID: id}
	if b.has("a team") {
		mate := &customer.Teammate{CustomerID: id, EmployeeID: b.boss, Level: org.ReadAccess}
		b.fill(customer.Teammates.Kind, mate)
		must(s.Customers.Team.Create(ctx, mate))(t)
	}
	if b.has("a deal") {
		deal := b.firm.deal()
		deal.CustomerID = id
		b.deal = must(s.Opportunities.Create(ctx, deal))(t).ID
	}
	if b.has("a double") {
		b.loser = alone()
		done := must(s.Customers.Merge(ctx, merge.Request{Winner: id, Losers: []schema.ID{b.loser}, Take: map[string]schema.ID{"tax_id": id}}))(t)
		b.merged = done.Merge.ID
	}
	if b.has("a firm") {
		must(s.Customers.Edit(ctx, b.elsewhere, func(c *customer.Customer) error { c.ParentID = id; return nil }))(t)
	}
	b.about(t)
}

// knows gives a customer or a contact of one relations and consents.
func (b *biography) knows(t *testing.T, of, contact schema.ID) {
	t.Helper()
	ctx, s := t.Context(), b.s
	for i, r := range []*customer.Relation{
		{CustomerID: of, FromContactID: contact, ToCustomerID: b.elsewhere, Kind: customer.Referred},
		{CustomerID: b.elsewhere, ToCustomerID: of, ToContactID: contact, Kind: customer.Influences},
		{CustomerID: b.elsewhere, ToCustomerID: of, ToContactID: contact, Kind: customer.Friend},
	} {
		if !b.has("relations") {
			continue
		}
		b.fill(customer.Relations.Kind, r)
		r = must(s.Customers.Relations.Create(ctx, r))(t)
		if i == 2 {
			require.NoError(t, s.Customers.Relations.Delete(ctx, r.ID, 0))
		}
	}
	for i, state := range []customer.ConsentState{customer.ConsentGiven, customer.ConsentWithdrawn} {
		if !b.has("consents") {
			continue
		}
		e := &customer.ConsentEntry{CustomerID: of, ContactID: contact, Channel: customer.Email, Purpose: customer.ForMarketing, State: state, At: time.Date(2026, 1, i+1, 0, 0, 0, 0, time.UTC)}
		b.fill(customer.ConsentEntries.Kind, e)
		must(s.Customers.RecordConsent(ctx, e))(t)
	}
}

// about adds a file about the person.
func (b *biography) about(t *testing.T) {
	t.Helper()
	if b.has("a file") {
		b.file = must(b.s.Documents.Add(t.Context(), &document.Document{Title: "Contract", SubjectKind: b.person.Kind, SubjectID: b.person.ID}, upload("x")))(t).ID
	}
}

// found returns where marks are stored, in any row of any kind.
func (b *biography) found(t *testing.T) []string {
	t.Helper()
	var places []string
	for kind, rows := range dump(t, b.app) {
		for _, row := range rows {
			for _, mark := range b.marks {
				if strings.Contains(strings.ToLower(row), mark) {
					places = append(places, kind+": "+mark+" in "+row)
				}
			}
		}
	}
	slices.Sort(places)
	return places
}

// optOuts returns whether the person, and the parts of them that are contacts, have
// withdrawn something.
func (b *biography) optOuts(t *testing.T) int {
	t.Helper()
	n := 0
	for _, err := range b.s.Customers.Consents.All(t.Context(), query.Select{Where: query.Eq("state", customer.ConsentWithdrawn)}) {
		require.NoError(t, err)
		n++
	}
	return n
}

// TestErasingCostsWhatThePersonHas: what others have deleted is not read.
func TestErasingCostsWhatThePersonHas(t *testing.T) {
	ctx := t.Context()
	store, calls := crmtest.Counted(memory.Open())
	s := crmtest.System(t, crmtest.Open(t, store))
	company := must(s.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t).ID
	cost := func() int {
		her := must(s.Customers.Create(ctx, &customer.Customer{Name: "Li", Type: customer.Individual}))(t).ID
		contact := must(s.Customers.Contacts.Create(ctx, &customer.Contact{CustomerID: her, Name: "Li"}))(t)
		known := must(s.Customers.Relations.Create(ctx, &customer.Relation{CustomerID: company, ToCustomerID: her, ToContactID: contact.ID, Kind: customer.Referred}))(t)
		require.NoError(t, s.Customers.Relations.Delete(ctx, known.ID, 0))
		calls()
		must(s.Privacy.Erase(ctx, record.Ref{Kind: "customer", ID: her}, asked))(t)
		return calls()
	}
	before := cost()
	others := make([]*customer.Contact, 2*query.MaxLimit+1)
	ids := make([]schema.ID, len(others))
	for i := range others {
		ids[i] = s.Tenant().NewID()
		others[i] = &customer.Contact{Meta: record.Meta{ID: ids[i]}, CustomerID: company, Name: "Other"}
	}
	must(s.Customers.Contacts.CreateMany(ctx, "", others...))(t)
	require.NoError(t, s.Customers.Contacts.DeleteMany(ctx, ids...))
	require.Equal(t, before, cost())
}
