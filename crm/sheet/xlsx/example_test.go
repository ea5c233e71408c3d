package xlsx_test

import (
	"bytes"
	"fmt"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/xlsx"
)

// A list goes out as a workbook, with numbers and dates that a spreadsheet can work
// with, and comes in again.
func Example() {
	var file bytes.Buffer
	list := xlsx.Write(&file, xlsx.Format{Sheet: "客户"})
	err := list.Header([]sheet.Column{{Name: "名称"}, {Name: "邮编"}, {Name: "余额", Kind: sheet.Number}, {Name: "成立", Kind: sheet.Date}})
	if err == nil {
		err = list.Write([]string{"华为技术有限公司", "010010", "-12.5", "1987-09-15"})
	}
	if err == nil {
		err = list.Close()
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	src, err := xlsx.Read(&file, xlsx.Options{Sheet: "客户"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer src.Close()
	fmt.Println(src.Header())
	for line, err := range src.Lines() {
		fmt.Println(line.Number, line.Cells, line.Err, err)
	}
	// Output:
	// [名称 邮编 余额 成立]
	// 2 [华为技术有限公司 010010 -12.5 1987-09-15] <nil> <nil>
}
