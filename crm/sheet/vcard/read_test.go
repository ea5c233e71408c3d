package vcard_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/kehucrm/kehu/crm/sheet/vcard"
	"github.com/kehucrm/kehu/storage/fault"
)

func readAll(t testing.TB, r io.Reader) []vcard.Card {
	var cards []vcard.Card
	for card, err := range vcard.Read(r, vcard.Options{}) {
		require.NoError(t, err)
		cards = append(cards, card)
	}
	return cards
}

// card returns the text of a card with these lines.
func card(lines ...string) string {
	return "BEGIN:VCARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
}

func TestReadProperties(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  vcard.Card
	}{
		{"names", []string{"VERSION:3.0", "FN:Dr. Carl Gauß", "N:Gauß;Carl;Friedrich;Dr.;Jr."}, vcard.Card{Version: "3.0", FormattedName: "Dr. Carl Gauß", Name: vcard.Name{"Gauß", "Carl", "Friedrich", "Dr.", "Jr."}}},
		{"short and long names", []string{"N:王;小明", "FN:first", "FN:second", "N:a;b;c;d;e;f;g"}, vcard.Card{FormattedName: "first", Name: vcard.Name{Family: "王", Given: "小明"}, Other: []vcard.Property{{Name: "FN", Value: "second"}, {Name: "N", Value: "a;b;c;d;e;f;g"}}}},
		{"escapes", []string{`FN:a\, b\; c\\d\: e\f\`, `NOTE:one\ntwo\Nthree`, `N:a\;b;c\,d;\\;;`}, vcard.Card{FormattedName: `a, b; c\d: e\f\`, Note: "one\ntwo\nthree", Name: vcard.Name{Family: "a;b", Given: "c,d", Additional: `\`}}},
		{"case, space and groups", []string{"fn : A ", "item1.tel;Type=Work:1", "my-2.NOTE:n"}, vcard.Card{FormattedName: "A", Phones: []vcard.Value{{Value: "1", Types: []string{"work"}}}, Note: "n"}},
		{"folding", []string{"FN:Wei", " Wang", "NOTE:a", "  b", "\tc", "TEL;TYPE=wo", " rk:1"}, vcard.Card{FormattedName: "WeiWang", Note: "a bc", Phones: []vcard.Value{{Value: "1", Types: []string{"work"}}}}},
		{"types of all versions", []string{"TEL;WORK;VOICE;PREF:1", "TEL;TYPE=home,fax;TYPE=pref:2", `TEL;VALUE=uri;PREF=1;TYPE="cell,text":tel:+86-138`, "TEL;PREF=2:4", "TEL;=x;:5"}, vcard.Card{Phones: []vcard.Value{{"1", []string{"work", "voice"}, true}, {"2", []string{"home", "fax"}, true}, {"+86-138", []string{"cell", "text"}, true}, {"4", nil, false}, {"5", nil, false}}}},
		{"words for types", []string{"item1.TEL;type=pref:1", "item1.X-ABLabel:_$!<HomePage>!$_", "item2.EMAIL;TYPE=INTERNET:Mailto:a@b.c", "item2.X-ABLabel:My own", "item3.X-ABDATE:2020", "item3.X-ABLabel:day", "item4.URL:http\\://x", "item4.X-ABLabel:"}, vcard.Card{
			Phones: []vcard.Value{{"1", []string{"homepage"}, true}}, Emails: []vcard.Value{{"a@b.c", []string{"My own"}, false}}, URLs: []vcard.Value{{"http://x", nil, false}},
			Other: []vcard.Property{{Group: "item3", Name: "X-ABDATE", Value: "2020"}, {Group: "item3", Name: "X-ABLABEL", Value: "day"}},
		}},
		{"addresses", []string{"ADR;HOME:;;坂田街道;深圳;广东;518129;中国", `ADR;TYPE=work,pref:1;2;a\;b,c;;;;`, "ADR:;;;;;;", `ADR:;;s;c;r;p;l;s\nc r\np`}, vcard.Card{Addresses: []vcard.Address{
			{Street: "坂田街道", City: "深圳", Region: "广东", Postcode: "518129", Country: "中国", Types: []string{"home"}},
			{Box: "1", Extended: "2", Street: "a;b,c", Types: []string{"work"}, Preferred: true},
			{Street: "s", City: "c", Region: "r", Postcode: "p", Country: "l"},
		}}},
		{"work", []string{"ORG:华为;;市场部;一组", "TITLE:经理", "ROLE:sales", "TITLE:second"}, vcard.Card{Organization: "华为", Units: []string{"市场部", "一组"}, Title: "经理", Role: "sales", Other: []vcard.Property{{Name: "TITLE", Value: "second"}}}},
		{"the rest", []string{"NICKNAME:a,b\\,c,", "CATEGORIES:x,y", "NOTE:1", "NOTE:2", "UID:urn:1", "URL:http://x/?a=1;b=2,3"}, vcard.Card{Nicknames: []string{"a", "b,c"}, Categories: []string{"x", "y"}, Note: "1\n\n2", UID: "urn:1", URLs: []vcard.Value{{Value: "http://x/?a=1;b=2,3"}}}},
		{"empty values", []string{"FN:", "N:;;;;", "TEL:", "EMAIL; ", "ORG:;", "BDAY:", "PHOTO:", "X-A:", "PHOTO;ENCODING=b:"}, vcard.Card{Err: errors.New("invalid: cards, line 5: a line that is no property")}},
		{"others", []string{"X-QQ;TYPE=work:12345", `X-A;P="a;b:c","d^ne";Q=^'f^':x\;y;z`, "LABEL;QUOTED-PRINTABLE:a=0D=0Ab"}, vcard.Card{Other: []vcard.Property{
			{Name: "X-QQ", Params: []vcard.Param{{"TYPE", []string{"work"}}}, Value: "12345"},
			{Name: "X-A", Params: []vcard.Param{{"P", []string{"a;b:c", "d\ne"}}, {"Q", []string{`"f"`}}}, Value: `x\;y;z`},
			{Name: "LABEL", Value: `a\nb`},
		}}},
		{"a quote that is never closed", []string{`TEL;TYPE="work:1`}, vcard.Card{Phones: []vcard.Value{{Value: "1", Types: []string{`"work`}}}}},
		{"a colon in quotes that are folded", []string{`TEL;TYPE="a:b`, ` c":1`}, vcard.Card{Phones: []vcard.Value{{Value: "1", Types: []string{"a:bc"}}}}},
		{"an agent", []string{"FN:boss", "AGENT:", "BEGIN:VCARD", "FN:agent", "END:VCARD", "", "TEL:1"}, vcard.Card{FormattedName: "boss", Phones: []vcard.Value{{Value: "1"}}}},
		{"quoted-printable", []string{"N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E7=8E=8B;=E5=B0=", "=E6=98=8E", "NOTE;QUOTED-PRINTABLE:a=3Db=zz=0D=0A=", "c= ", "d=", " e", "TEL:1"}, vcard.Card{
			Name: vcard.Name{Family: "王", Given: "\uFFFD明"}, Note: "a=b=zz\ncd e", Phones: []vcard.Value{{Value: "1"}}, Err: errors.New("invalid: cards, line 2, N: bytes that are no text"),
		}},
		{"quoted-printable, folded once more", []string{"FN;ENCODING=QUOTED-PRINTABLE:very=", " long=20=", " name"}, vcard.Card{FormattedName: "verylong name"}},
		{"quoted-printable that goes on with a space", []string{"FN;ENCODING=QUOTED-PRINTABLE:very=", " long=", "er name"}, vcard.Card{FormattedName: "very longer name"}},
		{"quoted-printable up to the end", []string{"FN:a", "NOTE;ENCODING=QUOTED-PRINTABLE:b="}, vcard.Card{FormattedName: "a", Note: "b"}},
		{"base64 text", []string{"NOTE;ENCODING=B:5a6i5oi3", "TITLE;BASE64:!!!"}, vcard.Card{Note: "客户", Err: errors.New("invalid: cards, line 3, TITLE: no base64")}},
		{"pictures", []string{
			"PHOTO;ENCODING=b;TYPE=JPEG:AQID", "PHOTO;BASE64;GIF:", "  AQ", "ID", "", "PHOTO:http://x/y.png", "PHOTO:data:image/png;base64,AQID", "PHOTO;VALUE=uri;MEDIATYPE=image/webp:http://z", "PHOTO;ENCODING=BASE64:***", "LOGO;ENCODING=b:AQ", " ID",
		}, vcard.Card{
			Photos: []vcard.Photo{{Type: "image/jpeg", Data: []byte{1, 2, 3}}, {Type: "image/gif", Data: []byte{1, 2, 3}}, {URL: "http://x/y.png"}, {Type: "image/png", Data: []byte{1, 2, 3}}, {Type: "image/webp", URL: "http://z"}},
			Other:  []vcard.Property{{Name: "LOGO", Params: []vcard.Param{{"ENCODING", []string{"b"}}}, Value: "AQID"}},
			Err:    errors.New("invalid: cards, line 10, PHOTO: no base64"),
		}},
		{"no properties", []string{"FN:a", "no colon", ":no name", "w@rd:x", "TEL:1"}, vcard.Card{FormattedName: "a", Phones: []vcard.Value{{Value: "1"}}, Err: errors.New("invalid: cards, line 3: a line that is no property; line 4: a line that is no property; line 5: a line that is no property")}},
		{"unknown charset", []string{"FN;CHARSET=klingon:a"}, vcard.Card{FormattedName: "a", Err: errors.New("invalid: cards, line 2, FN: a charset that is not known")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cards := readAll(t, strings.NewReader(card(c.lines...)))
			require.Len(t, cards, 1)
			got := cards[0]
			require.Equal(t, 1, got.Line)
			if c.want.Err == nil {
				require.NoError(t, got.Err)
			} else {
				require.EqualError(t, got.Err, c.want.Err.Error())
				require.Equal(t, fault.Invalid, fault.CodeOf(got.Err))
			}
			got.Err, got.Line, c.want.Err = nil, 0, nil
			require.Equal(t, c.want, got)
		})
	}
}

func TestReadBirthdays(t *testing.T) {
	for line, want := range map[string]string{
		"BDAY:1970-04-14":                               "1970-04-14",
		"BDAY:19700414":                                 "1970-04-14",
		"BDAY:1970-4-4":                                 "1970-04-04",
		"BDAY:1970-04-14T00:00:00Z":                     "1970-04-14",
		"BDAY:1970-04-14T00:00:00.000+08:00":            "1970-04-14",
		"BDAY;VALUE=date:--0414":                        "--04-14",
		"BDAY:--02-29":                                  "--02-29",
		"BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-14":        "--04-14",
		"BDAY;X-APPLE-OMIT-YEAR=1604:1970-04-14":        "1970-04-14",
		"BDAY:1970年4月14日":                               "1970年4月14日",
		"BDAY:1970-02-30":                               "1970-02-30",
		"BDAY;VALUE=text:circa 1800":                    "circa 1800",
		"BDAY;ENCODING=QUOTED-PRINTABLE:=31970-04-14":   "1970-04-14",
		"BDAY;CHARSET=UTF-8;ENCODING=8BIT: 1970-04-14 ": "1970-04-14",
	} {
		cards := readAll(t, strings.NewReader(card(line)))
		require.NoError(t, cards[0].Err)
		require.Equal(t, want, cards[0].Birthday, line)
	}
}

// The same card is the same in every encoding.
func TestReadEncodings(t *testing.T) {
	chinese := card("FN:王小明", "ORG:华为技术有限公司", "NOTE:联通")
	western := card("FN:Bartholomäus Größe", "ORG:Société Générale")
	encode := func(s string, err error) string { require.NoError(t, err); return s }
	utf16 := func(s string, e unicode.Endianness, p unicode.BOMPolicy) string {
		return encode(unicode.UTF16(e, p).NewEncoder().String(s))
	}
	gbk := func(s string) string { return encode(simplifiedchinese.GBK.NewEncoder().String(s)) }
	for _, c := range []struct{ name, file, text string }{
		{"UTF-8 with mark", "\uFEFF" + chinese, chinese},
		{"UTF-16 with mark", utf16(chinese, unicode.LittleEndian, unicode.UseBOM), chinese},
		{"UTF-16 without mark", utf16(chinese, unicode.BigEndian, unicode.IgnoreBOM), chinese},
		{"UTF-16 without mark, the other order", utf16(western, unicode.LittleEndian, unicode.IgnoreBOM), western},
		{"UTF-16 that says otherwise", utf16(card("FN;CHARSET=GBK:王小明", "ORG:华为技术有限公司", "NOTE:联通"), unicode.BigEndian, unicode.IgnoreBOM), chinese},
		{"GBK", gbk(chinese), chinese},
		{"Latin-1", encode(charmap.ISO8859_1.NewEncoder().String(western)), western},
		{"each value its own", card("FN;CHARSET=GBK:"+gbk("王小明"), "ORG;CHARSET=UTF-8:华为技术有限公司", "NOTE;CHARSET=gb2312;ENCODING=QUOTED-PRINTABLE:=C1=AA=CD=A8"), chinese},
		{"a wrong charset", card("FN;CHARSET=GBK:王小明 1", "ORG:华为技术有限公司", "NOTE:联通"), strings.Replace(chinese, "王小明", "鐜嬪皬鏄� 1", 1)},
		{"a folded character", strings.Replace(gbk(chinese), gbk("技术"), gbk("技")+gbk("术")[:1]+"\r\n "+gbk("术")[1:], 1), chinese},
		{"quoted-printable without a charset", card("FN;ENCODING=QUOTED-PRINTABLE:Bartholom=E4us Gr=F6=DFe", "ORG;ENCODING=QUOTED-PRINTABLE:Soci=C3=A9t=C3=A9 G=C3=A9n=C3=A9rale"), western},
		{"old Mac", strings.ReplaceAll(chinese, "\r\n", "\r"), chinese},
		{"lines ends translated twice", strings.ReplaceAll(chinese, "\r\n", "\r\r\n"), chinese},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.text, "\uFFFD") {
				got := readAll(t, strings.NewReader(c.file))
				require.Equal(t, "王小明 1", got[0].FormattedName, "what it says it is, it is not")
				return
			}
			want := readAll(t, strings.NewReader(c.text))
			got := readAll(t, iotest.OneByteReader(strings.NewReader(c.file)))
			require.Equal(t, want, got)
		})
	}
}

// What is broken is told, and what is around it is read.
func TestReadBroken(t *testing.T) {
	type told struct {
		line int
		name string
		err  string
	}
	good := card("FN:good")
	for _, c := range []struct {
		name, file string
		want       []told
	}{
		{"nothing", "", nil},
		{"empty lines", "\r\n \r\n\x1a", nil},
		{"no card", "<html>\n<body>\n", []told{{1, "", "invalid: cards, line 1: text that is in no card"}}},
		{"text around cards", "hello\nthere\n" + good + "\n" + good + "bye\n\x00", []told{{1, "", "invalid: cards, line 1: text that is in no card"}, {3, "good", ""}, {7, "good", ""}, {10, "", "invalid: cards, line 10: text that is in no card"}}},
		{"another block", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n" + good, []told{{5, "good", ""}}},
		{"another block without end", "BEGIN:FOO\nx:y\n" + good, []told{{3, "good", ""}}},
		{"a lost beginning", "FN:lost\nEND:VCARD\n" + good, []told{{1, "", "invalid: cards, line 1: text that is in no card"}, {3, "good", ""}}},
		{"a lost end", "BEGIN:VCARD\nFN:first\n" + good, []told{{1, "first", "invalid: cards, line 1: the card has no end"}, {3, "good", ""}}},
		{"a lost end of the last", good + "BEGIN:VCARD\nFN:last", []told{{1, "good", ""}, {4, "last", "invalid: cards, line 4: the card has no end"}}},
		{"cut in quoted-printable", "BEGIN:VCARD\nFN:a\nNOTE;ENCODING=QUOTED-PRINTABLE:x=", []told{{1, "a", "invalid: cards, line 1: the card has no end"}}},
		{"too large", card("FN:"+strings.Repeat("x", 2000)) + good + card("FN:y", strings.Repeat("\r\n", 1000), "TEL:1"), []told{{1, "", "invalid: cards, line 1: larger than 1000 bytes"}, {4, "good", ""}, {7, "", "invalid: cards, line 7: larger than 1000 bytes"}}},
		{"small letters", "begin:vcard\nfn:good\nend : vcard \n", []told{{1, "good", ""}}},
		{"many problems", card(strings.Split(strings.Repeat("x ", 15), " ")...), []told{{1, "", "invalid: cards, line 2: a line that is no property; line 3: a line that is no property; line 4: a line that is no property; line 5: a line that is no property; line 6: a line that is no property; line 7: a line that is no property; line 8: a line that is no property; line 9: a line that is no property; line 10: a line that is no property; line 11: a line that is no property"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []told
			for card, err := range vcard.Read(strings.NewReader(c.file), vcard.Options{Card: 1000}) {
				require.NoError(t, err)
				e := ""
				if card.Err != nil {
					e = card.Err.Error()
				}
				got = append(got, told{card.Line, card.FormattedName, e})
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestReadEndsEarly(t *testing.T) {
	broken := errors.New("wire cut")
	for _, begun := range []string{"", "BEGIN:VCARD\nFN:b\n", "BEGIN:FOO\n", "text\n"} {
		var names []string
		var end error
		for card, err := range vcard.Read(io.MultiReader(strings.NewReader(card("FN:a")+begun), iotest.ErrReader(broken)), vcard.Options{File: "a.vcf"}) {
			if end = err; err == nil {
				names = append(names, card.FormattedName)
			}
		}
		require.Equal(t, []string{"a"}, names)
		require.ErrorIs(t, end, broken)
		require.EqualError(t, end, "internal: a.vcf: cannot be read any further")
	}
	for card, err := range vcard.Read(strings.NewReader(card("FN:a")+card("FN:b")), vcard.Options{}) {
		require.NoError(t, err)
		require.Equal(t, "a", card.FormattedName)
		break
	}
}

func TestDisplayName(t *testing.T) {
	for want, c := range map[string]vcard.Card{
		"":                  {},
		"as it says":        {FormattedName: "as it says", Name: vcard.Name{Family: "x"}},
		"王小明":               {Name: vcard.Name{Family: "王", Given: "小明", Prefix: "先生"}},
		"Dr. Carl Gauß Jr.": {Name: vcard.Name{Family: "Gauß", Given: "Carl", Prefix: "Dr.", Suffix: "Jr."}},
		"Bob, Bobby":        {Nicknames: []string{"Bob", "Bobby"}, Organization: "x"},
		"华为":                {Organization: "华为", Emails: []vcard.Value{{Value: "x"}}},
		"a@example.com":     {Emails: []vcard.Value{{Value: "a@example.com"}}},
		"+86 755":           {Phones: []vcard.Value{{Value: "+86 755"}}},
	} {
		require.Equal(t, want, c.DisplayName())
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		card("VERSION:2.1", "N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=CD=F5=", " ;x", "TEL;WORK;PREF:1"),
		card("VERSION:3.0", "item1.ADR;TYPE=home:;;a\\;b;;;;", "item1.X-ABLabel:_$!<Home>!$_", "PHOTO;ENCODING=b:AQ", "ID"),
		card("VERSION:4.0", `TEL;VALUE=uri;TYPE="a,b":tel:1`, "PHOTO:data:image/png;base64,AQID", "AGENT:", "BEGIN:VCARD", "END:VCARD"),
		"\xFE\xFF\x00B\x00E\x00G\x00I\x00N\x00:\x00V\x00C\x00A\x00R\x00D\x00\n\x00F\x00N\x00:\x00a",
		"BEGIN:X\rEND:X\rBEGIN:VCARD\rFN:\xFF\rBDAY:--0229\r",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		last := 0
		for card, err := range vcard.Read(strings.NewReader(string(file)), vcard.Options{Card: 2000}) {
			require.NoError(t, err)
			require.Greater(t, card.Line, last)
			last = card.Line
			if card.DisplayName() == "" {
				continue
			}
			var out strings.Builder
			require.NoError(t, vcard.Write(&out, card), "what was read can be written")
			again := readAll(t, strings.NewReader(out.String()))
			require.Len(t, again, 1)
			require.NoError(t, again[0].Err)
			var second strings.Builder
			require.NoError(t, vcard.Write(&second, again[0]))
			thrice := readAll(t, strings.NewReader(second.String()))
			require.True(t, assert.ObjectsAreEqual(again, thrice), "and says the same from then on:\n%s\n%s", out.String(), second.String())
		}
	})
}
