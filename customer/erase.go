package customer

import (
	"strings"

	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/schema"
)

// The business names of what erasing a person does; see package privacy. The addresses,
// relations and all else that says something about them has the event "KIND.erased".
const (
	EventErased        = "customer.erased"
	EventContactErased = "contact.erased"
)

// erased reports whether erasing a person writes the record of a kind.
func erased(s *session.Session, kind, event string) bool {
	return s.Unbound() && event == privacy.Event(kind)
}

// Persons says who is a person: every contact, and a customer who is an individual. They are
// known again by e-mail address, mobile or, of an individual, telephone, by WeChat, by name
// and birthday and, a contact of whom nothing else is known, by the name at that customer.
// The telephone at a contact's desk may be everybody's there, and a name alone that of many:
// an individual of whom only that is known is not known again.
func Persons() []privacy.Subject {
	return []privacy.Subject{
		privacy.SubjectOf(Contacts, nil, func(c *Contact) []privacy.Key {
			keys := append(reached(c.Email, "mobile", c.Mobile), bornAs(c.Name, c.Birthday),
				privacy.Key{Kind: privacy.WeChat, Value: schema.Fold(strings.TrimSpace(c.WeChat)), Field: "wechat"})
			if name := match.NormaliseName(c.Name); name != "" {
				keys = append(keys, privacy.Key{Kind: privacy.NameAt, Value: name + "|" + c.CustomerID.String(), Field: "name", Weak: true})
			}
			return keys
		}),
		privacy.SubjectOf(Customers, func(c *Customer) bool { return c.Type == Individual }, func(c *Customer) []privacy.Key {
			return append(reached(c.Email, "phone", c.Phone), bornAs(c.Name, c.Birthday))
		}),
	}
}

func reached(email, field, phone string) []privacy.Key {
	return []privacy.Key{
		{Kind: privacy.Email, Value: match.NormaliseEmail(email), Field: "email"},
		{Kind: privacy.Phone, Value: dialled(phone), Field: field},
	}
}

func bornAs(name string, birthday schema.Date) privacy.Key {
	k := privacy.Key{Kind: privacy.NameAndBirthday, Field: "birthday"}
	if n := match.NormaliseName(name); n != "" && !birthday.IsZero() {
		k.Value = n + "|" + birthday.String()
	}
	return k
}

// dialled returns the digits of a telephone number as it is dialled within China: without
// +86 and the 0 before an area code. Other countries' numbers keep their code, where they are
// written with it; a number is never taken for another country's.
func dialled(text string) string {
	digits, err := match.Digits{}.Normalise(text, "")
	if err != nil {
		return ""
	}
	if rest, china := strings.CutPrefix(digits, "86"); china && len(rest) >= 10 {
		digits = rest
	}
	return strings.TrimLeft(digits, "0")
}
