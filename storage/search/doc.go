// Package search says what it is to find a record as somebody types (速查): over names,
// codes, phone numbers and addresses, in Chinese, in Latin letters and by pinyin. It is
// the one meaning for all stores, in plain Go; it knows none of them.
//
// # What is kept
//
// A kind says by schema.Search what its records are found by. From that, [Text] makes one
// text for each record, in which every searched field that is not empty is a line, and
// every one with Chinese characters two lines more: its spelling and its initials (助记码).
// storage keeps it in a column of the record, so that it changes with the record and in
// the same transaction.
//
//	华为技术有限公司, +86 755-2878 0808
//
// has the lines 华为技术有限公司, HUAWEIJISHUYOUXIANGONGSI, HWJSYXGS and ÈÆÇÅÅÂÈÇÈÀÈÀÈ.
// Words are in the form of schema.Fold, without case, width and diacritics; spellings are
// in capitals, and digits of phone numbers are letters from À to É. So the three never
// meet: whoever asks whether 808 stands in a text asks about words alone.
//
// # What hits
//
// A text of several words hits where each of them does. A word hits
//
//   - inside of a line of words, if it has at least two Chinese characters in a row, or
//     three letters or digits;
//   - inside of a phone number, if it has at least four digits;
//   - at the beginning of any line, whatever its length: also of a spelling, in letters
//     and digits only.
//
// A text also hits where it stands, as a whole, at the beginning of a line; there it
// Begins. Spaces do not count in spellings and phone numbers. An empty text hits
// nothing. Of each field only the first [MaxLine] characters are searched.
//
// # Order
//
// Hits that begin come first, and among equals those that were used last (by the sort key
// that schema.Search names, null last, then the greatest id). All hits are ranked, not
// only the first thousand: what begins is found by an index of beginnings (see Tokens), so
// that no order but this one is needed.
//
// # Tokens
//
// A store that has an inverted index need not read every text. [Condition.Tokens] names
// the tokens that a hit must have, and [Tokens] those of a text: pairs of Chinese
// characters, threes of letters, fours of digits, and the beginnings of lines in a few
// lengths. A token is a short hash, salted by the tenant, so that no tenant's records are
// even looked at for another. What has the tokens is only likely to be a hit: the
// condition itself is tested after.
package search
