package phone

import "regexp"

// What stands before an extension (分机): "转" asks for it, "总机转分机" says it at
// length. The words of other languages are known to the library.
const marks = `(?:总机|總機|请|請|转|轉|分机号?|分機號?|内线|內線)+`

// maxExtension is what every spelling of an extension can hold.
const maxExtension = 8

var (
	chineseExtension = regexp.MustCompile(`[\s,(]*` + marks + `[\s:.-]*(\d{1,8})\s*(?:分机|分機)?[\s)]*$`)
	onlyExtension    = regexp.MustCompile(`(?i)^\(?(?:` + marks + `|ext(?:ensio)?n?|x|#)[\s:.-]*(\d{1,8})\s*(?:分机|分機)?\)?$`)
	hyphenExtension  = regexp.MustCompile(`^(.*\d[\s)]*)-+\s*(\d{1,6})$`)
)

// markExtension returns text with a Chinese extension as RFC 3966 writes it.
func markExtension(text string) string {
	return chineseExtension.ReplaceAllString(text, ";ext=$1")
}
