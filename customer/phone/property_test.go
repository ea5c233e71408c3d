package phone_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/customer/phone"
)

// exampleNumbers are the numbers that the library gives for every region and type.
func exampleNumbers(t testing.TB) map[string][]phone.Number {
	numbers := map[string][]phone.Number{}
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			if m := phonenumbers.GetExampleNumberForType(region, kind); m != nil {
				n, err := phone.Parser{}.Parse(phonenumbers.Format(m, phonenumbers.E164), "")
				require.NoError(t, err)
				numbers[region] = append(numbers[region], n)
			}
		}
	}
	return numbers
}

// TestEveryRegion holds for all regions of the world what the real data hold for half
// of them: what is written is read, at home and from abroad, with and without extension.
func TestEveryRegion(t *testing.T) {
	all := exampleNumbers(t)
	require.Greater(t, len(all), 200)
	for region, numbers := range all {
		for _, n := range numbers {
			require.True(t, n.Valid(), n)
			require.NoError(t, n.Check(), n)
			require.NotEqual(t, phone.Unknown, n.Kind(), n)
			for _, text := range []struct{ text, region string }{
				{n.String(), ""}, {n.International(), ""}, {n.URI(), ""}, {n.National(), region},
				{n.DialledFrom("US"), "US"}, {n.DialledFrom("CN"), "CN"}, {n.DialledFrom("RU"), "RU"}, {n.DialledFrom("BR"), "BR"},
			} {
				requireRead(t, n, text.text, text.region)
			}
			extended, err := china.Parse(n.National()+"转0042", region)
			require.NoError(t, err, n)
			require.Equal(t, n.E164(), extended.E164())
			require.Equal(t, "0042", extended.Extension())
			requireRead(t, extended, extended.String(), "")
			requireRead(t, extended, extended.International(), "")
			requireRead(t, extended, extended.URI(), "")
			requireRead(t, extended, extended.National(), region)
		}
		// All numbers of a region make one field.
		var texts []string
		for _, n := range numbers {
			texts = append(texts, n.International())
		}
		got, err := china.ParseAll(strings.Join(texts, " / "), "")
		require.NoError(t, err)
		slices.SortFunc(numbers, func(a, b phone.Number) int { return strings.Compare(a.String(), b.String()) })
		slices.SortFunc(got, func(a, b phone.Number) int { return strings.Compare(a.String(), b.String()) })
		require.Equal(t, slices.Compact(numbers), got)
	}
}

func requireRead(t require.TestingT, want phone.Number, text, region string) {
	got, err := china.Parse(text, region)
	require.NoError(t, err, "%q in %s", text, region)
	require.Equal(t, want, got, "%q in %s", text, region)
}

// hostile draws texts near telephone numbers.
var hostile = rapid.OneOf(
	rapid.StringOf(rapid.OneOf(
		rapid.RuneFrom([]rune("0123456789")),
		rapid.RuneFrom([]rune("0123456789 -+()/;,、.#x*~转分机extor\n０１２＋")),
	)),
	rapid.String(),
	rapid.StringMatching(`(\+?(86|1|44|49|54|39|52|55|7))?[ -]?0?[0-9]{2,12}(转|-|x| ext\. |;ext=|/|、|;)?[0-9]{0,11}`),
)

var someRegion = rapid.SampledFrom([]string{"", "CN", "cn", "US", "DE", "GB", "IT", "AR", "BR", "MX", "FR", "RU", "KZ", "JP", "SM", "GG", "AC", "ZZ", "001", "中国", "\x00"})

// requirePromises holds what the package promises for any text.
func requirePromises(t require.TestingT, text, region string) {
	numbers, err := china.ParseAll(text, region)
	again, err2 := china.ParseAll(text, region)
	require.Equal(t, numbers, again, "deterministic")
	require.Equal(t, err, err2)
	if err != nil {
		require.Empty(t, numbers)
		require.NotContains(t, err.Error(), "phonenumbers")
		return
	}
	require.NotEmpty(t, numbers)
	require.LessOrEqual(t, len(numbers), 20)
	normal := map[string]bool{}
	for _, n := range numbers {
		require.LessOrEqual(t, len(n.String()), 50)
		require.False(t, normal[n.String()], "each once")
		normal[n.String()] = true
		if n.Check() != nil {
			require.False(t, n.Valid())
			continue
		}
		for _, region := range []string{"", "CN", "US", "IT", "nowhere"} {
			requireRead(t, n, n.String(), region)
		}
		require.Equal(t, n.Valid(), n.Kind() != phone.Unknown)
		for _, s := range []string{n.National(), n.International(), n.URI(), n.DialledFrom("US")} {
			require.NotEmpty(t, s)
		}
		if n.Valid() && n.E164() != "" {
			requireRead(t, n, n.International(), "")
			requireRead(t, n, n.URI(), "")
		}
	}
}

func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requirePromises(t, hostile.Draw(t, "text"), someRegion.Draw(t, "region"))
	})
}

// TestSpellings holds that a Chinese number is the same however it is written.
func TestSpellings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var area, local string
		if rapid.Bool().Draw(t, "mobile") {
			local = rapid.StringMatching(`138[0-9]{8}`).Draw(t, "number")
		} else {
			area, local = "10", rapid.StringMatching(`6[2-9][0-9]{6}`).Draw(t, "number")
		}
		ext := rapid.StringMatching(`([0-9]{1,6})?`).Draw(t, "extension")
		want := "+86" + area + local
		text := rapid.SampledFrom([]string{"+86 ", "0086", "86-", "０", ""}).Draw(t, "prefix")
		if text == "" && area != "" {
			text = "0"
		}
		space := rapid.SampledFrom([]string{"", " ", "-", "　", "—"})
		text += area + space.Draw(t, "space")
		for i, d := range local {
			if i%4 == 0 && i > 0 {
				text += space.Draw(t, "space")
			}
			if rapid.Bool().Draw(t, "wide") {
				d += '０' - '0'
			}
			text += string(d)
		}
		if ext != "" {
			want += ";ext=" + ext
			text += rapid.SampledFrom([]string{"转", " 轉 ", "分机", "（分机号：", " ext. ", " x", "#", ";ext=", "-"}).Draw(t, "mark") + ext
		}
		got, err := china.Normalise(text, "")
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"010-62345678转8001/02", "+1 (212) 555-1234; 555-1235", "0xx11 2345-6789", "tel:110;phone-context=+86", "０１０－６２３４５６７８", "17951013800138000"} {
		f.Add(text, "CN")
	}
	f.Fuzz(func(t *testing.T, text, region string) { requirePromises(t, text, region) })
}

func BenchmarkNormalise(b *testing.B) {
	for _, text := range []string{"13800138000", "010-62345678转8001", "95588", "138****8000"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = china.Normalise(text, "")
			}
		})
	}
}
