package customer

import (
	"cmp"
	"context"
	"iter"
	"strings"
	"unicode"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Letter is what is needed to write to a customer (通讯地址).
type Letter struct {
	Customer Customer
	// Address is the customer's default of the kind that was asked for.
	Address Address
	// Contact is the primary contact, nil for none who is still there.
	Contact *Contact
}

// Label returns what stands on the letter. It is for the addressee that the address names,
// or else for the primary contact.
func (l Letter) Label() label.Address {
	out := label.Address{Postcode: l.Address.Postcode, Address: l.Address.Text(), Name: l.Customer.Name, Contact: l.Address.Addressee}
	if l.Contact != nil && out.Contact == "" {
		out.Department, out.Contact = l.Contact.Department, l.Contact.Name
	}
	return out
}

// Text returns where the place is: from the largest to the smallest in one line where it is
// written in Chinese, and from the smallest to the largest, in lines, elsewhere.
func (a *Address) Text() string {
	if strings.ContainsFunc(a.Province+a.City+a.District+a.Street, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return a.Province + a.City + a.District + a.Street
	}
	var parts []string
	for _, part := range []string{a.District, a.City, a.Province, a.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Trim(a.Street+"\n"+strings.Join(parts, ", "), "\n")
}

// Letters returns what is needed to write to the customers that a query finds, page by page;
// those without an address of the kind are left out. The actor needs the right to export
// customers.
func (m Module) Letters(ctx context.Context, q query.Select, kind string) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		for page, err := range m.outgoing(ctx, q) {
			var letters []Letter
			if err == nil {
				letters, err = m.letters(ctx, page, kind)
			}
			if err != nil {
				yield(Letter{}, err)
				return
			}
			for _, l := range letters {
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}

func (m Module) letters(ctx context.Context, page []Customer, kind string) ([]Letter, error) {
	ids := make([]schema.ID, len(page))
	for i, c := range page {
		ids[i] = c.ID
	}
	addresses, contacts := map[schema.ID]Address{}, map[schema.ID]*Contact{}
	for a, err := range m.Addresses.All(ctx, query.Select{Where: query.All(query.In("customer_id", ids...), query.Eq("kind", kind), query.Eq("is_default", true))}) {
		if err != nil {
			return nil, err
		}
		addresses[a.CustomerID] = a
	}
	for c, err := range m.Contacts.All(ctx, query.Select{Where: query.All(query.In("customer_id", ids...), query.Eq("is_primary", true), query.Eq("inactive", false))}) {
		if err != nil {
			return nil, err
		}
		contacts[c.CustomerID] = &c
	}
	var letters []Letter
	for _, c := range page {
		if a, ok := addresses[c.ID]; ok {
			letters = append(letters, Letter{c, a, contacts[c.ID]})
		}
	}
	return letters, nil
}

// outgoing returns the pages of the customers that a query finds and the actor may export.
func (m Module) outgoing(ctx context.Context, q query.Select) iter.Seq2[[]Customer, error] {
	return pages(ctx, m.s, Customers, m.s.Registry().Kind(Customers.Name()), q)
}

// pages returns the pages of the records that a query finds and the actor may export.
func pages[T any](ctx context.Context, s *session.Session, d schema.Definition[T], k *schema.Kind, q query.Select) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		q.Cursor, q.Limit = "", query.MaxLimit
		if len(q.Sort) == 0 {
			q.Sort = query.By(k.SortKeys()[0].Name)
		}
		for {
			page, err := s.Seen(ctx, org.Export, k, q)
			list := make([]T, len(page.Rows))
			for i := 0; i < len(list) && err == nil; i++ {
				err = storage.Of(s.Tenant(), d).DecodeInto(page.Rows[i], &list[i])
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(list, nil) || page.Next == "" {
				return
			}
			q.Cursor = page.Next
		}
	}
}

// Labels places the letters of a query on sheets (标签打印), one after the other; the run
// says from which position. See Letters, and package label for the paper and the PDF.
func (m Module) Labels(ctx context.Context, q query.Select, kind string, run *label.Run) iter.Seq2[label.Label, error] {
	return func(yield func(label.Label, error) bool) {
		for l, err := range m.Letters(ctx, q, kind) {
			if err != nil {
				yield(label.Label{}, err)
				return
			}
			if !yield(run.Add(l.Label().Lines()), nil) {
				return
			}
		}
	}
}

// AddressList writes the letters of a query as a list (地址清单), with a header in a language,
// "en" or "zh". See Letters. The sink is not closed.
func (m Module) AddressList(ctx context.Context, q query.Select, kind, language string, sink sheet.Sink) error {
	header := []string{"Postcode", "Address", "Name", "Department", "Contact", "Phone"}
	if language == "zh" {
		header = []string{"邮编", "地址", "客户名称", "部门", "联系人", "电话"}
	}
	if err := sink.Header(texts(header)); err != nil {
		return err
	}
	for l, err := range m.Letters(ctx, q, kind) {
		if err != nil {
			return err
		}
		on := l.Label()
		if err := sink.Write([]string{on.Postcode, on.Address, on.Name, on.Department, on.Contact, cmp.Or(l.Address.Phone, l.Customer.Phone)}); err != nil {
			return err
		}
	}
	return nil
}

// PhoneList writes the customers that a query finds with their contacts as a list (电话清单),
// a line for each contact who is still there and one for a customer without any, with a
// header in a language, "en" or "zh". The actor needs the right to export customers. The
// sink is not closed.
func (m Module) PhoneList(ctx context.Context, q query.Select, language string, sink sheet.Sink) error {
	header := []string{"Customer", "Customer phone", "Contact", "Title", "Phone", "Mobile"}
	if language == "zh" {
		header = []string{"客户名称", "客户电话", "联系人", "职务", "电话", "手机"}
	}
	if err := sink.Header(texts(header)); err != nil {
		return err
	}
	for page, err := range m.outgoing(ctx, q) {
		if err != nil {
			return err
		}
		ids := make([]schema.ID, len(page))
		for i, c := range page {
			ids[i] = c.ID
		}
		people := map[schema.ID][]Contact{}
		where := query.All(query.In("customer_id", ids...), query.Eq("inactive", false))
		for c, err := range m.Contacts.All(ctx, query.Select{Where: where}) {
			if err != nil {
				return err
			}
			people[c.CustomerID] = append(people[c.CustomerID], c)
		}
		for _, c := range page {
			if len(people[c.ID]) == 0 {
				people[c.ID] = []Contact{{}}
			}
			for _, p := range people[c.ID] {
				if err := sink.Write([]string{c.Name, c.Phone, p.Name, p.Title, p.Phone, p.Mobile}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func texts(names []string) []sheet.Column {
	columns := make([]sheet.Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}
