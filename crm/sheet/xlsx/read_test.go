package xlsx_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/xlsx"
	"github.com/kehucrm/kehu/storage/fault"
)

// workbook returns a workbook that others have made.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	require.NoError(t, f.Close())
	return b.Bytes()
}

// rows returns a workbook with these rows from A1 on.
func rows(t testing.TB, rows ...[]any) []byte {
	return workbook(t, func(f *excelize.File) {
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, err)
			require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
		}
	})
}

// repack returns a workbook in which parts have been replaced.
func repack(t testing.TB, file []byte, parts map[string]string) []byte {
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, part := range r.File {
		content, replaced := parts[part.Name]
		if !replaced {
			p, err := part.Open()
			require.NoError(t, err)
			all, err := io.ReadAll(p)
			require.NoError(t, err)
			content = string(all)
		}
		p, err := w.Create(part.Name)
		require.NoError(t, err)
		_, err = io.WriteString(p, content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// sheetOf returns the XML of a sheet with these rows.
func sheetOf(rows string) map[string]string {
	return map[string]string{"xl/worksheets/sheet1.xml": `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`}
}

// read returns a workbook's good lines, and the messages of the bad ones by number.
func read(t testing.TB, file []byte, o xlsx.Options) (lines [][]string, bad map[int]string, end error) {
	src, err := xlsx.Read(bytes.NewReader(file), o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { require.NoError(t, src.Close()) }()
	bad = map[int]string{}
	for line, err := range src.Lines() {
		switch {
		case err != nil:
			return lines, bad, err
		case line.Err != nil:
			bad[line.Number] = line.Err.Error()
		default:
			lines = append(lines, line.Cells)
		}
	}
	return lines, bad, nil
}

// A cell is what it is, however it is shown.
func TestReadCells(t *testing.T) {
	moment := time.Date(2026, 3, 5, 14, 30, 59, 0, time.UTC)
	for _, c := range []struct {
		name   string
		value  any
		format any // the id or the code of a number format
		want   string
	}{
		{"text", "华为", nil, "华为"},
		{"text like a formula", "=1+1", "@", "=1+1"},
		{"text like a number", "1E5", nil, "1E5"},
		{"text that is shown as a date", "soon", 14, "soon"},
		{"text with lines", " a\nb\t ", nil, " a\nb\t "},
		{"text with a control sign", "a\x0bb", nil, "a\uFFFDb"},
		{"yes", true, nil, "TRUE"},
		{"number", 12.5, nil, "12.5"},
		{"number with separators", 1234567.891, 4, "1234567.891"},
		{"number in red", -5, `#,##0;[Red]-#,##0`, "-5"},
		{"number of money", 12.5, `"¥"#,##0.00`, "12.5"},
		{"number in Chinese", 3, `[DBNum1][$-804]General`, "3"},
		{"part of hundred", 0.155, 10, "0.155"},
		{"number with a word", 3, `0.0" days"`, "3"},
		{"number with an exponent by code", 1234.5, "0.00E+00", "1234.5"},
		{"fraction", 0.5, 12, "0.5"},
		{"exponent", 1.5e9, 11, "1500000000"},
		{"sum of tenths", 0.1 + 0.2, nil, "0.3"},
		{"large number", 1.5e20, nil, "150000000000000000000"},
		{"small number", 1.5e-20, nil, "0.000000000000000000015"},
		{"number of a card", 110101199003070000.0, nil, "110101199003070000"},
		{"number of a phone", 13800138000.0, nil, "13800138000"},
		{"postcode", 10010, "000000", "010010"},
		{"count with one digit", 7, "0", "7"},
		{"day", moment, 14, "2026-03-05"},
		{"day in English", moment, "d-mmm-yy", "2026-03-05"},
		{"day in Chinese", moment, `yyyy"年"m"月"d"日"`, "2026-03-05"},
		{"day with its week", moment, `[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`, "2026-03-05"},
		{"day of an East Asian format", moment, 31, "2026-03-05"},
		{"day of an era", moment, `[$-411]ggge"年"m"月"d"日"`, "2026-03-05"},
		{"month", moment, "mmm", "2026-03-05"},
		{"moment", moment, 22, "2026-03-05 14:30:59"},
		{"moment in Chinese", moment, `yyyy/m/d\ 上午/下午h"时"mm"分"`, "2026-03-05 14:30:59"},
		{"moment of midnight", moment.Truncate(24 * time.Hour), 22, "2026-03-05 00:00:00"},
		{"time of day", 0.75, 20, "18:00:00"},
		{"minutes", 0.75, 45, "18:00:00"},
		{"hours", 1.5, "[h]:mm", "36:00:00"},
		{"hours by id", 1.5, 46, "36:00:00"},
		{"day before all days", -1, 14, "-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := workbook(t, func(f *excelize.File) {
				require.NoError(t, f.SetCellValue("Sheet1", "A1", "name"))
				require.NoError(t, f.SetCellValue("Sheet1", "A2", c.value))
				style := &excelize.Style{}
				switch format := c.format.(type) {
				case int:
					style.NumFmt = format
				case string:
					style.CustomNumFmt = &format
				default:
					return
				}
				id, err := f.NewStyle(style)
				require.NoError(t, err)
				require.NoError(t, f.SetCellStyle("Sheet1", "A2", "A2", id))
			})
			lines, bad, end := read(t, file, xlsx.Options{})
			require.NoError(t, end)
			require.Empty(t, bad)
			require.Equal(t, [][]string{{c.want}}, lines)
		})
	}
}

func TestReadShapes(t *testing.T) {
	file := rows(t, []any{"名称", " 电话 ", nil}, []any{"a"}, []any{}, []any{"", " "}, []any{"b", "1", "x"}, []any{"c", 2})
	lines, bad, end := read(t, file, xlsx.Options{Options: sheet.Options{File: "客户.xlsx"}})
	require.NoError(t, end)
	require.Equal(t, [][]string{{"a", ""}, {"c", "2"}}, lines)
	require.Equal(t, map[int]string{5: "invalid: 客户.xlsx, line 5: a cell beyond the last of 2 columns"}, bad)

	// The header below a title, rows with gaps, cells without places.
	file = repack(t, rows(t), sheetOf(`<row r="2"><c r="B2" t="inlineStr"><is><t>title</t></is></c></row>
		<row r="4"><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row><row r="9"><c r="B9"><v>1</v></c></row><row><c/><c><v>2</v></c></row>`))
	src, err := xlsx.Read(bytes.NewReader(file), xlsx.Options{Options: sheet.Options{Header: 4}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, src.Header())
	var numbers []int
	for line, err := range src.Lines() {
		require.NoError(t, err)
		numbers = append(numbers, line.Number)
	}
	require.Equal(t, []int{9, 10}, numbers)
	require.NoError(t, src.Close())
}

// A cell that shows an error makes its line a bad one; so does a cell that is too long.
func TestReadBadLines(t *testing.T) {
	file := repack(t, rows(t), sheetOf(`<row r="1"><c r="A1" t="inlineStr"><is><t>price</t></is></c><c r="B1"/></row>
		<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row><row r="3"><c r="A3" t="str"><f>1+1</f><v>2</v></c></row>
		<row r="4"><c r="A4" t="inlineStr"><is><t>123456</t></is></c></row>`))
	lines, bad, end := read(t, file, xlsx.Options{Options: sheet.Options{Limits: sheet.Limits{Cell: 5}}})
	require.NoError(t, end)
	require.Equal(t, [][]string{{"2"}}, lines)
	require.Equal(t, map[int]string{
		2: "invalid: workbook, line 2, price: the cell shows the error #DIV/0!",
		4: "invalid: workbook, line 4, price: longer than 5 characters",
	}, bad)
}

func TestReadSheets(t *testing.T) {
	file := workbook(t, func(f *excelize.File) {
		for _, name := range []string{"客户", "Last"} {
			_, err := f.NewSheet(name)
			require.NoError(t, err)
			require.NoError(t, f.SetSheetRow(name, "A1", &[]any{name}))
		}
		f.SetActiveSheet(1)
		require.NoError(t, f.SetSheetVisible("Sheet1", false))
	})
	for name, want := range map[string]string{"": "客户", "客户": "客户", "last": "Last"} {
		src, err := xlsx.Read(bytes.NewReader(file), xlsx.Options{Sheet: name})
		require.NoError(t, err)
		require.Equal(t, []string{want}, src.Header())
		require.NoError(t, src.Close())
	}
	_, err := xlsx.Read(bytes.NewReader(file), xlsx.Options{Sheet: "none"})
	require.EqualError(t, err, `not found: workbook: no sheet "none"`)
	_, err = xlsx.Read(bytes.NewReader(file), xlsx.Options{Sheet: "Sheet1"})
	require.EqualError(t, err, "invalid: workbook: no names of columns")
}

// Large sheets are unpacked to a file, which is gone after Close.
func TestReadUnpacks(t *testing.T) {
	line := []any{strings.Repeat("long ", 2000)}
	var all [][]any
	for range 2000 {
		all = append(all, line)
	}
	file := workbook(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		require.NoError(t, err)
		for i, row := range all {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, w.SetRow(cell, row))
		}
		require.NoError(t, w.Flush())
	})
	dir := t.TempDir()
	src, err := xlsx.Read(bytes.NewReader(file), xlsx.Options{TempDir: dir})
	require.NoError(t, err)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	n := 0
	for line, err := range src.Lines() {
		require.NoError(t, err)
		require.NoError(t, line.Err)
		n++
	}
	require.Equal(t, 1999, n)
	require.NoError(t, src.Close())
	require.NoError(t, src.Close())
	files, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
	for line, err := range src.Lines() {
		t.Fatal("closed", line, err)
	}
}

