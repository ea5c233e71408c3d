package match_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/fault"
)

// form is what a normaliser makes of a text.
type form struct{ text, want string }

// forms are tables for all normalisers that take a text and return one.
var forms = map[string]struct {
	normalise func(string) string
	table     []form
}{
	"company": {match.NormaliseCompany, []form{
		{"", ""},
		{"华为技术有限公司", "华为技术"},
		{"华为技术股份有限公司", "华为技术"},
		{"华为技术有限责任公司", "华为技术"},
		{"華為技術有限責任公司", "華為技術"},
		{"华为技术（中国）有限公司", "华为技术"},
		{"华为投资控股有限公司", "华为投资控股"}, // the holding is another company
		{"中粮集团有限公司", "中粮"},
		{"中粮（集团）有限公司", "中粮"},
		{"中粮集团", "中粮"},
		{"海尔集团公司", "海尔"},
		{"中国移动通信集团有限公司", "中国移动通信"},
		{"华为技术有限公司北京分公司", "华为技术北京分公司"},
		{"上海明达贸易有限公司", "上海明达贸易"},
		{"北京明达贸易有限公司", "北京明达贸易"},
		{"明达贸易（上海）有限公司", "明达贸易上海"},
		{"深圳 明达 贸易 有限 公司", "深圳明达贸易"},
		{"ＡＢＣ电子（深圳）有限公司", "abc电子深圳"},
		{"北京创新中心（有限合伙）", "北京创新中心"},
		{"有限公司", "有限公司"},
		{"公司", "公司"},
		{"トヨタ自動車株式会社", "トヨタ自動車"},
		{"㈱日立製作所", "日立製作所"},
		{"삼성전자 주식회사", "삼성전자"},
		{"Huawei Technologies Co., Ltd.", "huawei technologies"},
		{"Huawei Technologies Co.,Ltd", "huawei technologies"},
		{"Huawei Technologies Co.Ltd.", "huawei technologies"},
		{"HUAWEI TECHNOLOGIES (China) CO LTD", "huawei technologies"},
		{"Acme, Inc.", "acme"},
		{"Acme Holdings Inc", "acme holdings"},
		{"Acme Group Limited", "acme"},
		{"The Acme Company", "acme"},
		{"Inc.", "inc"},
		{"Group, Inc.", "group"},
		{"Müller & Söhne GmbH & Co. KG", "muller and sohne"},
		{"Johnson & Johnson", "johnson and johnson"},
		{"Johnson and Johnson", "johnson and johnson"},
		{"Société Générale S.A.", "societe generale"},
		{"ООО Ромашка", "ооо ромашка"},
		{"Costco Wholesale Corporation", "costco wholesale"},
		{"O'Reilly Media, Inc.", "oreilly media"},
		{"3M Company", "3m"},
		{"N/A", ""},
		{"未知", ""},
		{"无", ""},
		{"...", ""},
		{"Ac\x00me Ltd\xff", "ac me"},
		{"\ufeffAc\u200bme Ltd", "acme"},
		{"か.\u3099んばれ", "がんばれ"}, // two halves of a letter
	}},
	"name": {match.NormaliseName, []form{
		{"", ""},
		{" ZHANG\u3000Wei ", "zhang wei"},
		{"张伟", "张伟"},
		{"张 伟", "张伟"},
		{"张伟先生", "张伟"},
		{"李女士", "李"},
		{"先生", "先生"},
		{"Dr. Prof. Anna-Lena O’Neill", "anna lena oneill"},
		{"Mr", "mr"},
		{"Nguyễn Thị Minh", "nguyen thi minh"},
		{"Null", "null"}, // some people are called so
		{"阿卜杜拉·买买提", "阿卜杜拉买买提"},
	}},
	"address": {match.NormaliseAddressLine, []form{
		{"", ""},
		{"Main St.", "main street"},
		{"St. James", "st james"},
		{"ST", "st"},
		{"Max-Henry Cres", "max henry crescent"},
		{"广东省 深圳市 龙岗区 坂田", "广东省深圳市龙岗区坂田"},
		{"N/A", ""},
		{"暂无", ""},
	}},
	"city": {match.NormaliseCity, []form{
		{"深圳市", "深圳"}, {"深圳", "深圳"}, {"广东省", "广东"}, {"龙岗区", "龙岗"}, {"沙市", "沙市"}, {"Port  Douglas", "port douglas"}, {"unknown", ""},
	}},
	"number": {match.NormaliseHouseNumber, []form{
		{"", ""}, {"12", "12"}, {"012", "12"}, {"12 A", "12a"}, {"No. 12-A", "12a"}, {"１２号", "12"}, {"第12号", "12"}, {"Nr. 7", "7"}, {"north", "north"}, {"0", ""},
	}},
	"postcode": {match.NormalisePostcode, []form{
		{"518129", "518129"}, {"０８７０", "870"}, {"SW1A 1AA", "sw1a1aa"}, {"D-10115", "d10115"}, {"", ""},
	}},
	"birth": {match.NormaliseBirthDate, []form{
		{"1990-05-17", "19900517"}, {"1990-5-7", "19900507"}, {"19900517", "19900517"}, {"1990年5月7日", "19900507"}, {"1990/05/17", "19900517"},
		{"19904517", "19904517"}, {"17.05.1990", ""}, {"1990", ""}, {"abc", ""}, {"", ""},
	}},
	"email": {match.NormaliseEmail, []form{
		{"Li.Na@Example.COM", "li.na@example.com"},
		{" Li Na <li.na@example.com> ", "li.na@example.com"},
		{"mailto:li@example.com", "li@example.com"},
		{"mailto:mailto: li@example.com", "li@example.com"},
		{"ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"},
		{"li.na+shop@gmail.com", "lina@gmail.com"},
		{"lina@googlemail.com", "lina@gmail.com"},
		{"li.na+shop@example.com", "li.na+shop@example.com"},
		{"o'neill@example.com", "o'neill@example.com"},
		{"li@example.com.", "li@example.com"},
		{"li@localhost", ""}, {"li", ""}, {"@example.com", ""}, {"li@", ""}, {"a@b@c.com", ""}, {"a b@c.com", ""}, {"", ""}, {"无", ""}, {"+x@gmail.com", ""},
	}},
	"domain": {match.NormaliseDomain, []form{
		{"https://www.Example.com/about?x=1", "example.com"},
		{"WWW.example.com:8080", "example.com"},
		{"li@mail.example.com.cn", "mail.example.com.cn"},
		{"Li <li@example.com>", "example.com"},
		{"例子.中国", "例子.中国"},
		{"li@qq.com", ""}, {"li@vip.163.com", ""}, {"li@gmail.com", ""}, {"li@yahoo.co.uk", ""}, {"li@hotmail.fr", ""},
		{"outlook-partners.com", "outlook-partners.com"},
		{"127.0.0.1", ""}, {"localhost", ""}, {"no site", ""}, {"", ""},
	}},
	"tax id": {match.NormaliseTaxID, []form{
		{"914403001922038216", "914403001922038216"},
		{" 9144 0300-1922 0382 16 ", "914403001922038216"},
		{"91440300１９２２０３８２１６", "914403001922038216"},
		{"9I4403OO1922038216", "914403001922038216"}, // the check character is right only so
		{"9I4403OO1922038217", "9I4403OO1922038217"},
		{"de 123.456.789", "DE123456789"},
		{"12-3456789", "123456789"},
		{"000000000000000000", ""}, {"无", ""}, {"N/A", ""}, {"unknown", ""}, {"12345", ""}, {"", ""},
	}},
}

