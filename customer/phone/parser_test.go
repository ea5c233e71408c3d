package phone_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/phone"
	"github.com/kehucrm/kehu/storage/fault"
)

// What wants normalised numbers declares an interface of this shape.
var _ interface {
	Normalise(text, region string) (string, error)
} = phone.Parser{}

var china = phone.Parser{Region: "CN"}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ name, text, region, want string }{
		{"mobile", "13800138000", "", "+8613800138000"},
		{"mobile in groups", "138-0013-8000", "", "+8613800138000"},
		{"mobile with trunk prefix", "013800138000", "", "+8613800138000"},
		{"plus", "+86 138 0013 8000", "", "+8613800138000"},
		{"country without plus", "86-13800138000", "", "+8613800138000"},
		{"country in brackets", "(86)10-62345678", "", "+861062345678"},
		{"country and trunk prefix", "+86(0)10-62345678", "", "+861062345678"},
		{"two zeros", "0086-10-62345678", "", "+861062345678"},
		{"carrier before trunk prefix", "17951 0 13800138000", "", "+8613800138000"},
		{"fixed line", "010-62345678", "", "+861062345678"},
		{"area in brackets", "(0755) 2678 0000", "", "+8675526780000"},
		{"area and slash", "010/62345678", "", "+861062345678"},
		{"400", "400-812-3456", "", "+864008123456"},
		{"800", "800 810 8888", "", "+868008108888"},
		{"full width", "（０１０）６２３４－５６７８", "", "+861062345678"},
		{"full-width plus", "＋８６　１３８００１３８０００", "", "+8613800138000"},
		{"Arabic digits", "٠١٠-٦٢٣٤٥٦٧٨", "", "+861062345678"},
		{"Devanagari digits, which the library would read as 0", "०१०-६२३४५६७८", "", "+861062345678"},
		{"mathematical digits", "𝟎𝟏𝟎-𝟔𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "", "+861062345678"},
		{"direction marks of an address book", "\u202a13800138000\u202c", "", "+8613800138000"},
		{"dashes", "010—6234–5678", "", "+861062345678"},
		{"label", "电话：010-62345678", "", "+861062345678"},
		{"label with two x", "Exxon: 010-62345678", "", "+861062345678"},
		{"label in English", "Tel.: 010-62345678", "", "+861062345678"},
		{"circled digit before it", "①13800138000", "", "+8613800138000"},
		{"remark", "13800138000（微信同号）", "", "+8613800138000"},
		{"RFC 3966", "tel:+86-10-6234-5678;ext=8001", "", "+861062345678;ext=8001"},
		{"RFC 3966 with context", "tel:10-62345678;phone-context=+86", "US", "+861062345678"},
		{"twice the same", "13800138000 / +86 138 0013 8000", "", "+8613800138000"},

		{"转", "010-62345678转8001", "", "+861062345678;ext=8001"},
		{"转 in brackets", "010-62345678（转8001）", "", "+861062345678;ext=8001"},
		{"转 behind a remark", "010-62345678（总机）转8001", "", "+861062345678;ext=8001"},
		{"轉", "010-62345678 轉 8001", "", "+861062345678;ext=8001"},
		{"总机转分机", "010-62345678总机转分机8001", "", "+861062345678;ext=8001"},
		{"分机", "010-62345678，分机：8001", "", "+861062345678;ext=8001"},
		{"分机号", "010-62345678分机号8001", "", "+861062345678;ext=8001"},
		{"分機", "010-62345678分機8001", "", "+861062345678;ext=8001"},
		{"分机 behind", "010-62345678转8001分机", "", "+861062345678;ext=8001"},
		{"内线", "010-62345678 内线 8001", "", "+861062345678;ext=8001"},
		{"400 with 转", "400-812-3456转5", "", "+864008123456;ext=5"},
		{"ext.", "010-62345678 ext. 8001", "", "+861062345678;ext=8001"},
		{"EXT", "010-62345678EXT8001", "", "+861062345678;ext=8001"},
		{"ext. after a comma", "010-62345678, ext. 8001", "", "+861062345678;ext=8001"},
		{"x", "010-62345678x8001", "", "+861062345678;ext=8001"},
		{"#", "010-62345678#8001", "", "+861062345678;ext=8001"},
		{"pause", "010-62345678,,8001", "", "+861062345678;ext=8001"},
		{"hyphen", "010-62345678-8001", "", "+861062345678;ext=8001"},
		{"hyphen after 400", "400-812-3456-5", "", "+864008123456;ext=5"},
		{"signs of minus", "010−62345678−8001", "", "+861062345678;ext=8001"},
		{"zeros count in an extension", "010-62345678-007", "", "+861062345678;ext=007"},

		{"police", "110", "", "110;phone-context=+86"},
		{"ambulance with a label", "急救：120", "", "120;phone-context=+86"},
		{"carrier", "10086", "", "10086;phone-context=+86"},
		{"bank", "95588", "", "95588;phone-context=+86"},
		{"bank from abroad", "+86 95588", "US", "95588;phone-context=+86"},
		// The library's data have no 123xx. China has had them for years: 12345 is every
		// town's hotline, 12315 the consumers', 12306 the railway's.
		{"mayor", "12345", "", "12345;phone-context=+86"},
		{"consumers", "12315", "", "12315;phone-context=+86"},
		{"railway", "12306", "", "12306;phone-context=+86"},
		{"short with extension", "95588转9", "", "95588;ext=9;phone-context=+86"},
		{"emergency elsewhere", "911", "US", "911;phone-context=+1"},
		{"emergency in a small region of a shared plan", "911", "JM", "911;phone-context=+1"},

		{"abroad", "00852 2345 6789", "", "+85223456789"},
		{"region of the call", "030-0074321", "DE", "+49300074321"},
		{"region in small letters", "030-0074321", "de", "+49300074321"},
		{"slash in Germany", "030/1234567", "DE", "+49301234567"},
		{"slashes and calling code", "0049/30/1234567", "", "+49301234567"},
		{"card of a machine", "1064912345678", "", "+861064912345678"},
		{"zero that stays, in Italy", "011-4988260", "IT", "+390114988260"},
		{"open carrier in Brazil", "0xx11 2345-6789", "BR", "+551123456789"},
		{"vanity", "1-800-FLOWERS", "US", "+18003569377"},
		{"no region needed", "+44 20 7946 0958", "nowhere", "+442079460958"},
		{"the world", "+800 1234 5678", "", "+80012345678"},
		{"in no known range", "(171) 555-7788", "GB", "+441715557788"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := china.Normalise(c.text, c.region)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, region, code string }{
		{"nothing", "", "", "required"},
		{"spaces", " \t　", "", "required"},
		{"words", "无", "", "required"},
		{"invalid UTF-8", "138001380\xff00", "", "text"},
		{"NUL", "13800138000\x00", "", "text"},
		{"too much text", strings.Repeat(" ", 1000) + "1", "", "max"},
		{"too many numbers", strings.Repeat("13800138000;", 21), "", "max"},
		{"one digit", "1", "", "too_short"},
		{"thirty digits", strings.Repeat("138", 10), "", "too_long"},
		{"two numbers that nothing divides", "13800138000 13900139000", "", "too_long"},
		{"three hundred digits", strings.Repeat("1", 300), "", "too_long"},
		{"two numbers", "13800138000 / 13900139000", "", "several"},
		{"a word behind", "13800138000 王经理", "", "text"},
		{"a word between numbers", "13800138000; 王; 13900139000", "", "text"},
		{"a letter within", "1380a0138000", "", "text"},
		{"a letter behind", "13800138000b", "", "text"},
		{"vanity where nobody writes so", "1-800-FLOWERS", "CN", "text"},
		{"masked", "138****8000", "", "text"},
		{"masked with x", "138xxxx8000", "", "text"},
		{"masked with x after a zero", "130xxxx8000", "", "text"},
		{"masked with full-width stars", "138＊＊＊＊8000", "", "text"},
		{"forwarded to another number", "010-62345678转13800138000", "", "text"},
		{"a remark within", "010-6234（总机）5678", "", "several"},
		{"a range", "010-62345678~80", "", "text"},
		{"a long extension behind a hyphen", "010-62345678-1234567", "", "too_long"},
		{"a long extension", "010-62345678 ext. 123456789", "", "extension"},
		{"an extension of nothing", "转8001", "", "text"},
		{"转 nothing", "010-62345678转", "", "text"},
		{"extension twice", "010-62345678转1转2", "", "text"},
		{"extension before an extension", "010-62345678x302-8001", "", "too_long"},
		{"a plus within", "010+62345678", "", "text"},
		{"ISDN subaddress", "tel:+861062345678;isub=1", "", "text"},
		{"a context that is no country", "tel:110;phone-context=example.com", "", "text"},
		{"something after the context", "110;phone-context=+86;ext=1", "", "text"},
		{"calling code of nobody", "+999 12345678", "", "calling_code"},
		{"unknown region", "010-62345678", "XX", "region"},
		{"the world as region", "010-62345678", "001", "region"},

		{"short", "021", "", "too_short"},
		{"mobile, a digit too many", "138001380001", "", "too_long"},
		{"mobile, a digit too few", "1380013800", "", "too_short"},
		{"400, a digit too few", "400-812-345", "", "too_short"},
		{"fixed line, a digit too many", "010-623456789", "", "too_long"},
		{"fixed line, a digit too few", "0755-267800", "", "too_short"},
		{"subscriber of some town", "62345678", "", "area"},
		{"subscriber of some smaller town", "6234567", "", "area"},
		{"subscriber, seven digits, in America", "555-1235", "US", "area"},
		{"before 1996, in France", "88.60.15.31", "FR", "too_short"},
		{"a broken number is no short number", "555-123", "US", "too_short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := china.Normalise(c.text, c.region)
			require.Empty(t, got)
			requireCode(t, err, c.code)
		})
	}
	_, err := phone.Parser{}.Parse("13800138000", "")
	requireCode(t, err, "region")
	_, err = phone.Parser{}.Parse("+999 12345678", "")
	requireCode(t, err, "calling_code")
}

