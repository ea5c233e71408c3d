package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/fault"
)

// read returns a source's good lines, and the messages of the bad ones by number.
func read(t testing.TB, src sheet.Source) (lines [][]string, bad map[int]string, end error) {
	t.Helper()
	bad = map[int]string{}
	for line, err := range src.Lines() {
		if err != nil {
			return lines, bad, err
		}
		if line.Err != nil {
			require.Equal(t, fault.Invalid, fault.CodeOf(line.Err))
			bad[line.Number] = line.Err.Error()
			continue
		}
		lines = append(lines, line.Cells)
	}
	require.NoError(t, src.Close())
	return lines, bad, nil
}

func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		name, file string
		o          sheet.CSVOptions
		header     []string
		lines      [][]string
		bad        map[int]string
	}{
		{name: "plain", file: "a,b\n1,2\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "no last line end", file: "a,b\r\n1,2", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "old Mac", file: "a,b\r1,2\r3,4\r", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}, {"3", "4"}}},
		{name: "line ends translated twice", file: "a,b\r\r\n1,2\r\r\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "mark", file: "\xEF\xBB\xBFa,b\n1,2\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "semicolons", file: "a;b,c;d\n1;2;3\n", header: []string{"a", "b,c", "d"}, lines: [][]string{{"1", "2", "3"}}},
		{name: "tabs keep empty cells", file: "a\tb\tc\n\t\t3\n", header: []string{"a", "b", "c"}, lines: [][]string{{"", "", "3"}}},
		{name: "commas in a quoted name do not count", file: "\"a,b,c\";d\n1;2\n", header: []string{"a,b,c", "d"}, lines: [][]string{{"1", "2"}}},
		{name: "sep=", file: "sep=|\na|b,c\n1|2\n", header: []string{"a", "b,c"}, lines: [][]string{{"1", "2"}}},
		{name: "sep= of nothing is a name", file: "sep=\n1\n", header: []string{"sep="}, lines: [][]string{{"1"}}},
		{name: "given separator", file: "a|b\n1|2\n", o: sheet.CSVOptions{Comma: '|'}, header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "given separator, and another sep=", file: "sep=;\na,b\n1,2\n", o: sheet.CSVOptions{Comma: ','}, header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "title above the header", file: "客户清单,,\n,,\na,b\n1,2\n", o: sheet.CSVOptions{Options: sheet.Options{Header: 3}}, header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "empty lines", file: "\n\n , \na,b\n\n,,,\n1,2\n  \n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}}},
		{name: "names with space, without end", file: " a ,,b,,\n1,2,3\n", header: []string{"a", "", "b"}, lines: [][]string{{"1", "2", "3"}}},
		{name: "several lines in a cell", file: "a,b\n\"x\r\ny\n\n\"\"z\"\"\",2\n3,4\n", header: []string{"a", "b"}, lines: [][]string{{"x\ny\n\n\"z\"", "2"}, {"3", "4"}}},
		{name: "several lines in a name", file: "\"a\nb\",c\n1,2\n", header: []string{"a\nb", "c"}, lines: [][]string{{"1", "2"}}},
		{name: "space before a quote", file: "a,b\n1, \"2,3\"\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2,3"}}},
		{name: "inches", file: "a,b\n5\" pipe,1\n3\" pipe,2\n19\"\" rack,3\n", header: []string{"a", "b"}, lines: [][]string{{"5\" pipe", "1"}, {"3\" pipe", "2"}, {"19\"\" rack", "3"}}},
		{name: "short lines", file: "a,b,c\n1\n1,2\n", header: []string{"a", "b", "c"}, lines: [][]string{{"1", "", ""}, {"1", "2", ""}}},
		{
			name: "long lines", file: "a,b\n1,2,\n1,2,3\n4,5\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}, {"4", "5"}},
			bad: map[int]string{3: "invalid: list, line 3: a cell beyond the last of 2 columns"},
		},
		{
			name: "never closed", file: "a,b\n\"1,2\n3,4\n5,6\n", header: []string{"a", "b"}, lines: [][]string{{"3", "4"}, {"5", "6"}},
			bad: map[int]string{2: "invalid: list, line 2: a quote that is not closed, or text behind one that is"},
		},
		{
			name: "text behind a quote", file: "a,b\n\"1\"x,2\n3,\"4\" \n5,6\n", header: []string{"a", "b"}, lines: [][]string{{"5", "6"}},
			bad: map[int]string{2: "invalid: list, line 2: a quote that is not closed, or text behind one that is", 3: "invalid: list, line 3: a quote that is not closed, or text behind one that is"},
		},
		{
			name: "never closed after inches", file: "a,b\n5\" pipe,\"2\n3,4\n", header: []string{"a", "b"}, lines: [][]string{{"3", "4"}},
			bad: map[int]string{2: "invalid: list, line 2: a quote that is not closed, or text behind one that is"},
		},
		{
			name: "no text", file: "ä,b\n1,2\n1,\xFF\xFE\n3,4\n", header: []string{"ä", "b"}, lines: [][]string{{"1", "2"}, {"3", "4"}},
			o:   sheet.CSVOptions{Charset: "utf-8"},
			bad: map[int]string{3: "invalid: list, line 3, b: bytes that are no text in the encoding of the file"},
		},
		{
			name: "no text in the charset", file: "a,b\n1,2\n1,\x81\x20\n3,4\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}, {"3", "4"}},
			o:   sheet.CSVOptions{Charset: "GBK", Options: sheet.Options{File: "客户.csv"}},
			bad: map[int]string{3: "invalid: 客户.csv, line 3, b: bytes that are no text in the encoding of the file"},
		},
		{
			name: "long cells", file: "a,b\n12345,1\n一二三四,1\n12𠮷,1\n123𠮷,1\n", header: []string{"a", "b"}, lines: [][]string{{"一二三四", "1"}, {"12𠮷", "1"}},
			o:   sheet.CSVOptions{Options: sheet.Options{Limits: sheet.Limits{Cell: 4}}},
			bad: map[int]string{2: "invalid: list, line 2, a: longer than 4 characters", 5: "invalid: list, line 5, a: longer than 4 characters"},
		},
		{
			name: "long file lines", file: "a,b\n12345,678901\n1,2\n\"3\n4\n5\n6\"x,\n", header: []string{"a", "b"}, lines: [][]string{{"1", "2"}, {"4", ""}, {"5", ""}, {"6\"x", ""}},
			o: sheet.CSVOptions{Options: sheet.Options{Limits: sheet.Limits{Line: 8}}},
			bad: map[int]string{
				2: "invalid: list, line 2: longer than 8 bytes",
				4: "invalid: list, line 4: a quote that is not closed, or text behind one that is",
			},
		},
		{name: "NUL is a character", file: "a,b\n1\x002,\nand so on and on,\n", header: []string{"a", "b"}, lines: [][]string{{"1\x002", ""}, {"and so on and on", ""}}},
		{name: "NUL in a file that says what it is", file: "a\n\x00\n", o: sheet.CSVOptions{Charset: "utf-8"}, header: []string{"a"}, lines: [][]string{{"\x00"}}},
		{name: "marks of a text", file: "'=a,b\n'=1+1,'x\n''@1,-5\n", header: []string{"=a", "b"}, lines: [][]string{{"=1+1", "'x"}, {"'@1", "-5"}}},
		{name: "header only", file: "a,b", header: []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, err := sheet.ReadCSV(iotest.OneByteReader(strings.NewReader(c.file)), c.o)
			require.NoError(t, err)
			require.Equal(t, c.header, src.Header())
			lines, bad, end := read(t, src)
			require.NoError(t, end)
			require.Equal(t, c.lines, lines)
			if c.bad == nil {
				c.bad = map[int]string{}
			}
			require.Equal(t, c.bad, bad)
		})
	}
}