func TestNormalise(t *testing.T) {
	for name, n := range forms {
		for _, f := range n.table {
			t.Run(name+" "+f.text, func(t *testing.T) { require.Equal(t, f.want, n.normalise(f.text)) })
		}
	}
}

func TestSplitName(t *testing.T) {
	for _, c := range []struct{ full, given, family string }{
		{"", "", ""},
		{"张伟", "伟", "张"},
		{"张 伟", "伟", "张"},
		{"王小明", "小明", "王"},
		{"欧阳娜娜", "娜娜", "欧阳"},
		{"欧阳", "阳", "欧"}, // two characters are a name of one and one
		{"李女士", "", "李"},
		{"张", "", "张"},
		{"Li Na", "li", "na"}, // the order can't be known
		{"Na Li", "na", "li"},
		{"Li, Na", "na", "li"},
		{"Li,", "", "li"},
		{"Dr. Maria del Carmen Garcia", "maria del carmen", "garcia"},
		{"Plato", "", "plato"},
	} {
		given, family := match.SplitName(c.full)
		require.Equal(t, []string{c.given, c.family}, []string{given, family}, c.full)
	}
}

func TestDigits(t *testing.T) {
	for text, want := range map[string]string{
		"0755-28780808": "075528780808",
		"０７５５－２８７８０８０８":           "075528780808",
		"+86 (755) 2878 0808":     "8675528780808",
		"0086 755 2878 0808":      "8675528780808",
		"0755-28780808转8001":      "075528780808",
		"0755-28780808 ext. 8001": "075528780808",
		"0755 28780808 x8001":     "075528780808",
		"138 0013 8000":           "13800138000",
		"Fax 0755 28780808":       "075528780808",
		"tel: 0755-28780808 (Li)": "075528780808",
		"０７５５ ２８７８ ０８０８　分机 12\x00": "075528780808",
	} {
		got, err := match.Digits{}.Normalise(text, "CN")
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "12345", "000000", "1111111", "none", "转8001"} {
		_, err := match.Digits{}.Normalise(text, "CN")
		require.ErrorIs(t, err, fault.ErrInvalid, text)
	}
}

func TestValidCreditCode(t *testing.T) {
	require.True(t, match.ValidCreditCode("914403001922038216"))
	require.True(t, match.ValidCreditCode("91110000802100433B"))
	for _, wrong := range []string{"", "914403001922038217", "914403001922038261", "91440300192203821", "9144030019220382166", "91440300192203821O", "914403001922038216\x00"} {
		require.False(t, match.ValidCreditCode(wrong), wrong)
	}
}

// Every change of one character, and every exchange of two neighbours, is noticed.
func TestCreditCodeNoticesSlips(t *testing.T) {
	const code = "914403001922038216"
	for i := range code {
		for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
			slip := code[:i] + string(c) + code[i+1:]
			require.Equal(t, slip == code, match.ValidCreditCode(slip), slip)
		}
		if i > 0 {
			slip := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]
			require.Equal(t, slip == code, match.ValidCreditCode(slip), slip)
		}
	}
}

// What somebody pastes into a field takes no time, and gives a key that an index takes.
func TestHugeText(t *testing.T) {
	for name, n := range forms {
		for _, piece := range []string{"a", "有限公司", "ｃｏ ", "mr ", "0", "www.", "\x00", "\xff", "a.", "号"} {
			got := n.normalise(strings.Repeat(piece, 1_000_000))
			require.LessOrEqual(t, utf8.RuneCountInString(got), 200, name)
		}
	}
}
