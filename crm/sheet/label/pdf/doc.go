// Package pdf prints labels: sheets of package label as a PDF file, through
// codeberg.org/go-pdf/fpdf. The caller brings the font, a TrueType file that has the
// letters that are needed; of it, the file holds those that are used, a few kilobytes
// for a list in Chinese.
package pdf
