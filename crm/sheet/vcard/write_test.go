package vcard_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	govcard "github.com/emersion/go-vcard"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet/vcard"
	"github.com/kehucrm/kehu/storage/fault"
)

func write(t testing.TB, c vcard.Card) string {
	var b strings.Builder
	require.NoError(t, vcard.Write(&b, c))
	return b.String()
}

func TestWrite(t *testing.T) {
	got := write(t, vcard.Card{
		Name: vcard.Name{Family: "王", Given: "小;明"}, Nicknames: []string{"a,b", "c"}, Organization: "华为", Units: []string{"市场部"}, Title: "经理", Role: "r",
		Phones:    []vcard.Value{{Value: "138", Types: []string{"cell", "work"}, Preferred: true}, {Value: "139", Types: []string{"My own", "home"}}},
		Emails:    []vcard.Value{{Value: "a@b.c"}},
		Addresses: []vcard.Address{{Street: "a\r\nb", City: "深圳", Types: []string{"work"}}},
		URLs:      []vcard.Value{{Value: `http://x/?a=1,2;b=\`}},
		Birthday:  "--04-14", Note: "one\ntwo", Categories: []string{"x", "y"}, UID: "urn:1",
		Photos: []vcard.Photo{{Type: "image/jpeg", Data: []byte{1, 2, 3}}, {URL: "http://x"}, {}},
		Other: []vcard.Property{
			{Group: "item1", Name: "X-QQ", Params: []vcard.Param{{Name: "type", Values: []string{"work", `a"b:c`}}, {Name: "no name", Values: []string{"x"}}}, Value: `a\;b;c` + "\nEND:VCARD"},
			{Name: "x y", Value: "left out"}, {Name: "END", Value: "VCARD"}, {Name: "version", Value: "9"},
		},
	})
	require.Equal(t, strings.ReplaceAll(`BEGIN:VCARD
VERSION:3.0
FN:王小\;明
N:王;小\;明;;;
NICKNAME:a\,b,c
ORG:华为;市场部
TITLE:经理
ROLE:r
TEL;TYPE=cell,work,pref:138
label1.TEL;TYPE=home:139
label1.X-ABLabel:My own
EMAIL:a@b.c
ADR;TYPE=work:;;a\nb;深圳;;;
URL:http://x/?a=1,2;b=\\
BDAY:--04-14
NOTE:one\ntwo
CATEGORIES:x,y
PHOTO;ENCODING=b;TYPE=JPEG:AQID
PHOTO;VALUE=uri:http://x
UID:urn:1
item1.X-QQ;TYPE=work,"a^'b:c":a\;b;c\nEND:VCARD
END:VCARD
`, "\n", "\r\n"), got)
}

func TestWriteFails(t *testing.T) {
	var b strings.Builder
	require.EqualError(t, vcard.Write(&b, vcard.Card{FormattedName: " ", Note: "nobody"}), "invalid: formatted_name: a card needs a name")
	require.ErrorIs(t, vcard.Write(&b, vcard.Card{FormattedName: "a\xFF"}), fault.ErrInvalid)
	require.Empty(t, b.String(), "nothing is written")
	full := errors.New("disk full")
	err := vcard.Write(failing{full}, vcard.Card{FormattedName: "a"})
	require.ErrorIs(t, err, full)
	require.EqualError(t, err, "internal: the card cannot be written")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// text is what a field may hold: without space around it, and lines end with LF.
func text(label string, t *rapid.T) string {
	s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\\,;:\n\"^nN =客é𠮷")))).Draw(t, label)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7F {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// several are texts that are not empty.
func several(label string, t *rapid.T) []string {
	var list []string
	for range rapid.IntRange(0, 2).Draw(t, label) {
		list = append(list, "x"+text(label, t))
	}
	return list
}

// Whatever a card says, it says when it comes back; no text can end its line, or the
// card, and no line is longer than it may be. Another reader sees the same card.
func TestComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := vcard.Card{
			Line: 1, Version: "3.0", FormattedName: "x" + text("fn", t),
			Name:      vcard.Name{Family: "x" + text("family", t), Given: text("given", t), Additional: text("additional", t), Prefix: text("prefix", t), Suffix: text("suffix", t)},
			Nicknames: several("nickname", t), Organization: "x" + text("organization", t), Units: several("unit", t), Title: text("title", t), Role: text("role", t),
			Phones: []vcard.Value{{Value: "1" + text("phone", t), Types: []string{"x " + text("type", t)}}, {Value: "2", Types: []string{"cell"}, Preferred: true}},
			Emails: []vcard.Value{{Value: "x" + text("email", t), Types: []string{"home"}}},
			Addresses: []vcard.Address{
				{Street: "x" + text("street", t), Country: text("country", t), Types: []string{"work", "dom"}, Preferred: true},
				{Box: text("box", t), Extended: text("extended", t), City: "x" + text("city", t), Region: text("region", t), Postcode: text("postcode", t)},
			},
			Birthday: rapid.SampledFrom([]string{"", "1970-04-14", "--04-14", "spring"}).Draw(t, "birthday"), Note: text("note", t), UID: text("uid", t), Categories: several("category", t),
			URLs:  []vcard.Value{{Value: "x" + strings.NewReplacer("\n", "").Replace(text("url", t))}},
			Other: []vcard.Property{{Name: "X-A", Params: []vcard.Param{{Name: "P", Values: []string{text("param", t)}}}, Value: "x" + strings.ReplaceAll(text("other", t), "\n", "")}},
		}
		if data := rapid.SliceOf(rapid.Byte()).Draw(t, "photo"); len(data) > 0 {
			want.Photos = []vcard.Photo{{Type: "image/png", Data: data}}
		}
		want.Other[0].Value = strings.TrimSpace(want.Other[0].Value)
		want.URLs[0].Value = strings.TrimSpace(want.URLs[0].Value)
		want.Phones[0].Types[0] = strings.TrimSpace(want.Phones[0].Types[0])
		var b bytes.Buffer
		require.NoError(t, vcard.Write(&b, want))
		file := b.String()
		for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
			require.LessOrEqual(t, len(line), 75)
			require.True(t, utf8.ValidString(line), "folded between characters")
			require.NotContains(t, line, "\n")
		}
		var got []vcard.Card
		for card, err := range vcard.Read(&b, vcard.Options{}) {
			require.NoError(t, err)
			got = append(got, card)
		}
		require.Equal(t, []vcard.Card{want}, got)

		other, err := govcard.NewDecoder(strings.NewReader(file)).Decode()
		require.NoError(t, err)
		semicolons := strings.NewReplacer(`\;`, ";") // it leaves them escaped, and knows no escaped backslash before one
		if !strings.Contains(want.FormattedName+want.Note, `\`) {
			require.Equal(t, want.FormattedName, semicolons.Replace(other.Value(govcard.FieldFormattedName)))
			require.Equal(t, want.Note, semicolons.Replace(other.Value(govcard.FieldNote)))
		}
		if !strings.ContainsAny(want.Addresses[0].Street+want.Addresses[0].Country, `\;`) {
			require.Equal(t, want.Addresses[0].Street, other.Addresses()[0].StreetAddress)
			require.Equal(t, want.Addresses[0].Country, other.Addresses()[0].Country)
		}
	})
}
