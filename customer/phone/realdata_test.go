package phone_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/jszwec/csvutil"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/phone"
	"github.com/kehucrm/kehu/storage/fault"
)

// data returns the files of a name or pattern in the folder that KEHU_DATA names.
func data(t *testing.T, pattern ...string) []string {
	t.Helper()
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	files, err := filepath.Glob(filepath.Join(append([]string{folder}, pattern...)...))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// load reads a file.
func load[T any](t *testing.T, file string) []T {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var rows []T
	require.NoError(t, csvutil.Unmarshal(text, &rows))
	require.NotEmpty(t, rows)
	return rows
}

// table counts numbers by country, for go test -v.
type table map[string][3]int

func (n table) count(country string, numbers, fine, otherwise int) {
	row := n[country]
	n[country] = [3]int{row[0] + numbers, row[1] + fine, row[2] + otherwise}
}

func (n table) log(t *testing.T, columns ...any) {
	t.Helper()
	t.Logf("%-8s %8s %8s %10s", append([]any{"country"}, columns...)...)
	for _, country := range slices.Sorted(maps.Keys(n)) {
		row := n[country]
		t.Logf("%-8s %8d %8d %10d", country, row[0], row[1], row[2])
	}
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
// as it has to be. Other files may have more like it: one number in a hundred.
func TestExampleNumbers(t *testing.T) {
	const known = "example_numbers_dev_A-M.csv"
	corrected := map[string]string{"09 15-2345-6789": "011 15-2345-6789"}
	for _, file := range data(t, "contacts", "phones", "*.csv") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			numbers, wrong := table{}, 0
			rows := load[example](t, file)
			for _, row := range rows {
				if right, ok := corrected[row.National]; ok {
					row.National = right
				}
				otherwise := row.otherwise()
				if len(otherwise) == 0 {
					numbers.count(row.Region, 1, 1, 0)
					continue
				}
				wrong++
				numbers.count(row.Region, 1, 0, 1)
				t.Log(row.E164, otherwise)
			}
			numbers.log(t, "numbers", "alike", "otherwise")
			if filepath.Base(file) == known {
				require.Len(t, rows, 711)
				require.Zero(t, wrong)
			}
			require.LessOrEqual(t, wrong*100, len(rows))
		})
	}
}

// otherwise returns what is read or written otherwise than the row has it.
func (row example) otherwise() []string {
	var list []string
	is := func(what string, got any, want ...any) {
		if !slices.Contains(want, got) {
			list = append(list, fmt.Sprintf("%s: %v, not %v", what, got, want))
		}
	}
	n, err := phone.Parser{}.Parse(row.E164, "")
	is("error", err, error(nil))
	is("E.164", n.E164(), row.E164)
	is("international", n.International(), row.International)
	is("national", n.National(), row.National)
	is("RFC 3966", n.URI(), row.RFC3966)
	is("from the US", n.DialledFrom("US"), row.FromUS)
	is("calling code", n.CallingCode(), row.CountryCode)
	is("valid", n.Valid(), true)
	if !slices.Contains(kinds[row.Type], n.Kind()) {
		is("kind", n.Kind(), row.Type)
	}
	for _, spelling := range []struct{ text, region string }{
		{row.E164, ""}, {row.International, ""}, {row.RFC3966, ""}, {row.National, row.Region}, {row.FromUS, "US"},
	} {
		got, err := phone.Parser{Region: "CN"}.Normalise(spelling.text, spelling.region)
		is(spelling.text, err, error(nil))
		is(spelling.text, got, row.E164)
	}
	return list
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
	numbers := table{}
	for _, row := range load[northwind](t, data(t, "expected", "northwind_phone_normalisation.csv")[0]) {
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
			numbers.count(row.Region, 1, 1, 0)
		} else {
			numbers.count(row.Region, 1, 0, 1)
			require.ErrorIs(t, err, fault.ErrInvalid, strconv.Quote(row.Raw))
		}
	}
	numbers.log(t, "numbers", "found", "refused")
}

func possible(n phone.Number) bool {
	err, bad := errors.AsType[*fault.Error](n.Check())
	return !bad || err.Fields[0].Code == "area"
}
