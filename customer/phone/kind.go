package phone

import "github.com/nyaruka/phonenumbers"

// Kind is what a number is for, as far as its plan tells.
type Kind string

// The kinds.
const (
	Unknown       Kind = "" // in no known range
	Fixed         Kind = "fixed"
	Mobile        Kind = "mobile"
	FixedOrMobile Kind = "fixed_or_mobile" // where the plan does not tell, as in North America
	TollFree      Kind = "toll_free"       // the called pays, as for 800
	SharedCost    Kind = "shared_cost"     // both pay, as for 400
	PremiumRate   Kind = "premium_rate"
	VoIP          Kind = "voip"
	Personal      Kind = "personal" // follows a person
	Pager         Kind = "pager"
	UAN           Kind = "uan" // one number for all offices of a company
	Voicemail     Kind = "voicemail"
	Short         Kind = "short" // 110, 10086, 95588
)

// Kind returns what the number is for; Unknown for one that is not Valid.
func (n Number) Kind() Kind { return n.kind }

// planned returns n with its kind according to the plan of full numbers.
func (n Number) planned() Number {
	n.kind = kindOf(n.message())
	return n
}

func kindOf(m *phonenumbers.PhoneNumber) Kind {
	switch phonenumbers.GetNumberType(m) {
	case phonenumbers.FIXED_LINE:
		return Fixed
	case phonenumbers.MOBILE:
		return Mobile
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return FixedOrMobile
	case phonenumbers.TOLL_FREE:
		return TollFree
	case phonenumbers.SHARED_COST:
		return SharedCost
	case phonenumbers.PREMIUM_RATE:
		return PremiumRate
	case phonenumbers.VOIP:
		return VoIP
	case phonenumbers.PERSONAL_NUMBER:
		return Personal
	case phonenumbers.PAGER:
		return Pager
	case phonenumbers.UAN:
		return UAN
	case phonenumbers.VOICEMAIL:
		return Voicemail
	default:
		return Unknown
	}
}
