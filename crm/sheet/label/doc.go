// Package label puts addresses on sheets of labels (标签打印): for one person or for
// all of a list. A [Layout] is the sheet as data, so that it can be stored, shown and
// changed; a [Run] places one record after the other and yields each [Label] with its
// place and its lines, in millimetres. What prints them, package pdf or a program of
// the host's, needs to know no more.
//
// A record that needs more lines than its label has is placed with those that fit, and
// says so.
package label
