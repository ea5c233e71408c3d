package customer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/vcard"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ReadCards returns the cards of a file (名片) as a list of customers, to be imported like
// any other: its columns are named as the fields are. A card with a company is that company
// and the person a contact of it; one without is an individual. Of several addresses the
// preferred one counts, or else the first. Notes, pictures and what else a card may say have
// no place in a customer. A card of which something could not be read is a line that cannot
// be used.
func ReadCards(r io.Reader, o vcard.Options) sheet.Source { return &cards{vcard.Read(r, o)} }

type cards struct{ list iter.Seq2[vcard.Card, error] }

// personal are the fields that a card fills for the customer or for the contact, whoever is
// the person.
func personal() []string {
	return []string{"name", "given_name", "family_name", "birthday", "phone", "email"}
}

func (*cards) Header() []string {
	header := []string{"type", "website"}
	header = append(header, personal()...)
	for _, name := range append(personal(), "mobile", "title", "department") {
		header = append(header, "contact."+name)
	}
	for _, name := range []string{"kind", "country", "province", "city", "district", "street", "postcode"} {
		header = append(header, "address."+name)
	}
	return header
}

func (*cards) Close() error { return nil }

func (c *cards) Lines() iter.Seq2[sheet.Line, error] {
	return func(yield func(sheet.Line, error) bool) {
		for card, err := range c.list {
			line := sheet.Line{Number: card.Line, Err: card.Err}
			if err == nil {
				line.Cells = c.cells(&card)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

func (c *cards) cells(card *vcard.Card) []string {
	said := map[string]string{"type": string(Individual), "website": first(card.URLs)}
	person := ""
	if card.Organization != "" { // what sort of company it is, no card says
		said["type"], said["name"], person = "", card.Organization, "contact."
	}
	said[person+"name"] = card.DisplayName()
	if person != "" && card.DisplayName() == card.Organization {
		said[person+"name"] = "" // the card of a company
	}
	said[person+"given_name"], said[person+"family_name"] = card.Name.Given, card.Name.Family
	if _, err := schema.ParseDate(card.Birthday); err == nil {
		said[person+"birthday"] = card.Birthday
	}
	desk, mobile := phones(card)
	if person == "" {
		desk, mobile = cmp.Or(mobile, desk), ""
	}
	if said[person+"name"] == "" {
		person = "" // the company's own
	}
	said[person+"phone"], said[person+"email"] = desk, first(card.Emails)
	if person != "" {
		said["contact.mobile"], said["contact.title"] = mobile, card.Title
		if len(card.Units) > 0 {
			said["contact.department"] = card.Units[0]
		}
	}
	if at := slices.IndexFunc(card.Addresses, func(a vcard.Address) bool { return a.Preferred }); len(card.Addresses) > 0 {
		a := card.Addresses[max(at, 0)]
		said["address.kind"] = Office
		if slices.Contains(a.Types, "home") {
			said["address.kind"] = Home
		}
		said["address.country"], said["address.province"], said["address.city"] = a.Country, a.Region, a.City
		said["address.district"], said["address.street"], said["address.postcode"] = a.Extended, a.Street, a.Postcode
	}
	header := c.Header()
	cells := make([]string, len(header))
	for i, name := range header {
		cells[i] = said[name]
	}
	return cells
}

// first returns the preferred value, or else the first.
func first(values []vcard.Value) string {
	for _, v := range values {
		if v.Preferred {
			return v.Value
		}
	}
	if len(values) > 0 {
		return values[0].Value
	}
	return ""
}

// phones returns the number at the desk, or at home, and that of the mobile phone.
func phones(card *vcard.Card) (desk, mobile string) {
	var at, along []vcard.Value
	for _, v := range card.Phones {
		switch {
		case slices.Contains(v.Types, "cell") || slices.Contains(v.Types, "iphone"):
			along = append(along, v)
		case !slices.Contains(v.Types, "fax"):
			at = append(at, v)
		}
	}
	return first(at), first(along)
}

// WriteCards writes a card for each contact that a query finds, with the customer as the
// company and where it is, and returns their number. ReadCards reads the same of it. The
// actor needs the right to export contacts.
func (m Module) WriteCards(ctx context.Context, q query.Select, w io.Writer) (int64, error) {
	n := int64(0)
	for page, err := range pages(ctx, m.s, Contacts, m.s.Registry().Kind(Contacts.Name()), q) {
		if err != nil {
			return n, err
		}
		ids := make([]schema.ID, len(page))
		for i, c := range page {
			ids[i] = c.CustomerID
		}
		companies := map[schema.ID]Customer{}
		for c, err := range m.All(ctx, query.Select{Where: query.In("id", ids...)}) {
			if err != nil {
				return n, err
			}
			companies[c.ID] = c
		}
		places, err := m.places(ctx, ids)
		if err != nil {
			return n, err
		}
		for _, c := range page {
			company := companies[c.CustomerID]
			card := vcard.Card{FormattedName: c.Name, Organization: company.Name, Title: c.Title, Addresses: onCards(places[company.ID], company.Type)}
			card.URLs = values(card.URLs, company.Website)
			if c.Department != "" {
				card.Units = []string{c.Department}
			}
			c.Person.onCard(&card)
			card.Phones = values(card.Phones, c.Phone, "work")
			card.Phones = values(card.Phones, c.Mobile, "cell")
			card.Emails = values(card.Emails, c.Email, "work")
			if err := write(w, card, &n); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// WriteCustomerCards writes a card for each customer that a query finds, a person's for an
// individual and a company's for any other, with the address, and returns their number.
// ReadCards reads the same of it. The actor needs the right to export customers.
func (m Module) WriteCustomerCards(ctx context.Context, q query.Select, w io.Writer) (int64, error) {
	n := int64(0)
	for page, err := range m.outgoing(ctx, q) {
		if err != nil {
			return n, err
		}
		ids := make([]schema.ID, len(page))
		for i, c := range page {
			ids[i] = c.ID
		}
		places, err := m.places(ctx, ids)
		if err != nil {
			return n, err
		}
		for _, c := range page {
			card := vcard.Card{FormattedName: c.Name, Addresses: onCards(places[c.ID], c.Type)}
			if c.Type == Individual {
				c.Person.onCard(&card)
			} else {
				card.Organization = c.Name
			}
			card.Phones = values(card.Phones, c.Phone)
			card.Emails = values(card.Emails, c.Email)
			card.URLs = values(card.URLs, c.Website)
			if err := write(w, card, &n); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// places returns the offices and homes of customers that are the default there, as a card
// knows no other kinds.
func (m Module) places(ctx context.Context, customers []schema.ID) (map[schema.ID][]Address, error) {
	of := map[schema.ID][]Address{}
	where := query.All(query.In("customer_id", customers...), query.In("kind", Office, Home), query.Eq("is_default", true))
	for a, err := range m.Addresses.All(ctx, query.Select{Where: where}) {
		if err != nil {
			return nil, err
		}
		of[a.CustomerID] = append(of[a.CustomerID], a)
	}
	return of, nil
}

// onCards returns addresses as a card has them. It prefers the office, and of an individual
// the home.
func onCards(list []Address, of Type) []vcard.Address {
	types, preferred := map[string]string{Office: "work", Home: "home"}, Office
	if of == Individual {
		preferred = Home
	}
	var out []vcard.Address
	for _, a := range list {
		out = append(out, vcard.Address{Extended: a.District, Street: a.Street, City: a.City, Region: a.Province, Postcode: a.Postcode, Country: a.Country,
			Types: []string{types[a.Kind]}, Preferred: a.Kind == preferred})
	}
	return out
}

func (p *Person) onCard(card *vcard.Card) {
	card.Name.Given, card.Name.Family = p.GivenName, p.FamilyName
	if !p.Birthday.IsZero() {
		card.Birthday = p.Birthday.String()
	}
}

func values(list []vcard.Value, v string, types ...string) []vcard.Value {
	if v == "" {
		return list
	}
	return append(list, vcard.Value{Value: v, Types: types})
}

// write writes a card. A record whose name is hidden from the actor has none.
func write(w io.Writer, card vcard.Card, n *int64) error {
	err := vcard.Write(w, card)
	if errors.Is(err, storage.ErrInvalid) {
		return nil
	}
	if err == nil {
		*n++
	}
	return err
}
