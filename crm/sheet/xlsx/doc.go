// Package xlsx reads and writes lists as workbooks of Excel (.xlsx), through
// github.com/xuri/excelize/v2: the same [sheet.Source] and [sheet.Sink] as for CSV.
//
// A cell is read for what it is, not for what it looks like: a date is 2026-03-05
// whether the sheet shows 3/5/26 or 2026年3月5日, a number has its digits and no
// separators, and 15% is 0.15. Only what is padded with zeros, as a postcode is, keeps
// its zeros. A cell that shows an error (#REF!) makes its line a bad one. A formula is
// its result; where the program that made the file has left no result, it is empty.
//
// A workbook is a zip archive, and may unpack to far more than it weighs. [Read] knows
// before it unpacks anything how much that would be, and it looks through the sheets
// once before their first line is delivered: a damaged file is refused, and does not
// end early as if it had been whole.
//
// Text is written as text: a cell that begins with = is no formula in a workbook, also
// when somebody edits it, and postcodes and phone numbers keep their digits.
package xlsx
