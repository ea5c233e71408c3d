package sheet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet"
)

var contactFields = []sheet.Field{
	{Name: "name", Labels: []string{"Contact", "Full name", "姓名", "联系人"}},
	{Name: "company", Labels: []string{"Customer", "Company", "客户名称", "公司名称", "单位"}},
	{Name: "phone", Labels: []string{"Phone", "Telephone", "电话", "联系电话"}},
	{Name: "mobile", Labels: []string{"Mobile", "Cell phone", "手机", "手机号码"}},
	{Name: "email", Labels: []string{"E-mail", "Mail", "邮箱", "电子邮件"}},
	{Name: "postcode", Labels: []string{"ZIP", "Postal code", "邮编", "邮政编码"}},
	{Name: "address", Labels: []string{"Address", "Street address", "地址", "通讯地址"}},
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name        string
		header      []string
		mapping     sheet.Mapping
		suggestions []string
	}{
		{"the fields' own names", []string{"company", "name"}, sheet.Mapping{"company", "name"}, nil},
		{"case, width, space and signs", []string{"FULL NAME", "E_Mail:", "Ｐhone", "postal-code *"}, sheet.Mapping{"name", "email", "phone", "postcode"}, nil},
		{"what stands in brackets", []string{"客户名称（必填）", "电话(区号-号码)", "【邮编】", "(Mobile)"}, sheet.Mapping{"company", "phone", "postcode", "mobile"}, nil},
		{"unknown", []string{"颜色", "", "   ", "?"}, sheet.Mapping{"", "", "", ""}, nil},
		{"nothing", nil, sheet.Mapping{}, nil},
		{"the first of two", []string{"电话", "Phone", "手机"}, sheet.Mapping{"phone", "", "mobile"}, nil},
		{"alike", []string{"Adresse", "客户单位名称", "联系人姓名"}, sheet.Mapping{"", "", ""}, []string{"0 address 0.83", "2 name 0.80", "1 company 0.67"}},
		{"contained", []string{"办公电话", "家庭地址", "E-Mail 1"}, sheet.Mapping{"", "", ""}, []string{"2 email 0.92", "0 phone 0.75", "1 address 0.75"}},
		{"a field is suggested once", []string{"电话1", "电话2"}, sheet.Mapping{"", ""}, []string{"0 phone 0.83"}},
		{"a mapped field is not suggested", []string{"电话", "电话2"}, sheet.Mapping{"phone", ""}, nil},
		{"too little", []string{"a", "号", "址"}, sheet.Mapping{"", "", ""}, nil},
		{"a text instead of a name", []string{strings.Repeat("联系电话", 50)}, sheet.Mapping{""}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			mapping, suggestions := sheet.Match(c.header, contactFields)
			require.Equal(t, c.mapping, mapping)
			var got []string
			for _, s := range suggestions {
				got = append(got, fmt.Sprintf("%d %s %.2f", s.Column, s.Field, s.Score))
			}
			require.Equal(t, c.suggestions, got)
		})
	}
}

// What somebody mapped by hand is known the next time, as one more label.
func TestMatchLearns(t *testing.T) {
	fields := []sheet.Field{{Name: "phone", Labels: []string{"电话", "Rufnummer dienstlich"}}}
	mapping, _ := sheet.Match([]string{"Rufnummer (dienstlich)", "Rufnummer dienstlich"}, fields)
	require.Equal(t, sheet.Mapping{"", "phone"}, mapping)
}

func TestMatchProperties(t *testing.T) {
	name := rapid.OneOf(
		rapid.SampledFrom([]string{"电话", "Phone", "联系电话1", "姓名", "Mail", "e-mail addr", "地址", "mobile phone", ""}),
		rapid.StringN(0, 8, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOfN(name, 0, 8).Draw(t, "header")
		mapping, suggestions := sheet.Match(header, contactFields)
		again, suggestionsAgain := sheet.Match(header, contactFields)
		require.Equal(t, mapping, again)
		require.Equal(t, suggestions, suggestionsAgain)

		require.Len(t, mapping, len(header))
		fields, columns := map[string]bool{}, map[int]bool{}
		for c, field := range mapping {
			if field != "" {
				require.False(t, fields[field], "a field stands once")
				fields[field], columns[c] = true, true
			}
		}
		for i, s := range suggestions {
			require.False(t, fields[s.Field] || columns[s.Column], "only what is free, and once")
			fields[s.Field], columns[s.Column] = true, true
			require.True(t, s.Score >= 0.5 && s.Score <= 1)
			require.True(t, i == 0 || suggestions[i-1].Score >= s.Score, "the best first")
		}
	})
}
