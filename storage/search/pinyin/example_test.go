package pinyin_test

import (
	"fmt"
	"strings"

	"github.com/kehucrm/kehu/storage/search/pinyin"
)

// A search offers the names whose spelling, in full or by initials, begins with what
// was typed.
func Example() {
	names := []string{"华为技术有限公司", "重庆长安汽车股份有限公司", "中国银行重庆市分行", "单晓明", "ABC 科技"}
	for _, typed := range []string{"hwjs", "Chongqing", "zgyh", "shan", "abckj"} {
		for _, name := range names {
			if strings.HasPrefix(pinyin.Full(name), pinyin.Full(typed)) ||
				strings.HasPrefix(pinyin.Initials(name), pinyin.Initials(typed)) {
				fmt.Println(typed, "finds", name)
			}
		}
	}
	// Output:
	// hwjs finds 华为技术有限公司
	// Chongqing finds 重庆长安汽车股份有限公司
	// zgyh finds 中国银行重庆市分行
	// shan finds 单晓明
	// abckj finds ABC 科技
}
