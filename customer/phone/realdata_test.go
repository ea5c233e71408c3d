package phone_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jszwec/csvutil"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/phone"
	"github.com/kehucrm/kehu/storage/fault"
)

// load reads a file of the folder that KEHU_DATA names.
func load[T any](t *testing.T, name ...string) []T {
	t.Helper()
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	text, err := os.ReadFile(filepath.Join(append([]string{folder}, name...)...))
	require.NoError(t, err)
	var rows []T
	require.NoError(t, csvutil.Unmarshal(text, &rows))
	require.NotEmpty(t, rows)
	return rows
}

// example is a row of the example numbers that Google's libphonenumber keeps for each
// region and kind, in five spellings.
type example struct {
	Region        string `csv:"region"`
	CountryCode   int    `csv:"country_code"`
	Type          string `csv:"type"`
	E164          string `csv:"e164"`
	International string `csv:"international"`
	National      string `csv:"national"`
	RFC3966       string `csv:"rfc3966"`
	FromUS        string `csv:"from_us_dialling"`
}

// kinds are the kinds of a number that is given as an example of a type. Some plans do
// not tell fixed lines from mobiles.
var kinds = map[string][]phone.Kind{
	"FIXED_LINE":      {phone.Fixed, phone.FixedOrMobile},
	"MOBILE":          {phone.Mobile, phone.FixedOrMobile},
	"TOLL_FREE":       {phone.TollFree},
	"PREMIUM_RATE":    {phone.PremiumRate},
	"SHARED_COST":     {phone.SharedCost},
	"VOIP":            {phone.VoIP},
	"PERSONAL_NUMBER": {phone.Personal},
	"PAGER":           {phone.Pager},
	"UAN":             {phone.UAN},
	"VOICEMAIL":       {phone.Voicemail},
}

// TestExampleNumbers reads and writes the example numbers of libphonenumber in all their
// spellings: contacts/phones/*.csv in KEHU_DATA.
//
// One spelling there is wrong. The mobile number +54 9 11 2345-6789 is written
// "09 15-2345-6789" at home, which is what the Go port of libphonenumber makes of it;
// Google's own code makes "011 15-2345-6789", and that is what Argentines write: 0, the
// area code 11, 15 for a mobile. The wrong spelling is read as +54 9 15 2345-6789,
// as it has to be.
func TestExampleNumbers(t *testing.T) {
	corrected := map[string]string{"09 15-2345-6789": "011 15-2345-6789"}
	for _, row := range load[example](t, "contacts", "phones", "example_numbers_dev_A-M.csv") {
		if right, ok := corrected[row.National]; ok {
			row.National = right
		}
		n, err := phone.Parser{}.Parse(row.E164, "")
		require.NoError(t, err)
		require.Equal(t, row.E164, n.E164())
		require.Equal(t, row.International, n.International())
		require.Equal(t, row.National, n.National())
		require.Equal(t, row.RFC3966, n.URI())
		require.Equal(t, row.FromUS, n.DialledFrom("US"))
		require.Equal(t, row.CountryCode, n.CallingCode())
		require.True(t, n.Valid(), row)
		require.Contains(t, kinds[row.Type], n.Kind(), row)

		for _, spelling := range []struct{ text, region string }{
			{row.E164, ""}, {row.International, ""}, {row.RFC3966, ""}, {row.National, row.Region}, {row.FromUS, "US"},
		} {
			got, err := phone.Parser{Region: "CN"}.Normalise(spelling.text, spelling.region)
			require.NoError(t, err, spelling)
			require.Equal(t, row.E164, got, spelling)
		}
	}
}

// northwind is a row of the telephone and fax numbers of the customers of Northwind,
// Microsoft's sample database.
type northwind struct {
	Customer string `csv:"customer_id"`
	Region   string `csv:"region"`
	Raw      string `csv:"raw"`
	Error    string `csv:"parse_error"`
	E164     string `csv:"e164"`
	Possible bool   `csv:"possible"`
	Valid    bool   `csv:"valid"`
}

// TestNorthwind reads numbers as a company had them in 1996, many of which belong to
// plans that are gone: expected/northwind_phone_normalisation.csv in KEHU_DATA. "Possible"
// there includes numbers that can be dialled within their area only.
func TestNorthwind(t *testing.T) {
	for _, row := range load[northwind](t, "expected", "northwind_phone_normalisation.csv") {
		require.Empty(t, row.Error, "the file has none")
		n, err := phone.Parser{}.Parse(row.Raw, row.Region)
		require.NoError(t, err, row)
		require.Equal(t, row.E164, n.E164(), row)
		require.Equal(t, row.Valid, n.Valid(), row)
		require.Equal(t, row.Possible, possible(n), row)

		got, err := phone.Parser{Region: row.Region}.Normalise(row.Raw, "")
		if n.Check() == nil {
			require.NoError(t, err)
			require.Equal(t, row.E164, got)
		} else {
			require.ErrorIs(t, err, fault.ErrInvalid, strconv.Quote(row.Raw))
		}
	}
}

func possible(n phone.Number) bool {
	err, bad := errors.AsType[*fault.Error](n.Check())
	return !bad || err.Fields[0].Code == "area"
}
