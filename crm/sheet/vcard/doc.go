// Package vcard reads and writes cards (名片, vCard files): versions 2.1, 3.0 and 4.0 as
// phones, mail programs and address books export them, and 3.0, which all of them read.
//
// [Read] yields one [Card] after the other. What it forgives is what such files really
// contain: UTF-16 without a mark, values in a charset of their own or in an unnamed
// one, quoted-printable with soft line breaks that were folded once more, pictures
// whose lines are not indented, types without "TYPE=", no name, no version. What it
// cannot make sense of is told in [Card.Err], with the file and the line, and the card
// holds the rest; after it, reading goes on.
//
// What a card says beyond the fields of Card is kept in [Card.Other], so that a card
// that comes in and goes out again has lost nothing.
//
// The lines are taken apart here, and not by github.com/emersion/go-vcard: it undoes
// the escapes of a value before the value is split, so that a semicolon in a street
// makes two parts of it, it knows neither version 2.1 nor charsets, and it does not
// fold what it writes. The tests read with it what is written here.
package vcard
