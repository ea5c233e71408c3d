// Package text reads lines of text from files that do not say how they are encoded.
//
// Address books and lists come from whatever people have: Excel in Chinese writes
// its CSV in GBK, a Mac its cards in UTF-16 without a mark, a phone each value in a
// charset of its own. [Unicode] deals with the encodings that show in the first
// bytes, [UTF8] guesses the others as well, and [Lines] reads numbered lines without
// ever holding more than one.
package text