func TestReadCSVFails(t *testing.T) {
	for _, c := range []struct {
		name, file string
		o          sheet.CSVOptions
		code       fault.Code
		message    string
	}{
		{"empty", "", sheet.CSVOptions{}, fault.Invalid, "invalid: list: no names of columns"},
		{"empty lines only", "\n ,,\n", sheet.CSVOptions{}, fault.Invalid, "invalid: list: no names of columns"},
		{"header beyond the end", "a\nb\n", sheet.CSVOptions{Options: sheet.Options{Header: 3}}, fault.Invalid, "invalid: list, line 3: no names of columns"},
		{"empty header", "a\n\nb\n", sheet.CSVOptions{Options: sheet.Options{Header: 2}}, fault.Invalid, "invalid: list, line 2: no names of columns"},
		{"too wide", strings.Repeat("a,", 1001) + "a\n", sheet.CSVOptions{}, fault.Invalid, "invalid: list, line 1: more than 1000 columns"},
		{"quote open in the header", "\"a,b\n1,2\n", sheet.CSVOptions{}, fault.Invalid, "invalid: list, line 1: a quote that is not closed, or text behind one that is"},
		{"no text in the header", "a,\xFF\n", sheet.CSVOptions{Charset: "utf-8"}, fault.Invalid, ""},
		{"charset", "a,b\n", sheet.CSVOptions{Charset: "klingon"}, fault.Unsupported, `unsupported: list: charset "klingon"`},
		{"separator", "a,b\n", sheet.CSVOptions{Comma: '"'}, fault.Invalid, `invalid: comma: '"' cannot separate cells`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sheet.ReadCSV(strings.NewReader(c.file), c.o)
			require.Equal(t, c.code, fault.CodeOf(err), "%v", err)
			if c.message != "" {
				require.EqualError(t, err, c.message)
			}
		})
	}
}

