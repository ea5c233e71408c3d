package search_test

import (
	"fmt"

	"github.com/kehucrm/kehu/storage/search"
)

// A record's text is made once, when it is stored; what somebody types is compared with
// it.
func Example() {
	texts := map[string]string{}
	names := []string{"华为技术有限公司", "上海华为通信", "Huawei Ltd", "万科"}
	for _, name := range names {
		texts[name] = search.Text(firms.Search(), rowOf(firm{Name: name, Phone: "13800138000"}))
	}
	for _, typed := range []string{"华为", "huaw", "hwjs", "0013"} {
		q, err := search.New(firms.Search(), typed, nil)
		if err != nil {
			panic(err)
		}
		for _, name := range names {
			if text := texts[name]; q.Hits.Of(text) {
				fmt.Println(typed, "finds", name, q.Begins.Of(text))
			}
		}
	}
	// Output:
	// 华为 finds 华为技术有限公司 true
	// 华为 finds 上海华为通信 false
	// huaw finds 华为技术有限公司 true
	// huaw finds Huawei Ltd true
	// hwjs finds 华为技术有限公司 true
	// 0013 finds 华为技术有限公司 false
	// 0013 finds 上海华为通信 false
	// 0013 finds Huawei Ltd false
	// 0013 finds 万科 false
}
