package customer

import (
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Person is what is known of a human being: of a contact, and of a customer who is an
// individual (个人客户).
type Person struct {
	GivenName  string `crm:"given_name,personal"`
	FamilyName string `crm:"family_name,personal"`
	Gender     Gender `crm:"gender,personal" validate:"omitempty,oneof=female male other"`
	// Birthday does not lie ahead; zero is unknown.
	Birthday schema.Date `crm:"birthday,personal"`
	Hobbies  string      `crm:"hobbies,personal"`
}

// Gender is a person's gender; empty is unknown.
type Gender string

// The genders.
const (
	Female      Gender = "female"
	Male        Gender = "male"
	OtherGender Gender = "other"
)

// born refuses a birthday that lies ahead.
func (p *Person) born(s *session.Session) error {
	if p.Birthday.After(s.Today()) {
		return fault.InvalidField("birthday", "date", "lies ahead")
	}
	return nil
}

// Preference is how somebody likes to be approached (联系偏好). What they allow is another
// question, see Consent.
type Preference struct {
	PreferredChannel Channel `validate:"omitempty,oneof=email sms phone fax post wechat messenger visit"`
	// Language is a BCP 47 tag such as "zh-CN"; empty is that of the company.
	Language string `validate:"omitempty,bcp47_language_tag"`
	// ContactFrom and ContactUntil are the time of day at which they may be called, in
	// minutes after midnight where they are; nil leaves that end open. A window that ends
	// before it begins runs over midnight.
	ContactFrom  *int64 `validate:"omitempty,min=0,max=1440"`
	ContactUntil *int64 `validate:"omitempty,min=0,max=1440"`
	// Interests are products, services and events that suit them.
	Interests string `crm:"interests,personal"`
}

// Channel is a way to reach somebody (联系渠道).
type Channel string

// The channels.
const (
	Email     Channel = "email"
	SMS       Channel = "sms"
	Phone     Channel = "phone"
	Fax       Channel = "fax"
	Post      Channel = "post"
	WeChat    Channel = "wechat"
	Messenger Channel = "messenger" // any other
	Visit     Channel = "visit"
)