// A list ends with an error when there is more of it than may be, or when it cannot be
// read; what came before has been delivered.
func TestReadCSVEndsEarly(t *testing.T) {
	src, err := sheet.ReadCSV(strings.NewReader("a\n1\n\n2\n3\n"), sheet.CSVOptions{Options: sheet.Options{Limits: sheet.Limits{Lines: 2}}})
	require.NoError(t, err)
	lines, _, end := read(t, src)
	require.Equal(t, [][]string{{"1"}, {"2"}}, lines)
	require.EqualError(t, end, "invalid: list, line 5: more than 2 lines")

	broken := errors.New("wire cut")
	src, err = sheet.ReadCSV(io.MultiReader(strings.NewReader("a\n1\n"), iotest.ErrReader(broken)), sheet.CSVOptions{})
	require.NoError(t, err)
	lines, _, end = read(t, src)
	require.Equal(t, [][]string{{"1"}}, lines)
	require.EqualError(t, end, "internal: list: cannot be read any further")
	require.ErrorIs(t, end, broken)

	_, err = sheet.ReadCSV(iotest.ErrReader(broken), sheet.CSVOptions{})
	require.ErrorIs(t, err, broken)
	require.Equal(t, fault.Internal, fault.CodeOf(err))
}

// A source is read once, also in parts.
func TestLinesOnce(t *testing.T) {
	src, err := sheet.ReadCSV(strings.NewReader("a\n1\n2\n3\n"), sheet.CSVOptions{})
	require.NoError(t, err)
	for line, err := range src.Lines() {
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, line.Cells)
		break
	}
	lines, _, _ := read(t, src)
	require.Equal(t, [][]string{{"2"}, {"3"}}, lines)
	for line, err := range src.Lines() {
		t.Fatal("closed", line, err)
	}
}

