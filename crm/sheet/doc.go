// Package sheet holds lists in and out (导入, 导出): the neutral form of a list, CSV
// both ways, and the mapping from a list's columns to the fields that are wanted.
// Excel's workbooks are in package xlsx, cards in vcard, labels in label; what heavy
// libraries they need is linked only by who imports them.
//
// A [Source] is a header and then lines, read one at a time. A line that cannot be
// read comes with its error, which names file, line and column, and reading goes on:
// of ten thousand lines one is bad, and people want to know which. A [Sink] takes
// [Column] names and then lines. Cells are text on both sides; whoever reads a list
// knows what its fields are and parses them, whoever writes one gives numbers and
// dates in the form that [Kind] tells.
//
// Nothing here knows a record, a session or a store, and nothing holds more than one
// line: checking and applying what a list says is built on top.
//
// # CSV as people have it
//
// [ReadCSV] finds the separator in the header and the encoding in the bytes: UTF-8,
// UTF-16, the GBK that Excel writes in China, and windows-1252. It reads cells of
// several lines, and where a quote is never closed, that line is reported and the
// next one is read, instead of the rest of the file vanishing in one cell.
//
// # Formulas
//
// A cell that begins like a formula would be run by the spreadsheet of whoever opens
// the list. [Defuse] puts an apostrophe before it, the sign by which spreadsheets
// know text, and every CSV we write is defused. Reading takes it away again
// ([Undefuse]), so that a list that went out comes in unchanged. It does so in any
// CSV: an apostrophe before a sign that begins a formula is such a mark wherever it
// was written.
package sheet