func TestReadFails(t *testing.T) {
	good := rows(t, []any{"a", "b"}, []any{"1", "2"})
	damaged := bytes.Clone(good)
	at := bytes.Index(damaged, []byte("xl/worksheets/sheet1.xml"))
	damaged[at+80] ^= 0xFF
	for _, c := range []struct {
		name    string
		file    []byte
		o       xlsx.Options
		message string
	}{
		{"empty", nil, xlsx.Options{}, "invalid: workbook: no workbook of Excel (.xlsx), or one with a password"},
		{"text", []byte("a,b\n1,2\n"), xlsx.Options{}, "invalid: workbook: no workbook of Excel (.xlsx), or one with a password"},
		{"cut", good[:len(good)/2], xlsx.Options{}, "invalid: workbook: no workbook of Excel (.xlsx), or one with a password"},
		{"old Excel or password", append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...), xlsx.Options{}, "invalid: workbook: no workbook of Excel (.xlsx), or one with a password"},
		{"another archive", archive(t, "readme.txt", "hello"), xlsx.Options{}, ""},
		{"damaged", damaged, xlsx.Options{}, "invalid: workbook: damaged: its part sheet1.xml is not whole"},
		{"rows end in the middle", repack(t, good, sheetOf(`<row r="1"><c t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c><v>1</v></row>`)), xlsx.Options{}, "invalid: workbook: damaged: its part sheet1.xml is not whole"},
		{"control sign", repack(t, good, sheetOf("<row><c t=\"inlineStr\"><is><t>a\x0b</t></is></c></row>")), xlsx.Options{}, "invalid: workbook: damaged: its part sheet1.xml is not whole"},
		{"bare ampersand", repack(t, good, sheetOf("<row><c t=\"inlineStr\"><is><t>A & B</t></is></c></row>")), xlsx.Options{}, "invalid: workbook: damaged: its part sheet1.xml is not whole"},
		{"no rows", rows(t), xlsx.Options{}, "invalid: workbook: no names of columns"},
		{"a row of the moon", repack(t, good, sheetOf(`<row r="1"><c r="A1"><v>1</v></c></row><row r="2000000000"><c><v>1</v></c></row>`)), xlsx.Options{}, "invalid: workbook: a row beyond the last one that a sheet has"},
		{"a place that is none", repack(t, good, sheetOf(`<row r="1"><c r="1A"><v>1</v></c></row>`)), xlsx.Options{}, "invalid: workbook, line 1: damaged: no cells can be made of the row"},
		{"a shared text that is not there", repack(t, good, sheetOf(`<row r="1"><c r="A1" t="s"><v>-1</v></c></row>`)), xlsx.Options{}, "invalid: workbook: damaged: no rows can be made of it"},
		{"too wide", repack(t, good, sheetOf(`<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD2"><v>1</v></c></row>`)), xlsx.Options{}, "invalid: workbook, line 2: more than 1000 columns"},
		{"packed too large", good, xlsx.Options{Unpacked: 100}, "invalid: workbook: more than 100 bytes"},
		{"unpacked too large", repack(t, good, sheetOf(strings.Repeat(" ", 9<<20))), xlsx.Options{Unpacked: 8 << 20}, "invalid: workbook: more than 8388608 bytes"},
		{"unpacked larger than it says", liar(t, 8<<20, 1000), xlsx.Options{}, "invalid: workbook: damaged: its part sheet1.xml is not whole"},
		{"says that it unpacks to exabytes", liar(t, 1000, 1<<63), xlsx.Options{}, "invalid: workbook: more than 268435456 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := read(t, c.file, c.o)
			require.Error(t, err)
			require.Equal(t, fault.Invalid, fault.CodeOf(err))
			if c.message != "" {
				require.EqualError(t, err, c.message)
			}
		})
	}
	broken := errors.New("wire cut")
	_, err := xlsx.Read(iotest.ErrReader(broken), xlsx.Options{})
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "internal: workbook: cannot be read")
}

