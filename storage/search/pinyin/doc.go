// Package pinyin spells Chinese text in Latin letters, so that a name is found by
// typing: in full ([Full], 全拼) or by the first letters of its syllables ([Initials],
// 助记码, the mnemonic code). 华为技术有限公司 is "huaweijishuyouxiangongsi" and
// "hwjsyxgs".
//
// # What a search index may rely on
//
// For every text s, of any bytes:
//
//   - Alphabet. Full(s) and Initials(s) consist of a to z and 0 to 9, and are empty if s
//     has nothing that can be spelled. They have at most [MaxLength] bytes; what is
//     longer is cut after a whole syllable.
//   - Stable. The results depend on s and [Version] alone. An index that keeps them keeps
//     the version, too, and is built again when it changes.
//   - Latin is itself. Letters and digits are kept, in lower case and without width and
//     diacritics (schema.Fold). If t has Latin letters and digits only, Full(t) and
//     Initials(t) are both t in lower case; so Full(Full(s)) is Full(s), and what
//     somebody types may be put through either function before it is looked for.
//   - Nothing else counts. Spaces, punctuation and other scripts are left out before
//     anything is read: "华为（深圳）" is spelled as 华为深圳, and 单　明 as 单明. There
//     are no boundaries in the result.
//   - Traditional characters are spelled as simplified ones are: 廈門 as 厦门.
//   - One by one. Initials has the first letter of each syllable of Full, and all
//     Latin letters and digits of Full, in the same order.
//
// So a name is offered for what was typed if
//
//	strings.HasPrefix(pinyin.Full(name), pinyin.Full(typed)) ||
//		strings.HasPrefix(pinyin.Initials(name), pinyin.Initials(typed))
//
// and both are ranges of an ordered index. "hwjs" and "huaweij" find 华为技术有限公司;
// "huaweijs", a mixture of the two forms, does not. Typed Chinese is better compared
// with the name itself: the spelling of a name's beginning is the beginning of its
// spelling only where no word is cut in two (重 is "zhong", 重庆 "chongqing").
//
// # How a character is read
//
// Most characters have one reading; for those that have several the longest word that
// contains them decides (重庆 chongqing, 重工 zhonggong), of equally long ones the one
// that begins last (集团长沙公司: 长沙, not 团长). A text of two or three Chinese characters is taken for a
// person's name, whose surname has a reading of its own (单 shan, 解 xie, 区 ou), unless
// it begins with a word (单位, 解放, 区域). Otherwise a character has the reading that
// names have most often: 长 is chang, 曾 zeng, 都 du. ü is v, as on keyboards: 吕 is lv.
// A text has one reading; whoever types another (zhongqing) does not find it.
//
// The readings are those of github.com/mozillazg/go-pinyin, but for what stands in
// readings.go: its default of a character is often one that names do not have.
package pinyin
