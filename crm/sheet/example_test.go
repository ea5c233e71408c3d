package sheet_test

import (
	"fmt"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet"
)

// A list is opened, its columns are matched to the fields that are wanted, and its
// lines are read: the bad one is told, the others go on.
func Example() {
	list := "客户名称(必填);电话;备注\n" +
		"华为技术有限公司;0755-28780808;\"两行\n备注\"\n" +
		"\"never closed;021-1;\n" +
		"Müller GmbH;'+49 30 1234;\n"

	src, err := sheet.ReadCSV(strings.NewReader(list), sheet.CSVOptions{Options: sheet.Options{File: "customers.csv"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer src.Close()
	mapping, suggestions := sheet.Match(src.Header(), []sheet.Field{
		{Name: "name", Labels: []string{"Customer name", "客户名称"}},
		{Name: "phone", Labels: []string{"Phone", "联系电话"}},
	})
	fmt.Printf("%q, perhaps column %d: %s\n", mapping, suggestions[0].Column, suggestions[0].Field)
	for line, err := range src.Lines() {
		switch {
		case err != nil:
			fmt.Println("the rest cannot be read:", err)
		case line.Err != nil:
			fmt.Println(line.Err)
		default:
			fmt.Printf("%d %q\n", line.Number, line.Cells)
		}
	}
	// Output:
	// ["name" "" ""], perhaps column 1: phone
	// 2 ["华为技术有限公司" "0755-28780808" "两行\n备注"]
	// invalid: customers.csv, line 4: a quote that is not closed, or text behind one that is
	// 5 ["Müller GmbH" "+49 30 1234" ""]
}

// What goes out is harmless in a spreadsheet and comes back as it was.
func ExampleWriteCSV() {
	var file strings.Builder
	list := sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true})
	err := list.Header([]sheet.Column{{Name: "name"}, {Name: "balance", Kind: sheet.Number}})
	if err == nil {
		err = list.Write([]string{"=HYPERLINK(\"http://evil\")", "-12.50"})
	}
	if err == nil {
		err = list.Close()
	}
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.ReplaceAll(file.String(), "\r\n", "\n"))
	// Output:
	// name,balance
	// "'=HYPERLINK(""http://evil"")",-12.50
}