func archive(t testing.TB, name, content string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	p, err := w.Create(name)
	require.NoError(t, err)
	_, err = io.WriteString(p, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// liar returns an archive with a sheet of one size that says it has another.
func liar(t testing.TB, size int, says uint64) []byte {
	content := bytes.Repeat([]byte(" "), size)
	var deflated bytes.Buffer
	d, err := flate.NewWriter(&deflated, flate.BestCompression)
	require.NoError(t, err)
	_, err = d.Write(content)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	p, err := w.CreateRaw(&zip.FileHeader{
		Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(deflated.Len()), UncompressedSize64: says,
	})
	require.NoError(t, err)
	_, err = p.Write(deflated.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func FuzzRead(f *testing.F) {
	base := rows(f, []any{"a", "b"}, []any{"1", 2})
	f.Add(base, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45000.5</v></c></row>`)
	f.Add(base, `<row><c t="inlineStr"><is><r><t>x</t></r></is></c><c t="e"><v>#N/A</v></c></row><row r="7"><c t="b"><v>1</v></c><c t="d"><v>2026-03-05T00:00:00Z</v></c></row>`)
	f.Add(base, `<row r="-5"><c r="ZZZ9"><f>1</f></c></row>`)
	f.Fuzz(func(t *testing.T, file []byte, cells string) {
		o := xlsx.Options{Options: sheet.Options{Limits: sheet.Limits{Lines: 50, Columns: 20}}, Unpacked: 1 << 20}
		for _, file := range [][]byte{file, repack(t, base, sheetOf(cells))} {
			src, err := xlsx.Read(bytes.NewReader(file), o)
			if err != nil {
				continue
			}
			for line, err := range src.Lines() {
				if err != nil {
					break
				}
				if line.Err == nil {
					require.Len(t, line.Cells, len(src.Header()))
				}
			}
			require.NoError(t, src.Close())
		}
	})
}
