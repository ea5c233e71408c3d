package label_test

import (
	"fmt"

	"github.com/kehucrm/kehu/crm/sheet/label"
)

// Two people, on a sheet whose first label is used up already.
func Example() {
	layout := label.A4(8, 3)
	layout.Skip = []int{1}
	run, err := label.NewRun(layout, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range []label.Address{
		{Postcode: "518129", Address: "广东省深圳市龙岗区坂田街道华为基地总部办公楼", Name: "华为技术有限公司", Department: "市场部", Contact: "王小明"},
		{Postcode: "10115", Address: "Invalidenstraße 44\nBerlin", Name: "Müller GmbH"},
	} {
		l := run.Add(a.Lines())
		fmt.Printf("sheet %d, label %d at %.0f, %.0f mm: %q %v\n", l.Sheet, l.Position, l.X, l.Y, l.Lines, l.Err)
	}
	// Output:
	// sheet 1, label 2 at 70, 0 mm: ["518129" "广东省深圳市龙岗区坂田街道华为基地" "总部办公楼" "华为技术有限公司" "市场部" "王小明"] <nil>
	// sheet 1, label 3 at 140, 0 mm: ["10115" "Invalidenstraße 44" "Berlin" "Müller GmbH"] <nil>
}
