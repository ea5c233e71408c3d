package vcard_test

import (
	"fmt"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet/vcard"
)

// A card comes in as an old phone wrote it, and goes out as all programs read it.
func Example() {
	file := "BEGIN:VCARD\r\n" +
		"VERSION:2.1\r\n" +
		"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=E5=B0=8F=\r\n=E6=98=8E;;;\r\n" +
		"TEL;CELL;PREF:13800138000\r\n" +
		"ORG:华为技术有限公司;市场部\r\n" +
		"a line that is none\r\n" +
		"END:VCARD\r\n"
	for card, err := range vcard.Read(strings.NewReader(file), vcard.Options{File: "phone.vcf"}) {
		if err != nil {
			fmt.Println("the rest cannot be read:", err)
			return
		}
		fmt.Println(card.DisplayName(), card.Phones, card.Err)
		var out strings.Builder
		if err := vcard.Write(&out, card); err != nil {
			fmt.Println(err)
		}
		fmt.Print(strings.ReplaceAll(out.String(), "\r\n", "\n"))
	}
	// Output:
	// 王小明 [{13800138000 [cell] true}] invalid: phone.vcf, line 7: a line that is no property
	// BEGIN:VCARD
	// VERSION:3.0
	// FN:王小明
	// N:王;小明;;;
	// ORG:华为技术有限公司;市场部
	// TEL;TYPE=cell,pref:13800138000
	// END:VCARD
}
