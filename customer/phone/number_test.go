package phone_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/phone"
)

func TestNumber(t *testing.T) {
	type want struct {
		Region                              string
		Code                                int
		Kind                                phone.Kind
		Valid                               bool
		E164, Ext, National, World, URI, US string
	}
	for _, c := range []struct {
		text string
		want want
	}{
		{"13800138000", want{"CN", 86, phone.Mobile, true, "+8613800138000", "", "138 0013 8000", "+86 138 0013 8000", "tel:+86-138-0013-8000", "011 86 138 0013 8000"}},
		{"010-62345678转8001", want{"CN", 86, phone.Fixed, true, "+861062345678", "8001", "010 6234 5678 ext. 8001", "+86 10 6234 5678 ext. 8001", "tel:+86-10-6234-5678;ext=8001", "011 86 10 6234 5678 ext. 8001"}},
		{"4008123456", want{"CN", 86, phone.SharedCost, true, "+864008123456", "", "400 812 3456", "+86 400 812 3456", "tel:+86-400-812-3456", "011 86 400 812 3456"}},
		{"8008108888", want{"CN", 86, phone.TollFree, true, "+868008108888", "", "800 810 8888", "+86 800 810 8888", "tel:+86-800-810-8888", "011 86 800 810 8888"}},
		{"95588转9", want{"CN", 86, phone.Short, true, "", "9", "95588 ext. 9", "95588 ext. 9", "tel:95588;ext=9;phone-context=+86", "95588 ext. 9"}},
		{"+1 242-365-1234", want{"BS", 1, phone.Fixed, true, "+12423651234", "", "(242) 365-1234", "+1 242-365-1234", "tel:+1-242-365-1234", "1 (242) 365-1234"}},
		{"+1 503 555 7555", want{"US", 1, phone.FixedOrMobile, true, "+15035557555", "", "(503) 555-7555", "+1 503-555-7555", "tel:+1-503-555-7555", "1 (503) 555-7555"}},
		{"+44 7700 900123", want{"GB", 44, phone.Unknown, false, "+447700900123", "", "07700 900123", "+44 7700 900123", "tel:+44-7700-900123", "011 44 7700 900123"}},
		{"+800 1234 5678", want{"001", 800, phone.TollFree, true, "+80012345678", "", "1234 5678", "+800 1234 5678", "tel:+800-1234-5678", "011 800 1234 5678"}},
		{"+39 000000", want{"IT", 39, phone.Unknown, false, "+39000000", "", "000000", "+39 000000", "tel:+39-000000", "011 39 000000"}},
		{"+39 011 4988260", want{"IT", 39, phone.Fixed, true, "+390114988260", "", "011 498 8260", "+39 011 498 8260", "tel:+39-011-498-8260", "011 39 011 498 8260"}},
	} {
		t.Run(c.text, func(t *testing.T) {
			n, err := china.Parse(c.text, "")
			require.NoError(t, err)
			require.False(t, n.IsZero())
			require.Equal(t, c.want, want{
				n.Region(), n.CallingCode(), n.Kind(), n.Valid(),
				n.E164(), n.Extension(), n.National(), n.International(), n.URI(), n.DialledFrom("us"),
			})
		})
	}
}

func TestZeroNumber(t *testing.T) {
	var n phone.Number
	require.True(t, n.IsZero())
	require.False(t, n.Valid())
	require.Zero(t, n.CallingCode())
	require.Equal(t, phone.Unknown, n.Kind())
	requireCode(t, n.Check(), "required")
	for _, s := range []string{n.String(), n.E164(), n.Extension(), n.Region(), n.National(), n.International(), n.URI(), n.DialledFrom("US")} {
		require.Empty(t, s)
	}
}

func TestDialledFrom(t *testing.T) {
	n, err := china.Parse("010-62345678", "")
	require.NoError(t, err)
	require.Equal(t, "010 6234 5678", n.DialledFrom("CN"))
	require.Equal(t, "00 86 10 6234 5678", n.DialledFrom("DE"))
	require.Equal(t, n.International(), n.DialledFrom("BR"), "where the caller chooses a carrier")
	require.Equal(t, n.International(), n.DialledFrom(""), "nowhere")
}

// TestArgentina holds what Google's libphonenumber gives; its Go port spells the first
// group of the number where the area code should stand, and "09 15-2345-6789" is read
// as another number.
func TestArgentina(t *testing.T) {
	for _, c := range []struct{ e164, national string }{
		{"+5491123456789", "011 15-2345-6789"},
		{"+5493435551212", "03435 15-55-1212"},
		{"+5492944123456", "0294 15-412-3456"},
		{"+541187654321", "011 8765-4321"},
	} {
		n, err := china.Parse(c.e164, "")
		require.NoError(t, err)
		require.Equal(t, c.national, n.National())
		again, err := china.Parse(n.National(), "AR")
		require.NoError(t, err)
		require.Equal(t, n, again)
	}
}
