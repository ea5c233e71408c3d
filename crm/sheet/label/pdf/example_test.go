package pdf_test

import (
	"fmt"
	"io"
	"os"

	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/crm/sheet/label/pdf"
)

// The host brings a font that has Chinese letters, and prints a label for each person.
func Example() {
	font, err := os.ReadFile("NotoSansSC-Regular.ttf")
	if err != nil {
		return // no font, no labels
	}
	doc, err := pdf.New(label.A4(8, 3), pdf.Options{Font: font, Title: "客户标签"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range []label.Address{{Postcode: "518129", Address: "深圳市龙岗区坂田街道", Name: "华为技术有限公司", Contact: "王小明"}} {
		if l := doc.Add(a.Lines()); l.Err != nil {
			fmt.Printf("sheet %d, label %d: %v\n", l.Sheet, l.Position, l.Err)
		}
	}
	fmt.Println(doc.Write(io.Discard))
}
