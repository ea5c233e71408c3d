// Package phone reads telephone numbers (电话号码) as people write them and gives each
// number one form, so that two spellings of a number are equal when they are stored,
// searched or compared for duplicates.
//
// A [Parser] has a default region, "CN" for a Chinese company, and reads one number
// ([Parser.Parse]) or all numbers of a field ([Parser.ParseAll]). A [Number] is a plain
// comparable value that knows its E.164 form, its extension, its kind and its spelling
// for people at home and abroad. [Parser.Normalise] is the short way from text to text.
//
// # What is read
//
// Full-width characters and the digits of all scripts; "+86", "0086" and "86-" before a
// number; RFC 3966 ("tel:+86-10-6234-5678;ext=8001"). Extensions (分机): 转8001, 分机8001,
// 内线8001, "ext. 8001", "x8001", "#8001", and 010-62345678-8001, where the whole is no
// number and what stands before the last hyphen is one. Letters are read as on a keypad
// in the North American plan only (1-800-FLOWERS). Words before a number ("Tel:", 手机)
// and remarks without digits in brackets (微信同号) are skipped; anything else that is no
// part of a number is an error, and so is a masked number (138****8000).
//
// Numbers of one field are divided by / 、 ; , | 或 "or", new lines and remarks, not by
// spaces. A slash within a number (030/1234567) divides nothing. A later number may leave out what it has in
// common with the one before: 0755-26780000/26780001 shares the area code,
// 010-62345678/79 all but two digits, 转8001/8002 all but the extension.
//
// # The normal form
//
// [Number.String] is E.164, followed by ";ext=" where there is an extension:
// "+861062345678;ext=8001". A short number (110, 95588) exists within its country only
// and has no E.164 form; its normal form says so as RFC 3966 does:
// "95588;phone-context=+86". Reading a normal form gives the same Number in any region.
//
// # Who is right
//
// Numbering plans come from github.com/nyaruka/phonenumbers, a port of Google's
// libphonenumber with its data; what a plan allows changes with the version of that
// module. Where it is wrong, or says too little about China, it is mended in plan.go and
// in [Number.DialledFrom], with the reason beside it. The module brings some 7 MB, which is why this package
// stands alone and the host hands a Parser to whatever wants one.
package phone