// The same list is the same in every encoding.
func TestReadCSVEncodings(t *testing.T) {
	chinese := "客户名称,电话,备注\n华为技术有限公司,0755-28780808,联通\n喆镕（上海）,021-1,€\n"
	traditional := "客戶名稱,電話\n臺灣積體電路,03-5636688\n"
	japaneseList := "会社名,電話\n日本電気株式会社,03-3454\n"
	western := "Kunde;Ort\nMüller & Söhne;Köln\nCafé »Größe«;Genève\n"
	late := "a,b\n" + strings.Repeat("1,2\n", 50_000) + "华为技术有限公司,深圳\n"
	utf16be := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf16le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	for _, c := range []struct {
		name, text, charset string
		enc                 encoding.Encoding
	}{
		{"UTF-8", chinese, "", encoding.Nop},
		{"GB18030", chinese, "", simplifiedchinese.GB18030},
		{"GBK", strings.ReplaceAll(chinese, "€", "元"), "", simplifiedchinese.GBK},
		{"GBK by name", strings.ReplaceAll(chinese, "€", "元"), "gb2312", simplifiedchinese.GBK},
		{"GBK after a long while", late, "", simplifiedchinese.GBK},
		{"UTF-16 with mark", chinese, "", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"UTF-16, the other order", chinese, "", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		{"UTF-16 without mark", chinese, "", utf16be},
		{"UTF-16 without mark, the other order", chinese, "", utf16le},
		{"a mark is stronger than a name", chinese, "gbk", unicode.UTF8BOM},
		{"Big5 by name", traditional, "Big5", traditionalchinese.Big5},
		{"Shift JIS by name", japaneseList, "shift_jis", japanese.ShiftJIS},
		{"windows-1252", western, "", charmap.Windows1252},
		{"Latin-1 by name", western, "iso-8859-1", charmap.ISO8859_1},
	} {
		t.Run(c.name, func(t *testing.T) {
			encoded, err := c.enc.NewEncoder().String(c.text)
			require.NoError(t, err)
			want, err := sheet.ReadCSV(strings.NewReader(c.text), sheet.CSVOptions{Charset: "utf-8"})
			require.NoError(t, err)
			got, err := sheet.ReadCSV(iotest.HalfReader(strings.NewReader(encoded)), sheet.CSVOptions{Charset: c.charset})
			require.NoError(t, err)
			require.Equal(t, want.Header(), got.Header())
			wantLines, _, _ := read(t, want)
			gotLines, bad, end := read(t, got)
			require.NoError(t, end)
			require.Empty(t, bad)
			require.Equal(t, wantLines, gotLines)
		})
	}
}

func TestWriteCSV(t *testing.T) {
	var b strings.Builder
	sink := sheet.WriteCSV(&b, sheet.CSVFormat{Comma: ';'})
	require.NoError(t, sink.Header([]sheet.Column{{Name: "名称"}, {Name: "=x"}, {Name: "n", Kind: sheet.Number}}))
	require.NoError(t, sink.Write([]string{"a;\"b\"\r\nc", "+86 138", "-1.50"}))
	require.NoError(t, sink.Write([]string{"", "", ""}))
	require.NoError(t, sink.Close())
	require.NoError(t, sink.Close())
	require.Equal(t, "\uFEFF名称;'=x;n\r\n\"a;\"\"b\"\"\r\nc\";'+86 138;-1.50\r\n;;\r\n", b.String())
}

func TestWriteCSVFails(t *testing.T) {
	open := func(w io.Writer) sheet.Sink {
		sink := sheet.WriteCSV(w, sheet.CSVFormat{})
		require.NoError(t, sink.Header([]sheet.Column{{Name: "a"}, {Name: "b"}}))
		return sink
	}
	var b bytes.Buffer
	sink := open(&b)
	require.ErrorIs(t, sink.Header([]sheet.Column{{Name: "a"}}), fault.ErrPrecondition)
	require.EqualError(t, sink.Write([]string{"1"}), "invalid: 1 cells for 2 columns")
	require.EqualError(t, sink.Write([]string{"1", "\xFF"}), "invalid: b: no valid UTF-8")
	require.NoError(t, sink.Write([]string{"1", "2"}))
	require.NoError(t, sink.Close())
	require.ErrorIs(t, sink.Write([]string{"1", "2"}), fault.ErrPrecondition)
	require.Equal(t, "\uFEFFa,b\r\n1,2\r\n", b.String(), "bad lines are left out")

	require.ErrorIs(t, sheet.WriteCSV(&b, sheet.CSVFormat{}).Write(nil), fault.ErrPrecondition)
	require.ErrorIs(t, sheet.WriteCSV(&b, sheet.CSVFormat{}).Header(nil), fault.ErrInvalid)
	require.ErrorIs(t, sheet.WriteCSV(&b, sheet.CSVFormat{}).Header([]sheet.Column{{Name: "\xFF"}}), fault.ErrInvalid)
	require.ErrorIs(t, sheet.WriteCSV(&b, sheet.CSVFormat{Comma: '\n'}).Header([]sheet.Column{{Name: "a"}}), fault.ErrInvalid)

	full := errors.New("disk full")
	err := sheet.WriteCSV(failing{full}, sheet.CSVFormat{}).Header([]sheet.Column{{Name: "a"}})
	require.ErrorIs(t, err, full)
	require.EqualError(t, err, "internal: the list cannot be written")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What is written comes back, in any text, but for the kind of line ends within a cell.
func TestCSVComesBack(t *testing.T) {
	cell := rapid.OneOf(
		rapid.StringOf(rapid.SampledFrom([]rune("=+-@'\t\r\n\",; 0a客＝"))),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		lines := rapid.SliceOf(rapid.SliceOfN(cell, n, n)).Draw(t, "lines")
		format := sheet.CSVFormat{Comma: rapid.SampledFrom([]rune{0, ';', '\t'}).Draw(t, "comma"), Plain: rapid.Bool().Draw(t, "plain")}
		var b bytes.Buffer
		sink := sheet.WriteCSV(&b, format)
		columns := make([]sheet.Column, n)
		for i := range columns {
			columns[i].Name = "c"
		}
		require.NoError(t, sink.Header(columns))
		var want [][]string
		for _, line := range lines {
			require.NoError(t, sink.Write(line))
			for i, cell := range line {
				line[i] = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
			}
			if strings.TrimSpace(strings.Join(line, "")) != "" {
				want = append(want, line)
			}
		}
		require.NoError(t, sink.Close())
		src, err := sheet.ReadCSV(&b, sheet.CSVOptions{Comma: format.Comma, Charset: "utf-8"})
		require.NoError(t, err)
		var got [][]string
		for line, err := range src.Lines() {
			require.NoError(t, err)
			require.NoError(t, line.Err)
			got = append(got, line.Cells)
		}
		require.Equal(t, want, got)
	})
}

// Where encoding/csv reads a file without complaint, so do we, and the same.
func TestCSVAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := "h,h,h,h\n" + rapid.StringOf(rapid.SampledFrom([]rune("\"\"a,, \n"))).Draw(t, "file")
		r := csv.NewReader(strings.NewReader(file))
		r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
		want, err := r.ReadAll()
		if err != nil {
			t.Skip("no CSV")
		}
		src, err := sheet.ReadCSV(strings.NewReader(file), sheet.CSVOptions{})
		require.NoError(t, err)
		i := 1
		for line, err := range src.Lines() {
			require.NoError(t, err)
			for i < len(want) && strings.TrimSpace(strings.Join(want[i], "")) == "" {
				i++
			}
			got := line.Cells
			for len(got) > len(want[i]) {
				require.Empty(t, got[len(got)-1])
				got = got[:len(got)-1]
			}
			if line.Err == nil {
				require.Equal(t, want[i][:min(4, len(want[i]))], got)
			}
			i++
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\xEF\xBB\xBFa;b\n\"x\ny\";'=1\n", "sep=|\na|b\n", "\"a,b\n\"c\n\"\"\n", "\xFF\xFEa\x00,\x00b\x00\n\x00",
		"\xBF\xCD\xBB\xA7,b\n\x81\n", "a\rb\r\r\nc", "a,\"b\n5\" x,\"y\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		o := sheet.Options{Limits: sheet.Limits{Lines: 100, Columns: 10, Line: 64, Cell: 20}}
		src, err := sheet.ReadCSV(bytes.NewReader(file), sheet.CSVOptions{Options: o})
		if err != nil {
			return
		}
		last := 0
		for line, err := range src.Lines() {
			if err != nil {
				break
			}
			require.Greater(t, line.Number, last)
			last = line.Number
			if line.Err == nil {
				require.Len(t, line.Cells, len(src.Header()))
			}
		}
	})
}

func BenchmarkReadCSV(b *testing.B) {
	file := []byte("名称,b,c,d,e,f,g,h,i,j\n" + strings.Repeat("华为技术有限公司,0755-28780808,深圳市龙岗区坂田街道,\"a, b\",5,6,7,8,9,10\n", 100_000))
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		src, err := sheet.ReadCSV(bytes.NewReader(file), sheet.CSVOptions{})
		require.NoError(b, err)
		n := 0
		for line, err := range src.Lines() {
			require.NoError(b, errors.Join(err, line.Err))
			n++
		}
		require.Equal(b, 100_000, n)
	}
}
