package text_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet/internal/text"
)

// A file in GBK that does not say so is read line by line.
func Example() {
	file := "name;phone\r\n\xBB\xAA\xCE\xAA;0755\r\n"
	decoded, _ := text.UTF8(strings.NewReader(file), "")
	for lines := text.NewLines(decoded, 100); ; {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		fmt.Println(line.Number, line.Text, err)
	}
	// Output:
	// 1 name;phone <nil>
	// 2 华为;0755 <nil>
}