// requireCode also holds the error to say nothing of what a person typed.
func requireCode(t *testing.T, err error, code string) {
	t.Helper()
	var e *fault.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, fault.Invalid, e.Code)
	require.Len(t, e.Fields, 1)
	require.Equal(t, "phone", e.Fields[0].Name)
	require.Equal(t, code, e.Fields[0].Code, e.Message)
	require.NotEmpty(t, e.Fields[0].Message)
	require.NotContains(t, e.Message, "138")
}

func TestParseAll(t *testing.T) {
	for _, c := range []struct {
		name, text, region string
		want               []string
	}{
		{"one", "13800138000", "", []string{"+8613800138000"}},
		{"slash", "13800138000 / 13900139000", "", []string{"+8613800138000", "+8613900139000"}},
		{"narrow slash", "13800138000/13900139000", "", []string{"+8613800138000", "+8613900139000"}},
		{"full-width slash", "13800138000／13900139000", "", []string{"+8613800138000", "+8613900139000"}},
		{"、", "13800138000、010-62345678", "", []string{"+8613800138000", "+861062345678"}},
		{";", "13800138000;010-62345678;", "", []string{"+8613800138000", "+861062345678"}},
		{"；", "13800138000；010-62345678", "", []string{"+8613800138000", "+861062345678"}},
		{"，", "13800138000，010-62345678", "", []string{"+8613800138000", "+861062345678"}},
		{"或", "13800138000或010-62345678", "", []string{"+8613800138000", "+861062345678"}},
		{"or", "+44 20 7946 0958 or +44 20 7946 0959", "", []string{"+442079460958", "+442079460959"}},
		{"lines", "\n13800138000\r\n010-62345678\n", "", []string{"+8613800138000", "+861062345678"}},
		{"labels", "手机：13800138000；传真：010-62345678", "", []string{"+8613800138000", "+861062345678"}},
		{"each once", "13800138000; +8613800138000; 13900139000", "", []string{"+8613800138000", "+8613900139000"}},

		{"a shared area code", "0755-26780000/26780001", "", []string{"+8675526780000", "+8675526780001"}},
		{"a shared area code, three numbers", "0755-26780000、2678 0001、2678-0002", "", []string{"+8675526780000", "+8675526780001", "+8675526780002"}},
		{"a shared area code before a semicolon", "0755-26780000; 26780001", "", []string{"+8675526780000", "+8675526780001"}},
		{"a shared area code that has a slash", "0755/26780000/26780001", "", []string{"+8675526780000", "+8675526780001"}},
		{"a shared area code in America", "(212) 555-1234 / 555-1235", "US", []string{"+12125551234", "+12125551235"}},
		{"an own area code", "0755-26780000/010-62345678", "", []string{"+8675526780000", "+861062345678"}},
		{"last digits", "010-62345678/79", "", []string{"+861062345678", "+861062345679"}},
		{"last digits of several", "010-62345678/79/80", "", []string{"+861062345678", "+861062345679", "+861062345680"}},
		{"last digits, not the police", "010-62345678/110", "", []string{"+861062345678", "+861062345110"}},
		{"last digits in Germany", "030 1234567/68", "DE", []string{"+49301234567", "+49301234568"}},
		{"a short number behind", "010-62345678/95588", "", []string{"+861062345678", "95588;phone-context=+86"}},
		{"short numbers", "110/119/120", "", []string{"110;phone-context=+86", "119;phone-context=+86", "120;phone-context=+86"}},
		{"short numbers that are no number together", "10010/10000", "", []string{"10010;phone-context=+86", "10000;phone-context=+86"}},

		{"the other extension", "010-62345678转8001/8002", "", []string{"+861062345678;ext=8001", "+861062345678;ext=8002"}},
		{"the other extension of a short number", "95588转9/8", "", []string{"95588;ext=9;phone-context=+86", "95588;ext=8;phone-context=+86"}},
		{"the other extension's end", "010-62345678转8001、02", "", []string{"+861062345678;ext=8001", "+861062345678;ext=8002"}},
		{"the other extension, named", "(530) 583-6985 x302/x2303", "US", []string{"+15305836985;ext=302", "+15305836985;ext=2303"}},
		{"extension and another number", "010-62345678转8001/62345679", "", []string{"+861062345678;ext=8001", "+861062345679"}},
		{"an extension after a semicolon", "010-62345678; ext 8001; 13800138000", "", []string{"+861062345678;ext=8001", "+8613800138000"}},
		{"RFC 3966", "tel:+861062345678;ext=8001;tel:+8613800138000", "", []string{"+861062345678;ext=8001", "+8613800138000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			numbers, err := china.ParseAll(c.text, c.region)
			require.NoError(t, err)
			var got []string
			for _, n := range numbers {
				require.NoError(t, n.Check())
				got = append(got, n.String())
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestNothingGuessed holds that a field with one bad piece gives no number at all, that
// four digits behind a comma, which may mean anything, are not made a number, and that
// an area code is taken from fixed lines of the same country only.
func TestNothingGuessed(t *testing.T) {
	numbers, err := china.ParseAll("13800138000; 139****9000", "")
	requireCode(t, err, "text")
	require.Empty(t, numbers)

	numbers, err = china.ParseAll("010-62345678,8001", "")
	require.NoError(t, err)
	requireCode(t, numbers[1].Check(), "too_short")

	for _, before := range []string{"13800138000", "+1 212 555 1234", "400-812-3456"} {
		numbers, err = china.ParseAll(before+"、62345678", "")
		require.NoError(t, err)
		requireCode(t, numbers[1].Check(), "area") // which is not that of the number before
	}
}
